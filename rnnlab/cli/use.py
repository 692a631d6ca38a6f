"""``rnnlab evaluate`` and ``rnnlab generate``: what a checkpoint is good for."""

import sys
from itertools import islice
from pathlib import Path
from typing import Any

import click
import torch

from rnnlab.cli.common import FILE, device_of, say, shown
from rnnlab.models import LanguageModel
from rnnlab.tasks import Task, from_checkpoint
from rnnlab.training import checkpoints, connected


@click.command()
@click.argument("path", type=FILE)
@click.option(
    "--split", type=click.Choice(["validation", "test"]), default="test", show_default=True
)
@click.option("--device", "device_name", help="Such as cpu or cuda:1.")
def evaluate(path: Path, split: str, device_name: str | None) -> None:
    """Measure the model of a checkpoint on data that it was not trained on.

    \b
    Example:
      rnnlab evaluate my-work/dates.safetensors
    """  # noqa: D301
    with connected() as own_device:
        trained = from_checkpoint(checkpoints.load(path))
        setup = trained.task.prepare(trained.options)
        if setup.about != trained.about:
            raise ValueError(
                f"expected the text that {path} was trained on, got one with other characters"
            )
        measure = setup.test if split == "test" else setup.validation
        model = trained.model.to(device_of(device_name, own_device))
        say(f"{trained.task.name}, {split}: {shown(measure(model), setup)}")


@click.command()
@click.argument("path", type=FILE)
@click.option("--prompt", required=True, help="What to go on from, or to answer.")
@click.option(
    "--length", type=click.IntRange(1), default=200, show_default=True, help="Characters to add."
)
@click.option(
    "--temperature",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="0 takes the likeliest character every time.",
)
@click.option("--top-k", type=click.IntRange(1), help="Draw from the k likeliest only.")
@click.option("--seed", type=int, default=0, show_default=True)
def generate(
    path: Path, prompt: str, length: int, temperature: float, top_k: int | None, seed: int
) -> None:
    """Let a language model write on, or let another model answer.

    \b
    Examples:
      rnnlab generate my-work/book.safetensors --prompt "The LSTM" --temperature 0.7 --top-k 5
      rnnlab generate my-work/dates.safetensors --prompt "de 3. Mai 2024"
      rnnlab generate my-work/captions.safetensors --prompt 17
    """  # noqa: D301
    trained = from_checkpoint(checkpoints.load(path))
    model = trained.model
    if trained.vocabulary is None:
        click.echo(_answer(trained.task, model, trained.options, prompt))
        return
    assert isinstance(model, LanguageModel)
    generator = torch.Generator().manual_seed(seed)
    tokens = model.stream(
        trained.vocabulary.encode(prompt),
        temperature=temperature,
        top_k=top_k,
        generator=generator,
    )
    click.echo(prompt, nl=False)
    for token in islice(tokens, length):
        click.echo(trained.vocabulary.decode([token]), nl=False)
        sys.stdout.flush()
    click.echo()


def _answer(task: Task, model: torch.nn.Module, options: Any, prompt: str) -> str:
    if task.respond is None:
        raise ValueError(
            f"expected a model that answers prompts, got one for {task.name!r}: use rnnlab evaluate"
        )
    with torch.no_grad():
        return task.respond(model, options, prompt)
