"""The product of rows with a weight, and which routine computes it.

A recurrent layer multiplies by the same weight at every step. A library can bring the weight into
the order in which its inner loop wants it once (pack it), and then multiply faster. PyTorch does so
with oneDNN inside its compiler, through operators that it does not document. Here they are used
where they exist and agree with the plain product, and nowhere else.

Axes: ``N`` rows, ``I`` columns of the weight, ``O`` its rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import linear

#: Packing costs about as much as is saved on this many rows; a transposed weight costs more to pack
#: (measured on two cores with AVX-512, for weights of 256 to 2048 columns).
_ROWS_WORTH_PACKING = 1024
_ROWS_WORTH_PACKING_TRANSPOSED = 2048

#: Below this many entries a product is all overhead, and the plain one has less of it.
_ENTRIES_WORTH_PACKING = 2**17

_plain_only = ContextVar("plain_only", default=False)


@contextmanager
def plain_products() -> Iterator[None]:
    """Use documented PyTorch calls alone inside the ``with`` block."""
    token = _plain_only.set(True)
    try:
        yield
    finally:
        _plain_only.reset(token)


class Product:
    """Rows times a weight, ready to be computed once or many times.

    Args:
        weight: (O, I); may be a transposed view.
        bias: Added to every row, (O,), or None.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self.weight = weight
        self.bias = bias

    def __call__(self, rows: Tensor) -> Tensor:
        """From rows (N, I) to ``rows @ weight.T + bias``, (N, O)."""
        return linear(rows, self.weight, self.bias)

    def add_to(self, sums: Tensor, rows: Tensor) -> None:
        """Add ``rows @ weight.T`` to sums (N, O) in place, without the bias."""
        # Not addmm_, which torch's counter of operations does not know.
        torch.addmm(sums, rows, self.weight.mT, out=sums)


class PackedProduct(Product):
    """The same with the weight packed for oneDNN, on operators that PyTorch does not document."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None, rows: int = 0) -> None:
        super().__init__(weight, bias)
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), rows)
        self._multiply = torch.ops.mkldnn._linear_pointwise.default

    def __call__(self, rows: Tensor) -> Tensor:
        """From rows (N, I) to ``rows @ weight.T + bias``, (N, O)."""
        result: Tensor = self._multiply(rows, self._packed, self.bias, "none", [], "")
        return result

    def add_to(self, sums: Tensor, rows: Tensor) -> None:
        """Add ``rows @ weight.T`` to sums (N, O) in place, without the bias."""
        sums.add_(self._multiply(rows, self._packed, None, "none", [], ""))


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
        result = PackedProduct(weight, bias, len(x))(x)
    except (AttributeError, RuntimeError):  # not in this build, or not with these arguments
        return False
    return torch.allclose(result, linear(x, weight, bias), rtol=1e-4, atol=1e-5)


def product(weight: Tensor, *, rows: int, times: int = 1, bias: Tensor | None = None) -> Product:
    """Choose how to multiply rows by a weight.

    Args:
        weight: (O, I); may be a transposed view.
        rows: How many rows will come at a time.
        times: How many times.
        bias: Added to every row, (O,), or None.

    Returns:
        The product, packed where that pays and works.
    """
    if not _plain_only.get() and _worth_packing(weight, rows * times) and packing_works():
        return PackedProduct(weight, bias, rows)
    return Product(weight, bias)


def _worth_packing(weight: Tensor, rows: int) -> bool:
    straight = weight.is_contiguous()
    return (
        weight.dtype == torch.float32
        and weight.device.type == "cpu"
        and weight.numel() >= _ENTRIES_WORTH_PACKING
        and rows >= (_ROWS_WORTH_PACKING if straight else _ROWS_WORTH_PACKING_TRANSPOSED)
    )


def send(back: Product, d_a: Tensor, before: tuple[Tensor, ...]) -> None:
    """Add what a step's pre-activations send back to the gradient of the state before it.

    Args:
        back: The product with the transposed recurrent weight.
        d_a: The gradient of the step's pre-activations, (N, O).
        before: The gradient of the state before, in one view or several (`Steps.before`).
    """
    if len(before) == 1:
        back.add_to(before[0], d_a)
    else:
        sizes = [len(view) for view in before]
        for view, rows in zip(before, back(d_a).split(sizes), strict=True):
            view.add_(rows)
