"""A ladder of implementations: the same training step, from D2L's loops to the library.

Forward and backward pass of one layer, float32, on a CPU. All rungs take turns in every round, and
ratios are taken within a round, so that a busy machine slows all of them alike. The limit is the
number of operations in the matrix products alone, divided by what a large product achieves on the
same cores in the same run.

    python benchmarks/ladder.py            # writes results/ladder.json
    python benchmarks/ladder.py 5          # with 5 rounds, to try it
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from d2l_loops import GATES, D2LStyle
from record import record
from timing import milliseconds, ratios, spread, take_turns
from torch import Tensor, nn
from torch._inductor import config as compiler
from torch.utils.flop_counter import FlopCounterMode

from rnnlab import operators
from rnnlab.models import recurrent_layer
from rnnlab.scratch.backprop import packing_works, plain_products
from rnnlab.scratch.backprop.products import PackedProduct
from rnnlab.scratch.scan import scan
from rnnlab.scratch.updates import Weights, gru_update, lstm_update

KINDS = ("lstm", "gru")
BATCH, STEPS, HIDDEN = 32, 35, 256
ROUNDS, WARM_UP, THREADS = 30, 5, 2
PEAK_SIZE, PEAK_ROUNDS = 2048, 9

#: The rungs' names, from the bottom.
LOOPS, FUSED, HOISTED = "a product for each gate", "one product for all gates", "input in advance"
BY_HAND, PACKED = "backward pass by hand", "packed weights"
COMPILED, LIBRARY = "compiled loop", "torch.nn"


def fused_gates(layer: nn.Module, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """A layer's loop with all gates in one product, but the input's share computed step by step."""
    update = {"LSTM": lstm_update, "GRU": gru_update}[type(layer).__name__]
    w = Weights(*(getattr(layer, f"{name}_l0") for name in Weights._fields[:4]))
    zeros = x.new_zeros(x.size(1), layer.hidden_size)
    state = (zeros, zeros) if update is lstm_update else (zeros,)
    outputs, state = scan(lambda x_t, state: update(w.project(x_t), state, w), list(x), state)
    return outputs.unflatten(0, x.shape[:2]), state


def forwards(kind: str, x: Tensor) -> tuple[dict[str, Callable], dict[str, float]]:
    """The rungs as functions from the input to ``(output, state)``, and seconds of compilation."""
    torch.manual_seed(0)
    library = recurrent_layer(kind, HIDDEN, HIDDEN, implementation="torch")

    def scratch(**options: bool) -> nn.Module:
        layer = recurrent_layer(kind, HIDDEN, HIDDEN, **options)
        layer.load_state_dict(library.state_dict())
        return layer

    plain = scratch()

    def by_hand(x: Tensor) -> tuple:
        with plain_products():
            return plain(x)

    rungs: dict[str, Callable] = {
        LOOPS: D2LStyle(kind, HIDDEN, HIDDEN).load(library),
        FUSED: partial(fused_gates, scratch(readable=True)),
        HOISTED: scratch(readable=True),
        BY_HAND: by_hand,
        PACKED: scratch(),
        COMPILED: torch.compile(scratch(readable=True), dynamic=False),
        LIBRARY: library,
    }
    seconds = {}
    start = time.perf_counter()
    try:
        # From nothing: what an earlier run compiled is not used.
        with compiler.patch(force_disable_caches=True):
            training_step(rungs[COMPILED], x)()
        seconds[COMPILED] = round(time.perf_counter() - start, 1)
    except torch._dynamo.exc.BackendCompilerFailed as error:  # no C++ compiler
        print("compiled loop left out:", str(error).splitlines()[0])
        del rungs[COMPILED]
    if not packing_works():
        del rungs[PACKED]
    return rungs, seconds


def training_step(forward: Callable, x: Tensor) -> Callable[[], None]:
    def step() -> None:
        forward(x)[0].square().mean().backward()

    return step


def step_under(name: str, forward: Callable, x: Tensor) -> Callable[[], None]:
    """The step of a rung; the backward pass of one is kept to documented products as well."""
    step = training_step(forward, x)
    if name != BY_HAND:
        return step

    def plain_step() -> None:
        with plain_products():
            step()

    return plain_step


def operations(kind: str) -> int:
    """Multiplications and additions in the matrix products of a training step.

    Forward, the inputs' and the states' share of all gates; backward, the gradients of both weights
    and of the states, not of the input: 2 T B G (2 X + 3 H).
    """
    G = len(GATES[kind]) * HIDDEN
    return 2 * STEPS * BATCH * G * (2 * HIDDEN + 3 * HIDDEN)


def peak(of: Callable = statistics.median) -> dict[str, float]:
    """Giga-operations per second of a large product, the better of torch's two routines."""
    a, b = torch.randn(2, PEAK_SIZE, PEAK_SIZE)
    out = torch.empty_like(a)
    contestants: dict[str, Callable[[], object]] = {"mm": lambda: torch.mm(a, b, out=out)}
    if packing_works():
        packed = PackedProduct(b, rows=PEAK_SIZE)
        contestants["packed"] = lambda: packed(a)
    rates = {}
    for name, product in contestants.items():
        product()
        times = [milliseconds(product) for _ in range(PEAK_ROUNDS)]
        rates[name] = round(2 * PEAK_SIZE**3 / of(times) / 1e6, 1)
    return rates


def check_equal(kind: str, rungs: dict[str, Callable], x: Tensor) -> None:
    """All rungs compute the same function, but D2L's GRU, whose reset gate stands elsewhere."""
    expected = rungs[LIBRARY](x)[0]
    for name, forward in rungs.items():
        if (kind, name) != ("gru", LOOPS):
            torch.testing.assert_close(forward(x)[0], expected, rtol=1e-4, atol=1e-5)


def measure(kind: str, rounds: int) -> dict:
    x = torch.randn(STEPS, BATCH, HIDDEN)
    rungs, seconds = forwards(kind, x)
    check_equal(kind, rungs, x)
    steps = {name: step_under(name, forward, x) for name, forward in rungs.items()}
    with FlopCounterMode(display=False) as counter:
        steps[LOOPS]()
    # The formula counts the gradient of h_0, which nobody needs but a gate that multiplies it.
    blocks = {"lstm": 4, "gru": 2}[kind]
    unneeded = 2 * BATCH * blocks * HIDDEN * HIDDEN
    assert operations(kind) - unneeded == counter.get_total_flops()
    times = take_turns(steps, rounds, WARM_UP)
    rates = peak()
    limit = operations(kind) / max(rates.values()) / 1e6
    for name in rungs:
        print(f"{kind:5} {name:26} {statistics.median(times[name]):7.2f} ms")
    print(f"{kind:5} {'limit':26} {limit:7.2f} ms", rates, seconds, flush=True)
    return {
        "milliseconds": {name: spread(times[name], 2) for name in rungs},
        "speedup": {name: spread(ratios(times[LOOPS], times[name]), 3) for name in rungs},
        "calls": {
            name: operators.count_calls(steps[name]).total() for name in rungs if name != COMPILED
        },
        "compile_seconds": seconds,
        "gigaoperations": round(operations(kind) / 1e9, 4),
        "peak_gigaoperations_per_second": rates,
        "limit_milliseconds": round(limit, 2),
        "share_of_peak": {name: round(limit / statistics.median(times[name]), 3) for name in rungs},
    }


def main() -> None:
    torch.set_num_threads(THREADS)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    kinds = {kind: measure(kind, rounds) for kind in KINDS}
    result = {
        "shape": {"batch": BATCH, "steps": STEPS, "input": HIDDEN, "hidden": HIDDEN},
        "dtype": "float32",
        "rounds": rounds,
        "spread": "quartiles over rounds",
        "compared_with": LOOPS,
        "peak_size": PEAK_SIZE,
        "kinds": kinds,
    }
    print("written:", record("ladder", result))


if __name__ == "__main__":
    main()
