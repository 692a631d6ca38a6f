"""Recurrent layers on a GPU: ours in a CUDA graph and in one kernel, against cuDNN's.

A training step, forward and backward through the layer alone, float32. The contestants:

- eager: the readable loop of `rnnlab.scratch`, each operation launched from Python;
- derived: the same with its backward pass derived by hand, the default of `rnnlab.scratch`;
- graph: the readable loop, captured in CUDA graphs;
- steps: the Triton kernel, launched once for each step;
- persistent: the Triton kernel, launched once for all steps;
- torch: the layer of ``torch.nn``, cuDNN's.

The last three are timed with products in float32 and in TF32. All take turns in every round, after
their outputs and gradients have been compared with those of cuDNN in float32.

    python benchmarks/gpu_layers.py      # on a machine with a GPU: writes results/gpu_layers.json

Without a GPU it says so and ends with status 2.
"""

import sys
from collections.abc import Callable
from importlib import metadata

import torch
from record import record
from timing import ratios, spread, take_turns
from torch import Tensor, nn

from rnnlab import scratch
from rnnlab.gpu import Graphed, Persistent

CELLS = ("rnn", "lstm", "gru")
#: Batch, steps, hidden units: two short ones, and that of FlashRNN (Pöppel et al., 2025): few long
#: sequences.
SHAPES = ((32, 35, 256), (64, 128, 512), (16, 1024, 768))
#: How far outputs and gradients may be from cuDNN's, as a share of the largest number.
TOLERANCE = {"ieee": 1e-3, "tf32": 5e-2}
REFERENCE = ("torch", "ieee")

Step = Callable[[], tuple[Tensor, ...]]


def forward_and_backward(layer: nn.Module, x: Tensor, precision: str) -> Step:
    """A function that does one step and gives the output and the gradients."""
    generator = torch.Generator(x.device).manual_seed(1)
    d_output = torch.randn(layer(x)[0].shape, device=x.device, generator=generator)

    def step() -> tuple[Tensor, ...]:
        # cuDNN's products, and those that our layers leave to torch
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        output = layer(x)[0]
        return output, *torch.autograd.grad(output, list(layer.parameters()), d_output)

    return step


def contestants(cell: str, shape: tuple[int, int, int]) -> dict[tuple[str, str], Step]:
    """The steps of all layers, with the same weights and input, by name and precision."""
    batch, steps, hidden = shape
    torch.manual_seed(0)
    theirs = getattr(nn, cell.upper())(hidden, hidden, device="cuda")
    x = torch.randn(steps, batch, hidden, device="cuda")

    def ours(*, readable: bool) -> nn.Module:
        layer = getattr(scratch, cell.upper())(hidden, hidden, device="cuda", readable=readable)
        layer.load_state_dict(theirs.state_dict())
        return layer

    layers = {
        ("eager", "ieee"): ours(readable=True),
        ("derived", "ieee"): ours(readable=False),
        ("graph", "ieee"): Graphed(ours(readable=True), x),
    }
    for precision in ("ieee", "tf32"):
        layers |= {
            ("steps", precision): Persistent(theirs, precision=precision, one_launch=False),
            ("persistent", precision): Persistent(theirs, precision=precision),
            ("torch", precision): theirs,
        }
    return {key: forward_and_backward(layer, x, key[1]) for key, layer in layers.items()}


def difference(got: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> float:
    """The largest difference, as a share of the largest number of its tensor."""
    pairs = zip(got, expected, strict=True)
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)


def measure(cell: str, shape: tuple[int, int, int], rounds: int, warm_up: int = 3) -> dict:
    """Compare the layers, and time them if they agree."""
    steps = contestants(cell, shape)
    expected = steps[REFERENCE]()
    differences = {key: difference(step(), expected) for key, step in steps.items()}
    if far := {key: d for key, d in differences.items() if not d <= TOLERANCE[key[1]]}:
        raise ValueError(f"expected the results of torch.nn for {cell} at {shape}, got {far} off")

    def timed(step: Step) -> Callable[[], None]:
        def wait_for_it() -> None:
            step()
            torch.cuda.synchronize()

        return wait_for_it

    times = take_turns({key: timed(step) for key, step in steps.items()}, rounds, warm_up)
    return {
        f"{name}/{precision}": {
            "milliseconds": spread(times[name, precision], 3),
            "of torch": spread(ratios(times[name, precision], times["torch", precision]), 3),
            "difference": float(f"{differences[name, precision]:.1e}"),
        }
        for name, precision in steps
    }


def main(rounds: int = 30) -> int:
    if not torch.cuda.is_available():
        print(
            "gpu_layers.py compares layers on a GPU, and torch finds none here: nothing measured, "
            "nothing written",
            file=sys.stderr,
        )
        return 2
    found: dict[str, dict] = {}
    for shape in SHAPES:
        for cell in CELLS:
            name = f"{cell} {'x'.join(map(str, shape))}"
            found[name] = measure(cell, shape, rounds)
            print(name)
            for contestant, result in found[name].items():
                print(
                    f"  {contestant:16} {result['milliseconds']['median']:9.3f} ms"
                    f" {result['of torch']['median']:8.2f} of torch"
                )
    result = {
        "gpu": torch.cuda.get_device_name(),
        "gpu versions": {
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "triton": metadata.version("triton"),
        },
        "shapes": "batch x steps x hidden",
        "dtype": "float32",
        "rounds": rounds,
        "spread": "quartiles over rounds",
        "results": found,
    }
    print("written:", record("gpu_layers", result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
