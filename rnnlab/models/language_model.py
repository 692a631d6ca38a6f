"""The language model: what comes next, at every step.

Axes: ``T`` time steps, ``B`` batch, ``V`` vocabulary, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from rnnlab.models.decoding import check_choice, pick
from rnnlab.models.layers import CellKind, Implementation, State, recurrent_layer


class LanguageModel(nn.Module):
    """Predict the next token at every step: recurrent layers, then a linear decoder.

    Equations `lm-state` and `lm-softmax`; explained in the chapter language-models.

    Args:
        vocabulary_size: Number of tokens V.
        hidden_size: Number of hidden units H.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        num_layers: Recurrent layers stacked.
        embedding_size: Size of a token's vector; None for one-hot inputs.
        tie_weights: Use the embedding as the decoder's weight too (Press and Wolf 2017); the
            embedding's size must be H.
        dropout: Share of embeddings and of the layers' outputs that is dropped in training.
        implementation: ``"scratch"`` or ``"torch"``.

    Raises:
        ValueError: An unknown cell or implementation, a size below 1, or weights that cannot be
            tied.
    """

    def __init__(
        self,
        vocabulary_size: int,
        hidden_size: int,
        cell: CellKind = "lstm",
        *,
        num_layers: int = 1,
        embedding_size: int | None = None,
        tie_weights: bool = False,
        dropout: float = 0.0,
        implementation: Implementation = "scratch",
    ) -> None:
        super().__init__()
        if tie_weights and embedding_size != hidden_size:
            raise ValueError(
                f"expected embedding_size={hidden_size}, the hidden size, to tie the weights, "
                f"got {embedding_size}"
            )
        self.vocabulary_size = vocabulary_size
        self.embedding = (
            None if embedding_size is None else nn.Embedding(vocabulary_size, embedding_size)
        )
        self.recurrent = recurrent_layer(
            cell,
            vocabulary_size if embedding_size is None else embedding_size,
            hidden_size,
            num_layers,
            dropout=dropout if num_layers > 1 else 0.0,
            implementation=implementation,
        )
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(hidden_size, vocabulary_size)
        if tie_weights and self.embedding is not None:
            self.embedding.weight = self.decoder.weight

    def embed(self, tokens: Tensor) -> Tensor:
        """Turn tokens, (...), into vectors, (..., X): one-hot, or those of the embedding."""
        if self.embedding is None:
            return one_hot(tokens, self.vocabulary_size).to(self.decoder.weight.dtype)
        vectors: Tensor = self.dropout(self.embedding(tokens))
        return vectors

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Score every token as the next one, after each step.

        Args:
            tokens: Indices of tokens, (T, B) or (T,), int64.
            state: The recurrent layers' state to start from; zeros if None.

        Returns:
            Logits, (T, B, V) or (T, V), and the state after the last step.
        """
        output, state = self.recurrent(self.embed(tokens), state)
        return self.decoder(self.dropout(output)), state

    def stream(
        self,
        prompt: Tensor,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Iterator[int]:
        """Go on from a prompt without end, one token after the other.

        Args:
            prompt: At least one index, (T,).
            temperature: Divides the logits before the softmax; 0 takes the likeliest token.
            top_k: Draw from the likeliest k only; from all if None.
            generator: Where the tokens are drawn from; on the CPU.

        Returns:
            The next tokens, made as they are asked for.

        Raises:
            ValueError: An empty prompt, a negative temperature, or a top_k below 1.
        """
        if len(prompt) == 0:
            raise ValueError("expected a prompt of at least one token, got an empty one")
        check_choice(temperature, top_k)
        return self._stream(prompt, temperature, top_k, generator)

    def _stream(
        self,
        prompt: Tensor,
        temperature: float,
        top_k: int | None,
        generator: torch.Generator | None,
    ) -> Iterator[int]:
        device = self.decoder.weight.device
        tokens, state = prompt.to(device), None
        while True:
            with torch.no_grad():
                logits, state = self(tokens, state)
            token = pick(logits[-1].cpu(), temperature, top_k, generator)
            yield token
            tokens = torch.tensor([token], device=device)

    def complete(
        self,
        prompt: Tensor,
        length: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Go on from a prompt for some tokens.

        Args:
            prompt: At least one index, (T,).
            length: How many tokens to add.
            temperature: Divides the logits before the softmax; 0 takes the likeliest token.
            top_k: Draw from the likeliest k only; from all if None.
            generator: Where the tokens are drawn from; on the CPU.

        Returns:
            The prompt and what follows it, (T + length,), on the CPU.

        Raises:
            ValueError: An empty prompt, a negative temperature, or a top_k below 1.
        """
        following = self.stream(prompt, temperature=temperature, top_k=top_k, generator=generator)
        return torch.tensor([*prompt.tolist(), *(next(following) for _ in range(length))])
