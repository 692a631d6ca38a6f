"""The style of all figures, and how a notebook shows them."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from sys import modules
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray
from PIL import Image

from rnnlab.palette import PAPER

STYLE = Path(__file__).parents[1] / "rnnlab.mplstyle"
"""The style file; ``matplotlib.style.use(STYLE)`` applies it outside a notebook too."""

WIDTH = 7.0
"""The width of every figure, in inches."""

_SHARE_OF_AXES = 0.9
"""Of the width of a panel, beside the numbers and the label of its vertical axis."""

HALO: list[AbstractPathEffect] = [withStroke(linewidth=3, foreground=PAPER)]
"""For a label that may lie on a line: it stays readable."""


def use_style() -> None:
    """Apply the course's style, and show figures in a notebook as sharp PNG of the right width.

    The pictures have twice the pixels that they are shown with. Only their width is stored, so that
    a narrow screen can scale them down. The same figure gives the same bytes.
    """
    ipython = modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        shell.enable_matplotlib("inline")  # registers its own formatter: ours then replaces it
        shell.display_formatter.formatters["image/png"].for_type(Figure, _png)
    plt.style.use(STYLE)


def _png(figure: Figure) -> tuple[str, dict[str, int]]:
    """Return ``figure`` as base64 of a PNG, and the width at which to show it, in pixels.

    256 colours are enough for a drawing, and make its file three times smaller.
    """
    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png")
    image = Image.open(drawn).convert("RGB")
    few = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(small, format="PNG", optimize=True)
    shown = {"width": round(100 * figure.get_figwidth())}
    return b64encode(small.getvalue()).decode("ascii"), shown


def panels(
    columns: int = 1, rows: int = 1, height: float = 2.8, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure of the course's width with a grid of axes.

    Args:
        columns: The number of axes side by side.
        rows: The number of axes one above the other.
        height: Of one row, in inches.
        options: For :func:`matplotlib.pyplot.subplots`, for instance ``sharey=True``.

    Returns:
        The figure and its axes: one if there is one, else an array as ``subplots`` gives it.
    """
    return plt.subplots(rows, columns, figsize=(WIDTH, rows * height), **options)


def axes_or_new(ax: Axes | None, height: float = 3.2) -> Axes:
    """Return ``ax``, or the axes of a new figure of the course's width."""
    if ax is not None:
        return ax
    axes: Axes = panels(height=height)[1]
    return axes


def legend_above(
    ax: Axes, handles: Sequence[Artist] | None = None, labels: Sequence[str] | None = None
) -> None:
    """Put the legend above the axes, in as many columns as there is room for.

    Args:
        ax: The axes.
        handles: What stands for each series; all that have a label if not given.
        labels: Their names.
    """
    if handles is None or labels is None:
        handles, labels = ax.get_legend_handles_labels()
    place = ax.get_subplotspec()
    panels_beside = place.get_gridspec().ncols if place else 1
    room = _SHARE_OF_AXES * ax.figure.bbox.width / panels_beside
    _fit(ax, handles, labels, room, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def shared_legend(figure: Figure) -> None:
    """Put one legend above all panels, in place of their own.

    Args:
        figure: Its panels show the same series, or some of them.
    """
    series: dict[str, Artist] = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            series.setdefault(label, handle)
        if (own := ax.get_legend()) is not None:
            own.remove()
    _fit(figure, [*series.values()], [*series], figure.bbox.width, loc="outside upper center")


def _fit(
    around: Axes | Figure,
    handles: Sequence[Artist],
    labels: Sequence[str],
    room: float,
    **place: Any,
) -> None:
    """Give axes or figure a legend of at most four columns that is no wider than so many pixels."""
    for columns in range(min(4, len(labels)), 0, -1):
        legend = around.legend(
            handles, labels, ncols=columns, handlelength=2.2, columnspacing=1.6, **place
        )
        if columns == 1 or legend.get_window_extent().width <= room:
            break
        legend.remove()


def percent(axis: Axis) -> None:
    """Write shares from 0 to 1 as percent, without the sign: it belongs to the axis's label."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:g}")


def numbers(values: Any, dimensions: tuple[int, ...], name: str) -> NDArray[np.float64]:
    """Return ``values`` as an array of floats.

    Args:
        values: Numbers in a list, an array or a tensor on any device, or a list of such.
        dimensions: How many dimensions are allowed.
        name: What the error message calls the values.

    Raises:
        ValueError: If there are no values or the number of dimensions is another one.
    """
    if isinstance(values, list | tuple):
        values = [_plain(value) for value in values]
    array = np.asarray(_plain(values), dtype=np.float64)
    if array.ndim not in dimensions:
        allowed = " or ".join(str(number) for number in dimensions)
        raise ValueError(f"{name}: expected {allowed} dimensions; got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one value; got shape {array.shape}")
    return array


def _plain(values: Any) -> Any:
    """Return a tensor as an array, anything else as it is."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values
