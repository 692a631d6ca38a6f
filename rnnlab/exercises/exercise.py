"""What an exercise is: what is asked, the reference, the known mistakes, the hints.

The text that a reader sees lives in the chapter. Here lives what a check needs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

Level = Literal["easy", "medium", "hard"]
#: Arguments of one call of an answer, in the order of its parameters.
Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes:
        name: What is wrong, in a few words: "the reset gate acts on the wrong side".
        says: What the learner reads: what they probably did, and where to look. Not the solution.
        wrong: The answer with this mistake: a function like the reference, or a value.
    """

    name: str
    says: str
    wrong: Any


@dataclass(frozen=True)
class Part:
    """A name for one part of a result, and for its axes, so that a message can say where.

    Attributes:
        name: Such as ``"h_t"``.
        axes: The names of its axes, first to last: ``("sequence", "unit")``.
        blocks: Names of equal blocks of the last axis, such as the gates of a weight.
    """

    name: str
    axes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """What both kinds of exercises have.

    Attributes:
        name: By which it is checked: ``"lstm-step"``.
        chapter: The name of the chapter's file: ``"lstm"``.
        title: As in the chapter.
        goal: What one can do afterwards, in a line.
        minutes: About how long it takes.
        level: ``"easy"``, ``"medium"`` or ``"hard"``.
        hints: Three, each more explicit than the one before.
        mistakes: Wrong answers that a message names.
    """

    name: str
    chapter: str
    title: str
    goal: str
    minutes: int
    level: Level
    hints: tuple[str, str, str]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class Exercise(Task):
    """Code to be written.

    Attributes:
        stub: The source that the learner starts from: one function whose body raises
            ``NotImplementedError``.
        reference: The solution.
        cases: Makes the calls to compare on, given where random numbers come from. Floating-point
            tensors are made in float64.
        parts: Names of the tensors in the result, in their order.
        about: The part of the chapter to read again, in words.
        tolerance: Greatest difference that counts as equal, relative to the greatest value or 1.
        differentiable: Whether gradients are compared too.
        strict_types: Whether results must keep the inputs' type, which is tried in float32.
        explained: What to say of the solution beside its source.
    """

    stub: str = ""
    reference: Callable[..., Any] = field(default=lambda: None)
    cases: Callable[[torch.Generator], Iterator[Arguments]] = field(default=lambda _: iter(()))
    parts: tuple[Part, ...] = ()
    about: str = ""
    tolerance: float = 1e-8
    differentiable: bool = False
    strict_types: bool = False
    explained: str = ""


@dataclass(frozen=True)
class Question(Task):
    """A number or a choice to be given.

    Attributes:
        answer: The right answer, computed when asked for.
        options: What can be chosen from; none for a number.
        tolerance: Greatest difference of a right number, relative to the answer's size or 1.
        explained: Why it is right.
    """

    answer: Callable[[], float | str] = field(default=lambda: 0.0)
    options: tuple[str, ...] = ()
    tolerance: float = 1e-9
    explained: str = ""


def random(generator: torch.Generator, *shape: int, scale: float = 1.0) -> Tensor:
    """Normally distributed numbers in float64, of a shape."""
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def tensors_in(value: Any) -> list[Tensor]:
    """All tensors in nested tuples, lists and dictionaries, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []


def with_tensors(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same nested value with every tensor replaced."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {name: with_tensors(item, change) for name, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(with_tensors(item, change) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(with_tensors(item, change) for item in value)
    return value
