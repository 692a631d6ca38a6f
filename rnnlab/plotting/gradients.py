"""Figures of gradients on their way back through time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rnnlab.palette import INK, MUTED, PAPER
from rnnlab.plotting.series import looks_of
from rnnlab.plotting.states import DIVERGING
from rnnlab.plotting.style import HALO, axes_or_new, legend_above, numbers


def gradient_over_gap(
    norms: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    factors: Mapping[str, float] | None = None,
    xlabel: str = "gap (steps back)",
    ylabel: str = "norm, relative to gap 0",
) -> Axes:
    """Draw what is left of a gradient against the gap, on a logarithmic axis.

    Args:
        norms: Name to values for gaps of 0, 1, 2, …: (gaps,), or (seeds, gaps), of which the median
            is drawn, with a band from the lower to the upper quartile. The names rnn, lstm and gru
            (case does not matter) take their own looks. Zeros are left out: they have no logarithm.
        ax: Where to draw; a new figure if none is given.
        factors: Name to a factor for each step, drawn as a thin straight line from 1 at gap 0.
        xlabel: With its unit.
        ylabel: With its unit.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, a number of gaps differs, or a value is negative.
    """
    if not norms:
        raise ValueError("norms: expected at least one series; got none")
    series = {name: np.atleast_2d(numbers(v, (1, 2), name)) for name, v in norms.items()}
    gaps = np.arange(max(runs.shape[1] for runs in series.values()))
    for name, runs in series.items():
        if runs.shape[1] != len(gaps):
            raise ValueError(f"{name}: expected {len(gaps)} gaps; got {runs.shape[1]}")
        if not (runs >= 0).all():
            raise ValueError(f"{name}: expected norms of at least 0; got {runs.min():g}")
    ax = axes_or_new(ax)
    ax.set_yscale("log")
    for (_, runs), (label, look) in zip(series.items(), looks_of(list(series)), strict=True):
        low, middle, high = np.quantile(np.where(runs > 0, runs, np.nan), (0.25, 0.5, 0.75), axis=0)
        ax.plot(
            gaps,
            middle,
            color=look.colour,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=max(1, len(gaps) // 8),
            label=label,
        )
        if len(runs) > 1:
            ax.fill_between(gaps, low, high, color=look.colour, alpha=0.2, linewidth=0)
    bottom, top = ax.get_ylim()
    for name, factor in (factors or {}).items():
        line = factor ** gaps.astype(float)
        ax.plot(gaps, line, color=MUTED, linewidth=1.1, linestyle=(0, (6, 3)))
        seen = np.flatnonzero((line >= bottom) & (line <= top))
        last = seen[-1] if len(seen) else 0
        ax.annotate(
            name,
            (gaps[last], line[last]),
            (-4, 4 if factor < 1 else -4),
            textcoords="offset points",
            ha="right",
            va="bottom" if factor < 1 else "top",
            color=MUTED,
            size=10,
            path_effects=HALO,
        )
    ax.set_ylim(bottom, top)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    legend_above(ax)
    return ax


def jacobian_blocks(matrix: Any, hidden_size: int, ax: Axes | None = None) -> Axes:
    """Draw the Jacobian of an LSTM's step, its four blocks apart from each other.

    Equation `bptt-lstm-jacobian`.

    Args:
        matrix: (S, S), as `rnnlab.gradients.step_jacobians` gives it for one step.
        hidden_size: H; the last H rows and columns are the cell state's.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the matrix is not square, or not that of so many units.
    """
    values = numbers(matrix, (2,), "matrix")
    S = len(values)
    if values.shape != (S, S) or not hidden_size < S <= 2 * hidden_size:
        raise ValueError(
            f"expected the Jacobian of an LSTM with {hidden_size} units; got shape {values.shape}"
        )
    ax = axes_or_new(ax, 4.4)
    reach = float(np.abs(values).max()) or 1.0
    image = ax.pcolormesh(
        values, cmap=DIVERGING, vmin=-reach, vmax=reach, edgecolors=PAPER, linewidth=0.3
    )
    border = S - hidden_size
    ax.axhline(border, color=INK, linewidth=1.4)
    ax.axvline(border, color=INK, linewidth=1.4)
    ax.invert_yaxis()
    ax.set_aspect("equal")
    middles = [border / 2, (border + S) / 2]
    ax.set_xticks(middles, ["$h_{t-1}$", "$c_{t-1}$"], size=13)
    ax.set_yticks(middles, ["$h_t$", "$c_t$"], size=13)
    ax.tick_params(length=0)
    ax.set(xlabel="by this", ylabel="derivative of this")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, label="derivative", pad=0.02, aspect=18)
    return ax
