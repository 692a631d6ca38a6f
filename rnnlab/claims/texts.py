"""Claims about language models: C19 is settled by computing, C20 by a result file."""

from typing import Any

import torch

from rnnlab import data, models
from rnnlab.claims.claim import Claim, Evidence, Load, mean

ORDER = 4


@torch.no_grad()
def _markov(_: Load) -> Evidence:
    text = data.load_book_text()[:20_000]
    vocabulary = data.Vocabulary.of(text)
    tokens, size = vocabulary.encode(text), len(vocabulary)
    counted = models.NGram(tokens, ORDER, size)
    ends = [*map(vocabulary.encode, ("what is the", "that was the"))]  # the last letters are alike
    of_counts = [
        torch.tensor([counted.probability(k, tuple(end.tolist())) for k in range(size)])
        for end in ends
    ]
    torch.manual_seed(0)
    network = models.LanguageModel(size, 32, "rnn").double()
    of_network = [network(end)[0][-1].softmax(-1) for end in ends]
    # From one and the same state, whatever led to it, the network goes on in one way.
    _, state = network(ends[0])
    whole = network(torch.cat([ends[0], ends[1]]))[0][len(ends[0]) :]
    halves = network(ends[1], state)[0]
    numbers = {
        "counts": float((of_counts[0] - of_counts[1]).abs().max()),
        "network": bool((of_network[0] - of_network[1]).abs().max() > 1e-4),
        "state": bool((whole - halves).abs().max() < 1e-12),
    }
    return Evidence(
        "after two texts with the same last letters a 4-gram's predictions differ by {counts:.0f}; "
        "an RNN's differ: {network}; given its state, what came before it changes nothing: {state}",
        numbers,
        numbers == {"counts": 0, "network": True, "state": True},
    )


def _perplexities(found: dict[str, Any], loop: str, implementation: str, what: str) -> list[float]:
    return [
        mean(run[what] for run in row["runs"])
        for row in found["settings"]
        if (row["loop"], row["implementation"]) == (loop, implementation)
    ]


def _same_perplexity(load: Load) -> Evidence:
    found = load("language_models")
    pairs = [
        abs(a / b - 1)
        for loop in ("D2L", "ours")
        for a, b in zip(
            *(_perplexities(found, loop, kind, "perplexity") for kind in ("scratch", "torch")),
            strict=True,
        )
    ]
    return Evidence(
        "three cells, two loops: scratch and torch.nn end with training perplexities that differ "
        "by {typical:.0%} on average, by {most:.0%} at most",
        {"typical": mean(pairs), "most": max(pairs)},
        mean(pairs) < 0.1,
    )


def _by_heart(load: Load) -> Evidence:
    found = load("language_models")
    kinds = ("scratch", "torch")
    low = [x for kind in kinds for x in _perplexities(found, "D2L", kind, "perplexity")]
    high = [x for kind in kinds for x in _perplexities(found, "D2L", kind, "held_out_perplexity")]
    best = min(n["held_out_perplexity"] for n in found["n_grams"].values())
    return Evidence(
        "D2L's loop after 500 epochs: training perplexity {low:.2f} to {worst:.2f}; on the text "
        "that follows {held:.0f} at best, where counting letters gives {best:.1f}",
        {"low": min(low), "worst": max(low), "held": min(high), "best": best},
        min(low) < 1.2 and min(high) > best,
    )


CLAIMS = (
    Claim(
        "C19",
        "an RNN is, mathematically, a Markov chain",
        "holds if",
        "What is called the state is the hidden state, with the input to come. Over the tokens it "
        "is none, of any order.",
        (),
        ("lm-markov-chain",),
        _markov,
    ),
    Claim(
        "C20a",
        "scratch and library layers reach the same perplexity",
        "holds",
        "Up to what rounding and chance do to a long training.",
        ("language_models",),
        ("lm-time-machine",),
        _same_perplexity,
    ),
    Claim(
        "C20b",
        "D2L's run reports a perplexity of about 1.1 after 500 epochs",
        "holds if",
        "It is read as what it is: 10 000 characters learned by heart. Of text not yet read such "
        "a model knows less than one that counts letters.",
        ("language_models",),
        ("lm-time-machine",),
        _by_heart,
    ),
)
