"""The update of each cell, all gates in one product: one step of the recurrence as code.

These are the lines that every cell and every layer of this package runs. They compute what the
numbered equations of the book say, for all gates at once; `rnnlab.scratch.equations` holds the same
equations one gate at a time, and the tests prove the two equal.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units, ``G`` gates × ``H``.
A weight is stored (out, in), so a row of the batch is multiplied by its transpose.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear  # x Wᵀ + b, nothing more

from rnnlab.conventions import UpdateGate

Nonlinearity = Literal["tanh", "relu"]
State = tuple[Tensor, ...]


class Weights(NamedTuple):
    """The parameters of one cell, under PyTorch's names and in PyTorch's gate order.

    Attributes:
        weight_ih: Input weights, (G, X).
        weight_hh: Recurrent weights, (G, H), or (G, P) with a projection.
        bias_ih: Input bias, (G,), or None.
        bias_hh: Recurrent bias, (G,), or None.
        weight_hr: Projection, (P, H), or None. LSTM only.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None
    weight_hr: Tensor | None = None

    def project(self, x: Tensor) -> Tensor:
        """The inputs' share of every gate: x (..., X) to (..., G). It depends on no other step."""
        return linear(x, self.weight_ih, self.bias_ih)


def rnn_update(
    projected: Tensor, state: State, w: Weights, *, nonlinearity: Nonlinearity = "tanh"
) -> State:
    """One step of the simple recurrent network (Elman, 1990). Equation `rnn-cell`.

    Args:
        projected: ``w.project(x_t)``, (B, H).
        state: ``(h,)`` with h_{t-1}, (B, H).
        w: The cell's weights.
        nonlinearity: ``"tanh"`` or ``"relu"``.

    Returns:
        ``(h,)`` with h_t, (B, H).
    """
    (h,) = state
    a = projected + linear(h, w.weight_hh, w.bias_hh)
    return (torch.tanh(a) if nonlinearity == "tanh" else torch.relu(a),)


def lstm_update(projected: Tensor, state: State, w: Weights) -> State:
    """One step of the LSTM (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    Equations `lstm-input`, `lstm-forget`, `lstm-candidate`, `lstm-output`, `lstm-cell`,
    `lstm-hidden`, and `lstm-projection` (Sak et al., 2014) where there is a ``weight_hr``.

    Args:
        projected: ``w.project(x_t)``, (B, 4H), gates in the order i, f, g, o.
        state: ``(h, c)`` with h_{t-1}, (B, H) or (B, P), and c_{t-1}, (B, H).
        w: The cell's weights.

    Returns:
        ``(h, c)`` with h_t and c_t, of the same shapes.
    """
    h, c = state
    i, f, g, o = (projected + linear(h, w.weight_hh, w.bias_hh)).chunk(4, dim=-1)  # (B, H) each
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    h = o * torch.tanh(c)
    if w.weight_hr is not None:
        h = linear(h, w.weight_hr)  # (B, P)
    return h, c


def gru_update(
    projected: Tensor,
    state: State,
    w: Weights,
    *,
    reset_after: bool = True,
    update_gate: UpdateGate = "keep",
) -> State:
    """One step of the GRU (Cho et al., 2014), in any of its four conventions.

    Equations `gru-reset`, `gru-update`, then `gru-candidate-after` or `gru-candidate-before`, then
    `gru-keep` or `gru-take`.

    Args:
        projected: ``w.project(x_t)``, (B, 3H), gates in the order r, z, n.
        state: ``(h,)`` with h_{t-1}, (B, H).
        w: The cell's weights.
        reset_after: Whether r multiplies W_hn h (PyTorch, cuDNN) or h itself (Cho et al., 2014).
        update_gate: Whether z near 1 keeps the old state (PyTorch) or takes the new one.

    Returns:
        ``(h,)`` with h_t, (B, H).
    """
    (h,) = state
    H = h.size(-1)
    if reset_after:
        a = linear(h, w.weight_hh, w.bias_hh)  # (B, 3H)
        r, z = torch.sigmoid(projected[:, : 2 * H] + a[:, : 2 * H]).chunk(2, dim=-1)  # (B, H) each
        n = torch.tanh(projected[:, 2 * H :] + r * a[:, 2 * H :])
    else:
        b_rz, b_n = (None, None) if w.bias_hh is None else w.bias_hh.split([2 * H, H])
        W_rz, W_n = w.weight_hh.split([2 * H, H])
        r, z = torch.sigmoid(projected[:, : 2 * H] + linear(h, W_rz, b_rz)).chunk(2, dim=-1)
        n = torch.tanh(projected[:, 2 * H :] + linear(r * h, W_n, b_n))
    return (z * h + (1 - z) * n if update_gate == "keep" else (1 - z) * h + z * n,)
