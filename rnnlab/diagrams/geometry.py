"""Points, boxes and paths: where the wires of a picture begin, bend and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from matplotlib.path import Path

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle, or the square around a circle, and the points where wires meet it."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> Point:
        """The middle of the left side."""
        return (self.x - self.width / 2, self.y)

    @property
    def right(self) -> Point:
        """The middle of the right side."""
        return (self.x + self.width / 2, self.y)

    @property
    def top(self) -> Point:
        """The middle of the upper side."""
        return (self.x, self.y + self.height / 2)

    @property
    def bottom(self) -> Point:
        """The middle of the lower side."""
        return (self.x, self.y - self.height / 2)


def rounded(points: Sequence[Point], radius: float) -> Path:
    """Return the path through ``points`` whose corners are rounded off with ``radius``."""
    vertices: list[Point] = [points[0]]
    codes = [int(Path.MOVETO)]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        ends = []
        for other in (before, after):
            length = hypot(other[0] - corner[0], other[1] - corner[1])
            share = min(radius / length, 0.5)
            dx, dy = other[0] - corner[0], other[1] - corner[1]
            ends.append((corner[0] + share * dx, corner[1] + share * dy))
        vertices += [ends[0], corner, ends[1]]
        codes += [int(Path.LINETO), int(Path.CURVE3), int(Path.CURVE3)]
    vertices.append(points[-1])
    codes.append(int(Path.LINETO))
    return Path(vertices, codes)
