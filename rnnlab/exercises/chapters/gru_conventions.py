"""Exercises of the chapter "GRU" about the two choices: where the reset acts, what z means.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def resets(h: Tensor, r: Tensor, W_hn: Tensor, b_hn: Tensor) -> tuple[Tensor, Tensor]:
    """What the old state adds to the candidate, in both forms: after, before."""
    after = r * (h @ W_hn.mT + b_hn)
    before = (r * h) @ W_hn.mT + b_hn
    return after, before


def _reset_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, H in ((3, 4), (1, 2), (2, 1)):
        gate = random(generator, B, H).sigmoid()
        yield random(generator, B, H), gate, random(generator, H, H), random(generator, H)


def _forms_exchanged(h, r, W_hn, b_hn):
    after, before = resets(h, r, W_hn, b_hn)
    return before, after


def _bias_not_reset(h, r, W_hn, b_hn):
    return r * (h @ W_hn.mT) + b_hn, resets(h, r, W_hn, b_hn)[1]


def _bias_reset_too(h, r, W_hn, b_hn):
    return resets(h, r, W_hn, b_hn)[0], (r * h) @ W_hn.mT + r * b_hn


def _not_transposed(h, r, W_hn, b_hn):
    return resets(h, r, W_hn.mT, b_hn)


def _reset_twice(h, r, W_hn, b_hn):
    after, before = resets(h, r, W_hn, b_hn)
    return after, r * before


def to_take(
    W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Weights of a "keep" GRU for a "take" GRU that computes the same."""

    def turned(tensor: Tensor) -> Tensor:
        r, z, n = tensor.chunk(3)
        return torch.cat([r, -z, n])

    return turned(W_ih), turned(W_hh), turned(b_ih), turned(b_hh)


def _take_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for X, H in ((3, 2), (1, 4), (5, 1)):
        yield (
            random(generator, 3 * H, X),
            random(generator, 3 * H, H),
            random(generator, 3 * H),
            random(generator, 3 * H),
        )


def _with_signs(r, z, n):
    """The answer that gives the three blocks certain signs."""

    def answer(*tensors):
        cut = [tensor.chunk(3) for tensor in tensors]
        return tuple(torch.cat([r * b_r, z * b_z, n * b_n]) for b_r, b_z, b_n in cut)

    return answer


def _biases_left(W_ih, W_hh, b_ih, b_hh):
    return *to_take(W_ih, W_hh, b_ih, b_hh)[:2], b_ih.clone(), b_hh.clone()


def _only_biases(W_ih, W_hh, b_ih, b_hh):
    return W_ih.clone(), W_hh.clone(), *to_take(W_ih, W_hh, b_ih, b_hh)[2:]


def _state_left(W_ih, W_hh, b_ih, b_hh):
    W, _, b, _ = to_take(W_ih, W_hh, b_ih, b_hh)
    return W, W_hh.clone(), b, b_hh.clone()


def _one_minus_weights(*tensors):
    return tuple(torch.cat([r, 1 - z, n]) for r, z, n in (t.chunk(3) for t in tensors))


RESETS = Exercise(
    name="gru-reset",
    chapter="gru",
    title="Before and after",
    goal="tell the two places of the reset gate apart in code",
    minutes=10,
    level="easy",
    hints=(
        "One form multiplies the result of the product by r, bias included. The other multiplies "
        "the old state by r, before anything else.",
        "Compare the two equations of the candidate: does the bias stand inside or outside of the "
        "bracket that r multiplies?",
        "After: r times (product plus bias). Before: product of (r times h), plus bias. The "
        "states of a batch are rows, so the product needs the transpose.",
    ),
    mistakes=(
        Mistake(
            "the two forms are exchanged",
            "Both are right, in the other order. *After* means that the gate acts after the "
            "product.",
            _forms_exchanged,
        ),
        Mistake(
            "the bias is not reset",
            "In the first form the bias stands outside of the reset gate. It belongs to what the "
            "product gives, and the gate multiplies all of that.",
            _bias_not_reset,
        ),
        Mistake(
            "the bias is reset too",
            "In the second form the bias is reset as well. The gate acts on the old state, before "
            "a bias is there.",
            _bias_reset_too,
        ),
        Mistake(
            "the matrix is not transposed",
            "The matrix is used without its transpose. It is square, so nothing complains.",
            _not_transposed,
        ),
        Mistake(
            "before, and after once more",
            "In the second form the gate acts twice: on the old state, and on the result.",
            _reset_twice,
        ),
    ),
    stub='''def resets(h, r, W_hn, b_hn):
    """What the old state adds to the candidate's sum, in the two forms of the GRU.

    h and r (B, H), W_hn (H, H), b_hn (H,).
    Returns a pair, each (B, H): with the reset after the product, with the reset before it.
    """
    raise NotImplementedError
''',
    reference=resets,
    cases=_reset_cases,
    parts=(Part("after", ("sequence", "unit")), Part("before", ("sequence", "unit"))),
    about="where the reset gate acts",
    differentiable=True,
    strict_types=True,
    explained="After: the gate fades rows of the matrix. Before: it fades columns.",
)

TAKE = Exercise(
    name="gru-take",
    chapter="gru",
    title="From keep to take",
    goal="carry weights from one meaning of the update gate to the other",
    minutes=10,
    level="medium",
    hints=(
        "The other GRU needs a gate that is 1 - z. What is 1 - sigmoid(a)?",
        "It is sigmoid(-a). So everything that is summed up to a has to change its sign. Which "
        "rows of which tensors are that?",
        "The middle third of the rows, in all four tensors: both weights and both biases.",
    ),
    mistakes=(
        Mistake(
            "the reset gate's sign",
            "The sign of the first block was changed, which is the reset gate's. PyTorch's order "
            "is r, z, n.",
            _with_signs(-1, 1, 1),
        ),
        Mistake(
            "the candidate's sign",
            "The sign of the last block was changed, which is the candidate's. Which block turns "
            "into z?",
            _with_signs(1, 1, -1),
        ),
        Mistake(
            "all signs",
            "All signs were changed. Only the update gate has to be turned around; the reset gate "
            "and the candidate mean the same in both.",
            _with_signs(-1, -1, -1),
        ),
        Mistake(
            "the biases are left",
            "The weights are turned around and the biases are not. They are part of the same sum.",
            _biases_left,
        ),
        Mistake(
            "the biases only",
            "Only the biases are turned around. The two products are part of the same sum.",
            _only_biases,
        ),
        Mistake(
            "the state's share is left",
            "The input's share of the gate is turned around, the old state's is not.",
            _state_left,
        ),
        Mistake(
            "one minus the weights",
            "The weights were taken from 1. It is the *gate* that becomes 1 - z, and the weights "
            "stand inside its sigmoid.",
            _one_minus_weights,
        ),
    ),
    stub='''def to_take(W_ih, W_hh, b_ih, b_hh):
    """Weights of a "keep" GRU, changed for a "take" GRU that computes the same.

    W_ih (3H, X), W_hh (3H, H), b_ih and b_hh (3H,), blocks r, z, n.
    Returns four tensors of the same shapes; those that came in stay as they are.
    """
    raise NotImplementedError
''',
    reference=to_take,
    cases=_take_cases,
    parts=(
        Part("W_ih", ("row", "input")),
        Part("W_hh", ("row", "unit")),
        Part("b_ih", ("row",), ("r", "z", "n")),
        Part("b_hh", ("row",), ("r", "z", "n")),
    ),
    about="which way the update gate points",
    differentiable=True,
    strict_types=True,
    explained="The same function leads back again: two changes of sign are none.",
)
