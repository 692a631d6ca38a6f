"""The series of a figure: how each looks, and the mean of its runs with what lies around it."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnnlab.palette import MODEL_KINDS, ROLES, Role

OTHERS = (
    Role("", "", "#2b2a27", "", "-", "D"),
    Role("", "", "#af3f99", "", "--", "v"),
    Role("", "", "#007789", "", "-.", "P"),
    Role("", "", "#34a65a", "", ":", "X"),
)
"""The looks of series that have none of their own, with markers that no kind of model has."""

_KNOWN = (*MODEL_KINDS, "attention")


def looks_of(names: Sequence[str], *, repeat: bool = False) -> list[tuple[str, Role]]:
    """Give the label and the look of each series.

    Args:
        names: The names rnn, lstm, gru and attention (case does not matter) take their own looks,
            and no other series beside them has their colour.
        repeat: Whether looks may occur twice: where the series stand apart, each at its name.

    Raises:
        ValueError: If there are more series than looks.
    """
    known = {name: ROLES[name.lower()] for name in names if name.lower() in _KNOWN}
    taken = {look.colour for look in known.values()}
    free = [look for look in OTHERS if look.colour not in taken]
    others = [name for name in names if name not in known]
    if len(others) > len(free) and not repeat:
        raise ValueError(f"expected at most {len(free)} series without a look; got {others}")
    turns = cycle(free)
    looks = [known[name] if name in known else next(turns) for name in names]
    return [
        (ROLES[name.lower()].name if name.lower() in MODEL_KINDS else name, look)
        for name, look in zip(names, looks, strict=True)
    ]


def draw_runs(
    ax: Axes,
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    label: str,
    look: Role,
    *,
    band: str | None = "range",
    **options: Any,
) -> None:
    """Draw the mean over runs as a line, and around it a band.

    Args:
        ax: Where to draw.
        x: (points,).
        runs: (runs, points).
        label: In the legend.
        look: Colour, style of line and marker.
        band: ``"range"`` (least to greatest), ``"sd"`` (mean ± one standard deviation) or None.
        options: Of the line, for :meth:`matplotlib.axes.Axes.plot`.
    """
    mean = runs.mean(axis=0)
    ax.plot(
        x,
        mean,
        color=look.colour,
        linestyle=look.linestyle,
        marker=look.marker,
        label=label,
        **options,
    )
    if band and len(runs) > 1:
        low, high = runs.min(axis=0), runs.max(axis=0)
        if band == "sd":
            spread = runs.std(axis=0, ddof=1)
            low, high = mean - spread, mean + spread
        ax.fill_between(x, low, high, color=look.colour, alpha=0.18, linewidth=0)
