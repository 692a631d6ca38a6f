"""RNN, LSTM and GRU as character models of the book's own text, over several seeds.

Same text, same number of hidden units, same number of updates, in float64. Training a simple RNN of
this width is chaotic at this learning rate: a change of 1e-13 in a weight grows by eleven orders of
magnitude in 300 updates. So its losses differ from one kind of processor to another in the third
digit, and only the spread over seeds means anything.

    python benchmarks/character_models.py     # writes results/character_models.json
"""

import itertools
import math
from collections import Counter

import torch
from record import record

from rnnlab import data, models, training

CELLS = ("rnn", "lstm", "gru")
SEEDS = (0, 1, 2, 3, 4)
HIDDEN, STEPS, EVERY = 128, 600, 10


def baselines(train: str, held_out: str, vocabulary: int) -> dict[str, float]:
    """Held-out nats per character of models that see no or one character; add-one smoothing."""
    unigrams, bigrams = Counter(train), Counter(itertools.pairwise(train))
    before = Counter(train[:-1])
    unigram = [-math.log((unigrams[c] + 1) / (len(train) + vocabulary)) for c in held_out[1:]]
    bigram = [
        -math.log((bigrams[pair] + 1) / (before[pair[0]] + vocabulary))
        for pair in itertools.pairwise(held_out)
    ]
    return {
        "unigram": round(sum(unigram) / len(unigram), 4),
        "bigram": round(sum(bigram) / len(bigram), 4),
    }


def main() -> None:
    torch.set_default_dtype(torch.float64)
    text = data.load_book_text()
    vocabulary = data.Vocabulary.of(text)
    cut = len(text) * 9 // 10
    train, held_out = vocabulary.encode(text[:cut]), vocabulary.encode(text[cut:])
    cells: dict = {}
    for cell in CELLS:
        entry: dict = {"held_out_nats": [], "training_nats": []}
        for seed in SEEDS:
            torch.manual_seed(seed)
            model = models.LanguageModel(len(vocabulary), HIDDEN, cell, implementation="torch")
            windows = data.random_windows(train, seed=seed)
            losses = torch.tensor(training.fit(model, windows, steps=STEPS).losses)
            curve = losses.view(-1, EVERY).mean(dim=1)
            entry["training_nats"].append([round(x, 4) for x in curve.tolist()])
            entry["held_out_nats"].append(round(training.evaluate_text(model, held_out).loss, 4))
            print(cell, seed, entry["held_out_nats"][-1], flush=True)
        entry["parameters"] = sum(p.numel() for p in model.parameters())
        cells[cell] = entry
    result = {
        "characters": {"training": len(train), "held_out": len(held_out)},
        "vocabulary": len(vocabulary),
        "hidden": HIDDEN,
        "steps": STEPS,
        "training_nats_every": EVERY,
        "seeds": list(SEEDS),
        "baselines": baselines(text[:cut], text[cut:], len(vocabulary)),
        "cells": cells,
    }
    print("written:", record("character_models", result))


if __name__ == "__main__":
    main()
