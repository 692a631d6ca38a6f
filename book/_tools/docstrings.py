"""Sphinx extension: the labels of equations in the package's docstrings become links to them."""

import re
from functools import cache

from inventory import index
from sphinx.application import Sphinx

NAME = re.compile(r"(?<![`:\w])`([a-z][a-z-]*)`(?!`)")


@cache
def equation_labels() -> set[str]:
    """The labels of all equations of the book."""
    return {label for label, target in index().targets.items() if target.kind == "equation"}


def link_equations(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Make ``Equation `lstm-cell` `` a link; a name that is no label stays as it is."""
    for number, line in enumerate(lines):
        lines[number] = NAME.sub(
            lambda match: f":eq:`{match[1]}`" if match[1] in equation_labels() else match[0], line
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("autodoc-process-docstring", link_equations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
