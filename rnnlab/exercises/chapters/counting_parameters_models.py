"""Exercises of the chapter "Counting parameters" about whole models and budgets."""

import math
from collections.abc import Iterator

import torch

from rnnlab import parameters
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Question


def count_model(V: int, E: int, H: int, layers: int, tied: bool) -> int:
    """Parameters of a language model: embedding, LSTM, decoder."""
    embedding = V * E
    first = 4 * H * (H + E + 2)
    above = 4 * H * (H + H + 2)
    decoder = V if tied else H * V + V
    return embedding + first + (layers - 1) * above + decoder


def _model_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield 10_000, 300, 512, 2, False
    yield 78, 16, 32, 1, False
    yield 10_000, 256, 256, 2, True
    yield 50, 8, 8, 3, True


def _no_embedding(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) - V * E


def _embedding_with_bias(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) + E


def _no_decoder_bias(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) - V


def _reads_one_hot(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) + 4 * H * (V - E)


def _tied_counted_twice(V, E, H, layers, _):
    return count_model(V, E, H, layers, False)


def _decoder_forgotten_if_tied(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) - (V if tied else 0)


def _all_read_embedding(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) + (layers - 1) * 4 * H * (E - H)


def _one_bias(V, E, H, layers, tied):
    return count_model(V, E, H, layers, tied) - layers * 4 * H


def widest(budget: int, x: int, layers: int) -> int:
    """The greatest h of a bidirectional LSTM within a budget of parameters."""
    # 2 · 4h(h + x + 2) + (layers - 1) · 2 · 4h(3h + 2) = a h² + b h
    a = 8 + (layers - 1) * 24
    b = 8 * (x + 2) + (layers - 1) * 16
    return (math.isqrt(b * b + 4 * a * budget) - b) // (2 * a)


def _exact(h, x, layers):
    return parameters.count("lstm", x, h, layers, bidirectional=True)


def _budget_cases(_: torch.Generator) -> Iterator[Arguments]:
    for layers in (1, 2, 3):
        yield 1_000_000, 100, layers
    yield 10**9, 100, 2
    yield _exact(12, 5, 2), 5, 2
    yield _exact(12, 5, 2) - 1, 5, 2


def _greatest(cost):
    """The answer that takes the greatest h at which some cost fits."""

    def answer(budget, x, layers):
        low, high = 0, 1 << 20
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if cost(middle, x, layers) <= budget else (low, middle)
        return low

    return answer


def _first_that_does_not_fit(budget, x, layers):
    return widest(budget, x, layers) + 1


def _without_biases(h, x, layers):
    return parameters.count("lstm", x, h, layers, bidirectional=True, biases=0)


def _with_one_bias(h, x, layers):
    return parameters.count("lstm", x, h, layers, bidirectional=True, biases=1)


def _both_halves(budget, x, layers):
    return 2 * widest(budget, x, layers)


LANGUAGE_MODEL = Exercise(
    name="count-language-model",
    chapter="counting-parameters",
    title="A whole language model",
    goal="count a model from the words that go in to the scores that come out",
    minutes=15,
    level="medium",
    hints=(
        "Three parts: a table with a row for each word, the LSTM layers, a linear layer to one "
        "score for each word.",
        "The table has V rows of E numbers and no bias. The first LSTM layer reads E features, the "
        "others read H. The decoder has V rows of H numbers and V biases.",
        "Tied: the decoder's matrix *is* the table, so it is counted once. The decoder's bias is "
        "still there.",
    ),
    mistakes=(
        Mistake(
            "the embedding is missing",
            "The embedding is missing: a table with a row of numbers for each word.",
            _no_embedding,
        ),
        Mistake(
            "the embedding has a bias",
            "Just E too many: the embedding is a table to look things up in, and has no bias.",
            _embedding_with_bias,
        ),
        Mistake(
            "the decoder's bias is missing",
            "Just V too few: the decoder is a linear layer with a bias.",
            _no_decoder_bias,
        ),
        Mistake(
            "the LSTM reads one-hot words",
            "The first layer is counted as if it read one-hot words. Between them stands the "
            "embedding: what comes out of it?",
            _reads_one_hot,
        ),
        Mistake(
            "tied weights are counted twice",
            "Without tying it is right. Tied means that the decoder uses the embedding's matrix, "
            "so it is stored once.",
            _tied_counted_twice,
        ),
        Mistake(
            "a tied decoder without its bias",
            "Without tying it is right. A tied decoder shares the matrix; it still has a bias of "
            "its own.",
            _decoder_forgotten_if_tied,
        ),
        Mistake(
            "all layers read the embedding",
            "One layer is right, a stack is not: the layers above read hidden states.",
            _all_read_embedding,
        ),
        Mistake(
            "one bias for each gate",
            "The LSTM has one bias for each gate here. PyTorch stores two.",
            _one_bias,
        ),
    ),
    stub='''def count_model(V, E, H, layers, tied):
    """How many parameters a language model has: embedding, LSTM, decoder.

    nn.Embedding(V, E), nn.LSTM(E, H, layers), nn.Linear(H, V). If tied, E = H and the decoder's
    weight is the embedding's.
    Returns an integer.
    """
    raise NotImplementedError
''',
    reference=count_model,
    cases=_model_cases,
    about="back to 5 454 926",
    tolerance=0.0,
)

WIDEST = Exercise(
    name="count-widest",
    chapter="counting-parameters",
    title="A deep model on a budget",
    goal="turn the count around: from a budget to a size",
    minutes=20,
    level="hard",
    hints=(
        "The count grows with h. So there is one greatest h that fits, and trying from 1 upwards "
        "finds it, slowly.",
        "Double h until it no longer fits. Then the answer lies between the last two values: "
        "halve the interval until its ends are neighbours. `parameters.count` counts.",
        "Or solve: sorted by powers of h, the count is a h^2 + b h with whole numbers a and b. "
        "`math.isqrt` takes a root without rounding errors.",
    ),
    mistakes=(
        Mistake(
            "one unit too many",
            "That is the first h that no longer fits. One unit fewer does.",
            _first_that_does_not_fit,
        ),
        Mistake(
            "one direction",
            "Too wide: only one direction was counted.",
            _greatest(lambda h, x, layers: parameters.count("lstm", x, h, layers)),
        ),
        Mistake(
            "layers above read one direction",
            "One layer is right, a stack is too wide: the layers above read both directions.",
            _greatest(lambda h, x, layers: 2 * parameters.count("lstm", x, h, layers)),
        ),
        Mistake(
            "one layer",
            "The number of layers has no effect. Each layer costs something.",
            _greatest(lambda h, x, _: _exact(h, x, 1)),
        ),
        Mistake(
            "no biases",
            "Sometimes a unit too wide: the biases were left out of the count.",
            _greatest(_without_biases),
        ),
        Mistake(
            "one bias for each gate",
            "Sometimes a unit too wide: PyTorch stores two biases for each gate.",
            _greatest(_with_one_bias),
        ),
        Mistake(
            "both directions' units",
            "That is the width of the output, both directions side by side. Asked is the h of one.",
            _both_halves,
        ),
    ),
    stub='''def widest(budget, x, layers):
    """The greatest h for which nn.LSTM(x, h, layers, bidirectional=True) fits a budget.

    budget: greatest number of parameters, enough for h = 1.
    Returns h, an integer; quickly, also for a budget of a billion.
    """
    raise NotImplementedError
''',
    reference=widest,
    cases=_budget_cases,
    about="the same budget for all three",
    tolerance=0.0,
)

ADAM = Question(
    name="count-adam",
    chapter="counting-parameters",
    title="What training keeps",
    goal="turn a count into megabytes",
    minutes=5,
    level="easy",
    hints=(
        "How many bytes has a float32? And which numbers are kept for each parameter?",
        "The parameter, its gradient, and Adam's two running means: four numbers.",
        "5 454 926 parameters, times 4 numbers, times 4 bytes, divided by 10^6.",
    ),
    mistakes=(
        Mistake(
            "the weights only",
            "That is what the weights take. Training keeps more beside each of them.",
            21.82,
        ),
        Mistake(
            "weights and gradients",
            "Those are the weights and their gradients. What does Adam keep besides?",
            43.64,
        ),
        Mistake(
            "one running mean",
            "One of Adam's running means is missing: it keeps two.",
            65.46,
        ),
        Mistake(
            "eight bytes",
            "That would be float64. A float32 has four bytes.",
            174.56,
        ),
        Mistake(
            "units of 2^20 bytes",
            "That is in units of 2^20 bytes. Asked are megabytes, 10^6 bytes.",
            83.24,
        ),
    ),
    answer=lambda: (parameters.count("lstm", 78, 512, 3) + 512 * 78 + 78) * 4 * 4 / 1e6,
    tolerance=0.006,
    explained="About 87 MB, before a single activation is counted.",
)
