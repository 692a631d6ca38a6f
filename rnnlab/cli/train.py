"""``rnnlab train``."""

import math
import sys
import time
from pathlib import Path
from typing import Any

import click
import torch

from rnnlab.cli.common import CELLS, FILE, device_of, say, shown
from rnnlab.tasks import CATALOGUE, Setup, named
from rnnlab.training import (
    History,
    Saving,
    checkpoints,
    connected,
    constant,
    cosine,
    fit,
    warm_up,
)

_SCHEDULES = {"constant": constant, "cosine": cosine, "warm-up": warm_up(0.1)}


@click.command()
@click.option(
    "--task",
    "task_name",
    type=click.Choice(list(CATALOGUE)),
    required=True,
    help="What to train for: see rnnlab train --tasks.",
)
@click.option(
    "--tasks",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    help="List the tasks.",
    callback=lambda context, _, asked: _list_tasks(context) if asked else None,
)
@click.option("--cell", type=CELLS, help="Kind of recurrent layer.  [lstm]")
@click.option("--hidden", type=click.IntRange(1), help="Hidden units.")
@click.option("--layers", type=click.IntRange(1), help="Layers stacked.")
@click.option(
    "--implementation", type=click.Choice(["torch", "scratch"]), help="Whose layers.  [torch]"
)
@click.option("--steps", type=click.IntRange(1), help="Updates.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="Of Adam.")
@click.option(
    "--schedule",
    type=click.Choice(list(_SCHEDULES)),
    default="constant",
    show_default=True,
    help="How the learning rate changes.",
)
@click.option(
    "--clip",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Greatest norm of the gradient.",
)
@click.option("--batch-size", type=click.IntRange(1), help="Examples in a batch.")
@click.option("--num-steps", type=click.IntRange(1), help="Characters in a window, for texts.")
@click.option(
    "--partition",
    type=click.Choice(["random", "sequential"]),
    help="Windows of a text: from anywhere, or reading on with the state carried.",
)
@click.option(
    "--characters", type=click.IntRange(0), help="Characters of The Time Machine; 0: 9/10 of it."
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of intents, slots, captions.")
@click.option(
    "--attention", type=click.Choice(["additive", "dot", "none"]), help="Of the decoder, for dates."
)
@click.option("--gap", type=click.IntRange(0), help="Gap or length, for memory tasks.")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False), help="The text, for --task text."
)
@click.option("--seed", type=int, help="Of initial weights and order of examples.")
@click.option("--evaluate-every", type=click.IntRange(1), help="Steps between evaluations.")
@click.option(
    "--patience", type=click.IntRange(1), help="Evaluations without progress before stopping."
)
@click.option("--precision", type=click.Choice(["bfloat16", "float16"]), help="16 bits, on a GPU.")
@click.option(
    "--save", "path", type=FILE, help="Checkpoint; the run goes on from it if it is there."
)
@click.option(
    "--save-every",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Steps between checkpoints.",
)
@click.option("--device", "device_name", help="Such as cpu or cuda:1.")
@click.option("--progress/--no-progress", default=None, help="Show a bar.  [if on a terminal]")
def train(
    task_name: str,
    steps: int | None,
    learning_rate: float | None,
    schedule: str,
    clip: float,
    evaluate_every: int | None,
    patience: int | None,
    precision: Any,
    path: Path | None,
    save_every: int,
    device_name: str | None,
    progress: bool | None,
    **chosen: Any,
) -> None:
    """Train a model for a task, and say how good and how fast it is.

    What is not given is the task's own default. Ctrl-C saves, if --save is given, and the same
    command goes on from there. Under torchrun, all processes train one model.

    \b
    Examples:
      rnnlab train --task time-machine --cell lstm
      rnnlab train --task dates --attention additive --save my-work/dates.safetensors
      rnnlab train --task order --gap 100 --cell rnn --evaluate-every 500
      torchrun --nproc-per-node 2 -m rnnlab train --task book --save my-work/book.safetensors
    """  # noqa: D301
    task = named(task_name)
    options = task.options(**chosen)
    with connected() as own_device:
        device = device_of(device_name, own_device)
        setup = task.prepare(options)
        saving = None
        if path is not None:
            saving = Saving(path, save_every, task.about(options, setup))
        start, before = time.perf_counter(), _steps_in(path)
        watched = evaluate_every is not None or patience is not None
        try:
            history = fit(
                setup.model.to(device),
                setup.batches,
                steps=steps or task.steps,
                objective=setup.objective,
                learning_rate=learning_rate or task.learning_rate,
                schedule=_SCHEDULES[schedule],
                clip=clip,
                evaluate=setup.validation if watched else None,
                evaluate_every=evaluate_every or 100,
                patience=patience,
                precision=precision,
                saving=saving,
                progress=sys.stderr.isatty() if progress is None else progress,
            )
        except KeyboardInterrupt:
            if path is not None and path.exists():
                say(f"stopped; saved to {path}, the same command goes on from there")
            raise
        seconds = time.perf_counter() - start
        _report(setup, history, len(history) - before, seconds, device)
        say(f"held out: {shown(setup.test(setup.model), setup)}")
        if path is not None:
            say(f"saved to {path}")


def _list_tasks(context: click.Context) -> None:
    for task in CATALOGUE.values():
        click.echo(f"{task.name:13} {task.shape:7} {task.summary}")
    context.exit()


def _steps_in(path: Path | None) -> int:
    if path is None or not path.exists():
        return 0
    return len(checkpoints.load(path).about.get("history", {}).get("losses", []))


def _report(
    setup: Setup, history: History, done: int, seconds: float, device: torch.device
) -> None:
    """Say how good and how fast the training was, for texts in D2L's words."""
    if history.stopped:
        say(f"stopped after {len(history)} steps: {history.stopped}")
    if setup.perplexing:
        batches = setup.batches
        windows = getattr(batches, "dataset", batches)
        per_step = batches.batch_size * windows.num_steps
        recent = history.losses[-max(1, len(windows.tokens) // per_step) :]  # an epoch's
        perplexity = math.exp(sum(recent) / len(recent))
        speed = done * per_step / seconds
        say(f"perplexity {perplexity:.1f}, {speed:.1f} tokens/sec on {device}")
    else:
        speed = done * setup.batches.batch_size / seconds
        say(f"loss {history.losses[-1]:.4f}, {speed:.1f} examples/sec on {device}")
