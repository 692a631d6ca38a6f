"""Citations and reference lists for notebooks, from the book's BibTeX file."""

import re
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import Entry, Person, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style


@dataclass(frozen=True)
class Bibliography:
    """Every work that the book may cite.

    Attributes:
        works: The entries by key.
    """

    works: dict[str, Entry]

    @classmethod
    def read(cls, path: Path) -> "Bibliography":
        """Read a BibTeX file."""
        return cls(dict(parse_file(str(path)).entries))

    def textual(self, key: str) -> str:
        """A citation in the flow of a sentence: Hochreiter and Schmidhuber (1997)."""
        return f"{self._names(key)} ({self._year(key)})"

    def parenthetical(self, key: str) -> str:
        """A citation in brackets, without the brackets: Hochreiter and Schmidhuber, 1997."""
        return f"{self._names(key)}, {self._year(key)}"

    def reference(self, key: str) -> str:
        """The entry of a reference list, as Markdown."""
        entry = self.works[key]
        formatted = next(iter(Style().format_entries([entry])))
        text: str = formatted.text.render_as("markdown")
        return " ".join(re.sub(r"\\([^\w\s])", r"\1", text).split())

    def _year(self, key: str) -> str:
        return str(self.works[key].fields["year"])

    def family_name(self, key: str) -> str:
        """What a reference list is sorted by."""
        return f"{self._names(key)} {self._year(key)}".casefold()

    def _names(self, key: str) -> str:
        people: list[Person] = self.works[key].persons["author"]
        names = [_plain(" ".join(person.prelast_names + person.last_names)) for person in people]
        if len(names) > 2:
            return f"{names[0]} et al."
        return " and ".join(names)


def _plain(name: str) -> str:
    """A name without BibTeX's braces, its accents resolved."""
    return str(Text.from_latex(name))
