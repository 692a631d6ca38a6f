"""Other right answers to the exercises of the chapter "GRU"."""

import torch
from torch import nn

from rnnlab import conventions, scratch


def step_by_torch(x, h, W_ih, W_hh, b_ih, b_hh):
    cell = nn.GRUCell(x.shape[1], h.shape[1], dtype=x.dtype)
    names = [name for name, _ in cell.named_parameters()]
    weights = dict(zip(names, (W_ih, W_hh, b_ih, b_hh), strict=True))
    return torch.func.functional_call(cell, weights, (x, h))


def step_by_rows(inputs, states, w, u, b, c):
    H, new = states.shape[1], []
    for x, h in zip(inputs, states, strict=True):
        a, p = w @ x + b, u @ h + c
        r = 1 / (1 + torch.exp(-(a + p)[:H]))
        z = 1 / (1 + torch.exp(-(a + p)[H : 2 * H]))
        n = torch.tanh(a[2 * H :] + r * p[2 * H :])
        new.append(n + z * (h - n))
    return torch.stack(new)


def resets_by_matrices(h, r, W, b):
    after = torch.einsum("bi,ij,bj->bi", r, W, h) + r * b
    before = torch.einsum("ij,bj,bj->bi", W, r, h) + b
    return [after, before]


def resets_by_rows(h, r, W, b):
    pairs = [(g * (W @ s + b), W @ (g * s) + b) for s, g in zip(h, r, strict=True)]
    return torch.stack([one for one, _ in pairs]), torch.stack([two for _, two in pairs])


def take_by_signs(*tensors):
    signs = torch.tensor([1, -1, 1]).repeat_interleave(tensors[2].shape[0] // 3)
    return [t * (signs[:, None] if t.dim() == 2 else signs) for t in tensors]


def take_by_slices(W_ih, W_hh, b_ih, b_hh):
    H = W_hh.shape[1]
    changed = []
    for tensor in (W_ih, W_hh, b_ih, b_hh):
        new = tensor.clone()
        new[H : 2 * H] *= -1
        changed.append(new)
    return tuple(changed)


def conventions_by_comparison(step):
    """Random weights, one step, and the four kinds to compare with."""
    torch.manual_seed(3)
    cell = scratch.GRUCell(2, 3)
    x, h = torch.randn(2, 2), torch.randn(2, 3)
    got = step(x, h, *(p.detach() for p in cell.parameters()))
    for after in (False, True):
        for gate in ("keep", "take"):
            cell.reset_after, cell.update_gate = after, gate
            if torch.allclose(cell(x, h), got):
                return after, gate
    return None


def conventions_by_large_biases(step):
    H, X = 2, 1
    h = torch.full((1, H), 0.25)

    def call(z, r, listen=0.0):
        W_hh = torch.zeros(3 * H, H)
        W_hh[2 * H, 1] = listen
        b = torch.tensor([*r, z, z, 0.0, 0.0])
        return step(torch.ones(1, X), h, torch.zeros(3 * H, X), W_hh, b, torch.zeros(3 * H))

    gate = "keep" if torch.equal(call(500.0, (0.0, 0.0)), h) else "take"
    sign = -500.0 if gate == "keep" else 500.0
    heard = call(sign, (500.0, -500.0), listen=2.0)
    return abs(float(heard[0, 0])) > 0.1, gate


def textbook_in_place(p):
    X, H = p["xz"].shape
    tensors = (
        p["z"].new_zeros(3 * H, X),
        p["z"].new_zeros(3 * H, H),
        p["z"].new_zeros(3 * H),
        p["z"].new_zeros(3 * H),
    )
    for k, gate in enumerate(("r", "z", "h")):
        rows = slice(k * H, (k + 1) * H)
        tensors[0][rows] = p[f"x{gate}"].T
        tensors[1][rows] = p[f"h{gate}"].T
        tensors[2][rows] = p[gate]
    return tensors


def textbook_by_package(p):
    """Joined in D2L's order, which is also ONNX's, then reordered."""

    def reordered(tensor):
        return conventions.reorder_gates(tensor, "gru", source="onnx", target="torch")

    W_ih = reordered(torch.cat([p["xz"], p["xr"], p["xh"]], dim=1).T)
    W_hh = reordered(torch.cat([p["hz"], p["hr"], p["hh"]], dim=1).T)
    b = reordered(torch.cat([p["z"], p["r"], p["h"]]))
    return W_ih, W_hh, b, b - b


def merged_by_slices(b_ih, b_hh):
    both, H = 2 * len(b_ih) // 3, len(b_ih) // 3
    one, other = b_ih.clone(), b_hh.clone()
    one[:both] = one[:both] + other[:both]
    other[: 2 * H] = 0
    return one, other


def merged_by_mask(b_ih, b_hh):
    merge = torch.arange(len(b_ih)) < 2 * (len(b_ih) // 3)
    zero = torch.zeros_like(b_hh)
    return b_ih + torch.where(merge, b_hh, zero), torch.where(merge, zero, b_hh)


RIGHT = {
    "gru-step": (step_by_torch, step_by_rows),
    "gru-reset": (resets_by_matrices, resets_by_rows),
    "gru-take": (take_by_signs, take_by_slices),
    "gru-black-box": (conventions_by_comparison, conventions_by_large_biases),
    "gru-from-textbook": (textbook_in_place, textbook_by_package),
    "gru-biases": (merged_by_slices, merged_by_mask),
}
