"""RNNCell, LSTMCell, GRUCell: one time step, drop-in replacements for those of ``torch.nn``.

Same constructor, parameter names, shapes, initial numbers from the same seed, and errors; the
arithmetic is in `rnnlab.scratch.updates`. Chapters: rnn, lstm, gru.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units, ``G`` gates × ``H``.
"""

import math

import torch
from torch import Tensor, nn

from rnnlab.conventions import UpdateGate, check_gru_conventions, gru_conventions_repr
from rnnlab.scratch.checks import check_pair, same_dtype
from rnnlab.scratch.updates import (
    Nonlinearity,
    State,
    Weights,
    gru_update,
    lstm_update,
    rnn_update,
)


def initialise(module: nn.Module, hidden_size: int) -> None:
    """Draw every parameter from U(-1/√H, 1/√H), in order of registration, as ``torch.nn`` does."""
    bound = 1 / math.sqrt(hidden_size) if hidden_size > 0 else 0.0
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound)


class _Cell(nn.Module):
    """What the three cells share: parameters, checks of the arguments, one row or a batch."""

    num_gates: int  # blocks of H rows in each weight
    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None
    state_names: tuple[str, ...] = ("hidden",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        shapes = {
            "weight_ih": (self.num_gates * hidden_size, input_size),
            "weight_hh": (self.num_gates * hidden_size, hidden_size),
            "bias_ih": (self.num_gates * hidden_size,),
            "bias_hh": (self.num_gates * hidden_size,),
        }
        for name, shape in shapes.items():
            absent = name.startswith("bias") and not bias
            empty = None if absent else torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, None if empty is None else nn.Parameter(empty))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter from U(-1/√H, 1/√H)."""
        initialise(self, self.hidden_size)

    def extra_repr(self) -> str:
        """The arguments as ``torch.nn`` prints them: sizes, then what is not the default."""
        return f"{self.input_size}, {self.hidden_size}" + (
            "" if self.bias is True else ", bias=False"
        )

    def _weights(self) -> Weights:
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def _update(self, projected: Tensor, state: State) -> State:
        raise NotImplementedError

    def _step(self, input: Tensor, state: State | None) -> State:
        """Check the arguments and run one update; one row comes back as one row."""
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for label, s in zip(self.state_names, state or (), strict=state is not None):
            if s.dim() not in (1, 2):
                raise ValueError(f"{name}: Expected {label} to be 1D or 2D, got {s.dim()}D instead")
        x = input if input.dim() == 2 else input.unsqueeze(0)  # (B, X)
        if state is None:
            zeros = torch.zeros(len(x), self.hidden_size, dtype=x.dtype, device=x.device)
            state = (zeros,) * len(self.state_names)
        elif input.dim() == 1:
            state = tuple(s.unsqueeze(0) for s in state)
        self._check_sizes(x, state)
        state = self._update(self._weights().project(x), state)
        return state if input.dim() == 2 else tuple(s.squeeze(0) for s in state)

    def _check_sizes(self, x: Tensor, state: State) -> None:
        name = type(self).__name__
        if x.size(1) != self.input_size:
            raise RuntimeError(
                f"{name}: input has inconsistent input_size: "
                f"got {x.size(1)}, expected {self.input_size}"
            )
        self._check_dtype("input", x)
        for label, s in zip(self.state_names, state, strict=True):
            if s.dim() != 2 or s.size(0) != x.size(0):
                raise RuntimeError(
                    f"{name}: Input batch size {x.size(0)} doesn't match {label} batch size "
                    f"{s.size(0)}: expected {label} of shape ({x.size(0)}, {self.hidden_size}), "
                    f"got {tuple(s.shape)}"
                )
            if s.size(1) != self.hidden_size:
                raise RuntimeError(
                    f"{name}: {label} has inconsistent hidden_size: "
                    f"got {s.size(1)}, expected {self.hidden_size}"
                )
            self._check_dtype(label, s)

    def _check_dtype(self, label: str, tensor: Tensor) -> None:
        expected = self.weight_ih.dtype
        if not same_dtype(tensor, expected):
            raise RuntimeError(
                f"{type(self).__name__}: {label} and weights must have the same dtype, "
                f"expected {expected}, got {tensor.dtype}"
            )


class RNNCell(_Cell):
    """One step of the simple recurrent network (Elman, 1990). Equation `rnn-cell`, chapter rnn.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        bias: Whether to have the two biases.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        device: Where the parameters live.
        dtype: Their type.
    """

    num_gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: Nonlinearity = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        """The arguments as ``torch.nn`` prints them: sizes, then what is not the default."""
        nonlinearity = self.nonlinearity
        return super().extra_repr() + (
            "" if nonlinearity == "tanh" else f", nonlinearity={nonlinearity}"
        )

    def _update(self, projected: Tensor, state: State) -> State:
        return rnn_update(projected, state, self._weights(), nonlinearity=self.nonlinearity)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Take one step.

        Args:
            input: x_t, (B, X) or (X,).
            hx: h_{t-1}, (B, H) or (H,); zeros if None.

        Returns:
            h_t, (B, H) or (H,).

        Raises:
            ValueError: Wrong number of dimensions.
            RuntimeError: Wrong size, batch, dtype or nonlinearity.
        """
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(
                f"Unknown nonlinearity: {self.nonlinearity}. Expected 'tanh' or 'relu'."
            )
        return self._step(input, None if hx is None else (hx,))[0]


class LSTMCell(_Cell):
    """One step of the LSTM (Hochreiter and Schmidhuber, 1997), chapter lstm.

    Equations `lstm-forget`, `lstm-input`, `lstm-candidate`, `lstm-cell`, `lstm-output`,
    `lstm-hidden`.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        bias: Whether to have the two biases.
        device: Where the parameters live.
        dtype: Their type.
    """

    num_gates = 4
    state_names = ("hx[0]", "hx[1]")

    def _update(self, projected: Tensor, state: State) -> State:
        return lstm_update(projected, state, self._weights())

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            input: x_t, (B, X) or (X,).
            hx: ``(h_{t-1}, c_{t-1})``, each (B, H) or (H,); zeros if None.

        Returns:
            ``(h_t, c_t)``, each (B, H) or (H,).

        Raises:
            TypeError: hx is not a pair.
            ValueError: Wrong number of dimensions.
            RuntimeError: Wrong size, batch or dtype.
        """
        h, c = self._step(input, None if hx is None else check_pair("LSTMCell", hx))
        return h, c


class GRUCell(_Cell):
    """One step of the GRU (Cho et al., 2014), chapter gru.

    Equations `gru-reset`, `gru-update`, `gru-candidate-after` (or `gru-candidate-before`),
    `gru-keep` (or `gru-take`).

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        bias: Whether to have the two biases.
        device: Where the parameters live.
        dtype: Their type.
        reset_after: Whether the reset gate acts after the recurrent product (``torch.nn``) or
            before it (the paper).
        update_gate: ``"keep"``: z near 1 keeps the old state (``torch.nn``); ``"take"``: z near 1
            takes the candidate.
    """

    num_gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        reset_after: bool = True,
        update_gate: UpdateGate = "keep",
    ) -> None:
        check_gru_conventions(reset_after, update_gate)
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.reset_after = reset_after
        self.update_gate = update_gate

    def extra_repr(self) -> str:
        """The arguments as ``torch.nn`` prints them: sizes, then what is not the default."""
        return super().extra_repr() + gru_conventions_repr(self.reset_after, self.update_gate)

    def _update(self, projected: Tensor, state: State) -> State:
        return gru_update(
            projected,
            state,
            self._weights(),
            reset_after=self.reset_after,
            update_gate=self.update_gate,
        )

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Take one step.

        Args:
            input: x_t, (B, X) or (X,).
            hx: h_{t-1}, (B, H) or (H,); zeros if None.

        Returns:
            h_t, (B, H) or (H,).

        Raises:
            ValueError: Wrong number of dimensions.
            RuntimeError: Wrong size, batch or dtype.
        """
        return self._step(input, None if hx is None else (hx,))[0]
