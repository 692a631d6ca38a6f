"""Freeze the course's English prose as the text that its models train on: rnnlab/data/book.txt.

Whole sentences of plain words are kept: code, equations, tables, directives, and sentences with a
formula or a character that is not printable ASCII are left out. Every number in the book that
depends on training changes with this text, so it is rebuilt on purpose only (``make corpus``), and
the benchmarks and notebooks after it.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from pages import ROOT, pages

TARGET = ROOT / "rnnlab" / "data" / "book.txt"

#: Directives whose body is prose; the body of any other (code, math, tables) is left out.
PROSE_DIRECTIVES = re.compile(
    r"^\{(at-a-glance|admonition|note|tip|warning|important|seealso|dropdown|exercise|glossary)\}"
)
TYPOGRAPHY = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\N{NO-BREAK SPACE}": " ",
    }
)
DROP = "\N{REPLACEMENT CHARACTER}"  # marks a sentence with something that is not plain words


def parser() -> MarkdownIt:
    """A Markdown parser that knows MyST's math, roles and comments."""
    markdown = MarkdownIt("commonmark").enable("table")
    for plugin in (dollarmath_plugin, front_matter_plugin, myst_block_plugin, myst_role_plugin):
        markdown.use(plugin)
    return markdown


def inline_text(tokens: list[Token]) -> str:
    """The words of a paragraph; what is no word becomes the mark that drops its sentence."""
    parts = []
    for token in tokens:
        if token.type == "text":
            parts.append(token.content)
        elif token.type == "code_inline":
            parts.append(token.content if re.fullmatch(r"[\w.]+", token.content) else DROP)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type in {"math_inline", "image", "html_inline", "myst_role"}:
            parts.append(DROP)
    return "".join(parts)


def paragraphs(markdown: str) -> Iterator[str]:
    """The paragraphs of a page, in order, those inside admonitions and the like too."""
    tokens = parser().parse(markdown)
    table = 0
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        table += {"table_open": 1, "table_close": -1}.get(token.type, 0)
        if token.type == "fence" and PROSE_DIRECTIVES.match(token.info):
            body = re.sub(r"\A(:[\w-]+:.*\n)+", "", token.content)  # the directive's options
            yield from paragraphs(body) if body.strip() else ()
        elif token.type == "inline" and before.type == "paragraph_open" and not table:
            yield inline_text(token.children or [])


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph that are plain words from end to end."""
    text = (
        re.sub(r"\s+", " ", paragraph.translate(TYPOGRAPHY)).lstrip(": ").rstrip()
    )  # ": " in a glossary
    return [
        sentence
        for sentence in re.split(r"(?<=[.?!:])\s+(?=[\"'(A-Z])", text)
        if sentence.isascii() and DROP not in sentence and re.search(r"\w \w", sentence)
    ]


def prose() -> str:
    """The whole book's plain sentences, one paragraph a line."""
    lines = [
        " ".join(sentences(paragraph))
        for page in pages()
        for paragraph in paragraphs(page.path.read_text(encoding="utf-8"))
    ]
    return "\n".join(line for line in lines if line) + "\n"


def main() -> None:
    """Write the text, whole or not at all."""
    draft = TARGET.with_suffix(".draft")
    draft.write_text(prose(), encoding="ascii", newline="\n")
    draft.replace(TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} characters")


if __name__ == "__main__":
    main()
