"""The built pages as one document, to print or to bind, and the command line that asks for it.

Each page keeps its text, its numbers and its figures as they were built. What a label names gets
the page's name before it, so that links between pages become links inside the document.
"""

import argparse
import html
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import chromium
import yaml
from pages import BOOK, ROOT, Page, pages
from playwright.sync_api import Browser

HTML = ROOT / "_build" / "html"

ARTICLE = re.compile(r"<article class=\"bd-article\"[^>]*>(?P<body>.*?)</article>", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
LABEL = re.compile(r"(?P<name>\s(?:id|for|aria-labelledby|aria-describedby))=\"(?P<ids>[^\"]+)\"")
LINK = re.compile(r"(?P<name>\s(?:href|xlink:href))=\"(?P<target>[^\"]*)\"")
SOURCE = re.compile(r"(?P<name>\s(?:src|poster))=\"(?P<target>[^\"]*)\"")
PAINT = re.compile(r"url\(#(?P<id>[^)]+)\)")
LATER = re.compile(r"\s(?:loading|decoding)=\"[^\"]*\"")
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
STYLE = re.compile(r"<link[^>]*\brel=\"stylesheet\"[^>]*>")
HEADING = re.compile(
    r"<h(?P<level>[12])>(?P<text>[^\n]*?)<a class=\"headerlink\" href=\"#(?P<id>[^\"]+)\""
)


def chosen(names: Sequence[str]) -> list[Page]:
    """The pages of some names, in reading order; all of them if none is named.

    Raises:
        ValueError: A name that no page has.
    """
    book = pages()
    if unknown := set(names) - {page.name for page in book}:
        raise ValueError(f"no page is called {', '.join(sorted(unknown))}")
    return [page for page in book if not names or page.name in names]


def settings() -> dict[str, str]:
    """The book's title, its author and the address of its repository."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return {
        "title": config["title"],
        "author": config["author"],
        "address": config["repository"]["url"],
    }


def parts() -> dict[str, str]:
    """The title of the part that begins with a page, by the page's name."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    return {part["chapters"][0]["file"]: part["caption"] for part in toc["parts"]}


class Joiner:
    """Makes pages of the built book parts of one document.

    Attributes:
        folder: The built book.
        names: The names of the pages that the document holds.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder, self.names = folder, list(names)

    def source(self, name: str) -> str:
        """A built page, whole."""
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")

    def head(self) -> str:
        """The style sheets of the pages, and the scripts that set the equations."""
        source = self.source(self.names[0])
        scripts = [text for text in SCRIPT.findall(source) if "mathjax" in text.lower()]
        styles = {sheet for name in self.names for sheet in STYLE.findall(self.source(name))}
        ordered = sorted(styles, key=lambda sheet: (sheet not in source, source.find(sheet)))
        return TAG.sub(self._absolute, "\n".join([*ordered, *scripts]))

    def body(self, name: str) -> str:
        """A page's article as it was built.

        Raises:
            ValueError: A page without an article.
        """
        found = ARTICLE.search(self.source(name))
        if found is None:
            raise ValueError(f"{name}.html holds no article")
        return SCRIPT.sub("", found["body"])

    def article(self, name: str) -> str:
        """A page's article, its labels and links those of the document."""
        return TAG.sub(lambda tag: self._tag(name, tag[0]), self.body(name))

    def headings(self, name: str) -> list[tuple[int, str, str]]:
        """The title and the sections of a page: level, text, label in the document."""
        return [
            (int(found["level"]), found["text"].strip(), f"{name}--{found['id']}")
            for found in HEADING.finditer(self.body(name))
        ]

    def target(self, here: str, link: str) -> str:
        """Where a link of a page leads: into the document, or to the address it has on the web."""
        place = urlsplit(link)
        if place.scheme or place.netloc:
            return link
        page = place.path.removesuffix(".html") or here
        if page not in self.names:
            return ""
        return f"#{page}--{place.fragment}" if place.fragment else f"#{page}--top"

    def _tag(self, page: str, tag: str) -> str:
        """One tag of a page as the document has it."""

        def label(found: re.Match[str]) -> str:
            ids = " ".join(f"{page}--{word}" for word in found["ids"].split())
            return f'{found["name"]}="{ids}"'

        def link(found: re.Match[str]) -> str:
            target = self.target(page, html.unescape(found["target"]))
            return f'{found["name"]}="{html.escape(target)}"' if target else ""

        tag = LINK.sub(link, LABEL.sub(label, LATER.sub("", tag)))
        return self._absolute(PAINT.sub(lambda found: f"url(#{page}--{found['id']})", tag))

    def _absolute(self, tag: str | re.Match[str]) -> str:
        """A tag whose files lie in the folder of the built book, wherever the document lies."""
        text = tag if isinstance(tag, str) else tag[0]
        pattern = LINK if text.startswith("<link") else SOURCE

        def place(found: re.Match[str]) -> str:
            if urlsplit(found["target"]).scheme:
                return found[0]
            return f'{found["name"]}="{self.folder.as_uri()}/{found["target"]}"'

        return pattern.sub(place, text)


def arguments(about: str, ending: str) -> argparse.ArgumentParser:
    """What the command line may say: pages, the built book, and the file to make of it."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="names of pages; all of them if none")
    parser.add_argument("--html", type=Path, default=HTML, help="the built book")
    parser.add_argument("--output", type=Path, default=ROOT / "_build" / f"rnnlab.{ending}")
    return parser


def carry_out(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    make: Callable[[Browser, Path], None],
) -> str:
    """Start the browser and have it make the file; give the file's size and the time it took.

    Args:
        parser: Ends the program where the book is not built, or a page has no such name.
        options: What was asked for.
        make: Makes the file, given the browser and the built book's folder.
    """
    if not (options.html / "index.html").is_file():
        parser.error("the book is not built: run `make book`")
    start = time.perf_counter()
    try:
        with chromium.started() as browser:
            make(browser, options.html.resolve())
    except ValueError as error:
        parser.error(str(error))
    size = options.output.stat().st_size / 1e6
    return f"{size:.1f} MB, in {time.perf_counter() - start:.0f} s"
