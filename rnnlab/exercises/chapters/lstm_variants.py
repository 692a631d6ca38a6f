"""Exercises of the chapter "LSTM": weights in another order, and a cell with two gates in one.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def from_onnx(W: Tensor, R: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """PyTorch's four tensors of an LSTM from ONNX's three."""

    def reorder(blocks: Tensor) -> Tensor:
        i, o, f, c = blocks.chunk(4)
        return torch.cat([i, f, c, o])

    b_ih, b_hh = B[0].chunk(2)  # before they are reordered: each has four blocks of its own
    return reorder(W[0]), reorder(R[0]), reorder(b_ih), reorder(b_hh)


def _onnx_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for X, H in ((3, 2), (1, 4), (5, 5)):
        yield (
            random(generator, 1, 4 * H, X),
            random(generator, 1, 4 * H, H),
            random(generator, 1, 8 * H),
        )


def _arranged(order):
    """The answer that puts the four blocks in a certain order."""

    def answer(W, R, B):
        def reorder(tensor):
            blocks = tensor.chunk(4)
            return torch.cat([blocks[k] for k in order])

        return reorder(W[0]), reorder(R[0]), *map(reorder, B[0].chunk(2))

    return answer


def _biases_exchanged(W, R, B):
    W_ih, W_hh, b_ih, b_hh = from_onnx(W, R, B)
    return W_ih, W_hh, b_hh, b_ih


def _biases_as_they_are(W, R, B):
    return *from_onnx(W, R, B)[:2], *B[0].chunk(2)


def _biases_interleaved(W, R, B):
    pairs = torch.stack(B[0].chunk(8)).unflatten(0, (4, 2)).flatten(2)
    joined = torch.cat([pairs[:, 0].flatten(), pairs[:, 1].flatten()])
    return from_onnx(W, R, joined[None])


def _biases_added(W, R, B):
    W_ih, W_hh, b_ih, b_hh = from_onnx(W, R, B)
    return W_ih, W_hh, b_ih + b_hh, torch.zeros_like(b_hh)


def coupled_step(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """An LSTM step whose input gate is what the forget gate leaves."""
    f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _coupled_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 4), (1, 5, 2), (3, 2, 2)):
        yield (
            random(generator, B, X),
            random(generator, B, H),
            random(generator, B, H),
            random(generator, 3 * H, X),
            random(generator, 3 * H, H),
            random(generator, 3 * H),
        )


def _blocks(x, h, W_ih, W_hh, b):
    f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(3, dim=-1)
    return f.sigmoid(), g.tanh(), o.sigmoid()


def _shares_exchanged(x, h, c, W_ih, W_hh, b):
    f, g, o = _blocks(x, h, W_ih, W_hh, b)
    new = (1 - f) * c + f * g
    return o * new.tanh(), new


def _writes_what_it_keeps(x, h, c, W_ih, W_hh, b):
    f, g, o = _blocks(x, h, W_ih, W_hh, b)
    new = f * c + f * g
    return o * new.tanh(), new


def _writes_everything(x, h, c, W_ih, W_hh, b):
    f, g, o = _blocks(x, h, W_ih, W_hh, b)
    new = f * c + g
    return o * new.tanh(), new


def _old_cell_shown(x, h, c, W_ih, W_hh, b):
    o = _blocks(x, h, W_ih, W_hh, b)[2]
    return o * c.tanh(), coupled_step(x, h, c, W_ih, W_hh, b)[1]


def _no_tanh_out(x, h, c, W_ih, W_hh, b):
    new = coupled_step(x, h, c, W_ih, W_hh, b)[1]
    return _blocks(x, h, W_ih, W_hh, b)[2] * new, new


def _candidate_as_it_is(x, h, c, W_ih, W_hh, b):
    f, _, o = _blocks(x, h, W_ih, W_hh, b)
    g = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(3, dim=-1)[1]
    new = f * c + (1 - f) * g
    return o * new.tanh(), new


ONNX = Exercise(
    name="lstm-from-onnx",
    chapter="lstm",
    title="Weights from ONNX",
    goal="load weights that are stored in another order",
    minutes=15,
    level="medium",
    hints=(
        "The leading axis of size 1 is the direction. Take it off first.",
        "`B` is two biases of 4H numbers each. Split it *before* you reorder: its eight blocks are "
        "not the four of an LSTM.",
        "Cut each of the four tensors into four blocks of rows. ONNX has i, o, f, c; PyTorch wants "
        "i, f, g, o, and its g is ONNX's c.",
    ),
    mistakes=(
        Mistake(
            "the blocks are not reordered",
            "The direction is gone, but the blocks still lie in ONNX's order. Every shape fits, "
            "and the gates do each other's work.",
            _arranged((0, 1, 2, 3)),
        ),
        Mistake(
            "reordered the other way round",
            "That is the way from PyTorch to ONNX. Write down both orders and ask, for each of "
            "PyTorch's places, where its block lies in ONNX.",
            _arranged((0, 3, 1, 2)),
        ),
        Mistake(
            "f and c are exchanged",
            "The forget gate and the candidate have changed places. ONNX stores i, o, f, c.",
            _arranged((0, 3, 2, 1)),
        ),
        Mistake(
            "the biases are not reordered",
            "The weights are right. The two biases are cut apart, but their blocks still lie in "
            "ONNX's order.",
            _biases_as_they_are,
        ),
        Mistake(
            "the biases are taken as interleaved",
            "The weights are right. In `B` the whole input bias comes first and then the whole "
            "recurrent bias, not one after the other for each gate.",
            _biases_interleaved,
        ),
        Mistake(
            "the biases are exchanged",
            "The two biases have changed places. An LSTM computes the same with them, so no "
            "output would tell you. `B` begins with the input's.",
            _biases_exchanged,
        ),
        Mistake(
            "the biases are added up",
            "Both biases were merged into one. An LSTM computes the same with them, but asked is "
            "what PyTorch would have stored: two.",
            _biases_added,
        ),
    ),
    stub='''def from_onnx(W, R, B):
    """PyTorch's tensors of an LSTM, from those of an ONNX file.

    W (1, 4H, X) and R (1, 4H, H): input and recurrent weights, blocks in the order i, o, f, c.
    B (1, 8H): the input bias, then the recurrent bias, 4H each, blocks in the same order.
    Returns weight_ih (4H, X), weight_hh (4H, H), bias_ih (4H,), bias_hh (4H,), blocks i, f, g, o.
    """
    raise NotImplementedError
''',
    reference=from_onnx,
    cases=_onnx_cases,
    parts=(
        Part("weight_ih", ("row", "input")),
        Part("weight_hh", ("row", "unit")),
        Part("bias_ih", ("row",), ("i", "f", "g", "o")),
        Part("bias_hh", ("row",), ("i", "f", "g", "o")),
    ),
    about="the trap about the order of the gates",
    differentiable=True,
    strict_types=True,
    explained="`rnnlab.conventions.reorder_gates` does the same for any two libraries.",
)

COUPLED = Exercise(
    name="lstm-coupled",
    chapter="lstm",
    title="Couple two gates",
    goal="change the cell, and find out what the change does",
    minutes=15,
    level="medium",
    hints=(
        "Compared with the LSTM, one block is no longer needed and one line changes.",
        "A sum with the weights f and 1 - f lies between the old cell state and the candidate.",
        "What the forget gate keeps of the old, plus what it leaves, 1 - f, of tanh of the "
        "candidate's sum. The way out is that of the LSTM.",
    ),
    mistakes=(
        Mistake(
            "keep and write exchanged",
            "The old state gets 1 - f and the candidate f. A forget gate near 1 keeps.",
            _shares_exchanged,
        ),
        Mistake(
            "it writes what it keeps",
            "The candidate gets f, the same share as the old state. Coupled means that one gets "
            "what the other leaves.",
            _writes_what_it_keeps,
        ),
        Mistake(
            "it always writes",
            "The candidate is written in full. Its share should be what the forget gate leaves.",
            _writes_everything,
        ),
        Mistake(
            "the old cell is shown",
            "The hidden state is made of the old cell state. The output gate shows the new one.",
            _old_cell_shown,
        ),
        Mistake(
            "no tanh on the way out",
            "The new cell is right, but the hidden state shows it without tanh.",
            _no_tanh_out,
        ),
        Mistake(
            "the candidate is not squeezed",
            "The candidate comes out of its sum as it is. Without tanh the cell could leave "
            "[-1, 1].",
            _candidate_as_it_is,
        ),
    ),
    stub='''def coupled_step(x, h, c, W_ih, W_hh, b):
    """One step of an LSTM whose input gate is 1 - f. Blocks in the order f, g, o.

    x (B, X), h and c (B, H), W_ih (3H, X), W_hh (3H, H), b (3H,).
    Returns the new h and the new c, each (B, H).
    """
    raise NotImplementedError
''',
    reference=coupled_step,
    cases=_coupled_cases,
    parts=(Part("h", ("sequence", "unit")), Part("c", ("sequence", "unit"))),
    about="the cell state, a conveyor belt",
    differentiable=True,
    strict_types=True,
    explained=(
        "The new c lies between the old c and a number in (-1, 1). So if c starts in [-1, 1], it "
        "can never leave; the ordinary cell's can."
    ),
)
