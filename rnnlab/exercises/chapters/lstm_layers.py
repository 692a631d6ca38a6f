"""Exercises of the chapter "LSTM": a layer with faults.

Axes: ``T`` steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def run_lstm(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """All hidden states of an LSTM, and the last hidden and cell state."""
    output = []
    for x_t in x:
        i, f, g, o = (x_t @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        output.append(h)
    return torch.stack(output), (h, c)


def _run_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 2, 3, 5), (1, 3, 2, 2), (6, 1, 4, 3)):
        yield (
            random(generator, T, B, X),
            random(generator, B, H),
            random(generator, B, H),
            random(generator, 4 * H, X),
            random(generator, 4 * H, H),
            random(generator, 4 * H),
        )


def _steps(x, h, c, W_ih, W_hh, b, keep_h=True, keep_c=True, show_c=False):
    """Run an LSTM that may hand on neither state, or show the wrong one."""
    output, new_h, new_c = [], h, c
    for x_t in x:
        i, f, g, o = (x_t @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)
        new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        new_h = torch.sigmoid(o) * torch.tanh(new_c)
        output.append(new_c if show_c else new_h)
        h, c = new_h if keep_h else h, new_c if keep_c else c
    return torch.stack(output), (new_h, c)


def _both_faults(x, h, c, W_ih, W_hh, b):
    output, (last, cell) = _steps(x, h, c, W_ih, W_hh, b, keep_c=False)
    return output, (cell, last)


def _cell_not_renewed(x, h, c, W_ih, W_hh, b):
    return _steps(x, h, c, W_ih, W_hh, b, keep_c=False)


def _pair_exchanged(x, h, c, W_ih, W_hh, b):
    output, (last, cell) = run_lstm(x, h, c, W_ih, W_hh, b)
    return output, (cell, last)


def _hidden_not_renewed(x, h, c, W_ih, W_hh, b):
    return _steps(x, h, c, W_ih, W_hh, b, keep_h=False)


def _cells_shown(x, h, c, W_ih, W_hh, b):
    return _steps(x, h, c, W_ih, W_hh, b, show_c=True)


REPAIR = Exercise(
    name="lstm-repair",
    chapter="lstm",
    title="A layer that forgets",
    goal="find two faults that raise no error",
    minutes=15,
    level="medium",
    hints=(
        "Follow the cell state through two rounds of the loop. Which one does the second round "
        "read?",
        "The new cell state has a name of its own, and nothing hands it on to the next step. The "
        "other fault stands in the last line.",
        "Give the new cell state the name under which the next step reads the old one. PyTorch's "
        "pair is the hidden state first, then the cell state.",
    ),
    mistakes=(
        Mistake(
            "as it was",
            "Both faults are still there. One lies in what the second step reads, the other in "
            "the order of what is returned.",
            _both_faults,
        ),
        Mistake(
            "the cell state is not handed on",
            "The pair is in order now. But every step still starts from the first cell state, so "
            "the conveyor belt never moves.",
            _cell_not_renewed,
        ),
        Mistake(
            "the pair is exchanged",
            "The cell state is handed on now. The two final states still come back in the wrong "
            "order. See the trap about the order of the state.",
            _pair_exchanged,
        ),
        Mistake(
            "the hidden state is not handed on",
            "Every step's gates read the first hidden state. And which cell state do they get?",
            _hidden_not_renewed,
        ),
        Mistake(
            "cell states as output",
            "`output` holds the cell states. Only the hidden state leaves the cell.",
            _cells_shown,
        ),
    ),
    stub='''def run_lstm(x, h, c, W_ih, W_hh, b):
    """An LSTM over time, gates in PyTorch's order i, f, g, o.

    x (T, B, X), h and c (B, H), W_ih (4H, X), W_hh (4H, H), b (4H,).
    Returns output (T, B, H) and the pair of final states, as nn.LSTM does.
    """
    output = []
    for x_t in x:
        i, f, g, o = (x_t @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)
        new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(new)
        output.append(h)
    return torch.stack(output), (c, h)
''',
    reference=run_lstm,
    cases=_run_cases,
    parts=(
        Part("output", ("step", "sequence", "unit")),
        Part("h_n", ("sequence", "unit")),
        Part("c_n", ("sequence", "unit")),
    ),
    about="the cell state, a conveyor belt",
    differentiable=True,
    strict_types=True,
)
