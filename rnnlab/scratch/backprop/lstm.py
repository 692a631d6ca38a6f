"""The LSTM over a whole sequence, and its backward pass derived by hand.

Chapter learning-through-time. ``d_`` before a name means the gradient of the loss with respect to
it, which the book writes δ.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units, ``S`` rows of all steps
together. Gates lie in the order i, f, g, o.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnlab.scratch.backprop.arithmetic import (
    added,
    doubled_minus_one_,
    tanh,
    through_sigmoid_,
)
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product, send
from rnnlab.scratch.backprop.steps import joined
from rnnlab.scratch.updates import State, Weights, lstm_update


def _gates(rows: Tensor) -> tuple[Tensor, ...]:
    """Views (S, H) of the gates i, f, g, o in rows (S, 4H)."""
    return rows.chunk(4, dim=1)


@dataclass(frozen=True)
class LSTMDerivation(Derivation):
    """Forward and backward pass of the LSTM (Hochreiter and Schmidhuber, 1997)."""

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, Equations `lstm-forget` to `lstm-hidden`."""
        return lstm_update(projected, state, w)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps the gates (S, 4H), c_t and tanh c_t (S, H), and h_t (S, P) of every step."""
        h_0, c_0 = state
        gates = product(w.weight_ih, rows=len(x), bias=added(w.bias_ih, w.bias_hh))(x)  # (S, 4H)
        cells, squashed = (gates.new_empty(len(x), c_0.size(1)) for _ in range(2))
        outputs = gates.new_empty(len(x), h_0.size(1))
        recur = product(w.weight_hh, rows=len(h_0), times=len(self.steps))
        for (a, i, f, g, o, c, tanh_c, output), h_before, c_before in zip(
            self.steps.forwards(gates, *_gates(gates), cells, squashed, outputs),
            self.steps.before(outputs, h_0),
            self.steps.before(cells, c_0),
            strict=True,
        ):
            recur.add_to(a, joined(h_before))
            g.add_(g)  # tanh g = 2σ(2g) - 1: one σ serves all four
            a.sigmoid_()  # Equations `lstm-input`, `lstm-forget`, `lstm-output`
            doubled_minus_one_(g)  # Equation `lstm-candidate`
            torch.mul(f, joined(c_before), out=c).addcmul_(i, g)  # Equation `lstm-cell`
            tanh(c, out=tanh_c)
            if w.weight_hr is None:
                torch.mul(o, tanh_c, out=output)  # Equation `lstm-hidden`
            else:
                output.copy_(linear(o * tanh_c, w.weight_hr))  # Equation `lstm-projection`
        final = self.steps.final(outputs), self.steps.final(cells)
        return outputs, final, (gates, cells, squashed, outputs)

    def backward(
        self, w: Weights, state: State, kept: State, d_outputs: Tensor, d_final: State
    ) -> Deltas:
        """Equations `bptt-lstm-projection` to `bptt-lstm-hidden`; writes over the gates."""
        gates, cells, squashed, outputs = kept
        h_0, c_0 = state
        d_h_0, d_cell = torch.zeros_like(h_0), d_final[1].clone()
        d_states = self.steps.add_final_(d_outputs.clone(), d_final[0])  # what the loss sends
        of_projection = None
        if w.weight_hr is not None:
            of_projection = d_states, (_gates(gates)[3] * squashed,)
        back = product(w.weight_hh.mT, rows=len(h_0), times=len(self.steps))
        for (a, i, f, g, o, tanh_c, d_h), d_h_before, c_before in zip(
            self.steps.backwards(gates, *_gates(gates), squashed, d_states),
            reversed([*self.steps.before(d_states, d_h_0)]),
            reversed([*self.steps.before(cells, c_0)]),
            strict=True,
        ):
            d_c = d_cell[: len(a)]
            # δ of u = o ⊙ tanh c: that of h, or Equation `bptt-lstm-projection`
            d_u = d_h if w.weight_hr is None else d_h @ w.weight_hr
            # A slope times what comes back is a difference of products that are needed anyway:
            # δs s (1 - s) = δs s - δs s s, and δt (1 - t²) = δt - δt t t.
            d_tanh_c = d_u * o
            passed = d_tanh_c * tanh_c
            through_sigmoid_(o, passed)  # δa_o, Equation `bptt-lstm-output`
            d_c.add_(d_tanh_c).addcmul_(passed, tanh_c, value=-1)  # Equation `bptt-lstm-cell`
            d_g = d_c * i
            passed = d_g * g
            torch.addcmul(d_g, passed, g, value=-1, out=g)  # δa_g, Equation `bptt-lstm-candidate`
            through_sigmoid_(i, passed)  # δa_i, Equation `bptt-lstm-input`
            d_c.mul_(f)  # Equation `bptt-lstm-carry`
            through_sigmoid_(f, d_c * joined(c_before))  # δa_f, Equation `bptt-lstm-forget`
            send(back, a, d_h_before)  # Equation `bptt-lstm-hidden`
        h_before = self.steps.all_before(outputs, h_0)
        return Deltas((d_h_0, d_cell), (gates,), ((gates, h_before),), of_projection)
