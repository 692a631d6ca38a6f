"""What a model's answers are worth: losses, and shares of right answers.

Axes: ``T`` time steps, ``B`` batch, ``V`` classes or vocabulary.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnlab.data.batching import IGNORED, Batch, collate, in_order
from rnnlab.data.windows import sequential_windows


class Score(NamedTuple):
    """Sums over the answers of a batch.

    Attributes:
        loss: Sum of the losses, (); for cross-entropy in nats.
        right: Number of right answers, ().
        answers: Number of answers, ().
    """

    loss: Tensor
    right: Tensor
    answers: Tensor


class Metrics(NamedTuple):
    """Means over a data set.

    Attributes:
        loss: Mean loss; for cross-entropy in nats for each answer.
        accuracy: Share of right answers.
        answers: Number of answers.
    """

    loss: float
    accuracy: float
    answers: int

    @property
    def perplexity(self) -> float:
        """The exponential of the loss, where that is a cross-entropy; what a float can hold.

        Equation `lm-perplexity`.
        """
        return math.exp(min(self.loss, 700.0))

    @property
    def bits(self) -> float:
        """The loss in bits for each answer, where it is a cross-entropy in nats.

        Equation `lm-bits`.
        """
        return self.loss / math.log(2)


#: Scores a model's answers on a batch.
Objective = Callable[[nn.Module, Batch], Score]


def classification(model: nn.Module, batch: Batch) -> Score:
    """Score a model's logits, (..., V), by cross-entropy with the batch's targets, (...).

    A model may return its state beside the logits, as language models do.
    """
    answer = model(*batch.inputs)
    return score_of(answer[0] if isinstance(answer, tuple) else answer, batch.targets)


def score_of(logits: Tensor, targets: Tensor) -> Score:
    """Score logits, (..., V), with targets, (...), of which `IGNORED` ones do not count."""
    logits, targets = logits.flatten(0, -2), targets.flatten()
    counts = targets != IGNORED
    loss = cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum")
    right = (logits.argmax(-1) == targets) & counts
    return Score(loss, right.sum(), counts.sum())


def regression(tolerance: float) -> Objective:
    """Make the objective for numbers: squared error; an answer is right within a tolerance."""

    def score(model: nn.Module, batch: Batch) -> Score:
        answers = model(*batch.inputs).squeeze(-1)
        error = answers - batch.targets.to(answers.dtype)
        count = torch.tensor(error.numel(), device=error.device)
        return Score((error**2).sum(), (error.abs() < tolerance).sum(), count)

    return score


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats per token: logits (..., V), targets (...), result ().

    Equation `lm-loss`.
    """
    return cross_entropy(logits.flatten(0, -2), targets.flatten())


def batches_of(dataset: Any, batch_size: int = 256) -> Iterable[Batch]:
    """Go through a data set once, in its order."""
    return (collate(dataset, indices) for indices in in_order(dataset, batch_size))


@torch.no_grad()
def evaluate(
    model: nn.Module,
    dataset: Any,
    *,
    objective: Objective = classification,
    batch_size: int = 256,
) -> Metrics:
    """Measure a model on every example of a data set.

    Args:
        model: The model; left in the mode it was in.
        dataset: Examples by index, with a length and a method ``collate``.
        objective: Scores a batch.
        batch_size: Examples at a time; changes nothing but speed.

    Returns:
        Means over all answers.

    Raises:
        ValueError: An empty data set.
    """
    if len(dataset) == 0:
        raise ValueError("expected at least one example to evaluate on, got none")
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    loss, right, count = 0.0, 0, 0
    for batch in batches_of(dataset, batch_size):
        score = objective(model, batch.to(device))
        loss += score.loss.item()
        right += int(score.right)
        count += int(score.answers)
    model.train(was_training)
    return Metrics(loss / count, right / count, count)


@torch.no_grad()
def evaluate_text(
    model: nn.Module, tokens: Tensor, *, batch_size: int = 16, num_steps: int = 100
) -> Metrics:
    """Measure a language model on a text, reading on without forgetting.

    Args:
        model: Maps tokens (T, B) and a state to logits (T, B, V) and the next state.
        tokens: The text, (N,), on the model's device.
        batch_size: Rows that the text is laid out in; each begins with a zero state.
        num_steps: Length of the pieces; the state is carried from each to the next.

    Returns:
        Means over all predicted tokens.
    """
    was_training = model.training
    model.eval()
    state, loss, right, count = None, 0.0, 0, 0
    for inputs, targets in sequential_windows(tokens, batch_size, num_steps):
        logits, state = model(inputs, state)
        loss += loss_of(logits, targets).item() * targets.numel()
        right += int((logits.argmax(-1) == targets).sum())
        count += targets.numel()
    model.train(was_training)
    return Metrics(loss / count, right / count, count)
