"""The order of the steps, the rows that each of them has, and the state before and after them.

The rows of all steps of a batch lie one step after the other in a buffer of S rows; a step's rows
are a slice of it. In a packed batch the sequences are sorted by length, so the ones that a step
runs are the first rows of the batch. Going forward, rows drop out as sequences end; in reverse,
they join as sequences begin. A padded batch is the case where none does.

Axes: ``T`` time steps, ``B`` batch, ``S`` rows of all steps together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True)
class Steps:
    """The steps of one direction of a layer.

    Attributes:
        batch_sizes: How many rows each of the T steps has; never growing.
        reverse: Whether the layer reads from the last step to the first.
    """

    batch_sizes: list[int]
    reverse: bool = False

    def __len__(self) -> int:
        return len(self.batch_sizes)

    def forwards(self, *buffers: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """A view of each buffer (S, ...) for every step, in the order in which they are read."""
        return self._views(buffers, self.reverse)

    def backwards(self, *buffers: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """The same in the opposite order: that of the backward pass."""
        return self._views(buffers, not self.reverse)

    def _views(self, buffers: tuple[Tensor, ...], last_first: bool) -> Iterator[tuple[Tensor, ...]]:
        split = [buffer.split(self.batch_sizes) for buffer in buffers]
        return zip(*(views[::-1] if last_first else views for views in split), strict=True)

    def before(self, states: Tensor, initial: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """Views of the state before every step, in the order in which they are read.

        Args:
            states: The states after every step, (S, ...). May be filled as one goes along.
            initial: The initial state, (B, ...).

        Yields:
            For each step one view, or two whose rows together are the step's: where sequences
            begin, their initial states follow the states of those that run.
        """
        sizes = self.batch_sizes[::-1] if self.reverse else self.batch_sizes
        yield (initial[: sizes[0]],)
        after = (view for (view,) in self.forwards(states))
        for state, (size, next_size) in zip(after, pairwise(sizes), strict=False):
            if next_size == size:
                yield (state,)
            elif next_size < size:
                yield (state[:next_size],)
            else:
                yield state, initial[size:next_size]

    def all_before(self, states: Tensor, initial: Tensor) -> tuple[Tensor, ...]:
        """The states before all steps, in pieces one below the other in the order of ``states``.

        Where all steps have the same rows, the pieces are views, and nothing is copied.
        """
        B = self.batch_sizes[0]
        if self.batch_sizes[-1] == B:
            return (states[B:], initial) if self.reverse else (initial, states[:-B])
        before = list(self.before(states, initial))
        views = (view for views in (before[::-1] if self.reverse else before) for view in views)
        return (torch.cat([*views]),)

    def final(self, states: Tensor) -> Tensor:
        """The state of each sequence after its last step, (B, ...), in a new tensor."""
        return torch.cat(self._final_views(states))

    def add_final_(self, states: Tensor, final: Tensor) -> Tensor:
        """Add a tensor shaped like the final state, (B, ...), to each sequence's last state."""
        views = self._final_views(states)
        for view, rows in zip(views, final.split([len(view) for view in views]), strict=True):
            view.add_(rows)
        return states

    def _final_views(self, states: Tensor) -> list[Tensor]:
        views = states.split(self.batch_sizes)
        if self.reverse:
            return [views[0]]
        shorter = [
            view[next_size:]  # the sequences that end here
            for view, next_size in zip(views, self.batch_sizes[1:], strict=False)
            if next_size < len(view)
        ]
        return [views[-1], *reversed(shorter)]


def joined(views: tuple[Tensor, ...]) -> Tensor:
    """The rows of one view, or of several, one below the other."""
    return views[0] if len(views) == 1 else torch.cat(views)


def replaced(rows: Tensor, whole: Tensor) -> Tensor:
    """The whole with its first rows replaced; where these are all of them, nothing is copied."""
    return rows if len(rows) == len(whole) else torch.cat([rows, whole[len(rows) :]])
