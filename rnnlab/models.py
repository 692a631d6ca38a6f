"""Models over recurrent layers: one class for each shape of input and output.

Every model runs on `rnnlab.scratch` or on ``torch.nn`` layers by one argument; both give the same
numbers from the same weights.

Axes: ``T`` time steps, ``B`` batch, ``V`` vocabulary, ``H`` hidden units.
"""

from types import ModuleType
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from rnnlab import scratch

CellKind = Literal["rnn", "lstm", "gru"]
Implementation = Literal["scratch", "torch"]
State = Tensor | tuple[Tensor, Tensor]

_LIBRARIES: dict[str, ModuleType] = {"scratch": scratch, "torch": nn}


def recurrent_layer(
    cell: CellKind, *args: Any, implementation: Implementation = "scratch", **kwargs: Any
) -> nn.Module:
    """Make an RNN, LSTM or GRU layer of either implementation.

    Args:
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        *args: The layer's positional arguments.
        implementation: ``"scratch"`` for `rnnlab.scratch`, ``"torch"`` for ``torch.nn``.
        **kwargs: The layer's keyword arguments.

    Returns:
        The layer.

    Raises:
        ValueError: An unknown cell or implementation.
    """
    if cell not in ("rnn", "lstm", "gru"):
        raise ValueError(f"expected cell to be 'rnn', 'lstm' or 'gru', got {cell!r}")
    if implementation not in _LIBRARIES:
        raise ValueError(
            f"expected implementation to be 'scratch' or 'torch', got {implementation!r}"
        )
    layer: nn.Module = getattr(_LIBRARIES[implementation], cell.upper())(*args, **kwargs)
    return layer


class LanguageModel(nn.Module):
    """Predict the next character at every step: one-hot input, recurrent layers, a linear decoder.

    Args:
        vocabulary_size: Number of characters V.
        hidden_size: Number of hidden units H.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        num_layers: Recurrent layers stacked.
        implementation: ``"scratch"`` or ``"torch"``.

    Raises:
        ValueError: An unknown cell or implementation, or a size below 1.
    """

    def __init__(
        self,
        vocabulary_size: int,
        hidden_size: int,
        cell: CellKind = "lstm",
        *,
        num_layers: int = 1,
        implementation: Implementation = "scratch",
    ) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.recurrent = recurrent_layer(
            cell, vocabulary_size, hidden_size, num_layers, implementation=implementation
        )
        self.decoder = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Score every character as the next one, after each step.

        Args:
            tokens: Indices of characters, (T, B) or (T,), int64.
            state: The recurrent layers' state to start from; zeros if None.

        Returns:
            Logits, (T, B, V) or (T, V), and the state after the last step.
        """
        x = one_hot(tokens, self.vocabulary_size).to(self.decoder.weight.dtype)
        output, state = self.recurrent(x, state)
        return self.decoder(output), state

    @torch.no_grad()
    def complete(
        self,
        prompt: Tensor,
        length: int,
        *,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Go on from a prompt, one character after the other.

        Args:
            prompt: At least one index, (T,).
            length: How many characters to add.
            temperature: Divides the logits before the softmax; 0 takes the likeliest character.
            generator: Where the characters are drawn from; on the CPU.

        Returns:
            The prompt and what follows it, (T + length,), on the CPU.

        Raises:
            ValueError: An empty prompt or a negative temperature.
        """
        if len(prompt) == 0:
            raise ValueError("expected a prompt of at least one character, got an empty one")
        if temperature < 0:
            raise ValueError(f"expected a temperature of at least 0, got {temperature}")
        device = self.decoder.weight.device
        tokens = prompt.tolist()
        logits, state = self(prompt.to(device))
        for _ in range(length):
            scores = logits[-1].cpu()
            if temperature == 0:
                token = int(scores.argmax())
            else:
                probabilities = torch.softmax(scores / temperature, dim=-1)
                token = int(torch.multinomial(probabilities, 1, generator=generator))
            tokens.append(token)
            logits, state = self(torch.tensor([token], device=device), state)
        return torch.tensor(tokens)
