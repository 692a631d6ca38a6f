"""Figures that compare models: training curves, spreads over seeds, differences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from rnnlab.palette import INK, MUTED, PAPER, ROLES
from rnnlab.plotting.series import draw_runs, looks_of
from rnnlab.plotting.style import HALO, axes_or_new, legend_above, numbers


def curves(
    history: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    x: Sequence[float] | None = None,
    xlabel: str = "training step",
    ylabel: str = "loss (nats per character)",
    band: str | None = "range",
    log: bool = False,
    references: Mapping[str, float] | None = None,
) -> Axes:
    """Draw one curve per series, for instance the losses of an RNN, an LSTM and a GRU.

    Args:
        history: Name to values: (steps,), or (seeds, steps), of which mean and band are drawn. The
            names rnn, lstm and gru (case does not matter) take their own looks.
        ax: Where to draw; a new figure if none is given.
        x: The position of each step; 1, 2, 3, … if not given.
        xlabel: With its unit.
        ylabel: With its unit.
        band: Over seeds: ``"range"`` (least to greatest), ``"sd"`` (mean ± one standard
            deviation) or None.
        log: Whether the vertical axis is logarithmic.
        references: Name to value of horizontal lines to compare with, for instance a uniform guess.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, a shape does not fit, or ``band`` is unknown.
    """
    if band not in ("range", "sd", None):
        raise ValueError(f"band must be 'range', 'sd' or None; got {band!r}")
    if not history:
        raise ValueError("history: expected at least one series; got none")
    ax = axes_or_new(ax)
    for (name, values), (label, look) in zip(history.items(), looks_of(list(history)), strict=True):
        runs = np.atleast_2d(numbers(values, (1, 2), name))
        steps = np.arange(1, runs.shape[1] + 1) if x is None else numbers(x, (1,), "x")
        if len(steps) != runs.shape[1]:
            raise ValueError(f"{name}: expected {len(steps)} steps, as x has; got {runs.shape[1]}")
        draw_runs(ax, steps, runs, label, look, band=band, markevery=_sparse(len(steps)))
    for name, value in (references or {}).items():
        ax.axhline(value, color=MUTED, linewidth=1.2, linestyle=(0, (6, 3)))
        ax.annotate(
            name,
            (1, value),
            (0, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="bottom",
            color=MUTED,
            size=10,
            path_effects=HALO,
        )
    if log:
        ax.set_yscale("log")
        if ax.get_ylim()[1] < 100 * ax.get_ylim()[0]:  # too narrow for powers of ten alone
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            ax.yaxis.set_minor_formatter(NullFormatter())
    if x is None:
        ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if len(history) > 1:  # one alone is named by the axis
        legend_above(ax)
    return ax


def _sparse(count: int) -> int | tuple[int, int]:
    """Return which points of a curve carry a marker: about eight of them, or all of a few."""
    return 1 if count <= 12 else (count // 16, max(1, count // 8))


def bars_with_spread(
    labels: Sequence[str], values: Any, ax: Axes | None = None, *, xlabel: str = ""
) -> Axes:
    """Draw every measurement as a dot, one row per item, and the mean of each row as a bar.

    Args:
        labels: The items; the names rnn, lstm and gru take their own looks.
        values: (items, seeds), or one sequence of any length per item.
        ax: Where to draw; a new figure if none is given.
        xlabel: What was measured, with its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is not one row of values per label.
    """
    rows = [
        numbers(row, (1,), f"values of {label}") for label, row in zip(labels, values, strict=False)
    ]
    if len(rows) != len(labels) or len(rows) != len(values):
        raise ValueError(f"expected values for {len(labels)} labels; got {len(values)} rows")
    ax = axes_or_new(ax, 0.9 + 0.5 * len(rows))
    looks = looks_of(labels, repeat=True)
    for place, (row, (_, look)) in enumerate(zip(rows, looks, strict=True)):
        mean = row.mean()
        ax.barh(place, mean, height=0.5, color=look.colour, alpha=0.22, edgecolor="none")
        ax.plot([mean, mean], [place - 0.25, place + 0.25], color=look.colour, linewidth=2.4)
        ax.plot(
            row,
            np.full(len(row), place),
            linestyle="none",
            marker=look.marker,
            color=look.colour,
            markeredgecolor=PAPER,
            markeredgewidth=0.6,
        )
    ax.set_yticks(range(len(rows)), [label for label, _ in looks])
    ax.set(xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    ax.grid(visible=False, axis="y")
    return ax


def difference(
    differences: Mapping[str, Any], ax: Axes | None = None, *, tolerance: float | None = None
) -> Axes:
    """Draw the greatest absolute difference of each pair of results, on a logarithmic axis.

    Args:
        differences: Name to difference: a number or an array, of which the greatest absolute value
            is drawn. Zero is drawn as an open circle at the left edge: "equal".
        ax: Where to draw; a new figure if none is given.
        tolerance: A bound to draw, for instance 1e-10.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw.
    """
    if not differences:
        raise ValueError("differences: expected at least one; got none")
    largest = [
        np.abs(numbers(value, (0, 1, 2, 3, 4), name)).max() for name, value in differences.items()
    ]
    positive = [value for value in [*largest, tolerance or 0.0] if value > 0] or [1.0]
    floor = 10.0 ** (np.floor(np.log10(min(positive))) - 1)
    ax = axes_or_new(ax, 0.9 + 0.42 * len(largest))
    ax.set_xscale("log")
    for place, value in enumerate(largest):
        shown = max(value, floor)
        ax.plot([floor, shown], [place, place], color=INK, linewidth=1.6)
        ax.plot(
            shown, place, "o", color=INK, markerfacecolor=INK if value else PAPER, clip_on=False
        )
        text = "equal" if value == 0 else f"{value:.2g}" if value > 1e-3 else f"{value:.1e}"
        ax.annotate(text, (shown, place), (8, 0), textcoords="offset points", va="center", size=10)
    if tolerance is not None:
        ax.axvline(tolerance, color=ROLES["reset"].colour, linestyle="--", linewidth=1.4)
        ax.annotate(
            f"tolerance {tolerance:g}",
            (tolerance, 1),
            (4, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            size=10,
            ha="center",
        )
    ax.set_yticks(range(len(largest)), list(differences))
    ax.set(
        xlabel="greatest absolute difference",
        xlim=(floor, 30 * max([*positive, floor])),
        ylim=(len(largest) - 0.5, -0.5),
    )
    ax.grid(visible=False, axis="y")
    return ax
