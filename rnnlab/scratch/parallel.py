"""The linear recurrence h_t = a_t ⊙ h_{t-1} + b_t: step by step, and as a parallel scan.

No a_t depends on a state, so each step is a known affine map of the state. Two such maps, one after
the other, are one again (Equation `scan-combine`), and it does not matter which neighbours are put
together first. A scan uses that freedom: it takes some log2 T rounds over whole tensors in place of
T steps. Nothing is divided and no logarithm taken, so no a_t may be too small. Chapter:
making-it-fast.

Sources: Hillis and Steele (1986) for the doubling, Blelloch (1990) for the tree, Martin and Cundy
(2018) for recurrent networks.

Axes: ``T`` time steps; whatever follows is treated element by element, here ``(B, H)``.
"""

from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

Method = Literal["tree", "doubling", "loop"]
METHODS: tuple[Method, ...] = ("tree", "doubling", "loop")


def combine(first: tuple[Tensor, Tensor], then: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Put two steps together: the pair (a, b) that does what both do. Equation `scan-combine`.

    Args:
        first: ``(a, b)`` of the step that comes first, each (...).
        then: ``(a, b)`` of the step after it, each (...).

    Returns:
        ``(a, b)`` with a h + b = a_then (a_first h + b_first) + b_then for every h.
    """
    (a_first, b_first), (a_then, b_then) = first, then
    return a_then * a_first, torch.addcmul(b_then, a_then, b_first)


def linear_recurrence(
    a: Tensor,
    b: Tensor,
    h_0: Tensor | None = None,
    *,
    method: Method = "tree",
    reverse: bool = False,
) -> Tensor:
    """All states of h_t = a_t ⊙ h_{t-1} + b_t. Equation `linear-recurrence`.

    Args:
        a: What is kept of the state at each step, (T, ...).
        b: What is added at each step, (T, ...).
        h_0: The state before the first step, (...); zeros if None.
        method: ``"tree"``: some 2 log2 T rounds and at most 3 T multiplications; ``"doubling"``:
            log2 T rounds and at most 2 T log2 T multiplications; ``"loop"``: T steps, one after the
            other, under autograd. Same numbers up to rounding.
        reverse: Whether to go from the last step to the first, h_t = a_t ⊙ h_{t+1} + b_t.

    Returns:
        h_1 to h_T, (T, ...).

    Raises:
        ValueError: No step, shapes that differ, or an unknown method.
    """
    if a.dim() == 0 or len(a) == 0:
        raise ValueError(f"expected a of shape (T, ...) with T of at least 1, got {tuple(a.shape)}")
    if a.shape != b.shape:
        raise ValueError(
            f"expected a and b of one shape, got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    if h_0 is not None and h_0.shape != a.shape[1:]:
        raise ValueError(f"expected h_0 of shape {tuple(a.shape[1:])}, got {tuple(h_0.shape)}")
    if method not in METHODS:
        raise ValueError(f"expected method to be one of {list(METHODS)}, got {method!r}")
    start = torch.zeros_like(b[0]) if h_0 is None else h_0
    if method == "loop":
        return _loop(a, b, start, reverse)
    states: Tensor = _Scan.apply(a, b, start, method, reverse)  # type: ignore[no-untyped-call]
    return states


def _loop(a: Tensor, b: Tensor, h: Tensor, reverse: bool) -> Tensor:
    states = []
    pairs = list(zip(a, b, strict=True))
    for a_t, b_t in reversed(pairs) if reverse else pairs:
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states[::-1] if reverse else states)


def _doubling(a: Tensor, b: Tensor, h_0: Tensor, reverse: bool) -> Tensor:
    """After a round with distance d, pair t stands for the last 2 d steps up to t."""
    d = 1
    while d < len(a):
        front, back = (a[:-d], b[:-d]), (a[d:], b[d:])
        joined = combine(back, front) if reverse else combine(front, back)
        kept = slice(len(a) - d, None) if reverse else slice(d)  # these reach the first step
        a, b = (
            torch.cat([new, old[kept]] if reverse else [old[kept], new])
            for old, new in zip((a, b), joined, strict=True)
        )
        d *= 2
    return torch.addcmul(b, a, h_0)


def _tree(a: Tensor, b: Tensor, h_0: Tensor, reverse: bool, h: Tensor) -> None:
    """Write the states into h: those after every second step by a scan of half the length."""
    T = len(a)
    start = T - 1 if reverse else 0  # the place of the first step
    torch.addcmul(b[start], a[start], h_0, out=h[start])
    if T == 1:
        return
    # Steps 1 and 2, 3 and 4, … of the recurrence, as places in the tensors.
    odd, even = slice(0, T - 1, 2), slice(1, None, 2)
    others, before = slice(2, None, 2), slice(1, T - 1, 2)  # step 3, 5, … and the one before each
    if reverse:
        odd, even = slice(T % 2 + 1, None, 2), slice(T % 2, T - 1, 2)
        others, before = slice((T + 1) % 2, T - 2, 2), slice((T + 1) % 2 + 1, T - 1, 2)
    pairs = combine((a[odd], b[odd]), (a[even], b[even]))
    _tree(*pairs, h_0, reverse, h[even])
    if T > 2:
        torch.addcmul(b[others], a[others], h[before], out=h[others])


class _Scan(torch.autograd.Function):
    """A scan and its gradient, which is a scan from the other end.

    The loss reaches h_t directly and through h_{t+1} = a_{t+1} h_t + b_{t+1}, so with δ for the
    gradient of the loss, δh_t = (what the loss sends directly) + a_{t+1} δh_{t+1}: a linear
    recurrence once more. What is kept for it are a and h alone, none of the rounds.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, a: Tensor, b: Tensor, h_0: Tensor, method: Method, reverse: bool
    ) -> Tensor:
        if method == "doubling":
            h = _doubling(a, b, h_0, reverse)
        else:
            h = torch.empty_like(b)
            _tree(a, b, h_0, reverse, h)
        ctx.save_for_backward(a, h, h_0)
        ctx.options = {"method": method, "reverse": not reverse}  # type: ignore[attr-defined]
        return h

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        a, h, h_0 = ctx.saved_tensors
        (direct,) = gradients
        T = len(a)
        # The last step's gradient is known; it starts the recurrence over the others.
        forward = ctx.options["reverse"]  # the way the states were made
        first, last = (0, T - 1) if forward else (T - 1, 0)
        early, late = (slice(T - 1), slice(1, None)) if forward else (slice(1, None), slice(T - 1))
        dh = direct[last, None]  # (1, ...)
        if T > 1:
            others = linear_recurrence(a[late], direct[early], direct[last], **ctx.options)
            dh = torch.cat([others, dh] if forward else [dh, others])  # δh_t
        da_first, da = (dh[first] * h_0)[None], dh[late] * h[early]  # δa_t = δh_t ⊙ h_{t-1}
        da = torch.cat([da_first, da] if forward else [da, da_first])
        return da, dh, a[first] * dh[first], None, None
