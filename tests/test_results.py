"""Promise: the committed result files can be read, and say what they were measured on."""

import pytest

from rnnlab import results
from rnnlab.parameters import count

NAMES = ("step_time", "character_models")


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name):
    result = results.load(name)
    assert result["benchmark"] == f"benchmarks/{name}.py"
    assert set(result["versions"]) == {"python", "torch"}
    for key in ("date", "machine", "threads"):
        assert result[key]


def test_an_unknown_result_is_named_with_those_that_exist():
    with pytest.raises(FileNotFoundError, match=r"'character_models'.*'step_time'.*got 'speed'"):
        results.load("speed")


def test_step_times_are_consistent():
    result = results.load("step_time")
    for implementation in ("torch", "scratch"):
        times = result["milliseconds"][implementation]
        for pair, ratio in result["ratios"][implementation].items():
            a, b = pair.split("/")
            assert ratio["low"] <= ratio["median"] <= ratio["high"]
            of_medians = times[a]["median"] / times[b]["median"]
            assert ratio["median"] == pytest.approx(of_medians, rel=0.25)


def test_character_models_have_every_seed_and_the_counted_parameters():
    result = results.load("character_models")
    vocabulary, hidden = result["vocabulary"], result["hidden"]
    for cell, entry in result["cells"].items():
        assert len(entry["held_out_nats"]) == len(entry["training_nats"]) == len(result["seeds"])
        decoder = (hidden + 1) * vocabulary
        assert entry["parameters"] == count(cell, vocabulary, hidden) + decoder
