"""Promise: the committed result files can be read, and say what they were measured on."""

from pathlib import Path

import pytest

from rnnlab import results
from rnnlab.parameters import count

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
NAMES = sorted(path.stem for path in RESULTS.glob("*.json"))


def mean(numbers):
    return sum(numbers) / len(numbers)


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


# --- what the course promises of its models, as measured ------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_recurrent_classifier_makes_two_thirds_of_the_errors_of_a_bag_of_words(language):
    found = results.load("utterances")["languages"][language]
    assert len(found["intent_error"]["lstm"]) == 5
    error = mean(found["intent_error"]["lstm"])
    assert error <= 2 / 3 * found["intent_error"]["bag of words"]["test_error"]
    assert min(found["slot_f1"]["entities"]) >= 0.90


def test_dates_are_read_with_and_without_attention():
    result = results.load("dates")
    assert result["locales"] >= 25
    for way in ("without_attention", "with_attention"):
        assert len(result[way]) == len(result["seeds"])
        assert min(run["exact"] for run in result[way]) >= 0.99


def test_the_time_machine_is_memorised_in_a_tenth_of_d2ls_time():
    result = results.load("memorising")
    ours, theirs = result["runs"]["ours"], result["runs"]["d2l"]
    assert max(run["perplexity"] for run in ours) <= 1.1
    ratio = sum(run["seconds"] for run in ours) / sum(run["seconds"] for run in theirs)
    assert result["time_over_d2l"] == pytest.approx(ratio, abs=1e-3)
    assert ratio <= 0.1


def test_gated_models_beat_markov_models_on_text_not_read_before():
    bits = results.load("predicting")["held_out_bits_per_character"]
    best = min(min(bits[f"{n}-gram"]) for n in (3, 4, 5))
    assert max(bits["lstm"] + bits["gru"]) < best


def test_an_lstm_learns_the_embedded_reber_grammar():
    runs = results.load("reber")["runs"]["lstm"]
    assert len(runs) >= 30
    assert mean([run["test_strings_right"] == 1 for run in runs]) >= 0.95


@pytest.mark.parametrize("task", ["copy", "reverse", "sort"])
@pytest.mark.parametrize("rule", ["additive", "additive v", "dot"])
def test_a_decoder_looks_where_the_symbol_comes_from(task, rule):
    runs = [r for r in results.load("alignment")["runs"] if (r["task"], r["rule"]) == (task, rule)]
    assert len(runs) >= 3
    assert mean([run["alignment"] for run in runs]) >= 0.95


def test_tags_are_better_with_both_directions_than_with_either():
    slots = results.load("directions")["slots"]
    for found in slots.values():
        scores = {name: found[name]["f1"] for name in ("forward", "backward", "both")}
        assert all(len(runs) == 5 for runs in scores.values())
        assert min(scores["both"]) > max(scores["forward"] + scores["backward"])


def test_a_higher_forget_bias_lengthens_the_gap_that_an_lstm_learns():
    found = results.load("gaps")
    share = {
        name: {gap: mean([run["right"] for run in runs]) for gap, runs in by_gap.items()}
        for name, by_gap in found["cells"].items()
    }
    assert all(
        len(runs) == len(found["seeds"]) >= 5
        for by_gap in found["cells"].values()
        for runs in by_gap.values()
    )
    low, middle, high = (share[f"LSTM, forget bias {bias}"] for bias in (0, 1, 3))
    assert low["10"] < 0.5 < 0.9 < middle["10"]
    assert middle["20"] < 0.5 < 0.9 < high["20"]
    assert low["20"] < share["RNN"]["20"]  # as PyTorch starts it, worse than the plain RNN
    assert all(by_gap["80"] < 0.5 for by_gap in share.values())


def test_the_layers_are_faster_than_loops_and_all_but_one_than_the_library():
    found = results.load("layers")
    for row in found["shapes"]:
        library = row["faster_than_library"]["scratch"]["median"]
        # oneDNN runs torch.nn's LSTM in one call, which pays most where a step is small.
        assert library > (0.6 if (row["kind"], row["hidden"]) == ("lstm", 256) else 1)
        assert row["faster_than_loops"]["scratch"]["median"] > 1.2
        fastest = min(time["median"] for time in row["milliseconds"].values())
        assert fastest > row["limit_milliseconds"]  # or the limit is none
    assert {(row["kind"], row["hidden"]) for row in found["shapes"]} == {
        (kind, hidden) for kind in ("rnn", "lstm", "gru") for hidden in (256, 512)
    }


def test_the_layers_grow_linearly_and_take_no_more_memory_than_the_readable_loop():
    found = results.load("layers")
    for kind, megabytes in found["peak_megabytes"].items():
        assert megabytes["scratch"] <= megabytes["scratch, readable loop"], kind
        for axis in ("steps", "batch"):
            assert found["exponents"][kind][axis]["scratch"] < 1.1


def test_importing_the_package_costs_little_more_than_importing_torch():
    assert results.load("layers")["import_over_torch"]["median"] <= 1.1
