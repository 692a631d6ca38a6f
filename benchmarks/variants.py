"""Gates taken away, a more open forget gate, a second direction: what becomes of memory?

The tasks, sizes and training of `remembering`. A GRU whose reset gate is held at 1 and one whose
update gate is held at 0, so that every step takes the candidate, show what each gate is for; the
same two on the book's own text, where most of what counts is near. Both directions are tried where
an answer is due at the end; where the next symbol is to be told, a backward direction would read
it.

    python benchmarks/variants.py             # over all cores; writes results/variants.json
    python benchmarks/variants.py --seeds 2   # the first 2 seeds alone, to try it
    python benchmarks/variants.py --help      # how to spread the runs over a cluster
"""

from typing import Any

import torch
from choosing import text
from experiments.description import Experiment, every
from experiments.running import run_as_asked
from record import record
from remembering import FIXED, by_setting, conditions, network, train
from torch import Tensor, nn

from rnnlab import training

#: Task to its gaps, a short and a long one; as in `remembering`.
GAPS = {"copy": [5, 20], "adding": [25, 50], "order": [25, 50], "reber": [0, 8]}
#: Gate to its value when held, in the order in which a GRU's weights are stored.
HELD = {"reset": 1.0, "update": 0.0}
#: Name to cell, how it starts, the gate that is held, or both directions.
VARIANTS: dict[str, dict[str, Any]] = {
    "GRU, reset gate held at 1": {"cell": "gru", "held": "reset"},
    "GRU, update gate held at 0": {"cell": "gru", "held": "update"},
    "LSTM, forget bias 3": {"cell": "lstm", "forget_bias": 3.0},
    "both directions, RNN": {"cell": "rnn", "bidirectional": True},
    "both directions, LSTM": {"cell": "lstm", "bidirectional": True, "forget_bias": 1.0},
    "both directions, GRU": {"cell": "gru", "bidirectional": True},
}


@torch.no_grad()
def hold(layer: nn.Module, gate: str) -> None:
    """Hold a gate of a GRU at 0 or 1: a bias of ±30 leaves nothing to learn, and none is learned.

    Float32 cannot tell σ(30) from 1.
    """
    hidden = layer.hidden_size
    rows = slice(0, hidden) if gate == "reset" else slice(hidden, 2 * hidden)
    for name, parameter in layer.named_parameters():
        value = 30 * (2 * HELD[gate] - 1) if name.startswith("bias_ih") else 0.0
        parameter[rows] = value

        def without(gradient: Tensor) -> Tensor:
            gradient = gradient.clone()
            gradient[rows] = 0
            return gradient

        parameter.register_hook(without)


def measure(
    task: str,
    variant: str,
    gap: int,
    hidden: int,
    batch_size: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> dict:
    """Do one run."""
    torch.manual_seed(seed)
    settings = dict(VARIANTS[variant])
    held = settings.pop("held", None)
    model = network(task, hidden, **settings)
    if held is not None:
        hold(model.encoder.recurrent, held)
    return train(model, task, gap, batch_size, steps, learning_rate, seed)


def measure_text(
    held: str | None, hidden: int, steps: int, learning_rate: float, seed: int
) -> dict:
    """Train a character model of the book's text with a gate held, or with none."""
    torch.manual_seed(seed)
    model, windows, held_out = text("gru", hidden, seed)
    if held is not None:
        hold(model.recurrent, held)
    training.fit(model, windows, steps=steps, learning_rate=learning_rate, schedule=training.cosine)
    return {"held_out_nats": round(held_out(model).loss, 4)}


TEXT = Experiment(
    name="variants_text",
    measure=measure_text,
    grid=every(held=[None, *HELD]),
    fixed={"hidden": 64, "steps": 600, "learning_rate": 1e-2},
    seeds=10,
)

EXPERIMENT = Experiment(
    name="variants",
    measure=measure,
    grid=[
        settings
        for task, gaps in GAPS.items()
        for variant, about in VARIANTS.items()
        if not (about.get("bidirectional") and task in ("copy", "reber"))
        for settings in every(task=[task], gap=gaps, variant=[variant])
    ],
    fixed={**FIXED, "learning_rate": 1e-2},
    seeds=10,
)


def main() -> None:
    runs, texts = (run_as_asked(experiment, __doc__) for experiment in (EXPERIMENT, TEXT))
    result = {
        **conditions(runs),
        "settings": by_setting(runs, "variant"),
        "text": {
            **TEXT.fixed,
            "held_out_nats": {
                held or "none": [
                    run["measured"]["held_out_nats"]
                    for run in texts
                    if run["settings"]["held"] == held
                ]
                for held in (None, *HELD)
            },
        },
    }
    print("written:", record("variants", result))


if __name__ == "__main__":
    main()
