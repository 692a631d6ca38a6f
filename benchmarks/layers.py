"""The layers of `rnnlab.scratch` against those of ``torch.nn`` and against loops in D2L's style.

Forward and backward through a layer and a linear head, float32, two threads. All contestants of a
shape take turns in every round, and ratios are taken within a round, so that a busy machine slows
all of them alike. Besides: how time grows with steps and batch, how much memory a training step
takes at its peak, and what importing the package adds to importing torch.

    python benchmarks/layers.py            # prints the table, writes results/layers.json
    python benchmarks/layers.py 3          # with 3 rounds, to try it
"""

import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch
from d2l_loops import GATES, D2LStyle
from ladder import peak
from record import record
from timing import exponent, ratios, spread, take_turns
from torch import nn
from torch.nn.functional import linear

from rnnlab.models import recurrent_layer
from rnnlab.scratch.backprop import packing_works, plain_products
from rnnlab.scratch.backprop.arithmetic import weight_gradient
from rnnlab.scratch.backprop.products import product

KINDS = ("rnn", "lstm", "gru")
SHAPES = ((32, 35, 256), (64, 128, 512))  # batch, steps, hidden units
THREADS, WARM_UP = 2, 2
ROUNDS = {SHAPES[0]: 60, SHAPES[1]: 12}

LIBRARY, LOOPS = "torch.nn", "D2L-style loops"
SCRATCH, PLAIN, MEDIUM = "scratch", "scratch, documented calls", "scratch, documented calls, medium"
READABLE = "scratch, readable loop"
PRODUCTS = "the products alone"
CONTESTANTS = (LIBRARY, LOOPS, SCRATCH, PLAIN, MEDIUM, READABLE, PRODUCTS)

#: Steps and batches over which the growth is fitted, the other size staying at the first.
GROWTH_HIDDEN, GROWTH_STEPS, GROWTH_BATCH = 256, (32, 64, 128, 256), (32, 64, 128, 256)

MEMORY_SHAPE, MEMORY_RUNS = (64, 128, 256), 3

#: How far a process grew at most, in KiB, from Linux; a child's ``ru_maxrss`` may be its parent's.
_MEMORY = """
import sys
sys.path.insert(0, {folder!r})
from layers import contestant
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
step = contestant({name!r}, {kind!r}, {batch}, {steps}, {hidden})
before = peak()
for _ in range(2):
    step()
print(peak() - before)
"""


@contextmanager
def medium_precision():
    """Let torch's float32 products go through oneDNN (and use bfloat16 where a machine can)."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def contestant(name: str, kind: str, batch: int, steps: int, hidden: int) -> Callable[[], None]:
    """A training step: forward and backward through the named implementation and a linear head."""
    torch.manual_seed(0)
    if name == PRODUCTS:
        return products_alone(len(GATES[kind]) * hidden, batch, steps, hidden)
    if name == LOOPS:
        layer: nn.Module = D2LStyle(kind, hidden, hidden)
    elif name == LIBRARY:
        layer = recurrent_layer(kind, hidden, hidden, implementation="torch")
    else:
        layer = recurrent_layer(kind, hidden, hidden, readable=name == READABLE)
    head = nn.Linear(hidden, hidden)
    x = torch.randn(steps, batch, hidden)
    contexts = {PLAIN: [plain_products], MEDIUM: [plain_products, medium_precision]}.get(name, [])

    def step() -> None:
        with ExitStack() as stack:
            for context in contexts:
                stack.enter_context(context())
            head(layer(x)[0]).square().mean().backward()

    return step


def products_alone(gates: int, batch: int, steps: int, hidden: int) -> Callable[[], None]:
    """The matrix products of a training step of ours, by the same routines, and nothing else.

    Whoever writes the rest of the step better comes closer to this, and does not get below it
    without better routines.
    """
    x, d_gates = torch.randn(steps * batch, hidden), torch.randn(steps * batch, gates)
    state, d_state = torch.randn(batch, hidden), torch.randn(batch, gates)
    weight, head = torch.randn(gates, hidden), torch.randn(hidden, hidden)

    def step() -> None:
        product(weight, rows=len(x))(x)
        recur = product(weight, rows=batch, times=steps)
        back = product(weight.mT, rows=batch, times=steps)
        for _ in range(steps):
            recur(state)
        for _ in range(steps):
            back(d_state)
        for _ in ("of the input's weights", "of the state's"):
            weight_gradient(d_gates, (x,))
        linear(x, head)
        _ = x @ head  # the gradient of the head's input
        _ = x.mT @ x  # and that of its weights

    return step


def gigaoperations(kind: str, batch: int, steps: int, hidden: int) -> float:
    """Additions and multiplications in the matrix products of a training step, in 10⁹.

    For each gate five products of all rows with an H × H matrix: forward, the input's and the
    state's share; backward, the states' gradient and the two weights'. For the head three.
    """
    products = 5 * len(GATES[kind]) + 3
    return products * 2 * batch * steps * hidden * hidden / 1e9


def growth(kind: str, rounds: int) -> dict[str, dict]:
    """Fitted exponents of time over steps and over batch, for ours and the library's."""
    fits = {}
    first = GROWTH_STEPS[0]
    for axis, sizes in {"steps": GROWTH_STEPS, "batch": GROWTH_BATCH}.items():
        contestants = {
            (name, size): contestant(
                name,
                kind,
                *((first, size) if axis == "steps" else (size, first)),
                GROWTH_HIDDEN,
            )
            for name in (SCRATCH, LIBRARY)
            for size in sizes
        }
        times = take_turns(contestants, rounds, WARM_UP)
        fits[axis] = {
            name: exponent(list(sizes), [statistics.median(times[name, n]) for n in sizes])
            for name in (SCRATCH, LIBRARY)
        }
    return fits


def peak_megabytes(kind: str) -> dict[str, float]:
    """By how much a process grows at most in two training steps: median of several processes."""
    batch, steps, hidden = MEMORY_SHAPE
    grown = {}
    for name in (LIBRARY, LOOPS, SCRATCH, PLAIN, READABLE):
        code = _MEMORY.format(
            folder=str(Path(__file__).parent),
            name=name,
            kind=kind,
            batch=batch,
            steps=steps,
            hidden=hidden,
        )
        runs = [
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for _ in range(MEMORY_RUNS)
        ]
        grown[name] = round(statistics.median(int(run.stdout) for run in runs) / 1024, 1)
    return grown


def import_ratio(rounds: int) -> dict[str, float]:
    """Seconds to import torch and the package, over seconds to import torch alone."""

    def importing(module: str) -> Callable[[], None]:
        return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    times = take_turns({m: importing(m) for m in ("torch", "rnnlab")}, rounds, 1)
    return spread(ratios(times["rnnlab"], times["torch"]), 3)


def compare(kind: str, shape: tuple[int, int, int], rounds: int, rate: float) -> dict:
    steps = {name: contestant(name, kind, *shape) for name in CONTESTANTS}
    times = take_turns(steps, rounds, WARM_UP)
    least = gigaoperations(kind, *shape) / rate * 1e3
    result = {
        "kind": kind,
        "batch": shape[0],
        "steps": shape[1],
        "hidden": shape[2],
        "rounds": rounds,
        "milliseconds": {name: spread(times[name], 2) for name in CONTESTANTS},
        "faster_than_library": {
            name: spread(ratios(times[LIBRARY], times[name]), 3) for name in CONTESTANTS
        },
        "faster_than_loops": {
            name: spread(ratios(times[LOOPS], times[name]), 3) for name in CONTESTANTS
        },
        "limit_milliseconds": round(least, 2),
        "limit_faster_than_library": round(statistics.median(times[LIBRARY]) / least, 2),
        "limit_faster_than_loops": round(statistics.median(times[LOOPS]) / least, 2),
    }
    print(f"{kind.upper():5}{shape}  limit {least:.1f} ms")
    for name in CONTESTANTS:
        line = (result[key][name]["median"] for key in ("milliseconds", "faster_than_library",
                                                        "faster_than_loops"))  # fmt: skip
        print("  {:36} {:8.1f} ms  {:5.2f} × torch.nn  {:5.2f} × loops".format(name, *line))
    return result


def main() -> None:
    torch.set_num_threads(THREADS)
    tried = int(sys.argv[1]) if len(sys.argv) > 1 else None
    rates = peak()
    rate = max(rates.values())
    rows = [
        compare(kind, shape, tried or ROUNDS[shape], rate) for shape in SHAPES for kind in KINDS
    ]
    memory = {kind: peak_megabytes(kind) for kind in KINDS}
    print("peak memory, MB:", memory)
    exponents = {kind: growth(kind, tried or 10) for kind in KINDS}
    print("exponents:", exponents)
    imports = import_ratio(tried or 15)
    print("import, over torch alone:", imports)
    result = {
        "dtype": "float32",
        "spread": "quartiles over rounds",
        "products": {
            "packed": "oneDNN, weights packed" if packing_works() else "not here",
            "plain": "MKL"
            if torch.backends.mkl.is_available()
            else "whatever torch was built with",
            "instructions": torch.backends.cpu.get_cpu_capability(),
        },
        "peak_gigaoperations_per_second": rates,
        "shapes": rows,
        "memory_shape": dict(zip(("batch", "steps", "hidden"), MEMORY_SHAPE, strict=True)),
        "peak_megabytes": memory,
        "exponents": {"hidden": GROWTH_HIDDEN, "other_size": GROWTH_STEPS[0], **exponents},
        "import_over_torch": imports,
    }
    print("written:", record("layers", result))


if __name__ == "__main__":
    main()
