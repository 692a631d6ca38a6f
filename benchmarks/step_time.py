"""How long a training step takes: RNN, LSTM and GRU, `rnnlab.scratch` and ``torch.nn``.

Forward and backward through a layer and a linear head, float32. All contestants take turns in every
round, and ratios are taken within a round, so that a busy machine slows both sides alike.

    python benchmarks/step_time.py            # prints the table, writes results/step_time.json
"""

from itertools import product

import torch
from record import record
from timing import ratios, spread, take_turns
from torch import nn

from rnnlab.models import recurrent_layer

CELLS = ("rnn", "lstm", "gru")
IMPLEMENTATIONS = ("torch", "scratch")
PAIRS = (("lstm", "rnn"), ("gru", "rnn"), ("gru", "lstm"))
BATCH, STEPS, HIDDEN = 32, 35, 256


def training_step(cell: str, implementation: str):
    """A function that does one forward and one backward pass."""
    torch.manual_seed(0)
    layer = recurrent_layer(cell, HIDDEN, HIDDEN, implementation=implementation)
    head = nn.Linear(HIDDEN, HIDDEN)
    x = torch.randn(STEPS, BATCH, HIDDEN)

    def step() -> None:
        head(layer(x)[0]).square().mean().backward()

    return step


def measure(rounds: int = 60, warm_up: int = 5) -> dict:
    contestants = {pair: training_step(*pair) for pair in product(CELLS, IMPLEMENTATIONS)}
    times = take_turns(contestants, rounds, warm_up)
    return {
        "shape": {"batch": BATCH, "steps": STEPS, "hidden": HIDDEN},
        "dtype": "float32",
        "rounds": rounds,
        "spread": "quartiles over rounds",
        "milliseconds": {i: {c: spread(times[c, i], 2) for c in CELLS} for i in IMPLEMENTATIONS},
        "ratios": {
            i: {f"{a}/{b}": spread(ratios(times[a, i], times[b, i]), 3) for a, b in PAIRS}
            for i in IMPLEMENTATIONS
        },
    }


def main() -> None:
    result = measure()
    for implementation in IMPLEMENTATIONS:
        for cell in CELLS:
            time_of = result["milliseconds"][implementation][cell]
            print(f"{implementation:8} {cell:5} {time_of['median']:7.2f} ms")
        for pair, ratio in result["ratios"][implementation].items():
            print(f"{implementation:8} {pair:9} {ratio['median']:.2f}")
    print("written:", record("step_time", result))


if __name__ == "__main__":
    main()
