"""The loop over time, for one layer in one direction.

All sequences of a batch take each step together. In a packed batch they are sorted by length, so
the ones still running at step t are the first ``len(steps[t])`` rows: going forward, rows drop out
as sequences end; going backward, rows join as they begin. A padded batch is the case where none
does.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from rnnlab.scratch.updates import State


def scan(
    update: Callable[[Tensor, State], State],
    steps: Sequence[Tensor],
    state: State,
    *,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Apply an update at every step, passing the state along.

    Args:
        update: From a step's rows and the state to the next state; its first tensor is the output.
        steps: T tensors (B_t, ...), with B_t never growing.
        state: The initial state, tensors (B_0, ...).
        reverse: Whether to go from the last step to the first.

    Returns:
        The outputs of all steps in the order of time, concatenated, (B_0 + ... + B_{T-1}, ...), and
        the final state of each sequence, tensors (B_0, ...).
    """
    return _backward(update, steps, state) if reverse else _forward(update, steps, state)


def _forward(
    update: Callable[[Tensor, State], State], steps: Sequence[Tensor], state: State
) -> tuple[Tensor, State]:
    outputs: list[Tensor] = []
    ended: list[State] = []  # final states of the sequences that are over, the shortest first
    for x in steps:
        running = len(x)
        if running < len(state[0]):
            ended.append(tuple(s[running:] for s in state))
            state = tuple(s[:running] for s in state)
        state = update(x, state)
        outputs.append(state[0])
    final = zip(state, *reversed(ended), strict=True)
    return torch.cat(outputs), tuple(torch.cat(s) if ended else s[0] for s in final)


def _backward(
    update: Callable[[Tensor, State], State], steps: Sequence[Tensor], initial: State
) -> tuple[Tensor, State]:
    outputs: list[Tensor] = []
    state = tuple(s[: len(steps[-1])] for s in initial)
    for x in reversed(steps):
        running = len(state[0])
        if running < len(x):
            begins = (s[running : len(x)] for s in initial)
            state = tuple(torch.cat(s) for s in zip(state, begins, strict=True))
        state = update(x, state)
        outputs.append(state[0])
    return torch.cat(outputs[::-1]), state
