"""Exercises of the chapter "RNN, LSTM or GRU?".

Equal sizes here; times in the file beside it.
"""

import math

from rnnlab.exercises.chapters import choosing_time
from rnnlab.exercises.exercise import Exercise, Mistake, Question


def units_for(kind: str, x: int, n: int) -> int:
    """The number of units whose layer comes nearest to so many parameters."""
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}[kind]

    def off(h: int) -> int:
        return abs(blocks * (h * (h + x) + 2 * h) - n)

    h = 1
    while off(h + 1) < off(h):
        h += 1
    return h


_BLOCKS = {"rnn": 1, "gru": 3, "lstm": 4}


def _nearest(count, n):
    return min(range(1, n + 1), key=lambda h: abs(count(h) - n))


def _one_bias(kind, x, n):
    return _nearest(lambda h: _BLOCKS[kind] * (h * (h + x) + h), n)


def _no_input(kind, _, n):
    return _nearest(lambda h: _BLOCKS[kind] * (h * h + 2 * h), n)


def _one_block(_, x, n):
    return _nearest(lambda h: h * (h + x) + 2 * h, n)


def _most_that_fit(kind, x, n):
    fitting = [h for h in range(1, n) if _BLOCKS[kind] * (h * (h + x) + 2 * h) <= n]
    return max(fitting, default=1)


def _shared_out(kind, x, n):
    return _nearest(lambda h: h * (h + x) + 2 * h, n) // _BLOCKS[kind]


def loss_between(n: float, n_a: float, loss_a: float, n_b: float, loss_b: float) -> float:
    """The loss on the straight line over the logarithm of the size."""
    w = math.log(n / n_a) / math.log(n_b / n_a)
    return (1 - w) * loss_a + w * loss_b


def _line(n, n_a, loss_a, n_b, loss_b):
    w = (n - n_a) / (n_b - n_a)
    return (1 - w) * loss_a + w * loss_b


def _ends_exchanged(n, n_a, loss_a, n_b, loss_b):
    return loss_between(n, n_a, loss_b, n_b, loss_a)


def _both_logarithms(n, n_a, loss_a, n_b, loss_b):
    return math.exp(loss_between(n, n_a, math.log(loss_a), n_b, math.log(loss_b)))


def _middle(_, __, loss_a, ___, loss_b):
    return (loss_a + loss_b) / 2


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="choosing-units",
        chapter="choosing",
        title="As many parameters as an LSTM",
        goal="make layers of equal size without interpolation",
        minutes=20,
        level="medium",
        hints=(
            "With $g$ blocks the count is $g\\,(h(h + x) + 2h)$ in PyTorch's form with two biases. "
            "It grows with $h$.",
            "It is a quadratic equation in $h$. Or count upwards, and stop when the count passes "
            "$n$; the answer is the last number or the one before.",
            "`rnnlab.parameters.count(kind, x, h)` counts. `min(range(1, 500), key=lambda h: "
            "abs(... - n))` is enough.",
        ),
        mistakes=(
            Mistake(
                "one bias",
                "You counted one bias for each block. PyTorch has two.",
                _one_bias,
            ),
            Mistake(
                "the input is left out",
                "You counted the recurrent matrix and not the one that reads the input.",
                _no_input,
            ),
            Mistake(
                "one block for every kind",
                "You counted one block of weights, whatever the kind. A GRU has three, an LSTM "
                "four.",
                _one_block,
            ),
            Mistake(
                "the most that fit",
                "That is the largest layer with *at most* so many parameters. The next larger one "
                "may be nearer.",
                _most_that_fit,
            ),
            Mistake(
                "the units are shared among the gates",
                "You divided the units of an RNN by the number of blocks. But parameters grow with "
                "the square of the units.",
                _shared_out,
            ),
        ),
        stub='''def units_for(kind, x, n):
    """The number of units with which a layer has as nearly as possible n parameters.

    kind: "rnn", "gru" or "lstm", in PyTorch's form. x: the numbers it reads. Returns an int.
    """
    raise NotImplementedError
''',
        reference=units_for,
        cases=lambda _: iter(
            [
                ("gru", 32, 24_832),
                ("rnn", 32, 24_832),
                ("lstm", 5, 1_000),
                ("gru", 40, 420),
                ("rnn", 3, 37),
                ("lstm", 3, 25),
            ]
        ),
        about="equal parameters",
        explained="For large layers a GRU gets the square root of 4/3 as many units as the LSTM, "
        "an RNN twice as many.",
    ),
    Exercise(
        name="choosing-between",
        chapter="choosing",
        title="Between two sizes",
        goal="read a loss off a line that was drawn over a logarithmic axis",
        minutes=10,
        level="easy",
        hints=(
            "On a logarithmic axis equal *ratios* are equal distances. What share of the way from "
            "$n_a$ to $n_b$ is $n$?",
            "The share is a difference of logarithms over another one. At $n = n_a$ it is 0, at "
            "$n = n_b$ it is 1.",
            "With that share $w$ the loss is $(1 - w)\\,\\ell_a + w\\,\\ell_b$.",
        ),
        mistakes=(
            Mistake(
                "a line over the size itself",
                "The share was taken of the sizes. The line is drawn over their logarithms.",
                _line,
            ),
            Mistake(
                "the ends are exchanged",
                "At $n_a$ you get the loss of $n_b$. Which end should $w$ belong to?",
                _ends_exchanged,
            ),
            Mistake(
                "logarithms of the losses too",
                "The losses were put on a logarithmic axis too. Only the sizes are.",
                _both_logarithms,
            ),
            Mistake(
                "always the middle",
                "That is the mean of both losses, wherever $n$ lies.",
                _middle,
            ),
        ),
        stub='''def loss_between(n, n_a, loss_a, n_b, loss_b):
    """The loss at n parameters, by Equation choosing-between.

    Between two sizes n_a < n < n_b whose losses were measured. Returns a number.
    """
    raise NotImplementedError
''',
        reference=loss_between,
        cases=lambda _: iter(
            [
                (2_000, 1_000, 2.0, 8_000, 1.4),
                (5_000, 1_000, 1.2, 9_000, 1.5),
                (70, 50, 3.0, 100, 0.5),
            ]
        ),
        about="equal parameters",
    ),
    *choosing_time.EXERCISES,
)
