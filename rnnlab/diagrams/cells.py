"""The vanilla RNN cell and the LSTM cell, one time step each."""

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, Canvas
from rnnlab.palette import INK, MUTED, role

X, H, C = role("input").colour, role("hidden").colour, role("cell").colour

LSTM_EQUATIONS = {
    "forget": r"$f_t=\sigma(W_{xf}x_t+b_{xf}+W_{hf}h_{t{-}1}+b_{hf})$",
    "input": r"$i_t=\sigma(W_{xi}x_t+b_{xi}+W_{hi}h_{t{-}1}+b_{hi})$",
    "candidate": r"$g_t=\tanh(W_{xg}x_t+b_{xg}+W_{hg}h_{t{-}1}+b_{hg})$",
    "cell": r"$c_t=f_t\odot c_{t{-}1}+i_t\odot g_t$",
    "output": r"$o_t=\sigma(W_{xo}x_t+b_{xo}+W_{ho}h_{t{-}1}+b_{ho}),\quad h_t=o_t\odot\tanh(c_t)$",
}
"""What stands below the picture when a part is highlighted."""

GATES = {"forget": 3.4, "input_gate": 5.25, "candidate": 7.1, "output": 9.15}
"""Where the box of each gate stands."""


def cell_canvas(
    height: float, ax: Axes | None, highlight: str | None, equations: dict[str, str]
) -> tuple[Canvas, float]:
    """Return a canvas for a cell, and how much of its foot the highlighted equation takes.

    Args:
        height: Of the picture without an equation.
        ax: Where to draw; a new figure if none is given.
        highlight: The part that keeps its colours, or None.
        equations: The parts that may be highlighted, with their equations.

    Raises:
        ValueError: If there is no part called ``highlight``.
    """
    if highlight is None:
        return Canvas(14, height, ax), 0.0
    if highlight not in equations:
        expected = ", ".join(repr(part) for part in equations)
        raise ValueError(f"highlight must be None or one of {expected}; got {highlight!r}")
    foot = 1.0
    canvas = Canvas(14, height + foot, ax, highlight)
    canvas.text(7, 0.6, equations[highlight], LARGE)
    return canvas, foot


def rnn_cell(ax: Axes | None = None) -> Axes:
    """Draw the vanilla RNN cell (Equations `rnn-concat` and `rnn-cell`).

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: The hidden state of the step before comes in from the left and the input from
    below; they are joined into one vector, pass one linear layer and tanh, and leave as the new
    hidden state, both to the next step on the right and to the output layer above.
    """
    canvas = Canvas(14, 5.8, ax)
    y = 2.9
    canvas.panel(1.75, 1.3, 12.25, 4.5)
    canvas.text(0.85, y, "$h_{t{-}1}$", LARGE, H)
    canvas.text(2.6, 0.45, "$x_t$", LARGE, X)
    canvas.wire([(1.4, y), (2.6, y)], H, arrow=False)
    canvas.wire([(2.6, 0.85), (2.6, y)], X, arrow=False)
    linear = canvas.box(6.3, y, 2.6, 1.1, r"$W[x_t;\,h_{t{-}1}]+b$", fill=False, size=NORMAL)
    canvas.wire([(2.6, y), linear.left])
    canvas.dot(2.6, y)
    canvas.text(3.8, y + 0.4, r"$[x_t;\,h_{t{-}1}]$", NORMAL)
    canvas.text(3.8, y - 0.4, "joined", SMALL, MUTED)
    squash = canvas.box(9.4, y, 1.6, 1.1, "tanh", H)
    canvas.wire([linear.right, squash.left])
    canvas.text(6.3, y - 0.95, "one linear layer", SMALL, MUTED)
    canvas.text(9.4, y - 0.95, "into (−1, 1)", SMALL, MUTED)
    canvas.wire([squash.right, (12.75, y)], H)
    canvas.wire([(11.4, y), (11.4, 4.95)], H)
    canvas.dot(11.4, y, H)
    canvas.text(13.3, y, "$h_t$", LARGE, H)
    canvas.text(13.8, y - 0.55, "next step", SMALL, MUTED, ha="right")
    canvas.text(11.4, 5.35, "$h_t$", LARGE, H)
    canvas.text(11.8, 5.35, "output layer", SMALL, MUTED, ha="left")
    return canvas.ax


def lstm_cell(highlight: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the LSTM cell, whole or with all but one part greyed out.

    Equations `lstm-forget`, `lstm-input`, `lstm-candidate`, `lstm-cell`, `lstm-output` and
    `lstm-hidden`.

    Args:
        highlight: None, or ``"forget"``, ``"input"``, ``"candidate"``, ``"cell"`` or ``"output"``:
            the part that keeps its colours; its equation then stands below.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is no part called ``highlight``.

    Alternative text: The cell state runs along the top like a conveyor belt: it is multiplied by
    the forget gate, then the candidate times the input gate is added; below, four boxes read the
    input and the hidden state of the step before: forget gate, input gate, candidate and output
    gate; the output gate multiplies tanh of the cell state, which gives the new hidden state.
    """
    canvas, foot = cell_canvas(8.25, ax, highlight, LSTM_EQUATIONS)
    belt, middle, row, bus = foot + 6.4, foot + 5.0, foot + 2.95, foot + 1.65
    canvas.panel(1.75, foot + 0.9, 12.25, foot + 7.25)
    _lstm_gates(canvas, foot, row, bus)
    colours = [role(key).colour for key in ("forget", "input_gate", "candidate")]

    # The conveyor belt.
    f, i, g = GATES["forget"], GATES["input_gate"], GATES["candidate"]
    thick = 3.2
    forget = canvas.operation(f, belt, "×", "cell forget")
    add = canvas.operation(g, belt, "+", "cell")
    write = canvas.operation(g, middle, "×", "cell input candidate")
    canvas.text(0.85, belt, "$c_{t{-}1}$", LARGE, C, "cell forget")
    canvas.wire([(1.4, belt), forget.left], C, "cell forget", width=thick)
    canvas.wire([forget.right, add.left], C, "cell forget", width=thick)
    canvas.wire([add.right, (12.75, belt)], C, "cell output", width=thick)
    canvas.text(13.3, belt, "$c_t$", LARGE, C, "cell output")
    canvas.wire([(f, row + 0.45), forget.bottom], colours[0], "cell forget")
    canvas.wire([(i, row + 0.45), (i, middle), write.left], colours[1], "cell input")
    canvas.wire([(g, row + 0.45), write.bottom], colours[2], "cell candidate")
    canvas.wire([write.top, add.bottom], INK, "cell")

    # What goes out: a tap on the belt, tanh, and the output gate's share of it.
    tap, up = 10.85, 11.65
    squash = canvas.box(tap, middle, 1.3, 0.8, "tanh", C, "output")
    canvas.wire([(tap, belt), squash.top], C, "output")
    canvas.dot(tap, belt, C, "output")
    show = canvas.operation(tap, row, "×", "output")
    canvas.wire([squash.bottom, show.top], C, "output")
    canvas.wire([(9.8, row), show.left], role("output").colour, "output")
    canvas.wire([show.bottom, (tap, bus), (12.75, bus)], H, "output")
    canvas.wire([(up, bus), (up, foot + 7.5)], H, "output", crossing=(up, belt))
    canvas.dot(up, bus, H, "output")
    canvas.text(13.3, bus, "$h_t$", LARGE, H, "output")
    canvas.text(up, foot + 7.9, "$h_t$", LARGE, H, "output")
    return canvas.ax


def _lstm_gates(canvas: Canvas, foot: float, row: float, bus: float) -> None:
    """Draw the inputs, joined into one vector, and the four boxes that read it."""
    everything = "forget input candidate output"
    canvas.text(0.85, bus, "$h_{t{-}1}$", LARGE, H, everything)
    canvas.text(2.4, foot + 0.42, "$x_t$", LARGE, X, everything)
    canvas.wire([(1.4, bus), (2.4, bus)], H, everything, arrow=False)
    canvas.wire([(2.4, foot + 0.78), (2.4, bus)], X, everything, arrow=False)
    canvas.dot(2.4, bus, INK, everything)
    canvas.text(4.3, bus - 0.38, r"$[x_t;\,h_{t{-}1}]$", NORMAL, INK, everything)

    start, waiting = 2.4, everything.split()
    for key, x in GATES.items():
        look, part = role(key), key.removesuffix("_gate")
        later = waiting[waiting.index(part) + 1 :]
        if later:
            canvas.wire([(start, bus), (x, bus)], INK, " ".join([part, *later]), arrow=False)
            canvas.wire([(x, bus), (x, row - 0.45)], INK, part)
            canvas.dot(x, bus, INK, part)
        else:
            canvas.wire([(start, bus), (x, bus), (x, row - 0.45)], INK, part)
        start = x
        lit = part if part == "output" else f"{part} cell"
        tanh = key == "candidate"
        squash = "tanh" if tanh else r"$\sigma$"
        canvas.box(x, row, 1.3, 0.9, squash, look.colour, lit, NORMAL if tanh else 18)
        if part == "output":
            canvas.text(x + 0.18, row - 0.75, "output", SMALL, INK, lit, ha="left")
            canvas.text(10.1, row + 0.54, look.symbol, LARGE, look.colour, lit)
        else:
            name_gate(canvas, x, row, key, lit)


def name_gate(canvas: Canvas, x: float, y: float, key: str, parts: str) -> None:
    """Write symbol and name of a gate, whose box stands at (x, y), beside the wire out of it."""
    look = role(key)
    name, x = look.name.removesuffix(" gate"), x + 0.18
    canvas.text(x, y + 1.19, look.symbol, LARGE, look.colour, parts, ha="left", va="baseline")
    canvas.text(x, y + 0.64, name, SMALL, INK, parts, ha="left", va="baseline")
