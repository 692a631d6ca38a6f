"""Training models, measuring them, and keeping what they learned."""

from rnnlab.training import checkpoints
from rnnlab.training.checkpoints import Checkpoint, CheckpointError
from rnnlab.training.distributed import connected
from rnnlab.training.fitting import default_device, fit
from rnnlab.training.history import History
from rnnlab.training.own_tokens import own_tokens
from rnnlab.training.reading import ReadingOn
from rnnlab.training.run import Saving
from rnnlab.training.schedules import constant, cosine, warm_up
from rnnlab.training.scores import (
    Metrics,
    Objective,
    Score,
    classification,
    evaluate,
    evaluate_text,
    loss_of,
    regression,
)

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "History",
    "Metrics",
    "Objective",
    "ReadingOn",
    "Saving",
    "Score",
    "checkpoints",
    "classification",
    "connected",
    "constant",
    "cosine",
    "default_device",
    "evaluate",
    "evaluate_text",
    "fit",
    "loss_of",
    "own_tokens",
    "regression",
    "warm_up",
]
