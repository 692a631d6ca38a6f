"""Promise: the cells equal ``torch.nn``'s, and the book's equations, gate by gate, the cells."""

import numpy as np
import pytest
import torch
from torch import nn
from twins import KINDS, assert_close, assert_twins, initial_state, tensors, twins

from rnnlab import scratch
from rnnlab.scratch.scan import scan

B, X, H = 3, 5, 6
CASES = [(kind, {"bias": bias}) for kind in KINDS for bias in (True, False)]
CASES += [("RNN", {"nonlinearity": "relu"})]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize(("kind", "kwargs"), CASES, ids=str)
class TestCells:
    def test_batch(self, kind, kwargs, dtype):
        ours, theirs = twins(kind + "Cell", X, H, dtype=dtype, **kwargs)
        x = torch.randn(B, X, dtype=dtype, requires_grad=True)
        state = initial_state(kind, B, H, dtype=dtype)
        assert_twins(ours, theirs, x, leaves=[x])
        assert_twins(ours, theirs, x, state, leaves=[x, *tensors(state)])

    def test_row(self, kind, kwargs, dtype):
        ours, theirs = twins(kind + "Cell", X, H, dtype=dtype, **kwargs)
        x = torch.randn(X, dtype=dtype, requires_grad=True)
        state = initial_state(kind, H, dtype=dtype)
        assert_twins(ours, theirs, x, leaves=[x])
        assert_twins(ours, theirs, x, state, leaves=[x, *tensors(state)])

    def test_same_initial_numbers_and_repr(self, kind, kwargs, dtype):
        torch.manual_seed(3)
        theirs = getattr(nn, kind + "Cell")(X, H, dtype=dtype, **kwargs)
        torch.manual_seed(3)
        ours = getattr(scratch, kind + "Cell")(X, H, dtype=dtype, **kwargs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        assert_close([*ours.state_dict().values()], [*theirs.state_dict().values()])
        assert repr(ours) == repr(theirs)

    def test_batch_of_none(self, kind, kwargs, dtype):
        ours, theirs = twins(kind + "Cell", X, H, dtype=dtype, **kwargs)
        x = torch.randn(0, X, dtype=dtype)
        assert [t.shape for t in tensors(ours(x))] == [t.shape for t in tensors(theirs(x))]


@pytest.mark.parametrize("kind", KINDS)
def test_no_hidden_units_are_allowed_as_in_torch(kind):
    ours, theirs = twins(kind + "Cell", X, 0)
    x = torch.randn(B, X, dtype=torch.float64)
    assert [t.shape for t in tensors(ours(x))] == [t.shape for t in tensors(theirs(x))]


class TestEquations:
    """The single-gate form of each cell against the fused one: values and gradients."""

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("library", [scratch, nn], ids=["scratch", "torch"])
    def test_rnn(self, library, bias):
        cell = library.RNNCell(X, H, bias=bias, dtype=torch.float64)
        x, h = torch.randn(B, X, dtype=torch.float64), initial_state("RNN", B, H)
        self.compare(cell, scratch.rnn_step(x, h, scratch.gate_weights(cell)), cell(x, h), h)

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("library", [scratch, nn], ids=["scratch", "torch"])
    def test_lstm(self, library, bias):
        cell = library.LSTMCell(X, H, bias=bias, dtype=torch.float64)
        x, (h, c) = torch.randn(B, X, dtype=torch.float64), initial_state("LSTM", B, H)
        step = scratch.lstm_step(x, h, c, scratch.gate_weights(cell))
        self.compare(cell, step, cell(x, (h, c)), h, c)

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("reset_after", [True, False])
    @pytest.mark.parametrize("update_gate", ["keep", "take"])
    def test_gru(self, reset_after, update_gate, bias):
        conventions = {"reset_after": reset_after, "update_gate": update_gate}
        cell = scratch.GRUCell(X, H, bias=bias, dtype=torch.float64, **conventions)
        x, h = torch.randn(B, X, dtype=torch.float64), initial_state("GRU", B, H)
        step = scratch.gru_step(x, h, scratch.gate_weights(cell), **conventions)
        self.compare(cell, step, cell(x, h), h)

    def test_gru_of_torch(self):
        cell = nn.GRUCell(X, H, dtype=torch.float64)
        x, h = torch.randn(B, X, dtype=torch.float64), initial_state("GRU", B, H)
        self.compare(cell, scratch.gru_step(x, h, scratch.gate_weights(cell)), cell(x, h), h)

    @staticmethod
    def compare(cell, by_gate, fused, *leaves):
        assert_close(by_gate, fused)
        wanted = [*cell.parameters(), *leaves]
        by_gate, fused = (sum(t.square().sum() for t in tensors(r)) for r in (by_gate, fused))
        assert_close(torch.autograd.grad(by_gate, wanted), torch.autograd.grad(fused, wanted))

    def test_one_row_needs_no_batch(self):
        cell = scratch.LSTMCell(X, H, dtype=torch.float64)
        x, h, c = torch.randn(X).double(), torch.randn(H).double(), torch.randn(H).double()
        assert_close(scratch.lstm_step(x, h, c, scratch.gate_weights(cell)), cell(x, (h, c)))


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("update_gate", ["keep", "take"])
def test_gru_conventions_against_an_independent_reference(reset_after, update_gate):
    """NumPy, written from the papers' formulas, unit by unit; PyTorch has but one of the four."""
    torch.manual_seed(0)
    cell = scratch.GRUCell(2, 3, reset_after=reset_after, update_gate=update_gate).double()
    W, U, b, d = (p.detach().numpy() for p in cell.parameters())
    x, h = np.array([0.3, -1.2]), np.array([0.5, -0.4, 0.9])

    def sigma(a):
        return 1 / (1 + np.exp(-a))

    expected = []
    r = [sigma(W[j] @ x + b[j] + U[j] @ h + d[j]) for j in range(3)]
    for j in range(3):
        z = sigma(W[3 + j] @ x + b[3 + j] + U[3 + j] @ h + d[3 + j])
        if reset_after:
            n = np.tanh(W[6 + j] @ x + b[6 + j] + r[j] * (U[6 + j] @ h + d[6 + j]))
        else:
            n = np.tanh(W[6 + j] @ x + b[6 + j] + U[6 + j] @ (np.array(r) * h) + d[6 + j])
        old, new = (z, 1 - z) if update_gate == "keep" else (1 - z, z)
        expected.append(old * h[j] + new * n)
    result = cell(torch.tensor(x), torch.tensor(h)).detach().numpy()
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)


def test_gru_conventions_are_different_functions():
    results = []
    for reset_after in (True, False):
        for update_gate in ("keep", "take"):
            torch.manual_seed(0)
            cell = scratch.GRUCell(X, H, reset_after=reset_after, update_gate=update_gate)
            results.append(cell(torch.ones(B, X), torch.ones(B, H)))
    for k, a in enumerate(results):
        for b in results[k + 1 :]:
            assert (a - b).abs().max() > 1e-3


class TestLimits:
    """What the gates do at their ends (claims C12 and C13)."""

    def test_forget_one_and_input_zero_carry_the_cell_for_ever(self):
        cell = scratch.LSTMCell(X, H, dtype=torch.float64)
        with torch.no_grad():  # saturate: σ(±1e3) is exactly 1 and 0
            i, f, _, o = cell.bias_ih.chunk(4)
            f.fill_(1e3), i.fill_(-1e3), o.fill_(-1e3)
        h, c = torch.zeros(B, H).double(), torch.randn(B, H).double()
        start = c
        for x in torch.randn(1000, B, X, dtype=torch.float64):
            h, c = cell(x, (h, c))
        assert torch.equal(c, start)
        assert torch.equal(h, torch.zeros_like(h))  # output gate 0 keeps it private

    @pytest.mark.parametrize("reset_after", [True, False])
    def test_reset_one_recovers_the_vanilla_candidate(self, reset_after):
        gru = scratch.GRUCell(X, H, dtype=torch.float64, reset_after=reset_after)
        rnn = scratch.RNNCell(X, H, dtype=torch.float64)
        with torch.no_grad():
            gru.bias_ih[:H] = 1e3  # r = 1
            gru.bias_ih[H : 2 * H] = -1e3  # z = 0: the new state is the candidate
            for ours, candidate in zip(rnn.parameters(), gru.parameters(), strict=True):
                ours.copy_(candidate[2 * H :])
        x, h = torch.randn(B, X).double(), torch.randn(B, H).double()
        assert_close(gru(x, h), rnn(x, h))

    def test_reset_zero_ignores_the_past(self):
        gru = scratch.GRUCell(X, H, dtype=torch.float64)
        with torch.no_grad():
            gru.bias_ih[:H] = -1e3
            gru.bias_ih[H : 2 * H] = -1e3
        x = torch.randn(B, X).double()
        one, other = torch.randn(2, B, H, dtype=torch.float64)
        assert torch.equal(gru(x, one), gru(x, other))


def test_scan_keeps_the_rows_of_a_shrinking_batch_apart():
    steps = [torch.full((n, 1), 10.0**t) for t, n in enumerate((3, 2, 2, 1))]

    def add(x, state):
        return (state[0] + x,)

    outputs, (final,) = scan(add, steps, (torch.zeros(3, 1),))
    assert outputs.flatten().tolist() == [1, 1, 1, 11, 11, 111, 111, 1111]
    assert final.flatten().tolist() == [1111, 111, 1]
    outputs, (final,) = scan(add, steps, (torch.zeros(3, 1),), reverse=True)
    assert outputs.flatten().tolist() == [1111, 111, 1, 1110, 110, 1100, 100, 1000]
    assert final.flatten().tolist() == [1111, 111, 1]
