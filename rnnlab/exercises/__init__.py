"""Exercises that check themselves and name the mistake.

In a notebook: ``check("lstm-step", lstm_step)``, ``hint("lstm-step")``, ``solution("lstm-step")``.
"""

from rnnlab.exercises.catalogue import CATALOGUE, named
from rnnlab.exercises.exercise import Exercise, Mistake, Part, Question
from rnnlab.exercises.report import Report
from rnnlab.exercises.teaching import Text, check, folded, hint, solution

__all__ = [
    "CATALOGUE",
    "Exercise",
    "Mistake",
    "Part",
    "Question",
    "Report",
    "Text",
    "check",
    "folded",
    "hint",
    "named",
    "solution",
]
