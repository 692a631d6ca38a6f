"""Each cell's step one gate at a time, one line for each numbered equation of the book.

This is the form that the chapters derive. It is slow, and it hides nothing; the tests prove it
equal to the fused update (`rnnlab.scratch.updates`) that the cells and layers run.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units. Weights are (out, in): ``W_xf`` is (H, X) and
``W_hf`` is (H, H).
"""

from types import SimpleNamespace
from typing import Protocol

from torch import Tensor, sigmoid, tanh

from rnnlab.conventions import UpdateGate

# The letters of the gates in the order in which PyTorch stores them, by number of gates.
_GATES = {1: "h", 4: "ifgo", 3: "rzn"}


class Cell(Protocol):
    """A cell of `rnnlab.scratch` or of ``torch.nn``: anything that holds weights by these names."""

    hidden_size: int
    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None


def gate_weights(cell: Cell) -> SimpleNamespace:
    """Take a cell's stored weights apart, gate by gate, under the book's names.

    Args:
        cell: An RNNCell, LSTMCell or GRUCell, of `rnnlab.scratch` or of ``torch.nn``.

    Returns:
        A namespace with ``W_x*`` (H, X), ``W_h*`` (H, H), ``b_x*`` (H,), ``b_h*`` (H,) for each
        gate ``*``: h for the RNN; i, f, g, o for the LSTM; r, z, n for the GRU. They are views:
        gradients reach the cell. A cell without bias gets zeros.
    """
    H = cell.hidden_size
    gates = _GATES[len(cell.weight_ih) // H]
    zeros = cell.weight_ih.new_zeros(len(gates) * H)
    stored = {
        "W_x": cell.weight_ih,
        "W_h": cell.weight_hh,
        "b_x": zeros if cell.bias_ih is None else cell.bias_ih,
        "b_h": zeros if cell.bias_hh is None else cell.bias_hh,
    }
    return SimpleNamespace(
        **{
            name + gate: block
            for name, tensor in stored.items()
            for gate, block in zip(gates, tensor.split(H), strict=True)
        }
    )


def rnn_step(x: Tensor, h: Tensor, w: SimpleNamespace) -> Tensor:
    """One step of the simple recurrent network. Equation `rnn-cell`.

    Args:
        x: x_t, (B, X) or (X,).
        h: h_{t-1}, (B, H) or (H,).
        w: ``gate_weights`` of an RNNCell.

    Returns:
        h_t, (B, H) or (H,).
    """
    return tanh(x @ w.W_xh.mT + w.b_xh + h @ w.W_hh.mT + w.b_hh)


def lstm_step(x: Tensor, h: Tensor, c: Tensor, w: SimpleNamespace) -> tuple[Tensor, Tensor]:
    """One step of the LSTM, an equation a line.

    Args:
        x: x_t, (B, X) or (X,).
        h: h_{t-1}, (B, H) or (H,).
        c: c_{t-1}, (B, H) or (H,).
        w: ``gate_weights`` of an LSTMCell.

    Returns:
        ``(h_t, c_t)``, each (B, H) or (H,).
    """
    f = sigmoid(x @ w.W_xf.mT + w.b_xf + h @ w.W_hf.mT + w.b_hf)  # Equation `lstm-forget`
    i = sigmoid(x @ w.W_xi.mT + w.b_xi + h @ w.W_hi.mT + w.b_hi)  # Equation `lstm-input`
    g = tanh(x @ w.W_xg.mT + w.b_xg + h @ w.W_hg.mT + w.b_hg)  # Equation `lstm-candidate`
    c = f * c + i * g  # Equation `lstm-cell`
    o = sigmoid(x @ w.W_xo.mT + w.b_xo + h @ w.W_ho.mT + w.b_ho)  # Equation `lstm-output`
    h = o * tanh(c)  # Equation `lstm-hidden`
    return h, c


def gru_step(
    x: Tensor,
    h: Tensor,
    w: SimpleNamespace,
    *,
    reset_after: bool = True,
    update_gate: UpdateGate = "keep",
) -> Tensor:
    """One step of the GRU, an equation a line, in any of its four conventions.

    Args:
        x: x_t, (B, X) or (X,).
        h: h_{t-1}, (B, H) or (H,).
        w: ``gate_weights`` of a GRUCell.
        reset_after: Equation `gru-candidate-after` if true, else `gru-candidate-before`.
        update_gate: ``"keep"`` for Equation `gru-keep`, ``"take"`` for `gru-take`.

    Returns:
        h_t, (B, H) or (H,).
    """
    r = sigmoid(x @ w.W_xr.mT + w.b_xr + h @ w.W_hr.mT + w.b_hr)  # Equation `gru-reset`
    z = sigmoid(x @ w.W_xz.mT + w.b_xz + h @ w.W_hz.mT + w.b_hz)  # Equation `gru-update`
    if reset_after:
        n = tanh(x @ w.W_xn.mT + w.b_xn + r * (h @ w.W_hn.mT + w.b_hn))  # `gru-candidate-after`
    else:
        n = tanh(x @ w.W_xn.mT + w.b_xn + (r * h) @ w.W_hn.mT + w.b_hn)  # `gru-candidate-before`
    if update_gate == "keep":
        return z * h + (1 - z) * n  # Equation `gru-keep`
    return (1 - z) * h + z * n  # Equation `gru-take`
