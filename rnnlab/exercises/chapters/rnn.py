"""Exercises of the chapter "What a recurrent network is".

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters.rnn_gradients import GRADIENTS
from rnnlab.exercises.chapters.rnn_layers import LAYERS
from rnnlab.exercises.chapters.rnn_shapes import SHAPES
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def rnn_step(
    x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b_xh: Tensor, b_hh: Tensor
) -> Tensor:
    """One step of a simple RNN: the new hidden state."""
    return torch.tanh(x @ W_xh.mT + b_xh + h @ W_hh.mT + b_hh)


def _weights(generator: torch.Generator, X: int, H: int) -> Arguments:
    return (
        random(generator, H, X),
        random(generator, H, H),
        random(generator, H),
        random(generator, H),
    )


def _step_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 4), (1, 5, 2), (3, 2, 2)):
        yield random(generator, B, X), random(generator, B, H), *_weights(generator, X, H)


def _not_transposed(x, h, W_xh, W_hh, b_xh, b_hh):
    return torch.tanh(x @ W_xh.mT + b_xh + h @ W_hh + b_hh)


def _no_tanh(x, h, W_xh, W_hh, b_xh, b_hh):
    return x @ W_xh.mT + b_xh + h @ W_hh.mT + b_hh


def _sigmoid(x, h, W_xh, W_hh, b_xh, b_hh):
    return torch.sigmoid(_no_tanh(x, h, W_xh, W_hh, b_xh, b_hh))


def _input_bias_only(x, h, W_xh, W_hh, b_xh, b_hh):
    return rnn_step(x, h, W_xh, W_hh, b_xh, 0 * b_hh)


def _recurrent_bias_only(x, h, W_xh, W_hh, b_xh, b_hh):
    return rnn_step(x, h, W_xh, W_hh, 0 * b_xh, b_hh)


def _state_not_read(x, h, W_xh, W_hh, b_xh, b_hh):
    return rnn_step(x, 0 * h, W_xh, W_hh, b_xh, b_hh)


def _squeezed_apart(x, h, W_xh, W_hh, b_xh, b_hh):
    return torch.tanh(x @ W_xh.mT + b_xh) + torch.tanh(h @ W_hh.mT + b_hh)


def join(W_xh: Tensor, W_hh: Tensor, b_xh: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """The one matrix and the one bias that act on [x; h]."""
    return torch.cat([W_xh, W_hh], dim=1), b_xh + b_hh


def _join_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for X, H in ((5, 3), (1, 2), (2, 4)):
        yield _weights(generator, X, H)


def _state_first(W_xh, W_hh, b_xh, b_hh):
    return torch.cat([W_hh, W_xh], dim=1), b_xh + b_hh


def _joined_transposed(W_xh, W_hh, b_xh, b_hh):
    return torch.cat([W_xh, W_hh.mT], dim=1), b_xh + b_hh


def _one_bias(W_xh, W_hh, b_xh, b_hh):
    return torch.cat([W_xh, W_hh], dim=1), b_xh + 0 * b_hh


def _mean_bias(W_xh, W_hh, b_xh, b_hh):
    return torch.cat([W_xh, W_hh], dim=1), (b_xh + b_hh) / 2


STEP = Exercise(
    name="rnn-step",
    chapter="rnn",
    title="One step",
    goal="write the cell from its equation",
    minutes=10,
    level="easy",
    hints=(
        "There are two products, one with the input and one with the old state, and two biases. "
        "All four are added up before anything is squeezed.",
        "The inputs of a batch are rows, and a weight is stored (out, in). Which of the two has "
        "to be turned so that the product has one column for each hidden unit?",
        "Both weights are transposed: `.mT`. Tanh goes around the whole sum, once.",
    ),
    mistakes=(
        Mistake(
            "W_hh is not transposed",
            "The recurrent matrix is used without its transpose. It is square, so nothing "
            "complains. See the names and shapes of the weights.",
            _not_transposed,
        ),
        Mistake(
            "nothing is squeezed",
            "The sum is right, but it comes out as it is. Which function keeps the state between "
            "-1 and 1?",
            _no_tanh,
        ),
        Mistake(
            "a sigmoid in place of tanh",
            "The sum goes through a sigmoid, so no unit can ever be negative. Which squeezing "
            "function does the equation of the cell name?",
            _sigmoid,
        ),
        Mistake(
            "the recurrent bias is left out",
            "The bias that belongs to the old state is missing from the sum. The cell has two.",
            _input_bias_only,
        ),
        Mistake(
            "the input bias is left out",
            "The bias that belongs to the input is missing from the sum. The cell has two.",
            _recurrent_bias_only,
        ),
        Mistake(
            "the state is not read",
            "The old state has no effect on the new one. That is a linear layer with tanh, and it "
            "has no memory.",
            _state_not_read,
        ),
        Mistake(
            "tanh on each share by itself",
            "The input's share and the state's share are squeezed one by one and then added, so "
            "the result can leave the bounds of tanh. Add first.",
            _squeezed_apart,
        ),
    ),
    stub='''def rnn_step(x, h, W_xh, W_hh, b_xh, b_hh):
    """One step of a simple RNN.

    x (B, X), h (B, H), W_xh (H, X), W_hh (H, H), b_xh and b_hh (H,).
    Returns the new h, (B, H).
    """
    raise NotImplementedError
''',
    reference=rnn_step,
    cases=_step_cases,
    parts=(Part("h", ("sequence", "unit")),),
    about="the cell, and the names and shapes of the weights",
    differentiable=True,
    strict_types=True,
)

JOIN = Exercise(
    name="rnn-join",
    chapter="rnn",
    title="The joined form",
    goal="turn the two products of the cell back into one",
    minutes=10,
    level="easy",
    hints=(
        "Both the vectors and the matrices have to be joined. Along which axis does each grow?",
        "The joined vector has X + H features, so the joined matrix has X + H columns and still H "
        "rows.",
        "`torch.cat` along `dim=1`, in the order in which the vector is joined. Two vectors that "
        "are only ever added can be one.",
    ),
    mistakes=(
        Mistake(
            "the state's columns stand first",
            "The columns for the state stand before those for the input. This matrix belongs to "
            "[h; x]; the equation joins [x; h].",
            _state_first,
        ),
        Mistake(
            "the recurrent part is transposed",
            "The recurrent part was transposed on the way. Its rows are hidden units already, "
            "like those of the input's part.",
            _joined_transposed,
        ),
        Mistake(
            "one bias is lost",
            "The matrix is right, but the recurrent bias is lost. What did it add to the sums?",
            _one_bias,
        ),
        Mistake(
            "the mean of the biases",
            "The matrix is right. The bias is the mean of the two, which is half of what the cell "
            "adds.",
            _mean_bias,
        ),
    ),
    stub='''def join(W_xh, W_hh, b_xh, b_hh):
    """One matrix W and one bias b, so that the cell is tanh(W [x; h] + b).

    W_xh (H, X), W_hh (H, H), b_xh and b_hh (H,).
    Returns W (H, X + H) and b (H,).
    """
    raise NotImplementedError
''',
    reference=join,
    cases=_join_cases,
    parts=(Part("W", ("unit", "column")), Part("b", ("unit",))),
    about="the cell",
    differentiable=True,
    strict_types=True,
    explained="One step is then `torch.tanh(torch.cat([x, h], dim=1) @ W.mT + b)`.",
)

EXERCISES: tuple[Exercise | Question, ...] = (JOIN, STEP, SHAPES, *LAYERS, *GRADIENTS)
