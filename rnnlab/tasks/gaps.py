"""The memory tasks, with their gap as an option."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab import data
from rnnlab.data.intents import Split
from rnnlab.data.reber import SYMBOLS, all_right
from rnnlab.models import SequenceClassifier, Tagger, set_forget_bias
from rnnlab.tasks.setup import Options, Setup, Task
from rnnlab.training import Metrics, Objective, classification, evaluate, regression

#: There is no end of examples; a run takes as many as it needs.
_MANY = 10**9
_HELD_OUT = 500


def _gap_setup(
    options: Options,
    make: Callable[[int, Split], Any],
    model: SequenceClassifier | Tagger,
    answer_is: str,
    objective: Objective = classification,
) -> Setup:
    """Prepare a task whose examples are made on demand: make(size, split)."""
    if options.cell == "lstm":
        set_forget_bias(model.encoder.recurrent, 1.0)

    def measured(split: Split) -> Callable[[nn.Module], Metrics]:
        dataset = make(_HELD_OUT, split)
        return lambda model: evaluate(model, dataset, objective=objective)

    batches = data.Batches(
        make(_MANY, "train"), options.batch_size, seed=options.seed, replacement=True
    )
    return Setup(model, batches, measured("validation"), measured("test"), objective, answer_is)


def _layers(options: Options) -> dict[str, Any]:
    return {"num_layers": options.layers, "implementation": options.implementation}


def _copy(options: Options) -> Setup:
    torch.manual_seed(options.seed)
    inputs, letters = data.Copy.VOCABULARY, data.Copy.LETTERS
    model = Tagger(
        inputs, letters, options.hidden, options.cell, embedding_size=inputs, **_layers(options)
    )
    return _gap_setup(
        options,
        lambda size, split: data.Copy(options.gap, size, split=split, seed=options.seed),
        model,
        "symbol",
    )


def _adding(options: Options) -> Setup:
    torch.manual_seed(options.seed)
    model = SequenceClassifier(2, 1, options.hidden, options.cell, **_layers(options))
    return _gap_setup(
        options,
        lambda size, split: data.Adding(options.gap, size, split=split, seed=options.seed),
        model,
        "sequence",
        regression(data.Adding.TOLERANCE),
    )


def _order(options: Options) -> Setup:
    torch.manual_seed(options.seed)
    symbols, classes = len(data.TemporalOrder.SYMBOLS), len(data.TemporalOrder.CLASSES)
    model = SequenceClassifier(symbols, classes, options.hidden, options.cell, **_layers(options))
    return _gap_setup(
        options,
        lambda size, split: data.TemporalOrder(options.gap, size, split=split, seed=options.seed),
        model,
        "sequence",
    )


def _reber(options: Options) -> Setup:
    torch.manual_seed(options.seed)
    model = Tagger(len(SYMBOLS), len(SYMBOLS), options.hidden, options.cell, **_layers(options))

    def make(size: int, split: Split) -> data.EmbeddedReber:
        return data.EmbeddedReber(size, least=options.gap, split=split, seed=options.seed)

    setup = _gap_setup(options, make, model, "string")
    return Setup(
        model,
        setup.batches,
        lambda model: strings_right(model, make(_HELD_OUT, "validation")),
        lambda model: strings_right(model, make(_HELD_OUT, "test")),
        answer_is="string",
    )


@torch.no_grad()
def strings_right(model: nn.Module, strings: data.EmbeddedReber) -> Metrics:
    """Measure a model on Reber strings.

    A string is right if at each step every symbol that may follow outranks the others.

    Args:
        model: Maps inputs (T, B, 7) and lengths (B,) to logits (T, B, 7).
        strings: The strings.

    Returns:
        Mean loss for each symbol, share of strings right, number of strings.
    """
    was_training = model.training
    loss = evaluate(model, strings).loss
    model.eval()
    device = next(model.parameters()).device
    batch = strings.collate([strings[k] for k in range(len(strings))]).to(device)
    logits: Tensor = model(*batch.inputs).cpu()
    right = 0
    for k in range(len(strings)):
        allowed = strings.allowed(k)
        right += bool(all_right(logits[: len(allowed), k], allowed).all())
    model.train(was_training)
    return Metrics(loss, right / len(strings), len(strings))


TASKS = (
    Task("copy", "repeat ten letters after --gap blanks", "N-to-N", _copy, steps=3000),
    Task(
        "adding",
        "add the two marked numbers among --gap and more",
        "N-to-1",
        _adding,
        {"gap": 50},
        steps=3000,
    ),
    Task(
        "order",
        "tell XX, XY, YX and YY apart among --gap and more symbols",
        "N-to-1",
        _order,
        {"gap": 50},
        steps=3000,
    ),
    Task(
        "reber",
        "predict embedded Reber strings, inner length --gap or more",
        "N-to-N",
        _reber,
        {"hidden": 16, "gap": 0},
        steps=1500,
        learning_rate=2e-2,
    ),
)
