"""All tasks by name, and the model that a checkpoint holds."""

from typing import Any, NamedTuple

from torch import nn

from rnnlab.data.vocabulary import Vocabulary
from rnnlab.tasks import answers, gaps, texts
from rnnlab.tasks.setup import Options, Task
from rnnlab.training import Checkpoint, CheckpointError

CATALOGUE: dict[str, Task] = {
    task.name: task for task in (*texts.TASKS, *answers.TASKS, *gaps.TASKS)
}


def named(name: str) -> Task:
    """Return a task.

    Raises:
        ValueError: No task of that name.
    """
    if name not in CATALOGUE:
        raise ValueError(f"expected a task of {', '.join(CATALOGUE)}, got {name!r}")
    return CATALOGUE[name]


class Trained(NamedTuple):
    """What a checkpoint holds.

    Attributes:
        task: What the model was trained for.
        options: How.
        model: The model, ready to be used.
        vocabulary: The characters of a language model; None for others.
        about: What the task's setup said when it was trained.
    """

    task: Task
    options: Options
    model: nn.Module
    vocabulary: Vocabulary | None
    about: dict[str, Any]


def from_checkpoint(checkpoint: Checkpoint) -> Trained:
    """Make the model of a checkpoint again; a language model's text is not needed for it.

    Raises:
        CheckpointError: A checkpoint of something else.
    """
    about = checkpoint.about
    try:
        task, options = named(about["task"]), Options(**about["options"])
        characters = about["model"].get("characters")
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            "expected a checkpoint that `rnnlab train` wrote, got one that does not say how its "
            f"model is made ({error})"
        ) from error
    vocabulary = None if characters is None else Vocabulary(characters)
    model = (
        task.prepare(options).model
        if vocabulary is None
        else texts.language_model(options, len(vocabulary))
    )
    weights = checkpoint.part("best") or checkpoint.part("model")
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"expected weights for a model of the task {task.name!r}, got others: {error}"
        ) from error
    return Trained(task, options, model.eval(), vocabulary, about["model"])
