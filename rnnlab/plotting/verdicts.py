"""The verdicts on many claims, at a glance."""

import textwrap
from collections.abc import Mapping

from matplotlib.axes import Axes

from rnnlab.palette import FAINT, ROLES
from rnnlab.plotting.style import axes_or_new

#: Verdict to colour and marker; each also has its own column.
LOOKS: dict[str, tuple[str, str]] = {
    "holds": (ROLES["hidden"].colour, "o"),
    "holds if": (ROLES["cell"].colour, "D"),
    "does not hold": (ROLES["forget"].colour, "X"),
    "a convention": (ROLES["attention"].colour, "s"),
}


def verdicts(found: Mapping[str, tuple[str, str]], ax: Axes | None = None) -> Axes:
    """Draw one row for each claim, its mark in the column of its verdict.

    Args:
        found: A claim's name to what it says, of which the beginning is shown, and its verdict.
        ax: Where to draw; a new figure if none is given, as high as the rows need.

    Returns:
        The axes.

    Raises:
        ValueError: No claim, or a verdict that has no column.
    """
    unknown = {verdict for _, verdict in found.values()} - set(LOOKS)
    if not found or unknown:
        raise ValueError(f"expected claims with verdicts of {list(LOOKS)}, got {sorted(unknown)}")
    ax = axes_or_new(ax, height=0.6 + 0.24 * len(found))
    names, columns = list(found), list(LOOKS)
    short = (textwrap.shorten(says, 46, placeholder=" …") for says, _ in found.values())
    labels = [f"{name}  {says}" for name, says in zip(names, short, strict=True)]
    ax.set_yticks(range(len(names)), labels)
    ax.tick_params(axis="y", length=0)
    ax.set_xticks(range(len(columns)), [column.replace(" ", "\n", 1) for column in columns])
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", color=FAINT, linewidth=0.6)
    ax.grid(visible=False, axis="x")
    for spine in ax.spines.values():
        spine.set_visible(False)
    for row, name in enumerate(names):
        verdict = found[name][1]
        colour, marker = LOOKS[verdict]
        ax.plot([columns.index(verdict)], [row], marker, color=colour, markersize=7, zorder=3)
    return ax
