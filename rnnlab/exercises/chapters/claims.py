"""Exercises of the chapter "Claims, measured"."""

import math

from rnnlab import parameters
from rnnlab.exercises.exercise import Exercise, Mistake, Question
from rnnlab.parameters import Kind


def ratio(kind: Kind, layers: int) -> float:
    """The parameters of a bidirectional stack over those of one in one direction."""
    one = parameters.count(kind, 32, 32, layers)
    return parameters.count(kind, 32, 32, layers, bidirectional=True) / one


def _upper_once(kind, layers):
    first, upper = (parameters.count(kind, size, 32) for size in (32, 64))
    return (2 * first + (layers - 1) * upper) / parameters.count(kind, 32, 32, layers)


def _all_read_both(kind, layers):
    wide = parameters.count(kind, 64, 32)
    return 2 * layers * wide / parameters.count(kind, 32, 32, layers)


def _one_bias(kind, layers):
    both = parameters.count(kind, 32, 32, layers, bidirectional=True, biases=1)
    return both / parameters.count(kind, 32, 32, layers, biases=1)


def by_chance(k: int, j: int, n: int) -> float:
    """The share of all ways to draw the successes in which the first has k or more of them."""
    drawn = k + j
    ways = sum(math.comb(n, i) * math.comb(n, drawn - i) for i in range(k, min(n, drawn) + 1))
    return ways / math.comb(2 * n, drawn)


def _ways(k, j, n, which):
    drawn = k + j
    return sum(
        math.comb(n, i) * math.comb(n, drawn - i)
        for i in range(max(0, drawn - n), min(n, drawn) + 1)
        if which(i)
    ) / math.comb(2 * n, drawn)


def _just_k(k, j, n):
    return _ways(k, j, n, lambda i: i == k)


def _more_than_k(k, j, n):
    return _ways(k, j, n, lambda i: i > k)


def _k_or_fewer(k, j, n):
    return _ways(k, j, n, lambda i: i <= k)


def _each_by_itself(k, j, n):
    p = (k + j) / (2 * n)
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def _coins(k, j, n):
    drawn = k + j
    return sum(math.comb(drawn, i) for i in range(k, min(n, drawn) + 1)) / 2**drawn


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="claims-ratio",
        chapter="claims",
        title="The missing condition",
        goal="find where a claim stops being true",
        minutes=10,
        level="easy",
        hints=(
            "`rnnlab.parameters.count` takes `bidirectional=`.",
            "From the second layer on, each direction reads the outputs of both below: 64 inputs "
            "in place of 32.",
            "With as many inputs as units $h$ a block has $h(2h + 2)$ numbers, biases included; "
            "above the first layer of a bidirectional stack $h(3h + 2)$, twice.",
        ),
        mistakes=(
            Mistake(
                "always two",
                "That is the claim itself. It holds for one layer. What does the second layer of a "
                "bidirectional stack read?",
                lambda *_: 2.0,
            ),
            Mistake(
                "the upper layers in one direction",
                "The first layer is doubled and the upper ones read both directions. But they have "
                "two directions too.",
                _upper_once,
            ),
            Mistake(
                "the first layer reads both directions",
                "The first layer reads the input, which has no directions.",
                _all_read_both,
            ),
            Mistake(
                "one bias",
                "Nearly: the layers of `torch.nn` have two biases for each block.",
                _one_bias,
            ),
        ),
        stub='''def ratio(kind, layers):
    """The parameters of a bidirectional stack over those of the same stack in one direction.

    kind: "rnn", "lstm" or "gru", in PyTorch's form. 32 inputs and 32 units. Returns a number.
    """
    raise NotImplementedError
''',
        reference=ratio,
        cases=lambda _: iter([("lstm", 2), ("gru", 1), ("rnn", 3), ("gru", 10)]),
        about="the row of C16",
        explained="Doubled in one layer, nearly tripled in depth.",
    ),
    Question(
        name="claims-limit",
        chapter="claims",
        title="Very many layers",
        goal="say what a claim becomes in the limit",
        minutes=5,
        level="easy",
        hints=(
            "With very many layers the first one does not count. What is the ratio for one of the "
            "others?",
            "A block has $h$ rows. In one direction a row has $h$ weights for the layer below, $h$ "
            "for the state and 2 biases. In a bidirectional stack it has more, and there are two "
            "such blocks.",
            "The limit is $2(3h + 2)/(2h + 2)$ with $h = 32$.",
        ),
        mistakes=(
            Mistake(
                "two",
                "That is the ratio of the *first* layer.",
                2.0,
            ),
            Mistake(
                "three",
                "That is the limit for weights. The biases are only doubled, and there are some.",
                3.0,
            ),
            Mistake(
                "four",
                "The input of an upper layer is twice as wide, its state is not.",
                4.0,
            ),
            Mistake(
                "one and a half",
                "That is one direction of the two, without its biases.",
                1.5,
            ),
            Mistake(
                "one bias",
                "The layers of `torch.nn` have two biases for each block.",
                2 * (3 * 32 + 1) / (2 * 32 + 1),
            ),
        ),
        answer=lambda: 2 * parameters.count("gru", 64, 32) / parameters.count("gru", 32, 32),
        tolerance=2e-3,
        explained="Nearly three, but for the biases.",
    ),
    Exercise(
        name="claims-chance",
        chapter="claims",
        title="Is seven of ten more than three of ten?",
        goal="know what ten seeds can tell",
        minutes=20,
        level="medium",
        hints=(
            "Of the $2n$ runs, $k + j$ are successes. In how many ways can they be chosen, and in "
            "how many of these do exactly $i$ belong to the first network?",
            "`math.comb(n, i) * math.comb(n, k + j - i)` ways, of `math.comb(2 * n, k + j)`.",
            "Sum over $i$ from $k$ to the lesser of $n$ and $k + j$. This is Fisher's exact test, "
            "one-sided.",
        ),
        mistakes=(
            Mistake(
                "just k",
                "That is the chance of exactly $k$. A result is a surprise together with all that "
                "would have been a greater one.",
                _just_k,
            ),
            Mistake(
                "more than k",
                "That is the chance of *more* than $k$. The result that was seen belongs to it.",
                _more_than_k,
            ),
            Mistake(
                "k or fewer",
                "That is the chance of $k$ or fewer. Add up the other side.",
                _k_or_fewer,
            ),
            Mistake(
                "every run by itself",
                "You let each run succeed by itself with one probability. Here it is given how "
                "many succeeded in all; only to whom they fell is chance.",
                _each_by_itself,
            ),
            Mistake(
                "a coin for each success",
                "You tossed a coin for each success. But a network that has won one run has one "
                "fewer left to win: runs are drawn without putting them back.",
                _coins,
            ),
        ),
        stub='''def by_chance(k, j, n):
    """The probability that the first network gets k or more of the k + j successes by chance.

    The first succeeded in k of n runs, the second in j of n. Every way in which the successes can
    fall on the 2n runs is equally likely. Returns a number.
    """
    raise NotImplementedError
''',
        reference=by_chance,
        cases=lambda _: iter([(7, 3, 10), (9, 3, 10), (5, 3, 5), (2, 1, 3), (5, 0, 5), (1, 1, 4)]),
        about="what became of the claims",
        explained="Seven against three may well be luck. With ten seeds believe differences like "
        "nine against three, and use more seeds for smaller ones.",
    ),
)
