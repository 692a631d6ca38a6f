"""A recurrent layer captured in CUDA graphs: the same kernels, launched all at once.

A loop over T steps in Python launches several kernels at each step, forward and backward, and a
small step takes less time than its launches. A CUDA graph records the launches once and replays
them as one, so the readable loop stays as it is and its cost in Python goes. What it asks for
instead: shapes that stay, memory that stays, and nothing that waits for the GPU's answer.

``torch.cuda.make_graphed_callables`` does the same. It is not used here because it hands out its
own memory: a gradient that a parameter keeps is overwritten by the next backward pass, which makes
gradients that are summed over several passes silently wrong (PyTorch's issue 181723). Here results
and gradients are copies.

Chapter: making-it-fast.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

#: Passes before the capture, in which libraries choose their kernels and take their memory.
WARM_UP = 3


class Graphed(nn.Module):
    """A layer in CUDA graphs, one for each pass, for inputs of one shape.

    It shares the layer's parameters. The graphs see what changes them in place: an optimiser's
    steps, ``load_state_dict``; they do not see it if the layer is moved or given another type. In
    the other of training and evaluation mode the layer itself is run.

    The graphs keep the activations of one call, so its backward pass has to come before the next
    call, and once; otherwise it raises.

    Args:
        layer: On a CUDA device: an RNN, LSTM or GRU of `rnnlab.scratch` or ``torch.nn``, or any
            module with a call ``layer(input, hx)`` that returns ``(output, state)``.
        input: An example of the input, (T, B, X) or as the layer takes it: its shape, type and
            whether it requires a gradient are what the graphs are made for.
        hx: An example of the initial state: a tensor, ``(h_0, c_0)``, or None for none.

    Raises:
        TypeError: A packed sequence, whose lengths Python would have to read while it is captured.
        ValueError: A layer or an example that is not on a CUDA device.
        RuntimeError: There is no CUDA device, or the layer cannot be captured.
    """

    def __init__(self, layer: nn.Module, input: Tensor, hx: Any = None) -> None:
        super().__init__()
        examples = _check(layer, input, hx)
        self.layer = layer
        self._expected = _signature(examples)
        self._captured_in = layer.training
        try:
            with torch.cuda.device_of(input):
                self._graphs = _Graphs(layer, examples)
        except RuntimeError as error:
            raise RuntimeError(
                f"{type(layer).__name__} could not be captured in a CUDA graph: it must neither "
                f"wait for the GPU nor change shapes ({error})"
            ) from error
        self.train(layer.training)

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """Run the graph.

        Args:
            input: Of the example's shape, type and device.
            hx: As the example's.

        Returns:
            What the layer returns.

        Raises:
            ValueError: Arguments unlike the examples; the message says in what.
            RuntimeError: In the backward pass, if the activations are gone by then.
        """
        arguments = _tensors(input, hx)
        if (got := _signature(arguments)) != self._expected:
            raise ValueError(f"expected what the graph was made for, {self._expected}, got {got}")
        if self.training != self._captured_in:
            output, state = self.layer(input, hx)
            return output, state
        output, *state = _Replay.apply(  # type: ignore[no-untyped-call]
            self._graphs, len(arguments), *arguments, *self.layer.parameters()
        )
        return output, tuple(state) if len(state) > 1 else state[0]


class _Graphs:
    """The graphs of a layer's two passes, and the memory that they work in."""

    def __init__(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.calls = 0
        self.kept: int | None = None  # the call whose activations are in the graphs' memory
        self.inputs = inputs
        sources = (*inputs, *layer.parameters())
        wanted = [source for source in sources if source.requires_grad]

        def forward() -> tuple[Tensor, ...]:
            input, *states = inputs
            hx: Any = tuple(states) if len(states) > 1 else states[0] if states else None
            output, state = layer(input, hx)
            return (output, *_tensors(state))

        def backward(outputs: tuple[Tensor, ...]) -> tuple[Tensor | None, ...]:
            if not wanted:
                return (None,) * len(sources)
            reached = [k for k, output in enumerate(outputs) if output.requires_grad]
            results, d_results = (
                [tensors[k] for k in reached] for tensors in (outputs, self.d_outputs)
            )
            found = iter(torch.autograd.grad(results, wanted, d_results, allow_unused=True))
            return tuple(next(found) if source.requires_grad else None for source in sources)

        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.enable_grad(), torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                outputs = forward()
                self.d_outputs = tuple(torch.zeros_like(output) for output in outputs)
                backward(outputs)
            del outputs
        torch.cuda.current_stream().wait_stream(aside)
        self.there, self.back = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        with torch.enable_grad():
            with torch.cuda.graph(self.there):
                outputs = forward()
            with torch.cuda.graph(self.back, pool=self.there.pool()):
                self.d_sources = backward(outputs)
        # Without their history, which would hold on to nodes that belong to the capture's stream.
        self.outputs = tuple(output.detach() for output in outputs)

    def forward(self, arguments: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Replay the forward pass on other inputs."""
        self.calls += 1
        self.kept = self.calls
        for input, argument in zip(self.inputs, arguments, strict=True):
            input.detach().copy_(argument)
        self.there.replay()
        return tuple(output.clone() for output in self.outputs)

    def backward(self, d_outputs: tuple[Tensor, ...], call: int) -> tuple[Tensor | None, ...]:
        """Replay the backward pass of a call from other gradients; it uses the activations up."""
        if self.kept != call:
            raise RuntimeError(
                f"expected one backward pass of call {call}, before the next call (there were "
                f"{self.calls}): a graph keeps no more than the activations of one pass"
            )
        self.kept = None
        for memory, d_output in zip(self.d_outputs, d_outputs, strict=True):
            memory.copy_(d_output)
        self.back.replay()
        return tuple(None if found is None else found.clone() for found in self.d_sources)


class _Replay(torch.autograd.Function):
    """The two graphs as a function with a derivative."""

    @staticmethod
    def forward(ctx: Any, graphs: _Graphs, count: int, *sources: Tensor) -> tuple[Tensor, ...]:
        """Give the results for the first `count` tensors; the others are the parameters."""
        results = graphs.forward(sources[:count])
        ctx.graphs, ctx.call = graphs, graphs.calls
        return results

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        """Give the gradients of every source."""
        return None, None, *ctx.graphs.backward(d_outputs, ctx.call)


def _check(layer: nn.Module, input: Tensor, hx: Any) -> tuple[Tensor, ...]:
    """Give copies of the examples, or raise for what cannot be captured."""
    if isinstance(input, PackedSequence):
        raise TypeError(
            "expected a tensor, got a PackedSequence: its lengths differ between batches, and a "
            "graph is made for one shape; pad, and mask the loss"
        )
    if not torch.cuda.is_available():
        raise RuntimeError("a CUDA graph needs a CUDA device, and torch finds none")
    examples = _tensors(input, hx)
    placed = {"input and state": examples, "layer": tuple(layer.parameters())}
    for name, tensors in placed.items():
        if elsewhere := {str(t.device) for t in tensors if not t.is_cuda}:
            raise ValueError(f"expected the {name} on a CUDA device, got {sorted(elsewhere)}")
    return tuple(t.detach().clone().requires_grad_(t.requires_grad) for t in examples)


def _tensors(*arguments: Any) -> tuple[Tensor, ...]:
    """The tensors among arguments that are tensors, pairs of tensors or None."""
    found: list[Tensor] = []
    for argument in arguments:
        if isinstance(argument, Tensor):
            found.append(argument)
        elif argument is not None:
            found.extend(argument)
    return tuple(found)


def _signature(tensors: tuple[Tensor, ...]) -> list[str]:
    """What a graph depends on: the shape, type, device and need of a gradient of each argument."""
    return [
        f"{tuple(t.shape)} {t.dtype} on {t.device}" + (" with gradient" if t.requires_grad else "")
        for t in tensors
    ]
