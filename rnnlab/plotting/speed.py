"""Figures of time: a ladder of implementations, time over length, and what the machine allows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnnlab.palette import INK, PAPER, ROLES, tint
from rnnlab.plotting.series import OTHERS
from rnnlab.plotting.style import axes_or_new, legend_above, numbers

_BARS = ROLES["hidden"].colour
_LIMIT = ROLES["reset"].colour


def ladder(
    rungs: Sequence[str],
    milliseconds: Any,
    ax: Axes | None = None,
    *,
    limit: float | None = None,
    limit_label: str = "limit",
    xlabel: str = "milliseconds for a training step",
) -> Axes:
    """Draw one bar for each implementation, with its time and how many times faster it is.

    Args:
        rungs: What was measured, the first one being what the others are compared with.
        milliseconds: (rungs,) or (rungs, 3): a median, or the median and the quartiles around it,
            which are drawn as a whisker. Not a number: "not measured here".
        ax: Where to draw; a new figure if none is given.
        limit: A time that cannot be beaten, drawn as a line.
        limit_label: What to call it.
        xlabel: With its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is not one row for each rung, or a time is not above 0.
    """
    times = numbers(milliseconds, (1, 2), "milliseconds")
    if len(times) != len(rungs) or (times.ndim == 2 and times.shape[1] != 3):
        raise ValueError(
            f"milliseconds: expected shape ({len(rungs)},) or ({len(rungs)}, 3); got {times.shape}"
        )
    if not (np.isnan(times) | (times > 0)).all():
        raise ValueError(f"milliseconds: expected times above 0; got {times.min():g}")
    medians = times if times.ndim == 1 else times[:, 0]
    ax = axes_or_new(ax, 1.0 + 0.4 * len(rungs))
    for place, median in enumerate(medians):
        if np.isnan(median):
            note, end = "not measured here", 0.0
        else:
            ax.barh(place, median, height=0.62, color=tint(_BARS, 0.35), edgecolor=_BARS)
            note, end = f"{median:.3g} ms", median
            if place and not np.isnan(medians[0]):
                note += f"   {medians[0] / median:.1f}×"
            if times.ndim == 2:
                low, high = times[place, 1:]
                ax.plot([low, high], [place, place], color=INK, linewidth=1.6)
                end = max(end, high)
        ax.annotate(
            note,
            (end, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            size=10,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        )
    if limit is not None:
        ax.axvline(limit, color=_LIMIT, linestyle="--", linewidth=1.4)
        ax.annotate(
            f"{limit_label}: {limit:.3g} ms",
            (limit, 1),
            (0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            size=10,
            ha="left",
        )
    ax.set_yticks(range(len(rungs)), list(rungs))
    widest = np.nanmax(times) if not np.isnan(times).all() else 1.0
    ax.set(xlabel=xlabel, xlim=(0, 1.3 * widest), ylim=(len(rungs) - 0.5, -0.5))
    ax.grid(visible=False, axis="y")
    return ax


def time_by_length(
    lengths: Sequence[int],
    milliseconds: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    ylabel: str = "milliseconds",
) -> Axes:
    """Draw time against the length of the sequence, both axes logarithmic.

    A time that grows as a power of the length is a straight line; its slope is the power.

    Args:
        lengths: The lengths that were measured, (lengths,), at least 1.
        milliseconds: Name to times above 0, (lengths,). A name that is, or starts with, that of a
            kind of model ("GRU, torch.nn") takes that kind's look.
        ax: Where to draw; a new figure if none is given.
        ylabel: With its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, a shape does not fit, or a value is not above 0.
    """
    if not milliseconds:
        raise ValueError("milliseconds: expected at least one series; got none")
    x = numbers(lengths, (1,), "lengths")
    series = {name: numbers(values, (1,), name) for name, values in milliseconds.items()}
    for name, values in {"lengths": x, **series}.items():
        if len(values) != len(x):
            raise ValueError(f"{name}: expected {len(x)} times; got {len(values)}")
        if not (values > 0).all():
            raise ValueError(f"{name}: expected values above 0; got {values.min():g}")
    others = iter(OTHERS * len(series))
    ax = axes_or_new(ax, 3.6)
    for name, values in series.items():
        kind = name.split(",")[0].lower()
        look = ROLES[kind] if kind in ROLES else next(others)
        ax.plot(
            x,
            values,
            color=look.colour,
            linestyle=look.linestyle,
            marker=look.marker,
            label=name,
        )
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_xticks(x, [f"{length:g}" for length in x], rotation=45)
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set(xlabel="length T", ylabel=ylabel)
    legend_above(ax)
    return ax


def roofline(
    peak: float,
    bandwidth: float,
    products: Mapping[str, tuple[float, float]],
    ax: Axes | None = None,
) -> Axes:
    """Draw the most that a machine can compute, by the work it gets for each byte it moves.

    Below the bend, memory is too slow to keep the arithmetic busy (Williams et al., 2009).

    Args:
        peak: Giga-operations per second, at best.
        bandwidth: Gigabytes per second, to and from main memory.
        products: Name to intensity, in operations per byte, and measured giga-operations per
            second.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, or a number is not above 0.
    """
    if not products:
        raise ValueError("products: expected at least one; got none")
    points = numbers(list(products.values()), (2,), "products")
    if min(peak, bandwidth, points.min()) <= 0:
        raise ValueError(
            f"expected numbers above 0; got {peak:g}, {bandwidth:g} and {points.min():g}"
        )
    ax = axes_or_new(ax, 3.4)
    bend = peak / bandwidth
    left, right = min(bend, points[:, 0].min()) / 3, max(bend, points[:, 0].max()) * 3
    ax.plot([left, bend, right], [left * bandwidth, peak, peak], color=INK, linewidth=2.0)
    for (name, (intensity, rate)), look in zip(
        products.items(), OTHERS[1:] * len(products), strict=False
    ):
        ax.plot(
            intensity, rate, look.marker, color=look.colour, markersize=9, linestyle="none",
            label=name,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.annotate(
        f"{peak:.0f}: the arithmetic", (right, peak), (-4, 4), textcoords="offset points",
        ha="right", va="bottom", size=10,
    )  # fmt: skip
    ax.annotate(
        f"{bandwidth:.0f} GB/s: the memory", (left, left * bandwidth), (10, -2),
        textcoords="offset points", ha="left", va="top", size=10,
    )  # fmt: skip
    ax.set(
        xlabel="operations per byte",
        ylabel="giga-operations per second",
        xlim=(left, right),
        ylim=(min(left * bandwidth, points[:, 1].min()) / 2, peak * 2.2),
    )
    legend_above(ax)
    return ax
