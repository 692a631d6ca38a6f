"""An exercise of the chapter "GRU": find out a cell's conventions from outside."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from rnnlab.conventions import UpdateGate
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part
from rnnlab.scratch.updates import Weights, gru_update


def conventions_of(step: Callable[..., Tensor]) -> tuple[bool, str]:
    """Whether the reset acts after the product, and what an open update gate does."""
    x, h = torch.zeros(1, 1), torch.tensor([[0.5, 0.5]])
    W_ih, W_hh, b_hh = torch.zeros(6, 1), torch.zeros(6, 2), torch.zeros(6)
    W_hh[4, 1] = 1.0  # the candidate of unit 1 listens to unit 2

    def unit_1(z: float) -> float:
        b_ih = torch.tensor([1000.0, -1000.0, z, z, 0.0, 0.0])  # r is (1, 0)
        return step(x, h, W_ih, W_hh, b_ih, b_hh)[0, 0].item()

    keeps = unit_1(1000.0) == 0.5
    candidate = unit_1(-1000.0 if keeps else 1000.0)
    return candidate != 0, "keep" if keeps else "take"


def _box(reset_after: bool, update_gate: UpdateGate) -> Callable[..., Tensor]:
    def step(
        x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
    ) -> Tensor:
        w = Weights(W_ih, W_hh, b_ih, b_hh)
        (new,) = gru_update(w.project(x), (h,), w, reset_after=reset_after, update_gate=update_gate)
        return new

    return step


def _boxes(_: torch.Generator) -> Iterator[Arguments]:
    yield (_box(True, "keep"),)
    yield (_box(True, "take"),)
    yield (_box(False, "keep"),)
    yield (_box(False, "take"),)


def _gate_misread(step):
    after, gate = conventions_of(step)
    return after, "take" if gate == "keep" else "keep"


def _reset_misread(step):
    after, gate = conventions_of(step)
    return not after, gate


def _both_misread(step):
    return _reset_misread(step)[0], _gate_misread(step)[1]


def _always_after(step):
    return True, conventions_of(step)[1]


def _always_before(step):
    return False, conventions_of(step)[1]


def _always_torch(_):
    return True, "keep"


BLACK_BOX = Exercise(
    name="gru-black-box",
    chapter="gru",
    title="The black box",
    goal="find out a GRU's conventions from its outputs alone",
    minutes=20,
    level="medium",
    hints=(
        "Set all weights to 0 first. Then add only what you need, so that you know what every "
        "gate does. A bias of 1000 opens a gate, one of -1000 shuts it.",
        "For the update gate: hold z at 1 and start from a state that is not 0. If the old state "
        "comes back, z keeps; the candidate would be something else.",
        "For the reset gate: take two units, let unit 1's candidate listen to unit 2 only (W_hn "
        "has a single 1, in row 1 and column 2) and set r = (1, 0). *After* lets unit 1 listen, "
        "*before* silences unit 2. Hold z so that the new state is the candidate.",
    ),
    mistakes=(
        Mistake(
            "the update gate is read the wrong way round",
            "The reset gate is found. The update gate is read the wrong way round: if z = 1 gives "
            "the old state back, it keeps.",
            _gate_misread,
        ),
        Mistake(
            "the reset gate is read the wrong way round",
            "The update gate is found. The reset gate is read the wrong way round: a unit that "
            "may listen (r = 1) still hears a silenced one (r = 0) if the reset comes *after*.",
            _reset_misread,
        ),
        Mistake(
            "both are read the wrong way round",
            "Both answers are the wrong way round in all four cases, so your experiment tells them "
            "apart. What does each outcome mean?",
            _both_misread,
        ),
        Mistake(
            "always after",
            "The update gate is found, but every box is said to reset after the product. Does "
            "your experiment use two units, with gates of different values?",
            _always_after,
        ),
        Mistake(
            "always before",
            "The update gate is found, but every box is said to reset before the product. Does "
            "anything of the old state reach your candidate at all?",
            _always_before,
        ),
        Mistake(
            "always PyTorch's",
            "Every box is said to be PyTorch's. An experiment whose outcome is the same for all "
            "four boxes tells nothing: does it start from a state that is not 0?",
            _always_torch,
        ),
    ),
    stub='''def conventions_of(step):
    """Find out the conventions of a GRU by calling it.

    step(x, h, W_ih, W_hh, b_ih, b_hh) makes one step and returns the new h, (B, H). The sizes are
    yours to choose: x (B, X), h (B, H), W_ih (3H, X), W_hh (3H, H), b_ih and b_hh (3H,), blocks
    r, z, n.
    Returns True if the reset acts after the product, else False; and "keep" or "take" for z near 1.
    """
    raise NotImplementedError
''',
    reference=conventions_of,
    cases=_boxes,
    parts=(Part("reset_after"), Part("update_gate")),
    about="four things on which two GRUs may disagree",
    explained="Two calls are enough. One unit would not do: there both forms are the same.",
)
