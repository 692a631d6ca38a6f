"""Slots and intents read forward, backward, and in both directions.

One LSTM layer, entities only. Both directions are measured twice: with as many hidden units for
each direction as the others have, and with so few that the whole network is no larger than theirs,
so that nothing is gained by size alone. For intents, which are one answer for a whole request, the
last answers of the output are read too, as one should not.

    python benchmarks/directions.py     # writes results/directions.json
"""

import torch
from joblib import Parallel, delayed
from keeping import kept
from record import record
from torch import Tensor, nn

from rnnlab import data, models, training
from rnnlab.data.slots import Varied, slot_f1, tagged

SEEDS = {"slots": (0, 1, 2, 3, 4), "intent": (0, 1, 2)}
LANGUAGES = {"slots": ("en", "zh"), "intent": ("en",)}
BATCH, EMBEDDING, HIDDEN, DROPOUT, RATE = 64, 64, 96, 0.3, 4e-3
EPOCHS = {"slots": 8, "intent": 6}
VARIANTS = {
    "slots": ("forward", "backward", "both, equal size", "both"),
    "intent": (
        "forward",
        "backward",
        "both, equal size",
        "both, equal size, output at the last real step",
        "both, equal size, output[-1]",
    ),
}


def reverse(padded: Tensor, lengths: Tensor) -> Tensor:
    """Turn each sequence of a padded batch, (T, B, ...), around; what is behind its end stays."""
    steps = torch.arange(len(padded), device=padded.device)[:, None]
    lengths = lengths.to(padded.device)
    from_where = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (T, B)
    return padded[from_where, torch.arange(padded.shape[1], device=padded.device)]


class Backward(nn.Module):
    """A model in one direction, made to read from the end: its inputs and outputs turned around."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Score the classes, as the model does."""
        answers = self.model(reverse(x, lengths), lengths)
        return reverse(answers, lengths) if answers.dim() == 3 else answers


class LastOutput(nn.Module):
    """A classifier that reads one step of the output instead of the final states."""

    def __init__(self, model: nn.Module, real: bool) -> None:
        super().__init__()
        self.model, self.real = model, real

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Score the classes, (B, K)."""
        output, _ = self.model.encoder(x, lengths)
        at = lengths.to(x.device) - 1 if self.real else torch.full_like(lengths, len(x) - 1)
        return self.model.decoder(output[at, torch.arange(x.shape[1])])


def size(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def network(intents: data.Intents, task: str, hidden: int, both: bool) -> nn.Module:
    kind = models.SequenceClassifier if task == "intent" else models.Tagger
    return kind(
        len(intents.words),
        len(intents.intents if task == "intent" else intents.tags),
        hidden,
        "lstm",
        embedding_size=EMBEDDING,
        bidirectional=both,
        dropout=DROPOUT,
        implementation="torch",
    )


def equal_size(intents: data.Intents, task: str) -> int:
    """The most hidden units of each of two directions in a network no larger than with one."""
    wanted, hidden = size(network(intents, task, HIDDEN, False)), HIDDEN
    while size(network(intents, task, hidden, True)) > wanted:
        hidden -= 1
    return hidden


def build(intents: data.Intents, task: str, variant: str) -> nn.Module:
    both = variant.startswith("both")
    hidden = equal_size(intents, task) if "equal size" in variant else HIDDEN
    model = network(intents, task, hidden, both)
    if variant == "backward":
        return Backward(model)
    if "output" in variant:
        return LastOutput(model, real="real" in variant)
    return model


def settings(language: str, task: str, variant: str, seed: int) -> str:
    return f"{language} {task} {variant} {seed} {EPOCHS[task]} {HIDDEN} {EMBEDDING}"


@kept(settings)
def run(language: str, task: str, variant: str, seed: int) -> dict:
    """Train and measure one network."""
    torch.set_num_threads(1)
    intents = data.load_intents(language)
    torch.manual_seed(seed)
    model = build(intents, task, variant)
    unknown = 0.1 if task == "intent" else 0.03
    dataset = Varied(intents, task, epochs=EPOCHS[task], unknown=unknown, seed=seed)
    training.fit(
        model,
        data.Batches(dataset, BATCH, seed=seed),
        steps=len(dataset) // BATCH,
        learning_rate=RATE,
        schedule=training.warm_up(0.2),
    )
    model.eval()
    if task == "intent":
        accuracy = training.evaluate(model, intents.classification("test")).accuracy
        result = {"error": round(1 - accuracy, 4)}
    else:
        result = {"f1": round(slot_f1(*tagged(model, intents, "test")), 4)}
    result["parameters"] = size(model)
    print(language, task, variant, seed, result, flush=True)
    return result


def main() -> None:
    jobs = [
        (language, task, variant, seed)
        for task, variants in VARIANTS.items()
        for language in LANGUAGES[task]
        for variant in variants
        for seed in SEEDS[task]
    ]
    found = Parallel(n_jobs=1)(delayed(run)(*job) for job in jobs)
    results = dict(zip(jobs, found, strict=True))

    def measured(language: str, task: str, variant: str) -> dict:
        runs = [results[language, task, variant, seed] for seed in SEEDS[task]]
        score = "f1" if task == "slots" else "error"
        return {score: [r[score] for r in runs], "parameters": runs[0]["parameters"]}

    result = {
        "cell": "lstm, one layer",
        "hidden": HIDDEN,
        "hidden_equal_size": {
            task: {language: equal_size(data.load_intents(language), task) for language in found}
            for task, found in LANGUAGES.items()
        },
        "embedding": EMBEDDING,
        "epochs": EPOCHS,
        "seeds": SEEDS,
        **{
            task: {
                language: {variant: measured(language, task, variant) for variant in variants}
                for language in LANGUAGES[task]
            }
            for task, variants in VARIANTS.items()
        },
    }
    print("written:", record("directions", result))


if __name__ == "__main__":
    main()
