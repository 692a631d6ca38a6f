"""Figures of the visual language itself: its legend, and parameters by gate."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.palette import GATES, MODEL_KINDS, PAPER, ROLES, role
from rnnlab.parameters import Kind, Ledger, grouped
from rnnlab.plotting.style import axes_or_new, legend_above


def legend_of_roles(keys: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the legend of the visual language: colour, line, symbol and name of each role.

    Args:
        keys: The roles to show; all of them if not given.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is no such role.
    """
    keys = list(ROLES) if keys is None else list(keys)
    looks = [role(key) for key in keys]
    rows = -(-len(looks) // 2)
    ax = axes_or_new(ax, 0.2 + 0.36 * rows)
    for n, (key, look) in enumerate(zip(keys, looks, strict=True)):
        x, y = divmod(n, rows)
        ax.plot([x, x + 0.16], [y, y], color=look.colour, linestyle=look.linestyle)
        ax.plot(x + 0.08, y, color=look.colour, marker=look.marker, linestyle="none")
        symbol = ", ".join(part for part in (look.symbol, look.gru_symbol) if part)
        if key.lower() not in MODEL_KINDS:
            ax.text(x + 0.22, y, symbol, size=15, color=look.colour, va="center")
        ax.text(x + 0.40, y, look.name, va="center", size=11.5)
    ax.set(xlim=(-0.03, 2), ylim=(rows - 0.4, -0.6))
    ax.set_axis_off()
    return ax


def ledger_bars(ledger: Ledger, kind: Kind, ax: Axes | None = None) -> Axes:
    """Draw parameter counts as stacked bars: one bar per stored tensor, one piece per gate.

    Args:
        ledger: From :func:`rnnlab.parameters.ledger`.
        kind: The kind of layer that the ledger is of.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the kind is unknown or does not fit the ledger.
    """
    if kind not in GATES:
        raise ValueError(f"kind must be one of {', '.join(GATES)}; got {kind!r}")
    ax = axes_or_new(ax, 1.0 + 0.45 * len(ledger.entries))
    widest = max(entry.count for entry in ledger.entries)
    names = []
    for place, entry in enumerate(ledger.entries):
        suffix = "_reverse" if entry.direction == "reverse" else ""
        names.append(f"{entry.name}_l{entry.layer}{suffix}")
        keys = ("hidden",) if entry.name == "weight_hr" else GATES[kind]  # the projection has none
        piece, rest = divmod(entry.count, len(keys))
        if rest:
            raise ValueError(
                f"{names[-1]}: {entry.count} parameters are no ledger of kind {kind!r}"
            )
        for n, key in enumerate(keys):
            look = role(key)
            symbol = look.symbol_in(kind)
            name = f"{look.name} {symbol}"
            ax.barh(place, piece, 0.62, n * piece, color=look.colour, label=name)
            if piece > 0.06 * widest:
                middle = (n + 0.5) * piece
                ax.text(middle, place, symbol, color=PAPER, size=13, ha="center", va="center")
            if n and piece > 0.01 * widest:
                ax.plot([n * piece] * 2, [place - 0.31, place + 0.31], color=PAPER, linewidth=0.8)
        ax.annotate(
            grouped(entry.count),
            (entry.count, place),
            (6, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="parameters", xlim=(0, 1.18 * widest), ylim=(len(names) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(lambda value, _: grouped(round(value)))
    ax.grid(visible=False, axis="y")
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    legend_above(ax, list(unique.values()), list(unique))
    return ax
