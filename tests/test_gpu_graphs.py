"""Layers in CUDA graphs: equal to the layer outside, and clear about what a graph cannot do.

Without a GPU the capture is played: a tape notes every operation between the beginning and the end
of a capture, and a replay does them again into the same memory, as a graph does.
"""

import contextlib

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from twins import KINDS, assert_close, gradients, initial_state, tensors

from rnnlab import scratch
from rnnlab.gpu import Graphed, graphs

T, B, X, H = 4, 3, 5, 6
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


class Tape(TorchDispatchMode):
    """A graph for the CPU: it notes operations, and does them again into the same memory."""

    def __init__(self):
        super().__init__()
        self.noted = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.noted.append((func, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def replay(self):
        for func, args, kwargs, old in self.noted:
            for memory, new in zip(
                tree_leaves(old), tree_leaves(func(*args, **kwargs)), strict=True
            ):
                if isinstance(memory, torch.Tensor) and memory.data_ptr() != new.data_ptr():
                    memory.copy_(new)

    def pool(self):
        return None


class Stream:
    """A stream for the CPU, where everything waits for everything anyway."""

    def wait_stream(self, other):
        """Do nothing."""


@pytest.fixture
def graphed(monkeypatch):
    """A function that captures a layer, on a GPU or on a tape."""

    def copies(layer, input, hx):
        found = graphs._tensors(input, hx)
        return tuple(t.detach().clone().requires_grad_(t.requires_grad) for t in found)

    def make(device, layer, input, hx=None):
        if device == "cpu":
            monkeypatch.setattr(graphs, "_check", copies)
            monkeypatch.setattr(torch.cuda, "CUDAGraph", Tape)
            monkeypatch.setattr(torch.cuda, "graph", lambda graph, **_: graph)
            monkeypatch.setattr(torch.cuda, "Stream", Stream)
            monkeypatch.setattr(torch.cuda, "current_stream", Stream)
            monkeypatch.setattr(torch.cuda, "stream", contextlib.nullcontext)
        return Graphed(layer, input, hx)

    return make


def layer_on(device, kind="LSTM", *sizes, **options):
    torch.manual_seed(0)
    options = {"readable": True, "dtype": torch.float64} | options
    return getattr(scratch, kind)(*(sizes or (X, H)), **options).to(device)


def batch_on(device, seed=1, *, gradient=True):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(T, B, X, dtype=torch.float64, generator=generator)
    return x.to(device).requires_grad_(gradient)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_results_states_and_gradients_are_those_of_the_layer(graphed, device, kind, readable):
    layer = layer_on(device, kind, X, H, 2, readable=readable)
    ours = graphed(device, layer, batch_on(device))
    with pytest.raises(AssertionError):  # negative control: the example's results are not replayed
        assert_close(ours(batch_on(device, 1)), layer(batch_on(device, 2)))
    for seed in (2, 3):
        x = batch_on(device, seed)
        result, expected = ours(x), layer(x)
        assert_close(result, expected)
        assert_close(gradients(ours, result, [x]), gradients(layer, expected, [x]))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", KINDS)
def test_initial_state_and_its_gradients(graphed, device, kind):
    layer = layer_on(device, kind)
    torch.manual_seed(3)
    state = tuple(s.detach().to(device) for s in tensors([initial_state(kind, 1, B, H)]))
    for s in state:
        s.requires_grad_()
    hx = state if kind == "LSTM" else state[0]
    example = tuple(torch.zeros_like(s, requires_grad=True) for s in state)
    ours = graphed(device, layer, batch_on(device), example if kind == "LSTM" else example[0])
    x = batch_on(device)
    result, expected = ours(x, hx), layer(x, hx)
    assert_close(result, expected)
    assert_close(gradients(ours, result, [x, *state]), gradients(layer, expected, [x, *state]))


@pytest.mark.parametrize("device", DEVICES)
def test_training_goes_as_without_the_graph(graphed, device):
    """The optimiser's steps are seen by the graph, and gradients add up over passes."""
    losses = {}
    for way in ("graph", "layer"):
        layer = layer_on(device)
        model = (
            graphed(device, layer, batch_on(device, gradient=False)) if way == "graph" else layer
        )
        optimiser = torch.optim.SGD(layer.parameters(), lr=0.5)
        losses[way] = []
        for _ in range(3):
            optimiser.zero_grad()
            for seed in (1, 2):  # two passes for each step
                loss = model(batch_on(device, seed, gradient=False))[0].square().mean()
                loss.backward()
                losses[way].append(loss.item())
            optimiser.step()
    assert losses["graph"] == pytest.approx(losses["layer"], rel=1e-12)
    assert losses["graph"][0] > losses["graph"][-2] + 1e-4  # it learns, so the steps were seen


@pytest.mark.parametrize("device", DEVICES)
def test_results_and_gradients_outlive_the_next_call(graphed, device):
    layer = layer_on(device)
    ours = graphed(device, layer, batch_on(device))
    x = batch_on(device, 1)
    first = ours(x)
    first_gradients = gradients(ours, first, [x])
    gradients(ours, ours(batch_on(device, 2)), [])
    assert_close(first, layer(x))
    assert_close(first_gradients, gradients(layer, layer(x), [x]))


@pytest.mark.parametrize("device", DEVICES)
def test_backward_pass_that_comes_too_late_or_twice_raises(graphed, device):
    layer = layer_on(device)
    ours = graphed(device, layer, batch_on(device))
    first = ours(batch_on(device, 1))[0].sum()
    second = ours(batch_on(device, 2))[0].sum()
    with pytest.raises(
        RuntimeError, match=r"pass of call 1, before the next call \(there were 2\)"
    ):
        first.backward()
    second.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="one backward pass of call 2"):
        second.backward()


@pytest.mark.parametrize("device", DEVICES)
def test_evaluation_runs_the_layer_itself(graphed, device):
    layer = layer_on(device, "GRU", X, H, 2, dropout=0.5)
    ours = graphed(device, layer, batch_on(device))
    x = batch_on(device)
    assert_close(ours.eval()(x), layer(x))  # nothing dropped
    assert not layer.training
    with pytest.raises(AssertionError):  # negative control: in training there is
        assert_close(ours.train()(x), layer.eval()(x))


@pytest.mark.parametrize("device", DEVICES)
def test_frozen_layer_without_gradients(graphed, device):
    layer = layer_on(device).requires_grad_(False)
    ours = graphed(device, layer, batch_on(device, gradient=False))
    x = batch_on(device, 2, gradient=False)
    assert_close(ours(x), layer(x))
    assert not ours(x)[0].requires_grad


@pytest.mark.parametrize("device", DEVICES)
def test_arguments_unlike_the_examples_are_refused(graphed, device):
    ours = graphed(device, layer_on(device), batch_on(device))
    for x in (batch_on(device)[1:], batch_on(device).float(), batch_on(device, gradient=False)):
        with pytest.raises(
            ValueError, match=r"made for, \['\(4, 3, 5\) torch.float64 .* gradient'"
        ):
            ours(x)
    with pytest.raises(ValueError, match="made for"):
        ours(batch_on(device), initial_state("LSTM", 1, B, H))


@pytest.mark.parametrize("device", DEVICES)
def test_parameters_are_the_layers_own(graphed, device):
    layer = layer_on(device)
    ours = graphed(device, layer, batch_on(device))
    assert [id(p) for p in ours.parameters()] == [id(p) for p in layer.parameters()]


def test_packed_sequence_is_refused():
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(T, B, X), torch.tensor([4, 2, 1]))
    with pytest.raises(TypeError, match="expected a tensor, got a PackedSequence"):
        Graphed(scratch.LSTM(X, H), packed)


def test_there_has_to_be_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="needs a CUDA device, and torch finds none"):
        Graphed(scratch.LSTM(X, H), torch.randn(T, B, X))


def test_layer_and_example_have_to_be_on_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(ValueError, match=r"the input and state on a CUDA device, got \['cpu'\]"):
        Graphed(scratch.LSTM(X, H), torch.randn(T, B, X))


class Asks(nn.Module):
    """A layer that waits for the GPU's answer."""

    def forward(self, input, _=None):
        """Look at a number, which a capture forbids."""
        return input * input.sum().item(), input


@pytest.mark.gpu
def test_layer_that_waits_cannot_be_captured():
    with pytest.raises(RuntimeError, match="Asks could not be captured in a CUDA graph"):
        Graphed(Asks(), torch.randn(T, B, X, device="cuda"))


@pytest.mark.gpu
def test_torchs_own_layer_can_be_captured():
    torch.manual_seed(0)
    layer = nn.LSTM(X, H, dtype=torch.float64, device="cuda")
    x = batch_on("cuda")
    ours = Graphed(layer, x)
    result, expected = ours(x), layer(x)
    assert_close(result, expected)
    assert_close(gradients(ours, result, [x]), gradients(layer, expected, [x]))
