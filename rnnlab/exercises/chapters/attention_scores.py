"""Exercises of the chapter "Attention" on scores.

Axes: ``B`` batch, ``Q`` queries, ``N`` positions, ``D`` features of a query, ``E`` of a key,
``F`` of a value, ``A`` hidden units of a score, ``P`` positions that a rule was built for.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def additive_score(query: Tensor, keys: Tensor, W: Tensor, b: Tensor, v: Tensor) -> Tensor:
    """The additive score of every key for every query."""
    rows = [[v @ torch.tanh(W @ torch.cat([q, k]) + b) for k in keys] for q in query]
    return torch.stack([torch.stack(row) for row in rows])


def _additive_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for Q, N, D, E, A in ((3, 5, 4, 4, 2), (1, 2, 2, 3, 4), (2, 1, 3, 1, 3)):
        shapes = ((Q, D), (N, E), (A, D + E), (A,), (A,))
        yield tuple(random(generator, *shape) for shape in shapes)


def _inside(query, keys, W, b):
    D = query.shape[-1]
    return (query @ W[:, :D].mT)[:, None] + keys @ W[:, D:].mT + b


def _key_first(query, keys, *weights):
    return additive_score(keys, query, *weights).mT


ADDITIVE = Exercise(
    name="att-additive-score",
    chapter="attention",
    title="Every pair by hand",
    goal="write the additive score as its equation says it",
    minutes=15,
    level="easy",
    hints=(
        "The result has shape (Q, N): an entry for each pair of a query and a key.",
        "`W @ torch.cat([q, k]) + b` is the inside of the tanh.",
        "One entry is `v @ torch.tanh(...)`. Two loops and `torch.stack` will do.",
    ),
    mistakes=(
        Mistake(
            "the key stands first",
            "Query and key are exchanged in the concatenation: the first columns of W belong to "
            "the query. See the equation of the additive rule.",
            _key_first,
        ),
        Mistake(
            "no tanh",
            "The tanh is missing. Without it the query's share is the same for all keys and the "
            "softmax takes it away; see the linear rule.",
            lambda query, keys, W, b, v: _inside(query, keys, W, b) @ v,
        ),
        Mistake(
            "the tanh comes last",
            "The tanh is applied to the finished score. It belongs inside, to each hidden unit, "
            "before v weighs them.",
            lambda query, keys, W, b, v: torch.tanh(_inside(query, keys, W, b) @ v),
        ),
        Mistake(
            "v is not used",
            "The hidden units are only added up: that is the additive rule without v. Here a "
            "learned vector weighs them.",
            lambda query, keys, W, b, _: torch.tanh(_inside(query, keys, W, b)).sum(dim=-1),
        ),
        Mistake(
            "the bias is left out",
            "The bias is missing from the inside of the tanh.",
            lambda query, keys, W, b, v: additive_score(query, keys, W, 0 * b, v),
        ),
        Mistake(
            "v inside the tanh",
            "v weighs the hidden units before the tanh. Then no unit can add more than 1 to a "
            "score, and it was v that should lift this limit.",
            lambda query, keys, W, b, v: torch.tanh(_inside(query, keys, W, b) * v).sum(dim=-1),
        ),
    ),
    stub='''def additive_score(query, keys, W, b, v):
    """The additive score of every key for every query, v^T tanh(W [q; k] + b).

    query (Q, D), keys (N, E), W (A, D + E), b (A,), v (A,).
    Returns (Q, N).
    """
    raise NotImplementedError
''',
    reference=additive_score,
    cases=_additive_cases,
    parts=(Part("the score", ("query", "key")),),
    about='"Rule 2, additive"',
    differentiable=True,
    strict_types=True,
    explained="The package splits W into its columns for the query and for the key. Then each "
    "query and each key is multiplied once, and only the sums are made for pairs: for 3 queries "
    "and 5 keys that is 3 + 5 products with a part of W in place of 15 with all of it.",
)


def dot_scores(query: Tensor, keys: Tensor) -> Tensor:
    """Scaled dot products of all queries with all keys of the same sequence."""
    return torch.bmm(query, keys.transpose(1, 2)) / math.sqrt(query.shape[-1])


def _dot_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, Q, N, D in ((2, 3, 5, 4), (3, 1, 2, 3), (1, 4, 4, 2), (2, 2, 1, 6)):
        yield random(generator, B, Q, D), random(generator, B, N, D)


def _product(query, keys):
    return query @ keys.mT


DOT = Exercise(
    name="att-dot-scores",
    chapter="attention",
    title="Scaled dot products",
    goal="compute the scores of a whole batch in one product",
    minutes=10,
    level="easy",
    hints=(
        "Each sequence of the batch has queries and keys of its own. `torch.bmm` multiplies them "
        "pair by pair.",
        "(B, Q, D) times (B, D, N) gives (B, Q, N). So which two axes of the keys change places?",
        "Divide by the square root of the number of features, the last axis of a query.",
    ),
    mistakes=(
        Mistake(
            "not scaled",
            "The products are right, but they are not scaled. With many features they grow, and "
            "the softmax loses its gradient; see the figure.",
            _product,
        ),
        Mistake(
            "divided by d",
            "Divided by the number of features, not by its root. What is the standard deviation of "
            "a sum of d products of variance 1?",
            lambda query, keys: _product(query, keys) / query.shape[-1],
        ),
        Mistake(
            "the root of the number of keys",
            "Scaled by the number of keys. What makes the products grow is the number of features "
            "that are added up.",
            lambda query, keys: _product(query, keys) / math.sqrt(keys.shape[1]),
        ),
        Mistake(
            "multiplied by the root",
            "Multiplied by the root where it should be divided: large products get larger.",
            lambda query, keys: _product(query, keys) * math.sqrt(query.shape[-1]),
        ),
        Mistake(
            "the cosine",
            "Each product is divided by the lengths of both vectors: that is the cosine of their "
            "angle. The rule divides all by the same number.",
            lambda query, keys: _product(
                torch.nn.functional.normalize(query, dim=-1),
                torch.nn.functional.normalize(keys, dim=-1),
            ),
        ),
        Mistake(
            "another sequence's keys",
            "The queries of a sequence meet the keys of another one. `torch.bmm` keeps the axis "
            "of the batch.",
            lambda query, keys: dot_scores(query, keys.flip(0)),
        ),
    ),
    stub='''def dot_scores(query, keys):
    """Scaled dot products of all queries with all keys of the same sequence.

    query (B, Q, D), keys (B, N, D).
    Returns (B, Q, N).
    """
    raise NotImplementedError
''',
    reference=dot_scores,
    cases=_dot_cases,
    parts=(Part("the score", ("sequence", "query", "key")),),
    about='"Rule 3, scaled dot product"',
    differentiable=True,
    strict_types=True,
    explained="`query @ keys.mT` is the same product for any number of axes before the last two.",
)


def by_location(
    query: Tensor, key: Tensor, values: Tensor, W: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """The context and the weights of the rule that scores places by their number."""
    N = len(values)
    weights = torch.softmax(W[:N] @ torch.cat([query, key]) + b[:N], dim=0)
    return weights @ values, weights


def _location_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for D, E, P, N, F in ((3, 2, 5, 3, 2), (2, 2, 4, 4, 3), (1, 3, 6, 1, 2), (2, 1, 3, 2, 1)):
        shapes = ((D,), (E,), (N, F), (P, D + E), (P,))
        yield tuple(random(generator, *shape) for shape in shapes)


def _cut_after_softmax(query, key, values, W, b):
    weights = torch.softmax(W @ torch.cat([query, key]) + b, dim=0)[: len(values)]
    return weights @ values, weights


def _key_before_query(query, key, values, W, b):
    return by_location(key, query, values, W, b)


LOCATION = Exercise(
    name="att-location",
    chapter="attention",
    title="A rule with a greatest length",
    goal="write the rule that knows places and no contents, and see its limit",
    minutes=15,
    level="medium",
    hints=(
        "The score of place j comes from row j of W and entry j of b.",
        "There are N values, and W has rows for P places. The first N of them are needed.",
        "Cut W and b to N rows first, then take the softmax. The context is the sum of the values "
        "with these weights.",
    ),
    mistakes=(
        Mistake(
            "cut after the softmax",
            "The weights do not sum to 1: places that do not exist took their share first. Leave "
            "them out before the softmax, as with a mask.",
            _cut_after_softmax,
        ),
        Mistake(
            "the last rows",
            "You use the last rows of W. The first place belongs to the first row, however short "
            "the input is.",
            lambda query, key, values, W, b: by_location(
                query, key, values, W[-len(values) :], b[-len(values) :]
            ),
        ),
        Mistake(
            "the key stands first",
            "Query and key are exchanged in the concatenation: the first columns of W belong to "
            "the query.",
            _key_before_query,
        ),
        Mistake(
            "the bias is left out",
            "The bias is missing. Here it is no constant that the softmax takes away: each place "
            "has its own.",
            lambda query, key, values, W, b: by_location(query, key, values, W, 0 * b),
        ),
        Mistake(
            "all places alike",
            "All weights are equal, so the context is a mean. The softmax goes over the places; "
            "over an axis with one entry it gives 1.",
            lambda query, key, values, W, b: by_location(query, key, values, 0 * W, 0 * b),
        ),
    ),
    stub='''def by_location(query, key, values, W, b):
    """Attention by the concat rule, read literally: scores W [q; k] + b, one for each place.

    query (D,), key (E,), values (N, F), W (P, D + E), b (P,), where P is the greatest number of
    places, and N at most P. Places without a value do not take part.
    Returns the context (F,) and the weights (N,).
    """
    raise NotImplementedError
''',
    reference=by_location,
    cases=_location_cases,
    parts=(Part("the context", ("feature",)), Part("the weight", ("place",))),
    about='"Rule 1, concat and linear: by location"',
    differentiable=True,
    strict_types=True,
    explained="Nothing in it can be asked for place P + 1: there is no row. And the values have no "
    "influence on the weights, whatever they are.",
)
