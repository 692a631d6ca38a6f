"""Sphinx extension: what pages owe to those who hear them, or steer by keyboard.

The theme and the extensions leave faults in the HTML that no setting mends. They are mended in the
finished pages: names that hide what a button says, roles that are no more, tables whose corner is a
header of nothing. Chinese is marked as Chinese, so that a screen reader speaks it so. What
needs a script is in _static/accessible/, which Jupyter Book adds to each page by itself.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
#: What is left alone, then Chinese: characters, and punctuation that follows them.
CHINESE = re.compile(
    r"<(?P<raw>script|style|title|textarea|option|svg|math)\b.*?</(?P=raw)>"
    r"|<(?P<formula>span|div) class=\"[^\"]*\bmath\b[^\"]*\"[^>]*>.*?</(?P=formula)>"
    r"|<(?P<marked>\w+)[^>]* lang=\"zh[^>]*>[^<]*</(?P=marked)>"
    r"|<!--.*?-->|<[^>]*>"
    rf"|(?P<chinese>[{HAN}][{HAN}\u3000-\u303f\uff00-\uffef]*)",
    re.DOTALL,
)
#: A table with an empty corner: the first cell of each row is the row's name.
CORNER = re.compile(
    r"(?P<head><thead>\s*<tr[^>]*>)<th[^>]*>(?:<p>\s*</p>)?</th>(?P<rest>.*?</thead>)"
    r"(?P<body>\s*<tbody>.*?</tbody>)",
    re.DOTALL,
)
FIRST_CELL = re.compile(r"(<tr[^>]*>)<td([^>]*)>(.*?)</td>", re.DOTALL)
REPAIRS = (
    # What a summary or a button says is its name; another name hides it.
    (re.compile(r"<summary aria-label=\"[^\"]*\">"), "<summary>"),
    (re.compile(r"(<button class=\"[^\"]*search-button-field[^>]*?) aria-label=\"[^\"]*\""), r"\1"),
    # The side bar holds more than links: it is a landmark of its own.
    (
        re.compile(r"<div id=\"pst-primary-sidebar\" (?!role)"),
        '<div id="pst-primary-sidebar" role="complementary" aria-label="The book" ',
    ),
    # A list's children are its items.
    (re.compile(r" role=\"doc-biblioentry\""), ' role="listitem"'),
    # Signs that fold a part of an index, but only with a mouse.
    (re.compile(r"<img[^>]* class=\"toggler\"[^>]*>"), ""),
    # The columns of an index are no data.
    (
        re.compile(r"<table(?=(?: style=\"[^\"]*\")? class=\"indextable)"),
        '<table role="presentation"',
    ),
)  # fmt: skip


def speak_chinese(html: str) -> str:
    """Mark Chinese as such, but for formulas and what is no text."""

    def mark(match: re.Match[str]) -> str:
        return f'<span lang="zh-Hans">{match[0]}</span>' if match["chinese"] else match[0]

    return CHINESE.sub(mark, html)


def name_rows(html: str) -> str:
    """Where a table's corner is empty, make it a cell, and the first cell of each row a header."""

    def name(match: re.Match[str]) -> str:
        body = FIRST_CELL.sub(r'\1<th scope="row"\2>\3</th>', match["body"])
        return f"{match['head']}<td></td>{match['rest']}{body}"

    return CORNER.sub(name, html)


def accessible(html: str) -> str:
    """Give a page as it is to be; a page that is so already stays as it is."""
    for fault, right in REPAIRS:
        html = fault.sub(right, html)
    return speak_chinese(name_rows(html))


def finish(app: Sphinx, error: Exception | None) -> None:
    """Mend all pages."""
    if error is not None or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir).glob("*.html")):
        html = path.read_text(encoding="utf-8")
        if (made := accessible(html)) != html:
            path.write_text(made, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
