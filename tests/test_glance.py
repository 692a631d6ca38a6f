"""The box at the top of each chapter: what one needs, the time, what one will be able to do."""

import re

import browsing
import glance
import pytest
from inventory import exercises
from nbformat.v4 import new_code_cell, new_markdown_cell
from pages import FENCE, Page, pages
from plain import Plain

import notebooks

BOOK, INDEX, BIBLIOGRAPHY = notebooks.everything()
CHAPTERS = [page for page in BOOK if page.chapter]
each_chapter = pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name)
built = pytest.mark.skipif(
    not (browsing.HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)
SAID = re.compile(r"reading about (\d+) minutes, exercises about (\d+) minutes")


def boxes(page: Page) -> list[list[str]]:
    """The bodies of a page's boxes."""
    found = []
    for cell in page.cells:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        for start, line in enumerate(lines):
            if (match := FENCE.match(line)) and match["name"] == glance.NAME:
                end = lines.index(match["fence"], start)
                found.append(lines[start + 1 : end])
    return found


def needed(body: list[str]) -> set[str]:
    """The pages that a box says one needs."""
    first = "\n".join(body).split("\n\n")[0]
    return set(re.findall(r"\]\(([\w-]+)\.md[)#]", first)) | set(
        re.findall(r"\{doc\}`([\w-]+)`", first)
    )


@each_chapter
def test_a_chapter_has_one_box_and_needs_only_what_comes_before_it(page: Page) -> None:
    [body] = boxes(page)
    made = "\n".join(glance.lines(page, body))
    for part in ("**You need** ", "**Time:** reading", "**You will be able to**\n\n- "):
        assert made.count(part) == 1
    numbers = {other.name: other.chapter or 0 for other in BOOK}
    assert all(numbers[name] < page.chapter for name in needed(body))
    assert page.chapter == 1 or needed(body) - {"notation", "finding"}


def test_times_follow_the_rule(tmp_path) -> None:
    page = Page("x", 1, tmp_path)
    words = "word " * 1000
    page.__dict__["cells"] = [
        new_markdown_cell(words),
        *[new_code_cell("1")] * 7,
        new_markdown_cell(f"the end\n\n## Exercises\n\n{words}"),
        new_code_cell("1"),
    ]
    assert (
        glance.reading_minutes(page) == 10
    )  # 5 for the words and 7 for the cells, to the next five
    page.__dict__["cells"] *= 2
    assert glance.reading_minutes(page) == 10  # nothing after the exercises counts
    assert {name: len(exercises(p)) for p in pages() if (name := p.name) == "gru"} == {"gru": 11}
    assert glance.exercise_minutes(INDEX.page("gru")) == 130


@pytest.mark.parametrize(
    "body",
    [
        ["You should know things.", "", "- do it"],
        ["You need the [RNN](rnn.md)."],
        ["You need the [RNN](rnn.md).", "", "and more"],
    ],
)
def test_a_box_that_lacks_a_part_is_refused(body: list[str]) -> None:
    with pytest.raises(ValueError, match=r"book/gru\.md: expected in \{at-a-glance\}"):
        glance.lines(INDEX.page("gru"), body)


@each_chapter
def test_the_notebook_has_the_same_box(page: Page) -> None:
    plain = Plain(page, INDEX, BIBLIOGRAPHY)
    [body] = boxes(page)
    made = plain.convert("\n".join(["```{at-a-glance}", *body, "```"]))
    assert made.startswith("> **At a glance**\n>\n> **You need** ")
    reading, doing = glance.reading_minutes(page), glance.exercise_minutes(page)
    assert SAID.findall(made) == [(str(reading), str(doing))]


@built
@each_chapter
def test_the_page_shows_the_box(page: Page) -> None:
    html = (browsing.HTML / f"{page.name}.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    reading, doing = glance.reading_minutes(page), glance.exercise_minutes(page)
    assert text.count("At a glance") == 1
    assert SAID.findall(text) == [(str(reading), str(doing))]
