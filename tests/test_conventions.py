"""Promise: what the conventions table says of other libraries' weights is true.

The other libraries are played by NumPy references, written from their documented formulas, that
read weights in *their* layout. Only converted weights give the same outputs.
"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnlab import scratch
from rnnlab.conventions import GATE_ORDERS, flip_update_gate, reorder_gates

X, H = 5, 6
RNG = np.random.default_rng(0)
x0, h0, c0 = RNG.normal(size=X), RNG.normal(size=H), RNG.normal(size=H)


def sigma(a):
    return 1 / (1 + np.exp(-a))


def keras_lstm(kernel, recurrent_kernel, bias):
    """Keras: kernel (X, 4H), one bias (4H,), gates i, f, c, o."""
    i, f, c, o = np.split(x0 @ kernel + h0 @ recurrent_kernel + bias, 4)
    c = sigma(f) * c0 + sigma(i) * np.tanh(c)
    return sigma(o) * np.tanh(c)


def onnx_lstm(W, R, Wb, Rb):
    """ONNX: W (4H, X), gates i, o, f, c."""
    i, o, f, c = np.split(W @ x0 + Wb + R @ h0 + Rb, 4)
    c = sigma(f) * c0 + sigma(i) * np.tanh(c)
    return sigma(o) * np.tanh(c)


def keras_gru(kernel, recurrent_kernel, bias):
    """Keras, reset_after=True: kernel (X, 3H), bias (2, 3H), gates z, r, h; z keeps the old."""
    x_z, x_r, x_h = np.split(x0 @ kernel + bias[0], 3)
    h_z, h_r, h_h = np.split(h0 @ recurrent_kernel + bias[1], 3)
    z, r = sigma(x_z + h_z), sigma(x_r + h_r)
    return z * h0 + (1 - z) * np.tanh(x_h + r * h_h)


def onnx_gru(W, R, Wb, Rb):
    """ONNX, linear_before_reset=1: W (3H, X), gates z, r, h; z keeps the old state."""
    return keras_gru(W.T, R.T, np.stack([Wb, Rb]))


def torch_cell(cell):
    torch.manual_seed(0)
    module = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}[cell](X, H, dtype=torch.float64)
    x, h, c = (torch.tensor(v)[None] for v in (x0, h0, c0))
    with torch.no_grad():
        result = module(x, (h, c))[0] if cell == "lstm" else module(x, h)
    return list(module.parameters()), result[0].numpy()


def run(cell, library, weights):
    w_ih, w_hh, b_ih, b_hh = (w.detach().numpy() for w in weights)
    if library == "onnx":
        return (onnx_lstm if cell == "lstm" else onnx_gru)(w_ih, w_hh, b_ih, b_hh)
    if cell == "lstm":
        return keras_lstm(w_ih.T, w_hh.T, b_ih + b_hh)
    return keras_gru(w_ih.T, w_hh.T, np.stack([b_ih, b_hh]))


@pytest.mark.parametrize("library", ["keras", "onnx"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_converted_weights_compute_the_same(cell, library):
    weights, expected = torch_cell(cell)
    converted = [reorder_gates(w, cell, source="torch", target=library) for w in weights]
    np.testing.assert_allclose(run(cell, library, converted), expected, atol=1e-12)
    if GATE_ORDERS[cell][library] != GATE_ORDERS[cell]["torch"]:  # negative control
        assert np.abs(run(cell, library, weights) - expected).max() > 1e-3


@given(
    cell=st.sampled_from(["lstm", "gru"]),
    source=st.sampled_from(["torch", "keras", "onnx"]),
    target=st.sampled_from(["torch", "keras", "onnx"]),
    height=st.integers(0, 4),
)
def test_there_and_back(cell, source, target, height):
    weight = torch.randn(height * len(GATE_ORDERS[cell]["torch"]), 2)
    there = reorder_gates(weight, cell, source=source, target=target)
    assert torch.equal(reorder_gates(there, cell, source=target, target=source), weight)


@pytest.mark.parametrize(
    ("rows", "cell", "source", "words"),
    [
        (8, "rnn", "torch", ["'rnn'", "'lstm'", "'gru'"]),
        (8, "lstm", "jax", ["'jax'", "'keras'"]),
        (7, "lstm", "torch", ["4 gate blocks", "7 rows"]),
    ],
)
def test_reorder_refuses(rows, cell, source, words):
    with pytest.raises(ValueError, match="expected") as info:
        reorder_gates(torch.zeros(rows), cell, source=source, target="onnx")
    assert all(word in str(info.value) for word in words)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_flipping_the_update_gate_turns_keep_into_take(reset_after, bias):
    torch.manual_seed(0)
    kwargs = {"bias": bias, "reset_after": reset_after, "dtype": torch.float64}
    keep = scratch.GRU(X, H, 2, bidirectional=True, **kwargs)
    take = scratch.GRU(X, H, 2, bidirectional=True, update_gate="take", **kwargs)
    take.load_state_dict(keep.state_dict())
    x = torch.randn(4, 3, X, dtype=torch.float64)
    assert (take(x)[0] - keep(x)[0]).abs().max() > 1e-2  # negative control: not yet the same
    flip_update_gate(take)
    torch.testing.assert_close(take(x), keep(x), rtol=0, atol=1e-12)


def test_flipping_twice_is_nothing():
    cell = nn.GRUCell(X, H)
    before = [p.clone() for p in cell.parameters()]
    flip_update_gate(cell)
    flip_update_gate(cell)
    assert all(torch.equal(a, b) for a, b in zip(before, cell.parameters(), strict=True))
