"""RNN, LSTM or GRU: quality against parameters and against time, on three real tasks.

The next character of the book's own text; what an utterance asks for; which digit a picture of 64
pixels shows, read pixel by pixel. Each cell has three sizes and two learning rates, the same
updates and the same examples for a seed. Time is the processor's for training alone, on one thread.

    python benchmarks/choosing.py             # over all cores; writes results/choosing.json
    python benchmarks/choosing.py --seeds 2   # the first 2 seeds alone, to try it
    python benchmarks/choosing.py --help      # how to spread the runs over a cluster
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from experiments.description import Experiment, every
from experiments.running import run_as_asked, side_by_side
from record import record
from torch import nn

from rnnlab import data, models, training

CELLS: tuple[models.CellKind, ...] = ("rnn", "lstm", "gru")
SIZES, RATES = [32, 64, 128], [3e-3, 1e-2]
#: Task to updates, and how often a network is measured on held-out data.
UPDATES = {"text": 600, "intents": 480, "pixels": 600}
BATCH, EVERY, EMBEDDING = 32, 60, 32
#: About how much of a task is held out to measure with; more adds time, not precision.
HELD_OUT = 600

Measure = Callable[[nn.Module], training.Metrics]


def text(cell: models.CellKind, hidden: int, seed: int) -> tuple[nn.Module, Any, Measure]:
    """The book's own text, its last tenth held out."""
    book = data.load_book_text()
    vocabulary = data.Vocabulary.of(book)
    tokens, cut = vocabulary.encode(book), len(book) * 9 // 10
    model = models.LanguageModel(len(vocabulary), hidden, cell, embedding_size=EMBEDDING)
    windows = data.random_windows(tokens[:cut], BATCH, seed=seed)
    return model, windows, lambda model: training.evaluate_text(model, tokens[cut:])


def intents(cell: models.CellKind, hidden: int, seed: int) -> tuple[nn.Module, Any, Measure]:
    """English utterances and what they ask for."""
    utterances = data.load_intents("en")
    model = models.SequenceClassifier(
        len(utterances.words), len(utterances.intents), hidden, cell, embedding_size=EMBEDDING
    )
    return _classified(model, *map(utterances.classification, ("train", "test")), seed)


def pixels(cell: models.CellKind, hidden: int, seed: int) -> tuple[nn.Module, Any, Measure]:
    """Digits, 64 steps of one number."""
    train, test = (data.load_digits(split).as_pixels() for split in ("train", "test"))
    return _classified(models.SequenceClassifier(1, 10, hidden, cell), train, test, seed)


def _classified(
    model: nn.Module, train: Any, test: Any, seed: int
) -> tuple[nn.Module, Any, Measure]:
    spread = range(0, len(test), max(1, len(test) // HELD_OUT))  # the split is sorted by class
    held_out = data.LabelledSequences([test[k] for k in spread])
    batches = data.Batches(train, BATCH, seed=seed)
    return model, batches, lambda model: training.evaluate(model, held_out)


TASKS = {"text": text, "intents": intents, "pixels": pixels}


def measure(
    task: str, cell: models.CellKind, hidden: int, learning_rate: float, seed: int
) -> dict[str, Any]:
    """Train one network along a cosine, with its clock stopped while it is measured."""
    torch.manual_seed(seed)
    model, batches, held_out = TASKS[task](cell, hidden, seed)
    if cell == "lstm":
        recurrent = model.recurrent if task == "text" else model.encoder.recurrent
        models.set_forget_bias(recurrent, 1.0)
    measuring = 0.0

    def measured(model: nn.Module) -> training.Metrics:
        nonlocal measuring
        start = time.process_time()
        found = held_out(model)
        measuring += time.process_time() - start
        return found

    start = time.process_time()
    history = training.fit(
        model,
        batches,
        steps=UPDATES[task],
        learning_rate=learning_rate,
        schedule=training.cosine,
        evaluate=measured,
        evaluate_every=EVERY,
    )
    seconds = time.process_time() - start - measuring
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "recurrent_parameters": sum(
            p.numel() for name, p in model.named_parameters() if "recurrent" in name
        ),
        "milliseconds_per_update": round(1000 * seconds / UPDATES[task], 3),
        "held_out_nats": [round(metrics.loss, 4) for _, metrics in history.evaluations],
        "held_out_right": [round(metrics.accuracy, 4) for _, metrics in history.evaluations],
    }


EXPERIMENT = Experiment(
    name="choosing",
    measure=measure,
    grid=every(task=list(TASKS), cell=list(CELLS), hidden=SIZES, learning_rate=RATES),
    fixed={},
    seeds=5,
)


def main() -> None:
    runs = run_as_asked(EXPERIMENT, __doc__)
    result = {
        "updates": UPDATES,
        "evaluated_every": EVERY,
        "batch_size": BATCH,
        "embedding": EMBEDDING,
        "schedule": "cosine",
        "forget_bias": 1.0,
        "implementation": "scratch",
        "seeds": sorted({run["settings"]["seed"] for run in runs}),
        "settings": side_by_side(runs),
    }
    print("written:", record("choosing", result))


if __name__ == "__main__":
    main()
