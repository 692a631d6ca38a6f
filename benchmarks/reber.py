"""The embedded Reber grammar: in how many runs does a network learn all of it?

Every symbol of 500 strings that were not trained on must be predicted: all symbols that may follow
outrank all others.

    python benchmarks/reber.py     # writes results/reber.json
"""

import torch
from joblib import Parallel, delayed
from record import record

from rnnlab import tasks, training

SEEDS = {"lstm": 30}
HIDDEN, STEPS, RATE, EVERY = 16, 1500, 2e-2, 250


def run(cell: str, seed: int) -> dict:
    """Train one network; tell after how many updates it first had all validation strings right."""
    torch.set_num_threads(1)
    task = tasks.named("reber")
    setup = task.prepare(task.options(cell=cell, seed=seed, hidden=HIDDEN))
    history = training.fit(
        setup.model,
        setup.batches,
        steps=STEPS,
        learning_rate=RATE,
        schedule=training.cosine,
        evaluate=setup.validation,
        evaluate_every=EVERY,
    )
    solved = [step for step, metrics in history.evaluations if metrics.accuracy == 1]
    test = setup.test(setup.model)
    print(cell, seed, f"{test.accuracy:.3f}", solved[:1], flush=True)
    return {
        "test_strings_right": test.accuracy,
        "first_all_right": solved[0] if solved else None,
        "test_loss": round(test.loss, 4),
    }


def main() -> None:
    jobs = [(cell, seed) for cell, seeds in SEEDS.items() for seed in range(seeds)]
    found = Parallel(n_jobs=-1)(delayed(run)(cell, seed) for cell, seed in jobs)
    cells: dict = {cell: [] for cell in SEEDS}
    for (cell, _), result in zip(jobs, found, strict=True):
        cells[cell].append(result)
    share = {
        cell: sum(r["test_strings_right"] == 1 for r in runs) / len(runs)
        for cell, runs in cells.items()
    }
    print(share)
    result = {
        "hidden": HIDDEN,
        "steps": STEPS,
        "batch_size": 32,
        "test_strings": 500,
        "seeds": SEEDS,
        "solved": share,
        "runs": cells,
    }
    print("written:", record("reber", result))


if __name__ == "__main__":
    main()
