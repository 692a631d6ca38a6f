"""A linear layer's parameters without the layer: weight and bias under PyTorch's names."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class Affine(nn.Module):
    """x Wᵀ + b, with the names, shapes and initial numbers of ``torch.nn.Linear``.

    Args:
        in_features: Features of x.
        out_features: Features of the result.
        device: Where the weights lie.
        dtype: Their type.

    Raises:
        ValueError: A size below 1.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"expected sizes of at least 1, got {in_features} inputs and {out_features} outputs"
            )
        bound = 1 / math.sqrt(in_features)
        weight = torch.empty(out_features, in_features, device=device, dtype=dtype)
        bias = torch.empty(out_features, device=device, dtype=dtype)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        self.bias = nn.Parameter(bias.uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """Map x, (..., in_features), to (..., out_features)."""
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, as ``torch.nn.Linear`` prints them."""
        rows, columns = self.weight.shape
        return f"in_features={columns}, out_features={rows}"
