"""The GRU cell in its four conventions, one time step."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, SMALL, Canvas
from rnnlab.diagrams.cells import cell_canvas, name_gate
from rnnlab.palette import INK, role

X, H, N = role("input").colour, role("hidden").colour, role("candidate").colour
R, Z = role("reset").colour, role("update").colour

DOWN, UPDATE, SUM, END = 2.2, 7.05, 9.3, 11.0
"""Where the wires and boxes stand that are at the same place in all conventions."""


@dataclass(frozen=True)
class _Rows:
    """The heights of a GRU picture, from the top."""

    belt: float
    mix: float
    chain: float
    gates: float
    hidden: float
    input: float


def gru_cell(
    highlight: str | None = None,
    reset_after: bool = True,
    update_gate: str = "keep",
    ax: Axes | None = None,
) -> Axes:
    """Draw the GRU cell in either of its conventions, whole or with all but one part greyed out.

    Equations `gru-reset`, `gru-update`, `gru-candidate-after` or `gru-candidate-before`, and
    `gru-keep` or `gru-take`.

    Args:
        highlight: None, or ``"reset"``, ``"update"``, ``"candidate"`` or ``"blend"``: the part that
            keeps its colours; its equation then stands below.
        reset_after: True if the reset gate multiplies the recurrent product W h + b (PyTorch),
            False if it multiplies the hidden state before that product.
        update_gate: ``"keep"`` if z = 1 keeps the old state (PyTorch), ``"take"`` if it takes the
            candidate.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is no part called ``highlight`` or no such ``update_gate``.

    Alternative text: The hidden state runs along the top; the update gate mixes the old state with
    a candidate, one with share z, the other with share one minus z; the candidate is tanh of the
    input and of the old state, the latter weakened by the reset gate.
    """
    if update_gate not in ("keep", "take"):
        raise ValueError(f"update_gate must be 'keep' or 'take'; got {update_gate!r}")
    equations = _equations(reset_after, update_gate)
    canvas, foot = cell_canvas(9.2, ax, highlight, equations)
    rows = _Rows(*(foot + y for y in (7.9, 6.1, 4.7, 2.75, 1.75, 1.2)))
    canvas.panel(1.75, foot + 0.85, 12.25, foot + 8.7)
    reset_at = 5.3 if reset_after else 3.3
    _inputs(canvas, rows, reset_at)
    _candidate(canvas, rows, reset_at, reset_after)
    _blend(canvas, rows, update_gate)
    return canvas.ax


def _equations(reset_after: bool, update_gate: str) -> dict[str, str]:
    """Return what stands below the picture for each part that may be highlighted."""
    inner = r"r_t\odot(W_{hn}h_{t{-}1}+b_{hn})"
    if not reset_after:
        inner = r"W_{hn}(r_t\odot h_{t{-}1})+b_{hn}"
    shares = ("z_t", "(1-z_t)") if update_gate == "keep" else ("(1-z_t)", "z_t")
    return {
        "reset": r"$r_t=\sigma(W_{xr}x_t+b_{xr}+W_{hr}h_{t{-}1}+b_{hr})$",
        "update": r"$z_t=\sigma(W_{xz}x_t+b_{xz}+W_{hz}h_{t{-}1}+b_{hz})$",
        "candidate": rf"$n_t=\tanh(W_{{xn}}x_t+b_{{xn}}+{inner})$",
        "blend": rf"$h_t={shares[0]}\odot h_{{t{{-}}1}}+{shares[1]}\odot n_t$",
    }


def _inputs(canvas: Canvas, rows: _Rows, reset_at: float) -> None:
    """Draw h and x and how they reach the two gates and the candidate."""
    gates = "reset update candidate"
    canvas.text(0.85, rows.belt, "$h_{t{-}1}$", LARGE, H, f"{gates} blend")
    canvas.wire([(1.4, rows.belt), (DOWN, rows.belt)], H, f"{gates} blend", arrow=False, width=3.2)
    canvas.wire([(DOWN, rows.belt), (DOWN, rows.chain)], H, gates, arrow=False)
    canvas.dot(DOWN, rows.belt, H, gates)
    enter = 2.9
    canvas.text(enter, rows.input - 0.78, "$x_t$", LARGE, X, gates)
    path = [(enter, rows.input - 0.42), (enter, rows.input), (reset_at + 0.3, rows.input)]
    canvas.wire(path, X, gates, arrow=False)

    foot = rows.gates - 0.45
    h, x = reset_at - 0.3, reset_at + 0.3
    canvas.wire(
        [(DOWN, rows.chain), (DOWN, rows.hidden), (h, rows.hidden)], H, "reset update", arrow=False
    )
    canvas.wire([(h, rows.hidden), (h, foot)], H, "reset")
    canvas.wire([(x, rows.input), (x, foot)], X, "reset", crossing=(x, rows.hidden))
    canvas.wire([(h, rows.hidden), (UPDATE - 0.3, rows.hidden), (UPDATE - 0.3, foot)], H, "update")
    canvas.wire([(x, rows.input), (UPDATE + 0.3, rows.input)], X, "update candidate", arrow=False)
    canvas.wire([(UPDATE + 0.3, rows.input), (UPDATE + 0.3, foot)], X, "update")
    canvas.wire([(UPDATE + 0.3, rows.input), (SUM, rows.input), (SUM, foot)], X, "candidate")
    canvas.dot(h, rows.hidden, H, "reset")
    canvas.dot(x, rows.input, X, "reset")
    canvas.dot(UPDATE + 0.3, rows.input, X, "update")
    for place, key, parts in (
        (reset_at, "reset", "reset candidate"),
        (UPDATE, "update", "update blend"),
    ):
        look = role(key)
        canvas.box(place, rows.gates, 1.3, 0.9, r"$\sigma$", look.colour, parts, 18)
        name_gate(canvas, place, rows.gates, key, parts)


def _candidate(canvas: Canvas, rows: _Rows, reset_at: float, reset_after: bool) -> None:
    """Draw the chain from h to the candidate; the reset gate acts before or after the product."""
    linear_at = 3.65 if reset_after else 5.2
    linear = canvas.box(
        linear_at, rows.chain, 1.9, 0.9, r"$W_{hn}\cdot+b_{hn}$", INK, "candidate", fill=False
    )
    reset = canvas.operation(reset_at, rows.chain, "×", "candidate")
    first, second = (linear, reset) if reset_after else (reset, linear)
    add = canvas.operation(SUM, rows.chain, "+", "candidate")
    squash = canvas.box(END, rows.chain, 1.4, 0.9, "tanh", N, "candidate blend")
    other = canvas.box(
        SUM, rows.gates, 1.9, 0.9, r"$W_{xn}\cdot+b_{xn}$", INK, "candidate", fill=False
    )
    canvas.wire([(DOWN, rows.chain), first.left], H, "candidate")
    canvas.dot(DOWN, rows.chain, H, "candidate")
    canvas.wire([first.right, second.left], H, "candidate")
    canvas.wire([second.right, add.left], H, "candidate")
    canvas.wire([other.top, add.bottom], X, "candidate")
    canvas.wire([add.right, squash.left], INK, "candidate")
    canvas.wire([(reset_at, rows.gates + 0.45), reset.bottom], R, "reset candidate")
    canvas.text(END, rows.chain - 0.75, "candidate", SMALL, INK, "candidate blend")
    canvas.text(END + 0.18, rows.chain + 0.87, "$n_t$", LARGE, N, "candidate blend", ha="left")


def _blend(canvas: Canvas, rows: _Rows, update_gate: str) -> None:
    """Draw how the update gate mixes the old state and the candidate."""
    thick = 3.2
    old = canvas.operation(UPDATE, rows.belt, "×", "blend")
    add = canvas.operation(END, rows.belt, "+", "blend")
    new = canvas.operation(END, rows.mix, "×", "blend")
    canvas.wire([(DOWN, rows.belt), old.left], H, "blend", width=thick)
    canvas.wire([old.right, add.left], H, "blend", width=thick)
    canvas.wire([add.right, (12.75, rows.belt)], H, "blend", width=thick)
    canvas.text(13.3, rows.belt, "$h_t$", LARGE, H, "blend")
    canvas.wire([(END, rows.chain + 0.45), new.bottom], N, "candidate blend")
    canvas.wire([new.top, add.bottom], INK, "blend")

    crossing = (UPDATE, rows.chain)
    fork = (UPDATE, rows.mix)
    stem = [(UPDATE, rows.gates + 0.45), fork]
    canvas.wire(stem, Z, "update blend", arrow=False, crossing=crossing)
    canvas.dot(*fork, Z, "update blend")
    if update_gate == "keep":
        invert = canvas.operation(SUM, rows.mix, "1−", "blend")
        canvas.wire([fork, old.bottom], Z, "blend")
        canvas.wire([fork, invert.left], Z, "blend")
        canvas.wire([invert.right, new.left], Z, "blend")
    else:
        invert = canvas.operation(UPDATE, rows.mix + 0.88, "1−", "blend")
        canvas.wire([fork, invert.bottom], Z, "blend")
        canvas.wire([invert.top, old.bottom], Z, "blend")
        canvas.wire([fork, new.left], Z, "blend")
