"""The conventions that differ between libraries and papers, and how to go from one to another.

Gate order in stored weights, and the GRU's two choices: where the reset gate acts, and which way
the update gate points. Chapters: notation, lstm, gru.
"""

from typing import Literal

import torch
from torch import Tensor, nn

Cell = Literal["lstm", "gru"]
Library = Literal["torch", "keras", "onnx"]
UpdateGate = Literal["keep", "take"]

#: Gate order in stored weights, in this course's letters. Keras calls our g and n the candidate
#: ("c", "h"), ONNX calls g the cell gate ("c") and n the hidden gate ("h").
GATE_ORDERS: dict[Cell, dict[Library, str]] = {
    "lstm": {"torch": "ifgo", "keras": "ifgo", "onnx": "iofg"},
    "gru": {"torch": "rzn", "keras": "zrn", "onnx": "zrn"},
}


def reorder_gates(tensor: Tensor, cell: Cell, *, source: Library, target: Library) -> Tensor:
    """Bring the gate blocks of a stored weight or bias from one library's order into another's.

    Args:
        tensor: Gate blocks one below the other, (gates·H, ...). Keras stores weights (in, out):
            transpose before and after.
        cell: ``"lstm"`` or ``"gru"``.
        source: The library whose order the tensor has.
        target: The library whose order is wanted.

    Returns:
        The same blocks in the target's order, (gates·H, ...).

    Raises:
        ValueError: An unknown cell or library, or rows that are no multiple of the gates.
    """
    orders = GATE_ORDERS.get(cell)
    if orders is None or source not in orders or target not in orders:
        raise ValueError(
            "expected cell 'lstm' or 'gru', source and target 'torch', 'keras' or 'onnx', "
            f"got cell={cell!r}, source={source!r}, target={target!r}"
        )
    gates = orders[source]
    if tensor.size(0) % len(gates):
        raise ValueError(
            f"expected {len(gates)} gate blocks of equal height, got {tensor.size(0)} rows"
        )
    blocks = dict(zip(gates, tensor.chunk(len(gates)), strict=True))
    return torch.cat([blocks[gate] for gate in orders[target]])


def flip_update_gate(module: nn.Module) -> None:
    """Change the sign of a GRU's update gate in place: weights and biases, PyTorch's gate order.

    Since σ(-a) = 1 - σ(a), this turns weights for ``update_gate="keep"`` into weights for
    ``"take"``, and back (Equations `gru-keep`, `gru-take`).

    Args:
        module: A GRU or GRUCell, of `rnnlab.scratch` or of ``torch.nn``.
    """
    with torch.no_grad():
        for parameter in module.parameters():
            _, z, _ = parameter.chunk(3)  # views
            z.neg_()


def check_gru_conventions(reset_after: object, update_gate: object) -> None:
    """Raise TypeError or ValueError for a GRU convention that does not exist."""
    if not isinstance(reset_after, bool):
        raise TypeError(f"reset_after should be of type bool, got: {type(reset_after).__name__}")
    if update_gate not in ("keep", "take"):
        raise ValueError(f"Unknown update_gate {update_gate!r}. Select from 'keep' or 'take'.")


def gru_conventions_repr(reset_after: bool, update_gate: UpdateGate) -> str:
    """The GRU's conventions as its repr prints them: what is not PyTorch's."""
    return ("" if reset_after else ", reset_after=False") + (
        "" if update_gate == "keep" else f", update_gate={update_gate}"
    )
