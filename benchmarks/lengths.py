"""Reversing and copying: how the share of right answers falls with the length of the input.

The input is up to 12 different symbols of 64, the output the same symbols reversed, or in their
order. All that the decoder knows of them is one vector, the context; with attention it is another
vector at every step. Answers are written freely (greedily) and count if every symbol is right.

    python benchmarks/lengths.py     # writes results/lengths.json
"""

import time
from typing import NamedTuple

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import Tensor, nn

from rnnlab import data, models, training
from rnnlab.data.rearranging import Rearranging

SEEDS = (0, 1, 2)
CELL, EMBEDDING, BATCH, STEPS, RATE, WARM_UP = "gru", 32, 64, 1500, 5e-3, 0.1
TRAINED = (1, 12)
#: What is measured: every length that was trained on, and some that were not.
LENGTHS, TEST = (*range(1, 13), 14, 16), 200


class Plan(NamedTuple):
    """How large a model is, what its decoder is given, how long it is trained, and on what."""

    hidden: int = 64
    context_every_step: bool = True
    attention: bool = False
    steps: int = STEPS
    seeds: tuple[int, ...] = SEEDS
    kinds: tuple[str, ...] = ("reverse",)


PLANS = {
    "context at the start": Plan(context_every_step=False),
    "context at every step": Plan(kinds=("reverse", "copy")),
    "twice the units": Plan(hidden=128),
    "four times the updates": Plan(steps=4 * STEPS, seeds=SEEDS[:1]),
    "attention": Plan(attention=True),
    "a quarter of the units": Plan(hidden=16, seeds=SEEDS[:1]),
    "a quarter of the units, four times the updates": Plan(
        hidden=16, steps=4 * STEPS, seeds=SEEDS[:1]
    ),
}


def network(plan: Plan) -> nn.Module:
    H = plan.hidden
    return models.EncoderDecoder(
        Rearranging.SOURCE_SIZE,
        Rearranging.TARGET_SIZE,
        H,
        CELL,
        embedding_size=EMBEDDING,
        bidirectional=True,
        context_every_step=plan.context_every_step,
        attention=models.DecoderAttention(H, 2 * H, embedding_size=EMBEDDING)
        if plan.attention
        else None,
        implementation="torch",
    )


@torch.no_grad()
def right(model: nn.Module, kind: str, length: int, seed: int) -> Tensor:
    """Tell which tokens are right on inputs of one length, (S, B); the stop is the last."""
    dataset = Rearranging(kind, TEST, lengths=(length, length), split="test", seed=seed)
    (source, lengths, _), targets = data.collate(dataset, range(TEST))
    answers = model.greedy(source, lengths, start=dataset.START, stop=dataset.STOP, most=length + 1)
    missing = torch.full((length + 1 - len(answers), TEST), dataset.STOP)
    return torch.cat([answers, missing]) == targets


def settings(name: str, kind: str, seed: int) -> str:
    return f"{kind} {name} {seed} {PLANS[name].hidden} {PLANS[name].steps}"


@kept(settings)
def run(name: str, kind: str, seed: int) -> dict:
    """Train and measure one network."""
    torch.set_num_threads(1)
    plan = PLANS[name]
    torch.manual_seed(seed)
    model = network(plan)
    examples = Rearranging(kind, plan.steps * BATCH, lengths=TRAINED, seed=seed)
    start = time.perf_counter()
    history = training.fit(
        model,
        data.Batches(examples, BATCH, seed=seed),
        steps=plan.steps,
        learning_rate=RATE,
        schedule=training.warm_up(WARM_UP),
    )
    seconds = time.perf_counter() - start
    found = {length: right(model.eval(), kind, length, seed).double() for length in LENGTHS}
    result = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": round(sum(history.losses[-100:]) / 100, 4),
        "exact": [round(found[n].prod(dim=0).mean().item(), 4) for n in LENGTHS],
        "tokens": [round(found[n][:n].mean().item(), 4) for n in LENGTHS],
        "places": [round(p, 4) for p in found[TRAINED[1]].mean(dim=1).tolist()],
    }
    print(kind, name, seed, result["loss"], result["exact"], f"{seconds:.0f} s", flush=True)
    return result


def main() -> None:
    jobs = [(n, k, s) for n, plan in PLANS.items() for k in plan.kinds for s in plan.seeds]
    found = dict(zip(jobs, Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs), strict=True))
    tasks: dict = {}
    for name, plan in PLANS.items():
        for kind in plan.kinds:
            runs = [found[name, kind, seed] for seed in plan.seeds]
            columns = ("loss", "exact", "tokens", "places")
            tasks.setdefault(kind, {})[name] = {
                "hidden": plan.hidden,
                "steps": plan.steps,
                "parameters": runs[0]["parameters"],
                "seeds": list(plan.seeds),
                **{column: [one[column] for one in runs] for column in columns},
            }
    result = {
        "cell": CELL,
        "encoder": "bidirectional",
        "embedding": EMBEDDING,
        "batch_size": BATCH,
        "learning_rate": RATE,
        "symbols": Rearranging.SYMBOLS,
        "trained_lengths": list(TRAINED),
        "lengths": list(LENGTHS),
        "test_inputs_of_each_length": TEST,
        "tasks": tasks,
    }
    print("written:", record("lengths", result))


if __name__ == "__main__":
    main()
