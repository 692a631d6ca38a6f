"""A language model of some text, fine-tuned on a few utterances of each intent.

A GRU first learns to predict the next token: of the book's own text, by characters or by words, or
of the utterances to train on, without what they ask for. Its embedding and weights then start a
classifier of utterances, which sees 5, 10 or 20 of each intent. Beside it: the same classifier
from nothing; with all that was pretrained left as it is ("frozen"); and with random weights left
as they are, which tells what the linear layer on top can do by itself.

    python benchmarks/pretraining.py             # over all cores; writes results/pretraining.json
    python benchmarks/pretraining.py --seeds 2   # the first 2 seeds alone, to try it
    python benchmarks/pretraining.py --help      # how to spread the runs over a cluster
"""

import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from experiments.description import Experiment, every
from experiments.running import run_as_asked
from record import record
from torch import Tensor

from rnnlab import data, models, training
from rnnlab.data.intents import UNKNOWN, Utterance, tokenize

EXAMPLES = (5, 10, 20)
STARTS = ("nothing", "pretrained", "pretrained, frozen", "random, frozen")
TEXTS = ["the book, by characters", "the book, by words", "utterances, by characters"]
HIDDEN, EMBEDDING, DROPOUT, HELD_OUT, EVERY = 128, 64, 0.2, 640, 50
FIXED: dict[str, Any] = {"pretraining_updates": 800, "updates": 200, "learning_rate": 5e-3}


class Reading(NamedTuple):
    """What is pretrained on, and how utterances are read by the same model."""

    vocabulary: data.Vocabulary
    tokens: Tensor
    read: Callable[[Utterance], Tensor]


def reading(text: str, seed: int) -> Reading:
    """Make the tokens of a text, and the vocabulary that reads utterances as well."""
    intents, book = data.load_intents("en"), data.load_book_text()
    if text == "the book, by words":
        words = [word.lower() for word in tokenize(book)]
        vocabulary = data.Vocabulary.of([*words, *intents.words.tokens], unknown=UNKNOWN)
        return Reading(
            vocabulary,
            vocabulary.encode(words),
            lambda u: vocabulary.encode([word.lower() for word in u.tokens]),
        )
    characters = data.Vocabulary.of(book, unknown="\0")
    if text == "utterances, by characters":
        train = intents.utterances("train")
        book = "\n".join(u.text for u in random.Random(seed).sample(train, len(train)))
    return Reading(characters, characters.encode(book), lambda u: characters.encode(u.text))


def language_model(
    reading: Reading, updates: int, learning_rate: float, seed: int
) -> tuple[models.LanguageModel, training.Metrics]:
    """Train a language model on nine tenths of a text; tell how good it is on the last one."""
    cut = len(reading.tokens) * 9 // 10
    torch.manual_seed(seed)
    model = models.LanguageModel(
        len(reading.vocabulary), HIDDEN, "gru", embedding_size=EMBEDDING, dropout=DROPOUT
    )
    training.fit(
        model,
        data.random_windows(reading.tokens[:cut], seed=seed),
        steps=updates,
        learning_rate=learning_rate,
        schedule=training.cosine,
    )
    return model.eval(), training.evaluate_text(model, reading.tokens[cut:])


def classifier(
    start: str, pretrained: models.LanguageModel, classes: int, seed: int
) -> models.SequenceClassifier:
    """Make a classifier that starts from nothing, or from a language model."""
    torch.manual_seed(seed)
    model = models.SequenceClassifier(
        pretrained.vocabulary_size,
        classes,
        HIDDEN,
        "gru",
        embedding_size=EMBEDDING,
        dropout=DROPOUT,
    )
    if start.startswith("pretrained"):
        for part in ("embedding", "recurrent"):
            weights = getattr(pretrained, part).state_dict()
            getattr(model.encoder, part).load_state_dict(weights)
    if start.endswith("frozen"):
        model.encoder.requires_grad_(False)
    return model


def few(utterances: list[Utterance], each: int, seed: int) -> list[Utterance]:
    """Draw so many utterances of each intent; a smaller draw is part of a larger one."""
    drawn: defaultdict[str, list] = defaultdict(list)
    for utterance in random.Random(seed).sample(utterances, len(utterances)):
        if len(drawn[utterance.intent]) < each:
            drawn[utterance.intent].append(utterance)
    return [utterance for found in drawn.values() for utterance in found]


def measure(
    text: str, pretraining_updates: int, updates: int, learning_rate: float, seed: int
) -> dict[str, Any]:
    """Pretrain once; then train all classifiers of a seed."""
    intents, source = data.load_intents("en"), reading(text, seed)

    def examples(utterances: list[Utterance]) -> data.LabelledSequences:
        return data.LabelledSequences(
            [(source.read(u), intents.intents.index(u.intent)) for u in utterances]
        )

    pretrained, quality = language_model(source, pretraining_updates, learning_rate, seed)
    test = random.Random(seed).sample(list(intents.utterances("test")), HELD_OUT)
    held_out = examples(test)
    found: dict[str, dict] = {start: {} for start in STARTS}
    for each in EXAMPLES:
        train = examples(few(list(intents.utterances("train")), each, seed))
        for start in STARTS:
            model = classifier(start, pretrained, len(intents.intents), seed)
            history = training.fit(
                model,
                data.Batches(train, 32, seed=seed),
                steps=updates,
                learning_rate=learning_rate,
                schedule=training.cosine,
                evaluate=lambda model: training.evaluate(model, held_out),
                evaluate_every=EVERY,
            )
            found[start][str(each)] = [round(m.accuracy, 4) for _, m in history.evaluations]
    return {"perplexity": round(quality.perplexity, 3), "right": found}


EXPERIMENT = Experiment(
    name="pretraining", measure=measure, grid=every(text=TEXTS), fixed=FIXED, seeds=6
)


def main() -> None:
    runs = run_as_asked(EXPERIMENT, __doc__)
    texts: dict[str, dict] = {}
    for text in TEXTS:
        measured = [run["measured"] for run in runs if run["settings"]["text"] == text]
        source = reading(text, 0)
        texts[text] = {
            "tokens": len(source.tokens),
            "vocabulary": len(source.vocabulary),
            "perplexity": [found["perplexity"] for found in measured],
            "right": {
                start: {
                    str(each): [found["right"][start][str(each)] for found in measured]
                    for each in EXAMPLES
                }
                for start in STARTS
            },
        }
    result = {
        **FIXED,
        "cell": "gru",
        "hidden": HIDDEN,
        "embedding": EMBEDDING,
        "dropout": DROPOUT,
        "schedule": "cosine",
        "intents": len(data.load_intents("en").intents),
        "evaluated_every": EVERY,
        "held_out_utterances": HELD_OUT,
        "seeds": sorted({run["settings"]["seed"] for run in runs}),
        "texts": texts,
    }
    print("written:", record("pretraining", result))


if __name__ == "__main__":
    main()
