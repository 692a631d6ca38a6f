"""Where a decoder looks: the scoring rules on copy, reverse and sort, whose alignment is known.

A decoder with attention learns to copy, reverse or sort 2 to 10 different letters. At every step of
a held-out answer the greatest weight lies somewhere; it is right if that is the place which the
step's symbol comes from. An answer counts as exact if the model, left to itself, writes it all.

    python benchmarks/alignment.py     # writes results/alignment.json
"""

import time

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import nn

from rnnlab import data, models, training
from rnnlab.data import Rearranging

KINDS = ("copy", "reverse", "sort")
#: Name to the arguments of the attention.
RULES = {
    "location": {"rule": "location"},
    "linear": {"rule": "linear"},
    "additive": {"rule": "additive"},
    "additive v": {"rule": "additive", "learned_v": True},
    "dot": {"rule": "dot"},
}
SEEDS = (0, 1, 2)
CELL, HIDDEN, EMBEDDING, BATCH, RATE = "gru", 64, 32, 64, 5e-3
#: To sort is harder.
STEPS = {"copy": 500, "reverse": 500, "sort": 1500}
LENGTHS, SYMBOLS, TEST = (2, 10), 26, 500


def network(rule: str) -> nn.Module:
    attention = models.DecoderAttention(
        HIDDEN, 2 * HIDDEN, embedding_size=EMBEDDING, positions=LENGTHS[1], **RULES[rule]
    )
    return models.EncoderDecoder(
        Rearranging.SOURCE_SIZE,
        Rearranging.TARGET_SIZE,
        HIDDEN,
        CELL,
        embedding_size=EMBEDDING,
        bidirectional=True,
        attention=attention,
        implementation="torch",
    )


@torch.no_grad()
def measure(model: nn.Module, test: Rearranging) -> tuple[float, float]:
    """The share of answers that are exact, and of steps that look at the right place."""
    (source, lengths, previous), _ = data.collate(test, range(len(test)))
    answers = model.greedy(
        source, lengths, start=test.START, stop=test.STOP, most=LENGTHS[1] + 1
    ).T.tolist()
    state, weights = model.encode(source, lengths), []
    for tokens in previous:
        _, state = model.step(tokens, state, weights)
    looked_at = torch.stack(weights).argmax(dim=1)  # (S, B)
    exact = hits = steps = 0
    for k, answer in enumerate(answers):
        wanted, places = test[k][1][1:].tolist(), test.alignment(k)
        exact += answer[: len(wanted)] == wanted
        hits += int((looked_at[: len(places), k] == places).sum())
        steps += len(places)
    return exact / len(test), hits / steps


def settings(kind: str, rule: str, seed: int) -> str:
    return f"{kind} {rule} {seed} {HIDDEN} {STEPS[kind]}"


@kept(settings)
def run(kind: str, rule: str, seed: int) -> dict:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = network(rule)
    examples = Rearranging(kind, STEPS[kind] * BATCH, lengths=LENGTHS, symbols=SYMBOLS, seed=seed)
    start = time.perf_counter()
    training.fit(
        model,
        data.Batches(examples, BATCH, seed=seed),
        steps=STEPS[kind],
        learning_rate=RATE,
        schedule=training.warm_up(0.05),
    )
    seconds = time.perf_counter() - start
    test = Rearranging(kind, TEST, lengths=LENGTHS, symbols=SYMBOLS, split="test", seed=seed)
    exact, alignment = measure(model.eval(), test)
    print(kind, rule, seed, exact, round(alignment, 3), f"{seconds:.0f} s", flush=True)
    return {
        "task": kind,
        "rule": rule,
        "seed": seed,
        "exact": exact,
        "alignment": round(alignment, 4),
        "seconds": round(seconds),
    }


def main() -> None:
    jobs = [(kind, rule, seed) for seed in SEEDS for kind in KINDS for rule in RULES]
    result = {
        "cell": CELL,
        "hidden": HIDDEN,
        "encoder": "bidirectional",
        "batch_size": BATCH,
        "steps": STEPS,
        "lengths": list(LENGTHS),
        "symbols": SYMBOLS,
        "test_examples": TEST,
        "seeds": list(SEEDS),
        "runs": Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs),
    }
    print("written:", record("alignment", result))


if __name__ == "__main__":
    main()
