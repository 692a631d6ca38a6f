"""Attention for a decoder: which of the encoder's outputs it looks at before each step.

Axes: ``T`` input steps, ``B`` batch, ``H`` hidden units of the decoder, ``C`` features of an
encoder's output.
"""

from typing import Unpack

from torch import Tensor, nn

from rnnlab.scratch import Attention
from rnnlab.scratch.affine import Affine
from rnnlab.scratch.scoring import Rule, ScoreOptions


class DecoderAttention(nn.Module):
    """Give the decoder a context of its own for every step (Bahdanau et al., 2015).

    The query is the decoder's hidden state, keys and values are the encoder's outputs. Before a dot
    product, a linear layer brings the query to the keys' size. The rule ``"location"`` has one key:
    the encoder's last state.

    Args:
        hidden_size: Hidden units H of the decoder.
        memory_size: Features C of an encoder's output: twice its hidden units for two directions.
        rule: ``"location"``, ``"linear"``, ``"additive"`` or ``"dot"``.
        positions: Greatest number of input steps; for the rule ``"location"`` alone.
        **score: As for `rnnlab.scratch.Score`: hidden_size, learned_v.

    Raises:
        ValueError: Unusable arguments.
    """

    def __init__(
        self,
        hidden_size: int,
        memory_size: int,
        rule: Rule = "additive",
        *,
        positions: int | None = None,
        **score: Unpack[ScoreOptions],
    ) -> None:
        super().__init__()
        query_size = memory_size if rule == "dot" else hidden_size
        self.query = Affine(hidden_size, query_size) if rule == "dot" else None
        self.attention = Attention(
            query_size, memory_size, positions, memory_size, memory_size, rule=rule, **score
        )

    def forward(
        self, hidden: Tensor, context: Tensor, memory: Tensor, valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Attend once.

        Args:
            hidden: The decoder's hidden state, (B, H).
            context: The encoder's last state, (B, C).
            memory: The encoder's outputs, (T, B, C).
            valid: Which of them are real, (T, B), bool.

        Returns:
            The context for this step, (B, C), and the weights, (T, B).
        """
        query = (hidden if self.query is None else self.query(hidden))[:, None]  # (B, 1, ...)
        values = memory.transpose(0, 1)  # (B, T, C)
        keys = context[:, None] if self.attention.score.rule == "location" else values
        answer, weights = self.attention(query, keys, values, valid.T[:, None])
        return answer[:, 0], weights[:, 0].T
