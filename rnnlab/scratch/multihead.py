"""Multi-head attention: several dot-product attentions side by side, the core of Transformers.

Chapter: attention.

Axes: ``B`` batch, ``Q`` queries, ``N`` positions, ``M`` features of the model, ``K`` heads.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from rnnlab.scratch.affine import Affine
from rnnlab.scratch.attention import masked_softmax
from rnnlab.scratch.scoring import dot_product_scores


class MultiheadAttention(nn.Module):
    """Project queries, keys and values, attend in each head apart, join the heads, project again.

    Equation `att-multihead` (Vaswani et al., 2017). Parameters have the names, and shapes
    of ``torch.nn.MultiheadAttention``, and its masks their meaning there: **True hides** a
    position, where elsewhere in this package True shows it.

    Args:
        embed_dim: Features M.
        num_heads: Number of heads K; each has M / K features.
        dropout: Share of the weights that is dropped in training.
        batch_first: Whether a batch is (B, Q, M), not (Q, B, M).
        device: Where the weights lie.
        dtype: Their type.

    Raises:
        ValueError: A number of features that the heads cannot share, or an unusable dropout.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        batch_first: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(
                f"expected embed_dim to be a multiple of num_heads, got {embed_dim} and {num_heads}"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"expected dropout from 0 to 1, got {dropout}")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.dropout, self.batch_first = dropout, batch_first
        stacked = torch.empty(3 * embed_dim, embed_dim, device=device, dtype=dtype)
        self.in_proj_weight = nn.Parameter(stacked)  # rows of queries, keys, values
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim, device=device, dtype=dtype))
        self.out_proj = Affine(embed_dim, embed_dim, device, dtype)
        bound = math.sqrt(6 / (4 * embed_dim))  # Glorot and Bengio (2010)
        with torch.no_grad():
            self.in_proj_weight.uniform_(-bound, bound)
            self.out_proj.bias.zero_()

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            query: (Q, B, M); (B, Q, M) if `batch_first`; or (Q, M).
            key: (N, B, M); (B, N, M) if `batch_first`; or (N, M).
            value: Shaped like `key`.
            key_padding_mask: True where a position is padding, (B, N), or (N,).
            need_weights: Return the weights too.
            attn_mask: True where a query must not attend to a position, (Q, N), or for each
                head of each sequence, (B·K, Q, N).
            average_attn_weights: Return the mean of the heads' weights, not those of each.

        Returns:
            Outputs, shaped like `query`, and the weights before dropout, (B, Q, N), or
            (B, K, Q, N) of each head, without B for inputs without it; or None. Where a query may
            attend to nothing the weights are 0; ``torch.nn`` has NaN there.

        Raises:
            ValueError: Shapes that do not fit.
            TypeError: A mask that is not boolean.
        """
        self._check(query, key, value)
        batched = query.dim() == 3
        if batched and not self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        queries, keys, values = (
            linear(x, w, b).unflatten(-1, (self.num_heads, -1)).transpose(-3, -2)
            for x, w, b in zip(
                (query, key, value),
                self.in_proj_weight.chunk(3),
                self.in_proj_bias.chunk(3),
                strict=True,
            )
        )  # (B, K, Q, M / K), and N instead of Q
        shown = self._shown(key_padding_mask, attn_mask, batched)
        weights = masked_softmax(dot_product_scores(queries, keys), shown)  # (B, K, Q, N)
        heads = dropout(weights, self.dropout, self.training) @ values
        output: Tensor = self.out_proj(heads.transpose(-3, -2).flatten(-2))  # (B, Q, M)
        if batched and not self.batch_first:
            output = output.transpose(0, 1)
        if not need_weights:
            return output, None
        return output, weights.mean(-3) if average_attn_weights else weights

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        for name, x in (("query", query), ("key", key), ("value", value)):
            if x.dim() != query.dim() or x.dim() not in (2, 3) or x.size(-1) != self.embed_dim:
                raise ValueError(
                    f"expected {name} of 2 or 3 axes as the query, the last of size "
                    f"{self.embed_dim}, got shape {tuple(x.shape)}"
                )
        if key.shape != value.shape:
            raise ValueError(
                "expected one value for each key, got shapes "
                f"{tuple(key.shape)} and {tuple(value.shape)}"
            )

    def _shown(self, padding: Tensor | None, hidden: Tensor | None, batched: bool) -> Tensor | None:
        """Join the two masks and turn them round: True where a query may attend."""
        for name, m in (("key_padding_mask", padding), ("attn_mask", hidden)):
            if m is not None and m.dtype != torch.bool:
                raise TypeError(f"expected a boolean {name}, True where it hides, got {m.dtype}")
        if hidden is not None and hidden.dim() == 3:
            hidden = hidden.unflatten(0, (-1, self.num_heads) if batched else (self.num_heads,))
        if padding is not None:
            padding = padding[..., None, None, :]  # for all heads and queries
        masks = [m for m in (padding, hidden) if m is not None]
        if not masks:
            return None
        return ~masks[0] if len(masks) == 1 else ~(masks[0] | masks[1])
