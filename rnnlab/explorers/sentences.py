"""Attention over the words of a sentence, whose vectors are made of their letters.

Axes: ``N`` words, ``D`` features of a word.
"""

import math
import random
import re
from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.scratch import (
    additive_scores,
    dot_product_scores,
    linear_scores,
    location_scores,
    masked_softmax,
)
from rnnlab.scratch.scoring import RULES, Rule

#: Features of a word.
SIZE = 8
#: Words that a sentence may have: the rule by location has a score for so many places.
LONGEST = 10
#: A Chinese character is a word; other words end at a space.
WORD = re.compile("[\u4e00-\u9fff]|[^ \t\n\r\u3000\u4e00-\u9fff]+")
#: Knuth's: 2^32 over the golden ratio.
MULTIPLIER = 2654435761


class RuleWeights(NamedTuple):
    """The weights of a scoring rule.

    Attributes:
        weight: (rows, 2 D).
        bias: (rows,).
    """

    weight: Tensor
    bias: Tensor


def words_of(text: str) -> list[str]:
    """Cut a sentence into words: at spaces, and around each Chinese character.

    Raises:
        ValueError: No word, or more than `LONGEST`.
    """
    words = WORD.findall(text)
    if not 1 <= len(words) <= LONGEST:
        raise ValueError(f"expected 1 to {LONGEST} words, got {len(words)}")
    return words


def vector_of(word: str) -> Tensor:
    """Make a word's vector of its letters, (D,): words that share letters are close.

    Each letter adds 1 to two of the features, or takes it away; which ones, its number in Unicode
    says. Then the vector is brought to length √D. It knows nothing of what a word means.
    """
    counts = [0] * SIZE
    for letter in word.lower():
        bits = ord(letter) * MULTIPLIER % 2**32 >> 24
        first, second = bits >> 5, bits >> 2 & 7
        second = (first + 1 + second % (SIZE - 1)) % SIZE  # another one
        counts[first] += 1 - 2 * (bits & 1)
        counts[second] += 1 - (bits & 2)
    squares = sum(number**2 for number in counts)
    length = math.sqrt(SIZE / squares) if squares else 0.0
    return torch.tensor([number * length for number in counts], dtype=torch.float64)


def weights_of_rule(rule: Rule) -> RuleWeights | None:
    """Give the weights that the explorer uses for a rule; None for the dot product, which has none.

    Those of the additive rule are set by hand: for each feature two units, which together ask
    whether query and key agree in it. The others are drawn at random.
    """
    if rule == "dot":
        return None
    if rule == "additive":
        eye = torch.eye(SIZE, dtype=torch.float64) / 2
        weight = torch.cat([torch.cat([eye, -eye], dim=1), torch.cat([-eye, eye], dim=1)])
        return RuleWeights(weight, torch.ones(2 * SIZE, dtype=torch.float64))
    rows = LONGEST if rule == "location" else 1
    draw = random.Random(RULES.index(rule))
    numbers = [[round(draw.uniform(-0.5, 0.5), 2) for _ in range(2 * SIZE)] for _ in range(rows)]
    bias = torch.zeros(rows, dtype=torch.float64)
    return RuleWeights(torch.tensor(numbers, dtype=torch.float64), bias)


def sentence_weights(
    text: str, rule: Rule, *, scaled: bool = True, halved: bool = False
) -> tuple[Tensor, Tensor]:
    """Score each word of a sentence for each of them, and give the attention weights.

    Args:
        text: Up to `LONGEST` words.
        rule: ``"location"`` (its one key is the last word), ``"linear"``, ``"additive"`` or
            ``"dot"``.
        scaled: Divide the dot products by √D.
        halved: Weigh the units of the additive rule by a vector v of halves, not of ones.

    Returns:
        Scores and weights, (N, N): a row for each query, a column for each key.

    Raises:
        ValueError: No word, too many of them, or an unknown rule.
    """
    if rule not in RULES:
        raise ValueError(f"expected rule to be one of {', '.join(RULES)}, got {rule!r}")
    x = torch.stack([vector_of(word) for word in words_of(text)])  # (N, D)
    weights = weights_of_rule(rule)
    if weights is None:
        scores = dot_product_scores(x, x) * (1 if scaled else math.sqrt(SIZE))
    elif rule == "location":
        W, b = weights
        scores = location_scores(x, x[-1:].expand_as(x), W[: len(x)], b[: len(x)])
    elif rule == "linear":
        scores = linear_scores(x, x, *weights)
    else:
        v = torch.full_like(weights.bias, 0.5) if halved else None
        scores = additive_scores(x, x, *weights, v)
    return scores, masked_softmax(scores)
