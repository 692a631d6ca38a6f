"""The map of the course."""

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import NORMAL, SMALL, Canvas
from rnnlab.palette import INK, ROLES


@dataclass(frozen=True)
class _Part:
    """A part of the course: the question that it answers, its chapters and their colours."""

    question: str
    chapters: tuple[tuple[str, str], ...]


PARTS = (
    _Part(
        "How can a network read a sequence, and remember what it has read?",
        (
            ("Recurrent\nnetworks", ROLES["hidden"].colour),
            ("LSTM", ROLES["lstm"].colour),
            ("GRU", ROLES["gru"].colour),
            ("Counting\nparameters", INK),
        ),
    ),
    _Part(
        "What may go in, what may come out, and where should it look?",
        (
            ("The four\nshapes", ROLES["input"].colour),
            ("Directions\nand depth", INK),
            ("Encoder–\ndecoder", ROLES["cell"].colour),
            ("Attention", ROLES["attention"].colour),
        ),
    ),
    _Part(
        "How does it learn across a gap, and why is it slow?",
        (
            ("Learning\nthrough time", INK),
            ("Making it\nfast", ROLES["update"].colour),
        ),
    ),
    _Part(
        "What can it do, which one to take, and which claims are true?",
        (
            ("Language\nmodels", ROLES["hidden"].colour),
            ("What they\nremember", ROLES["forget"].colour),
            ("Pretraining", ROLES["input_gate"].colour),
            ("Which\ncell?", ROLES["gru"].colour),
            ("Claims,\nmeasured", INK),
        ),
    ),
)


def course_map(ax: Axes | None = None) -> Axes:
    """Draw the map of the course: its parts and chapters, which build on each other.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Four rows of boxes joined by arrows, each row under the question it answers.
    How can a network read and remember: recurrent networks, LSTM, GRU, counting parameters. What
    may go in and come out: the four shapes, directions and depth, encoder–decoder, attention. How
    does it learn, and why is it slow: learning through time, making it fast. What can it do:
    language models, what they remember, pretraining, which cell, claims measured.
    """
    width, step, down = 2.3, 2.8, 2.4
    canvas = Canvas(14, len(PARTS) * down + 0.1, ax)
    for row, part in enumerate(PARTS):
        y = (len(PARTS) - row) * down - 1.4
        canvas.text(7, y + 1.1, part.question, SMALL)
        first = 7 - (len(part.chapters) - 1) * step / 2
        boxes = [
            canvas.box(first + n * step, y, width, 1.2, title, colour, size=NORMAL)
            for n, (title, colour) in enumerate(part.chapters)
        ]
        for one, other in pairwise(boxes):
            canvas.wire([one.right, other.left])
    return canvas.ax
