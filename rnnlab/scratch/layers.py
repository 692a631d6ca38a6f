"""RNN, LSTM, GRU over whole sequences: drop-in replacements for the layers of ``torch.nn``.

Same constructor, inputs, outputs, parameter names, initial numbers and errors. Each layer names its
cell's update; how it is run over steps, layers and directions is in `rnnlab.scratch.recurrent`.
Chapters: rnn, lstm, gru.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units (H
where there is no projection), ``D`` directions.
"""

import torch
from torch import Tensor

from rnnlab.conventions import UpdateGate, check_gru_conventions, gru_conventions_repr
from rnnlab.scratch.backprop import (
    GRUAfterDerivation,
    GRUBeforeDerivation,
    LSTMDerivation,
    RNNDerivation,
    Steps,
)
from rnnlab.scratch.checks import check_pair, refuse_proj_size
from rnnlab.scratch.recurrent import RecurrentLayer, Sequences
from rnnlab.scratch.updates import Nonlinearity


class RNN(RecurrentLayer):
    """The simple recurrent network (Elman, 1990) over a whole sequence; ``torch.nn.RNN``'s twin.

    Equation `rnn-cell` at every step; chapter rnn.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        num_layers: Layers stacked, each reading the outputs of the one below.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias: Whether to have the two biases.
        batch_first: Whether input and output are (B, T, ...) instead of (T, B, ...).
        dropout: Probability of zeroing an output of each layer but the last, in training.
        bidirectional: Whether to run in both directions and concatenate the outputs.
        proj_size: Refused; for the LSTM only.
        device: Where the parameters live.
        dtype: Their type.
        readable: Whether to run the loop of cell updates, with autograd going back through it,
            instead of the whole sequence as one operation with a backward pass derived by hand.

    Raises:
        TypeError: A size that is not an int, a flag that is not a bool.
        ValueError: A size below 1, a dropout outside [0, 1], an unknown nonlinearity, a proj_size.
    """

    num_gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        readable: bool = False,
    ) -> None:
        refuse_proj_size(proj_size)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity {nonlinearity!r}. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0,
            device, dtype, readable,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        """The arguments that are not the default; the nonlinearity too, which torch leaves out."""
        return super().extra_repr() + (
            "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        )

    def _derivation(self, steps: Steps) -> RNNDerivation:
        return RNNDerivation(steps, self.nonlinearity)

    def forward(self, input: Sequences, hx: Tensor | None = None) -> tuple[Sequences, Tensor]:
        """Run over a sequence.

        Args:
            input: (T, B, X), (B, T, X) with ``batch_first``, (T, X) for one sequence, or packed.
            hx: h_0, (layers·D, B, H), or (layers·D, H) for one sequence; zeros if None.

        Returns:
            The last layer's h_t at every step, (T, B, D·H) or in the input's form, and h_T of every
            layer and direction, (layers·D, B, H).

        Raises:
            ValueError: Wrong number of dimensions or dtype.
            RuntimeError: Wrong feature size, state shape or batch; no time step.
        """
        output, (h,) = self.run(input, None if hx is None else (hx,))
        return output, h


class LSTM(RecurrentLayer):
    """The LSTM (Hochreiter and Schmidhuber, 1997) over a whole sequence; ``torch.nn.LSTM``'s twin.

    Equations `lstm-forget`, `lstm-input`, `lstm-candidate`, `lstm-cell`, `lstm-output`,
    `lstm-hidden` (`lstm-projection` with ``proj_size``) at every step; chapter lstm.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        num_layers: Layers stacked, each reading the outputs of the one below.
        bias: Whether to have the two biases.
        batch_first: Whether input and output are (B, T, ...) instead of (T, B, ...).
        dropout: Probability of zeroing an output of each layer but the last, in training.
        bidirectional: Whether to run in both directions and concatenate the outputs.
        proj_size: Size P that h is projected to; 0 for none.
        device: Where the parameters live.
        dtype: Their type.
        readable: Whether to run the loop of cell updates, with autograd going back through it,
            instead of the whole sequence as one operation with a backward pass derived by hand.

    Raises:
        TypeError: A size that is not an int, a flag that is not a bool.
        ValueError: A size below 1, a dropout outside [0, 1], a proj_size outside [0, H).
    """

    num_gates = 4
    state_labels = ("hidden[0]", "hidden[1]")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        readable: bool = False,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            proj_size, device, dtype, readable,
        )  # fmt: skip

    def _derivation(self, steps: Steps) -> LSTMDerivation:
        return LSTMDerivation(steps)

    def forward(
        self, input: Sequences, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Sequences, tuple[Tensor, Tensor]]:
        """Run over a sequence.

        Args:
            input: (T, B, X), (B, T, X) with ``batch_first``, (T, X) for one sequence, or packed.
            hx: ``(h_0, c_0)``, (layers·D, B, P) and (layers·D, B, H), without B for one sequence;
                zeros if None.

        Returns:
            The last layer's h_t at every step, (T, B, D·P) or in the input's form, and
            ``(h_T, c_T)`` of every layer and direction.

        Raises:
            TypeError: hx is not a pair.
            ValueError: Wrong number of dimensions or dtype.
            RuntimeError: Wrong feature size, state shape or batch; no time step.
        """
        output, (h, c) = self.run(input, None if hx is None else check_pair("LSTM", hx))
        return output, (h, c)


class GRU(RecurrentLayer):
    """The GRU (Cho et al., 2014) over a whole sequence; ``torch.nn.GRU``'s twin.

    Equations `gru-reset`, `gru-update`, `gru-candidate-after` (or `gru-candidate-before`),
    `gru-keep` (or `gru-take`) at every step; chapter gru.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        num_layers: Layers stacked, each reading the outputs of the one below.
        bias: Whether to have the two biases.
        batch_first: Whether input and output are (B, T, ...) instead of (T, B, ...).
        dropout: Probability of zeroing an output of each layer but the last, in training.
        bidirectional: Whether to run in both directions and concatenate the outputs.
        proj_size: Refused; for the LSTM only.
        device: Where the parameters live.
        dtype: Their type.
        reset_after: Whether the reset gate acts after the recurrent product (``torch.nn``) or
            before it (the paper).
        update_gate: ``"keep"``: z near 1 keeps the old state (``torch.nn``); ``"take"``: z near 1
            takes the candidate.
        readable: Whether to run the loop of cell updates, with autograd going back through it,
            instead of the whole sequence as one operation with a backward pass derived by hand.

    Raises:
        TypeError: A size that is not an int, a flag that is not a bool.
        ValueError: A size below 1, a dropout outside [0, 1], a proj_size, an unknown update_gate.
    """

    num_gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        reset_after: bool = True,
        update_gate: UpdateGate = "keep",
        readable: bool = False,
    ) -> None:
        refuse_proj_size(proj_size)
        check_gru_conventions(reset_after, update_gate)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0,
            device, dtype, readable,
        )  # fmt: skip
        self.reset_after = reset_after
        self.update_gate = update_gate

    def extra_repr(self) -> str:
        """The arguments that are not the default, as ``torch.nn`` prints them."""
        return super().extra_repr() + gru_conventions_repr(self.reset_after, self.update_gate)

    def _derivation(self, steps: Steps) -> GRUAfterDerivation | GRUBeforeDerivation:
        derivation = GRUAfterDerivation if self.reset_after else GRUBeforeDerivation
        return derivation(steps, self.update_gate)

    def forward(self, input: Sequences, hx: Tensor | None = None) -> tuple[Sequences, Tensor]:
        """Run over a sequence.

        Args:
            input: (T, B, X), (B, T, X) with ``batch_first``, (T, X) for one sequence, or packed.
            hx: h_0, (layers·D, B, H), or (layers·D, H) for one sequence; zeros if None.

        Returns:
            The last layer's h_t at every step, (T, B, D·H) or in the input's form, and h_T of every
            layer and direction, (layers·D, B, H).

        Raises:
            ValueError: Wrong number of dimensions or dtype.
            RuntimeError: Wrong feature size, state shape or batch; no time step.
        """
        output, (h,) = self.run(input, None if hx is None else (hx,))
        return output, h
