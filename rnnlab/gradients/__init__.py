"""Gradients through time: how much of them arrives, why, and whether they are right.

Chapter: learning-through-time. `rnnlab.scratch` and ``torch.nn`` layers alike.
"""

from rnnlab.gradients.checking import GradientError, Wrong, check_gradients
from rnnlab.gradients.flow import StateGradients, state_gradients
from rnnlab.gradients.gates import gates_over
from rnnlab.gradients.jacobians import (
    Blocks,
    blocks,
    gap_jacobians,
    spectral_norm,
    spectral_radius,
    step_jacobians,
)
from rnnlab.gradients.stepping import states_over

__all__ = [
    "Blocks",
    "GradientError",
    "StateGradients",
    "Wrong",
    "blocks",
    "check_gradients",
    "gap_jacobians",
    "gates_over",
    "spectral_norm",
    "spectral_radius",
    "state_gradients",
    "states_over",
    "step_jacobians",
]
