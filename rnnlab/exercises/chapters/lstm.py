"""Exercises of the chapter "LSTM".

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters.lstm_layers import REPAIR
from rnnlab.exercises.chapters.lstm_memory import BY_HAND, HALF_LIFE
from rnnlab.exercises.chapters.lstm_variants import COUPLED, ONNX
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: the new hidden state and the new cell state."""
    i, f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _step_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 5), (1, 5, 2), (3, 2, 2)):
        yield (
            random(generator, B, X),
            random(generator, B, H),
            random(generator, B, H),
            random(generator, 4 * H, X),
            random(generator, 4 * H, H),
            random(generator, 4 * H),
        )


def _sums(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor) -> list[Tensor]:
    return list((x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1))


def _gates_swapped(x, h, c, W_ih, W_hh, b):
    f, i, g, o = _sums(x, h, W_ih, W_hh, b)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _keras_order(x, h, c, W_ih, W_hh, b):
    i, o, f, g = _sums(x, h, W_ih, W_hh, b)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _no_tanh_out(x, h, c, W_ih, W_hh, b):
    i, f, g, o = _sums(x, h, W_ih, W_hh, b)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * c, c


def _sigmoid_candidate(x, h, c, W_ih, W_hh, b):
    i, f, g, o = _sums(x, h, W_ih, W_hh, b)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.sigmoid(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _old_cell(x, h, c, W_ih, W_hh, b):
    i, f, g, o = _sums(x, h, W_ih, W_hh, b)
    new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), new


def _no_bias(x, h, c, W_ih, W_hh, b):
    return lstm_step(x, h, c, W_ih, W_hh, 0 * b)


def _no_recurrence(x, h, c, W_ih, W_hh, b):
    return lstm_step(x, 0 * h, c, W_ih, W_hh, b)


EXERCISES: tuple[Exercise | Question, ...] = (
    BY_HAND,
    Exercise(
        name="lstm-step",
        chapter="lstm",
        title="One step",
        goal="write the LSTM from its equations",
        minutes=15,
        level="medium",
        hints=(
            "All four gates come from one sum: the input's product, the state's product, the bias.",
            "Cut the sum into four equal blocks along the last axis, in PyTorch's order: input "
            "gate, forget gate, candidate, output gate.",
            "The candidate goes through tanh, the three gates through the sigmoid. The new cell "
            "is what is kept plus what is written; the new hidden state is the output gate times "
            "tanh of the *new* cell.",
        ),
        mistakes=(
            Mistake(
                "input and forget gate are swapped",
                "The input gate and the forget gate are swapped. PyTorch stores input first. See "
                "the table of gate orders in Notation and conventions.",
                _gates_swapped,
            ),
            Mistake(
                "another order of gates",
                "The blocks are read in the order i, o, f, g, as ONNX orders them, not in "
                "PyTorch's. See the table of gate orders in Notation and conventions.",
                _keras_order,
            ),
            Mistake(
                "no tanh on the way out",
                "The new cell is right, but the hidden state shows it as it is. What squeezes the "
                "cell state before the output gate? See the output gate in the chapter.",
                _no_tanh_out,
            ),
            Mistake(
                "a sigmoid on the candidate",
                "The candidate went through a sigmoid, so nothing can ever be subtracted from the "
                "cell. Which squashing function has negative values?",
                _sigmoid_candidate,
            ),
            Mistake(
                "the old cell is shown",
                "The hidden state is made of the old cell state. The output gate shows the new "
                "one.",
                _old_cell,
            ),
            Mistake(
                "the bias is left out",
                "The bias is missing from the sums of the gates.",
                _no_bias,
            ),
            Mistake(
                "the state is not read",
                "The old hidden state has no effect on the gates. Each of them reads the input "
                "and the state.",
                _no_recurrence,
            ),
        ),
        stub='''def lstm_step(x, h, c, W_ih, W_hh, b):
    """One step of an LSTM, gates in PyTorch's order i, f, g, o.

    x (B, X), h and c (B, H), W_ih (4H, X), W_hh (4H, H), b (4H,).
    Returns the new h and the new c, each (B, H).
    """
    raise NotImplementedError
''',
        reference=lstm_step,
        cases=_step_cases,
        parts=(Part("h", ("sequence", "unit")), Part("c", ("sequence", "unit"))),
        about="the six equations of the LSTM",
        differentiable=True,
        strict_types=True,
    ),
    REPAIR,
    HALF_LIFE,
    ONNX,
    COUPLED,
)
