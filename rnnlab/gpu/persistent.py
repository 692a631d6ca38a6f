"""A recurrent layer whose loop over time runs inside one Triton kernel, forward and backward.

A loop in Python launches several kernels for every step, and a small step takes less time than its
launches. Here one launch does all steps: the programs of the kernel stay, and wait for one another
between two steps, as in the persistent kernels of Diamos et al. (2016). Theirs keep the recurrent
weights on the chip too; these read them again at every step, so larger layers fit. Two products
remain outside, since they need no loop: the inputs' share of the gates before, the gradients of the
weights after.

The kernels are in `rnnlab.gpu.kernels` and need triton, which is imported when a layer is made.
Chapter: making-it-fast.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``G`` gates × ``H``.
"""

from typing import Any, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from rnnlab import scratch
from rnnlab.gpu.recurrence import Precision, Recurrence, Settings, interpreted, kernels
from rnnlab.scratch.checks import check_pair

KINDS = {
    "rnn": (nn.RNN, scratch.RNN),
    "lstm": (nn.LSTM, scratch.LSTM),
    "gru": (nn.GRU, scratch.GRU),
}


class Persistent(nn.Module):
    """A recurrent layer of one direction, run by a kernel that does all steps.

    It shares the parameters of the layer that it is made from and gives the same results: outputs,
    states, gradients. Gates, their order and the GRU's conventions are those of ``torch.nn``.

    What fits: the GPU must have a processor for each tile of at most 64 sequences by 32 hidden
    units, and so, with up to 64 sequences and 100 processors, H is at most 3 200. A batch too large
    for that raises; with `one_launch` False everything fits.

    Args:
        layer: An RNN, LSTM or GRU of ``torch.nn`` or `rnnlab.scratch`, of one layer in one
            direction, float32, without a projection.
        precision: Of the products with the recurrent weights: ``"ieee"`` is float32; ``"tf32"``
            rounds the factors to ten bits of the fraction, for the tensor cores; ``"tf32x3"`` adds
            up three such products and comes close to float32.
        one_launch: Whether one launch does all steps. With False each step is a launch, which
            needs no waiting, and shows what the one launch is worth. Triton's interpreter runs the
            programs one after the other, and so always a step at a time.

    Raises:
        ImportError: There is no triton; the message says where it comes from.
        TypeError: Not a recurrent layer.
        ValueError: A layer of another form, an unknown precision.
    """

    def __init__(
        self, layer: nn.Module, *, precision: Precision = "ieee", one_launch: bool = True
    ) -> None:
        super().__init__()
        if precision not in get_args(Precision):
            raise ValueError(f"expected a precision of {get_args(Precision)}, got {precision!r}")
        kind = _check(layer)
        relu = getattr(layer, "nonlinearity", "tanh") == "relu"
        self.settings = Settings(kind, precision, one_launch, relu)
        kernels()
        self.layer: Any = layer  # of torch.nn or of scratch: both name their parameters alike

    def extra_repr(self) -> str:
        """The arguments that are not the layer."""
        return f"precision={self.settings.precision}, one_launch={self.settings.one_launch}"

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """Run over a sequence.

        Args:
            input: (T, B, X), or (B, T, X) with the layer's ``batch_first``.
            hx: h_0, (1, B, H), for the LSTM ``(h_0, c_0)``; zeros if None.

        Returns:
            h_t at every step, (T, B, H) or (B, T, H), and h_T, (1, B, H), for the LSTM
            ``(h_T, c_T)``.

        Raises:
            TypeError: A packed sequence; for the LSTM a state that is no pair.
            ValueError: Sizes or a dtype that do not fit; a batch too large for this GPU.
            RuntimeError: Tensors that are on no CUDA device.
        """
        layer, lstm = self.layer, self.settings.kind == "lstm"
        if not isinstance(input, Tensor):
            raise TypeError(f"expected a tensor, got a {type(input).__name__}")
        if input.dim() != 3 or input.size(-1) != layer.input_size or not input.numel():
            raise ValueError(
                f"expected an input of at least one step, (T, B, {layer.input_size}) or with "
                f"batch_first (B, T, {layer.input_size}), got {tuple(input.shape)}"
            )
        x = input.transpose(0, 1) if layer.batch_first else input  # (T, B, X)
        shape = (1, x.size(1), layer.hidden_size)
        if hx is None:
            zeros = x.new_zeros(shape)
            hx = (zeros, zeros) if lstm else zeros
        states: tuple[Tensor, ...] = check_pair("Persistent", hx) if lstm else (hx,)
        for tensor in (input, *states):
            _check_tensor(tensor, layer.weight_hh_l0)
        if any(s.shape != shape for s in states):
            got = [tuple(s.shape) for s in states]
            raise ValueError(f"expected initial states of shape {shape}, got {got}")
        b_ih, b_hh = (layer.bias_ih_l0, layer.bias_hh_l0) if layer.bias else (None, None)
        with torch.autocast(x.device.type, enabled=False):  # the kernels know float32 alone
            projected = linear(x, layer.weight_ih_l0, b_ih)  # (T, B, G)
        output, *final = Recurrence.apply(  # type: ignore[no-untyped-call]
            self.settings, projected, layer.weight_hh_l0, b_hh, *(s[0] for s in states)
        )
        final = [s.unsqueeze(0) for s in final]
        output = output.transpose(0, 1) if layer.batch_first else output
        return output, tuple(final) if lstm else final[0]


def _check(layer: nn.Module) -> str:
    """Say which recurrence a layer is, or raise for one that there is no kernel for."""
    kind = next((kind for kind, types in KINDS.items() if isinstance(layer, types)), None)
    if kind is None:
        raise TypeError(
            "expected an RNN, LSTM or GRU of torch.nn or rnnlab.scratch, "
            f"got {type(layer).__name__}"
        )
    expected = {
        "num_layers": 1,
        "bidirectional": False,
        "proj_size": 0,
        "reset_after": True,
        "update_gate": "keep",
    }
    for name, value in expected.items():
        if (got := getattr(layer, name, value)) != value:
            raise ValueError(f"expected a layer with {name}={value!r}, got {name}={got!r}")
    if (dtype := next(layer.parameters()).dtype) != torch.float32:
        raise ValueError(f"expected parameters in torch.float32, got {dtype}")
    return kind


def _check_tensor(tensor: Tensor, weight: Tensor) -> None:
    """Raise for a tensor that a kernel would read wrongly or not at all."""
    if not tensor.dtype == weight.dtype == torch.float32:
        raise ValueError(
            f"expected input, states and weights in torch.float32, got {tensor.dtype} and "
            f"{weight.dtype}"
        )
    if tensor.device != weight.device:
        raise ValueError(
            f"expected input and states on {weight.device}, like the layer, got {tensor.device}"
        )
    if not tensor.is_cuda and not interpreted():
        raise RuntimeError(
            f"expected tensors on a CUDA device, got {tensor.device}; without one, "
            "set TRITON_INTERPRET=1 before Python starts, and Triton's interpreter runs the kernels"
        )
