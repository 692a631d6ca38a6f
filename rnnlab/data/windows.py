"""Cutting a long text into pieces that a recurrent network trains on: at random, or in order.

Axes: ``N`` tokens of the text, ``T`` time steps, ``B`` batch.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import Dataset

from rnnlab.data.batching import Batch, Batches


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every piece of a text of a given length, each with the tokens that follow its own by one.

    Args:
        tokens: The text, (N,), with N > num_steps.
        num_steps: Length T of a piece.

    Raises:
        ValueError: A text too short for one piece.
    """

    def __init__(self, tokens: Tensor, num_steps: int) -> None:
        if len(tokens) <= num_steps:
            raise ValueError(
                f"expected more than num_steps={num_steps} tokens, got a text of {len(tokens)}"
            )
        self.tokens, self.num_steps = tokens, num_steps

    def __len__(self) -> int:
        """Places where a piece may begin."""
        return len(self.tokens) - self.num_steps

    def __getitem__(self, start: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the piece that begins at a place, each (T,)."""
        if not 0 <= start < len(self):
            raise IndexError(f"expected a place from 0 to {len(self) - 1}, got {start}")
        piece = self.tokens[start : start + self.num_steps + 1]
        return piece[:-1], piece[1:]

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Stack pieces side by side: inputs and targets (T, B)."""
        inputs, targets = zip(*examples, strict=True)
        return Batch((torch.stack(inputs, dim=1),), torch.stack(targets, dim=1))


def random_windows(
    tokens: Tensor, batch_size: int = 32, num_steps: int = 35, *, seed: int = 0
) -> Batches:
    """Draw pieces of a text at random places, for training from a zero state.

    Args:
        tokens: The text, (N,), with N > num_steps.
        batch_size: Pieces in a batch B.
        num_steps: Length T of each.
        seed: Of the places.

    Returns:
        The batch of every step: inputs and targets, each (T, B).

    Raises:
        ValueError: A text too short for one piece.
    """
    return Batches(Windows(tokens, num_steps), batch_size, seed=seed, replacement=True)


class SequentialBatches:
    """A text in parallel rows, piece by piece: each batch goes on where the one before ended.

    As `rnnlab.data.Batches`, a function of seed and step alone. Every epoch begins at another place
    near the start of the text, drawn from the seed, as in D2L, so that pieces are cut elsewhere.

    Args:
        tokens: The text, (N,).
        batch_size: Number of rows B.
        num_steps: Length T of a piece.
        seed: Of the places where epochs begin.

    Raises:
        ValueError: A text too short for one piece of every row.
    """

    def __init__(
        self, tokens: Tensor, batch_size: int = 32, num_steps: int = 35, *, seed: int = 0
    ) -> None:
        self.tokens, self.seed = tokens, seed
        self.batch_size, self.num_steps = batch_size, num_steps
        if batch_size < 1 or len(tokens) < (batch_size + 1) * num_steps + 1:
            raise ValueError(
                f"expected more than (batch_size + 1) * num_steps = "
                f"{(batch_size + 1) * num_steps} tokens, got a text of {len(tokens)}"
            )

    def __len__(self) -> int:
        """Batches in an epoch."""
        return (len(self.tokens) - self.num_steps - 1) // self.batch_size // self.num_steps

    def __call__(self, step: int, rank: int = 0, world: int = 1) -> Batch:
        """Make the batch of a step, or one process' share of its rows.

        Args:
            step: Counted from 0 over the whole run.
            rank: Which process asks.
            world: How many processes share a batch; they must divide its rows evenly.

        Returns:
            Inputs, (T, B), and whether an epoch begins with them, (); targets, (T, B).

        Raises:
            ValueError: Rows that cannot be shared evenly.
        """
        if not 0 <= rank < world or self.batch_size % world:
            raise ValueError(
                f"expected a number of processes that divides {self.batch_size} rows, and a rank "
                f"below it; got rank {rank} of {world}"
            )
        epoch, piece = divmod(step, len(self))
        generator = torch.Generator().manual_seed(self.seed + 1_000_003 * epoch)
        offset = int(torch.randint(self.num_steps + 1, (), generator=generator))
        length = (len(self.tokens) - offset - 1) // self.batch_size
        rows = torch.arange(rank, self.batch_size, world) * length + offset
        at = torch.arange(piece * self.num_steps, (piece + 1) * self.num_steps)[:, None] + rows
        at = at.to(self.tokens.device)
        return Batch((self.tokens[at], torch.tensor(piece == 0)), self.tokens[at + 1])


def sequential_windows(
    tokens: Tensor, batch_size: int, num_steps: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Lay the text out in parallel rows and yield them piece by piece, in order.

    The piece that follows begins where the one before ended, in every row, so a state may be
    carried on. What does not fill all rows is left out, at the end of the text.

    Args:
        tokens: The text, (N,).
        batch_size: Number of rows B.
        num_steps: Length T of each piece; the last may be shorter.

    Yields:
        Inputs and targets, each (T, B).

    Raises:
        ValueError: A text too short for one step of every row.
    """
    length = (len(tokens) - 1) // batch_size if batch_size > 0 else 0
    if length < 1:
        raise ValueError(
            f"expected more than batch_size={batch_size} tokens, and a batch of at least 1, "
            f"got a text of {len(tokens)}"
        )
    used = length * batch_size
    inputs = tokens[:used].view(batch_size, length).t()
    targets = tokens[1 : used + 1].view(batch_size, length).t()
    yield from zip(inputs.split(num_steps), targets.split(num_steps), strict=True)
