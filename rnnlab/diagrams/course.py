"""The map of the course."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import NORMAL, SMALL, Canvas
from rnnlab.palette import INK, ROLES


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
    _Chapter("The four\nshapes", "What goes in and\nwhat comes out?", ROLES["input"].colour),
    _Chapter("Directions\nand depth", "What if it reads both\nways, or in layers?", INK),
    _Chapter("Encoder–\ndecoder", "How can it write\nanother sequence?", ROLES["cell"].colour),
    _Chapter("Attention", "Where should it look\nas it writes?", ROLES["attention"].colour),
    _Chapter("Learning\nthrough time", "How does it learn\nacross a gap?", INK),
    _Chapter("Making it\nfast", "Why is it slow,\nand must it be?", ROLES["update"].colour),
)
_IN_A_ROW = 4


def course_map(ax: Axes | None = None) -> Axes:
    """Draw the map of the course: its chapters, in the order in which they build on each other.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Three rows of boxes, joined by arrows within a row, each with the question it
    answers: recurrent networks, LSTM, GRU, counting parameters; then the four shapes, directions
    and depth, encoder–decoder, attention; then learning through time, making it fast.
    """
    canvas = Canvas(14, 8.6, ax)
    width, step, down, top = 2.6, 3.6, 3.1, 7.8
    previous = None
    for n, chapter in enumerate(CHAPTERS):
        row, column = divmod(n, _IN_A_ROW)
        x, y = 1.6 + column * step, top - row * down
        box = canvas.box(x, y, width, 1.3, chapter.title, chapter.colour, size=NORMAL)
        canvas.text(x, y - 1.15, chapter.question, SMALL)
        if previous is not None and column:
            canvas.wire([previous.right, box.left])
        previous = box
    return canvas.ax
