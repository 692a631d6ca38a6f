"""Promise: the formulas count what ``numel()`` counts for every variant; the worked numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnlab import scratch
from rnnlab.parameters import GATES, count, grouped, ledger

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def numel(module):
    return sum(p.numel() for p in module.parameters())


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(GATES)),
    x=st.integers(1, 9),
    h=st.integers(2, 9),
    layers=st.integers(1, 4),
    bias=st.booleans(),
    bidirectional=st.booleans(),
    data=st.data(),
)
def test_every_variant_against_numel(kind, x, h, layers, bias, bidirectional, data):
    proj_size = data.draw(st.integers(0, h - 1)) if kind == "lstm" else 0
    extra = {"proj_size": proj_size} if kind == "lstm" else {}
    shared = {"num_layers": layers, "bidirectional": bidirectional}
    theirs = LAYERS[kind](x, h, bias=bias, device="meta", **shared, **extra)
    book = ledger(kind, x, h, biases=2 * bias, **shared, proj_size=proj_size)
    assert book.total == numel(theirs)
    assert [e.count for e in book.entries] == [p.numel() for p in theirs.parameters()]
    assert [e.name for e in book.entries] == [
        name.split("_l")[0] for name, _ in theirs.named_parameters()
    ]


@pytest.mark.parametrize("kind", sorted(GATES))
@pytest.mark.parametrize("h", [1, 7])
def test_scratch_layers_and_one_bias(kind, h):
    layer = getattr(scratch, kind.upper())(5, h)
    assert count(kind, 5, h) == numel(layer)
    assert count(kind, 5, h, biases=1) == numel(layer) - layer.bias_hh_l0.numel()
    assert count(kind, 5, h, biases=0) == numel(getattr(scratch, kind.upper())(5, h, bias=False))


def test_worked_lstm():
    assert count("lstm", 28, 256, biases=0) == 290_816 == 4 * 256 * (256 + 28)
    assert count("lstm", 28, 256, biases=1) == 291_840
    assert count("lstm", 28, 256) == 292_864


def test_char_rnn():
    """A 3-layer LSTM of 512 units over 78 characters, with its decoder: what char-rnn prints."""
    decoder = 512 * 78 + 78
    assert count("lstm", 78, 512, num_layers=3) + decoder == 5_454_926


def test_a_gru_has_three_quarters_of_an_lstm():
    for biases in (0, 1, 2):
        assert 4 * count("gru", 28, 256, biases=biases) == 3 * count("lstm", 28, 256, biases=biases)


def test_the_table_shows_every_tensor_and_the_total():
    table = str(ledger("lstm", 28, 256)).splitlines()
    assert table[0].split() == ["layer", "direction", "tensor", "shape", "parameters"]
    assert table[2].split("  ")[-1].strip() == "28 672"
    assert table[-1].endswith("292 864")
    assert len({len(line) for line in table}) == 1  # the columns stand straight
    assert grouped(5_454_926) == "5 454 926"


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "words"),
    [
        (("mlp", 5, 6), {}, ValueError, ["'mlp'", "lstm"]),
        (("lstm", 0, 6), {}, ValueError, ["input_size", "0"]),
        (("lstm", 5, -6), {}, ValueError, ["hidden_size", "-6"]),
        (("lstm", 5, 6, 0), {}, ValueError, ["num_layers", "0"]),
        (("lstm", 5, 6.0), {}, TypeError, ["hidden_size", "6.0"]),
        (("lstm", True, 6), {}, TypeError, ["input_size", "True"]),
        (("lstm", 5, 6), {"biases": 3}, ValueError, ["biases", "3"]),
        (("gru", 5, 6), {"proj_size": 2}, ValueError, ["proj_size", "gru"]),
        (("lstm", 5, 6), {"proj_size": 6}, ValueError, ["proj_size", "6"]),
        (("lstm", 5, 6), {"proj_size": -1}, ValueError, ["proj_size", "-1"]),
    ],
)
def test_bad_input_is_named(args, kwargs, error, words):
    with pytest.raises(error) as info:
        count(*args, **kwargs)
    assert all(word in str(info.value) for word in words)


def test_meta_layers_are_the_reference_for_big_ones():
    big = nn.LSTM(4096, 4096, 8, bidirectional=True, proj_size=512, device="meta")
    counted = count("lstm", 4096, 4096, 8, bidirectional=True, proj_size=512)
    assert counted == numel(big)
