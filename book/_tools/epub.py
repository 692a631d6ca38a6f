"""Make an e-book (EPUB 3) of the whole book, or of some of its pages.

    python book/_tools/epub.py                                 # _build/rnnlab.epub
    python book/_tools/epub.py lstm gru --output two.epub      # these pages alone

The book must be built (`make book`), and Chromium installed: there MathJax turns the equations into
MathML, and the browser writes the pages as XHTML. Hints and solutions stay folded where they stand.
"""

import datetime
import sys
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import whole
from playwright.sync_api import Browser

LIMIT = 300_000  # milliseconds, for the browser to do one thing
READ = (Path(__file__).parent / "epub.js").read_text(encoding="utf-8")
STYLE = (Path(__file__).parent / "epub.css").read_text(encoding="utf-8")
TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".webp": "image/webp"}

CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>"""

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en"
xml:lang="en"><head><title>{title}</title><link rel="stylesheet" href="style.css"/></head>
<body>{body}</body></html>"""

PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title><dc:language>en</dc:language><dc:creator>{author}</dc:creator>
<dc:rights>CC BY 4.0; code: MIT</dc:rights>
<meta property="dcterms:modified">{now}</meta>
<meta property="schema:accessMode">textual</meta><meta property="schema:accessMode">visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>{items}</manifest>
<spine>{spine}</spine>
</package>"""


@dataclass(frozen=True)
class Chapter:
    """A page as it is in the e-book.

    Attributes:
        name: Of the page.
        body: Its article, as XHTML.
        images: The images that it shows, as paths in the built book.
        headings: Its title and sections: level, text, label.
        kinds: What it holds beside XHTML: ``"mathml"``, ``"svg"``.
    """

    name: str
    body: str
    images: list[str]
    headings: list[tuple[int, str, str]]
    kinds: list[str]


def read(browser: Browser, folder: Path, names: Sequence[str]) -> list[Chapter]:
    """Read built pages in the browser."""
    chapters = []
    page = browser.new_page()
    page.set_default_timeout(LIMIT)
    for name in names:
        page.goto((folder / f"{name}.html").as_uri(), wait_until="load")
        found = page.evaluate(READ, list(names))
        headings = [tuple(heading) for heading in found["headings"]]
        chapters.append(Chapter(name, found["body"], found["images"], headings, found["kinds"]))
    page.close()
    return chapters


def contents(chapters: Sequence[Chapter]) -> str:
    """The table of contents, as the format asks for it."""
    entries = []
    for chapter in chapters:
        links = [
            (level, f'<a href="{chapter.name}.xhtml#{escape(label)}">{escape(text)}</a>')
            for level, text, label in chapter.headings
        ]
        sections = "".join(f"<li>{link}</li>" for level, link in links if level > 1)
        inner = f"<ol>{sections}</ol>" if sections else ""
        entries.append(f"<li>{links[0][1]}{inner}</li>")
    return f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(entries)}</ol></nav>'


def cover(folder: Path) -> str:
    """The first page: logo, title, author."""
    about = whole.settings()
    logo = (folder / "_static" / "logo.svg").read_text(encoding="utf-8")
    title = escape(whole.pages()[0].title)
    author = escape(about["author"])
    words = f"<h1>{title}</h1><p>{author}</p>"
    return f'<section class="cover-page" epub:type="cover">{logo}{words}</section>'


def package(chapters: Sequence[Chapter], images: Sequence[str]) -> str:
    """The list of all parts of the e-book, and what it says of itself."""
    about = whole.settings()
    pages = [("cover", "application/xhtml+xml", "svg"), ("nav", "application/xhtml+xml", "nav")]
    pages += [(c.name, "application/xhtml+xml", " ".join(c.kinds)) for c in chapters]
    items = ['<item id="style" href="style.css" media-type="text/css"/>']
    for name, kind, properties in pages:
        extra = f' properties="{properties}"' if properties else ""
        items.append(f'<item id="p-{name}" href="{name}.xhtml" media-type="{kind}"{extra}/>')
    for number, image in enumerate(images):
        kind = TYPES[Path(image).suffix]
        items.append(f'<item id="i-{number}" href="images/{image}" media-type="{kind}"/>')
    return PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, about["address"]),
        title=escape(whole.pages()[0].title),
        author=escape(about["author"]),
        now=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        items="\n".join(items),
        spine="".join(f'<itemref idref="p-{name}"/>' for name, _, _ in pages),
    )


def make(browser: Browser, folder: Path, output: Path, names: Sequence[str] = ()) -> None:
    """Make an e-book of pages of the built book.

    Args:
        browser: Reads them.
        folder: The built book.
        output: The file to write.
        names: Of the pages; all if none is named.
    """
    chapters = read(browser, folder, [page.name for page in whole.chosen(names)])
    images = {Path(source).name: folder / source for c in chapters for source in c.images}
    output.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # first, and as it is
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("book/content.opf", package(chapters, sorted(images)))
        book.writestr("book/style.css", STYLE)
        for name, title, body in [
            ("cover", "Cover", cover(folder)),
            ("nav", "Contents", contents(chapters)),
            *((c.name, c.headings[0][1], c.body) for c in chapters),
        ]:
            book.writestr(f"book/{name}.xhtml", DOCUMENT.format(title=escape(title), body=body))
        for name, path in sorted(images.items()):
            book.write(path, f"book/images/{name}", zipfile.ZIP_STORED)


def main() -> int:
    """Make what the command line names."""
    parser = whole.arguments(__doc__ or "", "epub")
    options = parser.parse_args()
    made = whole.carry_out(
        parser,
        options,
        lambda browser, folder: make(browser, folder, options.output, options.pages),
    )
    print(f"{options.output}: {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
