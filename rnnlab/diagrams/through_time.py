"""Gradients on their way back: through three steps, up to a window's edge, over kept states."""

from collections.abc import Sequence
from math import hypot

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, role

_STEPS = 3


def backward_pass(
    labels: Sequence[str] | None = None,
    states: Sequence[float] | None = None,
    deltas: Sequence[float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw three steps of a network, the states on their way forward and the gradients back.

    Equations `bptt-hidden` and `bptt-preactivation`.

    Args:
        labels: What is fed in at each step, three short strings.
        states: The numbers h_1, h_2, h_3.
        deltas: The numbers δh_1, δh_2, δh_3, the gradients of the loss by the states.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there are not three of something.

    Alternative text: Three boxes in a row and a box for the loss at the right end. On an upper
    line arrows lead from left to right, from the zero state through the boxes to the loss, and
    carry the states h 1, h 2, h 3. On a lower line arrows lead back from the loss through the boxes
    and carry the gradients delta h 3, delta h 2, delta h 1. From below an input enters each box.
    """
    for name, given in {"labels": labels, "states": states, "deltas": deltas}.items():
        if given is not None and len(given) != _STEPS:
            raise ValueError(f"{name} must be {_STEPS}; got {len(given)}")
    canvas = Canvas(14, 5.9 if labels is None else 6.5, ax)
    x, h = role("input").colour, role("hidden").colour
    low = 0.6 if labels is None else 1.2
    middle, size, gap = low + 2.6, 1.3, 3.3
    up, down = middle + 0.35, middle - 0.35
    canvas.text(0.75, up, "$h_0=0$", NORMAL, h)
    left = 1.5
    for step in range(_STEPS):
        here = 2.6 + step * gap
        canvas.box(here, middle, size, 1.6, "tanh", h)
        canvas.wire([(left, up), (here - size / 2, up)], h)
        canvas.text(here, low, f"$x_{step + 1}$", LARGE, x)
        canvas.wire([(here, low + 0.4), (here, middle - 0.8)], x)
        if labels is not None:
            canvas.text(here, low - 0.65, labels[step])
        left, right = here + size / 2, here + gap - size / 2
        canvas.wire([(right, down), (left, down)], INK)
        between = (left + right) / 2
        canvas.text(between, up + 0.5, f"$h_{step + 1}$", LARGE, h)
        canvas.text(between, down - 0.5, rf"$\delta h_{step + 1}$", LARGE)
        if states is not None:
            canvas.text(between, up + 1.15, f"{states[step]:.3f}", SMALL, h)
        if deltas is not None:
            canvas.text(between, down - 1.15, f"{deltas[step]:+.3f}".replace("-", "−"), SMALL)
    end = 2.6 + _STEPS * gap
    canvas.wire([(left, up), (end - size / 2, up)], h)
    canvas.box(end, middle, size, 1.6, "loss", INK, fill=False)
    canvas.text(end, up + 1.15, "forward", SMALL, h)
    canvas.text(end, down - 1.15, "backward", SMALL)
    return canvas.ax


def truncated(windows: int = 2, steps: int = 3, ax: Axes | None = None) -> Axes:
    """Draw truncated backpropagation: the state crosses from window to window, gradients do not.

    Args:
        windows: The number of windows, 2 or 3.
        steps: The number of steps in each, so that there are at most 8 in all.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there are too few or too many of them.

    Alternative text: Boxes in a row, in two windows with a frame each. On an upper line arrows
    lead forward through all boxes and across the edge between the windows. On a lower line arrows
    lead back from box to box, but only within a window; at the edge a short bar stops them.
    """
    if windows not in (2, 3) or steps < 2 or windows * steps > 8:
        raise ValueError(f"expected 2 or 3 windows, at most 8 steps; got {windows} of {steps}")
    canvas = Canvas(14, 4.3, ax)
    h = role("hidden").colour
    count, size, middle = windows * steps, 0.95, 1.6
    gap = 12.2 / (count - 1 + 0.35 * (windows - 1))
    up, down = middle + 0.3, middle - 0.3
    places = [0.9 + gap * (n + 0.35 * (n // steps)) for n in range(count)]
    for n, here in enumerate(places):
        canvas.box(here, middle, size, 1.4, f"$h_{n + 1}$", h)
        if n == 0:
            continue
        before = places[n - 1]
        canvas.wire([(before + size / 2, up), (here - size / 2, up)], h)
        start, stop = here - size / 2, before + size / 2
        if n % steps:
            canvas.wire([(start, down), (stop, down)], INK)
        else:
            edge = (start + stop) / 2
            canvas.wire([(start, down), (edge, down)], INK, arrow=False)
            canvas.wire([(edge, down - 0.3), (edge, down + 0.3)], INK, arrow=False, width=3.2)
            canvas.text(edge, middle - 1.1, "detach", SMALL)
            canvas.text(edge, middle + 0.75, "state", SMALL, h)
    for window in range(windows):
        first, last = places[window * steps], places[(window + 1) * steps - 1]
        canvas.brace(first - size / 2, last + size / 2, middle + 1.35, f"window {window + 1}")
    return canvas.ax


def checkpoints(steps: int = 9, segments: int = 3, ax: Axes | None = None) -> Axes:
    """Draw which states are kept for the backward pass, and which are computed a second time.

    Args:
        steps: The number of steps, a multiple of ``segments`` and at most 12.
        segments: The number of segments, at least 2.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the steps cannot be divided so.

    Alternative text: Two rows of small boxes, one for each step. In the upper row, called keep all,
    every box is filled. In the lower row, called keep the first of each segment, a filled box
    begins each segment and the others are dashed outlines; the last segment is filled in a lighter
    colour, because it is just being computed a second time.
    """
    if segments < 2 or steps > 12 or steps % segments or steps == segments:
        raise ValueError(f"expected at most 12 steps in equal segments; got {steps} in {segments}")
    canvas = Canvas(14, 5.6, ax)
    h, length = role("hidden").colour, steps // segments
    first, size = 1.3, 0.8
    gap = 11.4 / (steps - 1)
    high, low = 4.0, 1.5
    canvas.text(0.3, high + 0.95, "keep all", NORMAL, ha="left")
    title = "keep the first of each segment, compute the others again"
    canvas.text(0.3, low + 0.95, title, NORMAL, ha="left")
    for n in range(steps):
        here = first + n * gap
        canvas.box(here, high, size, 0.8, f"$h_{{{n}}}$", h, size=SMALL)
        again = n >= steps - length
        if n % length == 0:
            canvas.box(here, low, size, 0.8, f"$h_{{{n}}}$", h, size=SMALL)
        elif again:
            canvas.box(here, low, size, 0.8, f"$h_{{{n}}}$", h, size=SMALL, fill=False)
        else:
            canvas.outline(here, low, size, 0.8)
            canvas.text(here, low, f"$h_{{{n}}}$", SMALL, MUTED)
        if n:
            before = here - gap
            canvas.wire([(before + size / 2, high), (here - size / 2, high)], h)
            canvas.wire([(before + size / 2, low), (here - size / 2, low)], h)
    span = first + (steps - length) * gap, first + (steps - 1) * gap
    canvas.text(sum(span) / 2, low - 0.85, "just computed again", SMALL, h)
    return canvas.ax


def clipping(ax: Axes | None = None) -> Axes:
    """Draw what clipping does to a gradient: by norm it keeps the direction, by value it does not.

    Equation `bptt-clip`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Two panels. On the left, by norm: a long arrow leaves the centre of a circle;
    the part of it within the circle is drawn bold and ends on the circle, in the same direction. A
    short arrow within the circle is left as it is. On the right, by value: the same long arrow
    leaves the centre of a square; the bold arrow ends in the corner of the square and points in
    another direction.
    """
    canvas = Canvas(14, 5.7, ax)
    long, short, radius = (4.1, 1.7), (-0.7, 0.65), 1.6
    for centre, name in ((2.2, "norm"), (9.0, "value")):
        x, y = centre, 2.0
        canvas.text(x, 5.2, f"clip by {name}")
        if name == "norm":
            edge = Circle((x, y), radius, facecolor="none", edgecolor=MUTED, linewidth=1.2)
            canvas.ax.add_patch(edge)
            share = radius / hypot(*long)
            end, below = (share * long[0], share * long[1]), -0.45
        else:
            corners = [(x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius)]
            corners += [(x - radius, y + radius), (x - radius, y - radius)]
            canvas.wire(corners, MUTED, arrow=False, width=1.2, bend=0.01)
            end, below = (min(long[0], radius), min(long[1], radius)), 0.4
        canvas.wire([(x, y), (x + long[0], y + long[1])], MUTED, width=1.2)
        canvas.wire([(x, y), (x + end[0], y + end[1])], INK, width=3.2)
        canvas.wire([(x, y), (x + short[0], y + short[1])], INK, width=3.2)
        canvas.text(x + long[0] - 0.2, y + long[1] + 0.5, "gradient", SMALL, MUTED)
        canvas.text(x + end[0] + 0.25, y + end[1] + below, "clipped", SMALL, ha="left")
        canvas.text(x + short[0] + 0.1, y + short[1] + 0.4, "kept", SMALL)
    return canvas.ax
