"""What a check says."""

import html
from dataclasses import dataclass
from typing import Literal

#: How far an answer came: the stage at which it stopped, or "passed".
Stage = Literal[
    "not attempted",
    "signature",
    "error",
    "time",
    "result",
    "shape",
    "type",
    "values",
    "gradients",
    "side effects",
    "answer",
    "passed",
]


@dataclass(frozen=True)
class Report:
    """The result of a check, as a notebook and a terminal show it.

    Attributes:
        exercise: The exercise's name.
        stage: Where the answer stopped.
        says: What is wrong and where to look; or that it is right.
        mistake: The name of the known mistake that it is, if it is one.
        printed: The beginning of what the answer printed.
    """

    exercise: str
    stage: Stage
    says: str
    mistake: str | None = None
    printed: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.stage == "passed"

    @property
    def mark(self) -> str:
        """The word that a table shows, one of passed, open, and not yet."""
        return {"passed": "passed", "not attempted": "open"}.get(self.stage, "not yet")

    def __repr__(self) -> str:
        head = f"{self.exercise}: {self.mark}"
        lines = [head if self.passed or self.mark == "open" else f"{head} ({self.stage})"]
        lines += [f"  {line}" for line in self.says.splitlines()]
        if self.printed and not self.passed:
            lines.append(f"  It printed: {self.printed.strip()!r}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self), quote=False)}</pre>"
