"""*The Time Machine*, its last tenth held out: networks against Markov models.

All are trained on the first nine tenths, letters and spaces, and predict the rest.

    RNNLAB_DATA_DIR=... python benchmarks/predicting.py     # writes results/predicting.json
"""

import math

import torch
from record import record

from rnnlab import data, models, training

SEEDS = (0, 1)
ORDERS = (3, 4, 5)
TRAINING = {"steps": 2800, "learning_rate": 4e-3, "schedule": training.cosine}


def bits(cell: str, seed: int, train: torch.Tensor, held_out: torch.Tensor, V: int) -> float:
    """Held-out bits per character of a model of the whole book."""
    torch.manual_seed(seed)
    model = models.LanguageModel(
        V, 256, cell, embedding_size=64, dropout=0.4, implementation="torch"
    )
    if cell == "lstm":
        models.set_forget_bias(model.recurrent, 1.0)
    rate = TRAINING["learning_rate"] / (3 if cell == "rnn" else 1)  # or the simple RNN diverges
    training.fit(
        model,
        data.SequentialBatches(train, 32, 64, seed=seed),
        objective=training.ReadingOn(),
        **{**TRAINING, "learning_rate": rate},
    )
    return round(training.evaluate_text(model, held_out).bits, 4)


def main() -> None:
    torch.set_num_threads(1)
    text = data.load_time_machine()
    vocabulary = data.Vocabulary.of(text)
    tokens, cut = vocabulary.encode(text), len(text) * 9 // 10
    train, held_out = tokens[:cut], tokens[cut:]
    found: dict = {}
    for order in ORDERS:
        markov = models.NGram(train, order, len(vocabulary))
        found[f"{order}-gram"] = [round(markov.loss(held_out) / math.log(2), 4)]
    for cell in ("rnn", "lstm", "gru"):
        found[cell] = []
        for seed in SEEDS:
            found[cell].append(bits(cell, seed, train, held_out, len(vocabulary)))
            print(cell, seed, found[cell][-1], flush=True)
    result = {
        "characters": {"training": len(train), "held_out": len(held_out)},
        "hidden": 256,
        "steps": TRAINING["steps"],
        "seeds": list(SEEDS),
        "held_out_bits_per_character": found,
    }
    print("written:", record("predicting", result))


if __name__ == "__main__":
    main()
