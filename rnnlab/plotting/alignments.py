"""Which inputs a decoder looks at for each output, as a heat map."""

from collections.abc import Collection, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from rnnlab.palette import INK
from rnnlab.plotting.states import heatmap
from rnnlab.plotting.style import axes_or_new, numbers


def alignment(
    weights: Any,
    source: Sequence[str],
    target: Sequence[str],
    true: Sequence[int | Collection[int] | None] | None = None,
    ax: Axes | None = None,
    *,
    xlabel: str = "read",
    ylabel: str = "written",
) -> Axes:
    """Draw attention weights as a heat map: what was read below, what was written beside.

    Args:
        weights: From 0 to 1, (outputs, inputs).
        source: The inputs, short strings in Latin or Greek letters (the figures' font has no
            Chinese).
        target: The outputs, likewise.
        true: For each output the position that it comes from, counted from 0, or several of them;
            they are framed. None where nothing is right or wrong.
        ax: Where to draw; a new figure if none is given.
        xlabel: Of the inputs.
        ylabel: Of the outputs.

    Returns:
        The axes.

    Raises:
        ValueError: If a shape does not fit, a weight lies outside [0, 1], or there is no such
            position.
    """
    values = numbers(weights, (2,), "weights")
    rows, columns = values.shape
    if (rows, columns) != (len(target), len(source)):
        raise ValueError(
            f"expected weights of {len(target)} outputs and {len(source)} inputs; "
            f"got shape {values.shape}"
        )
    if not ((values >= 0) & (values <= 1 + 1e-9)).all():
        raise ValueError(f"expected weights in [0, 1]; got {values.min():g} to {values.max():g}")
    framed = [_positions(places) for places in true or [None] * rows]
    if len(framed) != rows:
        raise ValueError(f"expected {rows} true positions; got {len(framed)}")
    if any(not 0 <= place < columns for places in framed for place in places):
        raise ValueError(f"expected true positions from 0 to {columns - 1}; got {true}")
    ax = axes_or_new(ax, max(1.6, min(6.0, 0.9 + 0.24 * rows)))
    heatmap(
        values,
        list(target),
        list(source),
        ax,
        centre=None,
        limit=1.0,
        label="attention weight",
        xlabel=xlabel,
        ylabel=ylabel,
    )
    for row, places in enumerate(framed):
        for place in places:
            frame = Rectangle((place + 0.06, row + 0.06), 0.88, 0.88, fill=False, zorder=3)
            frame.set(edgecolor=INK, linewidth=1.2)
            ax.add_patch(frame)
    return ax


def _positions(places: int | Collection[int] | None) -> Collection[int]:
    if places is None:
        return ()
    return (places,) if isinstance(places, int) else places
