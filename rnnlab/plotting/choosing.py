"""Figures to choose by: quality against what it costs, and differences between paired runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from rnnlab.palette import INK, MUTED, PAPER, ROLES
from rnnlab.plotting.series import draw_runs, looks_of
from rnnlab.plotting.style import axes_or_new, legend_above, numbers

_BELOW, _ABOVE = ROLES["forget"].colour, ROLES["hidden"].colour


def quality_by_cost(
    costs: Mapping[str, Any],
    losses: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    xlabel: str = "parameters",
    ylabel: str = "held-out loss (nats)",
    target: float | None = None,
) -> Axes:
    """Draw quality against what it costs, in parameters or in time; the cost is logarithmic.

    Args:
        costs: Name to the cost of each point, (points,), rising and above 0. The names rnn, lstm
            and gru take their own looks.
        losses: Name to losses, (points,), or (seeds, points), of which the mean is drawn, with a
            band from the least to the greatest.
        ax: Where to draw; a new figure if none is given.
        xlabel: With its unit.
        ylabel: With its unit.
        target: A loss to be reached, drawn as a line.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, the names or shapes do not fit, or costs do not
            rise from above 0.
    """
    if not costs or set(costs) != set(losses):
        raise ValueError(
            f"expected costs and losses of the same names; got {sorted(costs)} and {sorted(losses)}"
        )
    series = {}
    for name, values in costs.items():
        x = numbers(values, (1,), f"costs of {name}")
        runs = np.atleast_2d(numbers(losses[name], (1, 2), f"losses of {name}"))
        if runs.shape[1] != len(x):
            raise ValueError(f"{name}: expected {len(x)} losses; got {runs.shape[1]}")
        if x[0] <= 0 or (np.diff(x) <= 0).any():
            raise ValueError(f"{name}: expected costs that rise from above 0; got {x.tolist()}")
        series[name] = x, runs
    ax = axes_or_new(ax)
    for (x, runs), (label, look) in zip(series.values(), looks_of(list(series)), strict=True):
        draw_runs(ax, x, runs, label, look)
    if target is not None:
        ax.axhline(target, color=MUTED, linewidth=1.2, linestyle=(0, (6, 3)))
    least = min(x[0] for x, _ in series.values())
    most = max(x[-1] for x, _ in series.values())
    ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(least / 1.25, most * 1.25))
    ax.xaxis.set_major_locator(FixedLocator(_ticks(least, most)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: _short(value))
    legend_above(ax)
    return ax


def _ticks(least: float, most: float) -> list[float]:
    """Round numbers from the least to the most, three for each power of ten, or one if many."""
    powers = range(int(np.floor(np.log10(least))), int(np.ceil(np.log10(most))) + 1)
    steps = (1, 2, 5) if most < 10 * least else (1,) if most > 1000 * least else (1, 3)
    return [step * 10.0**power for power in powers for step in steps]


def _short(value: float) -> str:
    """Write 20000 as 20k."""
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def paired_differences(
    differences: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    intervals: Mapping[str, tuple[float, float]] | None = None,
    xlabel: str = "difference",
) -> Axes:
    """Draw the differences between two runs of the same seed: a row of marks for each comparison.

    Args:
        differences: Name to the difference of each seed, (seeds,). Open circles lie below 0, filled
            ones at 0 or above; the bar is their mean.
        ax: Where to draw; a new figure if none is given.
        intervals: Name to an interval around the mean, drawn as a line.
        xlabel: What was compared, with its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, or an interval has no row.
    """
    if not differences:
        raise ValueError("differences: expected at least one row; got none")
    strangers = set(intervals or {}) - set(differences)
    if strangers:
        raise ValueError(f"intervals: expected names of the rows; got {sorted(strangers)}")
    rows = {name: numbers(row, (1,), name) for name, row in differences.items()}
    ax = axes_or_new(ax, 0.9 + 0.42 * len(rows))
    ax.axvline(0, color=INK, linewidth=1.0)
    for place, (name, row) in enumerate(rows.items()):
        mean = row.mean()
        colour = _ABOVE if mean >= 0 else _BELOW
        if intervals and name in intervals:
            ax.plot(intervals[name], [place, place], color=colour, linewidth=5.0, alpha=0.3)
        ax.plot([mean, mean], [place - 0.28, place + 0.28], color=colour, linewidth=2.4)
        for value in row:
            ax.plot(
                value,
                place,
                "o",
                color=_ABOVE if value >= 0 else _BELOW,
                markerfacecolor=_ABOVE if value >= 0 else PAPER,
                markersize=5,
            )
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    ax.grid(visible=False, axis="y")
    return ax
