"""Other right answers to the exercises of the chapter "Attention"."""

import torch

from rnnlab import scratch


def additive_by_parts(query, keys, W, b, v):
    Wq, Wk = W.split([query.shape[1], keys.shape[1]], dim=1)
    return torch.tanh((query @ Wq.T).unsqueeze(1) + (keys @ Wk.T + b).unsqueeze(0)).matmul(v)


def additive_by_pairs(q, k, weight, bias, vector):
    Q, N = len(q), len(k)
    pairs = torch.cat([q.repeat_interleave(N, dim=0), k.repeat(Q, 1)], dim=1)
    hidden = torch.nn.functional.linear(pairs, weight, bias).tanh()
    return torch.einsum("pa,a->p", hidden, vector).reshape(Q, N)


def dot_by_einsum(query, keys):
    return torch.einsum("bqd,bnd->bqn", query, keys) * query.shape[2] ** -0.5


def dot_by_loop(query, keys):
    rows = [q @ k.T for q, k in zip(query, keys, strict=True)]
    return torch.stack(rows) / torch.tensor(query.size(-1), dtype=query.dtype).sqrt()


def location_by_package(query, key, values, W, b):
    rows = values.shape[0]
    scores = scratch.location_scores(query[None], key[None], W[:rows], b[:rows])
    weights = scratch.masked_softmax(scores)
    return (weights @ values)[0], weights[0]


def location_by_mask(query, key, values, W, b):
    scores = W @ torch.cat([query, key]) + b
    real = torch.arange(len(b)) < len(values)
    weights = torch.softmax(torch.where(real, scores, -torch.inf), dim=-1)[: len(values)]
    return [(weights[:, None] * values).sum(dim=0), weights]


def masked_by_hand(scores, mask):
    shown = torch.where(mask, scores, -1e300 if scores.dtype == torch.float64 else -1e30)
    powers = torch.where(mask, (shown - shown.amax(-1, keepdim=True)).exp(), 0.0)
    total = powers.sum(-1, keepdim=True)
    return powers / torch.where(total > 0, total, 1.0)


def masked_by_loop(scores, mask):
    rows = []
    for e, seen in zip(scores, mask, strict=True):
        row = torch.zeros_like(e)
        if seen.any():
            row = row.masked_scatter(seen, torch.softmax(e[seen], dim=0))
        rows.append(row)
    return torch.stack(rows)


def mixture_by_einsum(weights, outputs):
    return torch.einsum("bn,nbf->bf", weights, outputs)


def mixture_by_sum(alpha, h):
    return (alpha.T.unsqueeze(-1) * h).sum(0)


def backward_by_jacobian(weights, slope):
    jacobian = torch.diag_embed(weights) - weights[..., :, None] * weights[..., None, :]
    return torch.einsum("qnm,qm->qn", jacobian, slope)


def backward_by_pairs(alpha, g):
    return torch.stack([a * s - a * (a @ s) for a, s in zip(alpha, g, strict=True)])


def count_by_building(rule, D, E, N, F, outputs, A, combine):
    options = {"hidden_size": A} if rule == "additive" else {}
    built = scratch.Attention(D, E, N, F, outputs, rule=rule, combine=combine, **options)
    return sum(p.numel() for p in built.parameters())


def count_by_layers(rule, d, e, n, f, o, a, with_query):
    def layer(m, k):
        return k * m + k

    score = 0
    if rule == "location":
        score = layer(d + e, n)
    elif rule == "linear":
        score = layer(d + e, 1)
    elif rule == "additive":
        score = layer(d + e, a)
    return score + (layer(f + d, o) if with_query else layer(f, o))


RIGHT = {
    "att-additive-score": (scratch.additive_scores, additive_by_parts, additive_by_pairs),
    "att-dot-scores": (scratch.dot_product_scores, dot_by_einsum, dot_by_loop),
    "att-location": (location_by_package, location_by_mask),
    "att-mixture": (mixture_by_einsum, mixture_by_sum),
    "att-masked-softmax": (scratch.masked_softmax, masked_by_hand, masked_by_loop),
    "att-softmax-backward": (backward_by_jacobian, backward_by_pairs),
    "att-count": (count_by_building, count_by_layers),
}
