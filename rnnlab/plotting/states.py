"""Figures of what happens inside a network: activations, states, gates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rnnlab.palette import INK, PAPER, ROLES, role, tint
from rnnlab.plotting.style import axes_or_new, legend_above, numbers

DIVERGING = LinearSegmentedColormap.from_list(
    "rnnlab_diverging",
    [
        "#7a2f00",
        ROLES["cell"].colour,
        "#f3c58f",
        PAPER,
        "#9fb6ea",
        ROLES["hidden"].colour,
        "#0f2357",
    ],
)
"""Orange below, white at the centre, blue above: safe for colour-blind readers."""

SEQUENTIAL = LinearSegmentedColormap.from_list(
    "rnnlab_sequential", [PAPER, tint(ROLES["attention"].colour, 0.55), "#4a0f40"]
)
"""From white to dark purple, for values that start at 0, such as weights that sum to 1."""


def activation(name: str, ax: Axes | None = None) -> Axes:
    """Draw an activation function and its derivative over [-6, 6].

    Args:
        name: ``"sigmoid"`` or ``"tanh"`` (equations `sigmoid` and `tanh`, and their derivatives).
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the name is unknown.
    """
    x = np.linspace(-6, 6, 241)
    if name == "sigmoid":
        y = 1 / (1 + np.exp(-x))
        slope, symbol, low, peak = y * (1 - y), r"\sigma", 0, 0.25
    elif name == "tanh":
        y = np.tanh(x)
        slope, symbol, low, peak = 1 - y**2, r"\tanh", -1, 1.0
    else:
        raise ValueError(f"name must be 'sigmoid' or 'tanh'; got {name!r}")
    ax = axes_or_new(ax)
    for bound in (low, 1):
        ax.axhline(bound, color=INK, linewidth=0.9, linestyle=":")
    ax.plot(x, y, color=ROLES["hidden"].colour, label=f"${symbol}(x)$")
    ax.plot(x, slope, color=ROLES["cell"].colour, linestyle="--", label=f"${symbol}'(x)$")
    ax.plot(0, peak, "o", color=ROLES["cell"].colour)
    ax.annotate(
        f"at most {peak:g}", (0, peak), (8, 4), textcoords="offset points", size=10, va="bottom"
    )
    ax.set(xlabel="$x$", ylabel="value", title=name, xlim=(-6, 6), ylim=(low - 0.12, 1.22))
    ax.legend(loc="center right" if name == "sigmoid" else "lower right")
    return ax


def heatmap(
    matrix: Any,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    centre: float | None = 0.0,
    limit: float | None = None,
    label: str = "value",
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw a matrix as coloured cells, for instance a hidden state over the characters of a string.

    Args:
        matrix: (rows, columns).
        row_labels: One per row; numbered from 1 if not given.
        column_labels: One per column; numbered from 1 if not given.
        ax: Where to draw; a new figure if none is given.
        centre: The value that is white, between orange (below) and blue (above); None for values
            from 0 upwards, from white to purple.
        limit: The distance from ``centre`` (or from 0) at which the colour is fullest; the greatest
            one in the matrix if not given.
        label: Of the colour bar.
        xlabel: Of the columns.
        ylabel: Of the rows.

    Returns:
        The axes.

    Raises:
        ValueError: If the matrix is not one, or the labels do not fit.
    """
    values = numbers(matrix, (2,), "matrix")
    for labels, count, what in (
        (row_labels, values.shape[0], "row"),
        (column_labels, values.shape[1], "column"),
    ):
        if labels is not None and len(labels) != count:
            raise ValueError(f"expected {count} {what} labels; got {len(labels)}")
    ax = axes_or_new(ax, max(1.6, min(6.0, 0.9 + 0.24 * values.shape[0])))
    middle = 0.0 if centre is None else centre
    reach = limit if limit is not None else float(np.abs(values - middle).max()) or 1.0
    image = ax.pcolormesh(
        values,
        cmap=SEQUENTIAL if centre is None else DIVERGING,
        vmin=middle if centre is None else middle - reach,
        vmax=middle + reach,
        edgecolors=PAPER,
        linewidth=0.6,
    )
    ax.invert_yaxis()
    for axis, labels, count in (
        (ax.yaxis, row_labels, values.shape[0]),
        (ax.xaxis, column_labels, values.shape[1]),
    ):
        stride = 1 if labels is not None else -(-count // 16)
        places = np.arange(0, count, stride)
        texts = [str(n + 1) for n in places] if labels is None else [_visible(t) for t in labels]
        axis.set_ticks((places + 0.5).tolist(), texts)
        axis.set_tick_params(length=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.02, aspect=14)
    return ax


def gate_traces(
    traces: Mapping[str, Any], characters: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Draw the values of gates over the characters of a string.

    Args:
        traces: Role (a key of :data:`rnnlab.palette.ROLES`, for instance ``"forget"``) to values:
            (steps,), or (steps, units), of which the mean and the middle half are drawn.
        characters: What was fed in at each step.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If a role is unknown, a shape does not fit, or there is nothing to draw.
    """
    if not traces:
        raise ValueError("traces: expected at least one; got none")
    ax = axes_or_new(ax)
    steps, inside = np.arange(len(characters)), True
    kind = "gru" if {"reset", "update"} & {key.lower() for key in traces} else "lstm"
    for key, values in traces.items():
        look = role(key)
        units = numbers(values, (1, 2), key)
        if len(units) != len(characters):
            raise ValueError(f"{key}: expected {len(characters)} steps; got {len(units)}")
        units = units.reshape(len(units), -1)
        inside &= bool(((units >= 0) & (units <= 1)).all())
        if units.shape[1] > 1:
            low, high = np.quantile(units, (0.25, 0.75), axis=1)
            ax.fill_between(steps, low, high, color=look.colour, alpha=0.14, linewidth=0)
        ax.plot(
            steps,
            units.mean(axis=1),
            color=look.colour,
            linestyle=look.linestyle,
            marker=look.marker,
            label=f"{look.name} {look.symbol_in(kind)}",
        )
    ax.set_xticks(steps, [_visible(character) for character in characters])
    ax.set(xlabel="input", ylabel="value of the gate", xlim=(-0.4, len(steps) - 0.6))
    if inside:
        ax.set_ylim(-0.03, 1.03)
    legend_above(ax)
    return ax


def _visible(text: str) -> str:
    """Return ``text``, or a visible sign for white space."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(text, text)
