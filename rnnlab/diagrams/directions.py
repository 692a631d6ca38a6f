"""Layers that read in both directions, and layers on top of layers.

Chapter both-directions.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, role

SENTENCE = ("wǒ", "ài", "zhōng", "guó")
"""The four characters of the course's Chinese example, as they are spoken: the figures' font has no
Chinese."""


def both_directions(labels: Sequence[str] = SENTENCE, ax: Axes | None = None) -> Axes:
    """Draw a layer that reads in both directions, unrolled over four steps.

    Equations `both-forward`, `both-backward` and `both-output`.

    Args:
        labels: What is fed in at each step, four short strings in Latin or Greek letters.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there are not four labels.

    Alternative text: Four inputs in a row at the bottom; each goes up into two boxes, one of a
    forward layer whose arrows run from left to right, and one of a backward layer whose arrows run
    from right to left, each starting from 0; at the top, the states of both boxes of a step stand
    side by side as the output of that step; the forward layer's final state leaves at the right
    end, the backward layer's at the left end.
    """
    if len(labels) != 4:
        raise ValueError(f"expected four labels; got {len(labels)}")
    canvas = Canvas(14, 8.9, ax)
    x, h = role("input").colour, role("hidden").colour
    forward, backward, top = 3.15, 5.35, 7.15  # heights of the two layers and of the outputs
    columns = [4.0 + 2.5 * step for step in range(4)]
    aside, size = 0.55, 1.0
    for middle, name in ((forward, "forward layer"), (backward, "backward layer")):
        canvas.panel(0.25, middle - 0.9, 13.8, middle + 0.9)
        canvas.text(0.5, middle + 0.6, name, SMALL, MUTED, ha="left")

    for step, (here, label) in enumerate(zip(columns, labels, strict=True), start=1):
        canvas.text(here, 0.45, label)
        canvas.text(here, 1.1, f"$x_{step}$", LARGE, x)
        canvas.dot(here, 1.75, x)
        canvas.wire([(here, 1.45), (here, 1.75)], x, arrow=False)
        left, right = here - aside, here + aside
        canvas.wire([(here, 1.75), (left, 1.75), (left, forward - 0.5)], x)
        canvas.wire(
            [(here, 1.75), (right, 1.75), (right, backward - 0.5)], x, crossing=(right, forward)
        )
        canvas.box(left, forward, size, 1.0, "RNN", h, size=SMALL)
        canvas.box(right, backward, size, 1.0, "RNN", h, size=SMALL, fill=False)
        canvas.wire([(left, forward + 0.5), (left, top)], h, crossing=(left, backward))
        canvas.wire([(right, backward + 0.5), (right, top)], h)
        for place, arrow in ((here - 1.1, "right"), (here, "left")):
            canvas.rectangle(place, top, 1.1, 0.9, h, 0.2 if arrow == "right" else 0.0, line=1.4)
            state = rf"$\overleftarrow{{h}}_{step}$".replace("left", arrow)
            canvas.text(place + 0.55, top + 0.4, state, LARGE, h)
    for step, here in enumerate(columns):  # from left to right below, from right to left above
        start = columns[step - 1] - aside + size / 2 if step else 2.45
        canvas.wire([(start, forward), (here - aside - size / 2, forward)], h)
        start = columns[step + 1] + aside - size / 2 if step < 3 else 12.95
        canvas.wire([(start, backward), (here + aside + size / 2, backward)], h)
    canvas.text(2.2, forward, "$0$", LARGE, h)
    canvas.text(13.2, backward, "$0$", LARGE, h)
    canvas.wire([(columns[3] - aside + size / 2, forward), (12.6, forward)], h)
    canvas.text(13.2, forward, "h_n[0]", SMALL, h, family="monospace")
    canvas.wire([(columns[0] + aside - size / 2, backward), (2.9, backward)], h)
    canvas.text(2.3, backward, "h_n[1]", SMALL, h, family="monospace")
    canvas.text(1.5, top + 0.4, "output", NORMAL)
    canvas.text(7.75, top + 1.4, "at every step, both states side by side: 2 H numbers", SMALL)
    return canvas.ax


def last_states(
    lengths: Sequence[int] = (4, 3), labels: Sequence[str] = SENTENCE, ax: Axes | None = None
) -> Axes:
    """Draw how many inputs each half of a bidirectional output has read, step by step.

    Args:
        lengths: Real steps of each sequence of a padded batch, one to three of them.
        labels: The steps, short strings in Latin or Greek letters; as many as the longest has.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the longest sequence has not one step for each label.

    Alternative text: For each sequence of a batch two rows of cells, one of the forward half and
    one of the backward half, with a column for each step; the numbers in the forward row rise from
    1 to the length, those in the backward row fall from the length to 1; the cell with the full
    length is dark in each row, at the last real step of the forward row and at the first step of
    the backward row; steps of padding are empty; a bracket over the last column says output[-1].
    """
    steps = len(labels)
    if not 1 <= len(lengths) <= 3 or max(lengths) != steps or min(lengths) < 1:
        raise ValueError(
            "expected one to three lengths, the greatest one the number of labels; "
            f"got lengths {list(lengths)}, {steps} labels"
        )
    wide, high, gap = 8.0 / steps, 0.8, 0.75
    canvas = Canvas(14, 2.3 + len(lengths) * (2 * high + gap), ax)
    h, left = role("hidden").colour, 4.4
    low = 0.75
    for sequence in reversed(range(len(lengths))):
        length = lengths[sequence]
        canvas.text(0.3, low + high, f"{length} steps", NORMAL, ha="left")
        for row, name in ((1, "forward half"), (0, "backward half")):
            y = low + row * high
            canvas.text(4.1, y + high / 2, name, SMALL, ha="right")
            for step in range(steps):
                read = (step + 1 if row else length - step) if step < length else 0
                amount = 0.6 if read == length else 0.15 if read else 0.0
                canvas.rectangle(left + step * wide, y, wide, high, h, amount, line=1.2)
                text = str(read) if read else "padding"
                where = (left + (step + 0.5) * wide, y + high / 2)
                canvas.text(*where, text, NORMAL if read else SMALL, INK if read else MUTED)
        low += 2 * high + gap
    for step, label in enumerate(labels):
        canvas.text(left + (step + 0.5) * wide, low - gap + 0.35, label)
    canvas.brace(
        left + (steps - 1) * wide + 0.1, left + steps * wide - 0.1, low + 0.3, "output[-1]"
    )
    canvas.text(left, 0.3, "in each cell: how many inputs it has read; dark: h_n", SMALL, ha="left")
    return canvas.ax


def stacked_layers(
    num_layers: int = 2, *, dropout: bool = True, steps: int = 4, ax: Axes | None = None
) -> Axes:
    """Draw recurrent layers on top of each other, unrolled over time.

    Equation `stack`.

    Args:
        num_layers: One to three.
        dropout: Whether to draw the dropout between the layers.
        steps: The number of time steps, 2 to 5.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If a number is out of range.

    Alternative text: Two rows of boxes, one row for each layer, with arrows from left to right
    within a row; at each step an arrow leads from the input into layer 1, from layer 1 through a
    box with the word dropout into layer 2, and from layer 2 up to the output, without dropout; at
    the right end the state of layer 1 is h_n[0] and that of layer 2 is h_n[1].
    """
    if not 1 <= num_layers <= 3 or not 2 <= steps <= 5:
        raise ValueError(
            f"expected 1 to 3 layers and 2 to 5 steps; got {num_layers} layers, {steps} steps"
        )
    x, h = role("input").colour, role("hidden").colour
    rise = 2.5 if dropout else 1.9
    first, low, size = 2.0, 0.55, 1.3
    top = first + (num_layers - 1) * rise + 1.5
    canvas = Canvas(14, top + 1.3, ax)
    columns = [3.2 + step * 8.0 / (steps - 1) for step in range(steps)]
    for layer in range(num_layers):
        y = first + layer * rise
        canvas.text(0.3, y, f"layer {layer + 1}", NORMAL, ha="left")
        for step, here in enumerate(columns):
            canvas.box(here, y, size, 1.0, "RNN", h, size=SMALL)
            start = columns[step - 1] + size / 2 if step else 2.1
            canvas.wire([(start, y), (here - size / 2, y)], h)
            above = y + rise - 0.5 if layer < num_layers - 1 else top - 0.5
            if dropout and layer < num_layers - 1:
                middle = y + rise / 2
                canvas.box(here, middle, 1.6, 0.56, "dropout", MUTED, size=SMALL, fill=False)
                canvas.wire([(here, y + 0.5), (here, middle - 0.28)], h)
                canvas.wire([(here, middle + 0.28), (here, above)], h)
            else:
                canvas.wire([(here, y + 0.5), (here, above)], h)
        canvas.text(1.85, y, "$0$", LARGE, h)
        canvas.wire([(columns[-1] + size / 2, y), (12.55, y)], h)
        canvas.text(13.2, y, f"h_n[{layer}]", SMALL, h, family="monospace")
    for step, here in enumerate(columns, start=1):
        canvas.text(here, low, f"$x_{step}$", LARGE, x)
        canvas.wire([(here, low + 0.35), (here, first - 0.5)], x)
        canvas.text(here, top, rf"$h^{{({num_layers})}}_{step}$", LARGE, h)
    canvas.text(0.3, top, "output", NORMAL, ha="left")
    canvas.text(0.3, top + 0.85, "output: every step of the last layer", SMALL, MUTED, ha="left")
    canvas.text(13.8, top + 0.85, "h_n: last step of every layer", SMALL, MUTED, ha="right")
    return canvas.ax
