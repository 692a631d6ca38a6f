"""Other right answers to the exercises of the chapter "Learning through time"."""

import copy
import math

import torch
from torch.nn.utils import clip_grad_norm_


def deltas_by_autograd(h, d_output, W_hh):
    # The sums are leaves; each is the one that gives the state, plus what the state before changes.
    sums = [torch.atanh(h_t.double()) for h_t in h[1:]]
    sums = [a.clone().requires_grad_() for a in sums]
    total, before = 0.0, h[0].double()
    for a, d_t, was in zip(sums, d_output.double(), h[:-1].double(), strict=True):
        before = torch.tanh(a + (before - was) @ W_hh.double().mT)
        total = total + (before * d_t).sum()
    return torch.stack(torch.autograd.grad(total, sums)).to(h.dtype)


def deltas_in_place(states, sent, weight):
    found = torch.empty_like(sent)
    for t in range(len(sent) - 1, -1, -1):
        found[t] = sent[t] - sent[t] * states[t + 1].square()
        if t + 1 < len(sent):
            back = torch.einsum("ij,bi->bj", weight, found[t + 1])
            found[t] += back * (1 - states[t + 1].square())
    return found


def weights_by_einsum(d_a, x, h):
    W_ih = torch.einsum("tbh,tbx->hx", d_a, x)
    W_hh = torch.einsum("tbh,tbk->hk", d_a, h[: len(x)])
    return [W_ih, W_hh, d_a.sum(dim=(0, 1))]


def weights_by_loops(d_a, x, h):
    W_ih = W_hh = b = 0
    for t in range(len(x)):
        for k in range(x.shape[1]):
            W_ih = W_ih + torch.outer(d_a[t, k], x[t, k])
            W_hh = W_hh + torch.outer(d_a[t, k], h[t, k])
            b = b + d_a[t, k]
    return W_ih, W_hh, b


def cell_by_autograd(d_h, d_c_next, f_next, o, c, c_before, f):
    a, graph = torch.logit(f), {"create_graph": d_h.requires_grad}
    a = a if a.requires_grad else a.requires_grad_()
    cell = c + (torch.sigmoid(a) - f) * c_before
    loss = (d_h * o * torch.tanh(cell)).sum() + (d_c_next * f_next * cell).sum()
    return torch.autograd.grad(loss, (cell, a), **graph)


def cell_by_slopes(d_h, d_c_next, f_next, o, c, c_before, f):
    through_state = d_h * o / torch.cosh(c) ** 2
    d_c = torch.addcmul(through_state, f_next, d_c_next)
    return d_c, d_c * c_before * (f - f**2)


def gru_by_autograd(d_h, h, r, z, n, q, W_hh):
    with torch.enable_grad():
        moved = torch.zeros_like(h, requires_grad=True)
        to_r, to_z, to_n = (W_hh @ moved).chunk(3)
        r_new, z_new = torch.sigmoid(torch.logit(r) + to_r), torch.sigmoid(torch.logit(z) + to_z)
        n_new = torch.tanh(torch.atanh(n) - r * q + r_new * (q + to_n))
        out = z_new * (h + moved) + (1 - z_new) * n_new
        return torch.autograd.grad(out, moved, d_h, create_graph=d_h.requires_grad)[0]


def gru_by_blocks(grad, h, r, z, n, q, weights):
    of_r, of_z, of_n = weights.unflatten(0, (3, -1))
    to_candidate = (grad - grad * z) * (1 - n * n)
    back = grad * z
    back = back + (to_candidate * r) @ of_n
    back = back + (grad * (h - n) * z * (1 - z)) @ of_z
    return back + (to_candidate * q * (r - r * r)) @ of_r


def clipped_by_torch(gradients, limit):
    holders = [torch.zeros_like(g).requires_grad_() for g in gradients]
    for holder, g in zip(holders, copy.deepcopy(gradients), strict=True):
        holder.grad = g
    clip_grad_norm_(holders, limit)
    return [holder.grad for holder in holders]


def clipped_in_a_row(gradients, limit):
    norm = torch.cat([g.flatten() for g in gradients]).norm().item()
    return tuple(g if norm <= limit else g / norm * limit for g in gradients)


def scaled_by_powers(W, growth, steps):
    # The growth of a high power, measured by repeated squaring.
    power, log = W.double(), 0.0
    for k in range(40):
        size = power.norm()
        log, power = log + torch.log(size).item() / 2**k, (power / size) @ (power / size)
    return (W.double() / math.exp(log) * math.exp(math.log(growth) / steps)).to(W.dtype)


def scaled_by_numpy(W, growth, steps):
    values, _ = torch.linalg.eig(W)
    return W / values.real.hypot(values.imag).amax() * growth ** (1.0 / steps)


def left_by_autograd(w, steps):
    h = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(1000):
        h = torch.tanh(w * h)
    start = h.detach().requires_grad_()
    state = start
    for _ in range(steps):
        state = torch.tanh(w * state)
    return torch.autograd.grad(state, start)[0].item()


def left_by_halving(w, steps):
    low, high = 1e-3, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if math.tanh(w * middle) > middle else (low, middle)
    return math.prod(w / math.cosh(w * low) ** 2 for _ in range(steps))


def longest_by_trying(budget):
    return max(n * ((budget - 2 * n) // 7) for n in range(1, budget // 2))


def longest_by_root(budget):
    return budget**2 / 56


RIGHT = {
    "bptt-deltas": (deltas_by_autograd, deltas_in_place),
    "bptt-weights": (weights_by_einsum, weights_by_loops),
    "bptt-lstm-lines": (cell_by_autograd, cell_by_slopes),
    "bptt-gru-back": (gru_by_autograd, gru_by_blocks),
    "bptt-clip": (clipped_by_torch, clipped_in_a_row),
    "bptt-explode": (scaled_by_powers, scaled_by_numpy),
    "bptt-latch": (left_by_autograd, left_by_halving),
    "bptt-budget": (longest_by_trying, longest_by_root),
}
