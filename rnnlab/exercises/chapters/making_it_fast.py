"""Exercises of the chapter "Making it fast".

Fewer and larger products here; how fast they can be, and the scan, in the files beside it.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters import (
    making_it_fast_limits,
    making_it_fast_minimal,
    making_it_fast_scan,
)
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def fused(W_x: dict[str, Tensor], W_h: dict[str, Tensor]) -> Tensor:
    """One matrix for all gates, and for the input and the state side by side."""
    rows = [torch.cat([W_x[gate], W_h[gate]]).mT for gate in "ifgo"]
    return torch.cat(rows)


def _fused_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for X, H in ((3, 2), (2, 2), (1, 4)):
        yield (
            {gate: random(generator, X, H) for gate in "ifog"},
            {gate: random(generator, H, H) for gate in "ifog"},
        )


def _as_they_come(W_x, W_h):
    return torch.cat([torch.cat([W_x[gate], W_h[gate]]).mT for gate in W_x])


def _state_first(W_x, W_h):
    return torch.cat([torch.cat([W_h[gate], W_x[gate]]).mT for gate in "ifgo"])


def _state_not_turned(W_x, W_h):
    return torch.cat([torch.cat([W_x[gate].mT, W_h[gate]], dim=1) for gate in "ifgo"])


def _interleaved(W_x, W_h):
    rows = [torch.cat([W_x[gate], W_h[gate]]).mT for gate in "ifgo"]
    return torch.stack(rows, dim=1).flatten(0, 1)


def states(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor) -> Tensor:
    """All states of an RNN; the input's share of all steps is computed before the loop."""
    found = []
    for from_input in x @ W_ih.mT + b:
        h = torch.tanh(from_input + h @ W_hh.mT)
        found.append(h)
    return torch.stack(found)


def _states_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 2, 3, 2), (1, 1, 2, 3), (3, 1, 1, 2)):
        yield (
            random(generator, T, B, X),
            random(generator, B, H),
            random(generator, H, X),
            random(generator, H, H),
            random(generator, H),
        )


def _too_much_in_advance(x, h, W_ih, W_hh, b):
    return torch.tanh(x @ W_ih.mT + h @ W_hh.mT + b)


def _bias_twice(x, h, W_ih, W_hh, b):
    return states(x, h, W_ih, W_hh, 2 * b)


def _bias_lost(x, h, W_ih, W_hh, b):
    return states(x, h, W_ih, W_hh, 0 * b)


def _recurrent_turned(x, h, W_ih, W_hh, b):
    return states(x, h, W_ih, W_hh.mT, b)


def _sums_handed_on(x, h, W_ih, W_hh, b):
    found = []
    for from_input in x @ W_ih.mT + b:
        h = from_input + h @ W_hh.mT
        found.append(torch.tanh(h))
    return torch.stack(found)


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="fast-fused",
        chapter="making-it-fast",
        title="From eight products to one",
        goal="put the matrices of a textbook's LSTM into one",
        minutes=15,
        level="medium",
        hints=(
            "Two products that are added are one product: put the inputs side by side, and the "
            "matrices one below the other.",
            "A textbook's matrix stands on the right, `x @ W`, with a row for each *input*. Yours "
            "has a row for each *output*. So something must be transposed.",
            "For each gate, `torch.cat([W_x[gate], W_h[gate]])` has $X + H$ rows; its transpose "
            "is one block of rows of the result. Go through the gates in PyTorch's order.",
        ),
        mistakes=(
            Mistake(
                "the gates in the dictionary's order",
                "The blocks of rows stand in the order of the dictionary. Asked for is PyTorch's. "
                "See the table of gate orders in Notation and conventions.",
                _as_they_come,
            ),
            Mistake(
                "the state before the input",
                "The columns of the state come first. The product will get the input first, then "
                "the state.",
                _state_first,
            ),
            Mistake(
                "the state's matrices are not transposed",
                "The input's columns are right, the state's are not: those matrices multiply from "
                "the right too, and their square shape does not complain.",
                _state_not_turned,
            ),
            Mistake(
                "the rows of the gates are mixed",
                "All rows are there, unit by unit in place of gate by gate. `chunk` needs each "
                "gate's rows together.",
                _interleaved,
            ),
        ),
        stub='''def fused(W_x, W_h):
    """One matrix for the eight products of a step, so that cat([x, h], -1) @ W.mT is all of them.

    W_x, W_h: dictionaries with the keys "i", "f", "g", "o" in any order. W_x[gate] is (X, H),
    W_h[gate] is (H, H), as in x @ W_x[gate] + h @ W_h[gate].
    Returns W (4H, X + H), the gates in the order i, f, g, o.
    """
    raise NotImplementedError
''',
        reference=fused,
        cases=_fused_cases,
        parts=(Part("W", ("row", "column")),),
        about="one product for all gates, among the rungs",
        differentiable=True,
        strict_types=True,
        explained="`torch.nn` keeps two such matrices, one for the input and one for the state, "
        "since the input's product need not wait for the state.",
    ),
    Exercise(
        name="fast-in-advance",
        chapter="making-it-fast",
        title="Too much in advance",
        goal="tell what can leave the loop from what cannot",
        minutes=10,
        level="easy",
        hints=(
            "Which of the three terms of the sum are known before the first step?",
            "The old state of step 2 is the result of step 1. So its product has to stay in the "
            "loop.",
            "Before the loop: `x @ W_ih.mT + b`. In the loop: add `h @ W_hh.mT`, then tanh.",
        ),
        mistakes=(
            Mistake(
                "the first state is used at every step",
                "The state's product is computed once, from the first state. Every step after the "
                "first needs that of its own old state.",
                _too_much_in_advance,
            ),
            Mistake(
                "the bias is added twice",
                "The bias is in the sum twice, once before the loop and once in it.",
                _bias_twice,
            ),
            Mistake(
                "the bias is lost",
                "The bias got lost on the way out of the loop.",
                _bias_lost,
            ),
            Mistake(
                "the recurrent matrix is transposed",
                "With sequences in rows the product is with the transpose of W_hh; its square "
                "shape hides the difference.",
                _recurrent_turned,
            ),
            Mistake(
                "the sum is handed on",
                "What goes on to the next step is the sum before the tanh. It should be the state.",
                _sums_handed_on,
            ),
        ),
        stub='''def states(x, h, W_ih, W_hh, b):
    """All states of an RNN. It is fast, and wrong from the second step on.

    x (T, B, X), h (B, H), W_ih (H, X), W_hh (H, H), b (H,). Returns (T, B, H).
    """
    in_advance = x @ W_ih.mT + h @ W_hh.mT + b
    found = []
    for a in in_advance:
        h = torch.tanh(a)
        found.append(h)
    return torch.stack(found)
''',
        reference=states,
        cases=_states_cases,
        parts=(Part("the states", ("step", "sequence", "unit")),),
        about="the input in advance, among the rungs",
        differentiable=True,
        strict_types=True,
    ),
    *making_it_fast_limits.EXERCISES,
    *making_it_fast_scan.EXERCISES,
    *making_it_fast_minimal.EXERCISES,
)
