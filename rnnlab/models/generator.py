"""1-to-N: a sequence that describes one input vector.

Axes: ``B`` batch, ``X`` features of the input, ``S`` output steps, ``V`` vocabulary, ``H`` hidden
units.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from rnnlab.models import decoding
from rnnlab.models.layers import CellKind, Implementation, State, recurrent_layer


class ConditionalGenerator(nn.Module):
    """1-to-N: write a sequence about a vector, each token with the ones before it known.

    Equation `shapes-one`.

    Args:
        input_size: Features X of the vector.
        vocabulary_size: Number of tokens V.
        hidden_size: Number of hidden units H.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        embedding_size: Size of a token's vector.
        feed: ``"every"`` gives the vector to every step; ``"first"`` to the first step only, zeros
            to the others, so that it has to be remembered.
        num_layers: Recurrent layers stacked.
        implementation: ``"scratch"`` or ``"torch"``.

    Raises:
        ValueError: An unknown cell, implementation or feed, or a size below 1.
    """

    def __init__(
        self,
        input_size: int,
        vocabulary_size: int,
        hidden_size: int,
        cell: CellKind = "lstm",
        *,
        embedding_size: int = 16,
        feed: Literal["every", "first"] = "every",
        num_layers: int = 1,
        implementation: Implementation = "scratch",
    ) -> None:
        super().__init__()
        if feed not in ("every", "first"):
            raise ValueError(f"expected feed to be 'every' or 'first', got {feed!r}")
        self.feed = feed
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = recurrent_layer(
            cell,
            input_size + embedding_size,
            hidden_size,
            num_layers,
            implementation=implementation,
        )
        self.decoder = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, x: Tensor, previous: Tensor) -> Tensor:
        """Score every token at every step, given the right ones before it (teacher forcing).

        Args:
            x: The vectors, (B, X).
            previous: The token before each step, (S, B): the start first.

        Returns:
            Logits, (S, B, V).
        """
        x = x.to(self.decoder.weight.dtype).expand(len(previous), *x.shape)  # (S, B, X)
        if self.feed == "first":
            x = torch.cat([x[:1], torch.zeros_like(x[1:])])
        output, _ = self.recurrent(torch.cat([x, self.embedding(previous)], dim=-1))
        logits: Tensor = self.decoder(output)
        return logits

    def step(
        self, tokens: Tensor, state: tuple[Tensor, State | None]
    ) -> tuple[Tensor, tuple[Tensor, State]]:
        """Go one step further: tokens (B,) to logits (B, V).

        Args:
            tokens: The tokens chosen last, (B,).
            state: What is fed, (1, B, X), and the recurrent state; None for it at the start.

        Returns:
            Logits, (B, V), and the next state.
        """
        x, hidden = state
        x = x.to(self.decoder.weight.dtype)
        output, following = self.recurrent(
            torch.cat([x, self.embedding(tokens)[None]], dim=-1), hidden
        )
        x = torch.zeros_like(x) if self.feed == "first" else x
        return self.decoder(output[0]), (x, following)

    def generate(self, x: Tensor, *, start: int, stop: int, most: int) -> Tensor:
        """Write about some vectors, taking the likeliest token at every step.

        Args:
            x: The vectors, (B, X).
            start: The token that every sequence begins with.
            stop: The token that ends it.
            most: Most tokens.

        Returns:
            The tokens after the start, (S, B), with `stop` wherever a sequence has ended.
        """
        first = torch.full((len(x),), start, device=x.device)
        return decoding.greedy(self.step, (x[None], None), first, stop=stop, most=most)
