"""Exercises of the chapter "LSTM" about how long it remembers: a step by hand, a half-life."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def forget_bias(steps: Tensor) -> Tensor:
    """The bias of a forget gate that keeps half of the store after some steps."""
    gate = 0.5 ** (1 / steps)
    return torch.logit(gate)


def _bias_cases(generator: torch.Generator) -> Iterator[Arguments]:
    yield (torch.tensor([2.0, 10.0, 100.0], dtype=torch.float64),)
    yield (torch.tensor(100.0, dtype=torch.float64),)
    yield (3 + random(generator, 2, 3).square(),)


def _gate_itself(steps):
    return 0.5 ** (1 / steps)


def _to_one_over_e(steps):
    return torch.logit(torch.exp(-1 / steps))


def _share_per_step(steps):
    return torch.logit(1 - 1 / steps)


def _straight_line(steps):
    return torch.logit(1 - 0.5 / steps)


def _sign_lost(steps):
    return -forget_bias(steps)


def _sigmoid_again(steps):
    return torch.sigmoid(0.5 ** (1 / steps))


def _power_for_root(steps):
    return torch.logit(0.5**steps)


def _logarithm_only(steps):
    return torch.log(0.5 ** (1 / steps))


BY_HAND = Question(
    name="lstm-by-hand",
    chapter="lstm",
    title="One step by hand",
    goal="use the six equations without a computer",
    minutes=5,
    level="easy",
    hints=(
        "All scores are 0. What are the sigmoid and the tanh of 0?",
        "All gates are half open, and the candidate is 0.",
        "The new cell state is half of 2 plus half of 0. The hidden state is half of tanh of that.",
    ),
    mistakes=(
        Mistake(
            "the old cell is shown",
            "That shows half of tanh(2), which is the old cell state. The forget gate has halved "
            "it by then.",
            0.5 * math.tanh(2),
        ),
        Mistake(
            "no tanh on the way out",
            "The output gate is half open, but what does it show: the cell state, or a squeezed "
            "form of it?",
            0.5,
        ),
        Mistake(
            "the output gate is taken as open",
            "That is tanh of the new cell state. The output gate lets only a part of it out.",
            math.tanh(1),
        ),
        Mistake(
            "the cell state",
            "That is the new cell state, and it is right. Asked is the hidden state.",
            1.0,
        ),
        Mistake(
            "gates taken as shut",
            "With zero weights the gates are not shut: what is the sigmoid of 0?",
            0.0,
        ),
    ),
    answer=lambda: 0.5 * math.tanh(0.5 * 2),
    tolerance=0.006,
    explained="c = 0.5 · 2 + 0.5 · 0 = 1, and h = 0.5 · tanh(1) = 0.38, whatever the input is.",
)

HALF_LIFE = Exercise(
    name="lstm-half-life",
    chapter="lstm",
    title="A gate for a hundred steps",
    goal="turn a wish about memory into a bias",
    minutes=10,
    level="easy",
    hints=(
        "For 100 steps: which gate f satisfies f^100 = 1/2?",
        "It is f = 2^(-1/100). The bias is the number whose sigmoid is f.",
        "The inverse of the sigmoid is log(f / (1 - f)); `torch.logit` computes it.",
    ),
    mistakes=(
        Mistake(
            "the gate itself",
            "That is the value of the gate. The bias stands inside the sigmoid: which number does "
            "it turn into this value?",
            _gate_itself,
        ),
        Mistake(
            "down to 1/e",
            "With this bias the store falls to about 37 % in that time, which is 1/e. Half of it "
            "is wanted.",
            _to_one_over_e,
        ),
        Mistake(
            "a step takes 1/n",
            "A gate of 1 - 1/n looks natural, but after n steps about a third is left. Solve "
            "f^n = 1/2.",
            _share_per_step,
        ),
        Mistake(
            "the loss as a straight line",
            "Half of the store is spread evenly over the steps. But each step takes a share of "
            "what is *left*, so the loss is geometric.",
            _straight_line,
        ),
        Mistake(
            "the sign is turned",
            "The size is right and the sign is not: this gate is nearly shut. A gate that keeps "
            "needs a positive score.",
            _sign_lost,
        ),
        Mistake(
            "another sigmoid",
            "The gate went through the sigmoid once more. The bias is what comes *before* it.",
            _sigmoid_again,
        ),
        Mistake(
            "a power in place of a root",
            "That gate is 0.5^n. It would lose half of the store n times within a single step.",
            _power_for_root,
        ),
        Mistake(
            "the logarithm of the gate",
            "That is the logarithm of the gate, which inverts the exponential. What inverts the "
            "sigmoid?",
            _logarithm_only,
        ),
    ),
    stub='''def forget_bias(steps):
    """The bias of a forget gate, all other weights of the gate being 0.

    steps: a tensor of any shape, each number greater than 1.
    Returns a tensor of the same shape: the bias at which a unit that writes nothing has half of
    its store left after so many steps.
    """
    raise NotImplementedError
''',
    reference=forget_bias,
    cases=_bias_cases,
    parts=(Part("bias"),),
    about="what if the gate is nearly 1?",
    differentiable=True,
    strict_types=True,
    explained="For 100 steps the gate stands at 0.993 and the bias at about 5.",
)
