"""Training a language model and measuring it."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnlab.data import random_windows, sequential_windows


def default_device() -> torch.device:
    """The GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats per character: logits (T, B, V), targets (T, B), result ()."""
    return cross_entropy(logits.flatten(0, -2), targets.flatten())


def fit(
    model: nn.Module,
    tokens: Tensor,
    *,
    steps: int,
    batch_size: int = 32,
    num_steps: int = 35,
    learning_rate: float = 5e-3,
    clip: float = 1.0,
    seed: int = 0,
) -> list[float]:
    """Train a language model with Adam on random windows of a text, each from a zero state.

    Args:
        model: Maps tokens (T, B) to logits (T, B, V) and a state.
        tokens: The text, (N,), on the model's device.
        steps: Number of updates.
        batch_size: Windows in a batch.
        num_steps: Length of a window, and so of backpropagation through time.
        learning_rate: Of Adam.
        clip: Greatest norm of the gradient; larger ones are scaled down to it.
        seed: Of the windows' places. The model's initial weights are the caller's.

    Returns:
        The training loss at each step, in nats per character.

    Raises:
        FloatingPointError: A loss that is not finite; the message says at which step.
    """
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    model.train()
    losses = []
    for step in range(steps):
        inputs, targets = random_windows(tokens, batch_size, num_steps, generator)
        logits, _ = model(inputs)
        loss = loss_of(logits, targets)
        if not loss.isfinite():
            raise FloatingPointError(
                f"expected a finite loss, got {loss.item()} at step {step}: "
                "try a smaller learning rate or a smaller clip"
            )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def evaluate(
    model: nn.Module, tokens: Tensor, *, batch_size: int = 16, num_steps: int = 100
) -> float:
    """Measure a language model on a text it has not seen, reading on without forgetting.

    Args:
        model: Maps tokens (T, B) and a state to logits (T, B, V) and the next state.
        tokens: The held-out text, (N,), on the model's device.
        batch_size: Rows that the text is laid out in; each begins with a zero state.
        num_steps: Length of the pieces; the state is carried from each to the next.

    Returns:
        The mean loss in nats per character.
    """
    was_training = model.training
    model.eval()
    state, total, count = None, 0.0, 0
    for inputs, targets in sequential_windows(tokens, batch_size, num_steps):
        logits, state = model(inputs, state)
        total += loss_of(logits, targets).item() * targets.numel()
        count += targets.numel()
    model.train(was_training)
    return total / count
