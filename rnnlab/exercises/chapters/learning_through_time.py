"""Exercises of the chapter "Learning through time".

The backward pass of the RNN here; that of the gates, the size of a gradient, and what is kept,
in the files beside it.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters import (
    learning_through_time_gates,
    learning_through_time_memory,
    learning_through_time_size,
)
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def deltas(h: Tensor, d_output: Tensor, W_hh: Tensor) -> Tensor:
    """The gradients of all sums inside the tanh, from the last step to the first."""
    found: list[Tensor] = []
    from_later = torch.zeros(())
    for t in reversed(range(len(d_output))):
        d_a = (d_output[t] + from_later) * (1 - h[t + 1] ** 2)
        found.insert(0, d_a)
        from_later = d_a @ W_hh
    return torch.stack(found)


def _deltas_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, H in ((4, 2, 3), (1, 1, 2), (3, 1, 1), (2, 3, 4)):
        states = torch.tanh(random(generator, T + 1, B, H))
        yield states, random(generator, T, B, H), random(generator, H, H)


def _back(d_output, step):
    found: list[Tensor] = []
    from_later = torch.zeros(())
    for t in reversed(range(len(d_output))):
        d_a, from_later = step(t, from_later)
        found.insert(0, d_a)
    return torch.stack(found)


def _as_given(h, d_output, W_hh):
    def step(t, later):
        d_a = (d_output[t] + later) * (1 - h[t] ** 2)
        return d_a, d_a @ W_hh.mT

    return _back(d_output, step)


def _state_before(h, d_output, W_hh):
    def step(t, later):
        d_a = (d_output[t] + later) * (1 - h[t] ** 2)
        return d_a, d_a @ W_hh

    return _back(d_output, step)


def _transposed(h, d_output, W_hh):
    return deltas(h, d_output, W_hh.mT)


def _slope_not_passed_on(h, d_output, W_hh):
    def step(t, later):
        d_h = d_output[t] + later
        return d_h * (1 - h[t + 1] ** 2), d_h @ W_hh

    return _back(d_output, step)


def _last_loss_alone(h, d_output, W_hh):
    last = torch.zeros_like(d_output)
    last[-1] = d_output[-1]
    return deltas(h, last, W_hh)


def _order_turned(h, d_output, W_hh):
    return deltas(h, d_output, W_hh).flip(0)


def weight_gradients(d_a: Tensor, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of W_ih, W_hh and the bias: a product over all steps and sequences at once."""
    d_a = d_a.flatten(0, 1)
    return d_a.mT @ x.flatten(0, 1), d_a.mT @ h[:-1].flatten(0, 1), d_a.sum(0)


def _weight_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 3, 2, 3), (1, 2, 5, 2), (3, 1, 2, 4)):
        yield (
            random(generator, T, B, H),
            random(generator, T, B, X),
            random(generator, T + 1, B, H),
        )


def _state_after(d_a, x, h):
    return weight_gradients(d_a, x, torch.cat([h[1:], h[:1]]))


def _product_turned(d_a, x, h):
    W_ih, W_hh, b = weight_gradients(d_a, x, h)
    return W_ih, W_hh.mT, b


def _mean_of_batch(d_a, x, h):
    return tuple(part / x.shape[1] for part in weight_gradients(d_a, x, h))


def _mean_of_steps(d_a, x, h):
    return tuple(part / len(x) for part in weight_gradients(d_a, x, h))


def _last_step(d_a, x, h):
    return weight_gradients(d_a[-1:], x[-1:], h[-2:])


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="bptt-deltas",
        chapter="learning-through-time",
        title="Two wrong lines",
        goal="find the mistakes in a backward pass",
        minutes=15,
        level="medium",
        hints=(
            "One line makes the gradient of a state into that of the sum inside its tanh. Which "
            "state's slope belongs there? `h` starts with the state *before* the first step.",
            "The other line goes back through the weights. Forward, with a batch in rows, it is "
            "`h @ W_hh.mT`. What is the product for a gradient that comes back?",
            "`h[t]` is the state before step `t`, `h[t + 1]` the one after it. And the transpose "
            "of a transpose is the matrix itself.",
        ),
        mistakes=(
            Mistake(
                "the code as it was given",
                "This is still what the given code computes. One line takes the slope of the tanh "
                "at the wrong state, another goes back through the wrong matrix.",
                _as_given,
            ),
            Mistake(
                "the slope of the state before",
                "The way through the weights is right. The slope of the tanh is not: it belongs "
                "to the state that came *out* of it. Count where `h` begins.",
                _state_before,
            ),
            Mistake(
                "the matrix is transposed",
                "The slopes are right. The gradient goes back through the transpose of what went "
                "forward; see the equation of the hidden state, and mind that rows are sequences.",
                _transposed,
            ),
            Mistake(
                "the slope is not passed on",
                "Each δa by itself has its slope, but what goes on to the step before has not "
                "passed through the tanh. It is δa that goes back through W_hh, not δh.",
                _slope_not_passed_on,
            ),
            Mistake(
                "only the last state's loss counts",
                "The loss may look at every state, but only what it sends to the last one arrives. "
                "At each step two contributions meet.",
                _last_loss_alone,
            ),
            Mistake(
                "the steps stand in reverse order",
                "The numbers are right, from the last step to the first. They were collected on "
                "the way back and must be put in order.",
                _order_turned,
            ),
        ),
        stub='''def deltas(h, d_output, W_hh):
    """The gradients δa of all sums inside the tanh. Two lines are wrong.

    h (T + 1, B, H): the states, with the one before the first step in front.
    d_output (T, B, H): what the loss sends to each state. W_hh (H, H).
    Returns δa (T, B, H).
    """
    found, from_later = [], torch.zeros(())
    for t in reversed(range(len(d_output))):
        d_a = (d_output[t] + from_later) * (1 - h[t] ** 2)
        found.insert(0, d_a)
        from_later = d_a @ W_hh.mT
    return torch.stack(found)
''',
        reference=deltas,
        cases=_deltas_cases,
        parts=(Part("δa", ("step", "sequence", "unit")),),
        about="the backward pass of the RNN",
        strict_types=True,
        explained="With the batch in rows, the product with the transpose of W_hh reads "
        "`d_a @ W_hh`.",
    ),
    Exercise(
        name="bptt-weights",
        chapter="learning-through-time",
        title="All steps in one product",
        goal="turn a sum over steps and sequences into one matrix product",
        minutes=10,
        level="medium",
        hints=(
            "Every step of every sequence adds an outer product. How many rows do you get if steps "
            "and sequences are laid one below the other?",
            "`flatten(0, 1)` makes (T, B, H) into (T · B, H). A product of such a matrix, "
            "transposed, with another one sums over all rows.",
            "W_ih met the input of the step. W_hh met the state *before* the step, which are all "
            "of `h` but the last one. The bias met a 1.",
        ),
        mistakes=(
            Mistake(
                "W_hh meets the state after the step",
                "The gradient of W_hh uses the states after each step. Which state did it "
                "multiply? The chapter's numeric check finds the same mistake.",
                _state_after,
            ),
            Mistake(
                "the product of W_hh is turned around",
                "The gradient of W_hh is transposed. Rows belong to what came out, columns to what "
                "went in. Its square shape hides the exchange.",
                _product_turned,
            ),
            Mistake(
                "a mean over the batch",
                "All values are too small by the number of sequences. The equation has sums; a "
                "mean, if any, is part of the loss, and has arrived with δa.",
                _mean_of_batch,
            ),
            Mistake(
                "a mean over the steps",
                "All values are too small by the number of steps. A weight that is used at each "
                "step collects from all of them; nothing is divided.",
                _mean_of_steps,
            ),
            Mistake(
                "the last step alone",
                "Only the last step's share is there. The weights were used at every step.",
                _last_step,
            ),
        ),
        stub='''def weight_gradients(d_a, x, h):
    """The gradients of the RNN's weights for a whole batch, without a loop.

    d_a (T, B, H): δa of all steps. x (T, B, X): inputs.
    h (T + 1, B, H): the states, with the one before the first step in front.
    Returns the gradients of W_ih (H, X), of W_hh (H, H) and of a bias (H,).
    """
    raise NotImplementedError
''',
        reference=weight_gradients,
        cases=_weight_cases,
        parts=(
            Part("δW_ih", ("unit", "input")),
            Part("δW_hh", ("unit", "unit before")),
            Part("δb", ("unit",)),
        ),
        about="the gradients of the weights, a sum over the steps",
        differentiable=True,
        strict_types=True,
        explained="The layers of the package do it so: one product in place of T small ones.",
    ),
    *learning_through_time_gates.EXERCISES,
    *learning_through_time_size.EXERCISES,
    *learning_through_time_memory.EXERCISES,
)
