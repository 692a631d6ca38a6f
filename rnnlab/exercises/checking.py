"""The check of an answer, stage by stage, until one of them has something to say."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from rnnlab.exercises.comparing import difference
from rnnlab.exercises.exercise import (
    Arguments,
    Exercise,
    Mistake,
    Question,
    tensors_in,
    with_tensors,
)
from rnnlab.exercises.guard import LIMIT, Outcome, OutOfTimeError, run
from rnnlab.exercises.report import Report, Stage

SEED = 20_240_229


def check_code(exercise: Exercise, answer: Any, limit: float = LIMIT) -> Report:
    """Check a function: does it run, is it right, and if not, what is wrong?

    Args:
        exercise: What was asked.
        answer: The learner's function.
        limit: Seconds for each call.

    Returns:
        What to tell the learner; also where the answer raises, hangs, prints, exits, or replaces
        parts of torch.
    """
    return _Check(exercise, answer, limit).report()


class _Check:
    def __init__(self, exercise: Exercise, answer: Any, limit: float) -> None:
        self.exercise, self.answer, self.limit = exercise, answer, limit
        self.printed = ""

    def says(self, stage: Stage, text: str, mistake: str | None = None) -> Report:
        return Report(self.exercise.name, stage, text, mistake, self.printed)

    def report(self) -> Report:
        early = self._usable()
        if early is not None:
            return early
        cases = self._cases()
        # Before the answer runs, which may do anything to what computes this.
        wanted = [self.exercise.reference(*_own(arguments)) for arguments in cases]
        got = []
        for arguments, expected in zip(cases, wanted, strict=True):
            given = _own(arguments)
            outcome = run(self.answer, *given, limit=self.limit)
            self.printed = self.printed or outcome.printed
            found = self._ran(outcome) or self._shaped(expected, outcome.value)
            if found is not None:
                return found
            got.append(outcome.value)
        for find in (self._values, self._effects, self._gradients, self._types):
            found = find(cases, wanted, got)
            if found is not None:
                return found
        return self.says("passed", f"Right. {self.exercise.explained}".strip())

    def _cases(self) -> list[Arguments]:
        return list(self.exercise.cases(torch.Generator().manual_seed(SEED)))

    def _usable(self) -> Report | None:
        """Stage 1: is there a function, of the right signature, that is not the reference?"""
        if not callable(self.answer):
            kind = type(self.answer).__name__
            text = f"Expected a function, got {kind}. Give the function itself, without brackets."
            return self.says("signature", text)
        theirs = getattr(self.answer, "__code__", None)
        if theirs is not None and theirs is getattr(self.exercise.reference, "__code__", None):
            return self.says("signature", "That is the reference itself. Write your own.")
        wanted = list(inspect.signature(self.exercise.reference).parameters)
        try:
            inspect.signature(self.answer).bind(*wanted)
        except TypeError:
            text = f"Expected a function that can be called with {len(wanted)} arguments: "
            return self.says("signature", text + f"({', '.join(wanted)}).")
        except ValueError:  # a built-in, whose signature is not known
            pass
        return None

    def _ran(self, outcome: Outcome) -> Report | None:
        """Stage 2: did it return?"""
        error, where = outcome.error, f"\n{outcome.line}" if outcome.line else ""
        if isinstance(error, NotImplementedError):
            return self.says("not attempted", "Nothing written yet. Replace the last line.")
        if isinstance(error, OutOfTimeError):
            text = f"Still running after {self.limit:g} seconds. Does a loop never end?{where}"
            return self.says("time", text)
        if outcome.replaced:
            names = ", ".join(outcome.replaced)
            return self.says("side effects", f"It replaced {names}. That was put back.")
        if error is not None:
            message = " ".join(str(error).split())
            text = f"{type(error).__name__}: {message}".rstrip(": ")
            return self.says("error", f"Your code raised {text}{where}")
        if outcome.value is Ellipsis:
            return self.says("not attempted", "Nothing written yet. Replace the dots.")
        return None

    def _shaped(self, wanted: Any, got: Any) -> Report | None:
        """Stage 3: structure and shapes."""
        found = difference(wanted, got, self.exercise.parts, self.exercise.tolerance)
        if found is None or found.kind == "values":
            return None
        if found.kind == "shape":
            stage: Stage = "shape"
        else:
            stage = "type" if found.kind == "type" else "result"
        return self.says(stage, _sentence(found.says))

    def _values(self, cases: list[Arguments], wanted: list[Any], got: list[Any]) -> Report | None:
        """Stage 4: values; a known mistake is named, another one is located."""
        first = None
        for expected, value in zip(wanted, got, strict=True):
            first = difference(expected, value, self.exercise.parts, self.exercise.tolerance)
            if first is not None:
                break
        if first is None:
            return None
        mistake = self._mistake(cases, got)
        if mistake is not None:
            return self.says("values", mistake.says, mistake.name)
        about = f"\nRead again: {self.exercise.about}." if self.exercise.about else ""
        return self.says("values", _sentence(first.says) + about)

    def _mistake(self, cases: list[Arguments], got: list[Any]) -> Mistake | None:
        """The known mistake that gives just these results in all cases."""
        for mistake in self.exercise.mistakes:
            for arguments, value in zip(cases, got, strict=True):
                outcome = run(mistake.wrong, *_own(arguments), limit=self.limit)
                if outcome.error is not None or difference(
                    outcome.value, value, (), self.exercise.tolerance
                ):
                    break
            else:
                return mistake
        return None

    def _gradients(self, cases: list[Arguments], *_: Any) -> Report | None:
        """Stage 6: gradients of all floating-point inputs."""
        if not self.exercise.differentiable:
            return None
        for arguments in cases:
            wanted = _slopes(self.exercise.reference, arguments)
            got = run(lambda a=arguments: _slopes(self.answer, a), limit=self.limit)
            if got.error is not None:
                text = "The values are right, but no gradient comes back: "
                return self.says("gradients", f"{text}{' '.join(str(got.error).split())}")
            for index, (one, other) in enumerate(zip(wanted, got.value, strict=True)):
                found = difference(one, other, (), 1e-6)
                if found is not None:
                    nan = bool(other.isnan().any()) and not bool(one.isnan().any())
                    reason = (
                        "it is not a number (NaN). Where does an infinity meet a zero?"
                        if nan
                        else "was it cut off (detach, .data, no_grad)?"
                    )
                    text = f"The values are right, but the gradient of input {index + 1} is not: "
                    text += reason
                    return self.says("gradients", text)
        return None

    def _effects(self, cases: list[Arguments], wanted: list[Any], _: list[Any]) -> Report | None:
        """Stage 5: inputs stay as they are, and a second call gives the same."""
        arguments, expected = cases[-1], wanted[-1]
        given = _own(arguments)
        before = [tensor.clone() for tensor in tensors_in(given)]
        torch.manual_seed(1)  # another state of everything that an answer should not depend on
        again = run(self.answer, *given, limit=self.limit)
        changed = [not torch.equal(a, b) for a, b in zip(before, tensors_in(given), strict=True)]
        if any(changed):
            which = changed.index(True) + 1
            text = f"The result is right, but tensor {which} among the inputs was changed in place."
            return self.says("side effects", text)
        if again.error is not None or difference(
            expected, again.value, (), self.exercise.tolerance
        ):
            text = (
                "The first call was right, a later one is not: does it keep something in between?"
            )
            return self.says("side effects", text)
        return None

    def _types(self, cases: list[Arguments], *_: Any) -> Report | None:
        """Stage 7: float32 in, float32 out."""
        if not self.exercise.strict_types:
            return None
        arguments = _as(cases[0], torch.float32)
        wanted = self.exercise.reference(*_own(arguments))
        outcome = run(self.answer, *_own(arguments), limit=self.limit)
        found = self._ran(outcome)
        if found is not None:
            return self.says(found.stage, f"With float32 inputs: {found.says}")
        off = difference(wanted, outcome.value, self.exercise.parts, 1e-4)
        return None if off is None else self.says("type", f"With float32 inputs: {off.says}.")


def check_answer(question: Question, answer: Any) -> Report:
    """Check a number or a choice."""

    def says(stage: Stage, text: str, mistake: str | None = None) -> Report:
        return Report(question.name, stage, text, mistake)

    if answer is None or answer is Ellipsis:
        return says("not attempted", "No answer yet.")
    if isinstance(answer, Tensor) and answer.numel() == 1:
        answer = answer.item()
    wanted = question.answer()
    if question.options:
        if not isinstance(answer, str) or answer not in question.options:
            choices = ", ".join(map(repr, question.options))
            return says("answer", f"Expected one of {choices}, got {answer!r}.")
    elif isinstance(answer, bool) or not isinstance(answer, int | float):
        return says("answer", f"Expected a number, got {type(answer).__name__} {answer!r}.")
    if _same(wanted, answer, question.tolerance):
        return says("passed", f"Right. {question.explained}".strip())
    for mistake in question.mistakes:
        if _same(mistake.wrong, answer, question.tolerance):
            return says("answer", mistake.says, mistake.name)
    return says("answer", f"{answer!r} is not right. A hint may help: hint({question.name!r}).")


def _same(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(abs(one - other) <= tolerance * max(1.0, abs(one)))


def _own(arguments: Arguments) -> Arguments:
    """The arguments with tensors of their own, so that no call can spoil another's."""
    copied: Arguments = with_tensors(arguments, lambda tensor: tensor.detach().clone())
    return copied


def _as(arguments: Arguments, dtype: torch.dtype) -> Arguments:
    converted: Arguments = with_tensors(
        arguments, lambda x: x.to(dtype) if x.is_floating_point() else x
    )
    return converted


def _slopes(function: Callable[..., Any], arguments: Arguments) -> list[Tensor]:
    """Gradients of a fixed random sum of the results by all floating-point inputs."""
    given = with_tensors(
        arguments,
        lambda x: x.detach().clone().requires_grad_() if x.is_floating_point() else x,
    )
    outputs = [x for x in tensors_in(function(*given)) if x.is_floating_point()]
    generator = torch.Generator().manual_seed(SEED)
    total = torch.zeros((), dtype=torch.float64)
    for output in outputs:
        weights = torch.randn(output.shape, generator=generator, dtype=torch.float64)
        total = total + (output.to(torch.float64) * weights).sum()
    leaves = [x for x in tensors_in(given) if x.requires_grad]
    slopes = torch.autograd.grad(total, leaves, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, slopes, strict=True)]


def _sentence(text: str) -> str:
    first = text[:1].upper() if text.startswith("expected") else text[:1]
    return first + text[1:] + "."
