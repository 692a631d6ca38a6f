"""The cover: what it says is counted and computed, and its colours are the book's."""

import re
from xml.etree import ElementTree as ET

import cover
import cover_picture
import pytest
from repository import ROOT, read

from rnnlab import data, explorers
from rnnlab.exercises import CATALOGUE
from rnnlab.palette import ROLES

FIRST, SECOND = cover_picture.readings()


def test_facts_are_counted() -> None:
    numbers = {what.split()[0]: number for number, what in cover.facts()}
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "book").glob("*.md"))
    checked = set(re.findall(r'^check\(\s*"([\w-]+)"', sources, re.MULTILINE))
    assert numbers["exercises"] == len(CATALOGUE) == len(checked)
    toc = read("book/_toc.yml")
    chapters = sum(part.count("- file:") for part in toc.split("caption:") if "numbered" in part)
    assert numbers["chapters,"] == chapters
    assert all(str(number) in "\n".join(cover.lines()) for number in numbers.values())
    assert all(f"<strong>{number}</strong>" in cover.html() for number in numbers.values())


def test_strings_differ_in_their_second_letter_which_comes_back() -> None:
    one, other = cover_picture.READ
    assert [k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b] == [1]
    for text in cover_picture.READ:
        whole = f"{text}{text[1]}E"
        assert data.reber.successors(whole)[len(text) - 1] == text[1]


def test_network_names_the_letter_and_its_states_stay_apart() -> None:
    for reading in (FIRST, SECOND):
        assert reading.expected == reading.text[1]
        assert reading.probability > 0.9
    apart = cover_picture.apart(FIRST, SECOND).amax(-1)
    assert apart[0] == 0
    assert (apart[1:] > 0.5).all()


def test_a_network_that_has_not_learned_makes_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorers, "shipped_network", explorers.new_network)
    with pytest.raises(ValueError, match="does not know the second letter"):
        cover_picture.readings.__wrapped__()


def test_picture_shows_what_was_computed() -> None:
    svg = ET.fromstring(cover_picture.picture(FIRST, SECOND))
    blue, orange = ROLES["hidden"].colour, ROLES["cell"].colour
    steps = [step for step in svg.iter("g") if step.get("data-step") == "4"]
    drawn = [box.get("fill") for box in steps[0].iter("rect") if box.get("fill") in {blue, orange}]
    states = [value for value in FIRST.cell[4].tanh().tolist() if abs(value) >= 0.01]
    assert drawn == [blue if value > 0 else orange for value in states]
    letters = [text.text for text in svg.iter("text") if text.get("font-weight") == "700"]
    assert letters == [*FIRST.text, FIRST.expected, *SECOND.text, SECOND.expected]
    assert FIRST.text in (svg.get("aria-label") or "")


def test_a_share_below_one_is_not_called_all() -> None:
    assert cover_picture._percent(0.9999) == "> 99 %"
    assert cover_picture._percent(0.42) == "42 %"


def test_cover_is_small() -> None:
    assert len(cover.html().encode()) < 30_000


def test_logo_has_the_colours_of_the_palette() -> None:
    light = ET.fromstring(read("book/_static/logo.svg"))
    assert light.get("aria-label") == "rnnlab"
    paints = {e.get(key) for e in light.iter() for key in ("fill", "stroke")} - {None, "none"}
    assert paints == {ROLES["hidden"].colour, ROLES["cell"].colour, "#ffffff"}
    dark = ET.fromstring(read("book/_static/logo-dark.svg"))
    assert [e.get("d") for e in dark.iter()] == [e.get("d") for e in light.iter()]
