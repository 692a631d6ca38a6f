"""What a learner calls in a notebook: check, hint, solution."""

import re
from collections import Counter
from typing import Any

from rnnlab.exercises.catalogue import named
from rnnlab.exercises.checking import check_answer, check_code
from rnnlab.exercises.exercise import Question
from rnnlab.exercises.report import Report
from rnnlab.inspection import source_of

#: What a solution's annotations need in a notebook.
_IMPORTS = {
    "Callable": "from collections.abc import Callable",
    "Tensor": "from torch import Tensor",
}

#: How many hints have been asked for in this process, by exercise.
_given: Counter[str] = Counter()


class Text(str):
    """A text that a notebook shows as Markdown, and a terminal as it is."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


def check(name: str, answer: Any) -> Report:
    """Check an answer to an exercise.

    Args:
        name: The exercise's name, such as ``"lstm-step"``.
        answer: The function that was asked for, or the number or choice.

    Returns:
        What is right or wrong; a notebook shows it.

    Raises:
        ValueError: No exercise of that name.
    """
    task = named(name)
    return check_answer(task, answer) if isinstance(task, Question) else check_code(task, answer)


def hint(name: str, number: int | None = None) -> Text:
    """Give a hint: the next one at each call, or a certain one.

    Args:
        name: The exercise's name.
        number: 1, 2 or 3; the next one if None, and the last one again after that.

    Returns:
        The hint.

    Raises:
        ValueError: No such exercise or hint.
    """
    hints = named(name).hints
    if number is None:
        _given[name] = min(_given[name] + 1, len(hints))
        number = _given[name]
    if not 1 <= number <= len(hints):
        raise ValueError(f"expected a hint from 1 to {len(hints)}, got {number}")
    return Text(f"**Hint {number} of {len(hints)}.** {hints[number - 1]}")


def solution(name: str) -> Text:
    """Show the reference solution, which the course's own tests hold to torch.

    Raises:
        ValueError: No exercise of that name.
    """
    task = named(name)
    if isinstance(task, Question):
        return Text(f"**{task.answer()}** {task.explained}".strip())
    source = source_of(task.reference)
    needs = [line for name, line in _IMPORTS.items() if re.search(rf"\b{name}\b", source)]
    source = "\n".join([*needs, "", ""]) * bool(needs) + source
    return Text(f"```python\n{source}```\n\n{task.explained}".strip())


def folded(name: str) -> Text:
    """Show all hints and the solution of an exercise, each folded until it is wanted.

    Args:
        name: The exercise's name.

    Raises:
        ValueError: No exercise of that name.
    """
    hints = [(f"Hint {n}", text) for n, text in enumerate(named(name).hints, start=1)]
    parts = [*hints, ("Solution", str(solution(name)))]
    return Text(
        "\n\n".join(
            f"<details><summary>{title}</summary>\n\n{text}\n\n</details>" for title, text in parts
        )
    )
