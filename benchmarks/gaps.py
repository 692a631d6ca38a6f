"""One letter, a gap of blanks, and the letter again: which cell learns to remember over which gap?

All cells have the same number of units, the same updates, learning rate and clipping, and see the
same examples for a seed. A random guess is right in one of eight cases. What a run has measured is
kept in ``_build/gaps/``, so that it can be interrupted.

    python benchmarks/gaps.py        # writes results/gaps.json
    python benchmarks/gaps.py 2      # the first 2 seeds alone, to try it
"""

import sys

import torch
from keeping import kept
from record import record

from rnnlab import data, models, training

GAPS = (5, 10, 20, 40, 80)
#: Name to cell and forget bias; None leaves PyTorch's start, about 0.
CELLS = {
    "RNN": ("rnn", None),
    "GRU": ("gru", None),
    "LSTM, forget bias 0": ("lstm", 0.0),
    "LSTM, forget bias 1": ("lstm", 1.0),
    "LSTM, forget bias 3": ("lstm", 3.0),
}
SEEDS, HIDDEN, BATCH, STEPS, RATE, HELD_OUT = 10, 32, 32, 600, 5e-3, 500
EVERY = 25


@kept(lambda name, gap, seed: f"{name} gap {gap} seed {seed}".replace(", ", " "))
def run(name: str, gap: int, seed: int) -> dict:
    """Train one network; give its accuracy on new examples, and its training losses."""
    cell, forget_bias = CELLS[name]
    torch.manual_seed(seed)
    vocabulary = data.Copy.VOCABULARY
    model = models.Tagger(
        vocabulary,
        data.Copy.LETTERS,
        HIDDEN,
        cell,
        embedding_size=vocabulary,
        implementation="torch",
    )
    if forget_bias is not None:
        models.set_forget_bias(model.encoder.recurrent, forget_bias)
    batches = data.Batches(
        data.Copy(gap, 10**9, symbols=1, seed=seed), BATCH, seed=seed, replacement=True
    )
    history = training.fit(model, batches, steps=STEPS, learning_rate=RATE)
    test = training.evaluate(model, data.Copy(gap, HELD_OUT, symbols=1, split="test", seed=seed))
    losses = torch.tensor(history.losses).view(-1, EVERY).mean(dim=1)
    return {
        "right": round(test.accuracy, 4),
        "test_nats": round(test.loss, 4),
        "training_nats": [round(loss, 4) for loss in losses.tolist()],
        "greatest_gradient_norm": round(max(history.norms), 3),
    }


def main() -> None:
    torch.set_num_threads(1)
    seeds = list(range(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
    found: dict = {name: {str(gap): [] for gap in GAPS} for name in CELLS}
    for seed in seeds:
        for gap in GAPS:
            for name in CELLS:
                result = run(name, gap, seed)
                found[name][str(gap)].append(result)
                print(name, gap, seed, result["right"], flush=True)
    result = {
        "task": "rnnlab.data.Copy with one symbol",
        "chance": 1 / data.Copy.LETTERS,
        "memoryless_nats": round(data.Copy(0, 1, symbols=1).memoryless_loss, 4),
        "gaps": list(GAPS),
        "seeds": seeds,
        "hidden": HIDDEN,
        "batch_size": BATCH,
        "steps": STEPS,
        "learning_rate": RATE,
        "clip": 1.0,
        "training_nats_every": EVERY,
        "cells": found,
    }
    print("written:", record("gaps", result))


if __name__ == "__main__":
    main()
