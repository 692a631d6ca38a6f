"""How the learning rate changes over a run: functions from step and steps to a factor."""

import math
from collections.abc import Callable

#: Gives the factor of the learning rate at a step, of so many.
Schedule = Callable[[int, int], float]


def constant(step: int, steps: int) -> float:  # noqa: ARG001 - a schedule is given both
    """The same learning rate throughout."""
    return 1.0


def cosine(step: int, steps: int) -> float:
    """From 1 at the start to 0 at the end, along half a cosine (Loshchilov and Hutter 2017)."""
    return 0.5 * (1 + math.cos(math.pi * min(step, steps) / steps))


def warm_up(share: float, then: Schedule = cosine) -> Schedule:
    """Rise in a straight line over a share of the steps, then go on as another schedule does.

    Raises:
        ValueError: A share that is not between 0 and 1.
    """
    if not 0 <= share < 1:
        raise ValueError(f"expected a share of at least 0 and below 1, got {share}")

    def factor(step: int, steps: int) -> float:
        rising = round(share * steps)
        if step < rising:
            return (step + 1) / rising
        return then(step - rising, steps - rising)

    return factor
