"""MinGRU and MinLSTM (Feng et al., 2024): gates that read the input alone, so that a scan will do.

A GRU without the reset gate, and an LSTM without the output gate, whose gates and candidate no
longer look at h_{t-1}. What is left is the linear recurrence of `rnnlab.scratch.parallel`. The
forms here are the paper's plain ones: the candidate has no nonlinearity. (The paper computes in
logarithms, for which it makes the candidate positive; our scan needs no logarithms.) Chapter:
making-it-fast.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``G`` blocks × ``H``.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, logsigmoid

from rnnlab.scratch.cells import initialise
from rnnlab.scratch.checks import check_layer_arguments, same_dtype
from rnnlab.scratch.parallel import METHODS, Method, linear_recurrence


class _MinimalLayer(nn.Module):
    """What the two share: parameters, checks, the axes of the input; `_pairs` is their own."""

    num_blocks: int
    bias_ih_l0: Tensor | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        batch_first: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        method: Method = "tree",
    ) -> None:
        super().__init__()
        check_layer_arguments(input_size, hidden_size, 1, bias, batch_first, 0.0, 0)
        if method not in METHODS:
            raise ValueError(f"expected method to be one of {list(METHODS)}, got {method!r}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self.batch_first = batch_first
        self.method: Method = method
        G = self.num_blocks * hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.empty(G, input_size, device=device, dtype=dtype))
        b = nn.Parameter(torch.empty(G, device=device, dtype=dtype)) if bias else None
        self.register_parameter("bias_ih_l0", b)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter from U(-1/√X, 1/√X), as a linear layer does."""
        initialise(self, self.input_size)

    def extra_repr(self) -> str:
        """The sizes, and what is not the default."""
        set_here = {
            "bias=False": not self.bias,
            "batch_first=True": self.batch_first,
            f"method={self.method}": self.method != "tree",
        }
        sizes = f"{self.input_size}, {self.hidden_size}"
        return ", ".join([sizes, *(text for text, shown in set_here.items() if shown)])

    def _pairs(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """From W x_t + b, (T, B, G), to a_t and b_t of the linear recurrence, (T, B, H)."""
        raise NotImplementedError

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run over a sequence.

        Args:
            input: (T, B, X), (B, T, X) with ``batch_first``, or (T, X) for one sequence.
            hx: h_0, (1, B, H), or (1, H) for one sequence; zeros if None.

        Returns:
            h_t at every step, (T, B, H) or in the input's form, and h_T, (1, B, H).

        Raises:
            TypeError: A packed sequence, or anything else that is not a tensor.
            ValueError: Wrong number of dimensions or dtype.
            RuntimeError: Wrong feature size, or shape or dtype of the state; no time step.
        """
        x, h_0 = self._checked(input, hx)
        a, b = self._pairs(linear(x, self.weight_ih_l0, self.bias_ih_l0))
        output = linear_recurrence(a, b, h_0, method=self.method)  # (T, B, H)
        h_n = output[-1:]  # (1, B, H)
        if input.dim() == 2:
            return output.squeeze(1), h_n.squeeze(1)
        return output.transpose(0, 1) if self.batch_first else output, h_n

    def _checked(self, input: Tensor, hx: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Check both; return the input as (T, B, X) and h_0 as (B, H)."""
        name, dtype = type(self).__name__, self.weight_ih_l0.dtype
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}: Expected a tensor, got {type(input).__name__}")
        if input.dim() not in (2, 3):
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        if not same_dtype(input, dtype):
            raise ValueError(
                f"{name}: input dtype ({input.dtype}) does not match weight dtype ({dtype})"
            )
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f"{name}: input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {input.size(-1)}"
            )
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if batched and self.batch_first else x  # (T, B, X)
        if len(x) == 0:
            raise RuntimeError(f"{name}: Expected sequence length to be larger than 0, got 0")
        if hx is None:
            return x, None
        expected = (1, x.size(1), self.hidden_size) if batched else (1, self.hidden_size)
        if hx.shape != expected:
            raise RuntimeError(f"{name}: Expected hidden size {expected}, got {list(hx.shape)}")
        if not same_dtype(hx, dtype):
            raise RuntimeError(
                f"{name}: hidden and weights must have the same dtype, "
                f"expected {dtype}, got {hx.dtype}"
            )
        return x, hx[0] if batched else hx


class MinGRU(_MinimalLayer):
    """The minGRU (Feng et al., 2024): a GRU whose gate and candidate read the input alone.

    Equations `mingru-gate`, `mingru-candidate`, `mingru-hidden` at every step, the paper's "take"
    convention: z near 1 takes the candidate. Chapter making-it-fast. It is called as `scratch.GRU`
    is, and has one layer in one direction.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        bias: Whether to have a bias.
        batch_first: Whether input and output are (B, T, ...) instead of (T, B, ...).
        device: Where the parameters live.
        dtype: Their type.
        method: How the recurrence is computed: ``"tree"``, ``"doubling"`` or ``"loop"``, as in
            `linear_recurrence`; the results are equal up to rounding.

    ``weight_ih_l0`` is (2H, X) with the blocks z and candidate, ``bias_ih_l0`` (2H,).

    Raises:
        TypeError: A size that is not an int, a flag that is not a bool.
        ValueError: A size below 1, an unknown method.
    """

    num_blocks = 2

    def _pairs(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        z, candidate = projected.chunk(2, dim=-1)  # (T, B, H) each
        return torch.sigmoid(-z), torch.sigmoid(z) * candidate  # 1 - σ(z) = σ(-z)


class MinLSTM(_MinimalLayer):
    """The minLSTM (Feng et al., 2024): an LSTM without output gate; its gates read the input alone.

    Equations `minlstm-gates`, `minlstm-normalised`, `minlstm-hidden` at every step. Chapter
    making-it-fast. It is called as `scratch.GRU` is (there is no second state), and has one layer
    in one direction.

    Args:
        input_size: Number of input features X.
        hidden_size: Number of hidden units H.
        bias: Whether to have a bias.
        batch_first: Whether input and output are (B, T, ...) instead of (T, B, ...).
        device: Where the parameters live.
        dtype: Their type.
        method: How the recurrence is computed: ``"tree"``, ``"doubling"`` or ``"loop"``, as in
            `linear_recurrence`; the results are equal up to rounding.

    ``weight_ih_l0`` is (3H, X) with the blocks f, i and candidate, ``bias_ih_l0`` (3H,).

    Raises:
        TypeError: A size that is not an int, a flag that is not a bool.
        ValueError: A size below 1, an unknown method.
    """

    num_blocks = 3

    def _pairs(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        f, i, candidate = projected.chunk(3, dim=-1)  # (T, B, H) each
        # f' = f / (f + i) = σ(log f - log i): safe where both gates underflow to 0.
        kept = logsigmoid(f) - logsigmoid(i)
        return torch.sigmoid(kept), torch.sigmoid(-kept) * candidate
