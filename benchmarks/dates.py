"""Dates as people write them in 32 locales, to ISO 8601: an encoder-decoder without attention.

Every tenth date was held out from training, in all locales and formats. An answer counts if all ten
of its characters are right.

    python benchmarks/dates.py     # writes results/dates.json
"""

import time
from collections import Counter

import torch
from joblib import Parallel, delayed
from record import record
from torch import nn

from rnnlab import data, tasks, training
from rnnlab.data.dates import START, STOP, target_vocabulary

SEEDS = (0, 1)
CELL, HIDDEN, BATCH, STEPS, RATE = "gru", 192, 128, 2000, 3e-3
TEST = 5000


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


def run(seed: int) -> dict:
    torch.set_num_threads(1)
    task = tasks.named("dates")
    setup = task.prepare(task.options(seed=seed, cell=CELL, hidden=HIDDEN, batch_size=BATCH))
    start = time.perf_counter()
    training.fit(
        setup.model,
        setup.batches,
        steps=STEPS,
        learning_rate=RATE,
        schedule=training.warm_up(0.05),
        evaluate=lambda model: _report(seed, setup.validation(model)),
        evaluate_every=500,
    )
    seconds = time.perf_counter() - start
    share, by_locale = exact(setup.model.eval(), data.Dates("test", TEST, seed=seed))
    worst = min(by_locale, key=lambda name: by_locale[name])
    print(seed, share, worst, by_locale[worst], flush=True)
    return {
        "exact": share,
        "worst_locale": [worst, round(by_locale[worst], 4)],
        "seconds": round(seconds),
    }


def _report(seed: int, metrics: training.Metrics) -> training.Metrics:
    print(seed, f"loss {metrics.loss:.4f}, characters right {metrics.accuracy:.4f}", flush=True)
    return metrics


def main() -> None:
    runs = Parallel(n_jobs=-1)(delayed(run)(seed) for seed in SEEDS)
    result = {
        "cell": CELL,
        "hidden": HIDDEN,
        "steps": STEPS,
        "batch_size": BATCH,
        "test_dates": TEST,
        "locales": len(data.dates.LOCALES),
        "seeds": list(SEEDS),
        "without_attention": runs,
    }
    print("written:", record("dates", result))


if __name__ == "__main__":
    main()
