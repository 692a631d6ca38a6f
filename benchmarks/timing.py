"""Timing several contestants so that a busy machine slows all of them alike."""

import math
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Key = TypeVar("Key")


def milliseconds(step: Callable[[], None]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    step()
    return 1e3 * (time.perf_counter() - start)


def take_turns(
    contestants: Mapping[Key, Callable[[], None]], rounds: int, warm_up: int
) -> dict[Key, list[float]]:
    """Time every contestant once in each round, in milliseconds; the first rounds do not count."""
    times: dict[Key, list[float]] = {key: [] for key in contestants}
    for number in range(warm_up + rounds):
        for key, step in contestants.items():
            elapsed = milliseconds(step)
            if number >= warm_up:
                times[key].append(elapsed)
    return times


def ratios(times: list[float], others: list[float]) -> list[float]:
    """Divide one contestant's times by another's, round by round."""
    return [p / q for p, q in zip(times, others, strict=True)]


def spread(values: list[float], digits: int) -> dict[str, float]:
    """Median, and the quartiles around it."""
    low, median, high = statistics.quantiles(values, n=4)
    return {
        name: round(value, digits)
        for name, value in {"median": median, "low": low, "high": high}.items()
    }


def exponent(lengths: list[int], values: list[float]) -> float:
    """The slope of a straight line through the logarithms, by least squares."""
    pairs = [(math.log(n), math.log(v)) for n, v in zip(lengths, values, strict=True)]
    x, y = zip(*pairs, strict=True)
    return round(statistics.linear_regression(x, y).slope, 3)
