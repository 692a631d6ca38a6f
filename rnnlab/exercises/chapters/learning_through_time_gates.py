"""Exercises of the chapter "Learning through time": back through the gates.

Axes: ``B`` batch, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def cell_and_forget(
    d_h: Tensor, d_c_next: Tensor, f_next: Tensor, o: Tensor, c: Tensor, c_before: Tensor, f: Tensor
) -> tuple[Tensor, Tensor]:
    """What reaches the cell state, and the sum of its forget gate."""
    d_c = f_next * d_c_next + d_h * o * (1 - torch.tanh(c) ** 2)
    return d_c, d_c * c_before * f * (1 - f)


def _cell_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, H in ((2, 3), (1, 1), (3, 4)):
        yield (
            random(generator, B, H),
            random(generator, B, H),
            torch.sigmoid(random(generator, B, H)),
            torch.sigmoid(random(generator, B, H)),
            random(generator, B, H),
            random(generator, B, H),
            torch.sigmoid(random(generator, B, H)),
        )


def _carried_by_this(d_h, d_c_next, _, o, c, c_before, f):
    return cell_and_forget(d_h, d_c_next, f, o, c, c_before, f)


def _nothing_carried(d_h, d_c_next, f_next, o, c, c_before, f):
    return cell_and_forget(d_h, 0 * d_c_next, f_next, o, c, c_before, f)


def _slope_of_cell(d_h, d_c_next, f_next, o, c, c_before, f):
    d_c = f_next * d_c_next + d_h * o * (1 - c**2)
    return d_c, d_c * c_before * f * (1 - f)


def _no_output_gate(d_h, d_c_next, f_next, o, c, c_before, f):
    return cell_and_forget(d_h, d_c_next, f_next, torch.ones_like(o), c, c_before, f)


def _new_cell(d_h, d_c_next, f_next, o, c, _, f):
    return cell_and_forget(d_h, d_c_next, f_next, o, c, c, f)


def _no_slope(d_h, d_c_next, f_next, o, c, c_before, f):
    d_c, _ = cell_and_forget(d_h, d_c_next, f_next, o, c, c_before, f)
    return d_c, d_c * c_before


def _slope_of_tanh(d_h, d_c_next, f_next, o, c, c_before, f):
    d_c, _ = cell_and_forget(d_h, d_c_next, f_next, o, c, c_before, f)
    return d_c, d_c * c_before * (1 - f**2)


def gru_back(
    d_h: Tensor, h: Tensor, r: Tensor, z: Tensor, n: Tensor, q: Tensor, W_hh: Tensor
) -> Tensor:
    """What goes to the state before, through the mixture and through all gates."""
    d_n = d_h * (1 - z) * (1 - n**2)
    d_z = d_h * (h - n) * z * (1 - z)
    d_r = d_n * q * r * (1 - r)
    return d_h * z + W_hh.T @ torch.cat([d_r, d_z, d_n * r])


def _gru_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for H in (4, 1, 3):
        yield (
            random(generator, H),
            random(generator, H),
            torch.sigmoid(random(generator, H)),
            torch.sigmoid(random(generator, H)),
            torch.tanh(random(generator, H)),
            random(generator, H),
            random(generator, 3 * H, H),
        )


def _sign_turned(d_h, h, r, z, n, q, W_hh):
    d_n = d_h * (1 - z) * (1 - n**2)
    d_z = d_h * (n - h) * z * (1 - z)
    d_r = d_n * q * r * (1 - r)
    return d_h * z + W_hh.T @ torch.cat([d_r, d_z, d_n * r])


def _take(d_h, h, r, z, n, q, W_hh):
    d_n = d_h * z * (1 - n**2)
    d_z = d_h * (n - h) * z * (1 - z)
    d_r = d_n * q * r * (1 - r)
    return d_h * (1 - z) + W_hh.T @ torch.cat([d_r, d_z, d_n * r])


def _reset_not_passed(d_h, h, r, z, n, q, W_hh):
    d_n = d_h * (1 - z) * (1 - n**2)
    d_z = d_h * (h - n) * z * (1 - z)
    d_r = d_n * q * r * (1 - r)
    return d_h * z + W_hh.T @ torch.cat([d_r, d_z, d_n])


def _gates_alone(d_h, h, r, z, n, q, W_hh):
    return gru_back(d_h, h, r, z, n, q, W_hh) - d_h * z


def _reset_from_state(d_h, h, r, z, n, q, W_hh):
    d_n = d_h * (1 - z) * (1 - n**2)
    d_z = d_h * (h - n) * z * (1 - z)
    d_r = d_h * q * r * (1 - r)
    return d_h * z + W_hh.T @ torch.cat([d_r, d_z, d_n * r])


def _blocks_exchanged(d_h, h, r, z, n, q, W_hh):
    d_n = d_h * (1 - z) * (1 - n**2)
    d_z = d_h * (h - n) * z * (1 - z)
    d_r = d_n * q * r * (1 - r)
    return d_h * z + W_hh.T @ torch.cat([d_z, d_r, d_n * r])


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="bptt-lstm-lines",
        chapter="learning-through-time",
        title="Two lines of the LSTM",
        goal="derive what reaches the cell state and its forget gate",
        minutes=15,
        level="medium",
        hints=(
            "Two ways lead from $c_t$ to the loss: through $h_t = o_t \\odot \\tanh(c_t)$, and "
            "along the belt through $c_{t+1} = f_{t+1} \\odot c_t + \\ldots$. Their contributions "
            "are added.",
            "In $c_t = f_t \\odot c_{t-1} + \\ldots$ the gate is multiplied by $c_{t-1}$. And the "
            "gate is a sigmoid, whose slope is $f(1 - f)$.",
            "δc is `f_next * d_c_next` plus `d_h * o` times the slope of tanh at `c`, which is one "
            "minus the square of `tanh(c)`.",
        ),
        mistakes=(
            Mistake(
                "carried by the gate of this step",
                "The belt from $c_t$ to $c_{t+1}$ passes the forget gate of step $t + 1$, not of "
                "step $t$. See the equation of the cell state.",
                _carried_by_this,
            ),
            Mistake(
                "nothing comes along the belt",
                "What the next step sent back along the belt is missing. It is the contribution "
                "that the cell was built for.",
                _nothing_carried,
            ),
            Mistake(
                "the slope of tanh at the wrong place",
                "The slope of tanh as a function of its *output* is one minus the output's square. "
                "`c` is what went in.",
                _slope_of_cell,
            ),
            Mistake(
                "the output gate is left out",
                "Between $\\tanh(c_t)$ and $h_t$ stands the output gate, and the gradient must "
                "pass it too.",
                _no_output_gate,
            ),
            Mistake(
                "the forget gate meets the new cell state",
                "δc is right. But the forget gate was multiplied by the cell state from *before* "
                "the step.",
                _new_cell,
            ),
            Mistake(
                "the slope of the forget gate is missing",
                "δc is right. What you have is the gradient of the gate; asked for is that of the "
                "sum inside its sigmoid.",
                _no_slope,
            ),
            Mistake(
                "the forget gate has the slope of tanh",
                "δc is right. The forget gate is a sigmoid, and its slope is not that of tanh.",
                _slope_of_tanh,
            ),
        ),
        stub='''def cell_and_forget(d_h, d_c_next, f_next, o, c, c_before, f):
    """Two lines of the backward pass of an LSTM at step t, without projection.

    d_h: δh of step t. d_c_next: δc of step t + 1. f_next: the forget gate of step t + 1.
    o, c, f: output gate, cell state, forget gate of step t. c_before: the cell state before it.
    All are (B, H). Returns δc of step t, and δa of its forget gate, each (B, H).
    """
    raise NotImplementedError
''',
        reference=cell_and_forget,
        cases=_cell_cases,
        parts=(
            Part("δc", ("sequence", "unit")),
            Part("δa of the forget gate", ("sequence", "unit")),
        ),
        about="the backward pass of the LSTM",
        differentiable=True,
        strict_types=True,
    ),
    Exercise(
        name="bptt-gru-back",
        chapter="learning-through-time",
        title="One step back through a GRU",
        goal="turn five equations into code",
        minutes=20,
        level="medium",
        hints=(
            "You need three deltas: of the candidate, of the update gate, of the reset gate. Each "
            "has its equation in the chapter.",
            "The third block of rows of `W_hh` made `q`, and `q` was multiplied by `r` afterwards.",
            "The last line is `d_h * z + W_hh.T @ torch.cat([d_r, d_z, d_n * r])`.",
        ),
        mistakes=(
            Mistake(
                "the update gate's difference has the wrong sign",
                "In the update gate's delta the difference is turned around. The gate *keeps*: "
                "more of it means more of the old state and less of the candidate.",
                _sign_turned,
            ),
            Mistake(
                "the other convention",
                "You went back through a GRU whose update gate *takes* the candidate. The one of "
                "the exercise keeps with z. See the chapter on the GRU for the two conventions.",
                _take,
            ),
            Mistake(
                "the reset gate is not passed on the way back",
                "The product $W_{hn} h$ was multiplied by the reset gate, so its gradient must be "
                "too, before it goes through the third block.",
                _reset_not_passed,
            ),
            Mistake(
                "the direct way is missing",
                "All three gates are right, but the old state is also mixed into the new one "
                "directly.",
                _gates_alone,
            ),
            Mistake(
                "the reset gate hears the state and not the candidate",
                "The reset gate acts inside the candidate. Its delta starts from the candidate's, "
                "not from δh.",
                _reset_from_state,
            ),
            Mistake(
                "reset and update gate are swapped",
                "The deltas are stacked in another order than the rows of `W_hh`. PyTorch's is "
                "reset, update, candidate.",
                _blocks_exchanged,
            ),
        ),
        stub='''def gru_back(d_h, h, r, z, n, q, W_hh):
    """One step back through a GRU that resets after the product and keeps with z.

    d_h: δh after the step. h: the state before it. r, z, n: reset gate, update gate, candidate.
    q: W_hn h + b_hn. All are (H,). W_hh (3H, H), rows in the order r, z, n.
    Returns what goes to the state before the step, (H,).
    """
    raise NotImplementedError
''',
        reference=gru_back,
        cases=_gru_cases,
        parts=(Part("what goes back", ("unit",)),),
        about="the backward pass of the GRU",
        differentiable=True,
        strict_types=True,
    ),
)
