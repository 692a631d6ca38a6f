"""The embedded Reber grammar, experiment 1 of Hochreiter and Schmidhuber (1997).

A Reber string is a walk through a small graph, from B to E. An *embedded* one wraps it: B, then T
or P, a Reber string, the same T or P again, and E. To predict the last but one symbol, the second
one must be remembered while the inner string goes by, whose symbols are T and P too.

Axes: ``T`` time steps, ``B`` batch.
"""

import math
import random
import zlib
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import Dataset

from rnnlab.data.batching import IGNORED, Batch, lengths_of, pad

Split = Literal["train", "validation", "test"]

SYMBOLS = "BTPSXVE"

#: From each node: the symbols that may follow and where they lead. The inner string starts at 0
#: with B behind it, and ends after the E that leads to 6.
GRAPH: tuple[dict[str, int], ...] = (
    {"T": 1, "P": 2},
    {"S": 1, "X": 3},
    {"T": 2, "V": 4},
    {"X": 2, "S": 5},
    {"P": 3, "V": 5},
    {"E": 6},
)
_LAST = 6
#: Inner strings with fewer symbols are not divided among the splits.
SHORT = 12
_LEAVE = 5  # the node with one way on: from here the string ends


def inner_string(draw: random.Random, least: int = 0) -> str:
    """Walk through the graph once, each way on being as likely as the other.

    Args:
        draw: Where the choices come from.
        least: Least number of symbols; a walk that is shorter so far does not leave.

    Returns:
        A Reber string, from its B to its E.
    """
    symbols, node = ["B"], 0
    while node != _LAST:
        ways = _ways(node, len(symbols), least)
        symbol = draw.choice(list(ways))
        symbols.append(symbol)
        node = ways[symbol]
    return "".join(symbols)


def _ways(node: int, so_far: int, least: int) -> dict[str, int]:
    """The ways on from a node; as long as the string is too short, none that leaves."""
    ways = GRAPH[node]
    if so_far + 2 < least:
        ways = {symbol: to for symbol, to in ways.items() if to != _LEAVE}
    return ways


def successors(text: str, least: int = 0) -> list[str]:
    """Tell, for each symbol of an embedded Reber string but the last, what may follow it.

    Args:
        text: An embedded Reber string.
        least: Least number of symbols of the inner string.

    Returns:
        For each step the symbols that may come next.

    Raises:
        ValueError: A string that is none.
    """
    if len(text) < 9 or text[0] != "B" or text[1] not in "TP":
        raise ValueError(f"expected an embedded Reber string, got {text!r}")
    following, node = ["TP", "B", "".join(_ways(0, 1, least))], 0
    for so_far, symbol in enumerate(text[3:-2], start=1):
        node = _ways(node, so_far, least).get(symbol, -1) if node != _LAST else -1
        if node < 0:
            raise ValueError(f"expected an embedded Reber string, got {text!r}")
        ways = text[1] if node == _LAST else "".join(_ways(node, so_far + 1, least))
        following.append(ways)
    following.append("E")
    if node != _LAST or text[2] != "B" or text[-2:] != text[1] + "E":
        raise ValueError(f"expected an embedded Reber string, got {text!r}")
    return following


class EmbeddedReber(Dataset[tuple[Tensor, Tensor]]):
    """Embedded Reber strings, to predict the next symbol of.

    Every string belongs to one split for good, so none that a model is tested on was trained on.
    Validation and test hold strings whose inner part has at least `SHORT` symbols, one in ten each.

    Args:
        size: Number of strings; a string may come more than once, as some are likely.
        least: Least number of symbols of the inner string, and so of the gap.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        seed: Of the strings.

    Raises:
        ValueError: An unknown split.
    """

    def __init__(self, size: int, *, least: int = 0, split: Split = "train", seed: int = 0) -> None:
        if split not in ("train", "validation", "test"):
            raise ValueError(f"expected split to be train, validation or test, got {split!r}")
        self.size, self.least, self.split, self.seed = size, least, split, seed

    def __len__(self) -> int:
        return self.size

    def text(self, index: int) -> str:
        """One string."""
        if not 0 <= index < self.size:
            raise IndexError(f"expected an example from 0 to {self.size - 1}, got {index}")
        draw = random.Random(f"{self.seed} {self.split} {self.least} {index}")
        while True:
            wrapper = draw.choice("TP")
            text = f"B{wrapper}{inner_string(draw, self.least)}{wrapper}E"
            if split_of(text) == self.split:
                return text

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Inputs, one-hot, (T, 7), float32, and the symbol after each of them, (T,), int64."""
        indices = torch.tensor([SYMBOLS.index(symbol) for symbol in self.text(index)])
        return one_hot(indices[:-1], len(SYMBOLS)).float(), indices[1:]

    def allowed(self, index: int) -> Tensor:
        """Which symbols may follow each of one string's, (T, 7), bool."""
        following = successors(self.text(index), self.least)
        return torch.tensor([[symbol in ways for symbol in SYMBOLS] for ways in following])

    def grammar_loss(self) -> float:
        """Loss in nats per symbol of a model that knows the grammar: what the choices leave open.

        A model may come below it, if slightly: it can learn which strings are in other splits.
        """
        following = [
            ways for k in range(len(self)) for ways in successors(self.text(k), self.least)
        ]
        return sum(math.log(len(ways)) for ways in following) / len(following)

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad: inputs (T, B, 7) with lengths (B,), targets (T, B)."""
        inputs, targets = zip(*examples, strict=True)
        return Batch((pad(inputs), lengths_of(inputs)), pad(targets, IGNORED))


def split_of(text: str) -> str:
    """Tell the one split that a string belongs to; its twin with the other wrapper goes with it.

    The few short inner strings are all for training: were one of them held out, its absence could
    be learned, and a model that has learned it would be wrong on just that string.
    """
    inner = text[2:-2]
    if len(inner) < SHORT:
        return "train"
    return {0: "validation", 1: "test"}.get(zlib.crc32(inner.encode()) % 10, "train")


def all_right(logits: Tensor, allowed: Tensor) -> Tensor:
    """Tell at which steps every symbol that may follow outranks every one that may not.

    Args:
        logits: Scores of the symbols, (..., 7).
        allowed: Which may follow, (..., 7), bool; some may and some may not.

    Returns:
        Whether the prediction is right, (...), bool.
    """
    least = logits.masked_fill(~allowed, math.inf).amin(-1)
    greatest = logits.masked_fill(allowed, -math.inf).amax(-1)
    return least > greatest
