"""The GRU over a whole sequence in all its conventions, and its backward pass derived by hand.

Chapter learning-through-time. ``d_`` before a name means the gradient of the loss with respect to
it, which the book writes δ.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``S`` rows of all steps together. Gates lie in
the order r, z, n.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.conventions import UpdateGate
from rnnlab.scratch.backprop.arithmetic import added, tanh_, through_sigmoid_, through_tanh_
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product
from rnnlab.scratch.updates import State, Weights, gru_update


def _gates(rows: Tensor) -> tuple[Tensor, ...]:
    """Views of r and z together (S, 2H), and of r, z, n (S, H), in rows (S, 3H)."""
    r, z, n = rows.chunk(3, dim=1)
    return rows[:, : 2 * r.size(1)], r, z, n


@dataclass(frozen=True)
class _GRUDerivation(Derivation):
    """What both places of the reset gate have in common: the update gate, in either convention.

    Attributes:
        update_gate: Whether z near 1 keeps the old state or takes the candidate.
    """

    update_gate: UpdateGate = "keep"

    def _mix(self, before: Tensor, n: Tensor, z: Tensor, out: Tensor) -> None:
        """Equation `gru-keep` or `gru-take`; lerp(a, b, z) is a + z (b - a)."""
        old, new = (n, before) if self.update_gate == "keep" else (before, n)
        torch.lerp(old, new, z, out=out)

    def _unmix_(self, d_h: Tensor, before: Tensor, n: Tensor, z: Tensor) -> Tensor:
        """Write δa_n over n and δa_z over z; return what goes to h_{t-1} past the candidate."""
        d_z = d_h * z
        if self.update_gate == "keep":
            d_carried, d_n, difference = d_z, d_h - d_z, before - n
        else:
            d_carried, d_n, difference = d_h - d_z, d_z, n - before
        through_sigmoid_(z, d_h, difference)  # Equation `bptt-gru-update`
        through_tanh_(n, d_n)  # Equation `bptt-gru-candidate`
        return d_carried


@dataclass(frozen=True)
class GRUAfterDerivation(_GRUDerivation):
    """Forward and backward pass of the GRU that resets after the product (``torch.nn``)."""

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, with Equation `gru-candidate-after`."""
        return gru_update(projected, state, w, update_gate=self.update_gate)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps the gates (S, 3H), h_{t-1} and W_hn h_{t-1} + b_hn (S, H) of every step."""
        gates = product(w.weight_ih, len(x), w.bias_ih)(x)  # (S, 3H)
        hidden = state[0].clone()
        H = hidden.size(1)
        outputs, befores, recurrents = (gates.new_empty(len(x), H) for _ in range(3))
        recur = product(w.weight_hh, len(hidden), w.bias_hh)
        for rz, r, z, n, before, q, output in self.steps.forwards(
            *_gates(gates), befores, recurrents, outputs
        ):
            h = hidden[: len(rz)]
            before.copy_(h)
            a_rz, a_n = recur(before).split([2 * H, H], dim=1)
            rz.add_(a_rz).sigmoid_()  # Equations `gru-reset`, `gru-update`
            q.copy_(a_n)
            tanh_(n.addcmul_(r, q))  # Equation `gru-candidate-after`
            self._mix(before, n, z, out=output)
            h.copy_(output)
        return outputs, (hidden,), (gates, befores, recurrents)

    def backward(self, w: Weights, kept: State, d_outputs: Tensor, d_final: State) -> Deltas:
        """Equations `bptt-gru-candidate` to `bptt-gru-hidden-after`; writes over the gates."""
        gates, befores, recurrents = kept
        d_hidden = d_final[0].clone()
        back = product(w.weight_hh.mT, len(d_hidden))
        for a, _, r, z, n, before, q, d_output in self.steps.backwards(
            gates, *_gates(gates), befores, recurrents, d_outputs
        ):
            d_h = d_hidden[: len(a)]
            d_h.add_(d_output)  # what the loss sends directly
            d_carried = self._unmix_(d_h, before, n, z)
            d_q = n * r  # n holds δa_n by now
            through_sigmoid_(r, n, q)  # δa_r, Equation `bptt-gru-reset-after`
            q.copy_(n)  # δa_n for the input weights; the recurrent ones had it times r
            n.copy_(d_q)
            torch.add(d_carried, back(a), out=d_h)  # Equation `bptt-gru-hidden-after`
        return Deltas((d_hidden,), (_gates(gates)[0], recurrents), ((gates, befores),))


@dataclass(frozen=True)
class GRUBeforeDerivation(_GRUDerivation):
    """Forward and backward pass of the GRU that resets before the product (Cho et al., 2014)."""

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, with Equation `gru-candidate-before`."""
        return gru_update(projected, state, w, reset_after=False, update_gate=self.update_gate)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps the gates (S, 3H), h_{t-1} and r ⊙ h_{t-1} (S, H) of every step."""
        gates = product(w.weight_ih, len(x), added(w.bias_ih, w.bias_hh))(x)  # (S, 3H)
        hidden = state[0].clone()
        B, H = hidden.shape
        outputs, befores, resets = (gates.new_empty(len(x), H) for _ in range(3))
        recur_rz, recur_n = (product(W, B) for W in w.weight_hh.split([2 * H, H]))
        for rz, r, z, n, before, reset, output in self.steps.forwards(
            *_gates(gates), befores, resets, outputs
        ):
            h = hidden[: len(rz)]
            before.copy_(h)
            rz.add_(recur_rz(before)).sigmoid_()  # Equations `gru-reset`, `gru-update`
            torch.mul(r, before, out=reset)
            tanh_(n.add_(recur_n(reset)))  # Equation `gru-candidate-before`
            self._mix(before, n, z, out=output)
            h.copy_(output)
        return outputs, (hidden,), (gates, befores, resets)

    def backward(self, w: Weights, kept: State, d_outputs: Tensor, d_final: State) -> Deltas:
        """Equations `bptt-gru-candidate` to `bptt-gru-hidden-before`; writes over the gates."""
        gates, befores, resets = kept
        d_hidden = d_final[0].clone()
        B, H = d_hidden.shape
        back_rz, back_n = (product(W.mT, B) for W in w.weight_hh.split([2 * H, H]))
        for rz, r, z, n, before, d_output in self.steps.backwards(
            *_gates(gates), befores, d_outputs
        ):
            d_h = d_hidden[: len(rz)]
            d_h.add_(d_output)  # what the loss sends directly
            d_carried = self._unmix_(d_h, before, n, z)
            d_reset = back_n(n)  # of r ⊙ h_{t-1}; n holds δa_n by now
            d_carried.addcmul_(d_reset, r)
            through_sigmoid_(r, d_reset, before)  # δa_r, Equation `bptt-gru-reset-before`
            torch.add(d_carried, back_rz(rz), out=d_h)  # Equation `bptt-gru-hidden-before`
        rz, *_, n = _gates(gates)
        return Deltas((d_hidden,), (gates,), ((rz, befores), (n, resets)))
