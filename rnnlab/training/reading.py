"""Reading a text on and on: the state is carried from batch to batch, the gradient is not.

This is truncated backpropagation through time (Williams and Peng 1990): a language model starts
each batch from the state that the one before ended with, as a fact, not as something to be learned
through.
"""

from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.data.batching import Batch
from rnnlab.training.distributed import gathered, world
from rnnlab.training.scores import Score, score_of


class ReadingOn:
    """The objective of a language model on `rnnlab.data.SequentialBatches`.

    Attributes:
        state: The model's state after the last batch; None before the first.
    """

    def __init__(self) -> None:
        self.state: Any = None

    def __call__(self, model: nn.Module, batch: Batch) -> Score:
        """Score a batch, from the state of the one before, or from zeros where an epoch begins."""
        tokens, begins = batch.inputs
        state = None if begins else self.state
        logits, state = model(tokens, state)
        parts = tuple(part.detach() for part in (state if isinstance(state, tuple) else [state]))
        self.state = parts if isinstance(state, tuple) else parts[0]
        return score_of(logits, batch.targets)

    def state_dict(self) -> dict[str, Tensor]:
        """The state of all processes' rows, in the order of the rows."""
        if self.state is None:
            return {}
        parts = self.state if isinstance(self.state, tuple) else (self.state,)
        return {str(k): _woven(gathered(part.contiguous())) for k, part in enumerate(parts)}

    def load_state_dict(self, tensors: dict[str, Tensor], device: torch.device) -> None:
        """Take this process' rows from what `state_dict` gave, of however many processes."""
        rank, size = world()
        parts = tuple(tensors[name][:, rank::size].to(device) for name in sorted(tensors))
        self.state = None if not parts else parts if len(parts) > 1 else parts[0]


def _woven(parts: list[Tensor]) -> Tensor:
    """Put the rows of all processes, (layers, B, H) each, back in their places."""
    return torch.stack(parts, dim=2).flatten(1, 2)
