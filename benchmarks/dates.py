"""Dates as people write them in 32 locales, to ISO 8601, by an encoder-decoder.

Every tenth date was held out from training, in all locales and formats. An answer counts if all ten
of its characters are right. Where attention is used, it looks at the right place if the greatest
weight lies within the year, month or day that the character is written from.

    python benchmarks/dates.py     # writes results/dates.json
"""

import time
from collections import Counter

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import nn

from rnnlab import data, tasks, training
from rnnlab.data.dates import START, STOP, target_vocabulary

SEEDS = (0, 1)
CELL, HIDDEN, BATCH, RATE = "gru", 192, 128, 3e-3
TEST = 5000
ATTENTION = ("none", "dot")
#: With attention half as many are enough.
STEPS = {"none": 2000, "dot": 1000}


@torch.no_grad()
def exact(model: nn.Module, dataset: data.Dates) -> tuple[float, dict[str, float]]:
    """The share of answers that are right as a whole, over all and for each locale."""
    vocabulary = target_vocabulary()
    start, stop = vocabulary[START], vocabulary[STOP]
    right, seen = Counter(), Counter()
    for indices in data.in_order(dataset, 500):
        source, lengths, _ = data.collate(dataset, indices).inputs
        answers = model.greedy(source, lengths, start=start, stop=stop, most=12)
        for column, k in enumerate(indices):
            locale, _, wanted = dataset.text(k)
            given = [token for token in answers[:, column].tolist() if token != stop]
            seen[locale] += 1
            right[locale] += vocabulary.decode(given) == wanted
    return right.total() / seen.total(), {name: right[name] / seen[name] for name in sorted(seen)}


@torch.no_grad()
def aligned(model: nn.Module, dataset: data.Dates) -> float:
    """The share of digits for which the greatest weight lies where they come from."""
    source, lengths, previous = data.collate(dataset, range(len(dataset))).inputs
    state, weights = model.encode(source, lengths), []
    for tokens in previous:
        _, state = model.step(tokens, state, weights)
    looked_at = torch.stack(weights).argmax(dim=1).tolist()  # (S, B)
    hits = [
        looked_at[s][k] in place
        for k in range(len(dataset))
        for s, place in enumerate(dataset.alignment(k))
        if place
    ]
    return sum(hits) / len(hits)


def settings(attention: str, seed: int) -> str:
    return f"{attention} {seed} {CELL} {HIDDEN} {BATCH} {STEPS[attention]}"


@kept(settings)
def run(attention: str, seed: int) -> dict:
    torch.set_num_threads(1)
    task = tasks.named("dates")
    setup = task.prepare(
        task.options(seed=seed, cell=CELL, hidden=HIDDEN, batch_size=BATCH, attention=attention)
    )
    start = time.perf_counter()
    training.fit(
        setup.model,
        setup.batches,
        steps=STEPS[attention],
        learning_rate=RATE,
        schedule=training.warm_up(0.05),
        evaluate=lambda model: _report(attention, seed, setup.validation(model)),
        evaluate_every=500,
    )
    seconds = time.perf_counter() - start
    test = data.Dates("test", TEST, seed=seed)
    share, by_locale = exact(setup.model.eval(), test)
    worst = min(by_locale, key=lambda name: by_locale[name])
    print(attention, seed, share, worst, by_locale[worst], flush=True)
    found = {
        "exact": share,
        "worst_locale": [worst, round(by_locale[worst], 4)],
        "seconds": round(seconds),
    }
    if attention != "none":
        found["alignment"] = round(aligned(setup.model, test), 4)
    return found


def _report(attention: str, seed: int, metrics: training.Metrics) -> training.Metrics:
    print(
        attention,
        seed,
        f"loss {metrics.loss:.4f}, characters right {metrics.accuracy:.4f}",
        flush=True,
    )
    return metrics


def main() -> None:
    jobs = [(attention, seed) for attention in ATTENTION for seed in SEEDS]
    runs = Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs)
    result = {
        "cell": CELL,
        "hidden": HIDDEN,
        "steps": STEPS[ATTENTION[0]],
        "batch_size": BATCH,
        "test_dates": TEST,
        "locales": len(data.dates.LOCALES),
        "seeds": list(SEEDS),
        "without_attention": runs[: len(SEEDS)],
        "attention": ATTENTION[1],
        "steps_with_attention": STEPS[ATTENTION[1]],
        "with_attention": runs[len(SEEDS) :],
    }
    print("written:", record("dates", result))


if __name__ == "__main__":
    main()
