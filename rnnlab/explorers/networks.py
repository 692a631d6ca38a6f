"""Small networks that have learned the embedded Reber grammar, to be stepped through.

They are trained by `train` and lie in ``networks.json``, in as few digits as do.
"""

import json
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnlab.data import Batches, EmbeddedReber
from rnnlab.data.batching import IGNORED, Batch
from rnnlab.data.reber import GRAPH, SYMBOLS
from rnnlab.models import CellKind, Tagger, set_forget_bias
from rnnlab.models.layers import Implementation
from rnnlab.training import fit
from rnnlab.training.scores import Score

#: Hidden units of each network.
UNITS = 8
FILE = Path(__file__).with_name("networks.json")
#: For each kind: seed, updates, learning rate. Chosen so that it is learned within half a minute.
_RECIPES: dict[str, tuple[int, int, float]] = {
    "rnn": (0, 1500, 1e-2),
    "lstm": (0, 1000, 2e-2),
    "gru": (1, 1500, 2e-2),
}
_END = len(GRAPH)  # the node behind the last E of the inner string


def new_network(kind: CellKind, implementation: Implementation = "scratch") -> Tagger:
    """Make an untrained network, float64: a recurrent layer of 8 units and a linear layer.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        implementation: Of the layer; the weights have the same names.

    Returns:
        From symbols, one-hot, (T, B, 7), to a score for each next symbol, (T, B, 7).
    """
    with torch.random.fork_rng(devices=[]):  # leave the caller's random numbers alone
        return Tagger(
            len(SYMBOLS), len(SYMBOLS), UNITS, kind, implementation=implementation
        ).double()


def train(kind: CellKind) -> Tagger:
    """Train a network to predict the next symbol of embedded Reber strings.

    The one prediction of a string that needs memory counts five times: with so few units it would
    else be found late, or never.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.

    Returns:
        The network, float64. The same on each call, up to rounding.
    """
    seed, steps, rate = _RECIPES[kind]
    learner = new_network(kind, "torch")  # computes the same, and learns in less time
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in learner.parameters():
            parameter.uniform_(-(UNITS**-0.5), UNITS**-0.5, generator=generator)
    if kind == "lstm":
        set_forget_bias(learner.encoder.recurrent, 1.0)
    fit(
        learner,
        Batches(_Strings(4096, seed=seed), 16, seed=seed, replacement=True),
        steps=steps,
        objective=_score,
        learning_rate=rate,
        schedule=_level_then_down,
    )
    model = new_network(kind)
    model.load_state_dict(learner.state_dict())
    return model


class _Strings(EmbeddedReber):
    """The strings, in float64; each is made once."""

    def __init__(self, size: int, *, seed: int) -> None:
        super().__init__(size, seed=seed)
        self._made: dict[int, tuple[Tensor, Tensor]] = {}

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if index not in self._made:
            inputs, targets = super().__getitem__(index)
            self._made[index] = inputs.double(), targets
        return self._made[index]


def _score(model: nn.Module, batch: Batch) -> Score:
    """Cross-entropy in which the last symbol but one, the wrapper's second, has weight 5."""
    x, lengths = batch.inputs
    logits = model(x)  # what stands behind a string's end changes nothing before it
    losses = cross_entropy(
        logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED, reduction="none"
    ).view_as(batch.targets)
    weights = (batch.targets != IGNORED).double()
    weights[lengths - 2, torch.arange(len(lengths))] = 5.0
    right = (logits.argmax(-1) == batch.targets).sum()
    return Score((weights * losses).sum(), right, weights.sum())


def _level_then_down(step: int, steps: int) -> float:
    """The full learning rate for 60 % of the steps, then down to a fiftieth in a straight line."""
    return min(1.0, max(0.02, (steps - step) / (0.4 * steps)))


@cache
def stored_weights() -> dict[str, dict[str, list[list[float]] | list[float]]]:
    """Read the weights that the package brings: kind, parameter's name, numbers."""
    weights: dict[str, dict[str, list[list[float]] | list[float]]] = json.loads(
        FILE.read_text(encoding="utf-8")
    )
    return weights


def shipped_network(kind: CellKind) -> Tagger:
    """Give the network that the explorer shows: one that `train` made, its weights rounded.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
    """
    model = new_network(kind)
    weights = {
        name: torch.tensor(numbers, dtype=torch.float64)
        for name, numbers in stored_weights()[kind].items()
    }
    model.load_state_dict(weights)
    return model


def store(models: dict[CellKind, Tagger], digits: int = 4) -> None:
    """Write the networks' weights, rounded, into the package.

    Args:
        models: By kind.
        digits: After the point.
    """
    kinds = [
        f'"{kind}": {{\n'
        + ",\n".join(
            f'"{name}": {json.dumps(_rounded(tensor, digits), separators=(",", ":"))}'
            for name, tensor in model.state_dict().items()
        )
        + "\n}"
        for kind, model in models.items()
    ]
    FILE.write_text("{\n" + ",\n".join(kinds) + "\n}\n", encoding="utf-8", newline="\n")


def _rounded(tensor: Tensor, digits: int) -> list[list[float]] | list[float]:
    rows = tensor.tolist()
    if tensor.dim() == 1:
        return [round(number, digits) for number in rows]
    return [[round(number, digits) for number in row] for row in rows]


def may_follow(text: str) -> list[str | None]:
    """Tell what may come next after each symbol of the beginning of an embedded Reber string.

    Args:
        text: The string so far, of any symbols.

    Returns:
        For each step the symbols that may follow: none (``""``) after the last E, and None from the
        symbol on that cannot stand where it stands.
    """
    following: list[str | None] = []
    expected: str | None = "B"
    node = -1
    for step, symbol in enumerate(text):
        if expected is None or symbol not in expected:
            expected = None
        elif step < 2:
            expected = ("TP", "B")[step]
        elif node == _END:
            expected = "" if symbol == "E" else "E"
        else:
            node = 0 if step == 2 else GRAPH[node][symbol]
            expected = text[1] if node == _END else "".join(GRAPH[node])
        following.append(expected)
    return following
