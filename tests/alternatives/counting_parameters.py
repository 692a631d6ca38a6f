"""Other right answers to the exercises of the chapter "Counting parameters"."""

import re

import torch
from torch import nn

from rnnlab import parameters

META = {"device": "meta"}  # shapes without numbers
LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def numel(module):
    return sum(parameter.numel() for parameter in module.parameters())


def stacked_by_torch(gates, x, h, layers, directions):
    kind = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}[gates]
    return numel(kind(x, h, layers, bidirectional=directions == 2, **META))


def stacked_by_loop(g, x, h, L, D):
    total = 0
    for _ in range(L):
        total += D * (g * h * x + g * h * h + 2 * g * h)
        x = D * h
    return total


def projected_by_torch(x, h, p, layers):
    return numel(nn.LSTM(x, h, layers, proj_size=p, **META))


def projected_by_package(x, h, p, layers):
    return parameters.ledger("lstm", x, h, layers, proj_size=p).total


def keras_by_package(kind, x, h, reset_after=True):
    return parameters.count(kind, x, h, biases=1 + (kind == "gru" and reset_after))


def keras_by_torch(kind, inputs, units, after=True):
    layer = LAYERS[kind](inputs, units, **META)
    spare = 0 if kind == "gru" and after else layer.bias_hh_l0.numel()
    return numel(layer) - spare


def model_by_torch(V, E, H, layers, tied):
    model = nn.ModuleList([nn.Embedding(V, E), nn.LSTM(E, H, layers)])
    decoder = nn.Linear(H, V)
    if tied:
        decoder.weight = model[0].weight
    return numel(model.append(decoder))


def model_by_parts(V, E, H, layers, tied):
    parts = [V * E, parameters.count("lstm", E, H, layers), V]
    if not tied:
        parts.append(H * V)
    return sum(parts)


def widest_by_halving(budget, x, layers):
    def fits(h):
        return parameters.count("lstm", x, h, layers, bidirectional=True) <= budget

    high = 1
    while fits(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def widest_by_trying(budget, x, layers):
    h = 1
    while 8 * h * (h + x + 2) + (layers - 1) * 8 * h * (3 * h + 2) <= budget:
        h += 1
    return h - 1


def identify_by_names(tensors):
    weight = tensors["weight_hh_l0"]
    both = any("reverse" in name for name in tensors)
    layers = 1 + max(int(re.search(r"_l(\d+)", name)[1]) for name in tensors)
    kind = ["rnn", None, "gru", "lstm"][weight.shape[0] // weight.shape[1] - 1]
    return [kind, tensors["weight_ih_l0"].size(-1), weight.size(-1), layers, both]


def identify_by_trying(state_dict):
    x, h = state_dict["weight_ih_l0"].shape[1], state_dict["weight_hh_l0"].shape[1]
    shapes = {name: tensor.shape for name, tensor in state_dict.items()}
    for kind, layer in LAYERS.items():
        for layers in range(1, 5):
            for both in (False, True):
                for bias in (False, True):
                    made = layer(x, h, layers, bias=bias, bidirectional=both, **META)
                    if {n: t.shape for n, t in made.state_dict().items()} == shapes:
                        return kind, x, h, layers, both
    return None


def peephole_by_rows(inputs, states, cells, w, u, bias, p):
    H, rows = states.shape[1], []
    for x, h, c in zip(inputs, states, cells, strict=True):
        s = w @ x + u @ h + bias
        i = 1 / (1 + torch.exp(-(s[:H] + p[0] * c)))
        f = 1 / (1 + torch.exp(-(s[H : 2 * H] + p[1] * c)))
        new = f * c + i * torch.tanh(s[2 * H : 3 * H])
        o = 1 / (1 + torch.exp(-(s[3 * H :] + p[2] * new)))
        rows.append(torch.stack([o * torch.tanh(new), new]))
    return tuple(torch.stack(rows, dim=1))


def peephole_by_cell(x, h, c, W_ih, W_hh, b, p):
    """The ordinary cell, whose weights read [h; c]: a peephole is a diagonal matrix."""
    wide = torch.cat([h, c], dim=1)
    zero = torch.zeros_like(p[0])
    early = torch.cat([torch.diag(v) for v in (p[0], p[1], zero, zero)])
    i, f, g, o = (x @ W_ih.mT + wide @ torch.cat([W_hh, early], 1).mT + b).chunk(4, 1)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return (o + new @ torch.diag(p[2])).sigmoid() * new.tanh(), new


RIGHT = {
    "count-stacked": (stacked_by_torch, stacked_by_loop),
    "count-projected": (projected_by_torch, projected_by_package),
    "count-keras": (keras_by_package, keras_by_torch),
    "count-language-model": (model_by_torch, model_by_parts),
    "count-widest": (widest_by_halving, widest_by_trying),
    "count-identify": (identify_by_names, identify_by_trying),
    "count-peephole": (peephole_by_rows, peephole_by_cell),
}
