"""The order of the steps, and the rows that each of them has.

The rows of all steps of a batch lie one step after the other in a buffer of S rows. A step's rows
are a slice of it. In a packed batch the sequences are sorted by length, so the ones that a step
runs are the first rows of the state: rows drop out as sequences end, or join as they begin. Their
part of the state's buffer is left as it is meanwhile, which makes it their final or initial state.

Axes: ``T`` time steps, ``S`` rows of all steps together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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

    def forwards(self, *buffers: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """A view of each buffer (S, ...) for every step, in the order in which they are read."""
        return self._views(buffers, self.reverse)

    def backwards(self, *buffers: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """The same in the opposite order: that of the backward pass."""
        return self._views(buffers, not self.reverse)

    def _views(self, buffers: tuple[Tensor, ...], last_first: bool) -> Iterator[tuple[Tensor, ...]]:
        split = [buffer.split(self.batch_sizes) for buffer in buffers]
        return zip(*(views[::-1] if last_first else views for views in split), strict=True)
