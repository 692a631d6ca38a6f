"""Time over the length of the sequence: nn.GRU, and minGRU by a loop and by parallel scans.

Forward and backward through one layer, float32. All contestants of a length take turns in every
round. Two shapes, since it matters how much work one call gets: a small state, for which a call
costs more than its numbers do, and a large one.

    python benchmarks/parallel_scan.py            # writes results/parallel_scan.json
    python benchmarks/parallel_scan.py 3 256      # with 3 rounds, up to length 256, to try it
"""

import sys
from collections.abc import Callable

import torch
from record import record
from timing import exponent, ratios, spread, take_turns
from torch import nn

from rnnlab import operators, scratch

LENGTHS = (32, 64, 128, 256, 512, 1024, 2048, 4096)
#: Batch, hidden units, and the greatest length, by the name of the shape.
SHAPES = {"small": (4, 128, 4096), "large": (32, 256, 1024)}
ROUNDS, WARM_UP, THREADS = 15, 2, 2
#: Exponents are fitted to the lengths from here on: below, what a call costs hides the rest.
FITTED_FROM = 256
SCANS = {"minGRU, loop": "loop", "minGRU, doubling": "doubling", "minGRU, tree": "tree"}


def layers(hidden: int) -> dict[str, nn.Module]:
    """The contestants; the three minGRUs have the same weights."""
    torch.manual_seed(0)
    made: dict[str, nn.Module] = {"GRU, torch.nn": nn.GRU(hidden, hidden)}
    made |= {name: scratch.MinGRU(hidden, hidden, method=m) for name, m in SCANS.items()}
    for name in SCANS:
        made[name].load_state_dict(made["minGRU, loop"].state_dict())
    return made


def training_step(layer: nn.Module, x: torch.Tensor) -> Callable[[], None]:
    def step() -> None:
        layer(x)[0].square().mean().backward()

    return step


def measure(batch: int, hidden: int, longest: int, rounds: int) -> dict:
    lengths = [T for T in LENGTHS if longest >= T]
    contestants = layers(hidden)
    milliseconds: dict[str, list] = {name: [] for name in contestants}
    calls: dict[str, list] = {name: [] for name in contestants}
    against: dict[str, list] = {name: [] for name in contestants if name != "minGRU, tree"}
    for T in lengths:
        x = torch.randn(T, batch, hidden)
        outputs = [contestants[name](x)[0] for name in SCANS]
        for output in outputs[1:]:
            torch.testing.assert_close(output, outputs[0], rtol=1e-4, atol=1e-5)
        del outputs
        steps = {name: training_step(layer, x) for name, layer in contestants.items()}
        times = take_turns(steps, rounds, WARM_UP)
        for name in contestants:
            milliseconds[name].append(spread(times[name], 3))
            calls[name].append(operators.count_calls(steps[name]).total())
        for name, quotients in against.items():
            quotients.append(spread(ratios(times[name], times["minGRU, tree"]), 3))
        print(T, {name: milliseconds[name][-1]["median"] for name in contestants}, flush=True)
    first = min(FITTED_FROM, longest // 2)
    fitted = [n for n, T in enumerate(lengths) if first <= T]
    upper = [lengths[n] for n in fitted]
    return {
        "batch": batch,
        "hidden": hidden,
        "lengths": lengths,
        "milliseconds": milliseconds,
        "over_tree": against,
        "calls": calls,
        "exponents": {
            "fitted_to": upper,
            "time": {
                name: exponent(upper, [milliseconds[name][n]["median"] for n in fitted])
                for name in contestants
            },
        },
    }


def main() -> None:
    torch.set_num_threads(THREADS)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else LENGTHS[-1]
    shapes = {
        name: measure(batch, hidden, min(longest, limit), rounds)
        for name, (batch, hidden, longest) in SHAPES.items()
    }
    for name, shape in shapes.items():
        print(name, shape["exponents"])
    result = {"dtype": "float32", "rounds": rounds, "spread": "quartiles over rounds"}
    print("written:", record("parallel_scan", result | {"shapes": shapes}))


if __name__ == "__main__":
    main()
