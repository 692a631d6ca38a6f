"""Counting the parameters of recurrent layers by formula, and a ledger of where they sit.

Chapter: counting-parameters. The counts are formulas in plain integers, made without building the
layer; the tests hold them against ``numel()`` of the real one.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rnn", "lstm", "gru"]

#: Gates (matrix blocks of H rows) of each kind of cell.
GATES: dict[str, int] = {"rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Entry:
    """One stored tensor of a layer.

    Attributes:
        layer: Layer, from 0 at the input.
        direction: ``"forward"`` or ``"reverse"``.
        name: ``"weight_ih"``, ``"weight_hh"``, ``"bias_ih"``, ``"bias_hh"`` or ``"weight_hr"``; a
            single bias is called ``"bias"``.
        shape: Its shape, written so that the product is visible, e.g. ``"4·256 × 28"``.
        count: Its number of elements.
    """

    layer: int
    direction: str
    name: str
    shape: str
    count: int


@dataclass(frozen=True)
class Ledger:
    """Which tensor contributes how many parameters. ``str()`` of it is a table.

    Attributes:
        entries: One for each stored tensor, in PyTorch's order.
    """

    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """The sum of all entries."""
        return sum(entry.count for entry in self.entries)

    def __str__(self) -> str:
        header = ("layer", "direction", "tensor", "shape", "parameters")
        rows = [
            (str(e.layer), e.direction, e.name, e.shape, grouped(e.count)) for e in self.entries
        ]
        table = [header, *rows, ("", "", "total", "", grouped(self.total))]
        widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(
                [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
                + [row[-1].rjust(widths[-1])]
            )
            for row in table
        ]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def grouped(count: int) -> str:
    """Write an integer in groups of three digits, as the course does: 5 454 926."""
    return f"{count:,}".replace(",", " ")


def ledger(
    kind: Kind,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    *,
    biases: int = 2,
    bidirectional: bool = False,
    proj_size: int = 0,
) -> Ledger:
    """List every tensor of a recurrent layer with its number of parameters.

    Equations `count-gates`, `count-biases`, `count-layers`, `count-projection`.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        input_size: Number of input features x.
        hidden_size: Number of hidden units h.
        num_layers: Layers stacked.
        biases: Bias vectors for each gate: 2 as PyTorch keeps them, 1 as in the equations, or 0.
        bidirectional: Whether each layer runs in both directions.
        proj_size: Size that the LSTM's h is projected to; 0 for none.

    Returns:
        The ledger; its ``total`` is the count.

    Raises:
        TypeError: A size that is not an int.
        ValueError: An unknown kind, a size below 1, another number of biases, or a projection that
            the layer cannot have.
    """
    _check(kind, input_size, hidden_size, num_layers, biases, proj_size)
    g, h = GATES[kind], hidden_size
    p = proj_size or h
    directions = ("forward", "reverse") if bidirectional else ("forward",)
    bias_names = ((), ("bias",), ("bias_ih", "bias_hh"))[biases]
    entries = []
    for layer in range(num_layers):
        x = input_size if layer == 0 else len(directions) * p
        for direction in directions:
            tensors = [("weight_ih", f"{g}·{h} × {x}", g * h * x)]
            tensors += [("weight_hh", f"{g}·{h} × {p}", g * h * p)]
            tensors += [(name, f"{g}·{h}", g * h) for name in bias_names]
            tensors += [("weight_hr", f"{p} × {h}", p * h)] if proj_size else []
            entries += [Entry(layer, direction, *tensor) for tensor in tensors]
    return Ledger(tuple(entries))


def count(
    kind: Kind,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    *,
    biases: int = 2,
    bidirectional: bool = False,
    proj_size: int = 0,
) -> int:
    """Count the parameters of a recurrent layer: the total of its `ledger`, same arguments.

    For one layer in one direction without projection it is g·h·(h + x) + biases·g·h, with g gates:
    1 for the RNN, 4 for the LSTM, 3 for the GRU.
    """
    return ledger(
        kind,
        input_size,
        hidden_size,
        num_layers,
        biases=biases,
        bidirectional=bidirectional,
        proj_size=proj_size,
    ).total


def count_minimal(kind: str, input_size: int, hidden_size: int, *, bias: bool = True) -> int:
    """Count the parameters of a minGRU or a minLSTM, which have no recurrent matrix.

    Args:
        kind: ``"mingru"`` (gate and candidate) or ``"minlstm"`` (two gates and candidate).
        input_size: Number of input features x.
        hidden_size: Number of hidden units h.
        bias: Whether each block has a bias.

    Returns:
        g·h·x + g·h, with g blocks: 2 or 3; without bias g·h·x.

    Raises:
        TypeError: A size that is not an int.
        ValueError: An unknown kind, or a size below 1.
    """
    if kind not in ("mingru", "minlstm"):
        raise ValueError(f"expected kind to be 'mingru' or 'minlstm', got {kind!r}")
    _check("rnn", input_size, hidden_size, 1, 1, 0)
    g = 2 if kind == "mingru" else 3
    return g * hidden_size * (input_size + bias)


def _check(
    kind: Kind, input_size: int, hidden_size: int, num_layers: int, biases: int, proj_size: int
) -> None:
    if kind not in GATES:
        raise ValueError(f"expected kind to be one of {list(GATES)}, got {kind!r}")
    sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool):
            raise TypeError(f"expected {name} to be an int, got {size!r}")
        if size < 1:
            raise ValueError(f"expected {name} to be at least 1, got {size}")
    if biases not in (0, 1, 2):
        raise ValueError(f"expected 0, 1 or 2 biases for each gate, got {biases!r}")
    if proj_size and kind != "lstm":
        raise ValueError(f"expected proj_size=0 for kind={kind!r}: only the LSTM has a projection")
    if not 0 <= proj_size < hidden_size:
        raise ValueError(f"expected 0 <= proj_size < hidden_size={hidden_size}, got {proj_size}")
