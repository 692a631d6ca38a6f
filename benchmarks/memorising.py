"""*The Time Machine*, 10 000 characters by heart: D2L's own recipe against ours.

D2L trains 256 units for 500 epochs of plain SGD at learning rate 1, and reports the perplexity on
what it trains on. Here the same is run with D2L's own loop and model over an LSTM written as its
chapter describes, beside our `fit`, in the same process and on one thread.

    RNNLAB_DATA_DIR=... python benchmarks/memorising.py     # writes results/memorising.json
"""

import io
import math
import os
import time
from contextlib import redirect_stdout

os.environ["MPLBACKEND"] = "agg"  # D2L draws while it trains

import torch
from record import record

from rnnlab import d2l, tasks, training

SEEDS = (0, 1)
EPOCHS = 500
CPU = torch.device("cpu")
OURS = {"steps": 560, "learning_rate": 1.3e-2, "schedule": training.cosine}


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
    history = training.fit(setup.model, setup.batches, objective=setup.objective, **OURS)
    seconds = time.perf_counter() - start
    epoch = history.losses[-len(setup.batches) :]
    held_out = setup.test(setup.model)
    return {
        "perplexity": round(math.exp(sum(epoch) / len(epoch)), 3),
        "seconds": round(seconds, 1),
        "held_out_perplexity": round(held_out.perplexity, 2),
    }


def main() -> None:
    torch.set_num_threads(1)
    runs: dict = {"ours": [], "d2l": []}
    for seed in SEEDS:  # one after the other, so that both meet the same machine
        runs["ours"].append(our_recipe(seed))
        runs["d2l"].append(d2l_recipe(seed))
        print(seed, runs["ours"][-1], runs["d2l"][-1], flush=True)
    seconds = {name: sum(run["seconds"] for run in found) for name, found in runs.items()}
    result = {
        "characters": 10_000,
        "hidden": 256,
        "d2l": f"its loop, {EPOCHS} epochs of SGD at 1, over a scratch LSTM as in its chapter",
        "ours": f"fit(), {OURS['steps']} updates of Adam along a cosine, forget bias 1",
        "seeds": list(SEEDS),
        "runs": runs,
        "time_over_d2l": round(seconds["ours"] / seconds["d2l"], 4),
    }
    print("written:", record("memorising", result))


if __name__ == "__main__":
    main()
