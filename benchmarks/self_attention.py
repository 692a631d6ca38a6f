"""Self-attention against a recurrent layer: time and memory of a training step over the length.

Forward and backward through one layer, float32. All contestants of a length take turns in every
round. Memory is what the forward pass keeps for the backward pass: the tensors that autograd saves,
each piece of storage once, the parameters and the input not counted. That is exact, and the same on
every machine with this version of torch.

    python benchmarks/self_attention.py           # writes results/self_attention.json
    python benchmarks/self_attention.py 3 512     # with 3 rounds, up to length 512, to try it
"""

import sys
from collections.abc import Callable

import torch
from record import record
from timing import exponent, ratios, spread, take_turns
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.functional import linear, scaled_dot_product_attention

from rnnlab import scratch
from rnnlab.models import recurrent_layer

LENGTHS = (32, 64, 128, 256, 512, 1024, 2048)
BATCH, HIDDEN, HEADS = 4, 128, 4
ROUNDS, WARM_UP = 15, 2
#: Exponents are fitted to the lengths from here on: below, what a call costs hides the rest.
FITTED_FROM = 256


class FusedAttention(scratch.MultiheadAttention):
    """The same weights and the same function, in the library's one call that keeps no weights."""

    def forward(self, query: Tensor, *_: object, **__: object) -> tuple[Tensor, None]:
        """Attend from each step to all steps of the same sequence, (T, B, M)."""
        x = query.transpose(0, 1)  # (B, T, M)
        parts = linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        heads = [part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in parts]
        mixed = scaled_dot_product_attention(*heads).transpose(1, 2).flatten(-2)
        return self.out_proj(mixed).transpose(0, 1), None


def layers() -> dict[str, nn.Module]:
    """The contestants; those over the same inputs have the same weights where they can."""
    torch.manual_seed(0)
    made: dict[str, nn.Module] = {
        "GRU, torch.nn": recurrent_layer("gru", HIDDEN, HIDDEN, implementation="torch"),
        "GRU, scratch": recurrent_layer("gru", HIDDEN, HIDDEN, implementation="scratch"),
        "self-attention, scratch": scratch.MultiheadAttention(HIDDEN, HEADS),
        "self-attention, fused": FusedAttention(HIDDEN, HEADS),
    }
    for kind in ("GRU", "self-attention"):
        first, second = (layer for name, layer in made.items() if name.startswith(kind))
        second.load_state_dict(first.state_dict())
    return made


def forward(name: str, layer: nn.Module, x: Tensor) -> Tensor:
    if name.startswith("GRU"):
        return layer(x)[0]
    return layer(x, x, x, need_weights=False)[0]


def kept(name: str, layer: nn.Module, x: Tensor) -> int:
    """Bytes of the tensors that the forward pass keeps for the backward pass."""
    own = {p.untyped_storage().data_ptr() for p in (*layer.parameters(), x)}
    storages: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage.nbytes()
        return tensor  # autograd holds it, so that no address is used twice

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = forward(name, layer, x)
    total = sum(storages.values())
    output.sum().backward()
    return total


def training_step(name: str, layer: nn.Module, x: Tensor) -> Callable[[], None]:
    def step() -> None:
        forward(name, layer, x).square().mean().backward()

    return step


def main() -> None:
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    longest = int(sys.argv[2]) if len(sys.argv) > 2 else LENGTHS[-1]
    lengths = [T for T in LENGTHS if longest >= T]
    contestants = layers()
    milliseconds: dict[str, list] = {name: [] for name in contestants}
    megabytes: dict[str, list] = {name: [] for name in contestants}
    against_gru: list = []
    for T in lengths:
        x = torch.randn(T, BATCH, HIDDEN, requires_grad=True)
        outputs = {name: forward(name, layer, x) for name, layer in contestants.items()}
        for kind in ("GRU", "self-attention"):
            first, second = (y for name, y in outputs.items() if name.startswith(kind))
            torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)
        del outputs
        for name, layer in contestants.items():
            megabytes[name].append(round(kept(name, layer, x) / 2**20, 4))
        steps = {name: training_step(name, layer, x) for name, layer in contestants.items()}
        times = take_turns(steps, rounds, WARM_UP)
        for name in contestants:
            milliseconds[name].append(spread(times[name], 3))
        against_gru.append(
            spread(ratios(times["self-attention, fused"], times["GRU, torch.nn"]), 4)
        )
        medians = {name: round(milliseconds[name][-1]["median"], 1) for name in contestants}
        print(T, medians, {name: megabytes[name][-1] for name in contestants}, flush=True)
    first = min(FITTED_FROM, longest // 2)
    fitted = [n for n, T in enumerate(lengths) if first <= T]
    upper = [lengths[n] for n in fitted]
    result = {
        "shape": {"batch": BATCH, "hidden": HIDDEN, "heads": HEADS},
        "dtype": "float32",
        "rounds": rounds,
        "spread": "quartiles over rounds",
        "lengths": lengths,
        "parameters": {
            name: sum(p.numel() for p in layer.parameters()) for name, layer in contestants.items()
        },
        "milliseconds": milliseconds,
        "fused_over_gru": against_gru,
        "megabytes_kept": megabytes,
        "exponents": {
            "fitted_to": upper,
            "time": {
                name: exponent(upper, [milliseconds[name][n]["median"] for n in fitted])
                for name in contestants
            },
            "memory": {
                name: exponent(upper, [megabytes[name][n] for n in fitted]) for name in contestants
            },
        },
    }
    print("exponents", result["exponents"])
    print("written:", record("self_attention", result))


if __name__ == "__main__":
    main()
