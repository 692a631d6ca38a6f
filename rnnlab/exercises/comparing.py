"""Whether two results are the same, and where they first differ."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Part


@dataclass(frozen=True)
class Difference:
    """How a result departs from the expected one.

    Attributes:
        kind: ``"result"`` (another structure), ``"shape"``, ``"type"`` or ``"values"``.
        says: Where, what was expected, and what came.
    """

    kind: str
    says: str


def _name(parts: Sequence[Part], index: int, several: bool) -> str:
    if index < len(parts):
        return parts[index].name
    return f"part {index + 1} of the result" if several else "the result"


def _described(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{type(value).__name__} {value!r}"[:80]


def difference(
    wanted: Any, got: Any, parts: Sequence[Part] = (), tolerance: float = 1e-8
) -> Difference | None:
    """Compare two results, nested as they may be.

    Args:
        wanted: The expected one.
        got: The other one.
        parts: Names for the tensors and numbers of the result, in their order.
        tolerance: Greatest difference, relative to the greatest expected value or 1.

    Returns:
        The first difference, by structure, then shapes, then types, then values; None if there is
        none.
    """
    pairs = _paired(wanted, got)
    if isinstance(pairs, Difference):
        return pairs
    several = len(pairs) > 1
    for look in (_shape, _type, _values):
        for index, (one, other) in enumerate(pairs):
            part = parts[index] if index < len(parts) else Part("")
            name = _name(parts, index, several)
            found = look(one, other, name, part, tolerance)
            if found is not None:
                return found
    return None


def _paired(wanted: Any, got: Any) -> list[tuple[Any, Any]] | Difference:
    """Put the leaves of two nested results side by side."""
    if not isinstance(wanted, tuple | list | Mapping):
        return _kind(wanted, got) or [(wanted, got)]
    if isinstance(wanted, Mapping):
        fits = isinstance(got, Mapping) and set(got) == set(wanted)
        what = f"a dictionary with {sorted(wanted)}"
        inner = [(wanted[key], got[key]) for key in wanted] if fits else []
    else:
        fits = isinstance(got, tuple | list) and len(got) == len(wanted)
        what = f"{len(wanted)} results in a tuple"
        inner = list(zip(wanted, got, strict=True)) if fits else []
    if not fits:
        return Difference("result", f"expected {what}, got {_described(got)}")
    pairs: list[tuple[Any, Any]] = []
    for one, other in inner:
        found = _paired(one, other)
        if isinstance(found, Difference):
            return found
        pairs += found
    return pairs


def _kind(wanted: Any, got: Any) -> Difference | None:
    """Tell whether one result is of another kind than the expected one."""
    if isinstance(wanted, Tensor):
        fits, what = isinstance(got, Tensor), f"a tensor of shape {tuple(wanted.shape)}"
    elif isinstance(wanted, int | float) and not isinstance(wanted, bool):
        value = got.item() if isinstance(got, Tensor) and got.numel() == 1 else got
        fits, what = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    else:
        fits, what = type(got) is type(wanted), f"a {type(wanted).__name__}"
    return None if fits else Difference("result", f"expected {what}, got {_described(got)}")


def _shape(wanted: Any, got: Any, name: str, part: Part, _: float) -> Difference | None:
    if not isinstance(wanted, Tensor) or wanted.shape == got.shape:
        return None
    axes = f" ({', '.join(part.axes)})" if len(part.axes) == wanted.dim() else ""
    return Difference(
        "shape", f"{name}: expected shape {tuple(wanted.shape)}{axes}, got {tuple(got.shape)}"
    )


def _type(wanted: Any, got: Any, name: str, _: Part, __: float) -> Difference | None:
    if not isinstance(wanted, Tensor) or (wanted.dtype, wanted.device) == (got.dtype, got.device):
        return None
    return Difference(
        "type",
        f"{name}: expected {wanted.dtype} on {wanted.device}, as the inputs are, got {got.dtype} "
        f"on {got.device}",
    )


def _values(wanted: Any, got: Any, name: str, part: Part, tolerance: float) -> Difference | None:
    if not isinstance(wanted, Tensor):
        return _plain(wanted, got, name, tolerance)
    if wanted.numel() == 0:
        return None
    one, other = (x.detach().to(torch.float64) for x in (wanted, got))
    if bool(other.isnan().any()) and not bool(one.isnan().any()):
        where = _where(tuple(other.isnan().nonzero()[0].tolist()), part, wanted)
        return Difference("values", f"{name} is not a number (NaN) {where}".rstrip())
    size = max(1.0, float(one[one.isfinite()].abs().max()) if bool(one.isfinite().any()) else 1.0)
    same = torch.isclose(one, other, rtol=0, atol=tolerance * size, equal_nan=True)
    if bool(same.all()):
        return None
    place = tuple((~same).nonzero()[0].tolist())
    share = float((~same).double().mean())
    off = (one - other).abs()
    return Difference(
        "values",
        f"{name} {_where(place, part, wanted)}: expected {_number(one[place])}, got "
        f"{_number(other[place])}; {share:.0%} of the values differ, by at most "
        f"{_number(off[off.isfinite()].max()) if bool(off.isfinite().any()) else 'infinity'}",
    )


def _plain(wanted: Any, got: Any, name: str, tolerance: float) -> Difference | None:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        value = got.item() if isinstance(got, Tensor) else got
        if math.isclose(wanted, value, rel_tol=0, abs_tol=tolerance * max(1.0, abs(wanted))):
            return None
    elif wanted == got:
        return None
    return Difference("values", f"{name}: expected {wanted!r}, got {got!r}")


def _where(place: tuple[int, ...], part: Part, tensor: Tensor) -> str:
    """Name a place in a tensor by its axes, and the block of the last one that it lies in."""
    if not place:
        return ""
    names = part.axes if len(part.axes) == len(place) else [f"axis {k}" for k in range(len(place))]
    words = [f"{name} {index}" for name, index in zip(names, place, strict=True)]
    if part.blocks and tensor.shape[-1] % len(part.blocks) == 0:
        width = tensor.shape[-1] // len(part.blocks)
        words[-1] += f" ({part.blocks[place[-1] // width]})"
    return "at " + ", ".join(words) + " (counted from 0)"


def _number(value: Tensor) -> str:
    return f"{float(value):.4g}"
