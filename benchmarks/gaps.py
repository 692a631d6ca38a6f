"""One letter, a gap of blanks, and the letter again: which cell learns to remember over which gap?

All cells have the same number of units, the same updates, learning rate and clipping, and see the
same examples for a seed. A random guess is right in one of eight cases.

    python benchmarks/gaps.py              # over this machine's cores; writes results/gaps.json
    python benchmarks/gaps.py --seeds 2    # the first 2 seeds alone, to try it
    python benchmarks/gaps.py --help       # how to spread the runs over a cluster
"""

import torch
from experiments.description import Experiment, every
from experiments.running import run_as_asked
from record import record

from rnnlab import data, models, training

GAPS = [5, 10, 20, 40, 80]
#: Name to cell and forget bias; None leaves PyTorch's start, about 0.
CELLS: dict[str, tuple[str, float | None]] = {
    "RNN": ("rnn", None),
    "GRU": ("gru", None),
    "LSTM, forget bias 0": ("lstm", 0.0),
    "LSTM, forget bias 1": ("lstm", 1.0),
    "LSTM, forget bias 3": ("lstm", 3.0),
}
FIXED = {"hidden": 32, "batch_size": 32, "steps": 600, "learning_rate": 5e-3}
HELD_OUT, EVERY = 500, 25


def measure(
    cells: str, gap: int, hidden: int, batch_size: int, steps: int, learning_rate: float, seed: int
) -> dict:
    """Train one network; give its accuracy on new examples, and its training losses."""
    cell, forget_bias = CELLS[cells]
    torch.manual_seed(seed)
    vocabulary = data.Copy.VOCABULARY
    model = models.Tagger(
        vocabulary,
        data.Copy.LETTERS,
        hidden,
        cell,
        embedding_size=vocabulary,
        implementation="torch",
    )
    if forget_bias is not None:
        models.set_forget_bias(model.encoder.recurrent, forget_bias)
    batches = data.Batches(
        data.Copy(gap, 10**9, symbols=1, seed=seed), batch_size, seed=seed, replacement=True
    )
    history = training.fit(model, batches, steps=steps, learning_rate=learning_rate)
    test = training.evaluate(model, data.Copy(gap, HELD_OUT, symbols=1, split="test", seed=seed))
    losses = torch.tensor(history.losses).view(-1, EVERY).mean(dim=1)
    return {
        "right": round(test.accuracy, 4),
        "test_nats": round(test.loss, 4),
        "training_nats": [round(loss, 4) for loss in losses.tolist()],
        "greatest_gradient_norm": round(max(history.norms), 3),
    }


EXPERIMENT = Experiment(
    name="gaps",
    measure=measure,
    grid=every(gap=GAPS, cells=list(CELLS)),
    fixed=FIXED,
    seeds=10,
)


def main() -> None:
    found: dict = {name: {str(gap): [] for gap in GAPS} for name in CELLS}
    runs = run_as_asked(EXPERIMENT, __doc__)
    for run in runs:
        found[run["settings"]["cells"]][str(run["settings"]["gap"])].append(run["measured"])
    result = {
        "task": "rnnlab.data.Copy with one symbol",
        "chance": 1 / data.Copy.LETTERS,
        "memoryless_nats": round(data.Copy(0, 1, symbols=1).memoryless_loss, 4),
        "gaps": GAPS,
        "seeds": sorted({run["settings"]["seed"] for run in runs}),
        **FIXED,
        "clip": 1.0,
        "training_nats_every": EVERY,
        "cells": found,
    }
    print("written:", record("gaps", result))


if __name__ == "__main__":
    main()
