"""Attention for a decoder: which of the encoder's outputs it looks at before each step.

Axes: ``T`` input steps, ``B`` batch, ``E`` features of a token's vector, ``H`` hidden units of the
decoder, ``C`` features of an encoder's output.
"""

import torch
from torch import Tensor, nn

from rnnlab.scratch import Attention
from rnnlab.scratch.affine import Affine
from rnnlab.scratch.scoring import Rule


class DecoderAttention(nn.Module):
    """Give the decoder a context of its own for every step (Bahdanau et al., 2015). `att-decoder`.

    The query is all that the decoder knows before a step: the vector of the token that it wrote
    last, and its hidden state, side by side. Without the token, which the hidden state has not read
    yet, the decoder would have to look for what comes next without knowing what came last. Keys and
    values are the encoder's outputs. Before a dot product, a linear layer brings the query to the
    keys' size. The rule ``"location"`` has one key: the encoder's last state.

    Args:
        hidden_size: Hidden units H of the decoder.
        memory_size: Features C of an encoder's output: twice its hidden units for two directions.
        rule: ``"location"``, ``"linear"``, ``"additive"`` or ``"dot"``.
        embedding_size: Features E of a token's vector, as in the `EncoderDecoder`.
        positions: Greatest number of input steps; for the rule ``"location"`` alone.
        learned_v: Weigh the additive score's units by a learned vector, not alike.

    Raises:
        ValueError: Unusable arguments.
    """

    def __init__(
        self,
        hidden_size: int,
        memory_size: int,
        rule: Rule = "additive",
        *,
        embedding_size: int = 32,
        positions: int | None = None,
        learned_v: bool = False,
    ) -> None:
        super().__init__()
        known = embedding_size + hidden_size
        self.query = Affine(known, memory_size) if rule == "dot" else None
        self.attention = Attention(
            memory_size if rule == "dot" else known,
            memory_size,
            positions,
            memory_size,
            memory_size,
            rule=rule,
            learned_v=learned_v,
        )

    def forward(
        self, token: Tensor, hidden: Tensor, context: Tensor, memory: Tensor, valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Attend once.

        Args:
            token: The vector of the token written last, (B, E).
            hidden: The decoder's hidden state, (B, H).
            context: The encoder's last state, (B, C).
            memory: The encoder's outputs, (T, B, C).
            valid: Which of them are real, (T, B), bool.

        Returns:
            The context for this step, (B, C), and the weights, (T, B).
        """
        query = torch.cat([token, hidden], dim=-1)
        query = (query if self.query is None else self.query(query))[:, None]  # (B, 1, ...)
        values = memory.transpose(0, 1)  # (B, T, C)
        keys = context[:, None] if self.attention.score.rule == "location" else values
        answer, weights = self.attention(query, keys, values, valid.T[:, None])
        return answer[:, 0], weights[:, 0].T
