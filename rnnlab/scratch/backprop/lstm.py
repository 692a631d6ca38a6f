"""The LSTM over a whole sequence, and its backward pass derived by hand.

Chapter learning-through-time. ``d_`` before a name means the gradient of the loss with respect to
it, which the book writes δ.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units, ``S`` rows of all steps
together. Gates lie in the order i, f, g, o.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.scratch.backprop.arithmetic import added, tanh_, through_sigmoid_, through_tanh_
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product
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
        """Keeps the gates (S, 4H), tanh c_t, c_{t-1} (S, H) and h_{t-1} (S, P) of every step."""
        hidden, cell = (s.clone() for s in state)
        gates = product(w.weight_ih, len(x), added(w.bias_ih, w.bias_hh))(x)  # (S, 4H)
        H = cell.size(1)
        befores, outputs = (gates.new_empty(len(x), hidden.size(1)) for _ in range(2))
        cells_before, squashed = (gates.new_empty(len(x), H) for _ in range(2))
        recur = product(w.weight_hh, len(hidden))
        project = None if w.weight_hr is None else product(w.weight_hr, len(hidden))
        for a, i, f, g, o, before, c_before, tanh_c, output in self.steps.forwards(
            gates, *_gates(gates), befores, cells_before, squashed, outputs
        ):
            h, c = hidden[: len(a)], cell[: len(a)]
            before.copy_(h)
            c_before.copy_(c)
            a.add_(recur(before))
            g.mul_(2)  # tanh g = 2σ(2g) - 1: one σ serves all four
            a.sigmoid_()  # Equations `lstm-input`, `lstm-forget`, `lstm-output`
            g.mul_(2).sub_(1)  # Equation `lstm-candidate`
            c.mul_(f).addcmul_(i, g)  # Equation `lstm-cell`
            tanh_(tanh_c.copy_(c))
            if project is None:
                torch.mul(o, tanh_c, out=output)  # Equation `lstm-hidden`
            else:
                output.copy_(project(o * tanh_c))  # Equation `lstm-projection`
            h.copy_(output)
        return outputs, (hidden, cell), (gates, squashed, cells_before, befores)

    def backward(self, w: Weights, kept: State, d_outputs: Tensor, d_final: State) -> Deltas:
        """Equations `bptt-lstm-projection` to `bptt-lstm-hidden`; writes over the gates."""
        gates, squashed, cells_before, befores = kept
        d_hidden, d_cell = (s.clone() for s in d_final)
        d_projected = unprojected = d_outputs
        back = product(w.weight_hh.mT, len(d_hidden))
        project_back = None
        if w.weight_hr is not None:
            project_back = product(w.weight_hr.mT, len(d_hidden))
            unprojected = _gates(gates)[3] * squashed
            d_projected = torch.empty_like(d_outputs)
        for a, i, f, g, o, tanh_c, c_before, d_output, d_p in self.steps.backwards(
            gates, *_gates(gates), squashed, cells_before, d_outputs, d_projected
        ):
            d_h, d_c = d_hidden[: len(a)], d_cell[: len(a)]
            d_h.add_(d_output)  # what the loss sends directly
            d_u = d_h  # of o ⊙ tanh c, which is h itself without a projection
            if project_back is not None:
                d_p.copy_(d_h)
                d_u = project_back(d_h)  # Equation `bptt-lstm-projection`
            d_tanh_c = d_u * o
            through_sigmoid_(o, d_u, tanh_c)  # δa_o, Equation `bptt-lstm-output`
            d_c.add_(through_tanh_(tanh_c, d_tanh_c))  # Equation `bptt-lstm-cell`
            d_i, d_carried = d_c * g, d_c * f
            through_tanh_(g, d_c, i)  # δa_g, Equation `bptt-lstm-candidate`
            through_sigmoid_(i, d_i)  # δa_i, Equation `bptt-lstm-input`
            through_sigmoid_(f, d_c, c_before)  # δa_f, Equation `bptt-lstm-forget`
            d_c.copy_(d_carried)  # Equation `bptt-lstm-carry`
            d_h.copy_(back(a))  # Equation `bptt-lstm-hidden`
        return Deltas(
            (d_hidden, d_cell),
            (gates,),
            ((gates, befores),),
            None if project_back is None else (d_projected, unprojected),
        )
