"""Other right answers to the exercises of the chapter "What a recurrent network is"."""

import torch
from torch import nn

from rnnlab import scratch


def cell_of(W_xh, W_hh, b_xh, b_hh):
    """A function that calls nn.RNNCell with given weights, gradients included."""
    cell = nn.RNNCell(W_xh.shape[1], W_xh.shape[0], dtype=W_xh.dtype)
    weights = {"weight_ih": W_xh, "weight_hh": W_hh, "bias_ih": b_xh, "bias_hh": b_hh}
    return lambda x, h: torch.func.functional_call(cell, weights, (x, h))


def step_by_torch(x, h, W_xh, W_hh, b_xh, b_hh):
    return cell_of(W_xh, W_hh, b_xh, b_hh)(x, h)


def step_joined(inputs, state, w, u, b, c):
    z = torch.cat([inputs, state], dim=1) @ torch.cat([w, u], dim=1).T + (b + c)
    return 2 / (1 + torch.exp(-2 * z)) - 1


def join_in_place(W_xh, W_hh, b_xh, b_hh):
    H, X = W_xh.shape
    W = W_xh.new_zeros(H, X + H)
    W[:, :X] = W_xh
    W[:, X:] += W_hh
    return [W, torch.stack([b_xh, b_hh]).sum(0)]


def join_transposed(w, u, b, c):
    return torch.vstack((w.T, u.T)).T, c + b


def unroll_by_torch(x, h, W_xh, W_hh, b):
    step = cell_of(W_xh, W_hh, b, torch.zeros_like(b))
    states = [h]
    for t in range(x.shape[0]):
        states.append(step(x[t], states[-1]))
    return torch.stack(states[1:]), states[-1]


def unroll_by_recursion(x, h, W_xh, W_hh, b):
    if len(x) == 0:
        return x.new_zeros(0, *h.shape), h
    new = torch.tanh(torch.einsum("bx,hx->bh", x[0], W_xh) + (W_hh @ h.T).T + b)
    rest, last = unroll_by_recursion(x[1:], new, W_xh, W_hh, b)
    return torch.cat([new[None], rest]), last


def shapes_by_torch(B, T, X, H, layers, batch_first):
    layer = nn.RNN(X, H, num_layers=layers, batch_first=batch_first)
    output, h_n = layer(torch.zeros((B, T, X) if batch_first else (T, B, X)))
    tensors = {"output": output, "h_n": h_n} | {
        name: getattr(layer, name) for name in ("weight_ih_l0", "weight_ih_l1", "weight_hh_l1")
    }
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def shapes_by_scratch(B, T, X, H, layers, first):
    layer = scratch.RNN(X, H, num_layers=layers)
    output, h_n = layer(torch.zeros(T, B, X))
    named = {
        n: list(p.shape) for n, p in layer.named_parameters() if "weight" in n and "2" not in n
    }
    del named["weight_hh_l0"]
    return named | {
        "h_n": h_n.shape,
        "output": output.transpose(0, 1).shape if first else output.shape,
    }


def stack_by_torch(x, bottom, top):
    H = len(bottom[2])
    layer = nn.RNN(x.shape[2], H, num_layers=2, dtype=x.dtype)
    zero = torch.zeros_like(bottom[2])
    weights = (*bottom, zero, *top, zero)
    names = [name for name, _ in layer.named_parameters()]
    given = dict(zip(names, weights, strict=True))
    return torch.func.functional_call(layer, given, (x,))


def stack_layer_by_layer(x, bottom, top):
    ends = []
    for W, U, b in (bottom, top):
        h, out = torch.zeros_like(x[0] @ W.T), []
        for x_t in x:
            h = torch.tanh(x_t @ W.T + h @ U.T + b)
            out += [h]
        x = torch.stack(out)
        ends.append(h)
    return x, torch.stack(ends)


def jacobian_from_the_end(states, W_hh):
    J = None
    for h in reversed(states):
        factor = torch.diag(1 - h * h) @ W_hh
        J = factor if J is None else J @ factor
    return J


def jacobian_by_autograd(states, W):
    """Inputs that lead through just these states, then autograd."""

    def last(h_0):
        h = h_0
        for wanted in states:
            offset = torch.atanh(wanted) - W @ h.detach()
            h = torch.tanh(W @ h + offset)
        return h

    h_0 = W.new_zeros(len(W))
    return torch.autograd.functional.jacobian(last, h_0, create_graph=True)


def weights_by_root(states, factor):
    T = states.shape[0]
    return (factor**T / torch.prod(1 - states.square(), 0)) ** (1 / T)


def weights_by_loop(states, factor):
    logs = 0
    for h in states:
        logs = logs + torch.log1p(-(h**2))
    return torch.exp(-logs / len(states)) * factor


RIGHT = {
    "rnn-step": (step_by_torch, step_joined),
    "rnn-join": (join_in_place, join_transposed),
    "rnn-unrolled": (unroll_by_torch, unroll_by_recursion),
    "rnn-shapes": (shapes_by_torch, shapes_by_scratch),
    "rnn-stack": (stack_by_torch, stack_layer_by_layer),
    "rnn-jacobian": (jacobian_from_the_end, jacobian_by_autograd),
    "rnn-explode": (weights_by_root, weights_by_loop),
}
