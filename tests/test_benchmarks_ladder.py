"""The rungs of the ladder compute what they should; result files hold what the book says."""

import importlib
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from twins import assert_close

from rnnlab import results, scratch

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
T, B, X, H = 5, 3, 4, 6


@pytest.fixture
def module(monkeypatch):
    """Import one of the benchmarks, which import each other by their names alone."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def reference(kind):
    torch.manual_seed(0)
    if kind == "gru":  # D2L's GRU resets before the product, and so does ours on demand
        return scratch.GRU(X, H, reset_after=False, dtype=torch.float64)
    return getattr(nn, kind.upper())(X, H, dtype=torch.float64)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_d2l_style_layers_compute_the_layer_whose_weights_they_take(module, kind):
    layer, x = reference(kind), torch.randn(T, B, X, dtype=torch.float64)
    ours = module("d2l_loops").D2LStyle(kind, X, H).double()
    output, state = layer(x)
    with pytest.raises(AssertionError):  # negative control: weights of their own
        assert_close(ours(x)[0], output)
    ours.load(layer)
    assert_close(ours(x)[0], output)
    state = state if isinstance(state, tuple) else (state,)
    assert_close(ours(x)[1], [s[0] for s in state])
    assert_close(ours(x[2:], ours(x[:2])[1])[0], output[2:])
    shapes = {name: tuple(p.shape) for name, p in ours.named_parameters()}
    gates = module("d2l_loops").GATES[kind]
    assert shapes == {
        name + gate: shape
        for gate in gates
        for name, shape in {"W_x": (X, H), "W_h": (H, H), "b_": (H,)}.items()
    }
    gradient = torch.autograd.grad(ours(x)[0].sum(), ours.parameters())
    theirs = torch.autograd.grad(output.sum(), layer.weight_hh_l0)[0].chunk(len(gates))
    names = [name for name, _ in ours.named_parameters()]
    for gate, expected in zip(gates, theirs, strict=True):
        assert_close(gradient[names.index(f"W_h{gate}")].T, expected)


def test_d2l_style_gru_is_another_function_than_torchs(module):
    torch.manual_seed(0)
    library = nn.GRU(X, H, dtype=torch.float64)
    ours, x = module("d2l_loops").D2LStyle("gru", X, H).double(), torch.randn(T, B, X).double()
    with pytest.raises(AssertionError):
        assert_close(ours.load(library)(x)[0], library(x)[0])
    with pytest.raises(ValueError, match="got 'mlp'"):
        module("d2l_loops").D2LStyle("mlp", X, H)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_fused_gates_compute_the_layer(module, kind):
    torch.manual_seed(0)
    layer = getattr(scratch, kind.upper())(X, H, dtype=torch.float64)
    x = torch.randn(T, B, X, dtype=torch.float64)
    output, state = module("ladder").fused_gates(layer, x)
    assert_close(output, layer(x)[0])
    assert_close(state[0], layer(x)[0][-1])


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_the_formula_counts_the_operations_of_a_training_step(module, kind, monkeypatch):
    ladder = module("ladder")
    for name, value in {"STEPS": T, "BATCH": B, "HIDDEN": H}.items():
        monkeypatch.setattr(ladder, name, value)
    layer = getattr(scratch, kind.upper())(H, H, readable=True)
    with FlopCounterMode(display=False) as counter:
        layer(torch.randn(T, B, H))[0].sum().backward()
    unneeded = 2 * B * len(layer.weight_hh_l0) * H  # the gradient of h_0
    assert ladder.operations(kind) == counter.get_total_flops() + unneeded


def test_the_ladder_in_the_result_file_stands_on_the_ground_and_under_its_limit(module):
    ladder, found = module("ladder"), results.load("ladder")
    assert set(found["kinds"]) == set(ladder.KINDS)
    for kind, of in found["kinds"].items():
        rungs = list(of["milliseconds"])
        assert rungs[0] == found["compared_with"] == ladder.LOOPS
        assert set(rungs) == set(of["speedup"]) == set(of["share_of_peak"])
        assert {ladder.FUSED, ladder.HOISTED, ladder.BY_HAND, ladder.LIBRARY} <= set(rungs)
        assert of["speedup"][ladder.LOOPS]["median"] == 1
        for rung in rungs:
            entry = of["milliseconds"][rung]
            assert entry["low"] <= entry["median"] <= entry["high"]
            assert 0 < of["share_of_peak"][rung] < 1, (kind, rung)
        rate = max(of["peak_gigaoperations_per_second"].values())
        assert of["limit_milliseconds"] == pytest.approx(
            1e3 * of["gigaoperations"] / rate, rel=0.01
        )
        assert of["gigaoperations"] == pytest.approx(ladder.operations(kind) / 1e9, rel=1e-3)


def test_the_product_gets_nearer_to_the_roof_with_more_rows():
    found = results.load("roofline")
    intensities = [entry["intensity"] for entry in found["products"].values()]
    rates = [entry["gigaoperations_per_second"] for entry in found["products"].values()]
    assert intensities == sorted(intensities)
    assert rates == sorted(rates)
    assert rates[-1] < max(found["peak_gigaoperations_per_second"].values())


def test_the_scans_in_the_result_file_are_what_the_book_says(module):
    found = results.load("parallel_scan")["shapes"]
    small, large = found["small"], found["large"]
    for of in (small, large):
        names = set(of["milliseconds"])
        assert names == {"GRU, torch.nn", *module("parallel_scan").SCANS}
        assert all(len(rows) == len(of["lengths"]) for rows in of["milliseconds"].values())
        at_the_end = {name: rows[-1]["median"] for name, rows in of["milliseconds"].items()}
        assert min(at_the_end, key=at_the_end.get) == "minGRU, tree"
        assert max(at_the_end, key=at_the_end.get) == "GRU, torch.nn"
        assert all(0.7 < power < 1.6 for power in of["exponents"]["time"].values())
        calls = {name: rows for name, rows in of["calls"].items() if name != "GRU, torch.nn"}
        assert calls["minGRU, loop"][-1] > 10 * calls["minGRU, tree"][-1]
    lead = {name: of["over_tree"]["minGRU, loop"][-1]["median"] for name, of in found.items()}
    assert lead["small"] > 2 > lead["large"]
    assert large["over_tree"]["minGRU, doubling"][-1]["median"] > lead["large"]
