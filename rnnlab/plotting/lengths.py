"""Accuracy against the length of the input."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnnlab.palette import FAINT, MUTED
from rnnlab.plotting.series import draw_runs, looks_of
from rnnlab.plotting.style import axes_or_new, legend_above, numbers, percent


def accuracy_by_length(
    lengths: Sequence[float],
    accuracies: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    trained_to: float | None = None,
    xlabel: str = "length of the input",
    ylabel: str = "right answers (%)",
) -> Axes:
    """Draw the share of right answers against the length of the input, a line for each model.

    Args:
        lengths: The lengths that were measured, or the middles of the bins, (lengths,).
        accuracies: Name to shares in [0, 1]: (lengths,), or (seeds, lengths), of which the mean is
            drawn, with a band from the least to the greatest. The name ``"attention"`` takes the
            look of that role.
        ax: Where to draw; a new figure if none is given.
        trained_to: The greatest length that was trained on; what lies beyond it is shaded.
        xlabel: With its unit.
        ylabel: What share, in percent.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw or too much, a shape does not fit, or a share lies
            outside [0, 1].
    """
    if not accuracies:
        raise ValueError("accuracies: expected at least one series; got none")
    x = numbers(lengths, (1,), "lengths")
    series = {}
    for name, values in accuracies.items():
        runs = series[name] = np.atleast_2d(numbers(values, (1, 2), name))
        if runs.shape[1] != len(x):
            raise ValueError(f"{name}: expected {len(x)} lengths; got {runs.shape[1]}")
        if not ((runs >= 0) & (runs <= 1)).all():
            raise ValueError(
                f"{name}: expected shares in [0, 1]; got {runs.min():g} to {runs.max():g}"
            )
    looks = looks_of(list(series))
    ax = axes_or_new(ax)
    for runs, (label, look) in zip(series.values(), looks, strict=True):
        draw_runs(ax, x, runs, label, look)
    right = float(x.max() + 0.5)
    if trained_to is not None and trained_to < x.max():
        ax.axvspan(trained_to + 0.5, right, color=FAINT, alpha=0.35, linewidth=0, zorder=0)
        place = (right - 0.1, 0.99)
        ax.text(*place, "longer than\ntrained on", color=MUTED, size=9, ha="right", va="top")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-0.03, 1.03), xlim=(float(x.min()) - 0.5, right))
    percent(ax.yaxis)
    legend_above(ax)
    return ax
