"""Exercises of the chapter "Language models": searching.

Axes: ``W`` beginnings in a beam, ``V`` tokens of the vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def beam_step(log_p: Tensor, scores: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The best continuations of all beams together: their scores, their beams, their tokens."""
    V = log_p.shape[1]
    best = (scores[:, None] + log_p).flatten().topk(width)
    return best.values, best.indices // V, best.indices % V


def _beam_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for W, V, width in ((3, 5, 3), (1, 4, 1), (4, 6, 2), (2, 3, 2)):
        log_p = torch.log_softmax(2 * random(generator, W, V), dim=-1)
        yield log_p, random(generator, W) - 3, width


def _chosen(total, width, V):
    best = total.flatten().topk(width)
    return best.values, best.indices // V, best.indices % V


def _past_forgotten(log_p, _, width):
    return _chosen(log_p, width, log_p.shape[1])


def _past_multiplied(log_p, scores, width):
    return _chosen(scores[:, None] * log_p, width, log_p.shape[1])


def _one_for_each(log_p, scores, width):
    values, tokens = (scores[:, None] + log_p).max(dim=1)
    best = values.topk(width)
    return best.values, best.indices, tokens[best.indices]


def _cut_by_beams(log_p, scores, width):
    return _chosen(scores[:, None] + log_p, width, len(log_p))


def _exchanged(log_p, scores, width):
    values, beams, tokens = beam_step(log_p, scores, width)
    return values, tokens, beams


def _worst(log_p, scores, width):
    best = (scores[:, None] + log_p).flatten().topk(width, largest=False)
    return best.values, best.indices // log_p.shape[1], best.indices % log_p.shape[1]


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="lm-beam-step",
        chapter="language-models",
        title="One step of a beam",
        goal="choose among the continuations of several beginnings",
        minutes=15,
        level="medium",
        hints=(
            "The probability of a beginning and one more token is a product. What is it in "
            "logarithms?",
            "All continuations of all beams compete with each other: $W \\cdot V$ numbers, of "
            "which the best are kept.",
            "Flatten the (W, V) sums and take `topk`. In a flat (W, V) table number $k$ stands in "
            "row $k$ divided by $V$, and the remainder is the column.",
        ),
        mistakes=(
            Mistake(
                "the past is forgotten",
                "The scores of the beginnings play no part. A likely end of an unlikely beginning "
                "is unlikely.",
                _past_forgotten,
            ),
            Mistake(
                "logarithms are multiplied",
                "Probabilities are multiplied; their logarithms are not.",
                _past_multiplied,
            ),
            Mistake(
                "each beam keeps one",
                "From each beam one continuation was kept. Two of the best may grow from the same "
                "beam: all compete with all.",
                _one_for_each,
            ),
            Mistake(
                "divided by the number of beams",
                "The scores are right. To find beam and token from a place in the flat table, "
                "divide by the length of its rows.",
                _cut_by_beams,
            ),
            Mistake(
                "beams and tokens are exchanged",
                "The numbers are right. Beams and tokens are returned in each other's place.",
                _exchanged,
            ),
            Mistake(
                "the worst are kept",
                "You kept the least likely. Log-probabilities are negative, and the greater is the "
                "better.",
                _worst,
            ),
        ),
        stub='''def beam_step(log_p, scores, width):
    """Extend the beginnings of a beam search by one token.

    log_p (W, V): log-probabilities of the next token for each beginning.
    scores (W,): the log-probability of each beginning. width: how many to keep, at most W V.
    Returns the scores of the best, best first, the beginning each comes from, and its token,
    each (width,).
    """
    raise NotImplementedError
''',
        reference=beam_step,
        cases=_beam_cases,
        parts=(Part("the scores", ("place",)), Part("the beams", ("place",)), Part("the tokens")),
        about="beam search",
        strict_types=True,
    ),
)
