"""What the three recurrent layers share: parameters, checks, loops over layers and directions.

A layer runs its cell's update (`rnnlab.scratch.updates`) over the steps of a sequence. Three things
make it faster than a loop over cells, and change no result: the inputs' share of every gate is one
product over all steps, since it depends on no hidden state; each step computes all gates in one
product; and the backward pass is not recorded step by step, but derived by hand
(`rnnlab.scratch.backprop`). With ``readable``, and inside compilers, autocast and ``torch.func``,
it is the loop of updates that runs, and autograd that goes back through it.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units (H
where there is no projection), ``D`` directions, ``S`` rows of all steps together (T·B, fewer if
packed).
"""

import warnings
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from rnnlab.scratch.backprop import Derivation, Steps, applies, run_readable, run_whole
from rnnlab.scratch.cells import initialise
from rnnlab.scratch.checks import check_layer_arguments, same_dtype
from rnnlab.scratch.updates import State, Weights

Sequences = TypeVar("Sequences", Tensor, PackedSequence)


class RecurrentLayer(nn.Module):
    """A stack of recurrent layers in one or both directions, over a cell's update."""

    num_gates: int  # blocks of H rows in each weight
    state_labels: tuple[str, ...] = ("hidden",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        readable: bool,
    ) -> None:
        super().__init__()
        check_layer_arguments(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size
        )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero "
                f"dropout expects num_layers greater than 1, but got dropout={dropout} and "
                f"num_layers={num_layers}",
                stacklevel=3,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self.readable = readable
        for layer in range(num_layers):
            below = input_size if layer == 0 else self._directions * self._output_size
            for suffix in self._suffixes(layer):
                for name, shape in self._shapes(below).items():
                    empty = torch.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(name + suffix, nn.Parameter(empty))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _suffixes(self, layer: int) -> list[str]:
        """How PyTorch ends the names of a layer's parameters, a suffix for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...]]:
        """The shapes of the parameters of one layer in one direction, in PyTorch's order."""
        G = self.num_gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (G, input_size),
            "weight_hh": (G, self._output_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (G,), "bias_hh": (G,)}
        if self.proj_size:
            shapes |= {"weight_hr": (self.proj_size, self.hidden_size)}
        return shapes

    def _weights(self, suffix: str) -> Weights:
        return Weights(**{name: getattr(self, name + suffix) for name in self._shapes(0)})

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters, a list for each layer and direction, as in ``torch.nn``."""
        suffixes = (s for layer in range(self.num_layers) for s in self._suffixes(layer))
        return [[getattr(self, name + s) for name in self._shapes(0)] for s in suffixes]

    def reset_parameters(self) -> None:
        """Draw every parameter from U(-1/√H, 1/√H)."""
        initialise(self, self.hidden_size)

    def flatten_parameters(self) -> None:
        """Do nothing: ``torch.nn`` prepares weights for cuDNN here, and this layer uses none."""

    def extra_repr(self) -> str:
        """The arguments as ``torch.nn`` prints them: sizes, then what is not the default."""
        defaults: dict[str, Any] = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        set_here = [
            f"{name}={getattr(self, name)}"
            for name, default in defaults.items()
            if getattr(self, name) != default
        ]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *set_here])

    def _derivation(self, steps: Steps) -> Derivation:
        """The cell's forward and backward pass over these steps."""
        raise NotImplementedError

    def _run(self, data: Tensor, batch_sizes: list[int], state: State) -> tuple[Tensor, State]:
        """Run all layers and directions over checked arguments.

        Args:
            data: The rows of all steps, one step after the other, (S, X).
            batch_sizes: How many rows each of the T steps has.
            state: The initial states, each (layers·D, B, ...).

        Returns:
            The last layer's output, (S, D·P), and the final states, shaped like the initial ones.
        """
        run = run_readable if self.readable or not applies(data) else run_whole
        finals: list[State] = []
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes(layer):
                output, final = run(
                    self._derivation(Steps(batch_sizes, reverse=suffix.endswith("_reverse"))),
                    data,
                    tuple(s[len(finals)] for s in state),
                    self._weights(suffix),
                )
                outputs.append(output)
                finals.append(final)
            data = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]  # (S, D·P)
            if layer < self.num_layers - 1:
                data = dropout(data, self.dropout, self.training)
        return data, tuple(torch.stack(s) for s in zip(*finals, strict=True))

    def run(self, input: Sequences, state: State | None) -> tuple[Sequences, State]:
        """Bring any kind of input to rows and batch sizes, run, and bring the results back."""
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, state)
        name = type(self).__name__
        if input.dim() not in (2, 3):
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        batched, batch_dim = input.dim() == 3, 0 if self.batch_first else 1
        for s in state or ():
            if s.dim() != input.dim():
                raise RuntimeError(
                    f"{name}: For {'' if batched else 'un'}batched {input.dim()}-D input, "
                    f"hx should also be {input.dim()}-D but got {s.dim()}-D tensor"
                )
        x = input if batched else input.unsqueeze(batch_dim)
        x = x.transpose(0, 1) if self.batch_first else x  # (T, B, X)
        if state is not None and not batched:
            state = tuple(s.unsqueeze(1) for s in state)
        T, B, _ = x.shape
        state = self._checked(x, B, state)
        if T == 0:
            raise RuntimeError(f"{name}: Expected sequence length to be larger than 0, got 0")
        rows, state = self._run(x.flatten(0, 1), [B] * T, state)
        output = rows.unflatten(0, (T, B))  # (T, B, D·P)
        output = output.transpose(0, 1) if self.batch_first else output
        if batched:
            return output, state
        return output.squeeze(batch_dim), tuple(s.squeeze(1) for s in state)

    def _forward_packed(
        self, input: PackedSequence, state: State | None
    ) -> tuple[PackedSequence, State]:
        data, batch_sizes, sorted_indices, unsorted_indices = input
        state = self._checked(data, int(batch_sizes[0]), state)
        if sorted_indices is not None:
            state = tuple(s.index_select(1, sorted_indices) for s in state)
        rows, state = self._run(data, batch_sizes.tolist(), state)
        if unsorted_indices is not None:
            state = tuple(s.index_select(1, unsorted_indices) for s in state)
        return PackedSequence(rows, batch_sizes, sorted_indices, unsorted_indices), state

    def _checked(self, x: Tensor, B: int, state: State | None) -> State:
        """Check x (..., X) and the states; return the states, zeros if there are none."""
        name, dtype = type(self).__name__, next(self.parameters()).dtype
        if not same_dtype(x, dtype):
            raise ValueError(
                f"{name}: input dtype ({x.dtype}) does not match weight dtype ({dtype}). "
                f"Convert input: input.to({dtype}), or convert model: model.to({x.dtype})"
            )
        if x.size(-1) != self.input_size:
            raise RuntimeError(
                f"{name}: input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {x.size(-1)}"
            )
        rows = self.num_layers * self._directions
        shapes = [(rows, B, self._output_size), (rows, B, self.hidden_size)]
        if state is None:
            return tuple(
                torch.zeros(shape, dtype=x.dtype, device=x.device)
                for _, shape in zip(self.state_labels, shapes, strict=False)
            )
        for label, s, shape in zip(self.state_labels, state, shapes, strict=False):
            if s.shape != shape:
                raise RuntimeError(f"{name}: Expected {label} size {shape}, got {list(s.shape)}")
            if not same_dtype(s, dtype):
                raise RuntimeError(
                    f"{name}: {label} and weights must have the same dtype, "
                    f"expected {dtype}, got {s.dtype}"
                )
        return state
