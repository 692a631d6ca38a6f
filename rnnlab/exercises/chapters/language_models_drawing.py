"""Exercises of the chapter "Language models": drawing.

Axes: ``B`` batch, ``V`` tokens of the vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def at_temperature(logits: Tensor, tau: float) -> Tensor:
    """The probabilities at a temperature."""
    return torch.softmax(logits / tau, dim=-1)


def _temperature_cases(generator: torch.Generator) -> Iterator[Arguments]:
    yield random(generator, 2, 3, 5), 0.5
    yield random(generator, 3, 4), 2.0
    yield random(generator, 1, 6), 1.0
    yield 1000 + random(generator, 4), 0.8


def _multiplied(logits, tau):
    return torch.softmax(logits * tau, dim=-1)


def _no_effect(logits, _):
    return torch.softmax(logits, dim=-1)


def _over_the_batch(logits, tau):
    return torch.softmax(logits / tau, dim=0)


def _not_normalised(logits, tau):
    return torch.softmax(logits, dim=-1) ** (1 / tau)


def _overflow(logits, tau):
    powers = torch.exp(logits / tau)
    return powers / powers.sum(dim=-1, keepdim=True)


def top_k(logits: Tensor, k: int) -> Tensor:
    """The probabilities of the k likeliest tokens; all others get 0."""
    least = logits.topk(k, dim=1).values[:, k - 1 :]
    return torch.softmax(logits.masked_fill(logits < least, -torch.inf), dim=1)


def _top_k_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, V, k in ((3, 6, 2), (1, 4, 4), (2, 5, 3)):
        yield random(generator, B, V), k


def _zero_logits(logits, k):
    least = logits.topk(k).values[:, -1:]
    return torch.softmax(logits.masked_fill(logits < least, 0.0), dim=-1)


def _cut_off(logits, k):
    least = logits.topk(k).values[:, -1:]
    return torch.softmax(logits, dim=-1).masked_fill(logits < least, 0.0)


def _least_likely(logits, k):
    greatest = logits.topk(k, largest=False).values[:, -1:]
    return torch.softmax(logits.masked_fill(logits > greatest, -torch.inf), dim=-1)


def _one_threshold(logits, k):
    least = logits.topk(k).values[:, -1:].min()
    return torch.softmax(logits.masked_fill(logits < least, -torch.inf), dim=-1)


def _one_too_few(logits, k):
    least = logits.topk(k).values[:, -1:]
    return torch.softmax(logits.masked_fill(logits <= least, -torch.inf), dim=-1)


def nucleus(scores: Tensor, q: float) -> Tensor:
    """The probabilities of the fewest likeliest tokens that sum to at least q."""
    p, order = torch.softmax(scores, dim=0).sort(descending=True)
    before = p.cumsum(dim=0) - p
    kept = torch.where(before < q, p, 0.0)
    return torch.zeros_like(p).scatter(0, order, kept / kept.sum())


def _nucleus_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for V, q in ((6, 0.7), (5, 0.99), (8, 0.5), (4, 1e-6)):
        yield random(generator, V), q


def _kept(scores, choose):
    p, order = torch.softmax(scores, dim=-1).sort(descending=True)
    kept = torch.where(choose(p), p, 0.0)
    return torch.zeros_like(p).scatter(0, order, kept / kept.sum())


def _last_one_dropped(scores, q):
    return _kept(scores, lambda p: p.cumsum(0) <= q)


def _one_more(scores, q):
    return _kept(scores, lambda p: p.cumsum(0) - p - p.roll(1).index_fill(0, _FIRST, 0.0) < q)


_FIRST = torch.tensor([0])


def _not_divided(scores, q):
    p, order = torch.softmax(scores, dim=-1).sort(descending=True)
    return torch.zeros_like(p).scatter(0, order, torch.where(p.cumsum(0) - p < q, p, 0.0))


def _left_sorted(scores, q):
    return nucleus(scores, q).sort(descending=True).values


def _not_sorted(scores, q):
    p = torch.softmax(scores, dim=-1)
    kept = torch.where(p.cumsum(0) - p < q, p, 0.0)
    return kept / kept.sum()


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="lm-temperature",
        chapter="language-models",
        title="Warmer and colder",
        goal="give a distribution a temperature",
        minutes=5,
        level="easy",
        hints=(
            "It is a softmax. What changes is what goes into it.",
            "A temperature below 1 must make differences between the logits greater.",
            "Divide the logits, then softmax over the last axis; `torch.softmax` does not "
            "overflow.",
        ),
        mistakes=(
            Mistake(
                "hot and cold are swapped",
                "A low temperature should sharpen the distribution, and yours flattens it.",
                _multiplied,
            ),
            Mistake(
                "the temperature has no effect",
                "The temperature has no effect. If the *probabilities* are divided by it and "
                "brought back to a sum of 1, it cancels.",
                _no_effect,
            ),
            Mistake(
                "the softmax goes along the first axis",
                "The numbers sum to 1 along the first axis. The tokens are along the last.",
                _over_the_batch,
            ),
            Mistake(
                "the sum is not 1",
                "The powers of the probabilities are in the right proportions, but do not sum to "
                "1.",
                _not_normalised,
            ),
            Mistake(
                "the exponentials overflow",
                "With great logits the exponential overflows. Only differences of logits count, so "
                "something can be subtracted first; or leave it to torch.",
                _overflow,
            ),
        ),
        stub='''def at_temperature(logits, tau):
    """The probabilities of the tokens at a temperature.

    logits (..., V), tau above 0. Returns (..., V).
    """
    raise NotImplementedError
''',
        reference=at_temperature,
        cases=_temperature_cases,
        about="temperature and top-k",
        differentiable=True,
        strict_types=True,
    ),
    Exercise(
        name="lm-top-k",
        chapter="language-models",
        title="The k likeliest",
        goal="cut off a distribution and make it one again",
        minutes=10,
        level="easy",
        hints=(
            "What must a logit be for its token to get the probability 0?",
            "`logits.topk(k).values` has the k greatest of each row; its last column is the "
            "least that stays.",
            "Fill all logits below it with minus infinity. Then softmax.",
        ),
        mistakes=(
            Mistake(
                "the others' logits are zero",
                "The other tokens got the logit 0. That is a score like any other, and often not "
                "the least.",
                _zero_logits,
            ),
            Mistake(
                "the sum is below 1",
                "The others are gone, but what they had is missing: the rest does not sum to 1.",
                _cut_off,
            ),
            Mistake(
                "the least likely stay",
                "The *least* likely tokens were kept.",
                _least_likely,
            ),
            Mistake(
                "one threshold for the whole batch",
                "All rows share one threshold, so some keep more than k tokens. Each row needs its "
                "own.",
                _one_threshold,
            ),
            Mistake(
                "one too few",
                "The k-th token is cut off too. It should stay.",
                _one_too_few,
            ),
        ),
        stub='''def top_k(logits, k):
    """The probabilities from which top-k sampling draws.

    logits (B, V), of which no two in a row are equal; k from 1 to V. Returns (B, V).
    """
    raise NotImplementedError
''',
        reference=top_k,
        cases=_top_k_cases,
        parts=(Part("the probability", ("sequence", "token")),),
        about="temperature and top-k",
        differentiable=True,
        strict_types=True,
    ),
    Exercise(
        name="lm-nucleus",
        chapter="language-models",
        title="Nucleus sampling",
        goal="a cut that adapts to how sure the model is",
        minutes=20,
        level="medium",
        hints=(
            "Sort the probabilities in falling order; `cumsum`.",
            "A token stays if the sum of those *before* it is still below $q$. So the first always "
            "stays.",
            "`torch.zeros_like(p).scatter(0, order, kept)` puts them back in their places; then "
            "divide by the sum.",
        ),
        mistakes=(
            Mistake(
                "the last one is dropped",
                "The token with which the sum reaches q was dropped, so the kept ones sum to less "
                "than q. With a small q nothing is left.",
                _last_one_dropped,
            ),
            Mistake(
                "one too many",
                "One token too many was kept: the sum had reached q without it.",
                _one_more,
            ),
            Mistake(
                "the sum is below 1",
                "The right tokens stay, but their probabilities do not sum to 1.",
                _not_divided,
            ),
            Mistake(
                "left in sorted order",
                "The probabilities are right and stand in falling order. They must go back to the "
                "places of their tokens.",
                _left_sorted,
            ),
            Mistake(
                "added up unsorted",
                "The sum runs through the tokens as they stand. The likeliest must come first.",
                _not_sorted,
            ),
        ),
        stub='''def nucleus(scores, q):
    """The probabilities from which nucleus sampling draws.

    scores (V,): logits. Kept is the smallest set of likeliest tokens that sums to at least q,
    0 < q < 1. Returns probabilities (V,).
    """
    raise NotImplementedError
''',
        reference=nucleus,
        cases=_nucleus_cases,
        parts=(Part("the probability", ("token",)),),
        about="temperature and top-k",
        strict_types=True,
    ),
)
