"""The values of a layer's gates over a sequence.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from rnnlab.gradients.stepping import (
    first_state,
    kind_of,
    take_steps,
    time_first,
    weights_of,
)
from rnnlab.palette import GATES
from rnnlab.scratch.updates import State


@torch.no_grad()
def gates_over(
    layer: nn.Module, x: Tensor, state: Tensor | State | None = None
) -> dict[str, Tensor]:
    """Give the gates and the candidate of an LSTM or a GRU at every step.

    Once the states are known, the gates of all steps follow at once. `rnnlab.plotting.gate_traces`
    draws them.

    Args:
        layer: An LSTM or GRU of `rnnlab.scratch` or ``torch.nn``, one layer, one direction.
        x: (T, X), (T, B, X), or (B, T, X) with ``batch_first``.
        state: As the layer takes it; zeros if None.

    Returns:
        Role (a key of `rnnlab.palette.ROLES`) to values, (T, H) or (T, B, H), in the order in which
        the blocks of the weights are stored.

    Raises:
        TypeError: Another kind of layer, or packed input.
        ValueError: An RNN, which has no gates; more layers or directions; an input or state that
            does not fit.
    """
    kind = kind_of(layer)
    if kind == "rnn":
        raise ValueError("expected an LSTM or a GRU, got an RNN, which has no gates")
    x, batched = time_first(layer, x)
    w = weights_of(layer)
    h = torch.stack([s[0] for s in take_steps(layer, x, first_state(layer, x, state))[:-1]])
    inputs = w.project(x).chunk(len(GATES[kind]), dim=-1)  # (T, B, H) each
    recurrent = linear(h, w.weight_hh, w.bias_hh).chunk(len(GATES[kind]), dim=-1)
    sums = [a + b for a, b in zip(inputs, recurrent, strict=True)]
    if kind == "lstm":
        i, f, g, o = sums
        values = [torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)]
    else:
        r, z = torch.sigmoid(sums[0]), torch.sigmoid(sums[1])
        reset = r * recurrent[2]
        if not getattr(layer, "reset_after", True):
            b_n = None if w.bias_hh is None else w.bias_hh.chunk(3)[2]
            reset = linear(r * h, w.weight_hh.chunk(3)[2], b_n)
        values = [r, z, torch.tanh(inputs[2] + reset)]
    gates = dict(zip(GATES[kind], values, strict=True))
    return gates if batched else {role: value[:, 0] for role, value in gates.items()}
