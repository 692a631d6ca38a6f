"""Exercises of the chapter "What do they remember?".

How sure one can be here; the tasks in the files beside it.
"""

import math
from collections.abc import Callable

from rnnlab.exercises.chapters import what_they_remember_reber, what_they_remember_tasks
from rnnlab.exercises.exercise import Exercise, Mistake, Part, Question


def interval(solved: int, runs: int, z: float) -> tuple[float, float]:
    """The least and the greatest share of success that go together with having seen some."""
    p, z2 = solved / runs, z**2 / runs
    half = math.sqrt(z2 * p * (1 - p) + z2**2 / 4)
    return (p + z2 / 2 - half) / (1 + z2), (p + z2 / 2 + half) / (1 + z2)


def _simple(solved, runs, z):
    p = solved / runs
    half = z * math.sqrt(p * (1 - p) / runs)
    return p - half, p + half


def _not_shared_out(solved, runs, z):
    low, high = interval(solved, runs, z)
    return low * (1 + z**2 / runs), high * (1 + z**2 / runs)


def _not_moved(solved, runs, z):
    p, z2 = solved / runs, z**2 / runs
    half = math.sqrt(z2 * p * (1 - p) + z2**2 / 4)
    return (p - half) / (1 + z2), (p + half) / (1 + z2)


def _still_zero(solved, runs, z):
    p, z2 = solved / runs, z**2 / runs
    half = math.sqrt(z2 * p * (1 - p))
    return (p + z2 / 2 - half) / (1 + z2), (p + z2 / 2 + half) / (1 + z2)


def _z_not_squared(solved, runs, z):
    return interval(solved, runs, math.sqrt(z))


def middle_time(times: list[int | None]) -> float:
    """The median, where a run that was given up took longer than any other."""
    ordered = sorted(math.inf if time is None else time for time in times)
    return ordered[(len(ordered) - 1) // 2]


def _with(none: float) -> Callable[[list[int | None]], list[float]]:
    return lambda times: sorted(none if time is None else time for time in times)


def _finished_alone(times):
    done = sorted(time for time in times if time is not None)
    return done[(len(done) - 1) // 2] if done else math.inf


def _mean_of_finished(times):
    done = [time for time in times if time is not None]
    return sum(done) / len(done) if done else math.inf


def _zeros(times):
    return _with(0)(times)[(len(times) - 1) // 2]


def _upper_middle(times):
    return _with(math.inf)(times)[len(times) // 2]


def _unsorted(times):
    return [math.inf if time is None else time for time in times][(len(times) - 1) // 2]


def _as_soon_as_one_fails(times):
    return math.inf if None in times else middle_time(times)


def _needed() -> float:
    return next(n for n in range(1, 1000) if interval(n, n, 1.96)[0] > 0.9)


EXERCISES: tuple[Exercise | Question, ...] = (
    *what_they_remember_tasks.EXERCISES,
    *what_they_remember_reber.EXERCISES,
    Exercise(
        name="memory-interval",
        chapter="what-they-remember",
        title="Certain after ten failures?",
        goal="mend an interval that is certain too soon",
        minutes=15,
        level="medium",
        hints=(
            "Try 0 of 10. The width is zero, since the spread was computed at the share that was "
            "seen. Which share should it be computed at?",
            "The chapter writes the condition as an inequality in $p$, $(\\hat p - p)^2 \\le "
            "z^2\\, p(1 - p)/N$, and solves the quadratic equation.",
            "With $a = z^2 / N$ the ends are $\\bigl(\\hat p + a/2 \\pm \\sqrt{a\\,\\hat p(1 - "
            "\\hat p) + a^2/4}\\bigr) / (1 + a)$.",
        ),
        mistakes=(
            Mistake(
                "the simple interval",
                "This is the simple interval, as it was given. After 0 of 10 it has no width at "
                "all, and near the edges it reaches beyond 0 and 1.",
                _simple,
            ),
            Mistake(
                "the division is missing",
                "The numerator is that of Wilson's interval. It has to be divided, and so is "
                "pulled back into the range from 0 to 1.",
                _not_shared_out,
            ),
            Mistake(
                "the middle has not moved",
                "The width is right. The middle of Wilson's interval lies between the share seen "
                "and one half; a term is missing there.",
                _not_moved,
            ),
            Mistake(
                "no width after 0 of 10",
                "The middle is right. Under the root a term is missing, so that after 0 of 10 "
                "there still is no width.",
                _still_zero,
            ),
            Mistake(
                "z is not squared",
                "Everywhere in the equation z stands with a square.",
                _z_not_squared,
            ),
        ),
        stub='''def interval(solved, runs, z):
    """The shares of success that go together with having seen some, by Wilson.

    solved of so many runs succeeded; z: standard deviations, 1.96 for 95 %.
    Returns the least and the greatest share.
    """
    p = solved / runs
    half = z * (p * (1 - p) / runs) ** 0.5
    return p - half, p + half
''',
        reference=interval,
        cases=lambda _: iter([(0, 10, 1.96), (7, 10, 1.96), (30, 30, 1.96), (2, 5, 1.0)]),
        parts=(Part("the least share"), Part("the greatest share")),
        about="how sure can ten runs make us?",
    ),
    Question(
        name="memory-runs",
        chapter="what-they-remember",
        title="How many runs are enough?",
        goal="plan an experiment",
        minutes=10,
        level="easy",
        hints=(
            "Count up from 1 until the lower end of `plotting.wilson(runs, runs)` is above 0.9.",
            "With $\\hat p = 1$ the root is $z^2 / 2N$, and the numerator becomes 1.",
            "$1 / (1 + z^2/N) > 0.9$ is the same as $N > 9 z^2$.",
        ),
        mistakes=(
            Mistake(
                "one too few",
                "With 34 runs the interval begins just below 0.9.",
                34,
            ),
            Mistake(
                "z is not squared",
                "You solved for $N$ with $z$ in place of its square.",
                18,
            ),
            Mistake(
                "the share is taken for one",
                "Nearly. You took $1 / (1 - 0.9)$ where the equation gives $0.9 / (1 - 0.9)$.",
                39,
            ),
            Mistake(
                "ten",
                "Ten of ten are more than nine of ten in what was *seen*. But the interval after "
                "ten of ten begins at 0.72.",
                10,
            ),
            Mistake(
                "one",
                "The simple interval has no width after one of one. That is its trap.",
                1,
            ),
        ),
        answer=_needed,
        explained='Ten runs are enough to tell "often" from "hardly ever", and not to tell '
        "80 % from 95 %.",
    ),
    Exercise(
        name="memory-middle",
        chapter="what-they-remember",
        title="A fair middle",
        goal="summarise times when some runs never finish",
        minutes=10,
        level="easy",
        hints=(
            "A run that was given up took longer than any that finished. Which number is greater "
            "than all others?",
            "Put `math.inf` in the place of None, and sort.",
            "Of an even number of runs take the lower of the two in the middle, so that a number "
            "and infinity need no mean: place `(len(times) - 1) // 2`.",
        ),
        mistakes=(
            Mistake(
                "the failures are left out",
                "That is the median of the runs that finished. A network that solves one run in "
                "ten, quickly, looks fast by it.",
                _finished_alone,
            ),
            Mistake(
                "the mean of those that finished",
                "That is the mean of the runs that finished. It can never show a failure.",
                _mean_of_finished,
            ),
            Mistake(
                "a failure takes no time",
                "A run that was given up counts as the fastest of all. It is the slowest.",
                _zeros,
            ),
            Mistake(
                "the upper middle",
                "Of two runs in the middle you took the later. Asked for is the lower one.",
                _upper_middle,
            ),
            Mistake(
                "not sorted",
                "That is the middle of the list as it stands. It has to be sorted first.",
                _unsorted,
            ),
            Mistake(
                "one failure spoils all",
                "A single failure makes the result infinite. It should be so only if the middle "
                "run failed.",
                _as_soon_as_one_fails,
            ),
        ),
        stub='''def middle_time(times):
    """The median of times, where None, a run that was given up, is longer than any other.

    times: a list of whole numbers and Nones, not empty. Of an even number of runs the lower of the
    two in the middle counts. Returns a number, math.inf if that run was given up.
    """
    raise NotImplementedError
''',
        reference=middle_time,
        cases=lambda _: iter(
            [
                ([300, None, 100],),
                ([None, None, 100],),
                ([400, 200],),
                ([700, 100, None, 300, 250, None],),
                ([50],),
            ]
        ),
        about="how long it takes",
    ),
)
