"""What the backward passes of all cells have in common: nonlinearities and sums over steps.

Functions that end in an underscore write their result over their first argument, as PyTorch's do.

Axes: ``B`` batch, ``X`` inputs, ``G`` gates × hidden units, ``S`` rows of all steps together.
"""

from torch import Tensor


def tanh_(a: Tensor) -> Tensor:
    """Write tanh a over a; on a CPU as 2σ(2a) - 1, since torch's tanh takes several times its σ."""
    if a.device.type != "cpu":
        return a.tanh_()
    return a.mul_(2).sigmoid_().mul_(2).sub_(1)


def through_sigmoid_(s: Tensor, *factors: Tensor) -> Tensor:
    """Write σ'(a) times the factors over s = σ(a), since σ' = s (1 - s)."""
    s.addcmul_(s, s, value=-1)
    for factor in factors:
        s.mul_(factor)
    return s


def through_tanh_(t: Tensor, *factors: Tensor) -> Tensor:
    """Write tanh'(a) times the factors over t = tanh a, since tanh' = 1 - t²."""
    t.square_().neg_().add_(1)
    for factor in factors:
        t.mul_(factor)
    return t


def added(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """The sum of the two biases, or None if there are none."""
    return None if a is None or b is None else a + b


def weight_gradient(d: Tensor, rows: Tensor) -> Tensor:
    """Σ_t δa_t rows_tᵀ of all steps in one product, Equation `bptt-weights`.

    Args:
        d: The gradient of the pre-activations, (S, G).
        rows: What the weight multiplied, (S, X).

    Returns:
        The gradient of the weight, (G, X).
    """
    return (rows.mT @ d).mT if rows.size(1) >= 512 else d.mT @ rows  # the faster order on CPUs
