"""What is decided before training: which cell to take, and which weights to start from."""

from typing import NamedTuple

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, ROLES


class _Leaf(NamedTuple):
    """An end of the tree: the answer that leads there, the choice, its colour, what says so."""

    answer: str
    choice: str
    colour: str
    measured: str


class _Branch(NamedTuple):
    """An answer to the first question, the next question, and the two ends below it."""

    answer: str
    question: str
    leaves: tuple[_Leaf, _Leaf]


_RNN = ROLES["rnn"].colour
FIRST = "Where does an answer come from?"
BRANCHES = (
    _Branch(
        "from what is near,\nat every step",
        "How much text, how long?",
        (
            _Leaf(
                "little,\nshort", "RNN", _RNN,
                "choosing, text:\nahead at equal\ntime and equal\nparameters",
            ),
            _Leaf(
                "more\nof both", "LSTM or GRU", INK,
                "predicting:\nat 256 units the\nRNN loses to\nboth of them",
            ),
        ),
    ),
    _Branch(
        "from the whole,\nafter the last step",
        "How far must it be carried?",
        (
            _Leaf(
                "over\nwords", "GRU and LSTM", INK,
                "choosing, intents:\nthe RNN is far\nbehind, these two\nare close",
            ),
            _Leaf(
                "tens of\nsteps", "GRU, or\nLSTM, bias 3", INK,
                "remembering, order:\nGRU solves gap 50;\ngaps: bias 3 solves\n20, bias 0 does not",
            ),
        ),
    ),
)  # fmt: skip


def which_cell(ax: Axes | None = None) -> Axes:
    """Draw the decision guide: two questions, four ends, and the measurement behind each.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: A tree. The first question is where an answer comes from. If from what is
    near, at every step, the next question is how much text there is and how long the training is:
    little and short leads to the RNN, more of both to LSTM or GRU. If from the whole, after the
    last step, the next question is how far something must be carried: over words leads to GRU and
    LSTM, both to be tried; tens of steps to the GRU, or the LSTM with a forget bias of 3. Below
    each end stands the measurement behind it.
    """
    canvas = Canvas(14, 9.9, ax)
    first = canvas.box(7, 9.2, 6.4, 0.9, FIRST, fill=False)
    for branch, x in zip(BRANCHES, (3.6, 10.4), strict=True):
        side = -1 if x < 7 else 1
        question = canvas.box(x, 6.6, 5.6, 0.9, branch.question, fill=False)
        start = (first.x + side * 1.6, first.bottom[1])
        canvas.wire([start, (start[0], 8.4), (x, 8.4), question.top])
        where, place = ("right", x - 0.2) if side < 0 else ("left", x + 0.2)
        canvas.text(place, 7.7, branch.answer, SMALL, ha=where, va="center")
        for leaf, side in zip(branch.leaves, (-1, 1), strict=True):
            here = x + side * 1.7
            choice = canvas.box(here, 3.95, 2.95, 1.2, leaf.choice, leaf.colour)
            start = (x + side * 0.9, question.bottom[1])
            canvas.wire([start, (start[0], 5.8), (here, 5.8), choice.top])
            where, place = ("right", here - 0.2) if side < 0 else ("left", here + 0.2)
            canvas.text(place, 5.1, leaf.answer, SMALL, ha=where, va="center")
            canvas.text(here, 2.15, leaf.measured, SMALL, MUTED, va="center", spacing=1.35)
    canvas.text(7, 0.45, "Grey: the result file, and what it shows", SMALL, MUTED)
    return canvas.ax


def handed_on(ax: Axes | None = None) -> Axes:
    """Draw which parts of a language model a classifier starts from.

    Equations `pretraining-model` and `pretraining-classifier`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Two networks side by side, each an embedding, above it a GRU, above that a
    linear layer. Left, the language model, which reads text without labels and predicts the next
    token. Right, the classifier, which reads an utterance and predicts what it asks for. Arrows
    lead from the left embedding and GRU to those on the right, marked "copied". The left linear
    layer leads nowhere; the right one is new.
    """
    canvas = Canvas(14, 8.6, ax)
    x, h = ROLES["input"].colour, ROLES["hidden"].colour
    left, right, width = 3.0, 11.0, 3.6
    rows = {"embedding": 2.2, "GRU": 4.0, "linear layer": 5.8}
    columns = (
        (left, "text without labels", "the next token", "language model"),
        (right, "a few utterances", "what it asks for", "classifier"),
    )
    parts = {}
    for here, reads, answers, name in columns:
        canvas.text(here, 8.1, name, NORMAL, weight="bold")
        canvas.text(here, 0.6, reads, NORMAL, x)
        canvas.text(here, 7.2, answers, NORMAL)
        for part, y in rows.items():
            last = part == "linear layer"
            box = canvas.box(here, y, width, 0.9, part, INK if last else h, fill=not last)
            parts[here, part] = box
        canvas.wire([(here, 0.95), parts[here, "embedding"].bottom], x)
        canvas.wire([parts[here, "embedding"].top, parts[here, "GRU"].bottom], h)
        canvas.wire([parts[here, "GRU"].top, parts[here, "linear layer"].bottom], h)
        canvas.wire([parts[here, "linear layer"].top, (here, 6.9)])
    for part, symbol in (("embedding", "$E$"), ("GRU", r"$\theta$")):
        begin, end = parts[left, part].right, parts[right, part].left
        canvas.wire([begin, end], h)
        canvas.text(7, begin[1] + 0.4, "copied", SMALL, h)
        canvas.text(7, begin[1] - 0.5, symbol, LARGE, h)
    canvas.text(left + 2.05, 5.8, "thrown away", SMALL, MUTED, ha="left")
    canvas.text(right - 2.05, 5.8, "new", SMALL, MUTED, ha="right")
    return canvas.ax
