"""What several commands need: the device, and how a measurement is written."""

from pathlib import Path

import click
import torch

from rnnlab.tasks import Setup
from rnnlab.training import Metrics
from rnnlab.training.distributed import world

CELLS = click.Choice(["rnn", "lstm", "gru"])
FILE = click.Path(dir_okay=False, path_type=Path)


def device_of(name: str | None, default: torch.device) -> torch.device:
    """Return a device by name, or the default.

    Raises:
        ValueError: torch cannot use it.
    """
    if name is None:
        return default
    try:
        torch.zeros(1, device=name).item()
        return torch.device(name)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"expected a device that torch can use, got {name!r}") from error


def say(text: str) -> None:
    """Print, unless another process does."""
    if world().writes:
        click.echo(text)


def shown(metrics: Metrics, setup: Setup) -> str:
    """Write a measurement in the task's own terms."""
    if setup.perplexing:
        return (
            f"perplexity {metrics.perplexity:.2f}, {metrics.bits:.3f} bits per character, "
            f"{metrics.answers} characters"
        )
    what = setup.answer_is
    return (
        f"{metrics.accuracy:.2%} of {metrics.answers} {what}s right, loss {metrics.loss:.4f} "
        f"per {what}"
    )
