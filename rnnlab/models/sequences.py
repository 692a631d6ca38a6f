"""N-to-1 and N-to-N: one answer for a whole sequence, or one for each of its steps.

Axes: ``T`` time steps, ``B`` batch, ``X`` features of an input, ``K`` classes.
"""

from typing import Any

from torch import Tensor, nn

from rnnlab.models.layers import SequenceEncoder


class _Reader(nn.Module):
    """An encoder that reads sequences, and a linear layer that answers from its hidden states."""

    def __init__(
        self, input_size: int, num_classes: int, hidden_size: int, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__()
        if num_classes < 1:
            raise ValueError(f"expected num_classes of at least 1, got {num_classes}")
        self.encoder = SequenceEncoder(input_size, hidden_size, *args, **kwargs)
        self.decoder = nn.Linear(self.encoder.output_size, num_classes)


class SequenceClassifier(_Reader):
    """N-to-1: read a sequence, then answer from the last hidden state. Equation `shapes-last`.

    Args:
        input_size: Number of different tokens; or of features X, without an embedding.
        num_classes: Number of classes K; 1 for a number to predict.
        hidden_size: Number of hidden units H.
        **kwargs: As for `rnnlab.models.SequenceEncoder`: cell, embedding_size, num_layers,
            bidirectional, dropout, implementation.

    Raises:
        ValueError: An unknown cell or implementation, or a size below 1.
    """

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Score the classes.

        Args:
            x: Tokens (T, B), or vectors (T, B, X).
            lengths: Real steps of each sequence, (B,); all T if None.

        Returns:
            Logits, (B, K).
        """
        _, state = self.encoder(x, lengths)
        logits: Tensor = self.decoder(self.encoder.dropout(self.encoder.last(state)))
        return logits


class Tagger(_Reader):
    """N-to-N: an answer for every step, from the hidden state there. Equation `shapes-each`.

    Args:
        input_size: Number of different tokens; or of features X, without an embedding.
        num_classes: Number of classes K.
        hidden_size: Number of hidden units H.
        **kwargs: As for `rnnlab.models.SequenceEncoder`: cell, embedding_size, num_layers,
            bidirectional, dropout, implementation.

    Raises:
        ValueError: An unknown cell or implementation, or a size below 1.
    """

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Score the classes at every step.

        Args:
            x: Tokens (T, B), or vectors (T, B, X).
            lengths: Real steps of each sequence, (B,); all T if None.

        Returns:
            Logits, (T, B, K); without meaning behind the ends.
        """
        output, _ = self.encoder(x, lengths)
        logits: Tensor = self.decoder(output)
        return logits
