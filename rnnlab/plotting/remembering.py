"""Figures of runs that solve a task or do not: how many, and after how much training.

Chapter: what-they-remember.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from rnnlab.palette import MUTED, PAPER, Role
from rnnlab.plotting.series import looks_of
from rnnlab.plotting.style import axes_or_new, legend_above, numbers, percent

#: Share of the distance between two gaps that the series of one gap spread over.
_SPREAD = 0.62


def wilson(solved: float, runs: int, z: float = 1.96) -> tuple[float, float]:
    """Give the shares of success that go together with having seen some. Equation `memory-wilson`.

    Args:
        solved: Runs that succeeded.
        runs: All runs.
        z: Standard deviations; 1.96 is for 95 %.

    Returns:
        The least and the greatest share, in [0, 1] (Wilson, 1927).

    Raises:
        ValueError: No runs, or more or less that succeeded than there are.
    """
    if runs < 1 or not 0 <= solved <= runs:
        raise ValueError(f"expected 0 to all of at least 1 run solved, got {solved} of {runs}")
    p, z2 = solved / runs, z * z / runs
    middle = (p + z2 / 2) / (1 + z2)
    half = math.sqrt(p * (1 - p) * z2 + z2 * z2 / 4) / (1 + z2)
    # Where none or all succeeded, rounding would leave 1e-17 beside 0 or 1.
    low = 0.0 if solved == 0 else middle - half
    return low, 1.0 if solved == runs else middle + half


def _places(series: int, gaps: int) -> NDArray[np.float64]:
    """Where each series stands at each gap, (series, gaps): side by side around 0, 1 and so on."""
    return np.asarray(_SPREAD * _centred(series)[:, None] + np.arange(gaps), dtype=np.float64)


def _centred(count: int) -> NDArray[np.float64]:
    """As many numbers from -1/2 to 1/2, at equal distances; 0 if there is one."""
    return np.asarray((np.arange(count) - (count - 1) / 2) / max(1, count - 1), dtype=np.float64)


def _marks(
    ax: Axes,
    row: Sequence[float | None],
    x: NDArray[np.float64],
    failed: float,
    look: Role,
) -> None:
    """Draw the runs of one series at one gap, those that failed as open marks at a height."""
    times = np.array([math.nan if time is None else time for time in row], dtype=np.float64)
    for chosen, heights, face in (
        (~np.isnan(times), times, look.colour),
        (np.isnan(times), np.full(len(times), failed), PAPER),
    ):
        ax.plot(
            x[chosen],
            heights[chosen],
            color=look.colour,
            marker=look.marker,
            markersize=4,
            markerfacecolor=face,
            markeredgewidth=0.9,
            linestyle="none",
        )


def _finish(ax: Axes, gaps: Sequence[float], xlabel: str) -> Axes:
    """Label the gaps, which stand at equal distances, and add the legend."""
    ax.set_xticks(range(len(gaps)), [f"{gap:g}" for gap in gaps])
    ax.set(xlabel=xlabel, xlim=(-0.6, len(gaps) - 0.4))
    ax.grid(visible=False, axis="x")
    legend_above(ax)
    return ax


def success_by_gap(
    gaps: Sequence[float],
    solved: Mapping[str, Any],
    runs: int | Mapping[str, int],
    ax: Axes | None = None,
    *,
    xlabel: str = "gap (steps)",
) -> Axes:
    """Draw the share of runs that solved a task at each gap, with its interval (`wilson`).

    Args:
        gaps: What was tried, (gaps,); they are drawn at equal distances.
        solved: Name to the number of runs that succeeded, (gaps,). The names rnn, lstm and gru
            take their own looks.
        runs: How many runs there were at each gap: for all series, or by name.
        ax: Where to draw; a new figure if none is given.
        xlabel: What the gap is, with its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, a shape does not fit, or a number of runs is
            impossible.
    """
    counts = {name: numbers(values, (1,), name) for name, values in solved.items()}
    if not counts:
        raise ValueError("solved: expected at least one series; got none")
    of = {name: runs if isinstance(runs, int) else runs[name] for name in counts}
    intervals = {}
    for name, values in counts.items():
        if len(values) != len(gaps):
            raise ValueError(f"{name}: expected {len(gaps)} gaps; got {len(values)}")
        intervals[name] = np.array([wilson(value, of[name]) for value in values]).T  # (2, gaps)
    looks = looks_of(list(counts))
    ax = axes_or_new(ax)
    places = _places(len(counts), len(gaps))
    for (name, values), x, (label, look) in zip(counts.items(), places, looks, strict=True):
        share = values / of[name]
        ax.errorbar(
            x,
            share,
            np.abs(intervals[name] - share),
            color=look.colour,
            linestyle="none",
            marker=look.marker,
            elinewidth=1.3,
            capsize=2.5,
            label=label,
        )
    ax.set(ylabel="runs solved (%)", ylim=(-0.04, 1.04))
    percent(ax.yaxis)
    return _finish(ax, gaps, xlabel)


def time_to_solution(
    gaps: Sequence[float],
    times: Mapping[str, Sequence[Sequence[float | None]]],
    ax: Axes | None = None,
    *,
    most: float,
    xlabel: str = "gap (steps)",
    ylabel: str = "sequences until solved",
) -> Axes:
    """Draw each run as a mark at the time at which it solved its task; those that did not, on top.

    Args:
        gaps: What was tried, (gaps,); they are drawn at equal distances.
        times: Name to the times of the runs at each gap, (gaps, runs), None for a run that did not
            succeed. The names rnn, lstm and gru take their own looks.
        ax: Where to draw; a new figure if none is given.
        most: When a run was given up. Those that did not succeed stand above it, as open marks.
        xlabel: What the gap is, with its unit.
        ylabel: What the time is, with its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, a shape does not fit, or a time lies outside
            (0, most].
    """
    if not times:
        raise ValueError("times: expected at least one series; got none")
    for name, rows in times.items():
        if len(rows) != len(gaps):
            raise ValueError(f"{name}: expected {len(gaps)} gaps; got {len(rows)}")
        outside = [t for row in rows for t in row if t is not None and not 0 < t <= most]
        if outside:
            raise ValueError(f"{name}: expected times above 0 and up to {most:g}; got {outside}")
    looks = looks_of(list(times))
    ax = axes_or_new(ax)
    failed = 1.6 * most
    solved = [t for rows in times.values() for row in rows for t in row if t is not None]
    places = _places(len(times), len(gaps))
    width = 0.6 * _SPREAD / max(1, len(times) - 1)  # of the runs of a series at a gap
    for rows, x, (label, look) in zip(times.values(), places, looks, strict=True):
        for row, middle in zip(rows, x, strict=True):
            _marks(ax, row, middle + width * _centred(len(row)), failed, look)
        ax.plot([], [], color=look.colour, marker=look.marker, linestyle="none", label=label)
    ax.axhline(1.2 * most, color=MUTED, linewidth=1.0, linestyle=(0, (6, 3)))
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set(ylabel=ylabel, ylim=(0.7 * min([*solved, most / 30]), 2.1 * most))
    ax.annotate(
        "not solved",
        (1, failed),
        (3, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        rotation=90,
        size=9,
        color=MUTED,
    )
    return _finish(ax, gaps, xlabel)
