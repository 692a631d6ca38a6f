"""N-to-M: read one sequence into a context, then write another from it.

Axes: ``T`` input steps, ``S`` output steps, ``B`` batch, ``V`` vocabulary, ``H`` hidden units,
    ``C`` features of the context.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnnlab.data.batching import mask
from rnnlab.models import decoding
from rnnlab.models.layers import CellKind, Implementation, SequenceEncoder, State, recurrent_layer


class DecoderState(NamedTuple):
    """What the decoder carries from step to step; every tensor has the batch on axis 1.

    Attributes:
        hidden: The decoder's recurrent state.
        context: The encoder's last hidden state, (1, B, C).
        memory: The encoder's outputs, (T, B, C).
        valid: Which of them are real, (T, B), bool.
    """

    hidden: State
    context: Tensor
    memory: Tensor
    valid: Tensor


class EncoderDecoder(nn.Module):
    """N-to-M: an encoder, a context, and a decoder that is given the context.

    The context c is the encoder's last hidden state, Equation `seq2seq-context`. The decoder starts
    from tanh of a linear function of it, `seq2seq-start`, and is given it again at every step,
    `seq2seq-step` and `seq2seq-output` (Cho et al. 2014), unless told otherwise. With attention
    each step has a context of its own, `att-decoder`.

    Args:
        source_size: Number of tokens of the input.
        target_size: Number of tokens V of the output.
        hidden_size: Number of hidden units H of each direction of the encoder, and of the decoder.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        embedding_size: Size of a token's vector.
        num_layers: Recurrent layers stacked, in encoder and decoder.
        bidirectional: Let the encoder read in both directions.
        dropout: Share of the encoder's embeddings and outputs that is dropped in training.
        context_every_step: Give the decoder the context at every step, not only at its start.
        attention: Makes a context of its own for every step, as
            `rnnlab.models.DecoderAttention` does. None for the one fixed context.
        implementation: ``"scratch"`` or ``"torch"``.

    Raises:
        ValueError: An unknown cell or implementation, or a size below 1.
    """

    def __init__(
        self,
        source_size: int,
        target_size: int,
        hidden_size: int,
        cell: CellKind = "lstm",
        *,
        embedding_size: int = 32,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        context_every_step: bool = True,
        attention: nn.Module | None = None,
        implementation: Implementation = "scratch",
    ) -> None:
        super().__init__()
        self.encoder = SequenceEncoder(
            source_size,
            hidden_size,
            cell,
            embedding_size=embedding_size,
            num_layers=num_layers,
            bidirectional=bidirectional,
            dropout=dropout,
            implementation=implementation,
        )
        C = self.encoder.output_size
        self.attention = attention
        self.context_every_step = context_every_step
        self.num_layers, self.hidden_size = num_layers, hidden_size
        self.embedding = nn.Embedding(target_size, embedding_size)
        self.bridge = nn.Linear(C, num_layers * hidden_size)
        self.recurrent = recurrent_layer(
            cell,
            embedding_size + (C if context_every_step or attention is not None else 0),
            hidden_size,
            num_layers,
            implementation=implementation,
        )
        self._has_cell_state = cell == "lstm"
        self.decoder = nn.Linear(hidden_size, target_size)

    def encode(self, source: Tensor, lengths: Tensor | None = None) -> DecoderState:
        """Read the input.

        Args:
            source: Tokens, (T, B).
            lengths: Real steps of each sequence, (B,); all T if None.

        Returns:
            The state that the decoder starts from.
        """
        memory, state = self.encoder(source, lengths)
        context = self.encoder.last(state)
        h = torch.tanh(self.bridge(context)).unflatten(-1, (self.num_layers, self.hidden_size))
        h = h.transpose(0, 1).contiguous()  # (layers, B, H)
        T, B = source.shape
        steps = torch.full((B,), T) if lengths is None else lengths
        return DecoderState(
            (h, torch.zeros_like(h)) if self._has_cell_state else h,
            context[None],
            memory,
            mask(steps, T).to(source.device),
        )

    def _attend(self, token: Tensor, state: DecoderState) -> tuple[Tensor, Tensor]:
        hidden = state.hidden[0] if isinstance(state.hidden, tuple) else state.hidden
        assert self.attention is not None
        context, weights = self.attention(
            token, hidden[-1], state.context[0], state.memory, state.valid
        )
        return context, weights

    def step(
        self, tokens: Tensor, state: DecoderState, weights: list[Tensor] | None = None
    ) -> tuple[Tensor, DecoderState]:
        """Write one more token: tokens (B,) to logits (B, V).

        Args:
            tokens: The tokens chosen last, (B,).
            state: The decoder's state.
            weights: A list that the attention weights of the step, (T, B), are added to.

        Returns:
            Logits, (B, V), and the next state.
        """
        x = self.embedding(tokens)
        if self.attention is not None:
            context, attended = self._attend(x, state)
            x = torch.cat([x, context], dim=-1)
            if weights is not None:
                weights.append(attended)
        elif self.context_every_step:
            x = torch.cat([x, state.context[0]], dim=-1)
        output, hidden = self.recurrent(x[None], state.hidden)
        return self.decoder(output[0]), state._replace(hidden=hidden)

    def forward(self, source: Tensor, lengths: Tensor | None, previous: Tensor) -> Tensor:
        """Score every token at every step, given the right ones before it (teacher forcing).

        Args:
            source: Tokens of the input, (T, B).
            lengths: Its real steps, (B,); all T if None.
            previous: The token before each output step, (S, B): the start first.

        Returns:
            Logits, (S, B, V).
        """
        state = self.encode(source, lengths)
        if self.attention is not None:  # step by step: a context needs the hidden state before it
            scores = []
            for tokens in previous:
                logits, state = self.step(tokens, state)
                scores.append(logits)
            return torch.stack(scores)
        x = self.embedding(previous)
        if self.context_every_step:
            x = torch.cat([x, state.context.expand(len(previous), -1, -1)], dim=-1)
        output, _ = self.recurrent(x, state.hidden)
        answer: Tensor = self.decoder(output)
        return answer

    @torch.no_grad()
    def greedy(
        self, source: Tensor, lengths: Tensor | None = None, *, start: int, stop: int, most: int
    ) -> Tensor:
        """Write the answers of a batch, taking the likeliest token at every step.

        Args:
            source: Tokens of the input, (T, B).
            lengths: Its real steps, (B,); all T if None.
            start: The token that every answer begins with.
            stop: The token that ends it.
            most: Most tokens of an answer.

        Returns:
            The tokens after the start, (S, B), with `stop` wherever an answer has ended.
        """
        first = torch.full((source.shape[1],), start, device=source.device)
        return decoding.greedy(self.step, self.encode(source, lengths), first, stop=stop, most=most)

    @torch.no_grad()
    def beam(
        self, source: Tensor, *, start: int, stop: int, most: int, width: int, **kwargs: Any
    ) -> list[tuple[list[int], float]]:
        """Write the likeliest answers to one input that a beam of some width finds.

        Args:
            source: Tokens of the input, (T,).
            start: The token that an answer begins with.
            stop: The token that ends it.
            most: Most tokens of an answer.
            width: Beginnings that are followed at the same time.
            **kwargs: As for `rnnlab.models.decoding.beam`.

        Returns:
            The answers without start and stop, best first, each with its log-probability.
        """
        return decoding.beam(
            self.step,
            self.encode(source[:, None]),
            start,
            stop=stop,
            most=most,
            width=width,
            **kwargs,
        )
