"""Exercises of the chapter "What a recurrent network is" about the derivative through time.

Axes: ``T`` steps, ``H`` hidden units.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def jacobian(states: Tensor, W_hh: Tensor) -> Tensor:
    """The derivative dh_T/dh_0: one factor a step, the later ones on the left."""
    J = torch.eye(len(W_hh), dtype=W_hh.dtype)
    for h in states:
        J = (1 - h**2)[:, None] * (W_hh @ J)
    return J


def _jacobian_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, H in ((4, 3), (1, 2), (6, 2), (3, 1)):
        yield random(generator, T, H).tanh(), random(generator, H, H)


def _product(factors, H):
    J = torch.eye(H, dtype=torch.float64)
    for factor in factors:
        J = factor @ J
    return J


def _later_on_the_right(states, W_hh):
    return jacobian(states.flip(0), W_hh)


def _columns_scaled(states, W_hh):
    return _product([W_hh @ torch.diag(1 - h**2) for h in states], len(W_hh))


def _no_slopes(states, W_hh):
    return _product([W_hh for _ in states], len(W_hh))


def _not_squared(states, W_hh):
    return _product([torch.diag(1 - h) @ W_hh for h in states], len(W_hh))


def _slope_of_sigmoid(states, W_hh):
    return _product([torch.diag(h * (1 - h)) @ W_hh for h in states], len(W_hh))


def _transposed(states, W_hh):
    return jacobian(states, W_hh.mT)


def _one_step(states, W_hh):
    return jacobian(states[-1:], W_hh)


def weights_for(states: Tensor, factor: float) -> Tensor:
    """Recurrent weights at which the gradient grows by a factor per step."""
    slopes = 1 - states**2  # (T, H)
    return factor / slopes.log().mean(dim=0).exp()  # their geometric mean


def _explosion_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, H, factor in ((5, 3, 1.5), (1, 2, 2.0), (8, 1, 3.0), (4, 2, 1.1)):
        yield random(generator, T, H).tanh(), factor


def _tanh_ignored(states, factor):
    return torch.full_like(states[0], factor)


def _arithmetic_mean(states, factor):
    return factor / (1 - states**2).mean(dim=0)


def _no_root(states, factor):
    return factor / (1 - states**2).prod(dim=0)


def _over_all_steps(states, factor):
    return weights_for(states, factor ** (1 / len(states)))


def _multiplied(states, factor):
    return factor**2 / weights_for(states, factor)


def _last_state(states, factor):
    return weights_for(states[-1:], factor)


def _root_not_squared(states, factor):
    return factor / (1 - states).log().mean(dim=0).exp()


def _settled() -> float:
    """Where a unit of weight 1.5 settles."""
    h = 1.0
    for _ in range(1000):
        h = math.tanh(1.5 * h)
    return h


def _slope_at_rest() -> float:
    return 1.5 * (1 - _settled() ** 2)


JACOBIAN = Exercise(
    name="rnn-jacobian",
    chapter="rnn",
    title="The chain rule by hand",
    goal="compute the derivative of the last state by the first without autograd",
    minutes=20,
    level="hard",
    hints=(
        "Begin with one step: how does a small change of the old state change the new one?",
        "One step is a matrix. Its entry (i, j) is the slope of tanh at unit i, which is "
        "1 - h_i^2, times the recurrent weight from unit j to unit i.",
        "Start from the unit matrix. For each state in order of time, multiply by the recurrent "
        "matrix from the left, then scale the *rows* by 1 - h^2.",
    ),
    mistakes=(
        Mistake(
            "later steps on the right",
            "The factors are right, but later steps stand on the right. The last step acts last, "
            "so it stands on the left of all others.",
            _later_on_the_right,
        ),
        Mistake(
            "columns are scaled",
            "The slopes scale the columns. Tanh acts on what comes out of the matrix, its rows.",
            _columns_scaled,
        ),
        Mistake(
            "the slope of tanh is missing",
            "This is a power of the recurrent matrix. Each step also has the slope of tanh in it.",
            _no_slopes,
        ),
        Mistake(
            "the state is not squared",
            "The slope of tanh is taken as 1 - h. See Tanh and sigmoid, the derivatives.",
            _not_squared,
        ),
        Mistake(
            "the slope of the sigmoid",
            "The slope is h (1 - h), which belongs to the sigmoid. The state comes out of tanh.",
            _slope_of_sigmoid,
        ),
        Mistake(
            "the recurrent matrix is transposed",
            "The recurrent matrix is transposed. Its rows are the new units already, as asked.",
            _transposed,
        ),
        Mistake(
            "the last step only",
            "This is the derivative of the last step alone. There is one factor for each step.",
            _one_step,
        ),
    ),
    stub='''def jacobian(states, W_hh):
    """The derivative of the last hidden state by the one before the first step.

    states (T, H): h_1 ... h_T, each tanh of its sum; W_hh (H, H), a row for each new unit.
    Returns dh_T/dh_0, (H, H): a row for each unit of h_T, a column for each of h_0.
    """
    raise NotImplementedError
''',
    reference=jacobian,
    cases=_jacobian_cases,
    parts=(Part("dh_T/dh_0", ("unit of h_T", "unit of h_0")),),
    about="what does an output depend on?",
    strict_types=True,
)

EXPLODE = Exercise(
    name="rnn-explode",
    chapter="rnn",
    title="A gradient that explodes",
    goal="choose recurrent weights for a given growth of the gradient",
    minutes=20,
    level="hard",
    hints=(
        "For a unit by itself the product of the chapter is a product of numbers. What is each "
        "of its T factors?",
        "The product is w^T times the product of all slopes 1 - h_t^2. It shall be factor^T.",
        "Solve for w: the factor, divided by the T-th root of the product of the slopes. That root "
        "is their geometric mean, the exponential of the mean of their logarithms.",
    ),
    mistakes=(
        Mistake(
            "tanh is ignored",
            "The weight is the factor itself. That would do for a network without tanh; here each "
            "step also multiplies by the slope of tanh.",
            _tanh_ignored,
        ),
        Mistake(
            "the mean of the slopes",
            "The factor is divided by the ordinary mean of the slopes. The slopes are multiplied "
            "with each other, not added up. Which mean belongs to a product?",
            _arithmetic_mean,
        ),
        Mistake(
            "no root is taken",
            "The factor is divided by the product of all slopes. The weight is multiplied in once "
            "in each of the T steps, so each takes over its share only.",
            _no_root,
        ),
        Mistake(
            "the factor over all steps",
            "With this weight the gradient grows by the factor over all steps, not in each.",
            _over_all_steps,
        ),
        Mistake(
            "multiplied in place of divided",
            "The factor is multiplied by the mean slope. A slope takes something away, so the "
            "weight has to be larger for it, not smaller.",
            _multiplied,
        ),
        Mistake(
            "the last state only",
            "Only the slope at the last state is made up for. There is one slope for each step.",
            _last_state,
        ),
        Mistake(
            "the state is not squared",
            "The slope of tanh is taken as 1 - h. See Tanh and sigmoid, the derivatives.",
            _root_not_squared,
        ),
    ),
    stub='''def weights_for(states, factor):
    """Positive recurrent weights with which a gradient grows by a factor per step.

    The units do not hear each other: W_hh is diagonal, and unit k has one weight w[k] on its own
    past. states (T, H): h_1 ... h_T; factor: a number.
    Returns w (H,), so that dh_T/dh_0 of each unit is factor**T.
    """
    raise NotImplementedError
''',
    reference=weights_for,
    cases=_explosion_cases,
    parts=(Part("w", ("unit",)),),
    about="what does an output depend on?",
    differentiable=True,
    strict_types=True,
    explained=(
        "No slope exceeds 1, so a weight below the factor can never reach it. A unit that is "
        "driven far out has slopes near 0, and no moderate weight makes up for them."
    ),
)

REST = Question(
    name="rnn-slope-at-rest",
    chapter="rnn",
    title="A memory that no gradient passes",
    goal="tell a lasting state from a lasting gradient",
    minutes=5,
    level="medium",
    hints=(
        "First find the state: apply h = tanh(1.5 h) again and again, from h = 1.",
        "It settles near 0.86. What is the slope of tanh there?",
        "A small change of the old state is multiplied by the weight, then by the slope 1 - h^2.",
    ),
    mistakes=(
        Mistake(
            "the weight alone",
            "That is the weight. It is the factor near h = 0; further out tanh bends.",
            1.5,
        ),
        Mistake(
            "the slope alone",
            "That is the slope of tanh at this state. The change is multiplied by the weight too.",
            _slope_at_rest() / 1.5,
        ),
        Mistake(
            "the state",
            "That is the state itself, which holds. What becomes of a small change of it?",
            _settled(),
        ),
        Mistake(
            "no change",
            "The state stays as it is, but a small change of it does not: it is pulled back.",
            1.0,
        ),
    ),
    answer=_slope_at_rest,
    tolerance=0.01,
    explained=(
        "The state h = 0.86 lasts for ever. A change of it shrinks to about 0.39 of its size in a "
        "step, and a gradient on its way back by the same factor. What holds a state firmly lets "
        "no gradient pass."
    ),
)

GRADIENTS = (REST, JACOBIAN, EXPLODE)
