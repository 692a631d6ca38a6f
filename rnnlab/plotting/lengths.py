"""Accuracy against the length of the input."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnnlab.palette import FAINT, MUTED, ROLES, Role
from rnnlab.plotting.comparisons import OTHERS
from rnnlab.plotting.style import axes_or_new, legend_above, numbers

_ATTENTION = ROLES["attention"]
_LOOKS = (
    *(look for look in OTHERS if look.colour != _ATTENTION.colour),
    Role("", "", MUTED, "", "--", "v"),
)


def _looks(names: Sequence[str]) -> list[Role]:
    """Return the look of each series; attention has its own, whatever stands beside it."""
    others = [name for name in names if name.lower() != "attention"]
    if len(others) > len(_LOOKS):
        raise ValueError(f"expected at most {len(_LOOKS)} series beside attention; got {others}")
    looks = dict(zip(others, _LOOKS, strict=False))
    return [looks.get(name, _ATTENTION) for name in names]


def accuracy_by_length(
    lengths: Sequence[float],
    accuracies: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    trained_to: float | None = None,
    xlabel: str = "length of the input",
    ylabel: str = "share right",
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
        ylabel: What share.

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
    looks = _looks(list(series))
    ax = axes_or_new(ax)
    for (name, runs), look in zip(series.items(), looks, strict=True):
        ax.plot(
            x,
            runs.mean(axis=0),
            color=look.colour,
            linestyle=look.linestyle,
            marker=look.marker,
            label=name,
        )
        if len(runs) > 1:
            low, high = runs.min(axis=0), runs.max(axis=0)
            ax.fill_between(x, low, high, color=look.colour, alpha=0.18, linewidth=0)
    right = float(x.max() + 0.5)
    if trained_to is not None and trained_to < x.max():
        ax.axvspan(trained_to + 0.5, right, color=FAINT, alpha=0.35, linewidth=0, zorder=0)
        place = (right - 0.1, 0.99)
        ax.text(*place, "longer than\ntrained on", color=MUTED, size=9, ha="right", va="top")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-0.03, 1.03), xlim=(float(x.min()) - 0.5, right))
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax
