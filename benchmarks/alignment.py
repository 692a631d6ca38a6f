"""Where a decoder looks: the scoring rules on tasks whose alignment is known.

A decoder with attention learns to copy, reverse or sort 2 to 10 different letters, or to write
dates of 32 locales in ISO form. At every step of a held-out answer the greatest weight lies
somewhere; it is right if that is the place which the step's symbol comes from; for a digit of a
date, if it lies within the year, month or day that it belongs to. An answer counts as exact if the
model, left to itself, writes it all.

    python benchmarks/alignment.py     # writes results/alignment.json
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import nn

from rnnlab import data, models, training
from rnnlab.data import Rearranging
from rnnlab.data.dates import START, STOP, source_vocabulary, target_vocabulary

KINDS = ("copy", "reverse", "sort", "dates")
#: Name to the arguments of the attention.
RULES = {
    "location": {"rule": "location"},
    "linear": {"rule": "linear"},
    "additive": {"rule": "additive"},
    "additive v": {"rule": "additive", "learned_v": True},
    "dot": {"rule": "dot"},
}
SEEDS = (0, 1, 2)
CELL, HIDDEN, EMBEDDING, BATCH, RATE = "gru", 64, 32, 64, 5e-3
#: To sort is harder.
STEPS = {"copy": 500, "reverse": 500, "sort": 1500, "dates": 500}
LENGTHS, SYMBOLS, TEST = (2, 10), 26, 500


class Task(NamedTuple):
    """What is learned.

    Attributes:
        dataset: Makes the examples of a split: split, size, seed.
        sizes: Number of different tokens of input and output.
        start: The token that an output begins with.
        stop: The token that ends it.
        positions: Most tokens of an input.
        answer: Most tokens of an output, without start and stop.
    """

    dataset: Callable[[str, int, int], Any]
    sizes: tuple[int, int]
    start: int
    stop: int
    positions: int
    answer: int


def task_of(kind: str) -> Task:
    if kind == "dates":
        target = target_vocabulary()
        return Task(
            lambda split, size, seed: data.Dates(split, size, seed=seed),
            (len(source_vocabulary()), len(target)),
            target[START],
            target[STOP],
            positions=64,
            answer=10,
        )
    return Task(
        lambda split, size, seed: Rearranging(
            kind, size, lengths=LENGTHS, symbols=SYMBOLS, split=split, seed=seed
        ),
        (Rearranging.SOURCE_SIZE, Rearranging.TARGET_SIZE),
        Rearranging.START,
        Rearranging.STOP,
        positions=LENGTHS[1],
        answer=LENGTHS[1],
    )


def network(task: Task, rule: str) -> nn.Module:
    attention = models.DecoderAttention(
        HIDDEN, 2 * HIDDEN, embedding_size=EMBEDDING, positions=task.positions, **RULES[rule]
    )
    return models.EncoderDecoder(
        *task.sizes,
        HIDDEN,
        CELL,
        embedding_size=EMBEDDING,
        bidirectional=True,
        attention=attention,
        implementation="torch",
    )


def places_of(test: Any, index: int) -> list[range]:
    """Where each symbol of an answer comes from."""
    places = test.alignment(index)
    return places if isinstance(places, list) else [range(p, p + 1) for p in places.tolist()]


@torch.no_grad()
def measure(model: nn.Module, task: Task, test: Any) -> tuple[float, float]:
    """The share of answers that are exact, and of steps that look at the right place."""
    (source, lengths, previous), _ = data.collate(test, range(len(test)))
    answers = model.greedy(
        source, lengths, start=task.start, stop=task.stop, most=task.answer + 1
    ).T.tolist()
    state, weights = model.encode(source, lengths), []
    for tokens in previous:
        _, state = model.step(tokens, state, weights)
    looked_at = torch.stack(weights).argmax(dim=1).tolist()  # (S, B)
    exact, hits = 0, []
    for k, answer in enumerate(answers):
        wanted = test[k][1][1:].tolist()
        exact += answer[: len(wanted)] == wanted
        hits += [looked_at[s][k] in place for s, place in enumerate(places_of(test, k)) if place]
    return exact / len(test), sum(hits) / len(hits)


def settings(kind: str, rule: str, seed: int) -> str:
    return f"{kind} {rule} {seed} {HIDDEN} {STEPS[kind]}"


@kept(settings)
def run(kind: str, rule: str, seed: int) -> dict:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    task = task_of(kind)
    model = network(task, rule)
    examples = task.dataset("train", STEPS[kind] * BATCH, seed)
    start = time.perf_counter()
    training.fit(
        model,
        data.Batches(examples, BATCH, seed=seed),
        steps=STEPS[kind],
        learning_rate=RATE,
        schedule=training.warm_up(0.05),
    )
    seconds = time.perf_counter() - start
    exact, alignment = measure(model.eval(), task, task.dataset("test", TEST, seed))
    print(kind, rule, seed, exact, round(alignment, 3), f"{seconds:.0f} s", flush=True)
    return {
        "task": kind,
        "rule": rule,
        "seed": seed,
        "exact": exact,
        "alignment": round(alignment, 4),
        "seconds": round(seconds),
    }


def main() -> None:
    jobs = [(kind, rule, seed) for seed in SEEDS for kind in KINDS for rule in RULES]
    result = {
        "cell": CELL,
        "hidden": HIDDEN,
        "encoder": "bidirectional",
        "batch_size": BATCH,
        "steps": STEPS,
        "lengths": list(LENGTHS),
        "symbols": SYMBOLS,
        "test_examples": TEST,
        "seeds": list(SEEDS),
        "runs": Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs),
    }
    print("written:", record("alignment", result))


if __name__ == "__main__":
    main()
