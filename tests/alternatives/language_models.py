"""Other right answers to the exercises of the chapter "Language models"."""

import math
from collections import Counter

import torch
from torch.distributions import Categorical

from rnnlab import models


def perplexity_by_characters(losses, lengths):
    each = losses.repeat_interleave(lengths)
    perplexity = each.neg().exp().log().mean().neg().exp()
    return perplexity, perplexity.log2()


def perplexity_by_loop(mean_of_lines, characters):
    total = sum(a * b for a, b in zip(mean_of_lines.tolist(), characters.tolist(), strict=True))
    bits = total / sum(characters.tolist()) / math.log(2)
    return [2**bits, bits]


def smoothed_by_package(counts):
    V = len(counts[0])
    model = models.NGram(torch.tensor([0, 0]), len(counts), V)
    context = tuple(range(V, V + len(counts) - 1))  # of numbers that are no tokens
    model.counts = {
        context[len(context) - size :]: Counter(
            {k: int(n) for k, n in enumerate(row.tolist()) if n}
        )
        for size, row in enumerate(counts)
    }
    p = [model.probability(token, context) for token in range(V)]
    return torch.tensor(p, dtype=counts[0].dtype)


def smoothed_by_recursion(counts):
    if not counts:
        raise AssertionError
    own, *_ = counts[-1:]
    shorter = smoothed_by_recursion(counts[:-1]) if counts[1:] else own.new_full(own.shape, 1)
    shorter = shorter / shorter.sum()
    if not own.any():
        return shorter
    seen, different = own.sum(), own.count_nonzero()
    weight = seen / (seen + different)
    return weight * own / seen + (1 - weight) * shorter


def temperature_by_powers(logits, tau):
    p = torch.log_softmax(logits, -1) / tau
    return (p - p.logsumexp(-1, keepdim=True)).exp()


def temperature_by_exp(logits, temperature):
    scores = (logits - logits.amax(-1, keepdim=True)).div(temperature).exp()
    return scores / scores.sum(-1, keepdim=True)


def top_k_by_scatter(logits, k):
    values, places = logits.topk(k)
    return torch.zeros_like(logits).scatter(-1, places, values.softmax(-1))


def top_k_by_rows(logits, k):
    rows = []
    for row in logits:
        stays = row >= row.sort(descending=True).values[k - 1]
        p = Categorical(logits=row).probs * stays
        rows.append(p / p.sum())
    return torch.stack(rows)


def nucleus_by_loop(scores, q):
    p = scores.softmax(0)
    kept, total = torch.zeros_like(p), 0.0
    for k in p.argsort(descending=True).tolist():
        kept[k] = p[k]
        total += p[k].item()
        if total >= q:
            return kept / total
    return kept / total


def nucleus_by_comparing(scores, q):
    p = scores.softmax(-1)
    ahead = torch.where(p[:, None] > p, p[:, None], 0).sum(0)  # of all that are likelier
    return scores.masked_fill(ahead >= q, -torch.inf).softmax(-1)


def beam_by_sorting(log_p, scores, width):
    tried = [
        (scores[w] + log_p[w, v], w, v)
        for w in range(log_p.shape[0])
        for v in range(log_p.shape[1])
    ]
    tried.sort(key=lambda one: -one[0])
    values, beams, tokens = zip(*tried[:width], strict=True)
    return torch.stack(values), torch.tensor(beams), torch.tensor(tokens)


def beam_by_unravel(log_p, scores, width):
    total = (scores + log_p.T).T
    values, places = total.reshape(-1).sort(descending=True)
    return [values[:width], *torch.unravel_index(places[:width], total.shape)]


RIGHT = {
    "lm-perplexity": (perplexity_by_characters, perplexity_by_loop),
    "lm-smoothed": (smoothed_by_package, smoothed_by_recursion),
    "lm-temperature": (temperature_by_powers, temperature_by_exp),
    "lm-top-k": (top_k_by_scatter, top_k_by_rows),
    "lm-nucleus": (nucleus_by_loop, nucleus_by_comparing),
    "lm-beam-step": (beam_by_sorting, beam_by_unravel),
}
