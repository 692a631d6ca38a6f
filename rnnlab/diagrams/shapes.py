"""The four shapes of input and output, and what padding does to a batch."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, role


class _Shape(NamedTuple):
    """A shape: its name, what it is good for, and which steps read and which answer."""

    name: str
    use: str
    reads: Sequence[int]
    answers: Sequence[int]
    steps: int


SHAPES = (
    _Shape("N-to-1", "a request to its intent", (0, 1, 2, 3), (3,), 4),
    _Shape("N-to-N", "words to tags, verse to next characters", (0, 1, 2, 3), (0, 1, 2, 3), 4),
    _Shape("1-to-N", "a picture to its description", (), (0, 1, 2, 3), 4),
    _Shape("N-to-M", "a date to the same date in ISO form", (0, 1, 2), (3, 4), 5),
)
_SIZE = 0.82  # of a box


def four_shapes(ax: Axes | None = None) -> Axes:
    """Draw the four shapes of input and output as unrolled networks.

    Equations `shapes-last`, `shapes-each`, `shapes-one` and `shapes-two`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Four small unrolled networks. N-to-1 has an input below each of its steps and
    one output above the last. N-to-N has an input below and an output above each step. 1-to-N has
    one input whose arrows lead to every step, and an output above each. N-to-M reads three inputs;
    its last state is the context c, which is given to each of two further steps, and these have
    the outputs.
    """
    canvas = Canvas(14, 10.6, ax)
    for n, shape in enumerate(SHAPES):
        column, row = n % 2, n // 2
        _shape(canvas, shape, 0.35 + 7.05 * column, 5.75 - 5.35 * row)
    return canvas.ax


def _shape(canvas: Canvas, shape: _Shape, left: float, low: float) -> None:
    """Draw one shape; its lower left corner is (left, low)."""
    x, h, y = role("input").colour, role("hidden").colour, INK
    inputs, middle, outputs = low + 0.4, low + 1.85, low + 3.3
    canvas.text(left, low + 4.45, shape.name, 13.5, ha="left", weight="bold")
    canvas.text(left, low + 3.95, shape.use, SMALL, MUTED, ha="left")
    two_parts = bool(shape.reads) and shape.answers[0] == len(shape.reads)
    gap = 1.2 if two_parts else 1.6
    places = [left + _SIZE / 2 + gap * step for step in range(shape.steps)]
    if two_parts:  # room for the context between the two
        places = [here + 0.6 * (step in shape.answers) for step, here in enumerate(places)]
    for step, here in enumerate(places):
        canvas.box(here, middle, _SIZE, _SIZE, "", h)
        canvas.text(here, middle, "$h$", NORMAL, "#ffffff")
        if step:
            wire = [(places[step - 1] + _SIZE / 2, middle), (here - _SIZE / 2, middle)]
            canvas.wire(wire, h)
        if step in shape.reads:
            canvas.text(here, inputs, f"$x_{step + 1}$", LARGE, x)
            canvas.wire([(here, inputs + 0.35), (here, middle - _SIZE / 2)], x)
        if step in shape.answers:
            index = "" if len(shape.answers) == 1 else f"_{shape.answers.index(step) + 1}"
            canvas.text(here, outputs, f"$y{index}$", LARGE, y)
            canvas.wire([(here, middle + _SIZE / 2), (here, outputs - 0.35)], y)
    if not shape.reads:  # one input for all steps
        canvas.text(places[0], inputs, "$x$", LARGE, x)
        _rail(canvas, places, places[0] + 0.25, inputs, middle, x)
    elif two_parts:
        start, writer = places[len(shape.reads) - 1], places[len(shape.reads) :]
        turn = start + _SIZE / 2 + 0.3
        canvas.dot(turn, middle, h)
        canvas.wire([(turn, middle), (turn, inputs), (writer[0], inputs)], h, arrow=False)
        canvas.text(turn - 0.2, inputs + 0.6, "$c$", LARGE, h, ha="right")
        _rail(canvas, writer, writer[0] - 0.01, inputs, middle, h)


def _rail(
    canvas: Canvas, places: Sequence[float], start: float, low: float, middle: float, colour: str
) -> None:
    """Lead one wire along below the boxes and up into each of them."""
    canvas.wire([(start, low), (places[-1], low), (places[-1], middle - _SIZE / 2)], colour)
    for here in places[:-1]:
        if here > start:
            canvas.dot(here, low, colour)
        canvas.wire(
            [(here, low if here > start else low + 0.35), (here, middle - _SIZE / 2)], colour
        )


def padded(
    words: Sequence[str] = ("What", "time", "is", "it", "?"), ax: Axes | None = None
) -> Axes:
    """Draw a short sequence that was filled up, and which states have seen the padding.

    Args:
        words: The real steps, three to six short strings in Latin letters.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: Fewer than three or more than six words.

    Alternative text: A row of eight steps, five words and three dashed places of padding. Above,
    the forward states: filled boxes over the words, of which the last is marked "the last real
    state", then three open boxes over the padding, of which the last is marked "the last step of
    the batch". Below, the backward states, which begin at the right end, in the padding: all are
    open boxes, because each of them has read padding.
    """
    if not 3 <= len(words) <= 6:
        raise ValueError(f"expected three to six words; got {len(words)}")
    canvas = Canvas(14, 7.9, ax)
    h, bad = role("hidden").colour, role("forget").colour
    real, steps = len(words), len(words) + 3
    first, gap = 2.75, 10.5 / (steps - 1)
    places = [first + gap * step for step in range(steps)]
    forward, middle, backward = 5.35, 3.6, 1.85
    canvas.text(0.3, forward, "forward", NORMAL, ha="left")
    canvas.text(0.3, backward, "backward", NORMAL, ha="left")
    for step, here in enumerate(places):
        inside = step < real
        if inside:
            canvas.text(here, middle, words[step], NORMAL)
        else:
            canvas.outline(here, middle, 0.95, 0.7)
            canvas.text(here, middle, "pad", SMALL, MUTED)
        for y, seen in ((forward, not inside), (backward, True)):
            canvas.box(here, y, 0.72, 0.72, "", bad if seen else h, fill=not seen)
            reach = 0.36 if y == forward else -0.36
            start = middle + (0.38 if y == forward else -0.38)
            canvas.wire([(here, start), (here, y - reach)], h if inside else bad, width=1.3)
        if step:
            before = places[step - 1]
            colour = bad if not inside else h
            canvas.wire([(before + 0.36, forward), (here - 0.36, forward)], colour)
            canvas.wire([(here - 0.36, backward), (before + 0.36, backward)], bad)
    for step, label, colour in (
        (real - 1, "the last real state", h),
        (steps - 1, "the last step\nof the batch", bad),
    ):
        shift = 0.0 if step < real else 0.4  # or the label would leave the page
        canvas.text(places[step] - shift, 7.15, label, SMALL, colour)
        canvas.wire([(places[step], 6.7), (places[step], forward + 0.36)], colour)
    note = "begins in the padding: every one of its states has read it"
    canvas.text((places[0] + places[-1]) / 2, 0.6, note, SMALL, bad)
    return canvas.ax
