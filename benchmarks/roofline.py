"""The roof of a machine, and how near a recurrent layer's product comes to it.

Giga-operations per second of the LSTM's recurrent product, float32, for one row, for a batch, and
for all steps of a batch at once; and the roof: what a large product and a large copy achieve. The
best of many rounds counts: a roof is what is possible, and a busy machine only takes away from it.

    python benchmarks/roofline.py            # writes results/roofline.json
"""

import torch
from ladder import BATCH, HIDDEN, PEAK_ROUNDS, STEPS, THREADS, peak
from record import record
from timing import milliseconds
from torch import Tensor

ROUNDS = 200


def products() -> dict[str, dict]:
    """What the LSTM's recurrent product achieves, by the number of rows that it gets at a time.

    Its intensity is the operations for each byte of its inputs and its result, each moved once.
    """
    rows_of = {"one sequence": 1, "a batch": BATCH, "all steps at once": BATCH * STEPS}
    weight = torch.randn(4 * HIDDEN, HIDDEN)
    measured = {}
    for name, rows in rows_of.items():
        x, out = torch.randn(rows, HIDDEN), torch.empty(rows, len(weight))
        repeats = max(1, 500 // rows)

        def multiply(x: Tensor = x, out: Tensor = out, repeats: int = repeats) -> None:
            for _ in range(repeats):
                torch.mm(x, weight.T, out=out)

        multiply()
        time_of_one = min(milliseconds(multiply) for _ in range(ROUNDS)) / repeats
        work = 2 * rows * weight.numel()
        moved = 4 * (x.numel() + weight.numel() + out.numel())
        measured[name] = {
            "rows": rows,
            "intensity": round(work / moved, 2),
            "gigaoperations_per_second": round(work / time_of_one / 1e6, 1),
        }
    return measured


def bandwidth() -> float:
    """Gigabytes per second that a copy reads and writes, of tensors that no cache holds."""
    source = torch.zeros(2**26)
    target = torch.empty_like(source)
    target.copy_(source)
    times = [milliseconds(lambda: target.copy_(source)) for _ in range(4 * PEAK_ROUNDS)]
    return round(2 * 4 * source.numel() / min(times) / 1e6, 1)


def main() -> None:
    torch.set_num_threads(THREADS)
    result = {
        "dtype": "float32",
        "rounds": ROUNDS,
        "spread": "the best of all rounds",
        "shape": {"batch": BATCH, "steps": STEPS, "hidden": HIDDEN},
        "peak_gigaoperations_per_second": peak(min),
        "bandwidth_gigabytes_per_second": bandwidth(),
        "products": products(),
    }
    print(result)
    print("written:", record("roofline", result))


if __name__ == "__main__":
    main()
