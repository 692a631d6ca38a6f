"""Claims about the cells themselves, settled by computing: C1, C7, C10, C12, C13.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

import torch
from torch import Tensor, nn

from rnnlab import parameters, scratch
from rnnlab.claims.claim import Claim, Evidence, Load


def _slopes(_: Load) -> Evidence:
    x = torch.linspace(-10, 10, 2001, dtype=torch.float64, requires_grad=True)
    s, t = torch.sigmoid(x), torch.tanh(x)
    inside = bool((s > 0).all() and (s < 1).all() and (t.abs() < 1).all())
    numbers = {
        "sigmoid": float(torch.autograd.grad(s.sum(), x)[0].max()),
        "tanh": float(torch.autograd.grad(t.sum(), x)[0].max()),
        "far": float(torch.tanh(torch.tensor(20.0, dtype=torch.float64))),
    }
    return Evidence(
        "greatest slope of the sigmoid {sigmoid:.2f}, of tanh {tanh:.2f}; a computer's tanh(20) "
        "is {far:.0f}, no less",
        numbers,
        inside and numbers["sigmoid"] == 0.25 and numbers["tanh"] == numbers["far"] == 1,
    )


def _lstm_parameters(_: Load) -> Evidence:
    x, h = 28, 256
    numbers = {
        "formula": 4 * h * (h + x),
        "one": parameters.count("lstm", x, h, biases=1),
        "two": sum(p.numel() for p in nn.LSTM(x, h).parameters()),
    }
    without = sum(p.numel() for p in nn.LSTM(x, h, bias=False).parameters())
    return Evidence(
        "28 inputs, 256 units: 4h(h + x) is {formula:.0f}; with one bias for each gate {one:.0f}; "
        "nn.LSTM has {two:.0f}",
        numbers,
        numbers["formula"] == without < numbers["one"] < numbers["two"],
    )


def _double(cell: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for parameter in cell.parameters():
        nn.init.normal_(parameter)
    return cell


def _states(hidden: int = 6, batch: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batch, 4, generator=generator, dtype=torch.float64)
    return x, torch.rand(batch, hidden, generator=generator, dtype=torch.float64) * 2 - 1


def _far(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())


@torch.no_grad()
def _update_gate(_: Load) -> Evidence:
    keep = _double(scratch.GRUCell(4, 6, dtype=torch.float64))
    take = scratch.GRUCell(4, 6, update_gate="take", dtype=torch.float64)
    take.load_state_dict(keep.state_dict())
    x, h = _states()
    as_is = _far(keep(x, h), take(x, h))
    for parameter in take.parameters():
        parameter[6:12].neg_()  # the update gate's rows, PyTorch's order r, z, n
    flipped = _far(keep(x, h), take(x, h))
    return Evidence(
        "the same weights under both readings differ by {as_is:.1f}; with the update gate's signs "
        "changed they agree to 12 digits: {agree}",
        {"as_is": as_is, "agree": flipped < 1e-12},
        as_is > 0.1 and flipped < 1e-12,
    )


@torch.no_grad()
def _hold(cell: nn.Module, rows: slice, score: float) -> None:
    """Hold the gate in some rows of the weights at a score, whatever comes."""
    for name, parameter in cell.named_parameters():
        parameter[rows] = score if name == "bias_ih" else 0


@torch.no_grad()
def _reset_gate(_: Load) -> Evidence:
    H = 6
    gru = _double(scratch.GRUCell(4, H, dtype=torch.float64))
    rnn = scratch.RNNCell(4, H, dtype=torch.float64)
    for name, parameter in rnn.named_parameters():
        parameter.copy_(getattr(gru, name)[2 * H :])  # the candidate's rows
    x, h = _states(H)
    _hold(gru, slice(H, 2 * H), -50.0)  # the update gate takes the candidate
    _hold(gru, slice(H), 50.0)
    vanilla = _far(gru(x, h), rnn(x, h))
    _hold(gru, slice(H), -50.0)
    forgets = _far(gru(x, h), gru(x, -h))
    _hold(gru, slice(H, 2 * H), 0.0)  # the update gate half open
    keeps = _far(gru(x, h), gru(x, -h))
    return Evidence(
        "z = 0: with r = 1 as the vanilla cell to 12 digits: {vanilla}; with r = 0 the past has no "
        "effect: {none}. But r = 0 with z = ½ lets {keeps:.1f} of it through",
        {"vanilla": vanilla < 1e-12, "none": forgets < 1e-12, "keeps": keeps},
        vanilla < 1e-12 and forgets < 1e-12 and keeps > 0.1,
    )


@torch.no_grad()
def _vault(_: Load) -> Evidence:
    H = 3
    cell = _double(scratch.LSTMCell(4, H, dtype=torch.float64))
    for gate, score in ((0, -100.0), (1, 100.0), (3, -100.0)):  # i, f, o of i, f, g, o
        _hold(cell, slice(gate * H, (gate + 1) * H), score)
    start = torch.tensor([[0.5, -0.25, 0.125]], dtype=torch.float64)
    h, c = torch.zeros_like(start), start
    generator = torch.Generator().manual_seed(0)
    for x in torch.randn(1000, 1, 4, generator=generator, dtype=torch.float64):
        h, c = cell(x, (h, c))
    same, shown = torch.equal(c, start), float(h.abs().max())
    return Evidence(
        "after 1000 steps the cell is the same to the last bit: {same}; the hidden state shows "
        "less than 1e-40 of it: {private}; but σ(5) ≈ 0.993 to the power 1000 leaves {nearly:.3f}",
        {
            "same": same,
            "private": shown < 1e-40,
            "nearly": float(torch.sigmoid(torch.tensor(5.0)) ** 1000),
        },
        same and shown < 1e-40,
    )


CLAIMS = (
    Claim(
        "C1",
        "tanh and sigmoid keep values in (-1, 1) and (0, 1); the slope of the sigmoid never "
        "exceeds 0.25",
        "holds",
        "Proved for real numbers. In floating point the bounds themselves are reached.",
        (),
        ("rnn-bounds",),
        _slopes,
    ),
    Claim(
        "C7",
        "an LSTM has 4·h·(h + x) parameters",
        "holds if",
        "The biases are left out. With them there are 4h more, or 8h in PyTorch.",
        (),
        ("counting-biases",),
        _lstm_parameters,
    ),
    Claim(
        "C10a",
        "z near 1 keeps the old state",
        "a convention",
        "PyTorch's and D2L's. The other one is the same function with the gate's signs changed.",
        (),
        ("gru-update-convention",),
        _update_gate,
    ),
    Claim(
        "C10b",
        "z near 1 takes the new state",
        "a convention",
        "That of Chung et al. (2014) and of many tutorials.",
        (),
        ("gru-update-convention",),
        _update_gate,
    ),
    Claim(
        "C12",
        "r = 1 recovers the vanilla RNN's candidate; r = 0 ignores the past",
        "holds if",
        "Of the candidate it is true. Of the whole cell only if the update gate takes it all.",
        (),
        ("gru-ends",),
        _reset_gate,
    ),
    Claim(
        "C13",
        "forget gate 1 and input gate 0 carry the cell unchanged for ever; output gate 0 keeps it "
        "private",
        "holds if",
        "The gates stand there to within rounding. A gate that is nearly 1 forgets geometrically.",
        (),
        ("lstm-for-ever",),
        _vault,
    ),
)
