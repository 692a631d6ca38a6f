"""Other right answers to the exercises of the chapter "LSTM"."""

import torch
from torch import nn

from rnnlab import conventions


def step_by_einsum(x, h, c, W_ih, W_hh, b):
    s = torch.einsum("bx,gx->bg", x, W_ih) + torch.einsum("bh,gh->bg", h, W_hh) + b
    i, f, g, o = s.unflatten(-1, (4, -1)).unbind(-2)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return [o.sigmoid() * new.tanh(), new]


def step_by_loops(inputs, hidden, cell, w, u, bias):
    H, h_rows, c_rows = hidden.shape[-1], [], []
    for x, h, c in zip(inputs, hidden, cell, strict=True):
        sums = [w[k] @ x + u[k] @ h + bias[k] for k in range(4 * H)]
        i, f, g, o = (torch.stack(sums[n * H : (n + 1) * H]) for n in range(4))
        new = c / (1 + (-f).exp()) + (2 / (1 + (-2 * g).exp()) - 1) / (1 + (-i).exp())
        c_rows.append(new)
        h_rows.append(new.tanh() / (1 + (-o).exp()))
    return torch.stack(h_rows), torch.stack(c_rows)


def bias_by_logarithms(steps):
    keep = torch.exp(torch.log(torch.tensor(0.5)) / steps)
    return torch.log(keep) - torch.log1p(-keep)


def bias_in_closed_form(n):
    return -torch.log(torch.expm1(torch.log(torch.tensor(2.0, dtype=n.dtype)) / n))


def run_by_torch(x, h, c, W_ih, W_hh, b):
    layer = nn.LSTM(x.shape[2], h.shape[1], dtype=x.dtype)
    names = [name for name, _ in layer.named_parameters()]
    weights = dict(zip(names, (W_ih, W_hh, b, torch.zeros_like(b)), strict=True))
    output, (h_n, c_n) = torch.func.functional_call(layer, weights, (x, (h[None], c[None])))
    return output, (h_n[0], c_n[0])


def run_by_steps(x, h, c, *weights):
    pairs = []
    for t in range(len(x)):
        h, c = step_by_einsum(x[t], h, c, *weights)
        pairs += [(h, c)]
    return torch.cat([h[None] for h, _ in pairs]), pairs[-1]


def onnx_by_package(W, R, B):
    return [
        conventions.reorder_gates(tensor, "lstm", source="onnx", target="torch")
        for tensor in (W.squeeze(0), R.squeeze(0), *B.squeeze(0).chunk(2))
    ]


def onnx_by_index(W, R, B):
    H = R.shape[2]
    rows = torch.cat([torch.arange(k * H, (k + 1) * H) for k in (0, 2, 3, 1)])
    return W[0, rows], R[0, rows], B[0, rows], B[0, 4 * H + rows]


def coupled_by_step(x, h, c, W_ih, W_hh, b):
    """The ordinary step; 1 - sigmoid(a) = sigmoid(-a)."""

    def wide(tensor):
        return torch.cat([-tensor.chunk(3)[0], tensor])

    return step_by_einsum(x, h, c, wide(W_ih), wide(W_hh), wide(b))


def coupled_by_lerp(inputs, hidden, cell, w, u, bias):
    sums = nn.functional.linear(inputs, w, bias) + nn.functional.linear(hidden, u)
    f, g, o = sums.unflatten(1, (3, -1)).unbind(1)
    new = torch.lerp(torch.tanh(g), cell, torch.sigmoid(f))
    return torch.sigmoid(o) * torch.tanh(new), new


RIGHT = {
    "lstm-step": (step_by_einsum, step_by_loops),
    "lstm-half-life": (bias_by_logarithms, bias_in_closed_form),
    "lstm-repair": (run_by_torch, run_by_steps),
    "lstm-from-onnx": (onnx_by_package, onnx_by_index),
    "lstm-coupled": (coupled_by_step, coupled_by_lerp),
}
