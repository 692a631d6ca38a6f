"""A scratch module and its ``torch.nn`` twin with the same weights, and their comparison."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlab import scratch

KINDS = ("RNN", "LSTM", "GRU")
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}


def twins(name: str, *args, dtype=torch.float64, seed=0, **kwargs):
    """A scratch module and its twin, e.g. ``twins("LSTM", 5, 6, bidirectional=True)``."""
    torch.manual_seed(seed)
    theirs = getattr(nn, name)(*args, dtype=dtype, **kwargs)
    ours = getattr(scratch, name)(*args, dtype=dtype, **kwargs)  # other numbers: a later seed
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def tensors(result) -> list[Tensor]:
    """Every tensor of a result, however nested."""
    if isinstance(result, PackedSequence):
        return [result.data]
    if isinstance(result, Tensor):
        return [result]
    return [tensor for part in result for tensor in tensors(part)]


def initial_state(kind: str, *shape: int, proj_size: int = 0, dtype=torch.float64):
    """A random initial state as a layer or cell of this kind wants it, requiring gradients."""
    h_shape = (*shape[:-1], proj_size) if proj_size else shape
    h = torch.randn(h_shape, dtype=dtype, requires_grad=True)
    if kind != "LSTM":
        return h
    return h, torch.randn(shape, dtype=dtype, requires_grad=True)


def gradients(module: nn.Module, result, leaves: Iterable[Tensor], keep_graph=False):
    """Gradients of a fixed random projection of all results, for parameters and leaves."""
    generator = torch.Generator().manual_seed(1)
    loss = sum(
        (t * torch.randn(t.shape, generator=generator, dtype=torch.float64).to(t)).sum()
        for t in tensors(result)
    )
    wanted = [*module.parameters(), *leaves]
    grads = torch.autograd.grad(loss, wanted, retain_graph=keep_graph, materialize_grads=True)
    return list(grads)


def assert_close(ours, theirs) -> None:
    """Equal shapes, dtypes, and values within the course's tolerance."""
    ours, theirs = tensors(ours), tensors(theirs)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        tolerance = TOLERANCE[b.dtype]
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


def assert_twins(ours, theirs, *args, leaves=()) -> None:
    """Equal outputs, states and gradients on the same arguments."""
    result, expected = ours(*args), theirs(*args)
    assert_close(result, expected)
    # The graph is kept: packed input shares the packing between the twins.
    got, wanted = (gradients(m, r, leaves, True) for m, r in ((ours, result), (theirs, expected)))
    assert_close(got, wanted)


def error_of(make) -> Exception | None:
    """The exception that a call raises, or None."""
    try:
        make()
    except Exception as error:  # whatever it is, the caller compares it
        return error
    return None


def assert_models_agree(make, *args):
    """A model on scratch layers equals itself on torch's, in float64; returns the scratch one.

    Args:
        make: Makes the model, given an ``implementation``; with other weights every time.
        *args: What the models are called with.
    """
    torch.manual_seed(0)
    ours, theirs = (make(implementation=name).double() for name in ("scratch", "torch"))
    with torch.no_grad():  # negative control: before they share their weights they differ
        pairs = zip(tensors(ours(*args)), tensors(theirs(*args)), strict=True)
        assert all((a - b).abs().max() > 1e-4 for a, b in pairs)
    theirs.load_state_dict(ours.state_dict())
    assert_twins(ours, theirs, *args)
    assert all(grad.any() for grad in gradients(ours, ours(*args), []))  # nothing compares as 0 = 0
    return ours
