"""What the sources of a page hold that a reader may look for: exercises, open projects, figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pages import FENCE, HEADING, LABEL, TARGET, Index, Page, figure_of, pages

STATED = re.compile(
    r"\*+Goal:?\*+:?\s*(?P<goal>.*?)\s*\*+Time:?\*+:?\s*(?P<time>.*?)\.\s*"
    r"\*+Level:?\*+:?\s*(?P<level>[\w ]+)",
    re.DOTALL,
)
LASTING = re.compile(r"\*+Time:?\*+:?\s*(?P<time>[^.*]*?)\.")
PROJECT = re.compile(r"^Open project: (?P<title>.+)$")
CHECKED = re.compile(r'^check\(\s*"(?P<name>[\w-]+)"', re.MULTILINE)
EXERCISES = re.compile(r"^## (?:.* )?[Ee]xercises\b", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """An exercise or an open project, as its page states it.

    Attributes:
        page: Where it stands.
        title: Its title.
        place: Its label.
        number: Such as ``"3.2"``; empty if it has none.
        goal: What one can do afterwards, as Markdown; empty if it is not said.
        time: Such as ``"15 minutes"`` or ``"an evening"``; empty if it is not said.
        level: ``"easy"``, ``"medium"`` or ``"hard"``; ``"project"`` for a project.
        name: By which it is checked; empty if it is not.
    """

    page: Page
    title: str
    place: str
    number: str
    goal: str
    time: str
    level: str
    name: str = ""

    @property
    def minutes(self) -> int:
        """How long it takes; a project is not counted."""
        found = re.match(r"(\d+) minutes", self.time)
        return int(found[1]) if found and self.level != "project" else 0


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        page: Where it stands.
        name: Its name.
        number: Its number.
        says: The first sentence of its caption, as Markdown.
    """

    page: Page
    name: str
    number: str
    says: str


@cache
def index() -> Index:
    """Every label of the book; the sources are read once."""
    return Index.of(pages())


def first_sentence(text: str) -> str:
    """The first sentence of a text; a point within a formula or code ends none."""
    return re.split(r"(?<=[.?!])\s+(?=[A-Z$*{`\[“\"])", text.strip(), maxsplit=1)[0]


def exercises(page: Page) -> list[Asked]:
    """All exercises of a page, then its open project."""
    found: list[Asked] = []
    for cell in page.cells:
        if cell.cell_type == "markdown":
            found += _exercises_in(cell.source, page)
        elif found and not found[-1].name and (checked := CHECKED.search(cell.source)):
            found[-1] = Asked(**{**vars(found[-1]), "name": checked["name"]})
    return [asked for asked in found if asked.level != "project"] + [
        asked for asked in found if asked.level == "project"
    ]


def _exercises_in(markdown: str, page: Page) -> Iterator[Asked]:
    lines = markdown.splitlines()
    for start, line in enumerate(lines):
        opened, heading = FENCE.match(line), HEADING.match(line)
        if opened and opened["name"] == "exercise":
            end = next(
                n for n, later in enumerate(lines[start + 1 :], start + 1)
                if later.startswith(opened["fence"]) and not later.strip("`")
            )  # fmt: skip
            yield _exercise(page, opened["argument"].strip(), lines[start + 1 : end])
        elif heading and (project := PROJECT.match(heading[2])):
            rest = "\n".join(lines[start + 1 :])
            lasting = LASTING.search(rest)
            time = lasting["time"] if lasting else ""
            title = project["title"][0].upper() + project["title"][1:]
            target = TARGET.match(lines[start - 1])
            if target is None:
                raise ValueError(f"book/{page.path.name}: {title!r} has no label")
            yield Asked(page, title, target["name"], "", "", time, "project")


def _exercise(page: Page, title: str, body: list[str]) -> Asked:
    label = next(match[1] for line in body if (match := LABEL.match(line)))
    text = "\n".join(body)
    stated, project = STATED.search(text), PROJECT.match(title)
    if stated is None and project is None:
        raise ValueError(f"book/{page.path.name}: {title!r} does not state goal, time and level")
    goal, time, level = (
        (" ".join(part.split()) for part in stated.group("goal", "time", "level"))
        if stated
        else ("", "", "")
    )
    if project:
        title = project["title"][0].upper() + project["title"][1:]
        lasting = LASTING.search(text)
        level, time = "project", time or (lasting["time"] if lasting else "")
    return Asked(page, title, label, index().targets[label].text, goal, time, level)


def figures(page: Page) -> list[Figure]:
    """All figures of a page."""
    return [
        Figure(page, name, index().targets[name].text, first_sentence(caption))
        for cell in page.code_cells
        if (figure := figure_of(cell))
        for name, caption, _ in [figure]
    ]
