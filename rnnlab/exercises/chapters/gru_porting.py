"""Exercises of the chapter "GRU" about porting weights: another form, and fewer biases.

Axes: ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def from_textbook(p: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """PyTorch's four tensors from the weights of D2L's equations."""
    W_ih = torch.cat([p["x" + gate].mT for gate in "rzh"])
    W_hh = torch.cat([p["h" + gate].mT for gate in "rzh"])
    b_ih = torch.cat([p[gate] for gate in "rzh"])
    return W_ih, W_hh, b_ih, torch.zeros_like(b_ih)


def _textbook_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for X, H in ((5, 3), (1, 2), (4, 4)):
        shapes = {"x": (X, H), "h": (H, H), "": (H,)}
        p = {kind + gate: random(generator, *shapes[kind]) for kind in shapes for gate in "zrh"}
        yield (p,)


def _renamed(order):
    """The answer that puts D2L's blocks in a certain order."""

    def answer(p):
        moved = zip("rzh", order, strict=True)
        return from_textbook({k + to: p[k + gate] for to, gate in moved for k in ("x", "h", "")})

    return answer


def _state_not_transposed(p):
    W_ih, _, b_ih, b_hh = from_textbook(p)
    return W_ih, torch.cat([p["h" + gate] for gate in "rzh"]), b_ih, b_hh


def _bias_twice(p):
    W_ih, W_hh, b_ih, _ = from_textbook(p)
    return W_ih, W_hh, b_ih, b_ih.clone()


def _bias_at_the_state(p):
    W_ih, W_hh, b_ih, b_hh = from_textbook(p)
    return W_ih, W_hh, b_hh, b_ih


def _no_bias(p):
    W_ih, W_hh, b_ih, b_hh = from_textbook(p)
    return W_ih, W_hh, 0 * b_ih, b_hh


def _bias_not_reordered(p):
    W_ih, W_hh, _, b_hh = from_textbook(p)
    return W_ih, W_hh, torch.cat([p[gate] for gate in "zrh"]), b_hh


def fewer_biases(b_ih: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Biases of a GRU that computes the same, with as many zeros as can be."""
    x_r, x_z, x_n = b_ih.chunk(3)
    h_r, h_z, h_n = b_hh.chunk(3)
    zero = torch.zeros_like(h_r)
    return torch.cat([x_r + h_r, x_z + h_z, x_n]), torch.cat([zero, zero, h_n])


def _bias_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for H in (4, 1, 3):
        yield random(generator, 3 * H), random(generator, 3 * H)


def _all_merged(b_ih, b_hh):
    return b_ih + b_hh, torch.zeros_like(b_hh)


def _counted_twice(b_ih, b_hh):
    return fewer_biases(b_ih, b_hh)[0], b_hh.clone()


def _thrown_away(b_ih, b_hh):
    return b_ih.clone(), fewer_biases(b_ih, b_hh)[1]


def _into_the_other(b_ih, b_hh):
    return tuple(reversed(fewer_biases(b_hh, b_ih)))


def _reset_only(b_ih, b_hh):
    x, h = b_ih.chunk(3), b_hh.chunk(3)
    return torch.cat([x[0] + h[0], *x[1:]]), torch.cat([0 * h[0], *h[1:]])


def _candidate_only(b_ih, b_hh):
    x, h = b_ih.chunk(3), b_hh.chunk(3)
    return torch.cat([*x[:2], x[2] + h[2]]), torch.cat([*h[:2], 0 * h[2]])


def _distance() -> str:
    """Move two biases that are added, and one, by a step each; compare the sums."""
    moved = []
    for number in (2, 1):
        biases = torch.zeros(number, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad((biases.sum() - 1) ** 2, biases)
        moved.append(float((0.01 * slope).sum()))
    return {0.5: "half as far", 1.0: "as far", 2.0: "twice as far", 4.0: "four times as far"}[
        moved[0] / moved[1]
    ]


TEXTBOOK = Exercise(
    name="gru-from-textbook",
    chapter="gru",
    title="Weights from D2L's equations",
    goal="port a GRU that differs in form, shape and number of biases",
    minutes=15,
    level="medium",
    hints=(
        "Three things differ in how the numbers are stored: rows and columns, the order of the "
        "blocks, the number of biases.",
        "Put the transposed matrices one below the other in the order r, z, n. D2L's `h` is our n.",
        "The one bias goes to the input's side, and the recurrent bias is 0.",
    ),
    mistakes=(
        Mistake(
            "the recurrent matrices are not transposed",
            "The input's matrices are transposed and the recurrent ones are not. They are square, "
            "so nothing complains.",
            _state_not_transposed,
        ),
        Mistake(
            "blocks in the order z, r, n",
            "The blocks lie in the order z, r, n. PyTorch reads r first.",
            _renamed("zrh"),
        ),
        Mistake(
            "the candidate first",
            "The candidate's block lies first. PyTorch has it last: r, z, n.",
            _renamed("hrz"),
        ),
        Mistake(
            "the bias counts twice",
            "The one bias stands on both sides, and both are added. Then it counts twice.",
            _bias_twice,
        ),
        Mistake(
            "the bias stands with the state",
            "The bias stands with the recurrent weights. With the reset before the product that "
            "computes the same, but asked is b_hh = 0.",
            _bias_at_the_state,
        ),
        Mistake(
            "the bias is lost",
            "The weights are right; the bias is lost.",
            _no_bias,
        ),
        Mistake(
            "the bias in D2L's order",
            "The weights are right. The blocks of the bias need the same order as those of the "
            "weights.",
            _bias_not_reordered,
        ),
    ),
    stub='''def from_textbook(p):
    """PyTorch's tensors of a GRU, from the weights of the textbook's equations.

    p holds them by name: "xz", "xr", "xh" (X, H), "hz", "hr", "hh" (H, H), "z", "r", "h" (H,).
    Returns weight_ih (3H, X), weight_hh (3H, H), bias_ih (3H,) and bias_hh (3H,), the last one
    being 0.
    """
    raise NotImplementedError
''',
    reference=from_textbook,
    cases=_textbook_cases,
    parts=(
        Part("weight_ih", ("row", "input")),
        Part("weight_hh", ("row", "unit")),
        Part("bias_ih", ("row",), ("r", "z", "n")),
        Part("bias_hh", ("row",), ("r", "z", "n")),
    ),
    about="four things on which two GRUs may disagree",
    differentiable=True,
    strict_types=True,
    explained=(
        "A `scratch.GRU` with `reset_after=False` computes the same with these weights. An "
        "`nn.GRU` loads them and does not: from a zero state it agrees in the first step only."
    ),
)

FEWER = Exercise(
    name="gru-biases",
    chapter="gru",
    title="Six biases, four biases",
    goal="remove what is redundant",
    minutes=10,
    level="easy",
    hints=(
        "Which pairs of biases are only ever added to each other? Look at the equations of r, z "
        "and n.",
        "Those of r and of z. Between the two of n stands the reset gate.",
        "Cut both biases into three blocks. Add the first two blocks of b_hh to those of b_ih, "
        "and put zeros in their place.",
    ),
    mistakes=(
        Mistake(
            "all three are merged",
            "The candidate's biases were merged too. The reset gate multiplies one of them and "
            "not the other. See Two biases that cannot be merged.",
            _all_merged,
        ),
        Mistake(
            "added and kept",
            "The biases were added to b_ih and kept in b_hh, so they count twice.",
            _counted_twice,
        ),
        Mistake(
            "thrown away",
            "The recurrent biases of r and z are 0 now, but what they added is lost.",
            _thrown_away,
        ),
        Mistake(
            "merged into b_hh",
            "Merged the other way: b_ih has the zeros. That computes the same, but asked are the "
            "zeros in b_hh.",
            _into_the_other,
        ),
        Mistake(
            "the reset gate only",
            "The reset gate's biases are merged. There is another gate whose two are only added.",
            _reset_only,
        ),
        Mistake(
            "the candidate only",
            "The last block was merged, which is the one that must stay apart. The order is r, z, "
            "n.",
            _candidate_only,
        ),
    ),
    stub='''def fewer_biases(b_ih, b_hh):
    """Biases of an nn.GRU that computes the same, with zeros in b_hh wherever that can be.

    b_ih and b_hh (3H,), blocks r, z, n; the reset acts after the product.
    Returns the new b_ih and the new b_hh; those that came in stay as they are.
    """
    raise NotImplementedError
''',
    reference=fewer_biases,
    cases=_bias_cases,
    parts=(
        Part("b_ih", ("row",), ("r", "z", "n")),
        Part("b_hh", ("row",), ("r", "z", "n")),
    ),
    about="two biases that cannot be merged",
    differentiable=True,
    strict_types=True,
)

TWICE = Question(
    name="gru-two-biases",
    chapter="gru",
    title="Two biases learn, one bias learns",
    goal="see that equal functions need not learn equally",
    minutes=5,
    level="medium",
    hints=(
        "What is the gradient of a sum by each of its two parts?",
        "Both biases get the same gradient, the one that a single bias would get.",
        "Each of the two moves as far as the single one, and in the same direction. Add up.",
    ),
    mistakes=(
        Mistake(
            "the gradient is shared out",
            "As if the two shared one gradient. Each gets all of it: the derivative of a + b by a "
            "is 1.",
            "half as far",
        ),
        Mistake(
            "the function is the same",
            "The function is the same, so the gradient of the *sum* is the same. But how many "
            "numbers follow it?",
            "as far",
        ),
        Mistake(
            "counted once too often",
            "Two numbers move, each as far as a single one would. The gradient is not doubled as "
            "well.",
            "four times as far",
        ),
    ),
    options=("half as far", "as far", "twice as far", "four times as far"),
    answer=_distance,
    explained=(
        "Two biases that are added act like one with twice the learning rate. Redundant "
        "parameters do not change what a network can compute, but they change how it learns."
    ),
)
