"""A small training run in a process of its own, for the tests that stop it or split it up.

``torchrun tests/runs.py PATH STEPS KIND`` trains in several processes, saving to PATH every ten
steps; KIND is ``exact``, or ``stop-at-10`` to die in the step after the first checkpoint.
"""

import sys
from contextlib import suppress
from pathlib import Path

import torch

from rnnlab.data import random_windows
from rnnlab.models import LanguageModel
from rnnlab.training import History, Metrics, Saving, connected, cosine, evaluate_text, fit

V, T, B = 11, 6, 8
TEXT = torch.arange(400) ** 2 % V


def train(
    path: Path | str | None = None,
    steps: int = 40,
    *,
    every: int = 1,
    dropout: float = 0.3,
    hidden: int = 24,
    dtype: torch.dtype = torch.float32,
    **options: object,
) -> tuple[LanguageModel, History]:
    """Train two layers with dropout; the same call gives the same weights."""
    torch.manual_seed(3)
    model = LanguageModel(
        V, hidden, "lstm", num_layers=2, dropout=dropout, implementation="torch"
    ).to(dtype)
    history = fit(
        model,
        random_windows(TEXT[:300], B, T, seed=5),
        steps=steps,
        schedule=cosine,
        saving=None if path is None else Saving(path, every),
        **{"evaluate": held_out, "evaluate_every": 7, **options},
    )
    return model, history


def held_out(model: torch.nn.Module) -> Metrics:
    """Measure on what is not trained on."""
    return evaluate_text(model, TEXT[300:], batch_size=2, num_steps=20)


class Stopped(Exception):  # noqa: N818 - what a power cut would raise
    """Ends a run in the middle."""


def main() -> None:
    torch.set_num_threads(1)
    with connected():
        path, steps, kind = sys.argv[1:4]
        # Without dropout, in which the number of processes would show.
        options = {"every": 10, "dropout": 0.0, "dtype": torch.float64}
        if kind == "stop-at-10":
            options["evaluate"] = lambda _: (_ for _ in ()).throw(Stopped)
            options["evaluate_every"] = 11
        with suppress(Stopped):
            train(path, int(steps), **options)


if __name__ == "__main__":
    main()
