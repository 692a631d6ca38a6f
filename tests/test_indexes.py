"""The lists of exercises, figures and claims hold all there are."""

import re
from html import unescape

import browsing
import indexes
import inventory
import pytest
from docutils import nodes
from docutils.utils import new_document
from nbformat.v4 import new_code_cell, new_markdown_cell
from pages import Page, pages
from repository import ROOT

from rnnlab.claims.table import CLAIMS
from rnnlab.exercises import CATALOGUE

BOOK = inventory.index().pages
ASKED = [asked for page in BOOK for asked in inventory.exercises(page)]
CHAPTERS = [page for page in BOOK if page.chapter]
built = pytest.mark.skipif(
    not (browsing.HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)


def test_every_checked_exercise_is_on_its_page_with_what_the_catalogue_says() -> None:
    named = {asked.name: asked for asked in ASKED if asked.name}
    assert named.keys() == CATALOGUE.keys()
    for name, task in CATALOGUE.items():
        asked = named[name]
        said = (asked.page.name, asked.title, asked.minutes, asked.level)
        assert said == (task.chapter, task.title, task.minutes, task.level)


def test_every_exercise_of_the_sources_is_read_and_every_chapter_has_a_project() -> None:
    for page in CHAPTERS:
        source = page.path.read_text(encoding="utf-8")
        asked = inventory.exercises(page)
        written = len(re.findall(r"^`{3,}\{exercise\}", source, re.MULTILINE))
        headings = len(re.findall(r"^### Open project: ", source, re.MULTILINE))
        assert len(asked) == written + headings
        assert [one.level for one in asked].count("project") == 1
        assert asked[-1].level == "project"
        assert all(one.goal and one.minutes for one in asked[:-1])


def test_an_exercise_is_read_from_its_page() -> None:
    page = Page("gru", 3)
    page.__dict__["cells"] = [
        new_markdown_cell(
            "```{exercise} One\n:label: gru-exercise-step\n\n"
            "*Goal:* do\nit. *Time:* 5 minutes. *Level:* easy.\n```"
        ),
        new_code_cell('check("gru-step", None)'),
        new_markdown_cell("(gru-project)=\n### Open project: more\n\n*Time:* an evening."),
    ]
    one, project = inventory.exercises(page)
    assert (one.goal, one.minutes, one.level, one.name) == ("do it.", 5, "easy", "gru-step")
    assert (project.title, project.time, project.minutes) == ("More", "an evening", 0)
    page.__dict__["cells"][0].source = "```{exercise} One\n:label: gru-exercise-step\n\nDo it.\n```"
    with pytest.raises(ValueError, match="does not state goal, time and level"):
        inventory.exercises(page)


def listed(kind: str) -> str:
    """A section of the page of lists, as built."""
    html = (browsing.HTML / "finding.html").read_text(encoding="utf-8")
    found = re.search(rf'<section id="{kind}">(.*?)</section>', html, re.DOTALL)
    assert found is not None
    return unescape(found[1])


@built
def test_the_list_of_exercises_is_complete() -> None:
    text = listed("exercises")
    for asked in ASKED:
        assert f'href="{asked.page.name}.html#{asked.place}"' in text, asked.title
    assert text.count("<li>") == len(ASKED)


@built
def test_the_list_of_figures_is_complete() -> None:
    text = listed("figures")
    there = [figure for page in BOOK for figure in inventory.figures(page)]
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "book").glob("*.md"))
    assert len(there) == len(re.findall(r"^ +name: fig-", sources, re.MULTILINE))
    assert text.count("<li>") == len(there)
    for figure in there:
        assert f'href="{figure.page.name}.html#{figure.name}"' in text, figure.name


@built
def test_the_list_of_claims_is_complete_and_leads_to_their_rows() -> None:
    text = listed("claims")
    rows = (browsing.HTML / "claims.html").read_text(encoding="utf-8")
    for name, claim in CLAIMS.items():
        assert f'href="claims.html#claim-{name}"' in text, name
        assert rows.count(f'id="claim-{name}"') == 1
        assert claim.says[:40] in re.sub(r"[’]", "'", text)
    assert text.count("<li>") == len(CLAIMS)


def test_claims_lead_to_the_chapters_that_speak_of_them() -> None:
    found = {name: [page.name for page in places] for name, places in indexes.mentions().items()}
    assert "gru" in found["C10a"]
    assert "counting-parameters" in found["C7"]
    assert "rnn" not in found["C7"]


def test_a_row_that_stands_twice_is_named_once_where_it_stands_last() -> None:
    document = new_document("claims")
    row = '<tr><th scope="row">C7: x</th></tr>'
    document += [nodes.raw("", row, format="html"), nodes.raw("", row, format="html")]
    indexes.name_rows(None, document, "claims")
    first, last = (raw.astext() for raw in document.findall(nodes.raw))
    assert first == row
    assert '<th scope="row" id="claim-C7">C7:' in last


def test_all_pages_are_read() -> None:
    assert [page.name for page in BOOK] == [page.name for page in pages()]
