"""Exercises of the chapter "What do they remember?": the tasks.

Axes: ``T`` time steps, ``B`` batch.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def floor(letters: int, symbols: int, gap: int) -> float:
    """The loss of guessing at the symbols to be copied, averaged over all steps."""
    return symbols * math.log(letters) / (symbols + gap + 1 + symbols)


def target(x: Tensor) -> Tensor:
    """One half and a quarter of the two marked numbers of each sequence."""
    numbers, marks = x.unbind(dim=2)
    return 0.5 + (numbers * (marks == 1)).sum(dim=0) / 4


def _adding_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B in ((8, 3), (5, 1), (12, 4)):
        numbers = torch.tanh(random(generator, T, B))
        marks = torch.zeros(T, B, dtype=torch.float64)
        marks[0] = marks[-1] = -1
        for k in range(B):
            marks[torch.randperm(T, generator=generator)[:2], k] = 1
        yield (torch.stack([numbers, marks], dim=2),)


def _times_mark(x):
    return 0.5 + x.prod(dim=2).sum(dim=0) / 4


def _all_numbers(x):
    return 0.5 + x[..., 0].sum(dim=0) / 4


def _sum_alone(x):
    return 4 * target(x) - 2


def _mean_alone(x):
    return 2 * target(x) - 1


def _mean_added(x):
    return 2 * target(x) - 0.5


def _any_mark(x):
    return 0.5 + (x[..., 0] * (x[..., 1] != 0)).sum(dim=0) / 4


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="memory-floor",
        chapter="what-they-remember",
        title="The loss of forgetting",
        goal="say what copying is worth without memory, before training",
        minutes=10,
        level="easy",
        hints=(
            "Most steps are easy: that a blank comes next can be said without memory. Where does "
            "a network without memory lose anything?",
            "At each symbol that is to be said again it can only guess among the letters, which "
            "costs $\\ln K$.",
            "Divide the sum by the number of *all* steps: the symbols, the blanks, the mark, and "
            "the symbols once more.",
        ),
        mistakes=(
            Mistake(
                "averaged over the answers",
                "That is the loss for each symbol to be said again. Asked for is the mean over all "
                "steps, and most of them cost nothing.",
                lambda letters, *_: math.log(letters),
            ),
            Mistake(
                "the sum of the answers",
                "That is the sum over the sequence. A mean is asked for.",
                lambda letters, symbols, _: symbols * math.log(letters),
            ),
            Mistake(
                "the mark is forgotten",
                'A step is missing from the length: the mark that says "now".',
                lambda letters, symbols, gap: symbols * math.log(letters) / (2 * symbols + gap),
            ),
            Mistake(
                "the symbols stand once",
                "The symbols are part of the sequence twice: when they are shown, and when they "
                "are to be said.",
                lambda letters, symbols, gap: symbols * math.log(letters) / (symbols + gap + 1),
            ),
            Mistake(
                "bits",
                "That is in bits. Losses in this course are in nats.",
                lambda letters, symbols, gap: (
                    symbols * math.log2(letters) / (2 * symbols + gap + 1)
                ),
            ),
        ),
        stub='''def floor(letters, symbols, gap):
    """The least mean loss, over all steps, of a network without memory that copies.

    A sequence: so many symbols, each one of so many equally likely letters; `gap` blanks; a mark;
    and blanks in which the symbols are to be said again. At all other steps it is known what to
    say. Returns nats for each step.
    """
    raise NotImplementedError
''',
        reference=floor,
        cases=lambda _: iter([(8, 3, 10), (8, 10, 100), (2, 1, 0), (5, 4, 7)]),
        about="what is right without memory?",
    ),
    Exercise(
        name="memory-adding",
        chapter="what-they-remember",
        title="The target of adding",
        goal="read a task's input as its target does",
        minutes=10,
        level="easy",
        hints=(
            "A step holds a number and a mark. Which marks occur, besides 0 and 1?",
            'Turn the marks into "is it 1?", multiply by the numbers, add up along the steps.',
            "The answer is $\\frac12 + (X_1 + X_2) / 4$.",
        ),
        mistakes=(
            Mistake(
                "the numbers are multiplied by the marks",
                "The first and the last step bear the mark −1, and their numbers were "
                "subtracted. Only the mark 1 counts.",
                _times_mark,
            ),
            Mistake(
                "all numbers are added",
                "All numbers were added. Two of them are marked.",
                _all_numbers,
            ),
            Mistake(
                "the sum as it is",
                "That is the sum of the two numbers, from −2 to 2. The target brings it into the "
                "range from 0 to 1.",
                _sum_alone,
            ),
            Mistake(
                "the mean as it is",
                "That is the mean of the two numbers, from −1 to 1. The target brings it into the "
                "range from 0 to 1.",
                _mean_alone,
            ),
            Mistake(
                "half the sum",
                "One half is added to the mean of the two, which goes from −½ to 1½. Divide the "
                "sum by 4.",
                _mean_added,
            ),
            Mistake(
                "every mark counts",
                "The first and the last step were added too. They bear the mark −1, not 1.",
                _any_mark,
            ),
        ),
        stub='''def target(x):
    """What is to be said after the sequences of the task "adding".

    x (T, B, 2): numbers and marks. Two steps of each sequence bear the mark 1; of the others the
    first and the last bear −1, the rest 0. Returns (B,), between 0 and 1.
    """
    raise NotImplementedError
''',
        reference=target,
        cases=_adding_cases,
        parts=(Part("the target", ("sequence",)),),
        about="tasks with a dial",
        strict_types=True,
    ),
    Question(
        name="memory-half",
        chapter="what-they-remember",
        title="One of two numbers",
        goal="know the squared error of half a memory",
        minutes=5,
        level="medium",
        hints=(
            "What is not remembered stays uncertain. How does the second number enter the target?",
            "The best guess for it is its mean, 0. The error is a quarter of the number.",
            "A number drawn evenly from −1 to 1 has variance $\\frac13$; a quarter of it has "
            "$\\frac1{16}$ of that.",
        ),
        mistakes=(
            Mistake(
                "nothing is remembered",
                "That is the error of the constant ½, without any memory.",
                1 / 24,
            ),
            Mistake(
                "a variance is divided by 4",
                "A quarter of a number has a sixteenth of its variance.",
                1 / 12,
            ),
            Mistake(
                "an eighth",
                "You halved once too often: without memory it is 1/24, from two numbers alike.",
                1 / 96,
            ),
            Mistake(
                "the variance of the number",
                "That is the variance of the number itself. The target has a quarter of it.",
                1 / 3,
            ),
        ),
        answer=lambda: 1 / 3 / 4**2,
        tolerance=2e-4,
        explained="That is $\\frac1{48}$. Half of the memory halves the squared error, and does "
        "next to nothing for the share of right answers.",
    ),
)
