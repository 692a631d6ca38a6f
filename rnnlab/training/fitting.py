"""fit(): the loop that trains every model of the course."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, Literal

import torch
from torch import Tensor, nn

from rnnlab.data.batching import Batch
from rnnlab.training.distributed import agreed, parallel, summed, world
from rnnlab.training.history import History
from rnnlab.training.interrupts import Interrupts
from rnnlab.training.run import Run, Saving
from rnnlab.training.schedules import Schedule, constant
from rnnlab.training.scores import Metrics, Objective, classification

#: The batch of a step, or one process' share of it: step, rank and number of processes.
BatchOf = Callable[[int, int, int], Batch]
Precision = Literal["bfloat16", "float16"]


def default_device() -> torch.device:
    """The GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    model: nn.Module,
    batches: BatchOf,
    *,
    steps: int,
    objective: Objective = classification,
    learning_rate: float = 5e-3,
    schedule: Schedule = constant,
    clip: float = 1.0,
    optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    evaluate: Callable[[nn.Module], Metrics] | None = None,
    evaluate_every: int = 100,
    patience: int | None = None,
    goal: Callable[[Metrics], bool] | None = None,
    precision: Precision | None = None,
    saving: Saving | None = None,
    progress: bool = False,
) -> History:
    """Train a model: score a batch, go down the gradient, and so on.

    Args:
        model: What is trained, on its device; its initial weights are the caller's.
        batches: Gives the batch of every step, such as `rnnlab.data.Batches`.
        steps: Number of updates.
        objective: Scores the model's answers on a batch.
        learning_rate: Of the optimiser.
        schedule: The factor of the learning rate at each step.
        clip: Greatest norm of the gradient; larger ones are scaled down (Pascanu et al. 2013).
        optimiser: Made from the parameters and ``lr``.
        evaluate: Measures the model on data not trained on.
        evaluate_every: Steps between two evaluations; the last step is followed by one too.
        patience: Stop after so many evaluations without a lesser loss, and go back to the best
            weights; never, if None.
        goal: Stop at the first evaluation that it says yes to.
        precision: Compute in 16 bits where that is safe; needs a GPU.
        saving: Where checkpoints go. A run that was interrupted goes on from there, and ends with
            the same weights, bit for bit, as if it had not been. Ctrl-C then saves and stops.
        progress: Show a progress bar.

    Returns:
        What happened, from the first step on, also where the run was interrupted in between.

    Raises:
        FloatingPointError: A loss or gradient that is not finite; the message says at which step.
        CheckpointError: A file in the checkpoint's place that is none, or of another run.
        ValueError: An unusable setting.
        KeyboardInterrupt: Ctrl-C; what was learned is saved.
    """
    device = next(model.parameters()).device
    _check(device, steps, evaluate_every, patience, goal, evaluate, precision)
    rank, size = world()
    if size > 1:
        torch.manual_seed(torch.initial_seed() + rank)  # or all would drop out the same units
    settings = {
        "learning_rate": learning_rate,
        "clip": clip,
        "optimiser": getattr(optimiser, "__name__", str(optimiser)),
        "precision": precision,
        "schedule": schedule.__name__ if schedule is constant else [schedule.__name__, steps],
        **{name: getattr(batches, name, None) for name in ("seed", "batch_size")},
    }
    scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")
    learner = optimiser(model.parameters(), lr=learning_rate)
    run = Run(model, learner, scaler, objective, settings)
    if saving is not None:
        run.restore(saving)
    history, shared = run.history, parallel(model)
    model.train()

    with Interrupts(saving is not None) as interrupts:
        for step in _steps(run, steps, progress):
            for group in run.optimiser.param_groups:
                group["lr"] = learning_rate * schedule(step, steps)
            batch = batches(step, rank, size).to(device)
            with _autocast(device, precision):
                score = objective(shared, batch)
            stop = torch.tensor(interrupts.received is not None, device=device)
            total, count, stop = summed(
                torch.stack([score.loss.detach().double(), score.answers, stop])
            )
            loss = score.loss * size / count  # the mean over the processes is the batch's mean

            run.optimiser.zero_grad()
            scaler.scale(loss).backward()
            scaler.unscale_(run.optimiser)
            norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
            _check_finite(step, total / count, norm, scaler.is_enabled())
            scaler.step(run.optimiser)
            scaler.update()

            history.losses.append((total / count).item())
            history.norms.append(norm.item())
            done = len(history)
            if evaluate is not None and (done % evaluate_every == 0 or done == steps):
                _evaluate(run, evaluate, patience, goal)
            ends = done == steps or history.stopped is not None or bool(stop)
            if saving is not None and (done % saving.every == 0 or ends):
                run.save(saving)
            if stop:
                raise KeyboardInterrupt
    if run.best:
        model.load_state_dict(run.best)
    return history


def _steps(run: Run, steps: int, progress: bool) -> Iterator[int]:
    """The steps that are left, until one of them stops the run; with a bar, if wanted."""
    bar = None
    if progress and world().writes:
        from tqdm.auto import tqdm  # noqa: PLC0415 - torch alone trains

        bar = tqdm(total=steps, initial=len(run.history), unit="step", dynamic_ncols=True)
    try:
        while len(run.history) < steps and run.history.stopped is None:
            yield len(run.history)
            if bar is not None:
                bar.set_postfix(_postfix(run.history), refresh=False)
                bar.update()
    finally:
        if bar is not None:
            bar.close()


def _postfix(history: History) -> dict[str, str]:
    shown = {"loss": f"{history.losses[-1]:.3f}"}
    if history.evaluations:
        metrics = history.evaluations[-1][1]
        shown |= {"held out": f"{metrics.loss:.3f}", "right": f"{metrics.accuracy:.1%}"}
    return shown


def _evaluate(
    run: Run,
    evaluate: Callable[[nn.Module], Metrics],
    patience: int | None,
    goal: Callable[[Metrics], bool] | None,
) -> None:
    """Measure, and decide whether to go on; one process' numbers decide for all."""
    device = next(run.model.parameters()).device
    numbers = agreed(torch.tensor(evaluate(run.model), dtype=torch.float64, device=device))
    loss, accuracy, count = numbers.tolist()
    better = not run.history.evaluations or loss < run.history.best()[1].loss
    metrics = Metrics(loss, accuracy, int(count))
    run.history.evaluations.append((len(run.history), metrics))
    if goal is not None and goal(metrics):
        run.history.stopped = "the goal is reached"
        return
    if patience is None:
        return
    run.waited = 0 if better else run.waited + 1
    if better:
        run.best = {name: x.detach().clone() for name, x in run.model.state_dict().items()}
    elif run.waited >= patience:
        run.history.stopped = f"no lesser loss in {patience} evaluations"


def _autocast(device: torch.device, precision: Precision | None) -> Any:
    if precision is None:
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def _check_finite(step: int, loss: Tensor, norm: Tensor, scaled: bool) -> None:
    """Stop before a bad gradient reaches the weights."""
    if loss.isfinite() and (
        norm.isfinite() or scaled
    ):  # a scaler skips such a step, and goes lower
        return
    raise FloatingPointError(
        f"expected a finite loss and gradient, got loss {loss.item()} and gradient norm "
        f"{norm.item()} at step {step}: try a smaller learning rate, a smaller clip, or float64; "
        "the weights are those before this step"
    )


def _check(
    device: torch.device,
    steps: int,
    evaluate_every: int,
    patience: int | None,
    goal: object,
    evaluate: object,
    precision: str | None,
) -> None:
    for name, value in (("steps", steps), ("evaluate_every", evaluate_every)):
        if value < 1:
            raise ValueError(f"expected {name} of at least 1, got {value}")
    if patience is not None and (patience < 1 or evaluate is None):
        raise ValueError(
            f"expected patience of at least 1, and evaluate= to be patient about, got "
            f"patience={patience} and evaluate={evaluate}"
        )
    if goal is not None and evaluate is None:
        raise ValueError("expected evaluate=, which tells whether the goal is reached, got None")
    if precision not in (None, "bfloat16", "float16"):
        raise ValueError(f"expected precision to be bfloat16 or float16, got {precision!r}")
    if precision is not None and device.type != "cuda":
        raise ValueError(f"expected a model on a GPU for precision={precision!r}, got {device}")
