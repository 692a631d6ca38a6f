"""Exercises of the chapter "Language models": counting.

Axes: ``V`` tokens of the vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part


def smoothed(counts: list[Tensor]) -> Tensor:
    """The n-gram model's probabilities, from no context to the longest."""
    p = torch.ones_like(counts[0]) / len(counts[0])
    for n in counts:
        if n.any():
            different = (n > 0).sum()
            p = (n + different * p) / (n.sum() + different)
    return p


def _counts_cases(_: torch.Generator) -> Iterator[Arguments]:
    def counted(*rows: list[float]) -> list[Tensor]:
        return [torch.tensor(row, dtype=torch.float64) for row in rows]

    yield (counted([9, 5, 3, 1, 0], [4, 0, 2, 0, 0], [1, 0, 0, 0, 0]),)
    yield (counted([9, 5, 3, 1, 0], [0, 0, 2, 1, 0], [0, 0, 0, 0, 0]),)
    yield (counted([2, 0, 1]),)
    yield (counted([0, 0, 0, 0], [0, 0, 0, 0]),)


def _not_seen_before(counts):
    p = torch.ones_like(counts[0]) / len(counts[0])
    for n in counts:
        different = (n > 0).sum()
        p = (n + different * p) / (n.sum() + different)
    return p


def _longest_first(counts):
    return smoothed(counts[::-1])


def _longest_alone(counts):
    return smoothed(counts[-1:])


def _with_weight(counts, weight):
    p = torch.ones_like(counts[0]) / len(counts[0])
    for n in counts:
        if n.sum() > 0:
            p = (n + weight(n) * p) / (n.sum() + weight(n))
    return p


def _vocabulary_as_weight(counts):
    return _with_weight(counts, len)


def _half_and_half(counts):
    return _with_weight(counts, torch.sum)


def _one_as_weight(counts):
    return _with_weight(counts, lambda _: 1)


def _no_floor(counts):
    p = torch.zeros_like(counts[0])
    for n in counts:
        if n.sum() > 0:
            different = (n > 0).sum()
            p = (n + different * p) / (n.sum() + different)
    return p


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="lm-smoothed",
        chapter="language-models",
        title="Ask the shorter context",
        goal="write the probabilities of a smoothed n-gram model",
        minutes=15,
        level="medium",
        hints=(
            "Begin at the bottom of the chain: before anything is counted, every token is as "
            "likely as every other.",
            "Go from the shortest context to the longest. Each mixes its counts with what the "
            "shorter ones say; $D$ is how many *different* tokens followed.",
            "A context that never occurred has nothing to say: leave the probabilities as they "
            "are.",
        ),
        mistakes=(
            Mistake(
                "an unseen context divides by zero",
                "A context that never occurred gives zero over zero. It should pass on what the "
                "shorter one says.",
                _not_seen_before,
            ),
            Mistake(
                "from the longest context down",
                "The longest context is mixed in first, so the shortest has the last word. It must "
                "be the other way round.",
                _longest_first,
            ),
            Mistake(
                "the longest context alone",
                "The longest context is mixed with the uniform distribution, and those between "
                "are not asked.",
                _longest_alone,
            ),
            Mistake(
                "the weight is the size of the vocabulary",
                "The weight of the shorter context is the number of all tokens. It should be the "
                "number of different ones that followed *here*.",
                _vocabulary_as_weight,
            ),
            Mistake(
                "both get the same weight",
                "The weight of the shorter context is the number of occurrences, so both always "
                "count half. A context with a long record should speak for itself.",
                _half_and_half,
            ),
            Mistake(
                "the weight is one",
                "The weight of the shorter context is always 1. It should be the number of "
                "different tokens that followed.",
                _one_as_weight,
            ),
            Mistake(
                "nothing at the bottom",
                "At the bottom of the chain stands zero in place of the uniform distribution. "
                "What was never seen becomes impossible, and the sum is not 1.",
                _no_floor,
            ),
        ),
        stub='''def smoothed(counts):
    """The probabilities of the next token, by Equation lm-interpolation.

    counts: a list of tensors (V,), the shortest context first, which is none. Each says how often
    each token followed that context. Returns probabilities (V,).
    """
    raise NotImplementedError
''',
        reference=smoothed,
        cases=_counts_cases,
        parts=(Part("the probability", ("token",)),),
        about="the player who only counts",
        strict_types=True,
    ),
)
