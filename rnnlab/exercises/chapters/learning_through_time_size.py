"""Exercises of the chapter "Learning through time": how large a gradient is.

Axes: ``H`` hidden units.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def clipped(gradients: list[Tensor], limit: float) -> list[Tensor]:
    """All gradients shortened together, so that their common norm is at most the limit."""
    norm = torch.cat([g.flatten() for g in gradients]).norm()
    return [g * (limit / norm.clamp(min=limit)) for g in gradients]


def _clip_cases(generator: torch.Generator) -> Iterator[Arguments]:
    pair = [random(generator, 3, 2), random(generator, 4, scale=3.0)]
    yield pair, 1.0
    yield [0.01 * g for g in pair], 1.0
    yield [*pair, random(generator, 1, 1)], 2.5
    yield [torch.zeros(2, 2, dtype=torch.float64)], 1.0


def _by_value(gradients, limit):
    return [g.clamp(-limit, limit) for g in gradients]


def _each_alone(gradients, limit):
    return [clipped([g], limit)[0] for g in gradients]


def _always(gradients, limit):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (limit / norm) for g in gradients]


def _squared(gradients, limit):
    square = sum((g**2).sum() for g in gradients)
    return [g * (limit / max(square, limit)) for g in gradients]


def _sum_of_norms(gradients, limit):
    total = sum(g.norm() for g in gradients)
    return [g * (limit / max(total, limit)) for g in gradients]


def scaled(W: Tensor, growth: float, steps: int) -> Tensor:
    """The same matrix, with the spectral radius that makes a gradient grow so over the steps."""
    radius = torch.linalg.eigvals(W).abs().max()
    wanted: float = growth ** (1 / steps)
    factor: Tensor = wanted / radius
    return W * factor


def _radius_cases(generator: torch.Generator) -> Iterator[Arguments]:
    yield random(generator, 4, 4), 1e6, 50
    yield torch.tensor([[-0.7]], dtype=torch.float64), 10.0, 5
    yield torch.tensor([[1.2, 0.9], [-0.9, 1.2]], dtype=torch.float64), 1e-3, 10
    yield random(generator, 3, 3), 2.0, 1


def _no_root(W, growth, _):
    return scaled(W, growth, 1)


def _divided(W, growth, steps):
    return scaled(W, growth / steps, 1)


def _by_norm(W, growth, steps):
    return W * (growth ** (1 / steps) / torch.linalg.matrix_norm(W, 2))


def _real_part(W, growth, steps):
    return W * (growth ** (1 / steps) / torch.linalg.eigvals(W).real.max())


def _not_divided(W, growth, steps):
    return W * growth ** (1 / steps)


def left(w: float, steps: int) -> float:
    """The factor for each step at the settled state, once for each step."""
    h = 1.0
    for _ in range(1000):
        h = math.tanh(w * h)
    return (w * (1 - h**2)) ** steps


def _settled(w):
    h = 1.0
    for _ in range(1000):
        h = math.tanh(w * h)
    return h


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="bptt-explode",
        chapter="learning-through-time",
        title="An explosion to order",
        goal="turn a growth over a gap into a spectral radius",
        minutes=15,
        level="medium",
        hints=(
            "In a network without nonlinearity every step back multiplies by the same matrix. What "
            "is left of a power of a matrix behaves like the power of one number.",
            "A radius $\\rho$ gives a growth of $\\rho^{\\text{steps}}$. Solve for $\\rho$, and "
            "scale the matrix: all eigenvalues scale with it.",
            "`torch.linalg.eigvals(W)` gives complex numbers; the radius is the greatest of their "
            "absolute values.",
        ),
        mistakes=(
            Mistake(
                "the growth of all steps in one",
                "The radius was set to the growth over the whole gap. One step needs only its "
                "share, and the shares are multiplied.",
                _no_root,
            ),
            Mistake(
                "the growth is divided by the steps",
                "The growth was divided by the number of steps. The factors of the steps are "
                "multiplied, not added: which operation undoes a power?",
                _divided,
            ),
            Mistake(
                "the norm in place of the radius",
                "The spectral *norm* was set. It bounds a single step; over many steps it is the "
                "radius that decides. See the two numbers of the chapter.",
                _by_norm,
            ),
            Mistake(
                "the greatest real part",
                "The greatest real part of an eigenvalue was set. A negative or complex eigenvalue "
                "lengthens too: what counts is the absolute value.",
                _real_part,
            ),
            Mistake(
                "the old radius stays in",
                "The matrix was multiplied by the new radius, but its old one was not divided out.",
                _not_divided,
            ),
        ),
        stub='''def scaled(W, growth, steps):
    """Scale a recurrent matrix such that a gradient grows as told.

    W (H, H). Over so many steps of h_t = W h_{t-1}, for a long gap, the gradient shall change
    by the factor `growth`, on average over the steps. Returns the scaled matrix (H, H).
    """
    raise NotImplementedError
''',
        reference=scaled,
        cases=_radius_cases,
        parts=(Part("the matrix", ("row", "column")),),
        about="a product of Jacobians",
        strict_types=True,
    ),
    Exercise(
        name="bptt-latch",
        chapter="learning-through-time",
        title="What a latch lets through",
        goal="see why a plain unit that remembers cannot learn to",
        minutes=10,
        level="easy",
        hints=(
            "Where does it settle? You need not solve the equation; let it run.",
            "Every step back multiplies by the slope of tanh, and by the weight.",
            "At the settled state $h$ all factors are the same, $w\\,(1 - h^2)$.",
        ),
        mistakes=(
            Mistake(
                "the weight is left out",
                "Only the slopes are there. Each step back also passes the weight $w$.",
                lambda w, steps: (1 - _settled(w) ** 2) ** steps,
            ),
            Mistake(
                "the slope is left out",
                "Only the weights are there, or the slope was taken at $h = 0$, where it is 1. The "
                "unit sits at its settled state.",
                lambda w, steps: w**steps,
            ),
            Mistake(
                "the slope lacks the square",
                "The slope of tanh as a function of its output has a square in it.",
                lambda w, steps: (w * (1 - _settled(w))) ** steps,
            ),
            Mistake(
                "the factors are added",
                "The factor of a step is right, but the steps follow each other: what happens to "
                "factors in a chain?",
                lambda w, steps: w * (1 - _settled(w) ** 2) * steps,
            ),
            Mistake(
                "it has not settled",
                "The unit made one step from 1 and had not settled. Let it run until nothing "
                "changes.",
                lambda w, steps: (w * (1 - math.tanh(w) ** 2)) ** steps,
            ),
        ),
        stub='''def left(w, steps):
    """What is left of a gradient after so many steps back through h_t = tanh(w h_{t-1}).

    w above 1; the unit starts at 1 and has settled long ago. Returns a number.
    """
    raise NotImplementedError
''',
        reference=left,
        cases=lambda _: iter([(1.1, 5), (1.5, 2), (2.0, 3), (1.2, 1)]),
        about="three steps by hand, and a product of Jacobians",
        explained="At every $w > 1$ the factor is below 1: the harder it holds on, the less "
        "gradient passes.",
    ),
    Exercise(
        name="bptt-clip",
        chapter="learning-through-time",
        title="Shorter, not turned",
        goal="clip the gradient of a whole network by its norm",
        minutes=10,
        level="easy",
        hints=(
            "There is one gradient: all numbers of all tensors in a row. It has one norm.",
            "The norm is the root of the sum of *all* squares. What factor does a gradient get "
            "that is short enough already?",
            "The factor is the limit over the greater of norm and limit, the same for all tensors. "
            "Written so, a gradient of zeros makes no trouble.",
        ),
        mistakes=(
            Mistake(
                "clipped by value",
                "Each number was cut off by itself, which turns the gradient. Clipping by norm "
                "keeps its direction; see the figure of the chapter.",
                _by_value,
            ),
            Mistake(
                "each tensor by its own norm",
                "Each tensor has a norm and a factor of its own. That changes the proportions "
                "between them, and so the direction: there is one norm for all.",
                _each_alone,
            ),
            Mistake(
                "short gradients are lengthened",
                "Every gradient gets the limit's length, even one that was shorter, and zeros "
                "become NaN. Clipping only ever shortens.",
                _always,
            ),
            Mistake(
                "the squared norm",
                "The sum of squares was taken for the norm. A root is missing.",
                _squared,
            ),
            Mistake(
                "the norms are added",
                "The norms of the tensors were added. The norm of all numbers together is the root "
                "of the sum of squares, which is less.",
                _sum_of_norms,
            ),
        ),
        stub='''def clipped(gradients, limit):
    """Clip by norm, all tensors together.

    gradients: a list of tensors of any shapes. limit: the greatest norm, above 0.
    Returns a new list of tensors of the same shapes.
    """
    raise NotImplementedError
''',
        reference=clipped,
        cases=_clip_cases,
        tolerance=1e-5,
        about="too much: NaN, and clipping",
    ),
)
