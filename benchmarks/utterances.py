"""Intents and slots: recurrent networks against a bag of words.

The baseline counts which words occur, or which pairs of neighbouring words too, and ends in a
logistic regression whose strength of regularisation is chosen on the validation split. The networks
are two layers of a bidirectional LSTM. Both are measured on the test split.

    python benchmarks/utterances.py     # writes results/utterances.json
"""

from typing import NamedTuple

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch import nn

from rnnlab import data, models, training
from rnnlab.data.intents import ENTITIES, FREE_TEXT
from rnnlab.data.slots import Varied, slot_f1, tagged

BATCH, EMBEDDING = 64, 128


class Plan(NamedTuple):
    """How often something is trained, how long, and how large."""

    seeds: int
    epochs: int
    hidden: int = 128


PLANS = {
    ("en", "intent"): Plan(5, 11),
    ("zh", "intent"): Plan(5, 11),
    ("en", "entities"): Plan(3, 15),
    ("zh", "entities"): Plan(2, 22, 192),  # characters, not words, so that more is to be learned
    ("en", "entities and free text"): Plan(2, 15),
    ("zh", "entities and free text"): Plan(1, 15),
}
SLOTS = {"entities": ENTITIES, "entities and free text": (*ENTITIES, *FREE_TEXT)}


def bag_of_words(language: str, longest: int) -> dict:
    """Train and measure the baseline."""
    intents = data.load_intents(language)

    def words(split):
        found = intents.utterances(split)
        return [[t.lower() for t in u.tokens] for u in found], [u.intent for u in found]

    (train, wanted), validation, test = map(words, ("train", "validation", "test"))
    best: tuple = (-1.0, None, None)
    for strength in (0.1, 0.3, 1, 3, 10, 30, 100):
        model = make_pipeline(
            CountVectorizer(analyzer=lambda tokens: ngrams(tokens, longest), binary=True),
            LogisticRegression(C=strength, max_iter=3000),
        ).fit(train, wanted)
        best = max(best, (model.score(*validation), strength, model), key=lambda found: found[0])
    return {"test_error": round(1 - best[2].score(*test), 4), "strength": best[1]}


def ngrams(tokens: list[str], longest: int) -> list[str]:
    """Give all words, and all runs of up to so many neighbouring words."""
    return [
        " ".join(tokens[k : k + n])
        for n in range(1, longest + 1)
        for k in range(len(tokens) - n + 1)
    ]


def network(intents: data.Intents, task: str, hidden: int) -> nn.Module:
    kind = models.SequenceClassifier if task == "intent" else models.Tagger
    classes = intents.intents if task == "intent" else intents.tags
    return kind(
        len(intents.words),
        len(classes),
        hidden,
        "lstm",
        embedding_size=EMBEDDING,
        num_layers=2,
        bidirectional=True,
        dropout=0.4,
        implementation="torch",
    )


def train(intents: data.Intents, task: str, seed: int, plan: Plan) -> nn.Module:
    """Train one network on utterances whose slots get other values in every epoch."""
    torch.manual_seed(seed)
    model = network(intents, task, plan.hidden)
    unknown = 0.1 if task == "intent" else 0.03  # every word counts where each is to be tagged
    dataset = Varied(intents, task, epochs=plan.epochs, unknown=unknown, seed=seed)
    training.fit(
        model,
        data.Batches(dataset, BATCH, seed=seed),
        steps=len(dataset) // BATCH,
        learning_rate=4e-3,
        schedule=training.warm_up(0.2),
    )
    return model.eval()


def settings(language: str, task: str, seed: int) -> str:
    plan = PLANS[language, task]
    return f"{language} {task} {seed} {plan.epochs} {plan.hidden}"


@kept(settings)
def run(language: str, task: str, seed: int) -> float:
    """Train and measure one network."""
    torch.set_num_threads(1)
    plan = PLANS[language, task]
    intents = data.load_intents(language, SLOTS.get(task, ENTITIES))
    model = train(intents, "intent" if task == "intent" else "slots", seed, plan)
    if task == "intent":
        accuracy = training.evaluate(model, intents.classification("test")).accuracy
        result = round(1 - accuracy, 4)
    else:
        result = round(slot_f1(*tagged(model, intents, "test")), 4)
    print(language, task, seed, result, flush=True)
    return result


def main() -> None:
    jobs = [(*what, seed) for what, plan in PLANS.items() for seed in range(plan.seeds)]
    found = Parallel(n_jobs=-1)(delayed(run)(*job) for job in jobs)
    results = dict(zip(jobs, found, strict=True))

    def measured(language: str, task: str) -> list[float]:
        return [results[language, task, seed] for seed in range(PLANS[language, task].seeds)]

    summary: dict = {}
    for language in ("en", "zh"):
        baseline = {
            "bag of words": bag_of_words(language, 1),
            "bag of words and pairs": bag_of_words(language, 2),
        }
        errors = measured(language, "intent")
        ratio = sum(errors) / len(errors) / baseline["bag of words"]["test_error"]
        summary[language] = {
            "utterances": {s: len(u) for s, u in data.intents.splits(language).items()},
            "intent_error": {**baseline, "lstm": errors},
            "lstm_over_bag_of_words": round(ratio, 3),
            "slot_f1": {task: measured(language, task) for task in SLOTS},
        }
        print(language, summary[language])
    result = {
        "plans": {" ".join(what): plan._asdict() for what, plan in PLANS.items()},
        "embedding": EMBEDDING,
        "layers": "2, both directions",
        "languages": summary,
    }
    print("written:", record("utterances", result))


if __name__ == "__main__":
    main()
