"""Print the whole book, or some of its pages, into one PDF with an outline and working links.

    python book/_tools/pdf.py                                # _build/rnnlab.pdf
    python book/_tools/pdf.py lstm gru --output two.pdf      # these pages alone
    python book/_tools/pdf.py --paper Letter

The book must be built (`make book`), and Chromium installed; `RNNLAB_BROWSER` may name its program.
Code that only draws a figure is left out, as it is folded on the pages. Hints and solutions stand
at the end, so that nobody reads one by accident. It is printed twice: the first time tells on which
page each section begins.
"""

import html
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import whole
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import Destination

LIMIT = 300_000  # milliseconds, for the browser to do one thing

#: Takes the document as it is read on paper: moves hints and solutions to the end, leaves out what
#: only a screen needs, and waits for equations and images.
PREPARE = (Path(__file__).parent / "printing.js").read_text(encoding="utf-8")

PAPER = """
@page {{ size: {paper}; margin: 20mm 19mm;
  @bottom-center {{ content: counter(page); font: 9pt sans-serif; color: #6b7078 }} }}
@page cover {{ @bottom-center {{ content: none }} }}
.whole-cover {{ page: cover }}
{running}
"""


def running_heads(book: Sequence[whole.Page], joiner: whole.Joiner) -> str:
    """Style: each page of paper says at its top which page of the book it belongs to."""
    rules = []
    for page in book:
        title = html.unescape(re.sub(r"<[^>]+>", "", joiner.headings(page.name)[0][1]))
        words = title.replace("\\", "").replace('"', "'")
        rules.append(
            f'@page {page.name} {{ @top-right {{ content: "{words}"; font: 9pt sans-serif; '
            f"color: #6b7078 }} }}\n.whole-{page.name} {{ page: {page.name} }}"
        )
    return "\n".join(rules)


def contents(book: Sequence[whole.Page], joiner: whole.Joiner, numbers: Mapping[str, int]) -> str:
    """The table of contents; numbers of pages that are not known yet are left open."""
    parts, lines = whole.parts(), []
    for page in book:
        if page.name in parts:
            lines.append(f'<p class="part">{html.escape(parts[page.name])}</p>')
        for level, text, label in joiner.headings(page.name):
            where = numbers.get(label, "000")
            lines.append(
                f'<p class="level-{level}"><a href="#{label}"><span>{text}</span>'
                f'<span class="where">{where}</span></a></p>'
            )
    end = '<p class="part" id="whole-end-of-contents"></p>'
    return f'<section class="whole-contents"><h1>Contents</h1>{"".join(lines)}{end}</section>'


def document(folder: Path, names: Sequence[str], paper: str, numbers: Mapping[str, int]) -> str:
    """The pages as one document of HTML.

    Args:
        folder: The built book.
        names: Of the pages; all if none is named.
        paper: ``"A4"`` or ``"Letter"``.
        numbers: The page of paper on which each label stands, as far as it is known.
    """
    book = whole.chosen(names)
    joiner = whole.Joiner(folder, [page.name for page in book])
    articles = "\n".join(
        f'<article class="bd-article whole-{page.name}" id="{page.name}--top">'
        f"{joiner.article(page.name)}</article>"
        for page in book
    )
    style = PAPER.format(paper=paper, running=running_heads(book, joiner))
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light">
<head><meta charset="utf-8"><title>{html.escape(whole.pages()[0].title)}</title>
<meta name="author" content="{html.escape(whole.settings()["author"])}">
{joiner.head()}<style>{style}</style></head>
<body class="whole"><main id="main-content">
{cover(folder)}
{contents(book, joiner, numbers)}
{articles}
</main></body></html>"""


def cover(folder: Path) -> str:
    """The first page: logo, title, the picture of the book's cover, author."""
    logo = (folder / "_static" / "logo.svg").read_text(encoding="utf-8")
    first = whole.pages()[0]
    source = (folder / f"{first.name}.html").read_text(encoding="utf-8")
    picture = re.search(r"<svg class=\"cover-svg\".*?</svg>", source, re.DOTALL)
    return (
        f'<section class="whole-cover"><div class="logo">{logo}</div>'
        f'<p class="title">{html.escape(first.title)}</p>'
        f'<p class="author">{html.escape(whole.settings()["author"])}</p>'
        f"{picture[0] if picture else ''}</section>"
    )


def print_once(browser: Browser, text: str, output: Path) -> None:
    """Print a document of HTML into a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "whole.html"
        path.write_text(text, encoding="utf-8")
        page = browser.new_page()
        page.set_default_timeout(LIMIT)
        page.emulate_media(media="print", color_scheme="light", reduced_motion="reduce")
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate(PREPARE)
        page.pdf(path=output, outline=True, tagged=True, prefer_css_page_size=True)
        page.close()


def numbers_in(path: Path) -> dict[str, int]:
    """On which page of a PDF each label stands, counted from 1."""
    reader = PdfReader(path)
    pages = {page.indirect_reference.idnum: n for n, page in enumerate(reader.pages, 1)}
    return {
        name.removeprefix("/"): pages[target.page.idnum]
        for name, target in reader.named_destinations.items()
        if isinstance(target, Destination) and target.page is not None
    }


def make(
    browser: Browser, folder: Path, output: Path, names: Sequence[str] = (), paper: str = "A4"
) -> None:
    """Print pages of the built book.

    Args:
        browser: Prints them.
        folder: The built book.
        output: The PDF to write.
        names: Of the pages; all if none is named.
        paper: ``"A4"`` or ``"Letter"``.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    print_once(browser, document(folder, names, paper, {}), output)
    print_once(browser, document(folder, names, paper, numbers_in(output)), output)


def main() -> int:
    """Print what the command line names."""
    parser = whole.arguments(__doc__ or "", "pdf")
    parser.add_argument("--paper", choices=("A4", "Letter"), default="A4")
    options = parser.parse_args()
    made = whole.carry_out(
        parser,
        options,
        lambda browser, folder: make(browser, folder, options.output, options.pages, options.paper),
    )
    print(f"{options.output}: {len(PdfReader(options.output).pages)} pages, {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
