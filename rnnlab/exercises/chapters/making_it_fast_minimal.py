"""Exercises of the chapter "Making it fast": a layer that a scan can compute.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def mingru_step(x: Tensor, h: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """One step of a minGRU, whose gate and candidate look at the input alone."""
    z, candidate = (x @ W.mT + b).chunk(2, dim=1)
    z = torch.sigmoid(z)
    return (1 - z) * h + z * candidate


def _mingru_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 4), (1, 5, 2), (3, 1, 1)):
        yield (
            random(generator, B, X),
            random(generator, B, H),
            random(generator, 2 * H, X),
            random(generator, 2 * H),
        )


def _halves(x, W, b):
    first, second = (x @ W.mT + b).chunk(2, dim=1)
    return first, second


def _keeps(x, h, W, b):
    z, candidate = _halves(x, W, b)
    z = torch.sigmoid(z)
    return z * h + (1 - z) * candidate


def _halves_swapped(x, h, W, b):
    candidate, z = _halves(x, W, b)
    z = torch.sigmoid(z)
    return (1 - z) * h + z * candidate


def _tanh_candidate(x, h, W, b):
    z, candidate = _halves(x, W, b)
    z = torch.sigmoid(z)
    return (1 - z) * h + z * torch.tanh(candidate)


def _open_gate(x, h, W, b):
    z, candidate = _halves(x, W, b)
    return (1 - z) * h + z * candidate


def _nothing_let_go(x, h, W, b):
    z, candidate = _halves(x, W, b)
    return h + torch.sigmoid(z) * candidate


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="fast-mingru",
        chapter="making-it-fast",
        title="A step of the minGRU",
        goal="write a gated layer that does not look at its state",
        minutes=10,
        level="easy",
        hints=(
            "Three equations. One product gives the sums of gate and candidate for all units.",
            "Cut the sum in two along the last axis. Only the gate goes through a sigmoid.",
            "The gate *takes*: where it is 1, the new state is the candidate.",
        ),
        mistakes=(
            Mistake(
                "the gate keeps",
                "Your gate keeps the old state where it is 1. In the minGRU of the chapter it "
                "takes the candidate.",
                _keeps,
            ),
            Mistake(
                "gate and candidate are swapped",
                "The halves of the sum are swapped. The first rows of W make the gate.",
                _halves_swapped,
            ),
            Mistake(
                "tanh on the candidate",
                "The candidate went through a tanh, as in the GRU. In the plain form of the "
                "minGRU it does not.",
                _tanh_candidate,
            ),
            Mistake(
                "a gate without a sigmoid",
                "The gate's sum was used as it is. A share lies between 0 and 1.",
                _open_gate,
            ),
            Mistake(
                "nothing is let go",
                "The candidate is added, but the old state stays in full. What is taken and what "
                "is kept are shares of one.",
                _nothing_let_go,
            ),
        ),
        stub='''def mingru_step(x, h, W, b):
    """One step of a minGRU.

    x (B, X), h (B, H), W (2H, X) and b (2H,): first the rows of the gate z, then those of the
    candidate. Returns the new h (B, H).
    """
    raise NotImplementedError
''',
        reference=mingru_step,
        cases=_mingru_cases,
        parts=(Part("h", ("sequence", "unit")),),
        about="the three equations of the minGRU",
        differentiable=True,
        strict_types=True,
    ),
)
