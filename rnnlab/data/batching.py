"""From examples to batches: padding, masks, packing, and which examples make up which batch.

Sequences of a batch differ in length. The shorter ones are filled up at the end: inputs with zeros,
targets with `IGNORED`, which no loss counts. What the zeros mean does not matter, as long as a
model is told the lengths (Claim C22).

Axes: ``T`` time steps, ``B`` batch.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_sequence

#: The target where there is nothing to predict; PyTorch's cross-entropy leaves it out by default.
IGNORED = -100


class Batch(NamedTuple):
    """What a model is called with, and what it should answer.

    Attributes:
        inputs: The model's arguments.
        targets: An index for each prediction, `IGNORED` where there is none; or numbers, for tasks
            whose answer is a number.
    """

    inputs: tuple[Tensor, ...]
    targets: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device; lengths stay on the CPU, where packing wants them."""
        return Batch(
            tuple(x if _is_lengths(x) else x.to(device) for x in self.inputs),
            self.targets.to(device),
        )


def _is_lengths(tensor: Tensor) -> bool:
    return tensor.dim() == 1 and tensor.dtype == torch.long


def pad(sequences: Sequence[Tensor], value: float = 0) -> Tensor:
    """Stack sequences of shapes (T_b, ...) as (T, B, ...), filled up with a value at their ends.

    Raises:
        ValueError: No sequence at all.
    """
    if not sequences:
        raise ValueError("expected at least one sequence, got none")
    return pad_sequence(list(sequences), padding_value=value)


def lengths_of(sequences: Sequence[Tensor]) -> Tensor:
    """Return how many steps each sequence has, (B,), int64."""
    return torch.tensor([len(sequence) for sequence in sequences], dtype=torch.long)


def mask(lengths: Tensor, steps: int | None = None) -> Tensor:
    """Tell what is real from what is padding.

    Args:
        lengths: Steps of each sequence, (B,).
        steps: Steps T of the padded batch; the greatest length if None.

    Returns:
        True at the real steps, (T, B).

    Raises:
        ValueError: A length greater than steps.
    """
    longest = int(lengths.max()) if len(lengths) else 0
    steps = longest if steps is None else steps
    if longest > steps:
        raise ValueError(f"expected lengths of at most {steps} steps, got {longest}")
    return torch.arange(steps, device=lengths.device)[:, None] < lengths


def pack(padded: Tensor, lengths: Tensor) -> PackedSequence:
    """Pack a padded batch, (T, B, ...), so that a recurrent layer never sees the padding."""
    return pack_padded_sequence(padded, lengths.cpu(), enforce_sorted=False)


#: Makes one batch of a dataset's examples.
Collate = Callable[[list[Any]], Batch]


class Batches:
    """The batch of every step of a training run, as a function of the seed and the step alone.

    So there is nothing to remember when a run is interrupted, and several processes agree on who
    takes what without a word: of each batch, process ``rank`` takes every ``world``-th example.

    An epoch goes through all examples once, in an order of its own, and leaves out the last few
    that do not fill a batch. With ``replacement`` every example is drawn from all of them.

    Args:
        dataset: Examples by index, with a length, and a method ``collate`` that makes a `Batch` of
            a list of them.
        batch_size: Examples in a batch B.
        seed: Of the order.
        replacement: Draw from all examples every time.

    Raises:
        ValueError: A batch size below 1 or above the number of examples.
    """

    #: Batches drawn at a time with replacement.
    _CHUNK = 1000

    def __init__(
        self, dataset: Any, batch_size: int, *, seed: int = 0, replacement: bool = False
    ) -> None:
        most = "" if replacement else f" and at most {len(dataset)}, the number of examples"
        if batch_size < 1 or (batch_size > len(dataset) and not replacement):
            raise ValueError(f"expected a batch size of at least 1{most}, got {batch_size}")
        self.dataset, self.batch_size, self.seed = dataset, batch_size, seed
        self.replacement = replacement
        self._drawn: tuple[int, Tensor] | None = None

    def __len__(self) -> int:
        """Batches in an epoch."""
        return max(1, len(self.dataset) // self.batch_size)

    def _rows(self, chunk: int) -> Tensor:
        """The examples of all batches of an epoch, or of a chunk, one batch a row; kept."""
        if self._drawn is None or self._drawn[0] != chunk:
            # Neighbouring seeds give unrelated numbers; a large stride keeps runs apart.
            generator = torch.Generator().manual_seed(self.seed + 1_000_003 * chunk)
            examples, B = len(self.dataset), self.batch_size
            if self.replacement:
                rows = torch.randint(examples, (self._CHUNK, B), generator=generator)
            else:
                order = torch.randperm(examples, generator=generator)
                rows = order[: len(self) * B].view(-1, B)
            self._drawn = (chunk, rows)
        return self._drawn[1]

    def indices(self, step: int) -> list[int]:
        """Which examples make up the batch of a step."""
        per_chunk = self._CHUNK if self.replacement else len(self)
        row: list[int] = self._rows(step // per_chunk)[step % per_chunk].tolist()
        return row

    def __call__(self, step: int, rank: int = 0, world: int = 1) -> Batch:
        """Make the batch of a step, or one process' share of it.

        Args:
            step: Counted from 0 over the whole run.
            rank: Which process asks.
            world: How many processes share a batch.

        Returns:
            The batch, on the CPU unless the dataset's tensors lie elsewhere.

        Raises:
            ValueError: More processes than examples in a batch.
        """
        if not 0 <= rank < world <= self.batch_size:
            raise ValueError(
                f"expected a rank below the number of processes, and at most {self.batch_size} of "
                f"these, the examples in a batch; got rank {rank} of {world}"
            )
        return collate(self.dataset, self.indices(step)[rank::world])


def collate(dataset: Any, indices: Sequence[int]) -> Batch:
    """Make one batch of some examples of a dataset."""
    batch: Batch = dataset.collate([dataset[k] for k in indices])
    return batch


def in_order(dataset: Any, batch_size: int = 256) -> "list[range]":
    """Cut a dataset into consecutive ranges, for going through all of it once."""
    return [range(k, min(k + batch_size, len(dataset))) for k in range(0, len(dataset), batch_size)]
