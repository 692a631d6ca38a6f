"""A forward and a backward pass derived by hand, as one node of autograd's graph.

Autograd would record every operation of every step. Here the whole sequence is a single operation,
and what it keeps for the backward pass is written once into buffers that the derivation names. The
backward pass may write its results over them: after it they are no longer needed, and where they
are (``retain_graph``), they are computed anew.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``G`` gates × ``H``, ``S`` rows of all steps.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from rnnlab.scratch.backprop.arithmetic import weight_gradient
from rnnlab.scratch.backprop.products import product
from rnnlab.scratch.backprop.steps import Steps
from rnnlab.scratch.scan import scan
from rnnlab.scratch.updates import State, Weights


class Deltas(NamedTuple):
    """What a backward pass through time finds; the gradients of x and the weights follow from it.

    Attributes:
        state: The gradients of the initial state, shaped like it.
        of_input: The gradient of W_ih x + b_ih, blocks of gates side by side, (S, ...) each.
        of_hidden: The gradient of W_hh h + b_hh, blocks of gates, each with the rows (S, ...) that
            its weights multiplied, in pieces one below the other.
        of_projection: The same for W_hr u, where there is a projection.
    """

    state: State
    of_input: tuple[Tensor, ...]
    of_hidden: tuple[tuple[Tensor, tuple[Tensor, ...]], ...]
    of_projection: tuple[Tensor, tuple[Tensor, ...]] | None = None

    @property
    def share_bias(self) -> bool:
        """Whether both biases are added to the same sums, and so have the same gradient."""
        return self.of_input[0] is self.of_hidden[0][0]


@dataclass(frozen=True)
class Derivation(ABC):
    """A cell's forward and backward pass over all steps of one layer in one direction.

    Attributes:
        steps: Their order, and the rows of each.
    """

    steps: Steps

    @abstractmethod
    def update(self, w: Weights, projected: Tensor, state: State) -> State:
        """One step as the readable loop takes it (`rnnlab.scratch.updates`)."""

    @abstractmethod
    def forward(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State, State]:
        """Run over the rows.

        Args:
            x: The inputs of all steps, (S, X).
            state: The initial state, tensors (B, ...).
            w: The cell's weights.

        Returns:
            The outputs of all steps, (S, ...), the final state, shaped like the initial one, and
            what the backward pass needs besides x and w.
        """

    @abstractmethod
    def backward(
        self, w: Weights, state: State, kept: State, d_outputs: Tensor, d_final: State
    ) -> Deltas:
        """Go back through time.

        Args:
            w: The cell's weights.
            state: The initial state.
            kept: What the forward pass kept. May be written over, unless it is an output.
            d_outputs: The gradient of the outputs, (S, ...).
            d_final: The gradient of the final state.

        Returns:
            The gradients of pre-activations and initial state.
        """


class WholeSequence(Function):
    """A derivation as a node of autograd's graph. Inputs: x, the state's tensors, the weights."""

    @staticmethod
    def forward(ctx: Any, derivation: Derivation, *inputs: Tensor | None) -> tuple[Tensor, ...]:
        """Run, and keep what the backward pass needs."""
        outputs, final, kept = derivation.forward(*_parts(inputs))
        ctx.derivation, ctx.inputs, ctx.written_over = derivation, len(inputs), False
        ctx.save_for_backward(*inputs, *kept)
        return outputs, *final

    @staticmethod
    def backward(ctx: Any, *d_results: Tensor) -> tuple[Any, ...]:
        """The gradients of the inputs, each None if it is not wanted."""
        saved = ctx.saved_tensors  # once: torch.utils.checkpoint gives them a single time
        inputs, kept = saved[: ctx.inputs], saved[ctx.inputs :]
        wanted = ctx.needs_input_grad[1:]
        if torch.is_grad_enabled():  # create_graph: the gradients will be differentiated in turn
            return None, *_by_readable_loop(ctx.derivation, inputs, wanted, d_results)
        x, state, w = _parts(inputs)
        if ctx.written_over:
            _, _, kept = ctx.derivation.forward(x, state, w)
        ctx.written_over = True
        # Autograd forbids writing over what it keeps, lest a second backward pass read it. That one
        # computes it anew instead, so ``data`` may go round the rule.
        deltas = ctx.derivation.backward(
            w, state, tuple(tensor.data for tensor in kept), d_results[0], d_results[1:]
        )
        return None, *_gradients(deltas, x, w, wanted)


def _parts(inputs: Sequence[Any]) -> tuple[Tensor, State, Weights]:
    """Inputs as x, state and weights; the weights are the last five."""
    n = len(Weights._fields)
    return inputs[0], tuple(inputs[1:-n]), Weights(*inputs[-n:])


def _gradients(
    deltas: Deltas, x: Tensor, w: Weights, wanted: Sequence[bool]
) -> Iterator[Tensor | None]:
    """The gradients of x, of the state and of the five weights, where they are wanted."""
    wants_x, (wants_ih, wants_hh, wants_b_ih, wants_b_hh, wants_hr) = wanted[0], wanted[-5:]
    of_x = None
    if wants_x:  # Equation `bptt-input`
        blocks = w.weight_ih.split([d.size(1) for d in deltas.of_input])
        products = [
            product(W.mT, rows=len(x))(d) for d, W in zip(deltas.of_input, blocks, strict=True)
        ]
        of_x = torch.stack(products).sum(0) if len(products) > 1 else products[0]
    yield of_x
    yield from deltas.state
    # Equation `bptt-weights`
    yield _rows([weight_gradient(d, (x,)) for d in deltas.of_input]) if wants_ih else None
    yield _rows([weight_gradient(d, rows) for d, rows in deltas.of_hidden]) if wants_hh else None
    of_b_ih = _rows([d.sum(0) for d in deltas.of_input]) if wants_b_ih else None
    yield of_b_ih
    if of_b_ih is not None and wants_b_hh and deltas.share_bias:
        yield of_b_ih.clone()  # no second sum over all rows, but memory of its own
    else:
        yield _rows([d.sum(0) for d, _ in deltas.of_hidden]) if wants_b_hh else None
    yield weight_gradient(*deltas.of_projection) if wants_hr and deltas.of_projection else None


def _rows(blocks: list[Tensor]) -> Tensor:
    """Blocks of gates, one below the other."""
    return torch.cat(blocks) if len(blocks) > 1 else blocks[0]


def _by_readable_loop(
    derivation: Derivation,
    inputs: Sequence[Any],
    wanted: Sequence[bool],
    d_results: Sequence[Tensor],
) -> Iterator[Tensor | None]:
    """The same gradients through the readable loop, as functions that autograd can follow."""
    outputs, final = run_readable(derivation, *_parts(inputs))
    sought = [tensor for tensor, needed in zip(inputs, wanted, strict=True) if needed]
    found = iter(
        torch.autograd.grad(
            (outputs, *final), sought, d_results, create_graph=True, materialize_grads=True
        )
    )
    yield from (next(found) if needed else None for needed in wanted)


def applies(x: Tensor) -> bool:
    """Whether a layer may run as one operation on this input.

    It may not inside compilers, autocast and ``torch.func``, which take the readable loop apart
    operation by operation, nor on the meta device, where nothing is computed.
    """
    transforms = getattr(torch._C, "_are_functorch_transforms_active", lambda: False)
    return not (
        x.is_meta
        or torch.compiler.is_compiling()
        or torch.is_autocast_enabled(x.device.type)
        or transforms()
    )


def run_readable(
    derivation: Derivation, x: Tensor, state: State, w: Weights
) -> tuple[Tensor, State]:
    """Do what `run_whole` does as a loop of updates, which autograd can follow."""
    steps = derivation.steps
    projected = w.project(x).split(steps.batch_sizes)
    return scan(partial(derivation.update, w), projected, state, reverse=steps.reverse)


def run_whole(derivation: Derivation, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
    """Run a layer in one direction over a whole sequence, forward now and backward when asked.

    Args:
        derivation: The cell's, with the steps to take.
        x: The inputs of all steps, (S, X).
        state: The initial state, tensors (B, ...).
        w: The cell's weights.

    Returns:
        The outputs of all steps, (S, ...), and the final state, shaped like the initial one.
    """
    outputs, *final = WholeSequence.apply(derivation, x, *state, *w)  # type: ignore[no-untyped-call]
    return outputs, tuple(final)
