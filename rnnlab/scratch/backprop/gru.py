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
from rnnlab.scratch.backprop.arithmetic import added, tanh, through_sigmoid_, through_tanh
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product
from rnnlab.scratch.backprop.steps import joined, replaced
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

    def _unmix_(self, d_h: Tensor, before: Tensor, n: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Write δa_z over z; return δa_n, and what goes to h_{t-1} past the candidate."""
        passed = d_h * z
        rest = d_h - passed
        if self.update_gate == "keep":
            d_carried, d_n, difference = passed, rest, before - n
        else:
            d_carried, d_n, difference = rest, passed, n - before
        z.mul_(rest).mul_(difference)  # Equation `bptt-gru-update`; the rest is (1 - z) δh
        return through_tanh(n, d_n), d_carried  # Equation `bptt-gru-candidate`


@dataclass(frozen=True)
class GRUAfterDerivation(_GRUDerivation):
    """Forward and backward pass of the GRU that resets after the product (``torch.nn``)."""

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, with Equation `gru-candidate-after`."""
        return gru_update(projected, state, w, update_gate=self.update_gate)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps the gates (S, 3H), W_hn h_{t-1} + b_hn and h_t (S, H) of every step."""
        (h_0,) = state
        B, H = h_0.shape
        gates = product(w.weight_ih, rows=len(x), bias=w.bias_ih)(x)  # (S, 3H)
        outputs, recurrents = (gates.new_empty(len(x), H) for _ in range(2))
        recur = product(w.weight_hh, rows=B, times=len(self.steps), bias=w.bias_hh)
        for (rz, r, z, n, q, output), h_before in zip(
            self.steps.forwards(*_gates(gates), recurrents, outputs),
            self.steps.before(outputs, h_0),
            strict=True,
        ):
            before = joined(h_before)
            a_rz, a_n = recur(before).split([2 * H, H], dim=1)
            rz.add_(a_rz).sigmoid_()  # Equations `gru-reset`, `gru-update`
            q.copy_(a_n)
            tanh(n.addcmul_(r, q), out=n)  # Equation `gru-candidate-after`
            self._mix(before, n, z, out=output)
        return outputs, (self.steps.final(outputs),), (gates, recurrents, outputs)

    def backward(
        self, w: Weights, state: State, kept: State, d_outputs: Tensor, d_final: State
    ) -> Deltas:
        """Equations `bptt-gru-candidate` to `bptt-gru-hidden-after`; writes over the gates."""
        gates, recurrents, outputs = kept
        (h_0,) = state
        (d_hidden,) = d_final
        back = product(w.weight_hh.mT, rows=len(h_0), times=len(self.steps))
        for (a, _, r, z, n, q, d_output), h_before in zip(
            self.steps.backwards(gates, *_gates(gates), recurrents, d_outputs),
            reversed([*self.steps.before(outputs, h_0)]),
            strict=True,
        ):
            d_h = d_output + d_hidden[: len(a)]
            d_n, d_hidden_before = self._unmix_(d_h, joined(h_before), n, z)
            torch.mul(d_n, r, out=n)  # what the recurrent weights of n see
            through_sigmoid_(r, n * q)  # δa_r, Equation `bptt-gru-reset-after`
            q.copy_(d_n)  # what the input weights of n see
            back.add_to(d_hidden_before, a)  # Equation `bptt-gru-hidden-after`
            d_hidden = replaced(d_hidden_before, d_hidden)
        h_befores = self.steps.all_before(outputs, h_0)
        return Deltas((d_hidden,), (_gates(gates)[0], recurrents), ((gates, h_befores),))


@dataclass(frozen=True)
class GRUBeforeDerivation(_GRUDerivation):
    """Forward and backward pass of the GRU that resets before the product (Cho et al., 2014)."""

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, with Equation `gru-candidate-before`."""
        return gru_update(projected, state, w, reset_after=False, update_gate=self.update_gate)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps the gates (S, 3H), r ⊙ h_{t-1} and h_t (S, H) of every step."""
        (h_0,) = state
        B, H = h_0.shape
        gates = product(w.weight_ih, rows=len(x), bias=added(w.bias_ih, w.bias_hh))(x)  # (S, 3H)
        outputs, resets = (gates.new_empty(len(x), H) for _ in range(2))
        recur_rz, recur_n = (
            product(W, rows=B, times=len(self.steps)) for W in w.weight_hh.split([2 * H, H])
        )
        for (rz, r, z, n, reset, output), h_before in zip(
            self.steps.forwards(*_gates(gates), resets, outputs),
            self.steps.before(outputs, h_0),
            strict=True,
        ):
            before = joined(h_before)
            recur_rz.add_to(rz, before)
            rz.sigmoid_()  # Equations `gru-reset`, `gru-update`
            torch.mul(r, before, out=reset)
            recur_n.add_to(n, reset)
            tanh(n, out=n)  # Equation `gru-candidate-before`
            self._mix(before, n, z, out=output)
        return outputs, (self.steps.final(outputs),), (gates, resets, outputs)

    def backward(
        self, w: Weights, state: State, kept: State, d_outputs: Tensor, d_final: State
    ) -> Deltas:
        """Equations `bptt-gru-candidate` to `bptt-gru-hidden-before`; writes over the gates."""
        gates, resets, outputs = kept
        (h_0,) = state
        B, H = h_0.shape
        (d_hidden,) = d_final
        back_rz, back_n = (
            product(W.mT, rows=B, times=len(self.steps)) for W in w.weight_hh.split([2 * H, H])
        )
        for (rz, r, z, n, d_output), h_before in zip(
            self.steps.backwards(*_gates(gates), d_outputs),
            reversed([*self.steps.before(outputs, h_0)]),
            strict=True,
        ):
            before = joined(h_before)
            d_h = d_output + d_hidden[: len(r)]
            d_n, d_hidden_before = self._unmix_(d_h, before, n, z)
            n.copy_(d_n)
            passed = back_n(d_n).mul_(r)  # the gradient of r ⊙ h_{t-1}, passed through r
            d_hidden_before.add_(passed)
            through_sigmoid_(r, passed.mul_(before))  # δa_r, Equation `bptt-gru-reset-before`
            back_rz.add_to(d_hidden_before, rz)  # Equation `bptt-gru-hidden-before`
            d_hidden = replaced(d_hidden_before, d_hidden)
        h_befores = self.steps.all_before(outputs, h_0)
        rz, *_, n = _gates(gates)
        return Deltas((d_hidden,), (gates,), ((rz, h_befores), (n, (resets,))))
