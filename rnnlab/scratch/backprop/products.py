"""The product of rows with a weight, and which routine computes it.

A recurrent layer multiplies by the same weight at every step. A library can bring the weight into
the order in which its inner loop wants it once (pack it), and then multiply faster. PyTorch does so
with oneDNN inside its compiler, through operators that it does not document. Here they are used
where they exist and agree with the plain product, and nowhere else.

Axes: ``N`` rows, ``I`` columns of the weight, ``O`` its rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import linear

#: From rows (N, I) to rows (N, O).
Product = Callable[[Tensor], Tensor]

#: Below this many entries of the weight, packing costs more than it saves.
_WORTH_PACKING = 64 * 64

_plain_only = ContextVar("plain_only", default=False)


@contextmanager
def plain_products() -> Iterator[None]:
    """Use documented PyTorch calls alone inside the ``with`` block."""
    token = _plain_only.set(True)
    try:
        yield
    finally:
        _plain_only.reset(token)


def _packed(weight: Tensor, rows: int, bias: Tensor | None) -> Product:
    ours = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), rows)
    multiply = torch.ops.mkldnn._linear_pointwise.default
    return lambda x: multiply(x, ours, bias, "none", [], "")


@cache
def packing_works() -> bool:
    """Whether oneDNN's packed product exists here, and agrees with the plain one."""
    if not torch.backends.mkldnn.is_available():
        return False
    generator = torch.Generator().manual_seed(0)
    x, weight, bias = (
        torch.randn(shape, generator=generator) for shape in ((5, 33), (70, 33), (70,))
    )
    try:
        result = _packed(weight, len(x), bias)(x)
    except (AttributeError, RuntimeError):  # not in this build, or not with these arguments
        return False
    return torch.allclose(result, linear(x, weight, bias), rtol=1e-4, atol=1e-5)


def product(weight: Tensor, rows: int, bias: Tensor | None = None) -> Product:
    """Make ready to multiply rows by a weight.

    Args:
        weight: (O, I), transposed or not.
        rows: How many rows will come at a time.
        bias: Added to every row, (O,), or None.

    Returns:
        A function from rows (N, I) to ``rows @ weight.T + bias``, (N, O).
    """
    worth = rows > 0 and weight.numel() >= _WORTH_PACKING
    fits = weight.dtype == torch.float32 and weight.device.type == "cpu"
    if worth and fits and not _plain_only.get() and packing_works():
        return _packed(weight, rows, bias)
    return lambda x: linear(x, weight, bias)
