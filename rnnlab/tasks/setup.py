"""What a task is made of: how to train a model for it, and how to measure and use the model."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from torch import nn

from rnnlab.models import CellKind, Implementation
from rnnlab.training import Metrics, Objective, classification


@dataclass(frozen=True)
class Options:
    """The choices that make a run, beside its length.

    Attributes:
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        hidden: Hidden units.
        layers: Recurrent layers stacked.
        implementation: ``"scratch"`` or ``"torch"``.
        batch_size: Examples in a batch.
        num_steps: Characters in a window, for texts.
        partition: ``"random"`` for windows from anywhere, each from a zero state; ``"sequential"``
            for reading on with the state carried.
        characters: Characters to train on, for *The Time Machine*; 0 for nine tenths of it.
        language: ``"en"`` or ``"zh"``, for intents, slots and captions.
        attention: The rule by which the decoder attends, ``"additive"`` or ``"dot"``, for dates;
            ``"none"`` for one fixed context.
        gap: The gap or length, for the memory tasks.
        file: The text, for ``text``.
        seed: Of initial weights and of the order of examples.
    """

    cell: CellKind = "lstm"
    hidden: int = 128
    layers: int = 1
    implementation: Implementation = "torch"
    batch_size: int = 32
    num_steps: int = 35
    partition: str = "random"
    characters: int = 10_000
    language: str = "en"
    attention: str = "none"
    gap: int = 20
    file: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Setup:
    """Everything that a run needs.

    Attributes:
        model: With its initial weights.
        batches: The batch of every step.
        validation: Measures a model on data to choose with.
        test: Measures a model on data for the end.
        objective: Scores a batch.
        answer_is: What is counted: ``"character"``, ``"utterance"``.
        about: What a checkpoint must know to make the same model without the data.
        perplexing: Whether to speak of perplexity: for language models.
    """

    model: nn.Module
    batches: Any
    validation: Callable[[nn.Module], Metrics]
    test: Callable[[nn.Module], Metrics]
    objective: Objective = classification
    answer_is: str = "answer"
    about: dict[str, Any] = field(default_factory=dict)
    perplexing: bool = False


@dataclass(frozen=True)
class Task:
    """Something to train a model for.

    Attributes:
        name: As on the command line.
        summary: In one line.
        shape: N-to-1, N-to-N, 1-to-N or N-to-M.
        prepare: Makes the setup.
        defaults: Options that differ from the general ones.
        steps: Updates that do it, by default.
        learning_rate: Of Adam, by default.
        respond: Answers a prompt with a trained model; None for tasks that have no prompts.
    """

    name: str
    summary: str
    shape: str
    prepare: Callable[[Options], Setup]
    defaults: dict[str, Any] = field(default_factory=dict)
    steps: int = 1000
    learning_rate: float = 5e-3
    respond: Callable[[nn.Module, Options, str], str] | None = None

    def options(self, **chosen: Any) -> Options:
        """The task's options: what was chosen, else the task's defaults, else the general ones."""
        given = {name: value for name, value in chosen.items() if value is not None}
        return replace(Options(), **{**self.defaults, **given})

    def about(self, options: Options, setup: Setup) -> dict[str, Any]:
        """What a checkpoint says of how its model is made."""
        return {"task": self.name, "options": asdict(options), "model": setup.about}
