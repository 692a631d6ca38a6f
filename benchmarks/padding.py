"""What padding does to a model that is not told where its sequences end (Claim C22).

Classifiers of requests, with one direction and with two, are trained told or not told the lengths,
and read the test requests with more and more padding: told, not told, and with only one of the two
mistakes that hide in "not told" (the state at the padded end; a backward direction that begins in
padding). Taggers are trained with a mean loss over the words alone, or over the padding too.

    python benchmarks/padding.py     # writes results/padding.json
"""

import torch
from joblib import Parallel, delayed
from record import record
from torch import Tensor, nn

from rnnlab import data, models, training
from rnnlab.data.slots import slot_f1, tagged
from rnnlab.training.scores import score_of

SEEDS = (0, 1, 2, 3)
CELL, HIDDEN, EMBEDDING, DROPOUT = "lstm", 64, 64, 0.3
BATCH, EPOCHS, RATE = 64, 5, 1e-2
EXTRA = (0, 5, 10, 20, 40)  # steps of padding added to what the batch needs anyway
PADDED_TAG = 0  # "O": what a careless loss takes for the answer behind the end


def longer(padded: Tensor, extra: int) -> Tensor:
    """Fill a padded batch, (T, B), up by some more steps."""
    return torch.cat([padded, padded.new_zeros(extra, padded.shape[1])])


def told(model: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    return model(x, lengths)


def not_told(model: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG001
    return model(x)


def padded_end_only(model: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """Take the forward state at the padded end; the backward direction as it should be."""
    H, encoder = model.encoder.recurrent.hidden_size, model.encoder
    forward = encoder(x)[0][-1, :, :H]
    return model.decoder(torch.cat([forward, encoder(x, lengths)[0][0, :, H:]], dim=-1))


def backward_only(model: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """Take the forward state where it should be; let the backward direction begin in padding."""
    H, encoder = model.encoder.recurrent.hidden_size, model.encoder
    output = encoder(x)[0]
    forward = output[lengths - 1, torch.arange(x.shape[1]), :H]
    return model.decoder(torch.cat([forward, output[0, :, H:]], dim=-1))


def classifier(intents: data.Intents, seed: int, bidirectional: bool, read) -> nn.Module:
    """Train a classifier that reads its batches in a given way."""
    torch.manual_seed(seed)
    sizes = (len(intents.words), len(intents.intents), HIDDEN, CELL)
    model = models.SequenceClassifier(
        *sizes,
        embedding_size=EMBEDDING,
        bidirectional=bidirectional,
        dropout=DROPOUT,
        implementation="torch",
    )
    dataset = intents.classification("train")
    fitted(model, dataset, seed, lambda m, b: score_of(read(m, *b.inputs), b.targets))
    return model.eval()


def fitted(model: nn.Module, dataset, seed: int, objective) -> None:
    training.fit(
        model,
        data.Batches(dataset, BATCH, seed=seed),
        steps=EPOCHS * (len(dataset) // BATCH),
        learning_rate=RATE,
        schedule=training.cosine,
        objective=objective,
    )


@torch.no_grad()
def answers(model: nn.Module, dataset, read, extra: int, batch_size: int = 256) -> Tensor:
    """The logits of all test requests, (N, K)."""
    parts = []
    for indices in data.in_order(dataset, batch_size):
        x, lengths = data.collate(dataset, indices).inputs
        parts.append(read(model, longer(x, extra), lengths))
    return torch.cat(parts)


def classify(seed: int) -> dict:
    """Train all classifiers of a seed and let each read the test requests in several ways."""
    torch.set_num_threads(1)
    intents = data.load_intents("en")
    test = intents.classification("test")
    labels = torch.tensor([label for _, label in test.examples])
    ways = {"told": told, "not told": not_told}
    found: dict = {}
    for directions in (1, 2):
        for trained, read_in_training in ways.items():
            model = classifier(intents, seed, directions == 2, read_in_training)
            reading = dict(ways)
            if directions == 2 and trained == "told":
                reading |= {"padded end only": padded_end_only, "backward only": backward_only}
            entry: dict = {"accuracy": {}}
            for name, read in reading.items():
                entry["accuracy"][name] = [
                    round(right(answers(model, test, read, extra), labels), 4) for extra in EXTRA
                ]
            alone = answers(model, test, read_in_training, 0, batch_size=1)
            among = answers(model, test, read_in_training, 0)
            entry["accuracy_alone"] = round(right(alone, labels), 4)
            entry["changed_by_the_batch"] = round(
                (alone.argmax(-1) != among.argmax(-1)).double().mean().item(), 4
            )
            told_apart = [answers(model, test, told, extra) for extra in EXTRA]
            entry["told_differs_by"] = max(
                (one - told_apart[0]).abs().max().item() for one in told_apart
            )
            found[f"{directions}, trained {trained}"] = entry
            print(seed, directions, trained, entry["accuracy"], flush=True)
    return found


def right(logits: Tensor, labels: Tensor) -> float:
    return (logits.argmax(-1) == labels).double().mean().item()


def padding_counts(targets: Tensor) -> Tensor:
    """Targets in which the padding has an answer too, as a careless loss has it."""
    return targets.masked_fill(targets == data.IGNORED, PADDED_TAG)


def tag(seed: int) -> dict:
    """Train taggers with and without padding in the loss; score words, and words and padding."""
    torch.set_num_threads(1)
    intents = data.load_intents("en")
    found: dict = {}
    for name, targets_of in (("words", lambda t: t), ("padding too", padding_counts)):
        torch.manual_seed(seed)
        sizes = (len(intents.words), len(intents.tags), HIDDEN, CELL)
        options = {"embedding_size": EMBEDDING, "dropout": DROPOUT, "implementation": "torch"}
        model = models.Tagger(*sizes, bidirectional=True, **options)
        fitted(
            model,
            intents.tagging("train"),
            seed,
            lambda m, b, targets_of=targets_of: score_of(m(*b.inputs), targets_of(b.targets)),
        )
        model.eval()
        found[name] = {
            "slot_f1": round(slot_f1(*tagged(model, intents, "test")), 4),
            "scores": [tag_scores(model, intents, extra) for extra in EXTRA],
        }
        print(seed, name, found[name]["slot_f1"], flush=True)
    return found


@torch.no_grad()
def tag_scores(model: nn.Module, intents: data.Intents, extra: int) -> dict:
    """Loss and accuracy over the words, and over words and padding; the lengths are told."""
    test = intents.tagging("test")
    sums = torch.zeros(2, 3, dtype=torch.float64)  # words, everything: loss, right, answers
    outside = torch.zeros(2, dtype=torch.float64)  # what "always O" gets right
    for indices in data.in_order(test):
        batch = data.collate(test, indices)
        x, lengths = batch.inputs
        logits = model(longer(x, extra), lengths)
        filler = torch.full((extra, x.shape[1]), data.IGNORED)
        words = torch.cat([batch.targets, filler])
        for k, targets in enumerate((words, padding_counts(words))):
            sums[k] += torch.stack([part.double() for part in score_of(logits, targets)])
            outside[k] += (targets == PADDED_TAG).sum()
    loss, hits, count = sums.T
    return {
        "padding_share": round(1 - (count[0] / count[1]).item(), 4),
        **{
            name: {
                "loss": round((loss[k] / count[k]).item(), 4),
                "accuracy": round((hits[k] / count[k]).item(), 4),
                "accuracy_of_always_O": round((outside[k] / count[k]).item(), 4),
            }
            for k, name in enumerate(("words", "padding too"))
        },
    }


def main() -> None:
    classified = Parallel(n_jobs=-1)(delayed(classify)(seed) for seed in SEEDS)
    taggers = Parallel(n_jobs=-1)(delayed(tag)(seed) for seed in SEEDS)
    result = {
        "seeds": list(SEEDS),
        "cell": CELL,
        "hidden": HIDDEN,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "extra_padding": list(EXTRA),
        "classifiers": {name: [run[name] for run in classified] for name in classified[0]},
        "taggers": {name: [run[name] for run in taggers] for name in taggers[0]},
    }
    print("written:", record("padding", result))


if __name__ == "__main__":
    main()
