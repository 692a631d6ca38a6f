"""Promise: the committed result files can be read, and say what they were measured on."""

from pathlib import Path

import pytest

from rnnlab import results
from rnnlab.parameters import count

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
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
        times = {name: time["median"] for name, time in row["milliseconds"].items()}
        # Each bound lies below what it bounds, or it is none.
        assert row["limit_milliseconds"] < times["the products alone"] < times["scratch"]
        assert row["limit_milliseconds"] < min(times.values())
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


def test_every_page_is_there_soon_and_nothing_moves_while_it_comes():
    found = results.load("page_speed")
    assert found["build_seconds"] <= 60
    pages = {row["page"] for row in found["pages"]}
    assert pages >= {path.stem for path in (ROOT / "book").glob("*.md")}
    for row in found["pages"]:
        assert row["largest_contentful_paint_ms"] <= 1500, row
        assert row["layout_shift"] <= 0.05, row
        assert row["kilobytes"] <= 1000, row


# --- the experiments of the chapters on what networks can do --------------------------------------


def solved(found, name, task, gap):
    """Which runs of a setting solved their task."""
    (row,) = (
        row
        for row in found["settings"]
        if (row["task"], row["gap"]) == (task, gap) and name in row.values()
    )
    return [run["solved_after"] is not None for run in row["runs"]]


@pytest.mark.parametrize(("name", "seeds"), [("remembering", 10), ("variants", 10)])
def test_memory_runs_are_complete_and_stop_where_they_solved_their_task(name, seeds):
    found = results.load(name)
    assert len(found["seeds"]) >= seeds
    on_other_sequences = []
    for row in found["settings"]:
        assert len(row["runs"]) == len(found["seeds"])
        for run in row["runs"]:
            validation, after = run["validation_right"], run["solved_after"]
            assert all(share < found["solved_at"] for share in validation[:-1])
            if after is None:
                assert len(validation) * found["evaluated_every"] == found["steps"]
                assert validation[-1] < found["solved_at"]
            else:
                assert after == len(validation) * found["evaluated_every"]
                assert validation[-1] >= found["solved_at"]
                on_other_sequences.append(run["right"])
    assert mean(on_other_sequences) > 0.98
    assert min(on_other_sequences) > 0.85


def test_no_network_is_best_at_every_memory_task():
    found = results.load("remembering")
    assert sum(solved(found, "GRU", "order", 25)) > sum(solved(found, "LSTM", "order", 25))
    assert sum(solved(found, "LSTM", "reber", 8)) > sum(solved(found, "GRU", "reber", 8))
    assert not any(solved(found, "RNN", "adding", 25) + solved(found, "RNN", "adding", 50))
    assert sum(solved(found, "RNN, orthogonal", "copy", 10)) > sum(solved(found, "RNN", "copy", 10))


def test_the_update_gate_carries_over_gaps_and_the_reset_gate_helps_on_text():
    found = results.load("variants")
    for task, gap in (("copy", 20), ("adding", 50), ("order", 50)):
        assert not any(solved(found, "GRU, update gate held at 0", task, gap))
        assert sum(solved(found, "GRU, reset gate held at 1", task, gap)) >= 1
    nats = found["text"]["held_out_nats"]
    assert min(nats["reset"]) > max(nats["none"])
    assert mean(nats["reset"]) > mean(nats["update"]) > mean(nats["none"])


def test_choices_are_measured_at_every_size_and_rate():
    found = results.load("choosing")
    keys = {
        (row["task"], row["cell"], row["hidden"], row["learning_rate"]) for row in found["settings"]
    }
    assert len(keys) == len(found["settings"]) == 3 * 3 * 3 * 2
    assert len(found["seeds"]) >= 5
    for row in found["settings"]:
        assert len(row["runs"]) == len(found["seeds"])
        inputs = 1 if row["task"] == "pixels" else found["embedding"]
        for run in row["runs"]:
            assert run["recurrent_parameters"] == count(row["cell"], inputs, row["hidden"])
            measured = found["updates"][row["task"]] // found["evaluated_every"]
            assert len(run["held_out_nats"]) == len(run["held_out_right"]) == measured


def test_pretraining_is_measured_against_nothing_with_the_same_examples():
    found = results.load("pretraining")
    for text in found["texts"].values():
        for by_examples in text["right"].values():
            assert set(by_examples) == {"5", "10", "20"}
            assert all(len(runs) == len(found["seeds"]) >= 6 for runs in by_examples.values())
        from_nothing = [run[-1] for run in text["right"]["nothing"]["20"]]
        frozen = [run[-1] for run in text["right"]["random, frozen"]["20"]]
        assert mean(from_nothing) > mean(frozen) > 1 / found["intents"]


def test_d2ls_loop_learns_by_heart_and_knows_less_of_the_next_page_than_counting():
    found = results.load("language_models")
    best = min(n_gram["held_out_perplexity"] for n_gram in found["n_grams"].values())
    assert len(found["seeds"]) >= 2
    for row in found["settings"]:
        assert len(row["runs"]) == len(found["seeds"])
        for run in row["runs"]:
            assert run["held_out_perplexity"] > best
            if row["loop"] == "D2L" and row["cell"] != "rnn":
                assert run["perplexity"] < 1.1
