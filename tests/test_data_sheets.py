"""Promise: every data set has a datasheet with nothing left out, and the command line shows it."""

from dataclasses import fields

import pytest

from rnnlab.cli import main
from rnnlab.data import load_intents, sheets
from rnnlab.data.files import VARIABLE, RemoteFile, sha1_of
from rnnlab.data.intents import ENTITIES, FREE_TEXT, SPLITS
from rnnlab.data.sheets import SHEETS, missing, sheet
from rnnlab.tasks import CATALOGUE

BOOK = b"The Time Machine\n" * 30
NAMES = [s.name for s in SHEETS]


@pytest.fixture
def book(monkeypatch, tmp_path):
    """A text that stands for *The Time Machine*."""
    file = RemoteFile("timemachine.txt", "http://nowhere.invalid", sha1_of(BOOK))
    for module in (sheets, sheets.load_time_machine.__globals__):
        change = monkeypatch.setitem if isinstance(module, dict) else monkeypatch.setattr
        change(module, "FILE", file)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / file.name).write_bytes(BOOK)
    return tmp_path / file.name


def test_names_are_those_that_the_command_line_lists(book, capsys):
    assert len(NAMES) == len(set(NAMES))
    assert main(["data", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == NAMES


def test_every_task_has_its_data_set():
    elsewhere = {
        "text": None,  # the reader's own
        "intents": "intents-en",
        "slots": "intents-zh",
        "pixels": "digits",
        "captions": "digits",
    }
    needed = {elsewhere.get(name, name) for name in CATALOGUE} - {None}
    measures_attention = {"rearranging"}  # for benchmarks and chapters, not for the command line
    assert needed | measures_attention == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_is_complete_and_its_size_and_example_are_real(book, name):
    found = sheet(name)
    assert found.name == name
    assert not missing(found)
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str):
            assert value == value.strip() != ""
            assert not {"TODO", "TBD"} & set(value.split())
    size, example = found.size(), found.example()
    assert any(character.isdecimal() for character in size) or size == "unlimited"
    assert example == found.example() != ""
    assert "\n" not in example
    for told in (found.origin, found.splits, found.limits):
        assert not told[0].islower()
        assert told.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_the_command_line_shows_the_sheet(book, capsys, name):
    assert main(["data", "describe", name]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    found = sheet(name)
    assert shown.startswith(f"{name}: {found.title}")
    for told in (found.origin, found.licence, found.splits, found.limits, found.size()):
        assert " ".join(told.split()) in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sizes_are_counted(language):
    intents = load_intents(language)
    counts = [len(intents.classification(split)) for split in SPLITS]
    kinds = {*ENTITIES, *FREE_TEXT}
    assert sheet(f"intents-{language}").size() == (
        f"{sum(counts)} utterances, {len(intents.intents)} intents, {len(kinds)} types of slots "
        f"({counts[0]} train / {counts[1]} validation / {counts[2]} test)"
    )


def test_the_sheet_of_the_book_counts_characters(book):
    text = "the time machine" * 30
    assert sheet("time-machine").size() == f"{len(text)} characters, {len(set(text))} different"
    assert sheet("time-machine").example() == text[:60]


def test_what_is_not_bundled_may_be_missing_or_another(book):
    assert [s.name for s in SHEETS if not s.bundled] == ["time-machine"]
    assert not missing(sheet("time-machine"))
    book.write_bytes(BOOK[:-1])
    assert not missing(sheet("digits"))
    with pytest.raises(ValueError, match=r"timemachine\.txt with SHA-1"):
        missing(sheet("time-machine"))
    book.unlink()
    assert missing(sheet("time-machine"))


def test_there_is_no_sheet_of_what_there_is_not():
    with pytest.raises(ValueError, match=r"'intents-en'.* got 'mnist'"):
        sheet("mnist")
