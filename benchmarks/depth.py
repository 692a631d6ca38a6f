"""One, two and three recurrent layers at equal size: does depth pay, apart from being larger?

An LSTM as a character model of the book's own text, and as a classifier of English requests. Deeper
networks have so few units in each layer that the whole network is no larger than with one layer.

    python benchmarks/depth.py     # writes results/depth.json
"""

from collections.abc import Callable

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import nn

from rnnlab import data, models, training
from rnnlab.data.slots import Varied

DEPTHS, SEEDS = (1, 2, 3), (0, 1, 2)
HIDDEN, DROPOUT = 128, 0.3
TEXT = {"steps": 500, "learning_rate": 5e-3}
EPOCHS, BATCH, EMBEDDING, RATE = 5, 64, 64, 4e-3


def size(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def text_model(vocabulary: int, hidden: int, depth: int) -> nn.Module:
    return models.LanguageModel(
        vocabulary, hidden, "lstm", num_layers=depth, implementation="torch"
    )


def intent_model(intents: data.Intents, hidden: int, depth: int) -> nn.Module:
    return models.SequenceClassifier(
        len(intents.words),
        len(intents.intents),
        hidden,
        "lstm",
        embedding_size=EMBEDDING,
        num_layers=depth,
        dropout=DROPOUT,
        implementation="torch",
    )


def widest(make: Callable[[int, int], nn.Module], depth: int) -> int:
    """The most hidden units of each layer in a network no larger than with one layer."""
    wanted, hidden = size(make(HIDDEN, 1)), HIDDEN
    while size(make(hidden, depth)) > wanted:
        hidden -= 1
    return hidden


def text_run(depth: int, seed: int) -> dict:
    """Held-out and training loss on the book's text, in nats per character."""
    text = data.load_book_text()
    vocabulary = data.Vocabulary.of(text)
    tokens, cut = vocabulary.encode(text), len(text) * 9 // 10

    def make(hidden: int, depth: int) -> nn.Module:
        return text_model(len(vocabulary), hidden, depth)

    torch.manual_seed(seed)
    model = make(widest(make, depth), depth)
    windows = data.random_windows(tokens[:cut], seed=seed)
    losses = training.fit(model, windows, schedule=training.cosine, **TEXT).losses
    return {
        "score": round(training.evaluate_text(model, tokens[cut:]).loss, 4),
        "training": round(sum(losses[-50:]) / 50, 4),
        "parameters": size(model),
        "hidden": widest(make, depth),
    }


def intent_run(depth: int, seed: int) -> dict:
    """Test error on English requests."""
    intents = data.load_intents("en")

    def make(hidden: int, depth: int) -> nn.Module:
        return intent_model(intents, hidden, depth)

    torch.manual_seed(seed)
    model = make(widest(make, depth), depth)
    dataset = Varied(intents, "intent", epochs=EPOCHS, seed=seed)
    training.fit(
        model,
        data.Batches(dataset, BATCH, seed=seed),
        steps=len(dataset) // BATCH,
        learning_rate=RATE,
        schedule=training.warm_up(0.2),
    )
    accuracy = training.evaluate(model, intents.classification("test")).accuracy
    return {
        "score": round(1 - accuracy, 4),
        "parameters": size(model),
        "hidden": widest(make, depth),
    }


TASKS = {"text": text_run, "intent": intent_run}


def settings(task: str, depth: int, seed: int) -> str:
    of_the_task = f"{TEXT['steps']}" if task == "text" else f"{EPOCHS} {EMBEDDING}"
    return f"{task} {depth} {seed} {HIDDEN} {of_the_task}"


@kept(settings)
def run(task: str, depth: int, seed: int) -> dict:
    """Train and measure one network."""
    torch.set_num_threads(1)
    result = TASKS[task](depth, seed)
    print(task, depth, seed, result, flush=True)
    return result


def main() -> None:
    jobs = [(task, depth, seed) for task in TASKS for depth in DEPTHS for seed in SEEDS]
    found = Parallel(n_jobs=1)(delayed(run)(*job) for job in jobs)
    results = dict(zip(jobs, found, strict=True))

    def measured(task: str, depth: int) -> dict:
        runs = [results[task, depth, seed] for seed in SEEDS]
        same = {name: runs[0][name] for name in ("hidden", "parameters")}
        lists = {"scores": [r["score"] for r in runs]}
        if task == "text":
            lists["training"] = [r["training"] for r in runs]
        return {**same, **lists}

    result = {
        "cell": "lstm",
        "seeds": list(SEEDS),
        "text": {
            "score": "held-out nats per character",
            "training": "the same on the last 50 batches",
            "steps": TEXT["steps"],
            "depths": {str(depth): measured("text", depth) for depth in DEPTHS},
        },
        "intent": {
            "score": "share of wrong answers on the test split, English",
            "epochs": EPOCHS,
            "depths": {str(depth): measured("intent", depth) for depth in DEPTHS},
        },
    }
    print("written:", record("depth", result))


if __name__ == "__main__":
    main()
