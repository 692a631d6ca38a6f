"""The map of the course."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import NORMAL, SMALL, Canvas
from rnnlab.palette import FAINT, INK, MUTED, ROLES


@dataclass(frozen=True)
class _Chapter:
    """A chapter on the map: its title, the question it answers, its colour."""

    title: str
    question: str
    colour: str


CHAPTERS = (
    _Chapter("Recurrent\nnetworks", "How can a network\nread a sequence?", ROLES["hidden"].colour),
    _Chapter("LSTM", "How can it remember\nfor longer?", ROLES["lstm"].colour),
    _Chapter("GRU", "Can it do so with\nfewer gates?", ROLES["gru"].colour),
    _Chapter("Counting\nparameters", "What does\neach of them cost?", INK),
)
TO_COME = (
    "Shapes",
    "Directions\nand depth",
    "Gradients",
    "Encoder–\ndecoder",
    "Attention",
    "Language\nmodels",
)


def course_map(ax: Axes | None = None) -> Axes:
    """Draw the map of the course: the chapters that are there, and the parts to come.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Four boxes joined by arrows: recurrent networks, LSTM, GRU, counting
    parameters, each with the question it answers; below them six dashed boxes for the parts to
    come: shapes, directions and depth, gradients, encoder–decoder, attention, language models.
    """
    canvas = Canvas(14, 5.8, ax)
    width, step, y = 2.6, 3.6, 4.9
    previous = None
    for n, chapter in enumerate(CHAPTERS):
        x = 1.6 + n * step
        box = canvas.box(x, y, width, 1.3, chapter.title, chapter.colour, size=NORMAL)
        canvas.text(x, y - 1.15, chapter.question, SMALL)
        if previous is not None:
            canvas.wire([previous.right, box.left])
        previous = box

    low, width, step = 0.95, 2.0, 2.3
    canvas.text(0.3, low + 1.35, "to come", SMALL, MUTED, ha="left")
    canvas.wire([(1.8, low + 1.35), (13.7, low + 1.35)], FAINT, arrow=False, width=1.2)
    for n, title in enumerate(TO_COME):
        canvas.outline(1.25 + n * step, low, width, 1.2)
        canvas.text(1.25 + n * step, low, title, SMALL, MUTED)
    return canvas.ax
