"""The rules that score a key for a query, each a small function, and one module for all.

They are those of the chapter "Attention": `location_scores` and `linear_scores` (the two readings
of "softmax of a linear layer over [q; k]"), `additive_scores`, `dot_product_scores`.

Axes: ``Q`` queries, ``N`` positions (keys and values), ``D`` features of a query, ``E`` of a key,
``A`` hidden units of a score. Any number of axes may stand before these, none among them.
"""

import math
from typing import Literal, TypedDict

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from rnnlab.scratch.affine import Affine

Rule = Literal["location", "linear", "additive", "dot"]
RULES: tuple[Rule, ...] = ("location", "linear", "additive", "dot")


def location_scores(query: Tensor, key: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Score positions by their number: Linear([q; k]), an output for each. Equation `att-location`.

    The score of position j comes from row j of the weight. It looks at one query and one key, and
    not at what stands at position j (Luong et al., 2015, call such a rule location-based).

    Args:
        query: (..., Q, D).
        key: One for each query, (..., Q, E).
        weight: (N, D + E).
        bias: (N,).

    Returns:
        Scores, (..., Q, N).
    """
    return linear(torch.cat([query, key], dim=-1), weight, bias)


def linear_scores(query: Tensor, key: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Score each key by a linear function: Linear([q; k_j]), one number. Equation `att-linear`.

    The query's share is the same for every key, and a softmax takes away what all scores have in
    common: the weights do not depend on the query at all.

    Args:
        query: (..., Q, D).
        key: (..., N, E).
        weight: (1, D + E).
        bias: (1,).

    Returns:
        Scores, (..., Q, N).
    """
    return _pairwise(query, key, weight, bias).squeeze(-1)


def additive_scores(
    query: Tensor, key: Tensor, weight: Tensor, bias: Tensor, v: Tensor | None = None
) -> Tensor:
    """Score each key by a small network: sum(tanh(Linear([q; k_j]))). Equation `att-additive`.

    With a vector v it is v · tanh(...), the form of Bahdanau et al. (2015), Equation
    `att-additive-v`.

    Args:
        query: (..., Q, D).
        key: (..., N, E).
        weight: (A, D + E).
        bias: (A,).
        v: (A,), or None for the plain sum.

    Returns:
        Scores, (..., Q, N).
    """
    hidden = torch.tanh(_pairwise(query, key, weight, bias))  # (..., Q, N, A)
    return hidden.sum(-1) if v is None else hidden @ v


def dot_product_scores(query: Tensor, key: Tensor) -> Tensor:
    """Score each key by its dot product with the query, over √D. Equation `att-dot`.

    The products of D independent numbers of variance 1 add up to variance D; the root keeps scores
    in the range where the softmax has a gradient (Vaswani et al., 2017).

    Args:
        query: (..., Q, D).
        key: (..., N, D).

    Returns:
        Scores, (..., Q, N).
    """
    return query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))


def _pairwise(query: Tensor, key: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Linear([q; k]) for every pair, (..., Q, N, A), without laying the pairs side by side."""
    w_query, w_key = weight.split([query.size(-1), key.size(-1)], dim=1)
    return linear(query, w_query)[..., :, None, :] + linear(key, w_key, bias)[..., None, :, :]


class ScoreOptions(TypedDict, total=False):
    """What a `Score` may be told beside its sizes and its rule."""

    hidden_size: int | None
    learned_v: bool


class Score(nn.Module):
    """One of the scoring rules with its weights.

    Args:
        query_size: Features D of a query.
        key_size: Features E of a key.
        rule: ``"location"``, ``"linear"``, ``"additive"`` or ``"dot"``.
        positions: Greatest number of positions N; for the rule ``"location"`` alone.
        hidden_size: Hidden units A; for the rule ``"additive"`` alone. `key_size` if None.
        learned_v: Weigh the hidden units by a learned vector, not alike; for ``"additive"`` alone.
        device: Where the weights lie.
        dtype: Their type.

    Raises:
        ValueError: An unknown rule, a size below 1, no number of positions where the rule needs
            it, or sizes of query and key that have no dot product.
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        rule: Rule = "dot",
        *,
        positions: int | None = None,
        hidden_size: int | None = None,
        learned_v: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if rule not in RULES:
            raise ValueError(f"expected rule to be one of {', '.join(RULES)}, got {rule!r}")
        if rule == "dot" and query_size != key_size:
            raise ValueError(
                "expected query and key of one size for a dot product, got "
                f"query_size={query_size} and key_size={key_size}"
            )
        if rule == "location" and positions is None:
            raise ValueError("expected the number of positions for the rule 'location', got None")
        rows = {"location": positions, "linear": 1, "additive": hidden_size or key_size}.get(rule)
        self.rule, self.query_size, self.key_size = rule, query_size, key_size
        self.pair = Affine(query_size + key_size, rows, device, dtype) if rows else None
        self.v: nn.Parameter | None = None
        if learned_v and rule == "additive" and rows:
            bound = 1 / math.sqrt(rows)
            v = torch.empty(rows, device=device, dtype=dtype).uniform_(-bound, bound)
            self.v = nn.Parameter(v)

    def forward(self, query: Tensor, key: Tensor, positions: int | None = None) -> Tensor:
        """Score.

        Args:
            query: (..., Q, D).
            key: (..., N, E); for the rule ``"location"`` one for each query, (..., Q, E).
            positions: How many positions there are, for the rule ``"location"`` alone; all that
                it knows if None.

        Returns:
            Scores, (..., Q, N).

        Raises:
            ValueError: Sizes that do not fit.
        """
        for name, x, size in (("query", query, self.query_size), ("key", key, self.key_size)):
            if x.dim() < 2 or x.size(-1) != size:
                raise ValueError(
                    f"expected {name} of shape (..., steps, {size}), got {tuple(x.shape)}"
                )
        if self.pair is None:
            return dot_product_scores(query, key)
        weight, bias = self.pair.weight, self.pair.bias
        if self.rule == "linear":
            return linear_scores(query, key, weight, bias)
        if self.rule == "additive":
            return additive_scores(query, key, weight, bias, self.v)
        if query.size(-2) != key.size(-2):
            raise ValueError(
                "expected one key for each query for the rule 'location', got "
                f"{query.size(-2)} queries and {key.size(-2)} keys"
            )
        if positions is not None and positions > len(bias):
            raise ValueError(
                f"expected at most {len(bias)} positions, all that this rule has scores for, "
                f"got {positions}"
            )
        return location_scores(query, key, weight[:positions], bias[:positions])

    def extra_repr(self) -> str:
        """The sizes and the rule."""
        return f"{self.query_size}, {self.key_size}, rule={self.rule!r}"
