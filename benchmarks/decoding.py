"""Decoders that were trained on the right tokens or on their own, and searches of several widths.

Two tasks, both trained for so short a time that mistakes are left: dates in four locales, and
reversing up to 6 symbols. In training a decoder reads the right tokens, or its own for every second
one on average; and once more the right ones, but with the context at the start only.

    python benchmarks/decoding.py     # writes results/decoding.json
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import Tensor, nn

from rnnlab import data, models, training
from rnnlab.data import dates
from rnnlab.data.rearranging import Rearranging

SEEDS = (0, 1, 2)
CELL, HIDDEN, EMBEDDING, BATCH, WARM_UP = "gru", 64, 32, 64, 0.1
LOCALES = ("en_GB", "de", "fr", "zh_Hans_CN")
TEST, SEARCHED = 1000, 100
#: Widths of the beam and length penalties; width 1 is greedy decoding.
SEARCHES = {(1, 0.0), (2, 0.0), (4, 0.0), (8, 0.0), (4, 1.0)}


class Regime(NamedTuple):
    """How often a decoder reads its own token in training, and when it is given the context."""

    share: float = 0.0
    context_every_step: bool = True


REGIMES = {
    "teacher": Regime(),
    "half": Regime(0.5),
    "context at the start": Regime(context_every_step=False),
}


class Task(NamedTuple):
    """What is learned, for how long, and how its examples are made."""

    sizes: tuple[int, int]
    ends: tuple[int, int]
    most: int
    steps: int
    rate: float
    dataset: Callable[..., Any]


def of_dates(split: str, size: int, seed: int) -> data.Dates:
    return data.Dates(split, size, seed=seed, locales=LOCALES)


def of_symbols(split: str, size: int, seed: int) -> Rearranging:
    return Rearranging("reverse", size, lengths=(1, 6), split=split, seed=seed)


def tasks() -> dict[str, Task]:
    words = dates.target_vocabulary()
    sizes = len(dates.source_vocabulary()), len(words)
    ends = words[dates.START], words[dates.STOP]
    symbols = Rearranging
    return {
        "dates": Task(sizes, ends, 12, 200, 1e-2, of_dates),
        "reverse": Task(
            (symbols.SOURCE_SIZE, symbols.TARGET_SIZE),
            (symbols.START, symbols.STOP),
            8,
            400,
            1e-2,
            of_symbols,
        ),
    }


def tokens_right(task: Task, model: nn.Module, batch: data.Batch) -> tuple[Tensor, Tensor]:
    """Tell which tokens are right, (S, B), given the right ones before, and given its own."""
    source, lengths, previous = batch.inputs
    start, stop = task.ends
    taught = model(source, lengths, previous).argmax(dim=-1) == batch.targets
    own = model.greedy(source, lengths, start=start, stop=stop, most=len(previous))
    missing = torch.full((len(previous) - len(own), source.shape[1]), stop)
    return taught, torch.cat([own, missing]) == batch.targets


@torch.no_grad()
def measure(task: Task, model: nn.Module, seed: int) -> dict:
    """Measure a decoder that reads the right tokens, its own, and that searches."""
    dataset = task.dataset("test", TEST, seed)
    batch = data.collate(dataset, range(TEST))
    real = batch.targets != data.IGNORED
    taught, free = tokens_right(task, model, batch)
    wrong_before = ((~taught & real).cumsum(dim=0) - (~taught & real).long()) > 0
    after = wrong_before & real
    found = {
        "tokens_taught": taught[real].double().mean().item(),
        "tokens_free": free[real].double().mean().item(),
        "tokens_after_first_error_taught": taught[after].double().mean().item(),
        "tokens_after_first_error_free": free[after].double().mean().item(),
        "exact": (free | ~real).all(dim=0).double().mean().item(),
    }
    return {name: round(value, 4) for name, value in found.items()}


def search(task: Task, model: nn.Module, seed: int) -> dict:
    """Tell the share of exact answers, and how often a wider beam finds a likelier answer."""
    dataset = task.dataset("test", SEARCHED, seed)
    start, stop = task.ends
    exact, likelier = {}, {}
    greedy: list[float] = []
    for width, alpha in sorted(SEARCHES):
        right, better = 0, 0
        for k in range(SEARCHED):
            source, target = dataset[k]
            (answer, log_p), *_ = model.beam(
                source, start=start, stop=stop, most=task.most, width=width, alpha=alpha
            )
            right += answer == target[1:-1].tolist()
            if width == 1:
                greedy.append(log_p)
            better += log_p > greedy[k] + 1e-6
        name = f"width {width}, alpha {alpha:g}"
        exact[name], likelier[name] = right / SEARCHED, better / SEARCHED
    return {"exact": exact, "likelier_than_greedy": likelier}


def settings(name: str, regime: str, seed: int) -> str:
    return f"{name} {regime} {seed} {tasks()[name].steps}"


@kept(settings)
def run(name: str, regime: str, seed: int) -> dict:
    """Train and measure one model."""
    torch.set_num_threads(1)
    task, share = tasks()[name], REGIMES[regime].share
    torch.manual_seed(seed)
    model = models.EncoderDecoder(
        *task.sizes,
        HIDDEN,
        CELL,
        embedding_size=EMBEDDING,
        bidirectional=True,
        context_every_step=REGIMES[regime].context_every_step,
        implementation="torch",
    )
    training.fit(
        model,
        data.Batches(task.dataset("train", task.steps * BATCH, seed), BATCH, seed=seed),
        steps=task.steps,
        objective=training.own_tokens(share) if share else training.classification,
        learning_rate=task.rate,
        schedule=training.warm_up(WARM_UP),
    )
    result = measure(task, model.eval(), seed)
    if regime == "teacher":
        result["search"] = search(task, model, seed)
    print(name, regime, seed, result, flush=True)
    return result


def main() -> None:
    jobs = [(name, regime, seed) for name in tasks() for regime in REGIMES for seed in SEEDS]
    found = dict(zip(jobs, Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs), strict=True))
    result = {
        "cell": CELL,
        "hidden": HIDDEN,
        "encoder": "bidirectional",
        "batch_size": BATCH,
        "seeds": list(SEEDS),
        "regimes": {name: regime._asdict() for name, regime in REGIMES.items()},
        "locales": list(LOCALES),
        "test": TEST,
        "searched": SEARCHED,
        "tasks": {
            name: {
                "steps": task.steps,
                "learning_rate": task.rate,
                "regimes": {
                    regime: [found[name, regime, seed] for seed in SEEDS] for regime in REGIMES
                },
            }
            for name, task in tasks().items()
        },
    }
    print("written:", record("decoding", result))


if __name__ == "__main__":
    main()
