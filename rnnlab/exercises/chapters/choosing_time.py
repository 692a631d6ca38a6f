"""Exercises of the chapter "RNN, LSTM or GRU?": time.

Axes: ``S`` seeds, ``K`` measurements in the course of a training.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Question, random


def time_to(seconds: Tensor, losses: Tensor, target: float) -> float:
    """The first time at which the mean loss of the seeds is at most the target."""
    reached = losses.mean(dim=0) <= target
    return seconds[reached][0].item() if reached.any() else math.inf


def _curve_cases(generator: torch.Generator) -> Iterator[Arguments]:
    def made(*rows: list[float]) -> Tensor:
        return torch.tensor(rows, dtype=torch.float64)

    seconds = torch.tensor([1.5, 3.0, 4.5, 6.0], dtype=torch.float64)
    yield seconds, made([3.0, 1.0, 1.0, 2.0], [4.0, 2.0, 3.0, 1.0]), 1.5
    yield seconds, made([3.0, 0.5, 1.0, 0.25], [4.0, 3.0, 2.0, 1.0]), 1.0
    yield seconds, made([3.0, 2.0, 0.25, 1.0], [4.0, 3.0, 2.5, 1.5]), 1.0
    yield seconds[:1], made([0.5]), 1.0
    yield seconds, 2 + random(generator, 3, 4).abs(), 2.75


def _first(seconds, reached):
    return seconds[reached][0].item() if reached.any() else math.inf


def _best_seed(seconds, losses, target):
    return _first(seconds, losses.amin(dim=0) <= target)


def _every_seed(seconds, losses, target):
    return _first(seconds, losses.amax(dim=0) <= target)


def _below(seconds, losses, target):
    return _first(seconds, losses.mean(dim=0) < target)


def _last_time(seconds, losses, target):
    reached = losses.mean(dim=0) <= target
    return seconds[reached][-1].item() if reached.any() else math.inf


def _never_is_the_end(seconds, losses, target):
    return min(time_to(seconds, losses, target), seconds[-1].item())


def _times_averaged(seconds, losses, target):
    times = [_first(seconds, row <= target) for row in losses]
    return sum(times) / len(times)


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="choosing-time",
        chapter="choosing",
        title="Until it is good enough",
        goal="read the time to a quality off a set of curves",
        minutes=10,
        level="medium",
        hints=(
            "First make one curve of all seeds, then ask where it gets to the target.",
            "`losses.mean(dim=0) <= target` is a row of truths. Which entry of `seconds` do you "
            "want?",
            "If none is true, return `math.inf`; else the first of `seconds[reached]`.",
        ),
        mistakes=(
            Mistake(
                "the best seed",
                "You took the time at which the *best* seed gets there. The next run may have "
                "another seed.",
                _best_seed,
            ),
            Mistake(
                "every seed",
                "You waited until every seed got there. Asked for is the mean loss.",
                _every_seed,
            ),
            Mistake(
                "below the target",
                "A mean that equals the target is good enough.",
                _below,
            ),
            Mistake(
                "the last time",
                "That is the last time at which it was good enough. When was it so first?",
                _last_time,
            ),
            Mistake(
                "never is the end",
                "Where the target is never reached you return the end of the training, as if it "
                "had been. Return infinity.",
                _never_is_the_end,
            ),
            Mistake(
                "the mean of the times",
                "You averaged the times of the seeds. One seed that never gets there makes that "
                "infinite; average the losses.",
                _times_averaged,
            ),
        ),
        stub='''def time_to(seconds, losses, target):
    """The first measured time at which the mean loss over the seeds is at most the target.

    seconds (K,): when it was measured, rising. losses (S, K): a row for each seed.
    Returns a number; math.inf if the target is never reached.
    """
    raise NotImplementedError
''',
        reference=time_to,
        cases=_curve_cases,
        about="how long until it is good enough?",
    ),
    Question(
        name="choosing-dear",
        chapter="choosing",
        title="The dear cell that is cheap",
        goal="tell the price of an update from the price of a quality",
        minutes=5,
        level="easy",
        hints=(
            "What do you pay for in the end: updates, or time?",
            "Time is the number of updates times the price of one.",
            "The RNN takes 3 seconds. How many does the LSTM take?",
        ),
        mistakes=(
            Mistake(
                "the price of an update",
                "That compares one update. The LSTM needs fewer of them.",
                2.4,
            ),
            Mistake(
                "the number of updates",
                "That compares the numbers of updates. They do not cost the same.",
                1 / 3,
            ),
            Mistake(
                "the other way round",
                "That is the RNN's time over the LSTM's.",
                1.25,
            ),
            Mistake(
                "price by number",
                "The LSTM needs *fewer* updates, which makes it cheaper, not dearer.",
                7.2,
            ),
        ),
        answer=lambda: (2.4 * 1000) / (1.0 * 3000),
        tolerance=1e-6,
        explained="2.4 seconds against 3: what a step costs more, it saves in steps.",
    ),
)
