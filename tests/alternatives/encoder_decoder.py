"""Other right answers to the exercises of the chapter "Encoder-decoder"."""

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from rnnlab import data
from rnnlab.data.shapes import SequencePairs
from rnnlab.models import decoding


def teaching_by_collate(outputs, start, stop):
    ends = torch.tensor([start]), torch.tensor([stop])
    pairs = [(tokens, torch.cat([ends[0], tokens, ends[1]])) for tokens in outputs]
    (_, _, previous), targets = SequencePairs.collate(pairs)
    return previous.masked_fill(targets == data.IGNORED, stop), targets


def teaching_by_padding(outputs, start, stop):
    reads = pad_sequence([torch.tensor([start, *y.tolist()]) for y in outputs], padding_value=stop)
    writes = pad_sequence([torch.tensor([*y.tolist(), stop]) for y in outputs], padding_value=-100)
    return reads, writes


def probability_by_loss(logits, tokens, start, stop):
    reads, writes = teaching_by_padding([tokens], start, stop)
    return -cross_entropy(logits[reads[:, 0]], writes[:, 0], reduction="sum")


def probability_by_loop(table, words, begin, end):
    total, before = 0.0, begin
    for word in [*words.tolist(), end]:
        total = total + table[before, word] - table[before].logsumexp(dim=0)
        before = word
    return total


def greedy_by_package(table, first, stop, most):
    state = torch.zeros(1, len(first))
    written = decoding.greedy(
        lambda tokens, state: (table[tokens], state), state, first, stop=stop, most=most
    )
    rest = torch.full((most - len(written), len(first)), stop)
    return torch.cat([written, rest])


def greedy_one_by_one(table, first, stop, most):
    rows = []
    for token in first.tolist():
        row, last = [], token
        while len(row) < most:
            last = stop if row and row[-1] == stop else int(table[last].argmax())
            row.append(last)
        rows.append(row)
    return torch.tensor(rows).T


def beam_by_lists(scores, log_p, width):
    candidates = [
        (float(scores[w] + log_p[w, v]), w, v)
        for w in range(log_p.shape[0])
        for v in range(log_p.shape[1])
    ]
    best = sorted(candidates, reverse=True)[:width]
    values, parents, tokens = zip(*best, strict=True)
    return torch.tensor(values, dtype=scores.dtype), torch.tensor(parents), torch.tensor(tokens)


def beam_by_sorting(scores, log_p, width):
    total = scores.unsqueeze(1) + log_p
    order = total.view(-1).argsort(descending=True)[:width]
    parents, tokens = torch.unravel_index(order, total.shape)
    return [total[parents, tokens], parents, tokens]


def ranking_by_loop(log_p, lengths, alpha):
    pairs = zip(log_p.tolist(), lengths.tolist(), strict=True)
    scores = [p / (n + 1) ** alpha for p, n in pairs]
    order = sorted(range(len(scores)), key=lambda k: -scores[k])
    return torch.tensor(scores, dtype=log_p.dtype), torch.tensor(order)


def ranking_by_logarithm(p, n, a):
    scores = -torch.exp(torch.log(-p) - a * torch.log1p(n.double()))
    return scores, torch.sort(-scores).indices


def ranking_plain(log_p, lengths, alpha):
    scores = log_p / (lengths + 1) ** alpha
    return scores, scores.topk(len(scores)).indices


RIGHT = {
    "seq2seq-log-probability": (probability_by_loss, probability_by_loop),
    "seq2seq-teacher-forcing": (teaching_by_collate, teaching_by_padding),
    "seq2seq-greedy": (greedy_by_package, greedy_one_by_one),
    "seq2seq-beam-step": (beam_by_lists, beam_by_sorting),
    "seq2seq-length-penalty": (ranking_by_loop, ranking_by_logarithm, ranking_plain),
}
