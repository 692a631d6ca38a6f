"""Dates as people write them in many countries, and as ISO 8601 writes them.

An example is a locale and a date in one of that locale's formats, such as ``<de> 3. Mai 2024``, and
the same date as ``2024-05-03``. The formats and names are those of the Unicode CLDR, through Babel.
Every example can be decided: the locale comes first, so that 01/02 has one reading, and no format
abbreviates the year.

There is no end of examples: number k of a split is made from the seed and k. Each date belongs to
one split for good.
"""

import datetime
import random
import zlib
from functools import cache
from typing import Literal

from torch import Tensor
from torch.utils.data import Dataset

from rnnlab.data.batching import Batch
from rnnlab.data.shapes import SequencePairs
from rnnlab.data.vocabulary import Vocabulary

Split = Literal["train", "validation", "test"]

LOCALES = (
    *("en_US", "en_GB", "de", "fr", "es", "it", "pt_BR", "nl", "sv", "da", "nb", "fi", "et"),
    *("pl", "cs", "hu", "ro", "tr", "el", "ru", "uk", "bg", "hr", "ca"),
    *("zh_Hans_CN", "zh_Hant_TW", "ja", "ko", "vi", "id", "hi", "he"),
)  # fmt: skip

#: The first and the last date.
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)

START, STOP = "<start>", "<stop>"

#: CLDR's lengths, and the formats that it gives for a choice of fields; a locale's short form often
#: abbreviates the year, the numeric form "yMd" never does.
_LENGTHS = ("medium", "long", "full")
_FIELDS = ("yMd", "yMMMd", "yMMMEd")


@cache
def formats(locale: str) -> tuple[str, ...]:
    """The date formats of a locale, as CLDR patterns, each once.

    Raises:
        ValueError: A locale that is not among `LOCALES`.
    """
    from babel import Locale  # noqa: PLC0415 - torch alone imports rnnlab

    if locale not in LOCALES:
        raise ValueError(f"expected locale to be one of {LOCALES}, got {locale!r}")
    known = Locale.parse(locale)
    patterns = [known.date_formats[length].pattern for length in _LENGTHS]
    patterns += [
        known.datetime_skeletons[fields].pattern
        for fields in _FIELDS
        if fields in known.datetime_skeletons
    ]
    return tuple(dict.fromkeys(pattern for pattern in patterns if "yy" not in pattern))


def written(date: datetime.date, locale: str, pattern: str) -> str:
    """Write a date in a locale's format, with plain spaces and no marks of direction."""
    from babel.dates import format_date  # noqa: PLC0415

    return _plain(str(format_date(date, pattern, locale=locale)))


def _plain(text: str) -> str:
    return "".join(_PLAIN.get(character, character) for character in text)


def fields(date: datetime.date, locale: str, pattern: str) -> dict[str, range]:
    """Tell where in a written date its year, month and day stand.

    Args:
        date: The date.
        locale: One of `LOCALES`.
        pattern: One of the locale's formats.

    Returns:
        The places of the characters of ``"year"``, ``"month"`` and ``"day"`` in what `written`
        gives. The day of the week belongs to none of them.
    """
    from babel.dates import tokenize_pattern  # noqa: PLC0415

    places, at = {}, 0
    for _, value in tokenize_pattern(pattern):
        if isinstance(value, str):  # what stands between the fields
            at += len(_plain(value))
            continue
        letter, count = value
        start, at = at, at + len(written(date, locale, letter * count))
        if letter in _FIELDS_OF:
            places[_FIELDS_OF[letter]] = range(start, at)
    return places


#: What the letters of a CLDR pattern stand for; L is a month that stands alone.
_FIELDS_OF = {"y": "year", "M": "month", "L": "month", "d": "day"}
#: The same for each character of an ISO date.
_ISO = ("year",) * 4 + ("",) + ("month",) * 2 + ("",) + ("day",) * 2

#: No-break and narrow spaces; the marks that set the direction of writing.
_PLAIN = {"\u00a0": " ", "\u202f": " ", "\u200e": "", "\u200f": ""}


def split_of(date: datetime.date) -> str:
    """Tell the one split that a date belongs to: eight in ten are for training."""
    share = zlib.crc32(date.isoformat().encode()) % 10
    return {0: "validation", 1: "test"}.get(share, "train")


@cache
def source_vocabulary() -> Vocabulary:
    """A token for each locale, then every character that any format of any locale needs."""
    year = [datetime.date(2024, 1, 1) + datetime.timedelta(days) for days in range(366)]
    characters = {
        character
        for locale in LOCALES
        for pattern in formats(locale)
        for date in year
        for character in written(date, locale, pattern)
    }
    return Vocabulary.of(
        [*characters, *"0123456789"], special=[f"<{locale}>" for locale in LOCALES]
    )


def target_vocabulary() -> Vocabulary:
    """A start, a stop, the hyphen and the ten digits."""
    return Vocabulary.of("-0123456789", special=(START, STOP))


class Dates(Dataset[tuple[Tensor, Tensor]]):
    """Dates in words and figures, and their ISO form, for N-to-M models.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        size: How many examples; there are more, so take as many as you need.
        seed: Of the choice of locale, format and date.
        locales: Where the formats come from.

    Raises:
        ValueError: An unknown split or locale.
    """

    def __init__(
        self, split: Split, size: int, *, seed: int = 0, locales: tuple[str, ...] = LOCALES
    ) -> None:
        if split not in ("train", "validation", "test"):
            raise ValueError(f"expected split to be train, validation or test, got {split!r}")
        if not locales:
            raise ValueError("expected at least one locale, got none")
        self.split, self.size, self.seed = split, size, seed
        self.formats = [(locale, pattern) for locale in locales for pattern in formats(locale)]
        self._sources, self._targets = source_vocabulary(), target_vocabulary()

    def __len__(self) -> int:
        return self.size

    def drawn(self, index: int) -> tuple[str, str, datetime.date]:
        """The locale, the pattern and the date of one example."""
        if not 0 <= index < self.size:
            raise IndexError(f"expected an example from 0 to {self.size - 1}, got {index}")
        draw = random.Random(f"{self.seed} {self.split} {index}")
        locale, pattern = draw.choice(self.formats)
        while True:
            ordinal = draw.randint(FIRST.toordinal(), LAST.toordinal())
            date = datetime.date.fromordinal(ordinal)
            if split_of(date) == self.split:
                return locale, pattern, date

    def text(self, index: int) -> tuple[str, str, str]:
        """The locale, the date as written there, and in ISO form, of one example."""
        locale, pattern, date = self.drawn(index)
        return locale, written(date, locale, pattern), date.isoformat()

    def alignment(self, index: int) -> list[range]:
        """Where in the source each character of the ISO date comes from; hyphens from nowhere.

        Places count the locale's token, which is first.
        """
        locale, pattern, date = self.drawn(index)
        places = fields(date, locale, pattern)
        return [
            range(places[part].start + 1, places[part].stop + 1) if part else range(0)
            for part in _ISO
        ]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Source, the locale's token and the characters, (T,); target, start to stop, (12,)."""
        locale, source, target = self.text(index)
        return source_tokens(locale, source), self._targets.encode([START, *target, STOP])

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad, as `rnnlab.data.shapes.SequencePairs` does."""
        return SequencePairs.collate(examples)


def source_tokens(locale: str, text: str) -> Tensor:
    """Return a written date as a model reads it: the locale's token, then each character, (T,).

    Raises:
        ValueError: An unknown locale, or a character that no format has.
    """
    return source_vocabulary().encode([f"<{locale}>", *text])
