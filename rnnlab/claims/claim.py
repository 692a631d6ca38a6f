"""What a claim is: a sentence of the textbooks, a verdict, and numbers that bear the verdict out.

The numbers are computed, or read from a result file, each time that they are asked for. So a row of
the table cannot say what was true once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

#: Reads a result file by its name, as `rnnlab.results.load` does.
Load = Callable[[str], dict[str, Any]]
Verdict = Literal["holds", "holds if", "does not hold", "a convention"]


@dataclass(frozen=True)
class Evidence:
    """What was found when a claim was put to the test.

    Attributes:
        says: A sentence with a place, ``{name}`` or ``{name:.2f}``, for each number.
        numbers: The numbers, by name; what is true or false is said as "yes" or "no".
        bears_out: Whether they bear out the verdict.

    Raises:
        ValueError: A number without a place, or a place without its number.
    """

    says: str
    numbers: Mapping[str, float]
    bears_out: bool

    def __post_init__(self) -> None:
        missing = [name for name in self.numbers if f"{{{name}" not in self.says]
        if missing:
            raise ValueError(f"expected a place for each number, got none for {missing}")
        try:
            str(self)
        except KeyError as error:
            raise ValueError(f"expected a number for each place, got none for {error}") from error

    def __str__(self) -> str:
        words = {True: "yes", False: "no"}
        shown = {k: words[v] if isinstance(v, bool) else v for k, v in self.numbers.items()}
        return self.says.format(**shown)


@dataclass(frozen=True)
class Claim:
    """One row of the table.

    Attributes:
        name: As in the curriculum: C1, C2, ...; a letter behind it tells sentences apart that
            contradict each other.
        says: The claim, as it is met.
        verdict: What became of it.
        reading: The verdict in a sentence: on which condition it holds, or what is true instead.
        sources: Where the numbers come from: names of result files; none if they are computed.
        shown: Labels of the sections of the book that show it at length.
        measure: Puts it to the test, given what reads result files.

    Raises:
        ValueError: An unknown verdict.
    """

    name: str
    says: str
    verdict: Verdict
    reading: str
    sources: tuple[str, ...]
    shown: tuple[str, ...]
    measure: Callable[[Load], Evidence]

    def __post_init__(self) -> None:
        if self.verdict not in get_args(Verdict):
            raise ValueError(f"expected a verdict of {get_args(Verdict)}, got {self.verdict!r}")


def mean(values: Any) -> float:
    """The mean of some numbers."""
    numbers = list(values)
    return float(sum(numbers) / len(numbers))
