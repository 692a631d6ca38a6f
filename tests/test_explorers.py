"""The explorers in Python: what they compute, their networks, the extension that places them."""

import json
import random
import subprocess
import sys
from pathlib import Path

import explorers as extension
import pages
import pytest
import torch
from plain import Plain
from references import Bibliography
from repository import ROOT
from torch import nn

from rnnlab import data, explorers, gradients, palette, scratch
from rnnlab.data.reber import SYMBOLS, all_right, successors
from rnnlab.explorers import networks
from rnnlab.explorers.stepping import FORCIBLE

KINDS = ("rnn", "lstm", "gru")
TEXTS = ["BTBPVVETE", "BPBTXSEPE", "EXPVST", "B"]


def one_hot(text: str) -> torch.Tensor:
    places = torch.tensor([SYMBOLS.index(symbol) for symbol in text])
    return nn.functional.one_hot(places, len(SYMBOLS)).double()


# --- a cell, step by step -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_free_steps_are_those_of_the_layer(kind: str) -> None:
    network = explorers.shipped_network(kind)
    layer = network.encoder.recurrent
    for text in TEXTS:
        run, x = explorers.trace(network, text), one_hot(text)
        states = [states[1:] for states in gradients.states_over(layer, x)]
        expected = dict(zip(("hidden", "cell"), states, strict=False))
        if kind != "rnn":
            expected |= gradients.gates_over(layer, x)
        assert run.values.keys() == {"input", *expected}
        for role, values in expected.items():
            torch.testing.assert_close(run.values[role], values)
        with torch.no_grad():
            torch.testing.assert_close(run.probabilities, network(x[:, None])[:, 0].softmax(-1))


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_forced_gate_has_that_value_and_the_equations_go_on_with_it(kind, value) -> None:
    network = explorers.shipped_network(kind)
    free = explorers.trace(network, TEXTS[0])
    for gate in FORCIBLE[kind]:
        v = explorers.trace(network, TEXTS[0], {gate: value}).values
        assert (v[gate] == value).all()
        assert (v["hidden"] - free.values["hidden"]).abs().max() > 1e-3
        if kind == "lstm":
            before = torch.cat([torch.zeros(1, explorers.UNITS).double(), v["cell"][:-1]])
            c = v["forget"] * before + v["input_gate"] * v["candidate"]
            torch.testing.assert_close(v["cell"], c)
            torch.testing.assert_close(v["hidden"], v["output"] * c.tanh())
        else:
            before = torch.cat([torch.zeros(1, explorers.UNITS).double(), v["hidden"][:-1]])
            h = v["update"] * before + (1 - v["update"]) * v["candidate"]
            torch.testing.assert_close(v["hidden"], h)


def test_a_gate_forced_at_one_step_leaves_the_steps_before_it_as_they_are() -> None:
    network = explorers.shipped_network("lstm")
    free = explorers.trace(network, TEXTS[0]).values
    forced = explorers.trace(network, TEXTS[0], {"forget": 0.0}, at=4).values
    assert torch.equal(forced["cell"][:3], free["cell"][:3])
    assert (forced["forget"] == 0).all(1).tolist() == [step == 4 for step in range(1, 10)]
    torch.testing.assert_close(forced["cell"][3], (free["input_gate"] * free["candidate"])[3])


@pytest.mark.parametrize("kind", KINDS)
def test_a_blocked_unit_is_as_good_as_none(kind: str) -> None:
    """Its weights into the rest may be anything."""
    network = explorers.shipped_network(kind)
    before = explorers.trace(network, TEXTS[0], blocked=3)
    assert (before.values["hidden"][:, 2] == 0).all()
    with torch.no_grad():
        network.encoder.recurrent.weight_hh_l0[:, 2] = 9.0
        network.decoder.weight[:, 2] = 9.0
    after = explorers.trace(network, TEXTS[0], blocked=3)
    torch.testing.assert_close(after.probabilities, before.probabilities)
    assert (
        explorers.trace(network, TEXTS[0]).probabilities - after.probabilities
    ).abs().max() > 0.1


@pytest.mark.parametrize(
    ("text", "forced", "message"),
    [
        ("", {}, "expected a string of B, T"),
        ("BTA", {}, "expected a string of B, T"),
        ("BT", {"update": 0.0}, r"expected gates of .*, got \['update'\]"),
        ("BT", {"candidate": 0.0}, "candidate"),
    ],
)
def test_what_cannot_be_stepped_through_is_refused(text, forced, message) -> None:
    with pytest.raises(ValueError, match=message):
        explorers.trace(explorers.shipped_network("lstm"), text, forced)


# --- the networks ---------------------------------------------------------------------------------


def test_what_may_follow_is_what_the_grammar_says() -> None:
    for k in range(100):
        text = data.EmbeddedReber(100).text(k)
        following = explorers.may_follow(text)
        assert [*map(set, following[:-1])] == [*map(set, successors(text))]
        assert following[-1] == ""
        for cut in range(len(text)):
            assert explorers.may_follow(text[:cut]) == following[:cut]
    assert explorers.may_follow("BTBPVVEPE") == ["TP", "B", "TP", "TV", "PV", "E", "T", None, None]
    assert explorers.may_follow("BPBTXSEPEB")[-2:] == ["", None]
    assert explorers.may_follow("TB") == [None, None]


def right(network: nn.Module, texts: list[str], **interference: object) -> float:
    """The share of steps at which all that may follow outranks all that may not."""
    verdicts = []
    for text in texts:
        ways = explorers.may_follow(text)[:-1]
        allowed = torch.tensor([[symbol in way for symbol in SYMBOLS] for way in ways])
        shares = explorers.trace(network, text[:-1], **interference).probabilities
        verdicts += all_right(shares, allowed).tolist()
    return sum(verdicts) / len(verdicts)


def test_the_networks_that_are_shipped_know_the_grammar() -> None:
    texts = [data.EmbeddedReber(60, split="test", least=12).text(k) for k in range(60)]
    found = {kind: right(explorers.shipped_network(kind), texts) for kind in KINDS}
    assert found["lstm"] == found["gru"] == 1
    assert found["rnn"] > 0.95
    assert right(explorers.new_network("lstm"), texts) < 0.5


@pytest.mark.parametrize(("kind", "keeps"), [("lstm", "forget"), ("gru", "update")])
def test_without_the_gate_that_keeps_the_second_letter_is_lost(kind: str, keeps: str) -> None:
    texts = [data.EmbeddedReber(60, split="test", least=12).text(k) for k in range(60)]
    network = explorers.shipped_network(kind)

    def remembered(**interference: object) -> float:
        runs = [explorers.trace(network, text[:-2], **interference) for text in texts]
        likely = [SYMBOLS[run.probabilities[-1].argmax()] for run in runs]
        return sum(a == text[1] for a, text in zip(likely, texts, strict=True)) / len(texts)

    assert remembered() == 1
    assert remembered(forced={keeps: 0.0}) < 0.7
    assert remembered(forced={keeps: 0.0}, at=4) < 0.7


def test_training_is_the_same_each_time_and_leaves_random_numbers_alone(monkeypatch) -> None:
    monkeypatch.setattr(networks, "_RECIPES", dict.fromkeys(KINDS, (0, 5, 1e-2)))
    before = torch.random.get_rng_state()
    for kind in KINDS:
        first, second = (explorers.train(kind).state_dict() for _ in range(2))
        torch.testing.assert_close(first, second)
        assert all(tensor.dtype == torch.float64 for tensor in first.values())
    assert torch.equal(torch.random.get_rng_state(), before)
    monkeypatch.setattr(networks, "_RECIPES", dict.fromkeys(KINDS, (1, 5, 1e-2)))
    assert not torch.allclose(explorers.train(kind).decoder.weight, first["decoder.weight"])


def test_stored_weights_are_read_back_as_they_were_rounded(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(networks, "FILE", tmp_path / "networks.json")
    models = {kind: explorers.new_network(kind) for kind in KINDS}
    networks.store(models, digits=3)
    networks.stored_weights.cache_clear()
    for kind in KINDS:
        read = explorers.shipped_network(kind).state_dict()
        for name, tensor in models[kind].state_dict().items():
            assert (read[name] - tensor).abs().max() <= 0.5e-3 + 1e-12
    networks.stored_weights.cache_clear()


# --- a gradient through a gap ---------------------------------------------------------------------

random.seed(0)
GAPS = [
    (
        kind,
        random.uniform(-3, 3),
        random.uniform(-4, 8),
        random.uniform(-2, 2),
        random.randint(1, 40),
    )
    for kind in KINDS
    for _ in range(8)
]


@pytest.mark.parametrize(("kind", "weight", "bias", "start", "gap"), GAPS, ids=range(len(GAPS)))
def test_the_formula_is_what_autograd_says(kind, weight, bias, start, gap) -> None:
    ours = explorers.gap_layer(kind, weight, bias)
    theirs = getattr(nn, kind.upper())(1, 1, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    found = explorers.through_gap(kind, weight, bias, start, gap)
    for layer in (ours, theirs):
        s = torch.full((1, 1, 1), start, dtype=torch.float64, requires_grad=True)
        x = torch.zeros(gap, 1, 1, dtype=torch.float64)
        _, last = layer(x, (s.tanh() / 2, s) if kind == "lstm" else s)
        last = last[1] if kind == "lstm" else last
        (gradient,) = torch.autograd.grad(last.sum(), s)
        assert found.states[-1] == pytest.approx(last.item(), rel=1e-9, abs=1e-12)
        assert found.gradients[-1] == pytest.approx(gradient.item(), rel=1e-9, abs=1e-300)
    other = explorers.through_gap(kind, weight * 1.01, bias, start, gap)
    assert other.gradients[-1] != pytest.approx(found.gradients[-1], rel=1e-9, abs=0)


def test_a_gap_from_zero_is_a_power_and_no_gap_changes_nothing() -> None:
    assert explorers.through_gap("rnn", 0.9, 0, 0, 40).gradients[-1] == pytest.approx(0.9**40)
    forget = explorers.through_gap("lstm", 0.0, 2.0, 0.7, 10).gradients[-1]
    assert forget == pytest.approx((1 / (1 + torch.exp(torch.tensor(-2.0)).item())) ** 10, rel=1e-6)
    assert explorers.through_gap("gru", 2.0, 1.0, 0.5, 0).gradients == (1.0,)
    with pytest.raises(ValueError, match="kind"):
        explorers.through_gap("mlp", 1, 1, 1, 1)
    with pytest.raises(ValueError, match="gap of at least 0"):
        explorers.through_gap("rnn", 1, 1, 1, -1)


# --- parameters and attention ---------------------------------------------------------------------


@pytest.mark.parametrize("bidirectional", [False, True])
def test_parts_of_a_model_are_counted_as_they_are_built(bidirectional: bool) -> None:
    layer = nn.LSTM(5, 7, 2, bidirectional=bidirectional, proj_size=3)
    parts = explorers.model_parts(
        "lstm", 5, 7, 2, bidirectional=bidirectional, proj_size=3, symbols=11, classes=4
    )
    built = [nn.Embedding(11, 5), layer, nn.Linear(3 * (1 + bidirectional), 4)]
    counted = [sum(p.numel() for p in module.parameters()) for module in built]
    assert [*parts.values()] == counted
    assert explorers.model_parts("gru", 5, 7)["embedding"] == 0
    with pytest.raises(ValueError, match="symbols and classes"):
        explorers.model_parts("gru", 5, 7, classes=-1)


def test_words_and_their_vectors() -> None:
    assert explorers.words_of("  the cat，我爱 x3\u3000y ") == [
        "the",
        "cat，",
        "我",
        "爱",
        "x3",
        "y",
    ]
    for word in ("a", "?", "traveller", "国", "🙂"):
        assert explorers.vector_of(word).norm().item() == pytest.approx(explorers.SIZE**0.5)
    cat, cats, dog = (explorers.vector_of(word) for word in ("cat", "cats", "dog"))
    assert cat @ cats > cat @ dog
    assert torch.equal(explorers.vector_of("ACT"), cat)
    for text in ("", " \n", "a " * (explorers.LONGEST + 1)):
        with pytest.raises(ValueError, match="words"):
            explorers.words_of(text)


def test_weights_depend_on_what_the_rules_say() -> None:
    first, other = "the cat saw a dog", "the saw cat a dog"
    swapped = [0, 2, 1, 3, 4]
    for rule in ("dot", "additive", "linear"):
        _, weights = explorers.sentence_weights(first, rule)
        _, moved = explorers.sentence_weights(other, rule)
        torch.testing.assert_close(weights.sum(1), torch.ones(5).double())
        torch.testing.assert_close(moved, weights[swapped][:, swapped])
        assert torch.allclose(weights, weights[0].expand_as(weights)) == (rule == "linear")
        assert weights.diagonal().argmax() >= 0
    for rule in ("dot", "additive"):  # a word fits itself best
        _, weights = explorers.sentence_weights(first, rule)
        assert weights.argmax(1).tolist() == [0, 1, 2, 3, 4]
    _, weights = explorers.sentence_weights(first, "location")
    _, moved = explorers.sentence_weights(other, "location")
    torch.testing.assert_close(moved, weights[swapped])  # the places keep their weights


def test_rules_are_those_of_the_package() -> None:
    text = "time after time"
    x = torch.stack([explorers.vector_of(word) for word in text.split()])
    scores, weights = explorers.sentence_weights(text, "dot")
    torch.testing.assert_close(scores, scratch.dot_product_scores(x, x))
    torch.testing.assert_close(weights, scores.softmax(-1))
    plain, _ = explorers.sentence_weights(text, "dot", scaled=False)
    torch.testing.assert_close(plain, x @ x.T)
    score = scratch.Score(8, 8, "additive", hidden_size=16, dtype=torch.float64)
    score.pair.load_state_dict(explorers.weights_of_rule("additive")._asdict())
    scores, _ = explorers.sentence_weights(text, "additive")
    halves, _ = explorers.sentence_weights(text, "additive", halved=True)
    torch.testing.assert_close(scores, score(x, x))
    torch.testing.assert_close(halves, scores / 2)
    with pytest.raises(ValueError, match="rule"):
        explorers.sentence_weights(text, "cosine")


# --- the extension --------------------------------------------------------------------------------


def test_scripts_get_numbers_and_colours_of_the_package() -> None:
    known = json.loads(json.dumps(extension.browser_data()))
    assert known["grammar"]["symbols"] == SYMBOLS
    weights = explorers.shipped_network("gru").state_dict()
    for name, numbers in known["networks"]["gru"].items():
        assert torch.equal(torch.tensor(numbers, dtype=torch.float64), weights[name])
    assert known["roles"]["candidate"]["symbols"] == {"rnn": "g", "lstm": "g", "gru": "n"}
    sheet = extension.colours()
    for key, role in palette.ROLES.items():
        assert f"--explorer-{key}: {role.colour};" in sheet
        assert f"--explorer-{key}: {palette.in_the_dark(role.colour)};" in sheet


def test_scripts_are_small_and_load_nothing() -> None:
    for path in extension.SOURCES.iterdir():
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) <= 300, path.name
        source = source.replace("http://www.w3.org/2000/svg", "")  # a name, no address
        assert [word for word in ("fetch(", "import(", "http", "url(") if word in source] == []
        assert path.suffix == ".css" or '"use strict";' in source
    assert {path.name for path in extension.SOURCES.iterdir()} == {
        *extension.SCRIPTS, *extension.VIEWS.values(), *extension.STYLES
    } - {"data.js", "palette.css"}  # fmt: skip


CONF = "extensions = ['myst_parser', 'explorers']\nsuppress_warnings = ['app.add_node']\n"
WITH = "# A\n\n```{explorer} gap\n:title: The title\nIn print.\n```\n"


def built(folder: Path, page: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Build two pages, the second one without an explorer."""
    folder.mkdir()
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(page + "\n```{toctree}\nplain\n```\n")
    (folder / "plain.md").write_text("# B\n")
    out = folder / "out"
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_tools")!r})
from sphinx.cmd.build import main
sys.exit(main(["-q", "-W", "-b", "html", {str(folder)!r}, {str(out)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    return done, out


def test_a_page_with_an_explorer_loads_the_scripts_and_no_other_does(tmp_path: Path) -> None:
    done, out = built(tmp_path / "good", WITH)
    assert done.returncode == 0, done.stderr
    page = (out / "index.html").read_text(encoding="utf-8")
    for part in ('id="explorer-gap"', 'data-title="The title"', "explorer-static", "In print."):
        assert part in page
    assert "explorers/gap-view.js" in page
    assert "explorers/cell-view.js" not in page
    assert page.index("explorers/data.js") < page.index("explorers/core.js")
    assert (out / "_static" / "explorers" / "data.js").is_file()
    assert "explorers/" not in (out / "plain.html").read_text(encoding="utf-8")
    for old, new in (("gap\n", "gaps\n"), (":title: The title\n", ""), ("In print.\n", "")):
        assert old in WITH
        done, _ = built(tmp_path / f"bad{len(old)}", WITH.replace(old, new))
        assert done.returncode != 0, new


def test_a_notebook_says_where_the_explorer_is() -> None:
    book = pages.pages()
    page = next(page for page in book if page.name == "explorers")
    plain = Plain(page, pages.Index(book), Bibliography({}))
    text = plain.convert("```{explorer} gap\n:title: The title\nSee {numref}`fig-x`.\n```")
    assert text.startswith("> **The title.** It stands here on the book's page")
    assert "fig-x" not in text
