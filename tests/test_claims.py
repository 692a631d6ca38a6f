"""Promise: every claim of the curriculum has its row, whose numbers bear its verdict out."""

import copy
import re

import nbformat
import pytest
import torch
from repository import ROOT

from rnnlab import claims, parameters, results, scratch
from rnnlab.claims import CLAIMS, Claim, Evidence, cells, gradients, settle, texts

BOOK = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").glob("*.md")))
COMPUTED = [name for name, claim in CLAIMS.items() if not claim.sources]
READ = [name for name, claim in CLAIMS.items() if claim.sources]


def test_every_claim_of_the_curriculum_is_there_and_those_that_contradict_have_a_twin():
    assert {re.sub("[ab]$", "", name) for name in CLAIMS} == {f"C{n}" for n in range(1, 23)}
    for name in CLAIMS:
        if name[-1] in "ab":
            assert {name[:-1] + "a", name[:-1] + "b"} <= set(CLAIMS)
    assert [*CLAIMS] == sorted(CLAIMS, key=lambda name: (int(re.sub(r"\D", "", name)), name))


@pytest.mark.parametrize("name", CLAIMS)
def test_the_numbers_bear_out_the_verdict_and_come_from_where_the_row_says(name):
    claim, read = CLAIMS[name], []

    def load(source):
        read.append(source)
        return results.load(source)

    evidence = claim.measure(load)
    assert evidence.bears_out, str(evidence)
    assert set(read) == set(claim.sources)
    for label in claim.shown:
        assert f"\n({label})=\n" in BOOK, f"no section is labelled {label}"


@pytest.fixture(scope="module")
def page():
    """All that the chapter prints, with single spaces."""
    notebook = nbformat.read(ROOT / "notebooks" / "claims.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return " ".join(" ".join(o.get("data", {}).get("text/plain", "").split()) for o in outputs)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_page_says_what_is_measured_now(name, page):
    assert " ".join(repr(settle([name])).split()) in page


# --- each verdict can fail: with another result, another function --------------------------------


def _swap(table, one, other):
    table[one], table[other] = table[other], table[one]


def _direction(found):
    found["parameter_ratios"]["lstm"]["both directions"] = 1.9


def _lengths(one, other):
    return lambda found: _swap(found["tasks"]["reverse"], one, other)


def _padding(found):
    for run in found["classifiers"]["1, trained told"]:
        run["told_differs_by"] = 1e-3


def _ratio(found):
    found["ratios"]["torch"]["lstm/rnn"]["low"] = 1.0


def _calls(found):
    calls = found["shapes"]["small"]["calls"]
    calls["minGRU, tree"] = calls["GRU, torch.nn"]


def _bias(found):
    _swap(found["cells"], "LSTM, forget bias 0", "LSTM, forget bias 3")


def _eternal(found):
    for runs in found["cells"]["GRU"].values():
        for run in runs:
            run["right"] = 1.0


def _gates_exchanged(found):
    _swap(found["text"]["held_out_nats"], "reset", "update")


def _cells(one, other):
    def change(found):
        for row in found["settings"]:
            row["cell"] = {one: other, other: one}.get(row["cell"], row["cell"])

    return change


def _unlike(found):
    for row in found["settings"]:
        for run in row["runs"]:
            run["perplexity"] *= 1.5 if row["implementation"] == "scratch" else 1


def _not_by_heart(found):
    for run in (run for row in found["settings"] for run in row["runs"]):
        run["perplexity"] += 1


def _more_data(found):
    _swap(found["held_out_bits_per_character"], "lstm", "gru")


CHANGES = {
    "C5a": ("choosing", _cells("rnn", "lstm")),
    "C5b": ("choosing", _cells("rnn", "lstm")),
    "C6": ("step_time", _ratio),
    "C8": ("choosing", _cells("gru", "rnn")),
    "C9": ("predicting", _more_data),
    "C11": ("variants", _gates_exchanged),
    "C14": ("gaps", _eternal),
    "C15": ("parallel_scan", _calls),
    "C16": ("direction_cost", _direction),
    "C17a": ("lengths", _lengths("context at every step", "attention")),
    "C17b": ("lengths", lambda found: found["lengths"].reverse()),
    "C18": ("lengths", _lengths("context at every step", "context at the start")),
    "C20a": ("language_models", _unlike),
    "C20b": ("language_models", _not_by_heart),
    "C21": ("gaps", _bias),
    "C22": ("padding", _padding),
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_result_does_not_bear_it_out(name):
    source, change = CHANGES[name]

    def load(wanted):
        found = copy.deepcopy(results.load(wanted))
        if wanted == source:
            change(found)
        return found

    assert not CLAIMS[name].measure(load).bears_out
    with pytest.raises(ValueError, match=f"expected numbers that bear out {name}"):
        settle([name], load)


class _Relu(scratch.RNNCell):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, nonlinearity="relu", **kwargs)


class _Keeping(scratch.GRUCell):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{**kwargs, "update_gate": "keep"})


REPLACEMENTS = {
    "C1": (torch, "sigmoid", lambda x: 0.5 + x / 100),
    "C2": (gradients.gradients, "spectral_radius", lambda _: torch.tensor(1.0)),
    "C3": (gradients, "_overflow", lambda: True),
    "C4": (gradients, "set_forget_bias", lambda *_: None),
    "C7": (parameters, "count", lambda *_, **__: 290_816),
    "C10a": (scratch, "GRUCell", _Keeping),
    "C10b": (scratch, "GRUCell", _Keeping),
    "C12": (scratch, "RNNCell", _Relu),
    "C13": (cells, "_hold", lambda *_: None),
    "C19": (texts, "ORDER", 9),
}


@pytest.mark.parametrize("name", REPLACEMENTS)
def test_another_function_does_not_bear_it_out(name, monkeypatch):
    monkeypatch.setattr(*REPLACEMENTS[name])
    assert not CLAIMS[name].measure(results.load).bears_out


def test_every_verdict_was_seen_to_fail():
    assert set(CHANGES) | set(REPLACEMENTS) == set(CLAIMS)


# --- rows and tables ------------------------------------------------------------------------------


def test_evidence_has_a_place_for_each_number_and_a_number_for_each_place():
    shown = Evidence("half is {half:.1f}, true: {true}, false: {false}", {
        "half": 0.5, "true": True, "false": False,
    }, bears_out=True)  # fmt: skip
    assert str(shown) == "half is 0.5, true: yes, false: no"
    with pytest.raises(ValueError, match=r"got none for \['half'\]"):
        Evidence("nothing", {"half": 0.5}, bears_out=True)
    with pytest.raises(ValueError, match="got none for 'half'"):
        Evidence("{half}", {}, bears_out=True)


def test_a_table_shows_its_rows_as_text_and_as_html():
    table = settle(["C7", "C1"])
    assert [row.claim.name for row in table.rows] == ["C7", "C1"]
    text, page = repr(table), table._repr_html_()
    for row in table.rows:
        assert row.claim.verdict.upper() in text
        assert str(row.evidence) in page
        assert f'<th scope="row">{row.claim.name}: ' in page
    assert max(map(len, text.splitlines())) <= 88
    assert text.count("\n\n") == 1
    assert page.count("<tr>") == 3


def test_html_shows_signs_as_they_are():
    claim = Claim("C1", "a < b & c", "holds", "<b>", (), (), lambda _: None)
    row = claims.Row(claim, Evidence("{n} > 1", {"n": 2}, bears_out=True))
    page = claims.Table([row])._repr_html_()
    assert "a &lt; b &amp; c" in page
    assert "<b>" not in page


def test_unknown_names_and_verdicts_are_named():
    with pytest.raises(ValueError, match=r"expected a claim of C1, C2.*got 'C99'"):
        settle(["C99"])
    with pytest.raises(ValueError, match=r"expected a verdict of .*got 'perhaps'"):
        Claim("C1", "", "perhaps", "", (), (), lambda _: None)
    with pytest.raises(ValueError, match="expected a setting that was measured, got tea, rnn, 1"):
        claims.choosing.best(results.load("choosing"), "tea", "rnn", 1)
    with pytest.raises(ValueError, match="expected a setting that was measured, got 'RNN', 'tea'"):
        claims.memory.solved(results.load("remembering"), "RNN", "tea", 1)
