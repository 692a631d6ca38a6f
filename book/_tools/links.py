"""Check the built book: every link inside it leads somewhere, and nothing is loaded from elsewhere.

python book/_tools/links.py _build/html
"""

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "source": "src", "video": "src", "audio": "src"}
LOADED |= {"iframe": "src", "embed": "src", "object": "data"}
#: Kinds of <link> that only name another page; a browser loads nothing for them.
NAMED = {"canonical", "alternate", "author", "next", "prev", "search", "index", "license"}
IMPORT = re.compile(r"@import\s+(?:url\()?['\"]?([^'\");]+)|url\(\s*['\"]?([^'\")]+)")


@dataclass
class Reading(HTMLParser):
    """What one page names, links to and loads."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the parser."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag's anchor, link and resources."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and not NAMED & set(given.get("rel", "").split()):
            self.loaded.append(given.get("href", ""))
        if tag in LOADED and given.get(LOADED[tag]):
            self.loaded.append(given[LOADED[tag]])
        self.loaded += style_urls(given.get("style", ""))


def style_urls(css: str) -> list[str]:
    """List what a style sheet loads."""
    return [first or second for first, second in IMPORT.findall(css)]


def read_page(path: Path) -> Reading:
    """Read a page of the built book."""
    page = Reading()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def is_external(url: str) -> bool:
    """Tell whether an address leads to another host."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme in {"http", "https", "ftp"}


def faults(folder: Path) -> list[str]:
    """List broken links, and resources that come from another host.

    Args:
        folder: The built book.
    """
    folder = folder.resolve()
    pages = {path: read_page(path) for path in sorted(folder.rglob("*.html"))}
    # Pages that other projects ship beside their scripts are no part of the book.
    book = {path: page for path, page in pages.items() if "_static" not in path.parts}
    if not book:
        return [f"{folder} holds no page: build the book first (make book)"]
    found = []
    for path, page in book.items():
        name = path.relative_to(folder).as_posix()
        found += [f"{name}: loads {url}" for url in page.loaded if is_external(url)]
        local = [url for url in page.links + page.loaded if is_local(url)]
        found += [
            f"{name}: {url} {problem}" for url in local if (problem := broken(url, path, pages))
        ]
    for sheet in sorted(folder.rglob("*.css")):
        urls = style_urls(sheet.read_text(encoding="utf-8", errors="replace"))
        name = sheet.relative_to(folder).as_posix()
        found += [f"{name}: loads {url}" for url in urls if is_external(url)]
    return sorted(set(found))


def is_local(url: str) -> bool:
    """Tell whether an address leads to a file of the book."""
    return not is_external(url) and not urlsplit(url).scheme


def broken(url: str, page: Path, pages: dict[Path, Reading]) -> str:
    """Say what is wrong with a link, if anything."""
    parts = urlsplit(url)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return "leads to no file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "leads to no place on that page"
    return ""


def main() -> int:
    """Check a folder; say what is wrong."""
    found = faults(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"links: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
