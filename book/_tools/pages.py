"""The pages of the book, and the numbers that their equations, figures and exercises get.

Numbers are counted from the sources, in the way that Sphinx counts them in a book of numbered
chapters ("2.4": the fourth of chapter 2); a test holds them against the built pages.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import jupytext
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
NOTEBOOKS = ROOT / "notebooks"

FENCE = re.compile(r"^(?P<fence>`{3,})\{(?P<name>[\w-]+)\}\s*(?P<argument>.*)$")
LABEL = re.compile(r"^\s*:label:\s*(\S+)\s*$")
TARGET = re.compile(r"^\((?P<name>[\w-]+)\)=$")
HEADING = re.compile(r"^(#+)\s+(.*?)\s*$")


def only_code(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The code cells among some cells."""
    return [cell for cell in cells if cell.cell_type == "code"]


@dataclass(frozen=True)
class Page:
    """One page of the book.

    Attributes:
        name: Its file's name without ending, e.g. ``"lstm"``.
        chapter: Its number, or None for a page that has none.
        folder: Where the book's sources are.
    """

    name: str
    chapter: int | None
    folder: Path = BOOK

    @property
    def path(self) -> Path:
        """The source file."""
        return self.folder / f"{self.name}.md"

    @cached_property
    def cells(self) -> list[NotebookNode]:
        """The source as Markdown and code cells."""
        cells: list[NotebookNode] = jupytext.read(self.path, fmt="md:myst").cells
        return cells

    @property
    def code_cells(self) -> list[NotebookNode]:
        """The code cells alone."""
        return only_code(self.cells)

    @property
    def has_notebook(self) -> bool:
        """Whether the page has code, and so a notebook."""
        return bool(self.code_cells)

    @property
    def title(self) -> str:
        """The first heading."""
        headings = (HEADING.match(line) for line in self.path.read_text("utf-8").splitlines())
        return next(heading[2] for heading in headings if heading and len(heading[1]) == 1)


def pages(folder: Path = BOOK) -> list[Page]:
    """All pages in reading order, with their chapter numbers."""
    toc = yaml.safe_load((folder / "_toc.yml").read_text(encoding="utf-8"))
    result = [Page(toc["root"], None, folder)]
    chapter = 0
    for part in toc["parts"]:
        for entry in part["chapters"]:
            chapter += bool(part.get("numbered"))
            result.append(Page(entry["file"], chapter if part.get("numbered") else None, folder))
    return result


@dataclass(frozen=True)
class Target:
    """What a label names.

    Attributes:
        page: The page that it stands on.
        kind: ``"equation"``, ``"figure"``, ``"exercise"`` or ``"section"``.
        text: Its number, e.g. ``"2.4"``; a section's heading.
    """

    page: Page
    kind: str
    text: str


@dataclass
class Index:
    """Every label of the book.

    Attributes:
        pages: The pages, in reading order.
        targets: What each label names.
    """

    pages: list[Page]
    targets: dict[str, Target] = field(default_factory=dict)

    @classmethod
    def of(cls, pages: list[Page]) -> "Index":
        """Number everything on some pages.

        Raises:
            ValueError: A label that stands twice.
        """
        index = cls(pages)
        unnumbered: dict[str, int] = {}
        for page in pages:
            counts: dict[str, int] = {} if page.chapter else unnumbered
            for cell in page.cells:
                for kind, label, heading in _labels(cell):
                    if label in index.targets:
                        raise ValueError(f"{page.path.name}: the label {label!r} stands twice")
                    counts[kind] = counts.get(kind, 0) + 1
                    number = f"{page.chapter}.{counts[kind]}" if page.chapter else counts[kind]
                    index.targets[label] = Target(page, kind, heading or str(number))
        return index

    def page(self, name: str) -> Page:
        """The page of a name; KeyError if there is none."""
        return {page.name: page for page in self.pages}[name]


def figure_of(cell: NotebookNode) -> tuple[str, str, str] | None:
    """A figure cell's name, caption and alternative text; None for any other cell."""
    options = cell.metadata.get("mystnb", {})
    if "figure" not in options:
        return None
    caption = " ".join(options["figure"].get("caption", "").split())
    alt = " ".join(options.get("image", {}).get("alt", "").split())
    return options["figure"]["name"], caption, alt


def _labels(cell: NotebookNode) -> list[tuple[str, str, str]]:
    """The labels of a cell in order: kind, label, and for a section its heading."""
    if cell.cell_type == "code":
        figure = figure_of(cell)
        return [("figure", figure[0], "")] if figure else []
    found = []
    directive, section = "", ""
    for line in cell.source.splitlines():
        if match := FENCE.match(line):
            directive = match["name"]
        elif match := LABEL.match(line):
            kind = {"math": "equation", "exercise": "exercise"}[directive]
            found.append((kind, match[1], ""))
        elif match := TARGET.match(line):
            section = match["name"]
        elif (match := HEADING.match(line)) and section:
            found.append(("section", section, match[2]))
            section = ""
    return found
