"""What the backward passes of all cells have in common: nonlinearities and sums over steps.

Functions that end in an underscore write their result over their first argument, as PyTorch's do.

Axes: ``B`` batch, ``X`` inputs, ``G`` gates × hidden units, ``S`` rows of all steps together.
"""

from functools import cache

import torch
from torch import Tensor


def tanh(a: Tensor, out: Tensor) -> Tensor:
    """The tanh of a into ``out``, which may be a itself.

    On a CPU it is computed as 2σ(2a) - 1, since torch's tanh takes several times as long as its σ.
    """
    if a.device.type != "cpu":
        return torch.tanh(a, out=out)
    torch.add(a, a, out=out).sigmoid_()
    return doubled_minus_one_(out)


def relu(a: Tensor, out: Tensor) -> Tensor:
    """max(a, 0) into ``out``, which may be a itself."""
    return torch.clamp(a, min=0, out=out)


def doubled_minus_one_(s: Tensor) -> Tensor:
    """Write 2s - 1 over s: from σ(2a) to tanh a."""
    return torch.add(_scalar(-1, s.dtype, s.device), s, alpha=2, out=s)


@cache
def _scalar(value: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A number as a tensor, made once: turning it into one at every step is what costs."""
    return torch.tensor(value, dtype=dtype, device=device)


def through_sigmoid_(s: Tensor, passed: Tensor) -> Tensor:
    """Write δa = δs s (1 - s) over a gate s = σ(a), given what it has passed back, δs s."""
    return torch.addcmul(passed, passed, s, value=-1, out=s)


def through_tanh(t: Tensor, *factors: Tensor, out: Tensor | None = None) -> Tensor:
    """1 - t², the slope of tanh at t = tanh a, times the factors; ``out`` may be t itself."""
    slope = torch.addcmul(_scalar(1, t.dtype, t.device), t, t, value=-1, out=out)
    for factor in factors:
        slope.mul_(factor)
    return slope


def added(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """The sum of the two biases, or None if there are none."""
    return None if a is None or b is None else a + b


def weight_gradient(d: Tensor, rows: tuple[Tensor, ...]) -> Tensor:
    """Σ_t δa_t rows_tᵀ of all steps, Equation `bptt-weights`.

    Args:
        d: The gradient of the pre-activations, (S, G).
        rows: What the weight multiplied, in pieces one below the other, (S, X) in all.

    Returns:
        The gradient of the weight, (G, X).
    """
    pieces = zip(d.split([len(piece) for piece in rows]), rows, strict=True)
    total: Tensor
    total, *others = (d_piece.mT @ piece for d_piece, piece in pieces)
    for other in others:
        total.add_(other)
    return total
