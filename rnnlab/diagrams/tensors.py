"""Pictures of vectors, stored weights and axes."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import GATES, MUTED, role


def gate(
    values: Sequence[float] = (1, 2, 3),
    opening: Sequence[float] = (0, 0.5, 1),
    ax: Axes | None = None,
) -> Axes:
    """Draw what a gate does: a vector times the gate's opening, element by element.

    Args:
        values: The vector; two to five numbers.
        opening: The gate's value for each of them, in [0, 1].
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the lengths differ or an opening lies outside [0, 1].

    Alternative text: Three columns of numbers: the vector 1, 2, 3 times the gate 0, 0.5, 1, element
    by element, gives 0, 1, 3; where the gate is 0 nothing passes, where it is 1 all passes.
    """
    if len(values) != len(opening) or not 2 <= len(values) <= 5:
        raise ValueError(
            "expected two to five values and one opening for each; "
            f"got {len(values)} values, {len(opening)} openings"
        )
    if any(not 0 <= share <= 1 for share in opening):
        raise ValueError(f"an opening must lie in [0, 1]; got {list(opening)}")
    count, row, wide, high = len(values), 1.25, 1.5, 0.95
    canvas = Canvas(14, count * row + 1.45, ax)
    h, f = role("hidden").colour, role("forget").colour
    places = (2.3, 6.1, 9.9)
    heading = count * row + 0.75
    for x, word in zip(places, ("vector", "gate", "result"), strict=True):
        canvas.text(x, heading, word)
    canvas.text(4.2, heading, r"$\odot$", 18)
    canvas.text(8.0, heading, "$=$", 18)
    for n, (value, share) in enumerate(zip(values, opening, strict=True)):
        y = row * (count - n - 0.5) + 0.1
        before = canvas.box(places[0], y, wide, high, colour=h, fill=False)
        after = canvas.box(places[2], y, wide, high, colour=h, fill=False)
        left, low = places[1] - wide / 2, y - high / 2
        shutter = canvas.rectangle(left, low, wide, high, f, 0.0, line=1.6)
        if share < 1:  # what is shut
            shut = (wide - 0.08) * (1 - share)
            canvas.rectangle(left + 0.04, low + 0.04, shut, high - 0.08, f, 0.35, line=0.0)
        canvas.wire([before.right, shutter.left], h, width=2.4)
        if share > 0:
            canvas.wire([shutter.right, after.left], h, width=0.8 + 1.6 * share)
        for x, number in zip(places, (value, share, value * share), strict=True):
            canvas.text(x, y, f"{number:g}", 13)
        word = "shut" if share == 0 else "open" if share == 1 else f"{share:.0%} open"
        canvas.text(11.1, y, word, NORMAL, MUTED, ha="left")
    return canvas.ax


def weight_block(kind: str = "lstm", ax: Axes | None = None) -> Axes:
    """Draw the stored weights of one layer: matrices, biases, and the order of the gates in them.

    Equations `count-matrices`, `count-gates` and `count-biases`.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is no such kind of model.

    Alternative text: Two matrices side by side, weight_ih with x columns and weight_hh with h
    columns, then two bias columns; their rows are stacked in blocks of h rows, one per gate, in the
    order in which PyTorch stores them.
    """
    if kind not in GATES:
        raise ValueError(f"kind must be one of {', '.join(GATES)}; got {kind!r}")
    keys = GATES[kind]
    block, bottom = 1.15, 0.35
    top = bottom + block * len(keys)
    canvas = Canvas(14, top + 1.75, ax)
    for name, x, width in (
        ("weight_ih", 2.95, 2.4),
        ("weight_hh", 5.75, 3.8),
        ("bias_ih", 10.35, 0.4),
        ("bias_hh", 11.95, 0.4),
    ):
        canvas.text(x + width / 2, top + 1.35, name, SMALL, family="monospace")
        if name.startswith("weight"):
            size = "$x$" if name == "weight_ih" else "$h$"
            canvas.measure((x, top + 0.25), (x + width, top + 0.25))
            canvas.text(x + width / 2, top + 0.7, f"{size} columns", SMALL)
        for n, key in enumerate(keys):
            y = top - block * (n + 1)
            canvas.rectangle(x, y, width, block, role(key).colour, 0.22, line=1.4)
            if name.startswith("weight"):
                index = f"{'x' if name == 'weight_ih' else 'h'}{_letter(kind, key)}"
                canvas.text(x + width / 2, y + block / 2, f"$W_{{{index}}}$", LARGE)
    for n, key in enumerate(keys):
        y = top - block * (n + 0.5)
        look = role(key)
        canvas.text(0.3, y, f"${_letter(kind, key)}_t$", LARGE, look.colour, ha="left")
        canvas.text(0.95, y, look.name.replace(" ", "\n"), SMALL, ha="left")
        canvas.measure((12.75, y - block / 2), (12.75, y + block / 2))
        canvas.text(12.95, y, "$h$ rows", SMALL, ha="left")
    return canvas.ax


def _letter(kind: str, key: str) -> str:
    """Return the letter of a role as the index of a weight: i, f, g, o, r, z, n or h."""
    return role(key).symbol_in(kind)[1]


def lstm_axes(batch_first: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the axes of ``nn.LSTM(5, 6, 1)`` on four time steps, three sequences, five features.

    Args:
        batch_first: False for the input (4, 3, 5), time first; True for (3, 4, 5), batch first.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: The input is a block of four slabs, one per time step, each with three rows,
    one per sequence of the batch, and five columns, one per feature; the output has six columns,
    one per hidden unit, and its last slab is h_n; h_n and c_n are one slab each, of three rows and
    six columns.
    """
    slabs, rows = (3, 4) if batch_first else (4, 3)
    deep, down = ("batch 3", "time 4") if batch_first else ("time 4", "batch 3")
    canvas = Canvas(14, 8.1, ax)
    cell, across, up, bottom = 0.36, 0.5, 0.34, 4.3
    x, h, c = role("input").colour, role("hidden").colour, role("cell").colour

    def slab(left: float, low: float, height: int, columns: int, colour: str, last: int) -> None:
        """Draw one matrix, of which the ``last`` rows from below belong to the last time step."""
        for row in range(height):
            amount = 0.62 if row < last else 0.18
            for column in range(columns):
                place = (left + column * cell, low + row * cell)
                canvas.rectangle(*place, cell, cell, colour, amount, line=0.8)

    def block(left: float, columns: int, colour: str, title: str, wide: str) -> None:
        """Draw the slabs from the first, at the back, to the last, in front, and measure them."""
        for n in reversed(range(slabs)):
            last = 0 if title == "input" else 1 if batch_first else rows if n == 0 else 0
            slab(left + n * across, bottom + n * up, rows, columns, colour, last)
        depth = ((slabs - 1) * across, (slabs - 1) * up)
        low, high = bottom + depth[1], bottom + depth[1] + rows * cell
        start, stop = left + depth[0], left + depth[0] + columns * cell
        canvas.measure((start, high + 0.2), (stop, high + 0.2))
        canvas.text((start + stop) / 2, high + 0.52, f"{wide} {columns}", SMALL)
        canvas.measure((stop + 0.2, low), (stop + 0.2, high))
        canvas.text(stop + 0.38, (low + high) / 2, down, SMALL, ha="left")
        canvas.wire(
            [(start - 0.2, high + 0.1), (left - 0.2, high - depth[1] + 0.1)], MUTED, width=1.2
        )
        canvas.text(left + depth[0] / 2 - 0.4, high - depth[1] / 2 + 0.3, deep, SMALL, ha="right")
        shape = (3, 4, columns) if batch_first else (4, 3, columns)
        canvas.text((left + stop) / 2, high + 1.2, f"{title} {shape}", SMALL, family="monospace")

    y = bottom + cell
    block(1.6, 5, x, "input", "features")
    block(8.6, 6, h, "output", "units")
    layer = canvas.box(6.75, y, 1.7, 1.0, "LSTM", role("lstm").colour)
    canvas.wire([(4.05, y), layer.left], x)
    canvas.wire([layer.right, (8.6, y)], h)
    for name, left, colour in (("c_n", 5.67, c), ("h_n", 8.6, h)):
        slab(left, 1.0, 3, 6, colour, 3)
        canvas.text(left + 3 * cell, 0.5, f"{name} (1, 3, 6)", SMALL, family="monospace")
    canvas.wire([layer.bottom, (6.75, 1.0 + 3 * cell)], c)
    canvas.wire([(8.6 + 3 * cell, bottom), (8.6 + 3 * cell, 1.0 + 3 * cell)], h)
    canvas.text(8.6 + 3 * cell + 0.25, 3.2, "the last step", SMALL, MUTED, ha="left")
    return canvas.ax
