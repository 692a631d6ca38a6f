"""Sphinx extension: ``{list-of} exercises``, ``figures`` or ``claims``: all there is, by chapter.

The lists are made when the book is built, from what the pages and the package say.
"""

import re
from collections.abc import Iterator
from functools import cache

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from inventory import Asked, exercises, figures, index
from pages import Page
from sphinx.application import Sphinx

from rnnlab.claims.table import CLAIMS

MENTION = re.compile(r"\bC\d+[ab]?\b")
ROW = re.compile(r'<th scope="row">(?P<name>C\d+[ab]?):')
SETTLED = "claims"


def list_exercises() -> Iterator[str]:
    """All exercises and open projects."""
    for page in index().pages:
        asked = exercises(page)
        if asked:
            checked = sum(bool(one.name) for one in asked)
            minutes = sum(one.minutes for one in asked)
            yield f"**[{page.title}]({page.name}.md)**: {minutes} minutes; {checked} are checked.\n"
            yield from (exercise_line(one) for one in asked)
            yield ""


def exercise_line(asked: Asked) -> str:
    """An exercise: its number and title with a link, what it is for, level, time, name."""
    link = f"{{ref}}`{f'{asked.number} {asked.title}'.strip()} <{asked.place}>`"
    goal = f": {asked.goal.rstrip('.')}" if asked.goal else ""
    level = "open project" if asked.level == "project" else asked.level
    name = f", `{asked.name}`" if asked.name else ""
    said = ", ".join(filter(None, (level, asked.time.replace("minutes", "min"))))
    return f"- {link}{goal} ({said}{name})"


def list_figures() -> Iterator[str]:
    """All figures, each with the first sentence of its caption."""
    for page in index().pages:
        if found := figures(page):
            yield f"**[{page.title}]({page.name}.md)**\n"
            yield from (f"- {{numref}}`{figure.name}`: {figure.says}" for figure in found)
            yield ""


@cache
def mentions() -> dict[str, list[Page]]:
    """The chapters that speak of each claim, beside the one that settles them all."""
    found: dict[str, list[Page]] = {name: [] for name in CLAIMS}
    for page in index().pages:
        if not page.chapter or page.name == SETTLED:
            continue
        text = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
        spoken = set(MENTION.findall(text))
        for name, places in found.items():
            if {name, name.rstrip("ab")} & spoken:
                places.append(page)
    return found


def list_claims() -> Iterator[str]:
    """All claims: the sentence with a link to its row, the verdict, the chapters with it."""
    for name, claim in CLAIMS.items():
        row = f'<a class="reference internal" href="{SETTLED}.html#claim-{name}">{name}</a>'
        chapters = ", ".join(f"[{page.title}]({page.name}.md)" for page in mentions()[name])
        where = f" See {chapters}." if chapters else ""
        yield f"- {row}: {claim.says}. **{claim.verdict.capitalize()}.**{where}"


LISTS = {"exercises": list_exercises, "figures": list_figures, "claims": list_claims}


class ListOf(Directive):
    """The list as what Markdown makes of it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the list."""
        kind = self.arguments[0]
        if kind not in LISTS:
            raise self.error(f"expected a list of {', '.join(LISTS)}, got {kind!r}")
        for page in index().pages:
            self.state.document.settings.env.note_dependency(str(page.path))
        box = nodes.container(classes=["list-of"])
        lines = "\n".join(LISTS[kind]()).splitlines()
        self.state.nested_parse(StringList(lines, source=kind), self.content_offset, box)
        return [box]


def name_rows(_app: Sphinx, document: nodes.document, docname: str) -> None:
    """Give each row of the table of claims an anchor; of two rows of a claim, the last."""
    if docname != SETTLED:
        return
    seen: set[str] = set()
    for raw in reversed(list(document.findall(nodes.raw))):

        def named(match: re.Match[str]) -> str:
            if match["name"] in seen:
                return match[0]
            seen.add(match["name"])
            return f'<th scope="row" id="claim-{match["name"]}">{match["name"]}:'

        if (made := ROW.sub(named, raw.astext())) != raw.astext():
            raw.children = [nodes.Text(made)]
            raw.rawsource = made


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.add_directive("list-of", ListOf)
    app.connect("doctree-resolved", name_rows)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
