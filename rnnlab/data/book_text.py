"""The course's own English prose as a text to train on: the book that learns to write itself.

The text is frozen in the package, so that every number that depends on it stays the same while the
chapters change. ``make corpus`` freezes it anew from ``book/``.
"""

from importlib.resources import files


def load_book_text() -> str:
    """Return the frozen text: printable ASCII characters and line feeds, one paragraph a line."""
    return (files("rnnlab.data") / "book.txt").read_text(encoding="ascii")
