"""Data sets for the four shapes of input and output, and how each makes a batch.

Axes: ``T`` input steps, ``S`` output steps, ``B`` batch, ``X`` features of an input.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor
from torch.utils.data import Dataset

from rnnlab.data.batching import IGNORED, Batch, lengths_of, pad

Example = TypeVar("Example")


class _Examples(Dataset[Example], Generic[Example]):
    """Examples kept in a list."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Example:
        return self.examples[index]


class LabelledSequences(_Examples[tuple[Tensor, int | float]]):
    """N-to-1: a sequence, (T,) or (T, X), and its class, or a number to predict."""

    @staticmethod
    def collate(examples: list[tuple[Tensor, int | float]]) -> Batch:
        """Pad: inputs (T, B, ...) with lengths (B,), targets (B,)."""
        sequences, labels = zip(*examples, strict=True)
        return Batch((pad(sequences), lengths_of(sequences)), torch.tensor(labels))


class TaggedSequences(_Examples[tuple[Tensor, Tensor]]):
    """N-to-N: a sequence, (T,) or (T, X), and an index for each of its steps, (T,)."""

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad: inputs (T, B, ...) with lengths (B,), targets (T, B)."""
        sequences, tags = zip(*examples, strict=True)
        return Batch((pad(sequences), lengths_of(sequences)), pad(tags, IGNORED))


class DescribedVectors(_Examples[tuple[Tensor, Tensor]]):
    """1-to-N: a vector, (X,), and a sequence from a start to a stop, (S,)."""

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad: vectors (B, X) and what came before each target (S, B), targets (S, B)."""
        vectors, sequences = zip(*examples, strict=True)
        previous, targets = _shifted(sequences)
        return Batch((torch.stack(vectors), previous), targets)


class SequencePairs(_Examples[tuple[Tensor, Tensor]]):
    """N-to-M: a sequence, (T,), and another from a start to a stop, (S,)."""

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Pad: sources (T, B), lengths (B,) and what came before (S, B) the targets, (S, B)."""
        sources, sequences = zip(*examples, strict=True)
        previous, targets = _shifted(sequences)
        return Batch((pad(sources), lengths_of(sources), previous), targets)


def _shifted(sequences: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The sequences without their ends, and without their starts."""
    return pad([s[:-1] for s in sequences]), pad([s[1:] for s in sequences], IGNORED)
