"""Exercises of the chapter "GRU".

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters.gru_black_box import BLACK_BOX
from rnnlab.exercises.chapters.gru_conventions import RESETS, TAKE
from rnnlab.exercises.chapters.gru_porting import FEWER, TEXTBOOK, TWICE
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def gru_step(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """One step of a GRU: keep convention, reset after the product."""
    x_r, x_z, x_n = (x @ W_ih.mT + b_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = (h @ W_hh.mT + b_hh).chunk(3, dim=-1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return z * h + (1 - z) * n


def _step_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 4), (1, 5, 2), (3, 2, 2)):
        yield (
            random(generator, B, X),
            random(generator, B, H),
            random(generator, 3 * H, X),
            random(generator, 3 * H, H),
            random(generator, 3 * H),
            random(generator, 3 * H),
        )


def _shares(x, h, W_ih, W_hh, b_ih, b_hh):
    """What the input and the state add to r, z and n: six tensors."""
    from_x = (x @ W_ih.mT + b_ih).chunk(3, dim=-1)
    return *from_x, *(h @ W_hh.mT + b_hh).chunk(3, dim=-1)


def _takes(x, h, *weights):
    x_r, x_z, x_n, h_r, h_z, h_n = _shares(x, h, *weights)
    z = torch.sigmoid(x_z + h_z)
    return (1 - z) * h + z * torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)


def _gates_exchanged(x, h, *weights):
    x_z, x_r, x_n, h_z, h_r, h_n = _shares(x, h, *weights)
    z = torch.sigmoid(x_z + h_z)
    return z * h + (1 - z) * torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)


def _resets_before(x, h, W_ih, W_hh, b_ih, b_hh):
    x_r, x_z, x_n, h_r, h_z, _ = _shares(x, h, W_ih, W_hh, b_ih, b_hh)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    return z * h + (1 - z) * torch.tanh(x_n + (r * h) @ W_hh.chunk(3)[2].mT + b_hh.chunk(3)[2])


def _biases_merged(x, h, W_ih, W_hh, b_ih, b_hh):
    return gru_step(x, h, W_ih, W_hh, b_ih + b_hh, 0 * b_hh)


def _no_reset(x, h, *weights):
    _, x_z, x_n, _, h_z, h_n = _shares(x, h, *weights)
    z = torch.sigmoid(x_z + h_z)
    return z * h + (1 - z) * torch.tanh(x_n + h_n)


def _resets_everything(x, h, *weights):
    x_r, x_z, x_n, h_r, h_z, h_n = _shares(x, h, *weights)
    z = torch.sigmoid(x_z + h_z)
    return z * h + (1 - z) * torch.tanh(torch.sigmoid(x_r + h_r) * (x_n + h_n))


def _sigmoid_candidate(x, h, *weights):
    x_r, x_z, x_n, h_r, h_z, h_n = _shares(x, h, *weights)
    z = torch.sigmoid(x_z + h_z)
    return z * h + (1 - z) * torch.sigmoid(x_n + torch.sigmoid(x_r + h_r) * h_n)


def _no_blend(x, h, *weights):
    x_r, x_z, x_n, h_r, h_z, h_n = _shares(x, h, *weights)
    return torch.sigmoid(x_z + h_z) * h + torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)


def _after_three_steps() -> float:
    h = torch.tensor([[0.8]], dtype=torch.float64)
    zeros = [torch.zeros(shape, dtype=torch.float64) for shape in ((3, 1), (3, 1), (3,), (3,))]
    for _ in range(3):
        h = gru_step(torch.full_like(h, 7.0), h, *zeros)
    return float(h)


STEP = Exercise(
    name="gru-step",
    chapter="gru",
    title="One step",
    goal="write the GRU from its equations",
    minutes=15,
    level="medium",
    hints=(
        "Keep the input's share and the state's share apart until you know where the reset gate "
        "goes. Each has its own product and its own bias.",
        "Cut both shares into three blocks of equal width, in the order r, z, n. The two gates "
        "are sigmoids of the sums of their blocks.",
        "The candidate is tanh of the input's third block plus r times the state's third block, "
        "bias included. The new state keeps z of the old one and takes 1 - z of the candidate.",
    ),
    mistakes=(
        Mistake(
            "z takes in place of keeps",
            "The two shares of the update gate are exchanged: your z near 1 takes the candidate. "
            "Here, as in PyTorch, z near 1 keeps. See Which way the update gate points.",
            _takes,
        ),
        Mistake(
            "reset and update gate are exchanged",
            "The blocks are read in the order z, r, n, as Keras and ONNX store them. PyTorch's "
            "order is r, z, n.",
            _gates_exchanged,
        ),
        Mistake(
            "the reset acts before the product",
            "The old state is reset first and multiplied then. PyTorch multiplies first. See "
            "Where the reset gate acts.",
            _resets_before,
        ),
        Mistake(
            "the candidate's biases are merged",
            "Nearly right: the recurrent bias of the candidate stands outside of the reset gate. "
            "See Two biases that cannot be merged.",
            _biases_merged,
        ),
        Mistake(
            "there is no reset",
            "The reset gate has no effect. It decides how much of the old state the candidate "
            "gets to see.",
            _no_reset,
        ),
        Mistake(
            "the input is reset too",
            "The reset gate fades the input's share of the candidate as well. It is there for the "
            "old state's share only.",
            _resets_everything,
        ),
        Mistake(
            "a sigmoid on the candidate",
            "The candidate went through a sigmoid, so the state could never become negative. "
            "Which squeezing function has negative values?",
            _sigmoid_candidate,
        ),
        Mistake(
            "the candidate is taken in full",
            "The candidate is added with its full weight. What z keeps of the old state, it "
            "leaves out of the candidate.",
            _no_blend,
        ),
    ),
    stub='''def gru_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of a GRU as PyTorch has it: blocks r, z, n; z keeps; reset after the product.

    x (B, X), h (B, H), W_ih (3H, X), W_hh (3H, H), b_ih and b_hh (3H,).
    Returns the new h, (B, H).
    """
    raise NotImplementedError
''',
    reference=gru_step,
    cases=_step_cases,
    parts=(Part("h", ("sequence", "unit")),),
    about="from the RNN in two steps",
    differentiable=True,
    strict_types=True,
)

BY_HAND = Question(
    name="gru-by-hand",
    chapter="gru",
    title="Three steps by hand",
    goal="use the equations without a computer",
    minutes=5,
    level="easy",
    hints=(
        "All scores are 0. What are z and the candidate?",
        "z is one half and the candidate is 0. What is the state after the first step?",
        "Each step halves the state.",
    ),
    mistakes=(
        Mistake(
            "one step only",
            "That is the state after one step. Two more follow.",
            0.4,
        ),
        Mistake(
            "two steps only",
            "That is the state after two steps. One more follows.",
            0.2,
        ),
        Mistake(
            "nothing changes",
            "Zero weights do not mean that z is 1. What is the sigmoid of 0?",
            0.8,
        ),
        Mistake(
            "everything is gone",
            "The candidate is 0, but it does not replace the state at once. Which share does z "
            "keep?",
            0.0,
        ),
        Mistake(
            "what is lost",
            "That is how much the state has lost in three steps. Asked is what is left.",
            0.7,
        ),
    ),
    answer=_after_three_steps,
    tolerance=1e-6,
    explained="All gates are half open and the candidate is 0, so 0.8 is halved three times.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    BY_HAND,
    STEP,
    RESETS,
    TAKE,
    BLACK_BOX,
    TEXTBOOK,
    FEWER,
    TWICE,
)
