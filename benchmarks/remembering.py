"""Copy, adding, temporal order, embedded Reber grammar: which network solves which gap, and when?

All networks have the same number of units, see the same examples for a seed, and are trained with
the same clipping, until 99 % of held-out answers are right or the updates run out. Simple RNNs
learn at a lower rate: at that of the others they did worse when the settings were chosen.

    python benchmarks/remembering.py             # over all cores; writes results/remembering.json
    python benchmarks/remembering.py --seeds 2   # the first 2 seeds alone, to try it
    python benchmarks/remembering.py --help      # how to spread the runs over a cluster
"""

from collections.abc import Callable
from typing import Any

import torch
from experiments.description import Experiment, every
from experiments.running import run_as_asked, side_by_side
from record import record
from torch import Tensor, nn

from rnnlab import data, models, training
from rnnlab.data.batching import Batch
from rnnlab.data.reber import SYMBOLS, all_right
from rnnlab.training.scores import Score, score_of

#: Task to its gaps: blanks between, least steps of a sequence, least symbols of the inner string.
GAPS = {
    "copy": [5, 10, 20],
    "adding": [25, 50, 100],
    "order": [25, 50, 100],
    "reber": [0, 4, 8],
}
#: Name to cell and how it starts. Orthogonal: recurrent weights that keep a state's length.
NETWORKS: dict[str, dict[str, Any]] = {
    "RNN": {"cell": "rnn"},
    "RNN, orthogonal": {"cell": "rnn", "orthogonal": True},
    "LSTM": {"cell": "lstm", "forget_bias": 1.0},
    "GRU": {"cell": "gru"},
}
RATES = {"RNN": 3e-3, "RNN, orthogonal": 3e-3, "LSTM": 1e-2, "GRU": 1e-2}
FIXED = {"hidden": 32, "batch_size": 16, "steps": 1500}
SYMBOLS_TO_COPY, HELD_OUT, EVERY, SOLVED = 3, 250, 50, 0.99


def dataset(task: str, gap: int, size: int, split: Any, seed: int) -> Any:
    """Make the examples of a task."""
    if task == "copy":
        return data.Copy(gap, size, symbols=SYMBOLS_TO_COPY, split=split, seed=seed)
    if task == "adding":
        return data.Adding(gap, size, split=split, seed=seed)
    if task == "order":
        return data.TemporalOrder(gap, size, split=split, seed=seed)
    return data.EmbeddedReber(size, least=gap, split=split, seed=seed)


def network(
    task: str,
    hidden: int,
    cell: models.CellKind,
    *,
    forget_bias: float | None = None,
    orthogonal: bool = False,
    bidirectional: bool = False,
) -> models.Tagger | models.SequenceClassifier:
    """Make an untrained network for a task."""
    common: dict = {"cell": cell, "bidirectional": bidirectional}
    model: models.Tagger | models.SequenceClassifier
    if task == "copy":
        inputs = data.Copy.VOCABULARY
        model = models.Tagger(inputs, data.Copy.LETTERS, hidden, embedding_size=inputs, **common)
    elif task == "reber":
        model = models.Tagger(len(SYMBOLS), len(SYMBOLS), hidden, **common)
    elif task == "adding":
        model = models.SequenceClassifier(2, 1, hidden, **common)
    else:
        symbols, classes = len(data.TemporalOrder.SYMBOLS), len(data.TemporalOrder.CLASSES)
        model = models.SequenceClassifier(symbols, classes, hidden, **common)
    if forget_bias is not None:
        models.set_forget_bias(model.encoder.recurrent, forget_bias)
    if orthogonal:
        for name, weight in model.encoder.recurrent.named_parameters():
            if name.startswith("weight_hh"):
                nn.init.orthogonal_(weight)
    return model


def wrapper_of(model: nn.Module, batch: Batch) -> Score:
    """Score Reber strings: a string is right if its last but one symbol outranks the other wrapper.

    The loss is over all symbols, since all are trained on.
    """
    inputs, lengths = batch.inputs
    logits: Tensor = model(inputs, lengths)
    rows = torch.arange(len(lengths))
    place = lengths - 2  # predicts the last but one symbol; the step after it predicts the E
    wrapper = batch.targets[place, rows]
    may = nn.functional.one_hot(wrapper, len(SYMBOLS)).bool()
    right = all_right(logits[place, rows], may)
    score = score_of(logits, batch.targets)
    return Score(score.loss / score.answers * len(rows), right.sum(), torch.tensor(len(rows)))


def objectives(task: str) -> tuple[training.Objective, training.Objective]:
    """What a network is trained on, and what tells whether it has solved the task."""
    if task == "adding":
        return (objective := training.regression(data.Adding.TOLERANCE)), objective
    return training.classification, wrapper_of if task == "reber" else training.classification


def measured_on(
    task: str, gap: int, split: Any, seed: int
) -> Callable[[nn.Module], training.Metrics]:
    """Make the measure of a task on one of its splits."""
    examples, objective = dataset(task, gap, HELD_OUT, split, seed), objectives(task)[1]
    return lambda model: training.evaluate(model, examples, objective=objective)


def train(
    model: nn.Module,
    task: str,
    gap: int,
    batch_size: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> dict:
    """Train a network until it has solved its task; tell when, and how good it is on new ones."""
    examples = dataset(task, gap, 10**9, "train", seed)
    history = training.fit(
        model,
        data.Batches(examples, batch_size, seed=seed, replacement=True),
        steps=steps,
        objective=objectives(task)[0],
        learning_rate=learning_rate,
        evaluate=measured_on(task, gap, "validation", seed),
        evaluate_every=EVERY,
        goal=lambda metrics: metrics.accuracy >= SOLVED,
    )
    test = measured_on(task, gap, "test", seed)(model)
    return {
        "right": round(test.accuracy, 4),
        "loss": round(test.loss, 5),
        "solved_after": len(history) if history.stopped else None,
        "validation_right": [round(metrics.accuracy, 4) for _, metrics in history.evaluations],
    }


def measure(
    task: str,
    network_name: str,
    gap: int,
    hidden: int,
    batch_size: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> dict:
    """Do one run."""
    torch.manual_seed(seed)
    model = network(task, hidden, **NETWORKS[network_name])
    return train(model, task, gap, batch_size, steps, learning_rate, seed)


EXPERIMENT = Experiment(
    name="remembering",
    measure=measure,
    grid=[
        settings
        for task, gaps in GAPS.items()
        for name, rate in RATES.items()
        for settings in every(task=[task], gap=gaps, network_name=[name], learning_rate=[rate])
    ],
    fixed=FIXED,
    seeds=10,
)


def by_setting(runs: list[dict], name: str) -> list[dict]:
    """Put the seeds of each setting side by side; what tells networks apart has a name."""
    return side_by_side(runs, ("task", "gap", name, "learning_rate"), seconds=True)


def memoryless() -> dict[str, float]:
    """The share of right answers of the best model that remembers nothing, as far as it is known.

    In "adding", the answer 0.5 is right for about a sixth of the sequences, the share of sums that
    lie within the tolerance; it is counted on the test examples of the longest gap.
    """
    adding = dataset("adding", GAPS["adding"][-1], 10_000, "test", 0)
    targets = [adding[k][1] for k in range(len(adding))]
    near = sum(abs(target - 0.5) < data.Adding.TOLERANCE for target in targets) / len(targets)
    return {
        "copy": 1 / data.Copy.LETTERS,
        "adding": round(near, 3),
        "order": 1 / len(data.TemporalOrder.CLASSES),
        "reber": 1 / 2,
    }


def conditions(runs: list[dict]) -> dict:
    """What a result file says of how its runs were made."""
    return {
        "seeds": sorted({run["settings"]["seed"] for run in runs}),
        **FIXED,
        "clip": 1.0,
        "symbols_to_copy": SYMBOLS_TO_COPY,
        "held_out_sequences": HELD_OUT,
        "evaluated_every": EVERY,
        "solved_at": SOLVED,
        "right_without_memory": memoryless(),
    }


def main() -> None:
    runs = run_as_asked(EXPERIMENT, __doc__)
    result = {**conditions(runs), "settings": by_setting(runs, "network_name")}
    print("written:", record("remembering", result))


if __name__ == "__main__":
    main()
