"""What waits for what in time: a chain, a scan, and the wave through a stack of layers.

Chapter making-it-fast.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import FAINT, INK, MUTED, role

STEPS = 8
"""The steps of the chain and of the scans: the least power of two that shows three rounds."""
TINY = 9.5
"""Text within the small boxes of a scan, in points."""


def waiting(ax: Axes | None = None) -> Axes:
    """Draw eight steps of a GRU, a chain, above eight steps of a scan in three rounds.

    Equation `scan-combine`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: In the upper half eight boxes in a row, each with an arrow from the box before
    it, numbered 1 to 8 by the time at which each can be computed. In the lower half eight boxes
    that can all be computed at time 1, and above them three rows of boxes for times 2, 3 and 4;
    each box joins two of the row below, so that the last box of the rows stands for steps 8, 7 to
    8, 5 to 8 and 1 to 8; the lines that lead to it are dark.
    """
    canvas = Canvas(14, 11.4, ax)
    h = role("hidden").colour
    columns = [2.75 + 1.5 * step for step in range(STEPS)]
    low, chain = 0.55, 9.5
    rows = [1.55 + 1.6 * k for k in range(4)]

    canvas.text(0.3, 10.95, "a gate that sees the state: a chain", NORMAL, ha="left")
    for step, here in enumerate(columns, start=1):
        canvas.box(here, chain, 1.05, 0.8, "GRU", h, size=TINY)
        canvas.text(here, chain + 0.8, str(step), SMALL, MUTED)
        canvas.text(here, chain - 1.15, f"$x_{step}$", NORMAL, role("input").colour)
        canvas.wire([(here, chain - 0.85), (here, chain - 0.4)], role("input").colour)
        start = here - 1.5 + 0.525 if step > 1 else here - 1.0
        canvas.wire([(start, chain), (here - 0.525, chain)], h)
    canvas.text(1.3, chain, "$h_0$", LARGE, h)
    canvas.text(0.3, chain + 0.8, "time", SMALL, MUTED, ha="left")

    canvas.text(0.3, 7.25, "a gate that sees the input alone: a scan", NORMAL, ha="left")
    for step, here in enumerate(columns, start=1):
        canvas.text(here, low, f"$x_{step}$", NORMAL, role("input").colour)
        canvas.wire([(here, low + 0.3), (here, rows[0] - 0.35)], role("input").colour)
    # What the last box of all is made of, by row: these wires are dark.
    needed = [{STEPS - k * 2**r for k in range(2 ** (3 - r))} for r in range(4)]
    for r, y in enumerate(rows):
        canvas.text(0.3, y, f"time {r + 1}", SMALL, MUTED, ha="left")
        for step, here in enumerate(columns, start=1):
            first = max(1, step - 2**r + 1)
            name = f"{first}–{step}" if first < step else f"{step}"
            dark = step in needed[r]
            canvas.box(here, y, 1.05, 0.7, name, h if dark else INK, size=TINY, fill=dark)
            if r == 0:
                continue
            reach, below = 2 ** (r - 1), rows[r - 1] + 0.35
            sources = [here] if step <= reach else [here, columns[step - reach - 1]]
            for source in sources:
                wire = [(source, below), (here, y - 0.35)]
                canvas.wire(wire, h if dark else FAINT, arrow=False, width=2.0 if dark else 1.1)
    return canvas.ax


def _number(value: float) -> str:
    """Write a number of eighths as a whole number and a fraction, any other as it is."""
    if 8 * value != round(8 * value):
        return f"{value:g}"
    whole, eighths = divmod(abs(round(8 * value)), 8)
    sign = "−" if value < 0 else ""
    return sign + (str(whole) if whole or not eighths else "") + _EIGHTHS[eighths]


_EIGHTHS = ("", "⅛", "¼", "⅜", "½", "⅝", "¾", "⅞")


def scan_tree(
    a: Sequence[float], b: Sequence[float], ax: Axes | None = None, *, numbers: bool = True
) -> Axes:
    """Draw the tree of a scan over eight steps with its numbers, starting from h_0 = 0.

    Equations `linear-recurrence` and `scan-combine`.

    Args:
        a: The eight factors.
        b: The eight numbers that are added.
        ax: Where to draw; a new figure if none is given.
        numbers: Whether to write the numbers; otherwise which steps a box stands for.

    Returns:
        The axes.

    Raises:
        ValueError: If there are not eight of each.

    Alternative text: Eight boxes in the bottom row hold the pairs of the eight steps. Above them,
    four boxes join two steps each, then two boxes join four each, then one joins all eight. In the
    upper half, row by row, the states: first those after steps 8 and 4, then those after steps 2
    and 6, at last those after steps 1, 3, 5 and 7, each reached by a vertical line from the widest
    pair that ends there and by an arrow from the earlier state that it continues.
    """
    if len(a) != STEPS or len(b) != STEPS:
        raise ValueError(f"expected eight numbers a and eight b; got {len(a)} and {len(b)}")
    canvas = Canvas(14, 8.7, ax)
    h, wide, high = role("hidden").colour, 1.2, 0.66
    columns = [2.5 + 1.55 * step for step in range(STEPS)]
    rows = [1.0 + 1.12 * k for k in range(7)]
    rows = [y + (0.45 if k > 3 else 0.0) for k, y in enumerate(rows)]
    pairs = {(t, t): (a[t - 1], b[t - 1]) for t in range(1, STEPS + 1)}
    states, running = [], 0.0
    for a_t, b_t in zip(a, b, strict=True):
        running = a_t * running + b_t
        states.append(running)

    def top_of(step: int) -> int:
        """The row of the widest pair that ends at a step."""
        return next(r for r in (3, 2, 1, 0) if step % 2**r == 0)

    for step in range(1, STEPS + 1):  # from the widest pair up to the state
        row, here = top_of(step), columns[step - 1]
        state_row = {3: 4, 2: 4, 1: 5, 0: 6}[row]
        canvas.wire(
            [(here, rows[row] + high / 2), (here, rows[state_row] - high / 2)], MUTED, width=1.3
        )
        name = _number(states[step - 1]) if numbers else f"$h_{step}$"
        canvas.box(here, rows[state_row], wide, high, name, h, size=SMALL)
    for r in range(4):
        size = 2**r
        for last in range(size, STEPS + 1, size):
            first, here = last - size + 1, columns[last - 1]
            if r:
                middle = last - size // 2
                (a_1, b_1), (a_2, b_2) = pairs[first, middle], pairs[middle + 1, last]
                pairs[first, last] = (a_2 * a_1, a_2 * b_1 + b_2)
                left = columns[middle - 1]
                canvas.wire([(here, rows[r - 1] + high / 2), (here, rows[r] - high / 2)], INK)
                canvas.dot(left, rows[r], INK)
                canvas.wire([(left, rows[r]), (here - wide / 2, rows[r])], INK)
            steps = f"{first}–{last}" if r else f"{last}"
            name = ", ".join(map(_number, pairs[first, last])) if numbers else steps
            canvas.box(here, rows[r], wide, high, name, INK, size=TINY, fill=False)
    for source, target in ((4, 6), (2, 3), (4, 5), (6, 7)):
        x_0, x_1 = columns[source - 1], columns[target - 1]
        y_0 = rows[{3: 4, 2: 4, 1: 5, 0: 6}[top_of(source)]] + high / 2
        y_1 = rows[5 if target == 6 else 6]
        if target != 5:  # the wire to 5 goes on where the one to 6 turned off
            canvas.wire([(x_0, y_0), (x_0, y_1), (x_1 - wide / 2, y_1)], h, bend=0.2)
        else:
            canvas.dot(x_0, rows[5], h)
            canvas.wire([(x_0, rows[5]), (x_0, y_1), (x_1 - wide / 2, y_1)], h, bend=0.2)
    for step, here in enumerate(columns, start=1):
        canvas.text(here, 0.32, f"step {step}", TINY, MUTED)
    canvas.text(0.2, rows[5], "states", NORMAL, h, ha="left")
    canvas.text(
        0.2, (rows[1] + rows[2]) / 2, "pairs" + ("\n$a,\\ b$" if numbers else ""), ha="left"
    )
    return canvas.ax


def wavefront(layers: int = 3, steps: int = 6, ax: Axes | None = None) -> Axes:
    """Draw a stack of layers over time, each cell with the time at which it can be computed.

    Equation `stack`.

    Args:
        layers: Layers, 2 to 4.
        steps: Time steps, 3 to 8.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If either is out of range.

    Alternative text: A grid of boxes with a row for each layer and a column for each step. Arrows
    lead from each box to the next one on its right and to the one above it. The numbers in the
    boxes rise by one with each step to the right and each layer up, so that boxes on a falling
    diagonal hold the same number and have the same shade.
    """
    if not (2 <= layers <= 4 and 3 <= steps <= 8):
        raise ValueError(f"expected 2 to 4 layers and 3 to 8 steps; got {layers} and {steps}")
    canvas = Canvas(14, 1.2 + 1.5 * layers, ax)
    x, h = role("input").colour, role("hidden").colour
    gap = 11.0 / steps
    columns = [2.6 + gap * (step + 0.5) for step in range(steps)]
    latest = layers + steps - 1
    for layer in range(layers):
        y = 1.95 + 1.5 * layer
        canvas.text(0.3, y, f"layer {layer + 1}", NORMAL, ha="left")
        for step, here in enumerate(columns):
            moment = layer + step + 1
            box = canvas.rectangle(here - 0.5, y - 0.4, 1.0, 0.8, h, 0.08 + 0.5 * moment / latest)
            canvas.text(here, y, str(moment), NORMAL, INK)
            if step:
                canvas.wire([(columns[step - 1] + 0.5, y), box.left], h)
            else:
                canvas.wire([(here - 1.1, y), box.left], h)
            below = (here, y - 1.1) if layer else (here, y - 0.95)
            canvas.wire([below, box.bottom], h if layer else x)
            if not layer:
                canvas.text(here, y - 1.25, f"$x_{step + 1}$", LARGE, x)
    return canvas.ax
