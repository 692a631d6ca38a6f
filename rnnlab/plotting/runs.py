"""The course of a training run."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from rnnlab.plotting.series import OTHERS
from rnnlab.plotting.style import axes_or_new, legend_above, numbers


def run_curves(
    losses: Sequence[float],
    held_out: Sequence[tuple[int, float]] = (),
    ax: Axes | None = None,
    *,
    ylabel: str = "loss (nats)",
) -> Axes:
    """Draw training loss, step by step and smoothed, and held-out loss where it was measured.

    Args:
        losses: The training loss of each step.
        held_out: Steps done, and the loss then on data not trained on.
        ax: Where to draw; a new figure if none is given.
        ylabel: With its unit.

    Returns:
        The axes.

    Raises:
        ValueError: No loss at all.
    """
    values = numbers(losses, (1,), "losses")
    ax = axes_or_new(ax)
    steps = np.arange(1, len(values) + 1)
    width = max(1, len(values) // 50)
    smooth = np.convolve(values, np.ones(width) / width, mode="valid")
    training, test = OTHERS[:2]
    ax.plot(steps, values, color=training.colour, alpha=0.25, linewidth=0.8)
    shown = ax.plot(steps[width - 1 :], smooth, color=training.colour, linestyle=training.linestyle)
    labels = ["training" if width == 1 else f"training, mean of {width} steps"]
    if held_out:
        at, measured = zip(*held_out, strict=True)
        shown += ax.plot(
            at,
            measured,
            color=test.colour,
            linestyle=test.linestyle,
            marker=test.marker,
            markersize=4,
        )
        labels.append("held out")
    legend_above(ax, shown, labels)
    ax.set_xlabel("training step")
    ax.set_ylabel(ylabel)
    return ax
