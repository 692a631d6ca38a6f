"""*The Time Machine*, the first 10 000 characters, by heart: three cells, ours and the library's.

D2L's own loop (500 epochs of plain SGD at learning rate 1, the state carried on) and D2L's own
model, over the layers of `rnnlab.scratch` and over those of ``torch.nn``; and this course's loop
over the same layers. The training perplexity is D2L's number. The held-out one is measured on the
10 000 characters that follow.

    RNNLAB_DATA_DIR=... python benchmarks/language_models.py    # over all cores; writes
                                                                # results/language_models.json
"""

import io
import math
import os
import random
import time
from contextlib import redirect_stdout
from typing import Any

os.environ["MPLBACKEND"] = "agg"  # D2L draws while it trains

import torch
from experiments.description import Experiment, every
from experiments.running import run_as_asked, side_by_side
from record import record
from torch import Tensor, nn

from rnnlab import d2l, data, models, tasks, training

EPOCHS, HIDDEN, BATCH, STEPS, CHARACTERS = 500, 256, 32, 35, 10_000
CPU = torch.device("cpu")
PROMPTS = ("time traveller", "traveller")
OURS = {"steps": 560, "schedule": training.cosine}
#: Our learning rate; that of the simple RNN is lower, or it does not stay put.
RATES = {"rnn": 4e-3, "lstm": 1.3e-2, "gru": 1.3e-2}


class Reading(nn.Module):
    """D2L's model as this course's measures take a language model."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Score the next tokens: (T, B) to logits (T, B, V), and the state."""
        if state is None:
            state = self.net.begin_state(tokens.device, tokens.shape[1])
        logits, state = self.net(tokens.t(), state)
        return logits.view(*tokens.shape, -1), state


def texts() -> tuple[data.Vocabulary, Tensor, Tensor]:
    """The characters, what is learned by heart, and what follows it."""
    text = data.load_time_machine()
    vocabulary = data.Vocabulary.of(text)
    tokens = vocabulary.encode(text[: 2 * CHARACTERS])
    return vocabulary, tokens[:CHARACTERS], tokens[CHARACTERS:]


def with_d2l(cell: models.CellKind, implementation: models.Implementation, seed: int) -> dict:
    """Train D2L's way, and measure training and held-out perplexity."""
    library = d2l.load()
    torch.manual_seed(seed)
    random.seed(seed)  # which D2L's batches take where an epoch begins from
    batches, vocabulary = library.load_data_time_machine(BATCH, STEPS)
    layer = models.recurrent_layer(cell, len(vocabulary), HIDDEN, implementation=implementation)
    net = d2l.concise_model(layer, len(vocabulary))
    start, printed = time.process_time(), io.StringIO()
    with redirect_stdout(printed):
        library.train_ch8(net, batches, vocabulary, 1, EPOCHS, CPU)
    seconds = time.process_time() - start
    loss = nn.CrossEntropyLoss()
    perplexity, _ = library.train_epoch_ch8(net, batches, loss, lambda **_: None, CPU, False)
    # D2L orders its characters by how often they occur, and knows one more, for all others.
    text = data.load_time_machine()[CHARACTERS : 2 * CHARACTERS]
    held_out = training.evaluate_text(Reading(net), torch.tensor(vocabulary[list(text)]))
    return {
        "perplexity": round(perplexity, 3),
        "held_out_perplexity": round(held_out.perplexity, 2),
        "seconds": round(seconds, 1),
        "completions": [library.predict_ch8(p, 50, net, vocabulary, CPU) for p in PROMPTS],
    }


def with_ours(cell: models.CellKind, implementation: models.Implementation, seed: int) -> dict:
    """Train with `rnnlab.training.fit`, and measure the same."""
    vocabulary, _, following = texts()
    task = tasks.named("time-machine")
    options = task.options(cell=cell, implementation=implementation, hidden=HIDDEN, seed=seed)
    setup = task.prepare(options)
    start = time.process_time()
    history = training.fit(
        setup.model, setup.batches, objective=setup.objective, learning_rate=RATES[cell], **OURS
    )
    seconds = time.process_time() - start
    epoch = history.losses[-len(setup.batches) :]
    held_out = training.evaluate_text(setup.model, following)
    assert isinstance(setup.model, models.LanguageModel)
    return {
        "perplexity": round(math.exp(sum(epoch) / len(epoch)), 3),
        "held_out_perplexity": round(held_out.perplexity, 2),
        "seconds": round(seconds, 1),
        "completions": [
            vocabulary.decode(setup.model.complete(vocabulary.encode(p), 50, temperature=0))
            for p in PROMPTS
        ],
    }


LOOPS = {"D2L": with_d2l, "ours": with_ours}


def measure(
    loop: str, cell: models.CellKind, implementation: models.Implementation, seed: int
) -> dict[str, Any]:
    """Do one run."""
    return LOOPS[loop](cell, implementation, seed)


EXPERIMENT = Experiment(
    name="language_models",
    measure=measure,
    grid=every(loop=list(LOOPS), cell=["rnn", "lstm", "gru"], implementation=["scratch", "torch"]),
    fixed={},
    seeds=2,
)


def markov() -> dict[str, dict[str, float]]:
    """The perplexities of models that count, on what they count in and on what follows."""
    vocabulary, train, following = texts()
    found = {}
    for order in range(1, 7):
        model = models.NGram(train, order, len(vocabulary))
        found[str(order)] = {
            "perplexity": round(math.exp(model.loss(train)), 3),
            "held_out_perplexity": round(math.exp(model.loss(following)), 2),
        }
    return found


def main() -> None:
    runs = run_as_asked(EXPERIMENT, __doc__)
    result = {
        "characters": CHARACTERS,
        "hidden": HIDDEN,
        "batch_size": BATCH,
        "steps": STEPS,
        "D2L": f"{EPOCHS} epochs of SGD at 1 with train_ch8, over RNNModel",
        "ours": f"fit(), {OURS['steps']} updates of Adam along a cosine; forget bias 1",
        "our_learning_rates": RATES,
        "seeds": sorted({run["settings"]["seed"] for run in runs}),
        "prompts": PROMPTS,
        "n_grams": markov(),
        "settings": side_by_side(runs),
    }
    print("written:", record("language_models", result))


if __name__ == "__main__":
    main()
