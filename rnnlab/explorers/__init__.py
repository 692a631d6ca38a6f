"""What the book's explorers compute, in Python: the page and the package give the same numbers.

Chapter: explorers. The browser has its own arithmetic (``book/_static/explorers``), which the tests
hold against these functions.
"""

from rnnlab.explorers.gaps import Gap, gap_layer, through_gap
from rnnlab.explorers.ledgers import model_parts
from rnnlab.explorers.networks import UNITS, may_follow, new_network, shipped_network, train
from rnnlab.explorers.sentences import (
    LONGEST,
    SIZE,
    RuleWeights,
    sentence_weights,
    vector_of,
    weights_of_rule,
    words_of,
)
from rnnlab.explorers.stepping import Trace, trace

__all__ = [
    "LONGEST",
    "SIZE",
    "UNITS",
    "Gap",
    "RuleWeights",
    "Trace",
    "gap_layer",
    "may_follow",
    "model_parts",
    "new_network",
    "sentence_weights",
    "shipped_network",
    "through_gap",
    "trace",
    "train",
    "vector_of",
    "weights_of_rule",
    "words_of",
]
