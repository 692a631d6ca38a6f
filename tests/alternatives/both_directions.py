"""Other right answers to the exercises of the chapter "Both directions, and depth"."""

import torch
from torch import nn

from rnnlab import parameters, scratch


def layer_by_torch(x, W, U, b, W_back, U_back, b_back):
    layer = nn.RNN(x.shape[-1], len(b), bidirectional=True, dtype=x.dtype)
    weights = {}
    for end, (w, u, bias) in {"": (W, U, b), "_reverse": (W_back, U_back, b_back)}.items():
        weights |= {f"weight_ih_l0{end}": w, f"weight_hh_l0{end}": u}
        weights |= {f"bias_ih_l0{end}": bias, f"bias_hh_l0{end}": 0 * bias}
    return torch.func.functional_call(layer, weights, (x,))


def layer_by_scratch(x, *weights):
    def read(x, W, U, b):
        layer = scratch.RNN(W.shape[1], len(b), dtype=x.dtype)
        named = {"weight_ih_l0": W, "weight_hh_l0": U, "bias_ih_l0": b, "bias_hh_l0": b * 0}
        return torch.func.functional_call(layer, named, (x,))

    ahead, ahead_end = read(x, *weights[:3])
    back, back_end = read(x.flip([0]), *weights[3:])
    return torch.cat([ahead, back.flip([0])], dim=2), torch.cat([ahead_end, back_end])


def layer_by_loop(x, W, U, b, V, R, c):
    T, B = x.shape[:2]
    h = g = x.new_zeros(B, b.numel())
    ahead, back = [], []
    for t in range(T):
        h = torch.tanh(x[t] @ W.T + h @ U.T + b)
        g = torch.tanh(x[T - 1 - t] @ V.T + g @ R.T + c)
        ahead.append(h)
        back.insert(0, g)
    rows = [torch.cat(pair, dim=1) for pair in zip(ahead, back, strict=True)]
    return [torch.stack(rows), torch.stack([h, g])]


def turn_by_loop(x, lengths):
    turned = x.clone()
    for row, length in enumerate(lengths.tolist()):
        turned[row, :length] = x[row, :length].flip(0)
    return turned


def turn_by_gather(batch, ends):
    steps = torch.arange(batch.size(1)).expand(len(batch), -1)
    back = ends.unsqueeze(1) - steps - 1
    index = back.where(back >= 0, steps)
    return batch.gather(1, index.unsqueeze(-1).expand_as(batch))


def summary_by_loop(output, lengths):
    H = output.shape[-1] // 2
    rows = [torch.cat([output[n - 1, b, :H], output[0, b, H:]]) for b, n in enumerate(lengths)]
    return torch.stack(rows)


def summary_by_gather(output, lengths):
    ahead, back = output.chunk(2, dim=-1)
    index = (lengths - 1)[None, :, None].expand(1, -1, ahead.shape[-1])
    return torch.hstack([ahead.gather(0, index).squeeze(0), back[0]])


def shapes_by_torch(X, H, layers, both):
    stack = nn.LSTM(X, H, layers, bias=False, bidirectional=both, device="meta")
    return {name: tuple(weight.shape) for name, weight in stack.named_parameters()}


def shapes_by_rule(inputs, units, layers, both):
    directions = ["", "_reverse"][: 1 + both]
    return {
        f"weight_{kind}_l{k}{end}": [4 * units, units if kind == "hh" else read]
        for k in range(layers)
        for read in [units * len(directions) if k else inputs]
        for end in directions
        for kind in ("ih", "hh")
    }


def units_by_bisection(budget, X, layers, both):
    low, high = 0, budget
    while high - low > 1:
        middle = (low + high) // 2
        fits = parameters.count("lstm", X, middle, layers, bidirectional=both) <= budget
        low, high = (middle, high) if fits else (low, middle)
    return low


def units_by_trying(budget, X, layers, both):
    h = 0
    while True:
        D, total, width = 1 + both, 0, X
        for _ in range(layers):
            total += D * 4 * (h + 1) * (h + 1 + width + 2)
            width = D * (h + 1)
        if total > budget:
            return h
        h += 1


RIGHT = {
    "both-broken-layer": (layer_by_torch, layer_by_scratch, layer_by_loop),
    "both-turn-around": (turn_by_loop, turn_by_gather),
    "both-summary": (summary_by_loop, summary_by_gather),
    "both-weight-shapes": (shapes_by_torch, shapes_by_rule),
    "both-budget": (units_by_bisection, units_by_trying),
}
