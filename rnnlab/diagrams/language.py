"""Pictures of language models: what a prediction can see, and the tree of a beam.

Chapter language-models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import FAINT, INK, MUTED, role

STEPS = 5
"""The tokens before the one that is predicted."""


def two_memories(order: int = 3, ax: Axes | None = None) -> Axes:
    """Draw what the next token is predicted from: by an n-gram model, and by a recurrent network.

    Equations `lm-markov` and `lm-state`.

    Args:
        order: Of the n-gram model, from 2 to 5.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the order is another.

    Alternative text: Above, five boxes with tokens and a sixth with a question mark. Dark arrows
    lead to it from the last tokens, as many as the order less one; the tokens before them are grey.
    Below, the same five tokens each have an arrow up into a box with a hidden state. The hidden
    states form a chain from left to right, and only the last of them has an arrow to the question
    mark.
    """
    if not 2 <= order <= STEPS:
        raise ValueError(f"expected an order from 2 to {STEPS}; got {order}")
    canvas = Canvas(14, 8.1, ax)
    x, h = role("input").colour, role("hidden").colour
    columns = [1.5 + 2.2 * k for k in range(STEPS + 1)]
    names = [f"$x_{{t-{k}}}$" for k in range(STEPS - 1, 0, -1)] + ["$x_t$"]

    canvas.text(0.4, 7.6, f"a {order}-gram model: a window of {order - 1}", NORMAL, ha="left")
    for k, (here, name) in enumerate(zip(columns[:-1], names, strict=True)):
        seen = k >= STEPS - order + 1
        canvas.box(here, 5.3, 1.2, 0.9, "", x if seen else FAINT, fill=False)
        canvas.text(here, 5.3, name, LARGE, x if seen else FAINT)
    canvas.box(columns[-1], 5.3, 1.2, 0.9, "?", INK, size=LARGE)
    for k in range(STEPS - order + 1, STEPS):
        high = 6.15 + 0.3 * (STEPS - 1 - k)
        tip = columns[-1] - 0.3 * (STEPS - 1 - k) + 0.4
        if k == STEPS - 1:
            canvas.wire([(columns[k] + 0.6, 5.3), (columns[-1] - 0.6, 5.3)], x)
        else:
            canvas.wire([(columns[k], 5.75), (columns[k], high), (tip, high), (tip, 5.75)], x)

    canvas.text(0.4, 3.9, "a recurrent network: a state", NORMAL, ha="left")
    for k, (here, name) in enumerate(zip(columns[:-1], names, strict=True)):
        canvas.box(here, 2.75, 1.2, 0.9, name.replace("x", "h"), h, size=NORMAL)
        canvas.text(here, 0.75, name, LARGE, x)
        canvas.wire([(here, 1.2), (here, 2.3)], x)
        start = columns[k - 1] + 0.6 if k else 0.2
        canvas.wire([(start, 2.75), (here - 0.6, 2.75)], h)
    canvas.box(columns[-1], 2.75, 1.2, 0.9, "?", INK, size=LARGE)
    canvas.wire([(columns[-2] + 0.6, 2.75), (columns[-1] - 0.6, 2.75)], h)
    return canvas.ax


@dataclass(frozen=True)
class Branch:
    """A token that a beam has looked at.

    Attributes:
        parent: The place of what it continues, in the level before; 0 in the first level.
        token: What is written in its box.
        log_p: The log-probability of the beginning that ends with it, in nats.
        kept: Whether the beam goes on from it.
    """

    parent: int
    token: str
    log_p: float
    kept: bool


def beam_tree(
    levels: Sequence[Sequence[Branch]], start: str = "start", ax: Axes | None = None
) -> Axes:
    """Draw the tree that a beam search goes through, one column for each token.

    Equation `lm-beam`.

    Args:
        levels: The tokens looked at after one step, two steps and so on: at least one level and at
            most five.
        start: What stands before the first token.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there are no levels, too many, or a parent that is not there.

    Alternative text: A tree that grows from left to right. The box on the left holds the start;
    each further column holds the tokens that were tried, with the log-probability of the whole
    beginning beside each. The beginnings that the beam keeps have filled boxes and dark lines; the
    others are only outlined, and nothing grows from them.
    """
    if not 1 <= len(levels) <= 5 or any(not level for level in levels):
        raise ValueError(f"expected one to five levels with a token each; got {len(levels)}")
    for before, level in zip([[None], *levels[:-1]], levels, strict=True):
        wrong = [branch.parent for branch in level if not 0 <= branch.parent < len(before)]
        if wrong:
            raise ValueError(f"expected parents below {len(before)}; got {wrong}")
    most = max(len(level) for level in levels)
    height = 1.1 * most + 1.0
    canvas = Canvas(14, height, ax)
    colour, step = role("hidden").colour, 11.6 / len(levels)
    middle = height / 2
    canvas.box(1.3, middle, 1.9, 0.8, start, INK, size=SMALL)
    right = [(2.25, middle)]
    for depth, level in enumerate(levels, start=1):
        column, ends = 1.3 + step * depth - 0.6, []
        for place, branch in enumerate(level):
            y = middle + 1.1 * ((len(level) - 1) / 2 - place)
            look = colour if branch.kept else MUTED
            canvas.box(column, y, 0.9, 0.7, branch.token, look, fill=branch.kept)
            canvas.text(
                column + 0.55, y, f"{branch.log_p:.2f}".replace("-", "−"), SMALL, look, ha="left"
            )
            canvas.wire(
                [right[branch.parent], (column - 0.45, y)],
                look if branch.kept else FAINT,
                arrow=False,
                width=2.2 if branch.kept else 1.1,
            )
            ends.append((column + 1.55, y))
        right = ends
    return canvas.ax
