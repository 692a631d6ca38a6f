"""Claims about gradients through time, settled by computing: C2, C3, C4.

Axes: ``T`` time steps, ``X`` inputs, ``H`` hidden units.
"""

import math

import torch
from torch import Tensor, nn

from rnnlab import gradients, scratch
from rnnlab.claims.claim import Claim, Evidence, Load, mean
from rnnlab.models import set_forget_bias

STEPS, H, X, SEEDS = 51, 24, 6, 6
NEAR, FAR = 10, 50  # the gaps between which a factor per step is taken


def _norms(layer: nn.Module, seed: int) -> Tensor:
    """Norm of the gradient 0 to 50 steps back, relative to that at the last state, (T,)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(STEPS, X, generator=generator, dtype=torch.float64)
    direction = torch.randn(H, generator=generator, dtype=torch.float64)
    found = gradients.state_gradients(layer, x, lambda h: (h[-1] * direction).sum())
    norms = found.norms.flip(0)
    return norms / norms[0]


def _factor(norms: Tensor) -> float:
    """By how much the gradient is multiplied at each step, on average."""
    return float((norms[FAR] / norms[NEAR]) ** (1 / (FAR - NEAR)))


def _scale(layer: nn.Module, radius: float) -> None:
    """Give the recurrent weights a spectral radius."""
    weight = dict(layer.named_parameters())["weight_hh_l0"]
    with torch.no_grad():
        weight.mul_(radius / gradients.spectral_radius(weight))


def _bend(norms: Tensor) -> float:
    """How far the logarithm is from a straight line, relative to how far it goes; 0 if straight."""
    logarithm = norms[NEAR : FAR + 1].log()
    line = torch.linspace(0, 1, len(logarithm), dtype=logarithm.dtype)
    middle = logarithm - logarithm.mean()
    slope = (middle * line).sum() / ((line - line.mean()) ** 2).sum()
    return float((middle - slope * (line - line.mean())).std() / slope.abs())


def _geometric(_: Load) -> Evidence:
    factors: dict[float, list[float]] = {0.5: [], 3.0: []}
    bends = []
    for radius, found in factors.items():
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            layer = scratch.RNN(X, H, dtype=torch.float64)
            _scale(layer, radius)
            norms = _norms(layer, seed)
            found.append(_factor(norms))
            bends.append(_bend(norms))
    numbers = {"small": mean(factors[0.5]), "large": mean(factors[3.0]), "bend": mean(bends)}
    return Evidence(
        "a step multiplies the gradient by {small:.1f} with recurrent weights of radius 0.5, by "
        "{large:.1f} with radius 3; on a logarithmic axis it leaves a straight line by {bend:.0%} "
        "of its way",
        numbers,
        max(factors[0.5]) < 0.9 and min(factors[3.0]) > 1 and numbers["bend"] < 0.1,
    )


def _descend(clip: float, steps: int = 60) -> bool:
    """Train an identity RNN by plain descent; tell whether all its weights are still numbers."""
    torch.manual_seed(0)
    layer = scratch.RNN(2, 32, nonlinearity="relu", dtype=torch.float32)
    nn.init.eye_(dict(layer.named_parameters())["weight_hh_l0"])
    head = nn.Linear(32, 1, dtype=torch.float32)
    weights = [*layer.parameters(), *head.parameters()]
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        x = torch.rand(60, 32, 2, generator=generator, dtype=torch.float32)
        loss = (head(layer(x)[0][-1])[:, 0] - x[0, :, 0]).pow(2).mean()
        slopes = torch.autograd.grad(loss, weights)
        norm = torch.stack([slope.norm() for slope in slopes]).norm()
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight.sub_(0.01 * slope * min(1.0, clip / float(norm)))
    return all(bool(weight.isfinite().all()) for weight in weights)


def _overflow() -> bool:
    """Tell whether a gradient that overflowed on its way back is finite after clipping."""
    torch.manual_seed(0)
    layer = scratch.RNN(4, 64, dtype=torch.float32)
    _scale(layer, 5.0)
    layer(torch.randn(400, 1, 4, dtype=torch.float32))[0][-1].pow(2).mean().backward()
    nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
    return all(bool(p.grad.isfinite().all()) for p in layer.parameters() if p.grad is not None)


def _clipping(_: Load) -> Evidence:
    numbers = {
        "wild": _descend(math.inf),
        "clipped": _descend(1.0),
        "late": _overflow(),
    }
    return Evidence(
        "all weights are still numbers after 60 updates: {wild} without clipping, {clipped} with "
        "it; a gradient that overflowed on its way back is a number after clipping: {late}",
        numbers,
        numbers == {"wild": False, "clipped": True, "late": False},
    )


def _additive(_: Load) -> Evidence:
    found: dict[str, list[float]] = {"rnn": [], "shut": [], "open": []}
    for seed in range(SEEDS):
        for name, factors in found.items():
            torch.manual_seed(seed)
            kind = scratch.RNN if name == "rnn" else scratch.LSTM
            layer = kind(X, H, dtype=torch.float64)
            if name != "rnn":
                set_forget_bias(layer, 2.0 if name == "open" else 0.0)
            factors.append(_factor(_norms(layer, seed)))
    numbers = {name: mean(factors) for name, factors in found.items()}
    return Evidence(
        "a step multiplies the gradient by {rnn:.1f} in a new RNN, by {shut:.1f} in an LSTM with "
        "forget bias 0, by {open:.2f} with forget bias 2",
        numbers,
        min(found["open"]) > max(found["rnn"] + found["shut"]) and max(found["open"]) < 1,
    )


CLAIMS = (
    Claim(
        "C2",
        "in a vanilla RNN the gradient through a long gap shrinks (recurrent weights small) or "
        "grows (large), geometrically",
        "holds",
        "A radius of 1 is not the border, as the slopes of tanh take their share at each step.",
        (),
        ("bptt-gap",),
        _geometric,
    ),
    Claim(
        "C3",
        "exploding gradients can end in NaN; clipping prevents it",
        "holds if",
        "The gradient itself is still finite. One that overflowed cannot be clipped.",
        (),
        ("bptt-clipping",),
        _clipping,
    ),
    Claim(
        "C4",
        "the LSTM's additive cell path eases vanishing gradients, but does not abolish them",
        "holds if",
        "The forget gate is open. With PyTorch's start the LSTM forgets as fast as the RNN.",
        (),
        ("bptt-additive",),
        _additive,
    ),
)
