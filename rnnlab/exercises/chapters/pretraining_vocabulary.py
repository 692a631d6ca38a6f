"""Exercises of the chapter "Pretraining": another vocabulary.

Axes: ``V`` tokens of the vocabulary, ``E`` numbers for each token.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def rows(table: Tensor, theirs: list[str], ours: list[str], unknown: str) -> Tensor:
    """The pretrained row of each of our tokens; that of the unknown one where there is none."""
    place = {token: k for k, token in enumerate(theirs)}
    return table[[place.get(token, place[unknown]) for token in ours]]


def _rows_cases(generator: torch.Generator) -> Iterator[Arguments]:
    theirs = ["a", "?", "b", "c"]
    yield random(generator, 4, 3), theirs, ["c", "z", "a", "b"], "?"
    yield random(generator, 4, 1), theirs, ["b", "y"], "?"
    yield random(generator, 4, 2), theirs, ["c", "b", "a"], "a"


def _by_number(table, _, ours, __):
    return table[: len(ours)]


def _zeros_for_unknown(table, theirs, ours, unknown):
    known = torch.tensor([token in theirs for token in ours])
    return rows(table, theirs, ours, unknown) * known[:, None]


def _mean_for_unknown(table, theirs, ours, unknown):
    known = torch.tensor([token in theirs for token in ours])
    return torch.where(known[:, None], rows(table, theirs, ours, unknown), table.mean(dim=0))


def _first_for_unknown(table, theirs, ours, _):
    return rows(table, theirs, ours, theirs[0])


def _theirs_sorted(table, theirs, ours, unknown):
    return rows(table, sorted(theirs), ours, unknown)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="pretraining-rows",
        chapter="pretraining",
        title="Another vocabulary",
        goal="carry an embedding over to another numbering",
        minutes=10,
        level="easy",
        hints=(
            "A row belongs to a token, not to a number. Where does each of *our* tokens stand in "
            "*their* list?",
            "A dictionary from their tokens to places answers it; its `get` takes what is to be "
            "used where there is none.",
            "`table[places]` with a list of places picks the rows in that order.",
        ),
        mistakes=(
            Mistake(
                "rows by their number",
                "The rows stand as they stood. All shapes fit, and the network reads another "
                "script: see the trap in the chapter.",
                _by_number,
            ),
            Mistake(
                "zeros for the unknown",
                "Known tokens are right. A token that they lack got zeros; the pretrained model "
                "has a row for such cases.",
                _zeros_for_unknown,
            ),
            Mistake(
                "the mean for the unknown",
                "Known tokens are right. A token that they lack got the mean of all rows; the "
                "pretrained model has a row for such cases.",
                _mean_for_unknown,
            ),
            Mistake(
                "the first row for the unknown",
                "Known tokens are right. A token that they lack got row 0, which belongs to some "
                "token. Which row is the unknown one's?",
                _first_for_unknown,
            ),
            Mistake(
                "their tokens were sorted",
                "Their tokens were put into another order before they were looked up. The table's "
                "rows stand in theirs.",
                _theirs_sorted,
            ),
        ),
        stub='''def rows(table, theirs, ours, unknown):
    """A pretrained embedding, for a vocabulary of our own.

    table (V, E): a row for each of their tokens. theirs: a list of V tokens, in the order of the
    rows. ours: a list of tokens. unknown: that one of theirs which stands for all others.
    Returns a table with a row for each of our tokens.
    """
    raise NotImplementedError
''',
        reference=rows,
        cases=_rows_cases,
        parts=(Part("the table", ("token", "number")),),
        about="the same shape, another vocabulary",
        differentiable=True,
        strict_types=True,
    ),
)
