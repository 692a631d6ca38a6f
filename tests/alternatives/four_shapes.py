"""Other right answers to the exercises of the chapter "Sequences and the four shapes"."""

import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence, pad_sequence

from rnnlab import data


def settled_backwards(probabilities):
    best = probabilities.argmax(dim=1).tolist()
    steps = len(best)
    while steps > 1 and best[steps - 2] == best[-1]:
        steps -= 1
    return steps


def settled_by_text(p):
    letters = "".join("abcdefgh"[int(row.argmax())] for row in p)
    return torch.tensor(len(letters.rstrip(letters[-1])) + 1)


def pad_by_torch(sequences):
    return pad_sequence(sequences), torch.tensor([s.size(0) for s in sequences])


def pad_by_columns(parts):
    longest = max(map(len, parts))
    columns = [torch.cat([p, p.new_zeros(longest - len(p), p.shape[1])]) for p in parts]
    return [torch.stack(columns, dim=1), data.lengths_of(parts)]


def last_by_gather(outputs, lengths):
    index = (lengths - 1)[None, :, None].expand(1, -1, outputs.shape[-1])
    return outputs.gather(0, index)[0]


def last_by_loop(states, ends):
    return torch.stack([states[n - 1, b] for b, n in enumerate(ends.tolist())])


def mean_by_filling(losses, lengths):
    real = data.mask(lengths, len(losses))
    return losses.masked_fill(~real, 0.0).sum() / real.sum()


def mean_by_loop(losses, lengths):
    real = [losses[t, b] for b, n in enumerate(lengths.tolist()) for t in range(n)]
    return sum(real) / len(real)


def states_by_cell(x, lengths, W_ih, W_hh, b, backward):
    h, found, real = torch.zeros_like(x[0, :, :1]) * b, {}, data.mask(lengths, len(x))
    order = list(range(len(x)))
    for t in order[::-1] if backward else order:
        keep = real[t].to(x.dtype)[:, None]
        h = keep * torch.tanh(x[t] @ W_ih.t() + h @ W_hh.t() + b) + (1 - keep) * h
        found[t] = h
    return torch.stack([found[t] for t in order])


def states_one_by_one(x, lengths, w, u, bias, backward):
    columns = []
    for b, n in enumerate(lengths.tolist()):
        steps = x[:n, b].flip(0) if backward else x[:n, b]
        states, h = [], bias * 0
        for step in steps:
            h = torch.tanh(w @ step + u @ h + bias)
            states.append(h)
        rest = [h * 0 if backward else h] * (len(x) - n)
        columns.append(torch.stack((states[::-1] if backward else states) + rest))
    return torch.stack(columns, dim=1)


def states_by_packing(x, lengths, W_ih, W_hh, b, backward):
    layer = nn.RNN(W_ih.shape[1], len(b), bidirectional=True, dtype=x.dtype)
    weights = {"weight_ih": W_ih, "weight_hh": W_hh, "bias_ih": b, "bias_hh": 0 * b}
    both = {f"{k}_l0{end}": w for k, w in weights.items() for end in ("", "_reverse")}
    packed, _ = torch.func.functional_call(layer, both, (data.pack(x, lengths),))
    states, _ = pad_packed_sequence(packed, total_length=len(x))
    states = states[..., len(b) :] if backward else states[..., : len(b)]
    real = data.mask(lengths, len(x))[..., None]
    last = states[lengths - 1, torch.arange(len(lengths))]
    return states if backward else torch.where(real, states, last)


RIGHT = {
    "shapes-settled": (settled_backwards, settled_by_text),
    "shapes-pad": (pad_by_torch, pad_by_columns),
    "shapes-last-state": (last_by_gather, last_by_loop),
    "shapes-masked-mean": (mean_by_filling, mean_by_loop),
    "shapes-masked-states": (states_by_cell, states_one_by_one, states_by_packing),
}
