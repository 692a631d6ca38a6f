"""Sphinx extension: the box at the top of a chapter, ``{at-a-glance}``.

Its body says what one needs, in a paragraph that begins "You need", and what one will be able to
do, as a list; words after the list stay behind it. The time is computed, by a rule: 200 words a
minute and a minute for each cell of code, to the next five minutes; for the exercises the sum of
what they state. Pages and notebooks get the same box, from `lines`.
"""

import re
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from inventory import EXERCISES, exercises, index
from pages import Page

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME = "at-a-glance"
TITLE = "At a glance"
WORDS_A_MINUTE = 200
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
NEEDS = re.compile(r"\AYou need\s+")


def reading_minutes(page: Page) -> int:
    """How long a chapter takes without its exercises, to the next five minutes."""
    words = code = 0
    for cell in page.cells:
        text, *rest = EXERCISES.split(cell.source, maxsplit=1)
        if cell.cell_type == "code":
            code += 1
        else:
            words += len(WORD.findall(text))
        if cell.cell_type == "markdown" and rest:
            break
    return max(5, 5 * round((words / WORDS_A_MINUTE + code) / 5))


def exercise_minutes(page: Page) -> int:
    """How long a chapter's exercises take, without the open project."""
    return sum(asked.minutes for asked in exercises(page))


def lines(page: Page, body: list[str]) -> list[str]:
    """The box of a chapter as Markdown.

    Args:
        page: The chapter.
        body: What stands in the directive.

    Raises:
        ValueError: A body that lacks what one needs, or what one will be able to do.
    """
    parts = "\n".join(body).strip().split("\n\n")
    needs = " ".join(parts[0].split())
    if not NEEDS.match(needs) or len(parts) < 2 or not parts[1].startswith("- "):
        raise ValueError(
            f"book/{page.path.name}: expected in {{{NAME}}} a paragraph that begins "
            f"'You need', then a list, got {needs[:40]!r}"
        )
    projects = " An open project ends the chapter." * any(
        asked.level == "project" for asked in exercises(page)
    )
    time = (
        f"**Time:** reading about {reading_minutes(page)} minutes, exercises about "
        f"{exercise_minutes(page)} minutes.{projects}"
    )
    blocks = [NEEDS.sub("**You need** ", needs), time, "**You will be able to**", *parts[1:]]
    return "\n\n".join(blocks).splitlines()


class AtAGlance(Directive):
    """The box as an admonition."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make the box of the page that is being read."""
        name = self.state.document.settings.env.docname
        page = index().page(name)
        try:
            made = lines(page, list(self.content))
        except ValueError as problem:
            raise self.error(str(problem)) from problem
        title = nodes.title(TITLE, TITLE)
        box = nodes.admonition("", title, classes=["note", NAME])
        self.state.nested_parse(StringList(made, source=name), self.content_offset, box)
        return [box]


def setup(app: "Sphinx") -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.add_directive(NAME, AtAGlance)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
