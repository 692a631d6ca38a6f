"""A cell step by step: every gate and state, with gates that are forced and units that are blocked.

Axes: ``T`` time steps, ``H`` hidden units.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear, one_hot

from rnnlab.data.reber import SYMBOLS
from rnnlab.gradients.stepping import kind_of, weights_of
from rnnlab.models import Tagger
from rnnlab.palette import GATES

#: The gates that may be forced, as roles; a candidate is no gate.
FORCIBLE = {"rnn": (), "lstm": ("forget", "input_gate", "output"), "gru": ("reset", "update")}


@dataclass(frozen=True)
class Trace:
    """What happens in a network while it reads a string.

    Attributes:
        values: Role (a key of `rnnlab.palette.ROLES`) to values at each step: ``"input"``, (T, 7),
            each gate and ``"candidate"``, ``"cell"``, ``"hidden"``, (T, H).
        probabilities: Of the next symbol, after each step, (T, 7), in the order of ``SYMBOLS``.
    """

    values: dict[str, Tensor]
    probabilities: Tensor


@torch.no_grad()
def trace(
    network: Tagger,
    text: str,
    forced: Mapping[str, float] | None = None,
    *,
    at: int | None = None,
    blocked: int | None = None,
) -> Trace:
    """Read a string, and keep all that the cell computes.

    Args:
        network: As of `rnnlab.explorers.shipped_network`.
        text: Of the symbols B, T, P, S, X, V, E.
        forced: Gate (a role) to the value that all its units are given.
        at: The one step, from 1, at which they are forced; at each if None.
        blocked: A unit, from 1, that is held at 0; none if None.

    Returns:
        The values.

    Raises:
        ValueError: An empty string, another symbol, or a gate that the cell does not have.
    """
    if not text or set(text) - set(SYMBOLS):
        raise ValueError(f"expected a string of {', '.join(SYMBOLS)}, got {text!r}")
    layer = network.encoder.recurrent
    kind, w = kind_of(layer), weights_of(layer)
    if unknown := set(forced or {}) - set(FORCIBLE[kind]):
        raise ValueError(f"expected gates of {FORCIBLE[kind]}, got {sorted(unknown)}")
    x = one_hot(torch.tensor([SYMBOLS.index(symbol) for symbol in text]), len(SYMBOLS)).double()
    h = c = x.new_zeros(w.weight_hh.size(1))
    kept: dict[str, list[Tensor]] = {"input": list(x)}
    for step, x_t in enumerate(x, start=1):
        now = forced or {} if at in (None, step) else {}
        a = linear(x_t, w.weight_ih, w.bias_ih).view(len(GATES[kind]), -1)  # (gates, H)
        b = linear(h, w.weight_hh, w.bias_hh).view(len(GATES[kind]), -1)
        values = _gates(kind, a, b, now)
        if kind == "rnn":
            h = values["hidden"]
        elif kind == "lstm":
            c = values["forget"] * c + values["input_gate"] * values["candidate"]
            c = _without(c, blocked)
            values["cell"], h = c, values["output"] * torch.tanh(c)
        else:
            h = values["update"] * h + (1 - values["update"]) * values["candidate"]
        values["hidden"] = h = _without(h, blocked)
        for role, value in values.items():
            kept.setdefault(role, []).append(value)
    stacked = {role: torch.stack(values) for role, values in kept.items()}
    return Trace(stacked, torch.softmax(network.decoder(stacked["hidden"]), dim=-1))


def _gates(kind: str, a: Tensor, b: Tensor, forced: Mapping[str, float]) -> dict[str, Tensor]:
    """Gates and candidate of one step, from the inputs' and the state's shares of them."""
    values: dict[str, Tensor] = {}
    for row, role in enumerate(GATES[kind]):
        if role in ("hidden", "candidate"):
            reset = values["reset"] if kind == "gru" else 1.0
            values[role] = torch.tanh(a[row] + reset * b[row])
        else:
            free = torch.sigmoid(a[row] + b[row])
            values[role] = torch.full_like(free, forced[role]) if role in forced else free
    return values


def _without(state: Tensor, blocked: int | None) -> Tensor:
    if blocked is None:
        return state
    kept = torch.ones_like(state)
    kept[blocked - 1] = 0
    return state * kept
