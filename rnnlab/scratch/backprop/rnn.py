"""The simple recurrent network over a whole sequence, and its backward pass derived by hand.

Chapter learning-through-time. ``d_`` before a name means the gradient of the loss with respect to
it, which the book writes δ.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``S`` rows of all steps together.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.scratch.backprop.arithmetic import added, tanh_, through_tanh_
from rnnlab.scratch.backprop.function import Deltas, Derivation
from rnnlab.scratch.backprop.products import product
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
        activate_ = tanh_ if self.nonlinearity == "tanh" else torch.relu_
        hidden = state[0].clone()
        outputs = product(w.weight_ih, len(x), added(w.bias_ih, w.bias_hh))(x)  # (S, H)
        befores = torch.empty_like(outputs)
        recur = product(w.weight_hh, len(hidden))
        for a, before in self.steps.forwards(outputs, befores):
            h = hidden[: len(a)]
            before.copy_(h)
            h.copy_(activate_(a.add_(recur(before))))
        return outputs, (hidden,), (befores, outputs)

    def backward(self, w: Weights, kept: State, d_outputs: Tensor, d_final: State) -> Deltas:
        """Equations `bptt-hidden`, `bptt-preactivation`."""
        befores, outputs = kept
        d_hidden = d_final[0].clone()
        tanh = self.nonlinearity == "tanh"
        slopes = through_tanh_(outputs.clone()) if tanh else outputs.sign()  # of relu: 0 or 1
        back = product(w.weight_hh.mT, len(d_hidden))
        for d_a, d_output in self.steps.backwards(slopes, d_outputs):
            d_h = d_hidden[: len(d_a)]
            d_h.add_(d_output)  # Equation `bptt-hidden`, what the loss sends directly
            d_a.mul_(d_h)  # Equation `bptt-preactivation`, over the slopes
            d_h.copy_(back(d_a))  # Equation `bptt-hidden`, for the step before
        return Deltas((d_hidden,), (slopes,), ((slopes, befores),))
