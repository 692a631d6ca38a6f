"""The simple recurrent network over a whole sequence, and its backward pass derived by hand.

Chapter learning-through-time. ``d_`` before a name means the gradient of the loss with respect to
it, which the book writes δ.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``S`` rows of all steps together.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.scratch.backprop.arithmetic import added, relu, tanh, through_tanh
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product, send
from rnnlab.scratch.backprop.steps import joined
from rnnlab.scratch.updates import Nonlinearity, State, Weights, rnn_update


@dataclass(frozen=True)
class RNNDerivation(Derivation):
    """Forward and backward pass of Equation `rnn-cell` (Elman, 1990)."""

    nonlinearity: Nonlinearity = "tanh"

    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step, Equation `rnn-cell`."""
        return rnn_update(projected, state, w, nonlinearity=self.nonlinearity)

    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Keeps h_{t-1} and h_t of every step, (S, H)."""
        (h_0,) = state
        activate = tanh if self.nonlinearity == "tanh" else relu
        outputs = product(w.weight_ih, rows=len(x), bias=added(w.bias_ih, w.bias_hh))(x)  # (S, H)
        recur = product(w.weight_hh, rows=len(h_0), times=len(self.steps))
        for (a,), h_before in zip(
            self.steps.forwards(outputs), self.steps.before(outputs, h_0), strict=True
        ):
            recur.add_to(a, joined(h_before))
            activate(a, out=a)  # Equation `rnn-cell`
        return outputs, (self.steps.final(outputs),), (outputs,)

    def backward(
        self, w: Weights, state: State, kept: State, d_outputs: Tensor, d_final: State
    ) -> Deltas:
        """Equations `bptt-hidden`, `bptt-preactivation`."""
        (outputs,), (h_0,) = kept, state
        d_h_0 = torch.zeros_like(h_0)
        d_states = self.steps.add_final_(d_outputs.clone(), d_final[0])  # what the loss sends
        # relu's slope is 0 or 1, the sign of its value
        slope = through_tanh if self.nonlinearity == "tanh" else torch.sign
        back = product(w.weight_hh.mT, rows=len(h_0), times=len(self.steps))
        for (h, d_h), d_h_before in zip(
            self.steps.backwards(outputs, d_states),
            reversed([*self.steps.before(d_states, d_h_0)]),
            strict=True,
        ):
            d_a = d_h.mul_(slope(h))  # Equation `bptt-preactivation`, written over δh
            send(back, d_a, d_h_before)  # Equation `bptt-hidden`
        h_before = self.steps.all_before(outputs, h_0)
        return Deltas((d_h_0,), (d_states,), ((d_states, h_before),))
