"""What a second direction and a second layer cost: parameters, and the time of a training step.

Forward and backward through a layer and a linear head, float32, as in step_time.py: all contestants
take turns in every round, and ratios are taken within a round.

    python benchmarks/direction_cost.py           # writes results/direction_cost.json
    python benchmarks/direction_cost.py 4         # with 4 rounds only, to try it
"""

import sys
from itertools import product

import torch
from record import record
from timing import ratios, spread, take_turns
from torch import nn

from rnnlab import parameters
from rnnlab.models import recurrent_layer

CELLS = ("rnn", "lstm", "gru")
IMPLEMENTATIONS = ("torch", "scratch")
#: What is built: the number of layers, and whether they read in both directions.
SHAPES = {
    "one layer": (1, False),
    "both directions": (1, True),
    "two layers": (2, False),
    "two layers, both directions": (2, True),
}
BATCH, STEPS, HIDDEN = 32, 35, 128


def training_step(cell: str, implementation: str, shape: str):
    """A function that does one forward and one backward pass."""
    torch.manual_seed(0)
    layers, both = SHAPES[shape]
    options = {"num_layers": layers, "bidirectional": both}
    layer = recurrent_layer(cell, HIDDEN, HIDDEN, **options, implementation=implementation)
    head = nn.Linear(HIDDEN * (2 if both else 1), HIDDEN)
    x = torch.randn(STEPS, BATCH, HIDDEN)

    def step() -> None:
        head(layer(x)[0]).square().mean().backward()

    return step


def size(cell: str, shape: str) -> int:
    layers, both = SHAPES[shape]
    return parameters.count(cell, HIDDEN, HIDDEN, layers, bidirectional=both)


def measure(rounds: int = 60, warm_up: int = 5) -> dict:
    keys = list(product(CELLS, IMPLEMENTATIONS, SHAPES))
    times = take_turns({key: training_step(*key) for key in keys}, rounds, warm_up)
    base, *others = SHAPES
    return {
        "shape": {"batch": BATCH, "steps": STEPS, "hidden": HIDDEN},
        "dtype": "float32",
        "rounds": rounds,
        "spread": "quartiles over rounds",
        "parameter_ratios": {
            cell: {shape: round(size(cell, shape) / size(cell, base), 3) for shape in others}
            for cell in CELLS
        },
        "milliseconds": {
            i: {c: {shape: spread(times[c, i, shape], 2) for shape in SHAPES} for c in CELLS}
            for i in IMPLEMENTATIONS
        },
        "time_ratios": {
            i: {
                c: {
                    shape: spread(ratios(times[c, i, shape], times[c, i, base]), 3)
                    for shape in others
                }
                for c in CELLS
            }
            for i in IMPLEMENTATIONS
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    result = measure(*(int(argument) for argument in sys.argv[1:2]))
    for i, c in product(IMPLEMENTATIONS, CELLS):
        for shape, ratio in result["time_ratios"][i][c].items():
            counted = result["parameter_ratios"][c][shape]
            print(f"{i:8} {c:5} {shape:28} time {ratio['median']:.2f}, parameters {counted:.2f}")
    print("written:", record("direction_cost", result))


if __name__ == "__main__":
    main()
