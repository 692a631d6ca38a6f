"""An encoder, the context that it hands over, and a decoder."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, role

Context = Literal["start", "every step"]
Feeding = Literal["teacher", "own"]

#: Heights, from below: labels, symbols of what is read, the context's rail, boxes, outputs.
_LABELS, _READ, _RAIL, _BOXES, _WRITTEN = 0.55, 1.25, 2.3, 3.35, 5.35
_SIZE, _STEPS = 0.9, 4


def encoder_decoder(
    context: Context = "every step",
    feeding: Feeding = "teacher",
    labels: tuple[Sequence[str], Sequence[str]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw an encoder, the context vector and a decoder, unrolled over four steps each.

    Equations `seq2seq-context` and `seq2seq-step`.

    Args:
        context: Whether the decoder gets the context ``"start"``, for its first state alone, or at
            ``"every step"``.
        feeding: What the decoder reads: the right tokens (``"teacher"``), or its ``"own"``.
        labels: What the encoder reads and what the decoder writes, four short strings each; the
            decoder reads a start and the first three of the latter.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: An unknown context or feeding, or labels that are not four and four.

    Alternative text: On the left four boxes of the encoder, each of which takes an input and hands
    its hidden state to the next. An arrow leads from the last one to a box c, the context, and from
    there to the first of four boxes of the decoder, each of which reads a token, hands its state to
    the next, and writes a token. Where the context is given at every step, a line leads from c
    under all boxes of the decoder and up into each. With teacher forcing each box reads the right
    token before; running freely, a line leads from each token written to the next box.
    """
    if context not in ("start", "every step"):
        raise ValueError(f"context must be 'start' or 'every step'; got {context!r}")
    if feeding not in ("teacher", "own"):
        raise ValueError(f"feeding must be 'teacher' or 'own'; got {feeding!r}")
    if labels is not None and [len(part) for part in labels] != [_STEPS, _STEPS]:
        counts = " and ".join(str(len(part)) for part in labels)
        raise ValueError(f"labels must be {_STEPS} and {_STEPS} strings; got {counts}")
    canvas = Canvas(14, 6.5 if labels is None else 7.1, ax)
    last = _encoder(canvas, labels[0] if labels else None)
    h = role("hidden").colour
    c = canvas.box(6.35, _BOXES, 0.9, 0.9, "$c$", h, size=LARGE, fill=False)
    canvas.text(6.35, _BOXES + 1.0, "context", SMALL, MUTED)
    canvas.wire([(last, _BOXES), c.left], h)
    places = [8.0 + 1.65 * step for step in range(_STEPS)]
    canvas.panel(7.25, 1.75, 13.75, 4.45)
    canvas.text(7.5, 6.1 if labels is None else 6.7, "decoder", NORMAL, MUTED, ha="left")
    _decoder(canvas, places, feeding, labels[1] if labels else None)
    canvas.wire([c.right, (places[0] - _SIZE / 2, _BOXES)], h)
    if context == "every step":
        _rail(canvas, places)
    return canvas.ax


def _encoder(canvas: Canvas, labels: Sequence[str] | None) -> float:
    """Draw the encoder; return where its last box ends."""
    x, h = role("input").colour, role("hidden").colour
    canvas.panel(0.25, 1.75, 5.55, 4.45)
    canvas.text(0.5, 4.85, "encoder", NORMAL, MUTED, ha="left")
    places = [1.0 + 1.27 * step for step in range(_STEPS)]
    for step, here in enumerate(places, 1):
        canvas.box(here, _BOXES, _SIZE, _SIZE, f"$h_{step}$", h, size=LARGE)
        canvas.text(here, _READ, f"$x_{step}$", LARGE, x)
        canvas.wire([(here, _READ + 0.35), (here, _BOXES - _SIZE / 2)], x)
        if labels is not None:
            canvas.text(here, _LABELS, labels[step - 1], SMALL)
        if step > 1:
            canvas.wire([(here - 1.27 + _SIZE / 2, _BOXES), (here - _SIZE / 2, _BOXES)], h)
    return places[-1] + _SIZE / 2


def _decoder(
    canvas: Canvas, places: Sequence[float], feeding: Feeding, labels: Sequence[str] | None
) -> None:
    """Draw the decoder's boxes with what they read and write, without the context."""
    x, h = role("input").colour, role("hidden").colour
    side = 0.25  # the token's wire stands left of the middle, the context's right of it
    for step, here in enumerate(places, 1):
        canvas.box(here, _BOXES, _SIZE, _SIZE, f"$s_{step}$", h, size=LARGE)
        canvas.text(here, _WRITTEN, rf"$\hat y_{step}$", LARGE, INK)
        canvas.wire([(here, _BOXES + _SIZE / 2), (here, _WRITTEN - 0.4)], h)
        if labels is not None:
            canvas.text(here, _WRITTEN + 0.75, labels[step - 1], SMALL)
        if step > 1:
            left = places[step - 2]
            canvas.wire([(left + _SIZE / 2, _BOXES), (here - _SIZE / 2, _BOXES)], h)
        if step == 1 or feeding == "teacher":
            canvas.text(here - side, _READ, f"$y_{step - 1}$", LARGE, x)
            canvas.wire([(here - side, _READ + 0.35), (here - side, _BOXES - _SIZE / 2)], x)
            if labels is not None:
                read = "start" if step == 1 else labels[step - 2]
                canvas.text(here - side, _LABELS, read, SMALL)
        else:
            _feed_back(canvas, places[step - 2], here - side)


def _feed_back(canvas: Canvas, wrote: float, reads: float) -> None:
    """Draw the way of a token from where it was written to the next box."""
    x = role("input").colour
    between, high, low = wrote + 0.67, _WRITTEN, 1.95
    above = [(wrote + 0.3, high), (between, high), (between, _BOXES - 0.25)]
    canvas.wire(above, x, arrow=False, crossing=(between, _BOXES))
    below = [(between, _BOXES - 0.2), (between, low), (reads, low), (reads, _BOXES - _SIZE / 2)]
    canvas.wire(below, x, crossing=(between, _RAIL), bend=0.15)


def _rail(canvas: Canvas, places: Sequence[float]) -> None:
    """Draw the context's way to every step."""
    h, side = role("hidden").colour, 0.25
    ends = [here + side for here in places]
    start = (6.35, _BOXES - 0.45)
    canvas.wire([start, (6.35, _RAIL), (ends[-1], _RAIL), (ends[-1], _BOXES - _SIZE / 2)], h)
    for end in ends[:-1]:
        canvas.dot(end, _RAIL, h)
        canvas.wire([(end, _RAIL), (end, _BOXES - _SIZE / 2)], h)
