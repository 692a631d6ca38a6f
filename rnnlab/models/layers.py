"""What all models are made of: a recurrent layer of either implementation, and its input.

Axes: ``T`` time steps, ``B`` batch, ``X`` features of an input, ``H`` hidden units.
"""

from types import ModuleType
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnlab import scratch
from rnnlab.data.batching import pack

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


@torch.no_grad()
def set_forget_bias(layer: nn.Module, value: float) -> None:
    """Set the forget gate's bias of every layer and direction of an LSTM (Claim C21).

    PyTorch keeps two biases for each gate, which are added: one is set to the value, one to 0.

    Args:
        layer: A `rnnlab.scratch.LSTM` or a ``torch.nn.LSTM``.
        value: The bias; 1 keeps most of the cell at first (Gers et al. 2000).

    Raises:
        ValueError: A layer that is no LSTM, or one without biases.
    """
    hidden_size = getattr(layer, "hidden_size", None)
    weight = getattr(layer, "weight_hh_l0", None)
    biases = {name: p for name, p in layer.named_parameters() if name.startswith("bias_")}
    if hidden_size is None or weight is None or len(weight) != 4 * hidden_size:
        raise ValueError(f"expected an LSTM, got {type(layer).__name__}")
    if not biases:
        raise ValueError("expected an LSTM with biases, got one without")
    for name, bias in biases.items():
        forget = bias[hidden_size : 2 * hidden_size]  # PyTorch's order: i, f, g, o
        forget.fill_(value if name.startswith("bias_ih") else 0.0)


class SequenceEncoder(nn.Module):
    """Run a recurrent layer over padded sequences, of vectors or of tokens to be embedded.

    Args:
        input_size: Number of different tokens; or of features X, without an embedding.
        hidden_size: Number of hidden units H.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        embedding_size: Size of a token's vector; None for inputs that are vectors already.
        num_layers: Recurrent layers stacked.
        bidirectional: Read in both directions.
        dropout: Share of the embeddings' and the layers' outputs that is dropped in training.
        implementation: ``"scratch"`` or ``"torch"``.

    Attributes:
        output_size: Features of an output: H, or 2 H for two directions.

    Raises:
        ValueError: An unknown cell or implementation, or a size below 1.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        cell: CellKind = "lstm",
        *,
        embedding_size: int | None = None,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        implementation: Implementation = "scratch",
    ) -> None:
        super().__init__()
        self.embedding = (
            None if embedding_size is None else nn.Embedding(input_size, embedding_size)
        )
        self.dropout = nn.Dropout(dropout)
        self.recurrent = recurrent_layer(
            cell,
            input_size if embedding_size is None else embedding_size,
            hidden_size,
            num_layers,
            dropout=dropout if num_layers > 1 else 0.0,  # a single layer has nothing in between
            bidirectional=bidirectional,
            implementation=implementation,
        )
        self.directions = 2 if bidirectional else 1
        self.output_size = hidden_size * self.directions

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Read the sequences; what is behind their ends is never read.

        Args:
            x: Tokens (T, B), or vectors (T, B, X).
            lengths: Real steps of each sequence, (B,); all T if None.

        Returns:
            Outputs, (T, B, output_size), zeros behind the ends, and the state of every layer and
            direction after its last real step.
        """
        if lengths is None:
            output, state = self.recurrent(self._vectors(x))
        else:
            packed = pack(x, lengths)
            output, state = self.recurrent(PackedSequence(self._vectors(packed.data), *packed[1:]))
            output, _ = pad_packed_sequence(output, total_length=x.shape[0])
        return self.dropout(output), state

    def _vectors(self, x: Tensor) -> Tensor:
        """What the recurrent layer reads: vectors in the weights' type, with dropout."""
        vectors: Tensor = x.to(self.dtype) if self.embedding is None else self.embedding(x)
        dropped: Tensor = self.dropout(vectors)
        return dropped

    @property
    def dtype(self) -> torch.dtype:
        """The weights' type, which vectors are turned into."""
        return next(self.recurrent.parameters()).dtype

    def last(self, state: State) -> Tensor:
        """The top layer's hidden state after the last real step, directions side by side.

        Each direction is taken where it ends, the backward one at the first step. The last step of
        the *output* would hold a backward state that has seen a single token.

        Args:
            state: As `forward` returns it.

        Returns:
            The hidden state, (B, output_size).
        """
        hidden = state[0] if isinstance(state, tuple) else state  # an LSTM's cell state stays in
        return torch.cat(list(hidden[-self.directions :]), dim=-1)
