"""Recurrent layers in the style of "Dive into Deep Learning": a rung to compare speeds with.

Each gate has its own two products and its own bias at every step, weights are (in, out), and the
loop over time is Python's. The GRU's reset gate acts before the product. Not a way to do it: the
way in which it is first written down. The words here are our own; see the book's chapter
"Making it fast".

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["rnn", "lstm", "gru"]
State = tuple[Tensor, ...]

#: The gates' letters in the order in which ``torch.nn`` stores their blocks of rows.
GATES = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}


class D2LStyle(nn.Module):
    """An RNN, LSTM or GRU written gate by gate, step by step.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.

    For each gate ``*`` of `GATES` it has parameters ``W_x*`` (X, H), ``W_h*`` (H, H), ``b_*`` (H,).
    """

    def __init__(self, kind: Kind, input_size: int, hidden_size: int) -> None:
        super().__init__()
        if kind not in GATES:
            raise ValueError(f"expected kind to be one of {list(GATES)}, got {kind!r}")
        self.kind, self.input_size, self.hidden_size = kind, input_size, hidden_size
        for gate in GATES[kind]:
            for name, shape in (
                ("W_x", (input_size, hidden_size)),
                ("W_h", (hidden_size, hidden_size)),
                ("b_", (hidden_size,)),
            ):
                setattr(self, name + gate, nn.Parameter(0.01 * torch.randn(shape)))

    @torch.no_grad()
    def load(self, layer: nn.Module) -> "D2LStyle":
        """Take the weights of a one-layer layer with PyTorch's names; its two biases are added.

        For a GRU the two compute different functions, since the reset gate's place differs.
        """
        blocks = len(GATES[self.kind])
        biases = (layer.bias_ih_l0 + layer.bias_hh_l0).chunk(blocks)
        for gate, W_x, W_h, b in zip(
            GATES[self.kind],
            layer.weight_ih_l0.chunk(blocks),
            layer.weight_hh_l0.chunk(blocks),
            biases,
            strict=True,
        ):
            getattr(self, "W_x" + gate).copy_(W_x.T)
            getattr(self, "W_h" + gate).copy_(W_h.T)
            getattr(self, "b_" + gate).copy_(b)
        return self

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """From x (T, B, X) to the hidden states (T, B, H) and the final state, tensors (B, H)."""
        if state is None:
            zeros = x.new_zeros(x.size(1), self.hidden_size)
            state = (zeros, zeros) if self.kind == "lstm" else (zeros,)
        step: Callable[[Tensor, State], State] = getattr(self, f"_{self.kind}")
        outputs = []
        for x_t in x:
            state = step(x_t, state)
            outputs.append(state[0])
        return torch.stack(outputs), state

    def _rnn(self, x: Tensor, state: State) -> State:
        (h,) = state
        return (torch.tanh(x @ self.W_xh + h @ self.W_hh + self.b_h),)

    def _lstm(self, x: Tensor, state: State) -> State:
        h, c = state
        i = torch.sigmoid(x @ self.W_xi + h @ self.W_hi + self.b_i)
        f = torch.sigmoid(x @ self.W_xf + h @ self.W_hf + self.b_f)
        o = torch.sigmoid(x @ self.W_xo + h @ self.W_ho + self.b_o)
        g = torch.tanh(x @ self.W_xg + h @ self.W_hg + self.b_g)
        c = f * c + i * g
        return o * torch.tanh(c), c

    def _gru(self, x: Tensor, state: State) -> State:
        (h,) = state
        z = torch.sigmoid(x @ self.W_xz + h @ self.W_hz + self.b_z)
        r = torch.sigmoid(x @ self.W_xr + h @ self.W_hr + self.b_r)
        n = torch.tanh(x @ self.W_xn + (r * h) @ self.W_hn + self.b_n)
        return (z * h + (1 - z) * n,)
