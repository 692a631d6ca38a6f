"""Counting what a piece of code asks torch to do: how many operators it calls, and which.

Every call costs a few microseconds before any number is computed. A loop over time makes many
calls, each on little data, so their count explains a good part of its time. It is exact, and the
same on every run. Chapter: making-it-fast.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

#: Operators that hand on the same numbers under another shape, although torch calls them no views.
_NO_WORK = ("_unsafe_view", "lift_fresh", "detach")


class _Counting(TorchDispatchMode):
    """Counts every operator that reaches a kernel, forward and backward, but no views."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name = func.overloadpacket.__name__
        if not func.is_view and name not in _NO_WORK:
            self.calls[name] += 1
        return func(*args, **(kwargs or {}))


def count_calls(step: Callable[[], object]) -> Counter[str]:
    """Run a function once and count the operators of torch that it calls.

    Operators that only give another view of the same numbers (transpose, slice, reshape) are left
    out. A call that torch takes apart counts as its parts, one with a kernel of its own as one; so
    a layer of ``torch.nn`` counts otherwise on a GPU than on a CPU.

    Args:
        step: What to run, for instance a forward and a backward pass. It is called once.

    Returns:
        How often each operator was called, by torch's own name for it, for instance ``"addmm"``;
        ``.total()`` is the number of all calls.
    """
    counting = _Counting()
    with counting:
        step()
    return counting.calls
