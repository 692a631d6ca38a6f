"""A canvas for schematic pictures: boxes, circles, wires with exact arrow tips, and text.

One unit is half an inch, so that a picture 14 units wide fills a figure 7 inches wide. Everything
is placed by hand; nothing is laid out automatically. Each element may carry the names of the
*parts* of the picture it belongs to; where one part is highlighted, all others turn grey.
"""

from collections.abc import Sequence
from math import hypot

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import (
    Circle,
    FancyArrowPatch,
    FancyBboxPatch,
    PathPatch,
    Polygon,
    Rectangle,
)
from matplotlib.path import Path
from matplotlib.text import Text

from rnnlab.diagrams.geometry import Box, Point, rounded
from rnnlab.palette import FAINT, INK, MUTED, PAPER, tint

UNIT = 0.5
"""Inches per unit."""
LARGE, NORMAL, SMALL = 16.5, 12.0, 10.8
"""The three sizes of text, in points."""
WIRE = 1.8
"""The width of a wire, in points."""
HEAD_LENGTH, HEAD_WIDTH = 0.30, 0.26
"""The arrow head, in units."""
GROUND = tint(INK, 0.05)
"""The colour of a cell's inside."""
RADIUS = 0.30
"""The radius of the circle of an elementwise operation."""


class Canvas:
    """An axes without frame whose data units are half inches.

    Args:
        width: In units.
        height: In units.
        ax: Where to draw; a new figure of exactly this size if none is given.
        highlight: The part that keeps its colours; None for all.
    """

    def __init__(
        self,
        width: float,
        height: float,
        ax: Axes | None = None,
        highlight: str | None = None,
    ):
        if ax is None:
            figure = plt.figure(figsize=(width * UNIT, height * UNIT), layout="none")
            ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        ax.set_axis_off()
        self.ax = ax
        self.highlight = highlight

    def lit(self, parts: str) -> bool:
        """Tell whether an element of these parts (names, space-separated) keeps its colours."""
        return self.highlight is None or not parts or self.highlight in parts.split()

    def _colour(self, colour: str, parts: str) -> str:
        return colour if self.lit(parts) else FAINT

    def text(
        self,
        x: float,
        y: float,
        string: str,
        size: float = NORMAL,
        colour: str = INK,
        parts: str = "",
        ha: str = "center",
        va: str = "center_baseline",
        weight: str = "normal",
        spacing: float = 1.2,
        rotation: float = 0.0,
        family: str = "sans-serif",
    ) -> Text:
        """Write ``string`` at (x, y)."""
        lift = 0.05 if va == "center_baseline" else 0.0  # towards the middle of small letters
        return self.ax.text(
            x,
            y + lift,
            string,
            size=size,
            color=self._colour(colour, parts),
            ha=ha,
            va=va,
            weight=weight,
            linespacing=spacing,
            rotation=rotation,
            family=family,
            zorder=5,
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        string: str = "",
        colour: str = INK,
        parts: str = "",
        size: float = NORMAL,
        fill: bool = True,
    ) -> Box:
        """Draw a box around (x, y), filled with ``colour`` or white with an edge of it."""
        edge = self._colour(colour, parts)
        corner = 0.14
        self.ax.add_patch(
            FancyBboxPatch(
                (x - width / 2 + corner, y - height / 2 + corner),
                width - 2 * corner,
                height - 2 * corner,
                boxstyle=f"round,pad={corner},rounding_size={corner}",
                facecolor=edge if fill else PAPER,
                edgecolor=edge,
                linewidth=WIRE * 0.8,
                zorder=4,
            )
        )
        if string:
            self.text(x, y, string, size, PAPER if fill else colour, "" if fill else parts)
        return Box(x, y, width, height)

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str = INK,
        amount: float = 0.2,
        parts: str = "",
        line: float = 1.0,
        zorder: float = 2.0,
    ) -> Box:
        """Draw a plain rectangle whose lower left corner is (x, y), tinted with ``colour``."""
        edge = self._colour(colour, parts)
        self.ax.add_patch(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=tint(edge, amount),
                edgecolor=edge,
                linewidth=line,
                zorder=zorder,
            )
        )
        return Box(x + width / 2, y + height / 2, width, height)

    def panel(self, left: float, bottom: float, right: float, top: float) -> None:
        """Draw the light ground that a cell's inside stands on."""
        corner = 0.35
        self.ax.add_patch(
            FancyBboxPatch(
                (left + corner, bottom + corner),
                right - left - 2 * corner,
                top - bottom - 2 * corner,
                boxstyle=f"round,pad={corner},rounding_size={corner}",
                facecolor=GROUND,
                edgecolor=FAINT,
                linewidth=1.0,
                zorder=0,
            )
        )

    def outline(self, x: float, y: float, width: float, height: float) -> None:
        """Draw the dashed outline, centred at (x, y), of something that is not there yet."""
        self.ax.add_patch(
            Rectangle(
                (x - width / 2, y - height / 2),
                width,
                height,
                fill=False,
                edgecolor=MUTED,
                linewidth=1.2,
                linestyle=(0, (4, 3)),
            )
        )

    def operation(self, x: float, y: float, symbol: str, parts: str = "") -> Box:
        """Draw the circle of an elementwise operation; ``symbol`` is ×, + or 1−."""
        ink = self._colour(INK, parts)
        self.ax.add_patch(
            Circle((x, y), RADIUS, facecolor=PAPER, edgecolor=ink, linewidth=WIRE * 0.8, zorder=4)
        )
        if symbol in "×+":
            arm = 0.15 if symbol == "+" else 0.11
            ends = [((-arm, 0), (arm, 0)), ((0, -arm), (0, arm))]
            if symbol == "×":
                ends = [((-arm, -arm), (arm, arm)), ((-arm, arm), (arm, -arm))]
            for (x0, y0), (x1, y1) in ends:
                self.ax.plot(
                    [x + x0, x + x1],
                    [y + y0, y + y1],
                    color=ink,
                    linewidth=WIRE,
                    solid_capstyle="round",
                    zorder=5,
                )
        else:
            self.text(x, y, symbol, SMALL, INK, parts)
        return Box(x, y, 2 * RADIUS, 2 * RADIUS)

    def dot(self, x: float, y: float, colour: str = INK, parts: str = "") -> None:
        """Mark a place where a wire branches or two join."""
        ink = self._colour(colour, parts)
        order = 3.05 if ink == FAINT else 3.5
        self.ax.add_patch(Circle((x, y), 0.09, facecolor=ink, edgecolor="none", zorder=order))

    def wire(
        self,
        points: Sequence[Point],
        colour: str = INK,
        parts: str = "",
        arrow: bool = True,
        width: float = WIRE,
        crossing: Point | None = None,
        bend: float = 0.25,
    ) -> None:
        """Draw a wire through ``points`` with rounded bends; its arrow's tip is the last point.

        Args:
            points: The corners, from the source to the target.
            colour: Of the wire.
            parts: The parts of the picture it belongs to.
            arrow: Whether it ends in an arrow head.
            width: In points.
            crossing: Where this wire, vertical there, passes over a horizontal one.
            bend: The radius of a bend, in units.
        """
        ink = self._colour(colour, parts)
        order = 3.0 if ink == FAINT else 3.1  # what is grey lies below what is not
        points = list(points)
        (x0, y0), (x1, y1) = points[-2:]
        if arrow:
            length = hypot(x1 - x0, y1 - y0)
            along = ((x1 - x0) / length, (y1 - y0) / length)
            scale = 1.25 if width > WIRE else 1.0
            base = (x1 - HEAD_LENGTH * along[0], y1 - HEAD_LENGTH * along[1])
            half = (-along[1] * HEAD_WIDTH * scale / 2, along[0] * HEAD_WIDTH * scale / 2)
            head = [(x1, y1)]
            head += [(base[0] + sign * half[0], base[1] + sign * half[1]) for sign in (1, -1)]
            self.ax.add_patch(Polygon(head, facecolor=ink, edgecolor="none", zorder=order + 0.1))
            points[-1] = (base[0] + 0.05 * along[0], base[1] + 0.05 * along[1])
        if crossing is not None:
            order += 0.06
            gap = Path([(crossing[0], crossing[1] - 0.15), (crossing[0], crossing[1] + 0.15)])
            self._path(gap, GROUND, width + 6, order - 0.01)
        self._path(rounded(points, bend), ink, width, order)

    def _path(self, path: Path, colour: str, width: float, order: float) -> None:
        patch = PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=order)
        patch.set_capstyle("butt")
        self.ax.add_patch(patch)

    def brace(self, start: float, stop: float, y: float, string: str) -> None:
        """Draw a bracket over the span from ``start`` to ``stop`` with ``string`` above it."""
        middle = (start + stop) / 2
        span = [(start, y - 0.18), (start, y), (stop, y), (stop, y - 0.18)]
        self.wire(span, MUTED, arrow=False, width=1.2, bend=0.12)
        self.wire([(middle, y), (middle, y + 0.18)], MUTED, arrow=False, width=1.2)
        self.text(middle, y + 0.48, string)

    def measure(self, start: Point, stop: Point) -> None:
        """Draw a double arrow from ``start`` to ``stop``, with small heads."""
        arrow = FancyArrowPatch(
            start, stop, arrowstyle="<|-|>", mutation_scale=9, shrinkA=0, shrinkB=0
        )
        arrow.set(color=MUTED, linewidth=1.1, zorder=3)
        self.ax.add_patch(arrow)
