"""Directions and depth as they are measured: the benchmarks' helpers, and their result files."""

import importlib
from pathlib import Path

import pytest
import torch
from torch import nn

from rnnlab import data, models, parameters, results

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
LENGTHS = torch.tensor([5, 3, 1])


@pytest.fixture
def module(monkeypatch):
    """Import one of the benchmarks, which import each other by their names alone."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.fixture
def tokens():
    torch.manual_seed(0)
    return torch.randint(1, 9, (5, 3)) * data.mask(LENGTHS, 5)


# --- turning padded sequences around --------------------------------------------------------------


def test_each_sequence_is_turned_around_within_its_own_length(module, tokens):
    turned = module("directions").reverse(tokens, LENGTHS)
    assert not torch.equal(turned, tokens.flip(0))  # which would put the padding first
    for b, length in enumerate(LENGTHS):
        assert torch.equal(turned[:length, b], tokens[:length, b].flip(0))
        assert not turned[length:, b].any()
    assert torch.equal(module("directions").reverse(turned, LENGTHS), tokens)


def test_a_backward_tagger_is_the_backward_half_of_one_in_both_directions(module, tokens):
    torch.manual_seed(0)
    both = models.Tagger(9, 4, 6, embedding_size=5, bidirectional=True).double()
    alone = models.Tagger(9, 4, 6, embedding_size=5).double()
    backward = module("directions").Backward(alone)
    alone.encoder.embedding.load_state_dict(both.encoder.embedding.state_dict())
    weights = both.encoder.recurrent.state_dict()
    names = {name: f"{name}_reverse" for name in alone.encoder.recurrent.state_dict()}
    alone.encoder.recurrent.load_state_dict({name: weights[names[name]] for name in names})
    with torch.no_grad():
        both.decoder.weight[:, :6] = 0  # only what comes from the right is answered from
        alone.decoder.weight.copy_(both.decoder.weight[:, 6:])
        alone.decoder.bias.copy_(both.decoder.bias)
    real = data.mask(LENGTHS, 5)
    expected = both(tokens, LENGTHS)[real]
    assert (alone(tokens, LENGTHS)[real] - expected).abs().max() > 1e-3  # read from the left
    torch.testing.assert_close(backward(tokens, LENGTHS)[real], expected)


def test_a_backward_classifier_reads_from_the_end(module, tokens):
    torch.manual_seed(0)
    model = models.SequenceClassifier(9, 4, 6, embedding_size=5).double()
    backward = module("directions").Backward(model)
    for b, length in enumerate(LENGTHS):
        expected = model(tokens[:length, b : b + 1].flip(0))
        torch.testing.assert_close(backward(tokens, LENGTHS)[b : b + 1], expected)


def test_last_outputs_are_those_of_the_last_real_step_or_of_the_padded_batch(module, tokens):
    torch.manual_seed(0)
    model = models.SequenceClassifier(9, 4, 6, embedding_size=5, bidirectional=True).double()
    real, padded = (module("directions").LastOutput(model, real=kind) for kind in (True, False))
    output, _ = model.encoder(tokens, LENGTHS)
    for b, length in enumerate(LENGTHS):
        expected = model.decoder(output[length - 1, b])
        torch.testing.assert_close(real(tokens, LENGTHS)[b], expected)
    torch.testing.assert_close(padded(tokens, LENGTHS)[0], real(tokens, LENGTHS)[0])
    for b in (1, 2):  # nothing but the decoder's bias is left of a shorter sequence
        torch.testing.assert_close(padded(tokens, LENGTHS)[b], model.decoder.bias)


# --- equal size -----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["slots", "intent"])
def test_both_directions_at_equal_size_are_no_larger_and_as_wide_as_that_allows(module, task):
    directions, intents = module("directions"), data.load_intents("en")
    one = directions.size(directions.build(intents, task, "forward"))
    assert directions.size(directions.build(intents, task, "both, equal size")) <= one
    wider = directions.network(intents, task, directions.equal_size(intents, task) + 1, True)
    assert directions.size(wider) > one
    assert directions.size(directions.network(intents, task, directions.HIDDEN, True)) > one


def test_deeper_networks_are_no_larger_and_as_wide_as_that_allows(module):
    depth = module("depth")

    def make(hidden, layers):
        return depth.text_model(50, hidden, layers)

    sizes = [depth.size(make(depth.widest(make, layers), layers)) for layers in (1, 2, 3)]
    assert depth.widest(make, 1) == depth.HIDDEN
    assert max(sizes) == sizes[0]
    for layers in (2, 3):
        assert depth.size(make(depth.widest(make, layers) + 1, layers)) > sizes[0]


def test_all_contestants_take_turns_and_the_first_rounds_do_not_count(module):
    timing, calls = module("timing"), []
    contestants = {name: lambda name=name: calls.append(name) for name in "ab"}
    times = timing.take_turns(contestants, rounds=3, warm_up=2)
    assert "".join(calls) == "ab" * 5
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}
    assert timing.ratios([2.0, 9.0], [1.0, 3.0]) == [2, 3]
    assert timing.spread([4.0, 1.0, 2.0, 3.0], 1) == {"median": 2.5, "low": 1.2, "high": 3.8}


def test_a_contestant_of_the_cost_benchmark_runs_forward_and_backward(module):
    cost = module("direction_cost")
    for shape, (layers, both) in cost.SHAPES.items():
        layer = nn.GRU(cost.HIDDEN, cost.HIDDEN, layers, bidirectional=both, device="meta")
        assert cost.size("gru", shape) == sum(p.numel() for p in layer.parameters())


# --- the result files -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["directions", "depth", "direction_cost"])
def test_a_result_says_where_it_comes_from(name):
    result = results.load(name)
    assert result["benchmark"] == f"benchmarks/{name}.py"
    assert result["date"]
    assert result["machine"]


def test_slots_are_found_better_in_both_directions_than_in_either_one():
    result = results.load("directions")
    seeds = result["seeds"]["slots"]
    assert len(seeds) >= 5
    for language, variants in result["slots"].items():
        assert all(len(found["f1"]) == len(seeds) for found in variants.values())
        alone = max(max(variants[name]["f1"]) for name in ("forward", "backward"))
        size = variants["forward"]["parameters"]
        assert variants["backward"]["parameters"] == size
        assert variants["both, equal size"]["parameters"] <= size
        for name in ("both", "both, equal size"):
            assert min(variants[name]["f1"]) > alone, (language, name)


def test_depths_are_compared_at_equal_size():
    result = results.load("depth")
    for task in ("text", "intent"):
        depths = result[task]["depths"]
        assert list(depths) == ["1", "2", "3"]
        sizes = [found["parameters"] for found in depths.values()]
        assert 0.97 * sizes[0] < min(sizes) <= max(sizes) == sizes[0]
        assert all(len(found["scores"]) == len(result["seeds"]) for found in depths.values())


def test_costs_are_consistent_and_parameters_are_those_of_the_formula():
    result = results.load("direction_cost")
    hidden = result["shape"]["hidden"]
    for cells in result["time_ratios"].values():
        for cell, shapes in cells.items():
            one = parameters.count(cell, hidden, hidden)
            both = parameters.count(cell, hidden, hidden, bidirectional=True)
            assert result["parameter_ratios"][cell]["both directions"] == both / one
            for ratio in shapes.values():
                assert ratio["low"] <= ratio["median"] <= ratio["high"]
                assert ratio["median"] > 1.2  # twice the work is not done in the same time
