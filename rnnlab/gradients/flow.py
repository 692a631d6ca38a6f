"""How much of a loss's gradient arrives at each past state.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnlab.gradients.stepping import first_state, kind_of, take_steps, time_first
from rnnlab.scratch.updates import State


class StateGradients(NamedTuple):
    """The gradient of a loss with respect to every state, from state 0 to state T.

    Attributes:
        hidden: δh_0, …, δh_T, (T + 1, H) or (T + 1, B, H).
        cell: δc_0, …, δc_T of an LSTM, (T + 1, H) or (T + 1, B, H), with what reaches c_t by way of
            h_t; None for an RNN and a GRU.
    """

    hidden: Tensor
    cell: Tensor | None = None

    @property
    def norms(self) -> Tensor:
        """The norm at each step, of hidden and cell state together, (T + 1,) or (T + 1, B)."""
        parts = [part for part in self if part is not None]
        norms: Tensor = torch.cat(parts, dim=-1).norm(dim=-1)
        return norms


def state_gradients(
    layer: nn.Module,
    x: Tensor,
    loss: Callable[[Tensor], Tensor],
    state: Tensor | State | None = None,
) -> StateGradients:
    """Give the gradient of a loss with respect to each state, on all ways that lead to the loss.

    These are the δh_t of Equation `bptt-hidden` (and δc_t of `bptt-lstm-cell`). Chapter
    learning-through-time.

    Args:
        layer: An RNN, LSTM or GRU of `rnnlab.scratch` or ``torch.nn``, one layer, one direction.
        x: (T, X), (T, B, X), or (B, T, X) with ``batch_first``.
        loss: From all hidden states, h_1 to h_T in the form of the layer's output, to a number; for
            instance ``lambda output: output[-1].sum()`` for the last state.
        state: As the layer takes it; zeros if None.

    Returns:
        The gradients; zeros where the loss does not depend on a state.

    Raises:
        TypeError: Another kind of layer, or packed input.
        ValueError: More layers or directions, an input or state that does not fit, or a loss that
            is no single number, or a constant.
    """
    kind_of(layer)
    x, batched = time_first(layer, x)
    with torch.enable_grad():
        start = tuple(s.detach().requires_grad_() for s in first_state(layer, x, state))
        states = take_steps(layer, x.detach(), start)
        output = torch.stack([s[0] for s in states[1:]])  # (T, B, H)
        if batched and layer.batch_first:
            output = output.transpose(0, 1)
        value = loss(output if batched else output[:, 0])
        check_loss(value)
        flat = [part for s in states for part in s]
        grads = torch.autograd.grad(value, flat, allow_unused=True, materialize_grads=True)
    parts = [torch.stack(grads[k :: len(start)]) for k in range(len(start))]  # (T + 1, B, H) each
    return StateGradients(*(part if batched else part[:, 0] for part in parts))


def check_loss(value: object) -> None:
    """Refuse a loss that has no gradient.

    Raises:
        ValueError: Not a single number, or one that depends on nothing.
    """
    if not isinstance(value, Tensor) or value.numel() != 1:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"expected a loss of shape (), got {got}")
    if not value.requires_grad:
        raise ValueError("expected a loss that depends on what is asked for, got a constant")
