"""What must be remembered, for how long, and until when: examples on a line, and a grammar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from rnnlab.data.reber import GRAPH
from rnnlab.diagrams.canvas import NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, PAPER, ROLES

_MOST = 28  # steps that fit, with readable symbols


@dataclass(frozen=True)
class TimeLine:
    """An example of a task, to be drawn step by step.

    Attributes:
        title: What the task is.
        symbols: What comes in at each step, short strings; empty for a blank.
        clues: The steps that must be remembered, counted from 0.
        answers: Step to what is to be answered there.
    """

    title: str
    symbols: Sequence[str]
    clues: Sequence[int]
    answers: Mapping[int, str]


def time_lines(lines: Sequence[TimeLine], ax: Axes | None = None) -> Axes:
    """Draw examples step by step: what comes in, what of it matters, and where an answer is due.

    Args:
        lines: One or more examples.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is no line, one is too long, or a step is outside of it.

    Alternative text: Examples as rows of small cells, one for each time step. The cells that must
    be remembered are dark; below the steps at which an answer is due stands the answer. A double
    arrow spans the steps in between.
    """
    for line in lines:
        inside = all(0 <= step < len(line.symbols) for step in (*line.clues, *line.answers))
        if not (line.clues and line.answers and inside and len(line.symbols) <= _MOST):
            raise ValueError(
                f"{line.title}: expected clues and answers within at most {_MOST} steps; got "
                f"{len(line.symbols)} steps, clues {list(line.clues)}, answers {dict(line.answers)}"
            )
    if not lines:
        raise ValueError("lines: expected at least one; got none")
    row = 2.35
    canvas = Canvas(14, row * len(lines) + 0.1, ax)
    for k, line in enumerate(lines):
        _line(canvas, line, row * (len(lines) - k))
    return canvas.ax


def _line(canvas: Canvas, line: TimeLine, top: float) -> None:
    """Draw one example below the height ``top``."""
    left, step = 0.3, min(0.62, 13.4 / len(line.symbols))
    bottom, height = top - 1.2, 0.6
    size = SMALL if max(map(len, line.symbols)) < 2 else 9.0
    clue, answer = ROLES["input"].colour, ROLES["hidden"].colour
    canvas.text(left, top - 0.25, line.title, SMALL, ha="left")
    for k, symbol in enumerate(line.symbols):
        here, marked = left + k * step, k in line.clues
        canvas.rectangle(here, bottom, step, height, MUTED, 0.0)
        if marked:
            canvas.rectangle(here + 0.04, bottom + 0.04, step - 0.08, height - 0.08, clue, 1.0)
        colour = PAPER if marked else INK
        canvas.text(here + step / 2, bottom + height / 2, symbol, size, colour)
    for k, text in line.answers.items():
        here = left + (k + 0.5) * step
        # An answer may be wider than its cell; at the end of a line it is pulled inside.
        side = "right" if len(text) > 3 else "center"
        x = here + step / 2 if side == "right" else here
        canvas.text(x, bottom - 0.4, text, SMALL, answer, ha=side, weight="bold")
    widest = max((len(text) for text in line.answers.values()), default=0)
    start = left + (min(line.clues) + 0.5) * step
    stop = left + min(line.answers) * step - (0.6 if widest > 3 else 0.1)
    canvas.measure((start, bottom - 0.4), (stop, bottom - 0.4))


#: Where the nodes of the grammar's graph stand; the last one is its end.
_NODES = ((3.4, 4.8), (5.9, 6.1), (5.9, 3.5), (8.7, 6.1), (8.7, 3.5), (11.2, 4.8), (13.0, 4.8))
_RADIUS = 0.36


def reber_graph(ax: Axes | None = None) -> Axes:
    """Draw the graph of the Reber grammar, and below it how a string is wrapped.

    The graph is `rnnlab.data.reber.GRAPH`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: A graph of seven numbered nodes joined by arrows with letters. From node 0,
    T leads to node 1 and P to node 2; S leads from node 1 to itself and X to node 3; T leads from
    node 2 to itself and V to node 4; from node 3, X leads to node 2 and S to node 5; from node 4, P
    leads to node 3 and V to node 5; E leads from node 5 to the end. Below, five boxes in a row: B,
    then T or P, then the inner string, then the same T or P, then E. A bracket joins the two boxes
    with T or P.
    """
    canvas = Canvas(14, 7.3, ax)
    canvas.text(1.4, _NODES[0][1], "B", NORMAL, weight="bold")
    canvas.wire([(1.75, _NODES[0][1]), (_NODES[0][0] - _RADIUS, _NODES[0][1])], MUTED)
    for node, (x, y) in enumerate(_NODES):
        end = node == len(_NODES) - 1
        canvas.ax.add_patch(
            Circle((x, y), _RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.4, zorder=4)
        )
        canvas.text(x, y, "end" if end else str(node), 9, MUTED)
    for start, ways in enumerate(GRAPH):
        for symbol, stop in ways.items():
            _edge(canvas, start, stop, symbol)

    wrapper = ROLES["hidden"].colour
    y, places = 0.75, (1.6, 3.7, 7.0, 10.3, 12.4)
    texts = ("B", "T or P", "inner string: B … E", "the same", "E")
    widths = (0.9, 1.7, 3.5, 1.7, 0.9)
    boxes = [
        canvas.box(x, y, width, 0.8, text, wrapper if k in (1, 3) else INK, size=SMALL, fill=False)
        for k, (x, width, text) in enumerate(zip(places, widths, texts, strict=True))
    ]
    for before, after in pairwise(boxes):
        canvas.wire([before.right, after.left], MUTED)
    canvas.brace(places[1], places[3], 1.55, "to be remembered")
    return canvas.ax


def _edge(canvas: Canvas, start: int, stop: int, symbol: str) -> None:
    """Draw an arrow between two nodes with its symbol beside it, or a loop."""
    (x0, y0), (x1, y1) = _NODES[start], _NODES[stop]
    if start == stop:
        side = 1 if y0 > _NODES[0][1] else -1  # away from the middle of the graph
        out, wide = y0 + side * 0.85, 0.22
        reach = (_RADIUS**2 - wide**2) ** 0.5
        points = [
            (x0 - wide, y0 + side * reach),
            (x0 - wide, out),
            (x0 + wide, out),
            (x0 + wide, y0 + side * reach),
        ]
        canvas.wire(points, bend=0.2)
        canvas.text(x0 - 0.55, y0 + side * 0.68, symbol, NORMAL)
        return
    length = hypot(x1 - x0, y1 - y0)
    along = ((x1 - x0) / length, (y1 - y0) / length)
    ends = [
        (x0 + _RADIUS * along[0], y0 + _RADIUS * along[1]),
        (x1 - _RADIUS * along[0], y1 - _RADIUS * along[1]),
    ]
    canvas.wire(ends)
    normal = (-along[1], along[0])
    side = 1 if normal[1] > 0 or (normal[1] == 0 and normal[0] > 0) else -1
    canvas.text(
        (x0 + x1) / 2 + side * 0.36 * normal[0],
        (y0 + y1) / 2 + side * 0.36 * normal[1],
        symbol,
        NORMAL,
    )
