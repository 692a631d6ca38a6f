"""Rearranging symbols: copy, reverse, sort. Tasks whose true alignment is known.

The input is some different symbols, the output the same symbols in another order. So for every
symbol of the output there is exactly one place of the input that it comes from, and what a decoder
attends to can be right or wrong. Example number k is made from the seed and k.

Axes: ``T`` input steps, ``S`` output steps, ``B`` batch.
"""

import random
from typing import Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

from rnnlab.data.batching import Batch
from rnnlab.data.shapes import SequencePairs

Kind = Literal["copy", "reverse", "sort"]
Split = Literal["train", "validation", "test"]


class Rearranging(Dataset[tuple[Tensor, Tensor]]):
    """Sequences of different symbols, and the same symbols copied, reversed or sorted.

    Args:
        kind: ``"copy"``, ``"reverse"`` or ``"sort"``.
        size: Number of examples.
        lengths: Least and greatest length; each is as likely as the others.
        symbols: How many different symbols to draw from.
        split: ``"train"``, ``"validation"`` or ``"test"``: each has its own random numbers.
        seed: Of lengths and symbols.

    Raises:
        ValueError: An unknown kind or split, or lengths or symbols that cannot be.
    """

    #: Greatest number of symbols; as input they are 0, 1, …, and that is how they are sorted.
    SYMBOLS = 64
    #: Tokens of the output beside the symbols.
    START, STOP = SYMBOLS, SYMBOLS + 1
    #: Number of different tokens of input and output.
    SOURCE_SIZE, TARGET_SIZE = SYMBOLS, SYMBOLS + 2

    def __init__(
        self,
        kind: Kind,
        size: int,
        *,
        lengths: tuple[int, int] = (1, 20),
        symbols: int = 64,
        split: Split = "train",
        seed: int = 0,
    ) -> None:
        if kind not in ("copy", "reverse", "sort"):
            raise ValueError(f"expected kind to be copy, reverse or sort, got {kind!r}")
        if split not in ("train", "validation", "test"):
            raise ValueError(f"expected split to be train, validation or test, got {split!r}")
        least, most = lengths
        if not 1 <= least <= most <= symbols <= self.SYMBOLS:
            raise ValueError(
                f"expected lengths from 1 to the number of symbols, {self.SYMBOLS} at most, got "
                f"{lengths} of {symbols}"
            )
        self.kind, self.size, self.lengths, self.alphabet = kind, size, lengths, symbols
        self.split, self.seed = split, seed

    def __len__(self) -> int:
        return self.size

    def symbols(self, index: int) -> list[int]:
        """The input of one example."""
        if not 0 <= index < self.size:
            raise IndexError(f"expected an example from 0 to {self.size - 1}, got {index}")
        draw = random.Random(f"{self.kind} {self.seed} {self.split} {self.lengths} {index}")
        return draw.sample(range(self.alphabet), draw.randint(*self.lengths))

    def alignment(self, index: int) -> Tensor:
        """Where in the input each symbol of the output comes from, (S,); S is T here."""
        symbols = self.symbols(index)
        places = torch.arange(len(symbols))
        if self.kind == "copy":
            return places
        return places.flip(0) if self.kind == "reverse" else torch.tensor(symbols).argsort()

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Source, (T,); target, from start to stop, (T + 2,)."""
        source = torch.tensor(self.symbols(index))
        target = source[self.alignment(index)]
        return source, torch.cat([torch.tensor([self.START]), target, torch.tensor([self.STOP])])

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad, as `rnnlab.data.shapes.SequencePairs` does."""
        return SequencePairs.collate(examples)
