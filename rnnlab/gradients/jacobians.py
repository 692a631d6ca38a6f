"""The step from one state to the next as a matrix, and the product of such matrices over a gap.

The state of an RNN or a GRU is h_t. That of an LSTM is h_t and c_t, one below the other, so that
its Jacobian has four blocks.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``S`` numbers in a state: H,
or 2 H for an LSTM (P + H with a projection).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnlab.gradients.stepping import (
    first_state,
    kind_of,
    take_steps,
    time_first,
    update_of,
    weights_of,
)
from rnnlab.scratch.updates import State


class Blocks(NamedTuple):
    """The four blocks of an LSTM's Jacobian, named result first.

    Attributes:
        hidden_hidden: ∂h_t/∂h_{t-1}, (..., H, H).
        hidden_cell: ∂h_t/∂c_{t-1}, (..., H, H).
        cell_hidden: ∂c_t/∂h_{t-1}, the way through the gates, (..., H, H).
        cell_cell: ∂c_t/∂c_{t-1}, the forget gate on the diagonal and nothing else, (..., H, H).
    """

    hidden_hidden: Tensor
    hidden_cell: Tensor
    cell_hidden: Tensor
    cell_cell: Tensor


def step_jacobians(layer: nn.Module, x: Tensor, state: Tensor | State | None = None) -> Tensor:
    """Give the Jacobian of every step of a layer over a sequence. Equation `bptt-jacobian`.

    Args:
        layer: An RNN, LSTM or GRU of `rnnlab.scratch` or ``torch.nn``, one layer, one direction.
        x: (T, X), (T, B, X), or (B, T, X) with ``batch_first``.
        state: As the layer takes it; zeros if None.

    Returns:
        Row i, column j: the derivative of number i of state t by number j of state t - 1, for t
        from 1 to T, (T, S, S) or (T, B, S, S).

    Raises:
        TypeError: Another kind of layer, or packed input.
        ValueError: More layers or directions, or an input or state that does not fit.
    """
    kind_of(layer)
    x, batched = time_first(layer, x)
    T, B, _ = x.shape
    with torch.no_grad():
        states = take_steps(layer, x, first_state(layer, x, state))[:-1]  # those before each step
        sizes = [part.size(-1) for part in states[0]]
        joint = torch.stack([torch.cat(s, dim=-1) for s in states])  # (T, B, S)
        projected = weights_of(layer).project(x)  # (T, B, G)
    # One copy of each step for each row of its Jacobian: all of them in a single backward pass.
    S = joint.size(-1)
    rows = joint.repeat_interleave(S, dim=1).flatten(0, 1)  # (T·B·S, S)
    inputs = projected.repeat_interleave(S, dim=1).flatten(0, 1)
    with torch.enable_grad():
        before = rows.requires_grad_()
        after = torch.cat(update_of(layer)(inputs, before.split(sizes, dim=-1)), dim=-1)
        chosen = torch.eye(S, dtype=x.dtype, device=x.device).repeat(T * B, 1)
        (grad,) = torch.autograd.grad(after, before, chosen)
    jacobians = grad.view(T, B, S, S)
    return jacobians if batched else jacobians[:, 0]


def blocks(jacobians: Tensor, hidden_size: int) -> Blocks:
    """Take an LSTM's Jacobians apart.

    Args:
        jacobians: (..., S, S), as `step_jacobians` gives them.
        hidden_size: H; the cell state is the last H numbers of the state.

    Returns:
        The blocks.

    Raises:
        ValueError: Not the Jacobian of an LSTM of this size.
    """
    S = jacobians.size(-1)
    if not hidden_size < S <= 2 * hidden_size or jacobians.size(-2) != S:
        raise ValueError(
            f"expected Jacobians of an LSTM with {hidden_size} units, got shape "
            f"{tuple(jacobians.shape)}"
        )
    P = S - hidden_size
    h, c = jacobians.split([P, hidden_size], dim=-2)
    return Blocks(*h.split([P, hidden_size], dim=-1), *c.split([P, hidden_size], dim=-1))


def gap_jacobians(jacobians: Tensor) -> Tensor:
    """Multiply the steps' Jacobians: how the last state depends on those before it.

    Equation `bptt-product`.

    Args:
        jacobians: Of steps 1 to T, (T, ..., S, S).

    Returns:
        For gaps of 0 to T steps the derivative of state T by state T - gap, (T + 1, ..., S, S); the
        first one is the identity.
    """
    S = jacobians.size(-1)
    identity = torch.eye(S, dtype=jacobians.dtype, device=jacobians.device)
    products = [identity.expand(jacobians.shape[1:])]
    for step in reversed(jacobians.unbind(0)):
        products.append(products[-1] @ step)
    return torch.stack(products)


def spectral_norm(matrices: Tensor) -> Tensor:
    """The greatest singular value: by how much a matrix can lengthen a vector at most.

    Args:
        matrices: (..., M, N).

    Returns:
        (...).
    """
    norms: Tensor = torch.linalg.matrix_norm(matrices, ord=2)
    return norms


def spectral_radius(matrices: Tensor) -> Tensor:
    """The greatest absolute value of an eigenvalue: the growth for each step, after many steps.

    Args:
        matrices: (..., M, M).

    Returns:
        (...). Never greater than the spectral norm.
    """
    radii: Tensor = torch.linalg.eigvals(matrices).abs().amax(dim=-1)
    return radii
