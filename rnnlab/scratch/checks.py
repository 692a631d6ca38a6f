"""Checks of arguments that cells and layers share: each says what was expected and what came."""

from collections.abc import Sequence
from numbers import Real
from typing import cast

import torch
from torch import Tensor


def check_layer_arguments(
    input_size: object,
    hidden_size: object,
    num_layers: int,
    bias: object,
    batch_first: object,
    dropout: object,
    proj_size: int,
) -> None:
    """Raise TypeError or ValueError for constructor arguments that ``torch.nn`` refuses too."""
    if isinstance(dropout, bool) or not isinstance(dropout, Real) or not 0 <= float(dropout) <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an "
            f"element being zeroed, got: {dropout!r}"
        )
    for name, flag in {"bias": bias, "batch_first": batch_first}.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
    sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
    for name, size in sizes.items():
        if not isinstance(size, int):
            raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero, got: {size}")
    if proj_size < 0:
        raise ValueError(
            "proj_size should be a positive integer or zero to disable projections, "
            f"got: {proj_size}"
        )
    if proj_size >= cast(int, hidden_size):
        raise ValueError(
            f"proj_size has to be smaller than hidden_size, got: {proj_size} and {hidden_size}"
        )


def refuse_proj_size(proj_size: object) -> None:
    """Raise ValueError if a projection is asked of a layer that has none."""
    if proj_size is not None:
        raise ValueError(
            "proj_size argument is only supported for LSTM, not RNN or GRU, "
            f"got: proj_size={proj_size}"
        )


def check_pair(name: str, hx: object) -> tuple[Tensor, Tensor]:
    """Return the LSTM's state as ``(h, c)``; raise TypeError if it is not a pair of tensors."""
    if isinstance(hx, Sequence) and len(hx) == 2 and all(isinstance(s, Tensor) for s in hx):
        return hx[0], hx[1]
    got = f"{type(hx).__name__} of length {len(hx)}" if isinstance(hx, Sequence) else type(hx)
    raise TypeError(f"{name}: Expected hx to be a pair of tensors (h_0, c_0), got {got}")


def same_dtype(tensor: Tensor, expected: torch.dtype) -> bool:
    """Whether a tensor has the weights' dtype, or autocast will see to it."""
    return tensor.dtype == expected or torch.is_autocast_enabled(tensor.device.type)
