"""Exercises of the chapter "Making it fast": the scan.

Axes: ``T`` time steps, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def one_round(a: Tensor, b: Tensor, reach: int) -> tuple[Tensor, Tensor]:
    """Join each pair with the one so many places before it; the first ones have none."""
    a_joined = a[reach:] * a[:-reach]
    b_joined = a[reach:] * b[:-reach] + b[reach:]
    return torch.cat([a[:reach], a_joined]), torch.cat([b[:reach], b_joined])


def _round_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, H, reach in ((7, 2, 1), (7, 2, 2), (7, 1, 4), (3, 2, 4), (1, 3, 1)):
        yield random(generator, T, H), random(generator, T, H), reach


def _order_swapped(a, b, reach):
    joined = a[:-reach] * b[reach:] + b[:-reach]
    return torch.cat([a[:reach], a[reach:] * a[:-reach]]), torch.cat([b[:reach], joined])


def _new_a(a, b, reach):
    new, _ = one_round(a, b, reach)
    return new, torch.cat([b[:reach], new[reach:] * b[:-reach] + b[reach:]])


def _neighbours(a, b, _):
    return one_round(a, b, 1)


def _around(a, b, reach):
    return a * a.roll(reach, 0), a * b.roll(reach, 0) + b


def _already_joined(a, b, reach):
    a, b = list(a), list(b)
    for t in range(reach, len(a)):
        a[t], b[t] = a[t] * a[t - reach], a[t] * b[t - reach] + b[t]
    return torch.stack(a), torch.stack(b)


def _later_b_lost(a, b, reach):
    new, _ = one_round(a, b, reach)
    return new, torch.cat([b[:reach], a[reach:] * b[:-reach]])


Pair = tuple[Tensor, Tensor]


def join(first: Pair, then: Pair) -> Pair:
    """Two steps h → max(h - d, v) as one of the same form."""
    (d_1, v_1), (d_2, v_2) = first, then
    return d_1 + d_2, torch.maximum(v_1 - d_2, v_2)


def _join_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for shape in ((6,), (1,), (3, 4)):
        pairs = [(random(generator, *shape).abs(), random(generator, *shape)) for _ in range(2)]
        yield tuple(pairs)


def _joined_backwards(first, then):
    return join(then, first)


def _not_sunk(first, then):
    return first[0] + then[0], torch.maximum(first[1], then[1])


def _sunk_by_its_own(first, then):
    return first[0] + then[0], torch.maximum(first[1] - first[0], then[1])


def _both_sunk(first, then):
    return first[0] + then[0], torch.maximum(first[1], then[1]) - then[0]


def _greater_sinking(first, then):
    return torch.maximum(first[0], then[0]), torch.maximum(first[1] - then[0], then[1])


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="fast-round",
        chapter="making-it-fast",
        title="One round of doubling",
        goal="write the round that makes a scan",
        minutes=15,
        level="medium",
        hints=(
            "Join two pairs on paper: put $h_1 = a_1 h_0 + b_1$ into $h_2 = a_2 h_1 + b_2$.",
            "All joins of a round are independent, so each part is one expression on slices: those "
            "from `reach` on, and those that end `reach` places earlier.",
            "The joined $a$ is the product. The joined $b$ is the *later* $a$ times the earlier "
            "$b$, plus the later $b$. The first `reach` pairs stay.",
        ),
        mistakes=(
            Mistake(
                "joined in the wrong order",
                "The steps were joined as if the later one came first. Joining is associative, "
                "not commutative.",
                _order_swapped,
            ),
            Mistake(
                "the new a is used for b",
                "For the joined $b$ the $a$ was used that had just been joined. It needs the later "
                "pair's own.",
                _new_a,
            ),
            Mistake(
                "always the neighbour",
                "Each pair was joined with its neighbour. In later rounds the neighbour stands "
                "for steps that the pair has already; look `reach` places back.",
                _neighbours,
            ),
            Mistake(
                "around the edge",
                "The first pairs were joined with the last ones, as `roll` does. Nothing comes "
                "before the first pair.",
                _around,
            ),
            Mistake(
                "with pairs that are joined already",
                "Some pairs were joined with one that had been joined in the same round. All joins "
                "of a round must read the *old* pairs.",
                _already_joined,
            ),
            Mistake(
                "the later b is lost",
                "The later pair's own $b$ is missing from the joined one.",
                _later_b_lost,
            ),
        ),
        stub='''def one_round(a, b, reach):
    """One round of doubling for h_t = a_t h_{t-1} + b_t.

    a, b (T, ...): pairs, each of which stands for the last `reach` steps, or for all up to
    step 1. Join each with the one `reach` places before it, if there is one.
    Returns the new a and b, of the same shape.
    """
    raise NotImplementedError
''',
        reference=one_round,
        cases=_round_cases,
        parts=(Part("a", ("step", "unit")), Part("b", ("step", "unit"))),
        about="the parallel scan",
        differentiable=True,
        strict_types=True,
        explained="Rounds with a reach of 1, 2, 4, … until it is at least $T$, and $b$ holds all "
        "states from $h_0 = 0$.",
    ),
    Exercise(
        name="fast-join",
        chapter="making-it-fast",
        title="The combine of another recurrence",
        goal="find out what a scan needs",
        minutes=20,
        level="medium",
        hints=(
            "Put one step into the next and simplify: what is "
            "$\\max(\\max(h - d_1, v_1) - d_2,\\; v_2)$?",
            "Subtraction can be taken into the max: $\\max(p, q) - d = \\max(p - d, q - d)$.",
            "The joined pair is $(d_1 + d_2,\\; \\max(v_1 - d_2,\\; v_2))$.",
        ),
        mistakes=(
            Mistake(
                "joined in the wrong order",
                "The steps are joined as if `then` came before `first`.",
                _joined_backwards,
            ),
            Mistake(
                "the first level does not sink",
                "The first level is compared as it was. Until the second step it has sunk.",
                _not_sunk,
            ),
            Mistake(
                "it sinks by its own step",
                "The first level sank by the first step's loss. It came up in that step; what "
                "lowers it is the step after.",
                _sunk_by_its_own,
            ),
            Mistake(
                "the new level sinks too",
                "Both levels were lowered. The second one has just been reached.",
                _both_sunk,
            ),
            Mistake(
                "the greater of two losses",
                "A level that goes through both steps sinks by both losses, one after the other.",
                _greater_sinking,
            ),
        ),
        stub='''def join(first, then):
    """Join two steps of a leaky peak meter, h -> max(h - d, v), into one of the same form.

    first, then: pairs (d, v) of tensors of one shape; `first` acts first.
    Returns the pair (d, v) of the joined step.
    """
    raise NotImplementedError
''',
        reference=join,
        cases=_join_cases,
        parts=(Part("d"), Part("v")),
        about="which steps can be joined",
        differentiable=True,
        strict_types=True,
        explained="What a scan needs is an associative way to join steps whose result is no larger "
        "than a step. Linearity is one way to get it.",
    ),
)
