"""Attention from first principles: a softmax that masks, a weighted mean, the whole mechanism.

A query is compared with keys (`rnnlab.scratch.scoring`); the scores become weights; the weights mix
the values. Chapter: attention.

Axes: ``Q`` queries, ``N`` positions (keys and values), ``D`` features of a query, ``E`` of a key,
``F`` of a value, ``O`` of an output. Any number of axes may stand before these, none among them.
"""

import math
from typing import Unpack

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from rnnlab.scratch.affine import Affine
from rnnlab.scratch.scoring import Rule, Score, ScoreOptions


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Turn scores into weights that are positive and sum to 1. Equation `att-softmax`.

    Args:
        scores: (..., Q, N).
        mask: True where a position may be attended to, (..., Q, N) or of a shape that broadcasts to
            it; None for everywhere.

    Returns:
        Weights, (..., Q, N). A query that may attend to nothing gets zeros.

    Raises:
        TypeError: A mask that is not boolean.
    """
    if mask is None:
        return torch.softmax(scores, dim=-1)
    if mask.dtype != torch.bool:
        raise TypeError(f"expected a boolean mask, True where a query may attend, got {mask.dtype}")
    # Where nothing may be attended to, the softmax of minus infinities would be NaN, and so would
    # its gradient: there it is taken of zeros, and its result thrown away.
    nothing = ~mask.any(dim=-1, keepdim=True)
    scores = scores.masked_fill(~mask, -math.inf).masked_fill(nothing, 0.0)
    return torch.softmax(scores, dim=-1).masked_fill(~mask, 0.0)


def causal_mask(queries: int, positions: int, device: torch.device | str | None = None) -> Tensor:
    """Let query t attend to the positions up to its own, (Q, N), bool."""
    return torch.ones(queries, positions, dtype=torch.bool, device=device).tril()


class Attention(nn.Module):
    """The attention mechanism in three steps: score and mix, combine with the query, bring to size.

    1. The weights are the softmax of the scores; the context is the weights' mean of the values.
    2. The rules over [q; k] put the query beside the context; the dot product leaves it out.
    3. A linear layer brings the result to `output_size`. Equation `att-output`.

    Args:
        query_size: Features D of a query.
        key_size: Features E of a key.
        value_size1: Number of values N; the rule ``"location"`` has a score for so many and no
            more, the other rules take any number and do not look at it.
        value_size2: Features F of a value.
        output_size: Features O of an output.
        rule: ``"location"``, ``"linear"``, ``"additive"`` or ``"dot"``.
        combine: Put the query beside the context; as the rule asks if None.
        dropout: Share of the weights that is dropped in training.
        device: Where the weights lie.
        dtype: Their type.
        **score: Further arguments of `Score`: hidden_size, learned_v.

    Raises:
        ValueError: Unusable arguments.
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        value_size1: int | None,
        value_size2: int,
        output_size: int,
        *,
        rule: Rule = "dot",
        combine: bool | None = None,
        dropout: float = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **score: Unpack[ScoreOptions],
    ) -> None:
        super().__init__()
        if not 0 <= dropout <= 1:
            raise ValueError(f"expected dropout from 0 to 1, got {dropout}")
        self.score = Score(
            query_size, key_size, rule, positions=value_size1, device=device, dtype=dtype, **score
        )
        self.combine = rule != "dot" if combine is None else combine
        self.dropout = dropout
        self.output = Affine(value_size2 + query_size * self.combine, output_size, device, dtype)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None = None,
        need_weights: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            query: (..., Q, D).
            key: (..., N, E); for the rule ``"location"`` one for each query, (..., Q, E).
            value: (..., N, F).
            mask: True where a query may attend to a position, (..., Q, N) or of a shape that
                broadcasts to it; None for everywhere.
            need_weights: Return the weights too.

        Returns:
            Outputs, (..., Q, O), and the weights before dropout, (..., Q, N), or None. A query that
            may attend to nothing has a context of zeros.

        Raises:
            ValueError: Sizes that do not fit.
            TypeError: A mask that is not boolean.
        """
        N = value.size(-2)
        if self.score.rule != "location" and key.size(-2) != N:
            raise ValueError(
                f"expected one value for each key, got {key.size(-2)} keys and {N} values"
            )
        weights = masked_softmax(self.score(query, key, N), mask)
        context = dropout(weights, self.dropout, self.training) @ value  # (..., Q, F)
        if self.combine:
            context = torch.cat([query, context], dim=-1)
        output: Tensor = self.output(context)
        return output, weights if need_weights else None
