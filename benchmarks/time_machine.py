"""*The Time Machine*: D2L's own recipe against ours, and what the number 1.1 does not say.

Memorising: D2L trains 256 units on the first 10 000 characters for 500 epochs of plain SGD at
learning rate 1, and reports the training perplexity. Here the same is run with D2L's own loop and
model over an LSTM written as its chapter describes, beside our `fit`, in the same process.

Predicting: models of the whole book, on its last tenth, beside Markov models of several orders.

    RNNLAB_DATA_DIR=... python benchmarks/time_machine.py     # writes results/time_machine.json
"""

import io
import math
import os
import time
from contextlib import redirect_stdout

os.environ["MPLBACKEND"] = "agg"  # D2L draws while it trains

import torch
from record import record

from rnnlab import d2l, data, models, tasks, training

SEEDS = (0, 1)
ORDERS = (3, 4, 5)
EPOCHS = 500
CPU = torch.device("cpu")
MEMORISING = {"steps": 600, "learning_rate": 1.5e-2, "schedule": training.cosine}
PREDICTING = {"steps": 2800, "learning_rate": 4e-3, "schedule": training.cosine}


def d2l_lstm_parameters(vocabulary, hidden, device):
    """Weights from a normal distribution of deviation 0.01, biases 0, as D2L's chapter has them."""

    def weight(*shape):
        return torch.randn(shape, device=device) * 0.01

    parameters = []
    for _ in range(4):  # input, forget and output gate, candidate
        parameters += [weight(vocabulary, hidden), weight(hidden, hidden)]
        parameters += [torch.zeros(hidden, device=device)]
    parameters += [weight(hidden, vocabulary), torch.zeros(vocabulary, device=device)]
    return [p.requires_grad_() for p in parameters]


def d2l_lstm_state(batch, hidden, device):
    return torch.zeros(batch, hidden, device=device), torch.zeros(batch, hidden, device=device)


def d2l_lstm(inputs, state, parameters):
    """One product for each gate and input, step by step, as a first LSTM is written."""
    (*gates, w_out, b_out), (h, c) = parameters, state
    wi, ui, bi, wf, uf, bf, wo, uo, bo, wg, ug, bg = gates
    outputs = []
    for x in inputs:
        i = torch.sigmoid(x @ wi + h @ ui + bi)
        f = torch.sigmoid(x @ wf + h @ uf + bf)
        o = torch.sigmoid(x @ wo + h @ uo + bo)
        g = torch.tanh(x @ wg + h @ ug + bg)
        c = f * c + i * g
        h = o * torch.tanh(c)
        outputs.append(h @ w_out + b_out)
    return torch.cat(outputs), (h, c)


def d2l_recipe(seed: int) -> dict:
    """Train D2L's way, and time it; its loop prints the perplexity of the last epoch."""
    library = d2l.load()
    torch.manual_seed(seed)
    batches, vocabulary = library.load_data_time_machine(32, 35)
    net = library.RNNModelScratch(
        len(vocabulary), 256, CPU, d2l_lstm_parameters, d2l_lstm_state, d2l_lstm
    )
    start, printed = time.perf_counter(), io.StringIO()
    with redirect_stdout(printed):
        library.train_ch8(net, batches, vocabulary, 1, EPOCHS, CPU)
    seconds = time.perf_counter() - start
    perplexity, _ = library.train_epoch_ch8(
        net, batches, torch.nn.CrossEntropyLoss(), lambda **_: None, CPU, False
    )
    return {"perplexity": round(perplexity, 3), "seconds": round(seconds, 1)}


def our_recipe(seed: int) -> dict:
    """Train with fit(), from the task's own set-up."""
    task = tasks.named("time-machine")
    setup = task.prepare(task.options(seed=seed))
    start = time.perf_counter()
    history = training.fit(setup.model, setup.batches, objective=setup.objective, **MEMORISING)
    seconds = time.perf_counter() - start
    epoch = history.losses[-len(setup.batches) :]
    held_out = setup.test(setup.model)
    return {
        "perplexity": round(math.exp(sum(epoch) / len(epoch)), 3),
        "seconds": round(seconds, 1),
        "held_out_perplexity": round(held_out.perplexity, 2),
    }


def predicting(cell: str, seed: int, train: torch.Tensor, held_out: torch.Tensor, V: int) -> float:
    """Held-out bits per character of a model of the whole book."""
    torch.manual_seed(seed)
    model = models.LanguageModel(
        V, 256, cell, embedding_size=64, dropout=0.4, implementation="torch"
    )
    if cell == "lstm":
        models.set_forget_bias(model.recurrent, 1.0)
    rate = PREDICTING["learning_rate"] / (3 if cell == "rnn" else 1)  # or the simple RNN diverges
    training.fit(
        model,
        data.SequentialBatches(train, 32, 64, seed=seed),
        objective=training.ReadingOn(),
        **{**PREDICTING, "learning_rate": rate},
    )
    return round(training.evaluate_text(model, held_out).bits, 4)


def main() -> None:
    torch.set_num_threads(1)
    text = data.load_time_machine()
    vocabulary = data.Vocabulary.of(text)
    tokens, cut = vocabulary.encode(text), len(text) * 9 // 10
    train, held_out = tokens[:cut], tokens[cut:]
    recipes: dict = {"ours": [], "d2l": []}
    for seed in SEEDS:  # one after the other, so that both meet the same machine
        recipes["ours"].append(our_recipe(seed))
        recipes["d2l"].append(d2l_recipe(seed))
        print(seed, recipes["ours"][-1], recipes["d2l"][-1], flush=True)
    bits: dict = {}
    for order in ORDERS:
        markov = models.NGram(train, order, len(vocabulary))
        bits[f"{order}-gram"] = [round(markov.loss(held_out) / math.log(2), 4)]
    for cell in ("rnn", "lstm", "gru"):
        bits[cell] = []
        for seed in SEEDS:
            bits[cell].append(predicting(cell, seed, train, held_out, len(vocabulary)))
            print(cell, seed, bits[cell][-1], flush=True)
    result = {
        "seeds": list(SEEDS),
        "memorising": {
            "characters": 10_000,
            "hidden": 256,
            "d2l": "its loop, 500 epochs of SGD at 1, over a scratch LSTM as in its chapter",
            "ours": "fit(), 600 updates of Adam at 1.5e-2 along a cosine, forget bias 1",
            "runs": recipes,
        },
        "predicting": {
            "characters": {"training": len(train), "held_out": len(held_out)},
            "hidden": 256,
            "held_out_bits_per_character": bits,
        },
    }
    print("written:", record("time_machine", result))


if __name__ == "__main__":
    main()
