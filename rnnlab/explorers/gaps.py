"""What is left of a gradient after a gap, for cells of one unit: a product with one factor a step.

Axes: ``T`` steps of the gap.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.gradients.stepping import weights_of
from rnnlab.models import CellKind
from rnnlab.models.layers import recurrent_layer


@dataclass(frozen=True)
class Gap:
    """A run of a cell with one unit over a gap in which nothing is read.

    Attributes:
        states: The state before the gap and after each step, T + 1 numbers: h, of an LSTM c.
        factors: The derivative of each state by the one before it, T numbers.
    """

    states: tuple[float, ...]
    factors: tuple[float, ...]

    @property
    def gradients(self) -> tuple[float, ...]:
        """The derivative of each state by the first one, T + 1 numbers; the first is 1."""
        products = [1.0]
        for factor in self.factors:
            products.append(products[-1] * factor)
        return tuple(products)


def through_gap(kind: CellKind, weight: float, bias: float, start: float, gap: int) -> Gap:
    """Follow a cell with one unit through a gap, by formula.

    Equations `explore-gap-product`, `explore-gap-factors`. The inputs are 0. All weights and biases
    are 0, but for two: the recurrent weight of the state (of the candidate, in an LSTM and a GRU)
    and the bias of the gate that keeps, f or z. So the other gates are ½.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        weight: The recurrent weight w.
        bias: Of the LSTM's forget gate or the GRU's update gate; an RNN has no use for it.
        start: The state before the gap: h, of an LSTM c.
        gap: Number of steps T.

    Returns:
        States and factors.

    Raises:
        ValueError: An unknown kind, or a gap below 0.
    """
    if kind not in ("rnn", "lstm", "gru"):
        raise ValueError(f"expected kind to be 'rnn', 'lstm' or 'gru', got {kind!r}")
    if gap < 0:
        raise ValueError(f"expected a gap of at least 0, got {gap}")
    keep = 1 / (1 + math.exp(-bias))
    states, factors = [float(start)], []
    for _ in range(gap):
        s = states[-1]
        if kind == "rnn":
            new = math.tanh(weight * s)
            factor = weight * (1 - new**2)
        elif kind == "lstm":
            seen = math.tanh(s)
            g = math.tanh(weight * seen / 2)  # h = seen / 2, as o = ½
            new = keep * s + g / 2  # i = ½
            factor = keep + (1 - g**2) * weight * (1 - seen**2) / 4
        else:
            n = math.tanh(weight * s / 2)  # r = ½
            new = keep * s + (1 - keep) * n
            factor = keep + (1 - keep) * (1 - n**2) * weight / 2
        states.append(new)
        factors.append(factor)
    return Gap(tuple(states), tuple(factors))


@torch.no_grad()
def gap_layer(kind: CellKind, weight: float, bias: float) -> nn.Module:
    """Make the layer that `through_gap` speaks of, of `rnnlab.scratch`: one unit, float64.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        weight: The recurrent weight w.
        bias: Of the forget gate or the update gate.
    """
    layer = recurrent_layer(kind, 1, 1, dtype=torch.float64)
    w = weights_of(layer)
    for parameter in layer.parameters():
        parameter.zero_()
    row = {"rnn": 0, "lstm": 2, "gru": 2}[kind]  # of the candidate: i, f, g, o and r, z, n
    w.weight_hh[row, 0] = weight
    if kind != "rnn":
        kept: Tensor = w.bias_ih  # type: ignore[assignment] # the layer was made with biases
        kept[1] = bias  # f or z
    return layer
