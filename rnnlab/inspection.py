"""Showing the package's own source in a chapter, so that what the page shows cannot go stale."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.display import Markdown


def source_of(thing: Callable[..., Any] | type, *, docstring: bool = True) -> str:
    """Return the source of a function or class as it stands in its file.

    Args:
        thing: A function or class of the package.
        docstring: Whether to keep its docstring; without it, only the code that runs is left.

    Returns:
        The source, without the indentation of what surrounds it.
    """
    source = textwrap.dedent(inspect.getsource(thing))
    if docstring:
        return source
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    if ast.get_docstring(definition) is None:
        return source
    first = definition.body[0]
    lines = source.splitlines(keepends=True)
    return "".join(lines[: first.lineno - 1] + lines[first.end_lineno :]).replace("\n\n\n", "\n\n")


def show_source(thing: Callable[..., Any] | type, *, docstring: bool = True) -> "Markdown":
    """Show the source of a function or class in a notebook, under the name of its file.

    Args:
        thing: A function or class of the package.
        docstring: Whether to show its docstring.

    Returns:
        What a notebook shows when a cell ends with it.
    """
    from IPython.display import Markdown  # noqa: PLC0415  (only notebooks have it)

    package = Path(__file__).parent
    file = Path(inspect.getsourcefile(thing) or "")
    place = file.relative_to(package.parent).as_posix()
    source = source_of(thing, docstring=docstring)
    return Markdown(f"From `{place}`:\n\n```python\n{source}```")
