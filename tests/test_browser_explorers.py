"""The explorers in a real browser: their numbers are the package's, and everybody can use them."""

import itertools
import random

import browsing
import pytest
import torch
from judging import AXE
from playwright.sync_api import Page, expect

from rnnlab import data, explorers, palette, parameters
from rnnlab.data.reber import SYMBOLS
from rnnlab.explorers.stepping import FORCIBLE
from rnnlab.scratch.scoring import RULES

FOLDER = browsing.HTML.as_uri()
KINDS = ("rnn", "lstm", "gru")
NAMES = ("cell", "gap", "ledger", "attention")
CLOSE = 1e-6


def farthest(ours: object, theirs: object) -> float:
    """The greatest difference between two nestings of numbers of one shape, relative above 1."""
    a, b = (torch.as_tensor(x, dtype=torch.float64) for x in (ours, theirs))
    assert a.shape == b.shape
    same = (a == b) | (a.isnan() & b.isnan())
    return torch.where(same, 0.0, (a - b).abs() / a.abs().clamp(min=1)).max().item()


def computed(page: Page, function: str, settings: list) -> list:
    """What the page's arithmetic makes of each of some settings."""
    found: list = page.evaluate(
        "([name, all]) => all.map((one) => rnnlabExplorers.compute[name](one))",
        [function, settings],
    )
    return found


# --- the numbers ----------------------------------------------------------------------------------


def test_the_browser_computes_what_the_package_computes(visit: browsing.Open) -> None:
    page = visit(at=FOLDER).go("explorers")
    draw = random.Random(0)

    strings = [data.EmbeddedReber(20).text(k) for k in range(20)]
    strings += ["".join(draw.choices(SYMBOLS, k=draw.randint(1, 20))) for _ in range(20)]
    cells = [cell_settings(draw, text) for text in strings for _ in range(2)]
    for chosen, found in zip(cells, computed(page, "trace", cells), strict=True):
        run = python_trace(chosen)
        assert found["values"].keys() == run.values.keys()
        assert farthest(run.probabilities, found["probabilities"]) < CLOSE
        for role, values in run.values.items():
            assert farthest(values, found["values"][role]) < CLOSE, (chosen, role)
    wrong = python_trace({**cells[0], "text": "E" + cells[0]["text"][1:]})  # a negative control
    right = computed(page, "trace", cells[:1])[0]
    assert farthest(wrong.probabilities, right["probabilities"]) > 1e-3
    follow = computed(page, "mayFollow", strings)
    assert follow == [explorers.may_follow(text) for text in strings]

    gaps = [gap_settings(draw, kind) for kind in KINDS for _ in range(30)]
    for chosen, found in zip(gaps, computed(page, "throughGap", gaps), strict=True):
        gap = explorers.through_gap(**chosen)
        for ours in ("states", "factors", "gradients"):
            assert farthest(getattr(gap, ours), found[ours]) < CLOSE, chosen
        ratio = found["gradients"][-1] / gap.gradients[-1] if gap.gradients[-1] else 1
        assert ratio == pytest.approx(1, rel=CLOSE)  # small ones, too

    ledgers = [ledger_settings(draw) for _ in range(100)]
    for chosen, found in zip(ledgers, computed(page, "ledger", ledgers), strict=True):
        ledger, parts = python_ledger(chosen)
        rows = [
            (e["layer"], e["direction"], e["name"], e["shape"], e["count"])
            for e in found["entries"]
        ]
        assert rows == [(e.layer, e.direction, e.name, e.shape, e.count) for e in ledger.entries]
        assert found["parts"] == parts
        assert found["total"] == sum(parts.values())
        assert all(e["count"] == e["each"] * (e["gates"] or 1) for e in found["entries"])

    texts = [
        "the cat saw the other cats",
        "我爱中国，中国爱我",
        "What time is it ?",
        "a",
        "Straße ÄÖ 🙂 İx",
    ]
    asked = [
        {"text": text, "rule": rule, "scaled": scaled, "halved": halved}
        for text, rule in itertools.product(texts, RULES)
        for scaled, halved in ((True, False), (False, True))
    ]
    for chosen, found in zip(asked, computed(page, "sentence", asked), strict=True):
        scores, weights = explorers.sentence_weights(**chosen)
        assert farthest(scores, found["scores"]) < CLOSE, chosen
        assert farthest(weights, found["weights"]) < CLOSE, chosen
    assert computed(page, "wordsOf", texts) == [explorers.words_of(text) for text in texts]


def cell_settings(draw: random.Random, text: str) -> dict:
    kind = draw.choice(KINDS)
    gates = [gate for gate in FORCIBLE[kind] if draw.random() < 0.5]
    return {
        "kind": kind,
        "text": text,
        "forced": {gate: draw.choice([0, 1]) for gate in gates},
        "at": draw.choice([0, draw.randint(1, len(text))]),
        "blocked": draw.choice([0, 0, draw.randint(1, explorers.UNITS)]),
    }


def python_trace(chosen: dict) -> explorers.Trace:
    return explorers.trace(
        explorers.shipped_network(chosen["kind"]),
        chosen["text"],
        chosen["forced"],
        at=chosen["at"] or None,
        blocked=chosen["blocked"] or None,
    )


def gap_settings(draw: random.Random, kind: str) -> dict:
    return {
        "kind": kind,
        "weight": draw.uniform(-3, 3),
        "bias": draw.uniform(-4, 8),
        "start": draw.choice([0.0, draw.uniform(0, 2)]),
        "gap": draw.randint(1, 100),
    }


def ledger_settings(draw: random.Random) -> dict:
    kind, hidden = draw.choice(KINDS), draw.randint(2, 300)
    return {
        "kind": kind,
        "input": draw.randint(1, 300),
        "hidden": hidden,
        "layers": draw.randint(1, 4),
        "biases": draw.randint(0, 2),
        "bidirectional": draw.random() < 0.5,
        "projection": draw.choice([0, draw.randint(1, hidden - 1)]) if kind == "lstm" else 0,
        "symbols": draw.choice([0, draw.randint(1, 10_000)]),
        "classes": draw.choice([0, draw.randint(1, 10_000)]),
    }


def python_ledger(chosen: dict) -> tuple[parameters.Ledger, dict[str, int]]:
    sizes = [chosen[name] for name in ("kind", "input", "hidden", "layers")]
    options = {name: chosen[name] for name in ("biases", "bidirectional")}
    options["proj_size"] = chosen["projection"]
    parts = {name: chosen[name] for name in ("symbols", "classes")}
    return parameters.ledger(*sizes, **options), explorers.model_parts(*sizes, **parts, **options)


# --- using them -----------------------------------------------------------------------------------


def numbers(page: Page, name: str) -> dict:
    found: dict = page.evaluate("(name) => rnnlabExplorers.numbers(name)", name)
    return found


def test_a_forced_gate_destroys_the_memory_before_ones_eyes(visit: browsing.Open) -> None:
    page = visit().go("explorers")
    box = page.locator("#explorer-cell")
    says = box.get_by_role("status")
    expect(says).to_contain_text("expects T")
    expect(says).to_contain_text("✓ right. This is the step that needs memory.")
    box.get_by_role("combobox", name="forget gate f").select_option("forced to 0")
    box.get_by_role("combobox", name="When").select_option("4")
    expect(says).to_contain_text("✗ wrong")
    shown = numbers(page, "cell")
    run = python_trace(shown)
    assert shown["forced"] == {"forget": 0}
    assert shown["at"] == 4
    assert farthest(run.values["cell"], shown["values"]["cell"]) < CLOSE
    assert SYMBOLS[run.probabilities[shown["step"] - 1].argmax()] == "P"
    box.get_by_role("combobox", name="Drawn below").select_option("twin")
    shown = numbers(page, "cell")
    assert shown["twin"] == "BPBPVVEPE"
    other = python_trace({**shown, "text": shown["twin"]})
    difference = run.values["cell"] - other.values["cell"]
    assert farthest(difference, shown["drawn"]["cell"]) < CLOSE
    assert (difference[0] == 0).all()  # the same first letter
    assert difference[1].abs().max() > 0.1
    box.get_by_role("button", name="undo all").click()
    expect(says).to_contain_text("✓ right")
    box.get_by_label("GRU").check()
    expect(box.get_by_role("combobox", name="update gate z")).to_be_visible()
    expect(box.get_by_role("combobox", name="forget gate f")).to_have_count(0)
    box.get_by_role("combobox", name="Unit held at 0").select_option("4")
    shown = numbers(page, "cell")
    assert farthest(python_trace(shown).probabilities, shown["probabilities"]) < CLOSE
    assert shown["blocked"] == 4


def test_each_explorer_can_be_used_with_the_keyboard_alone(visit: browsing.Open) -> None:
    page = visit().go("explorers")
    tab, arrow = "Tab", "ArrowRight"
    page.locator("#explorer-cell input[type=radio]:checked").focus()
    page.keyboard.press(arrow)
    assert numbers(page, "cell")["kind"] == "gru"
    page.keyboard.press(tab)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("bpbtxse")
    assert numbers(page, "cell")["text"] == "BPBTXSE"
    page.locator("#explorer-cell").get_by_label("Step", exact=True).focus()
    page.keyboard.press("Home")
    page.keyboard.press(arrow)
    expect(page.locator("#explorer-cell").get_by_role("status")).to_contain_text("Step 2 of 7")

    page.locator("#explorer-gap").get_by_label("recurrent weight w").focus()
    for _ in range(2):
        page.keyboard.press(arrow)
    page.keyboard.press(tab)
    page.keyboard.press("Home")
    shown = numbers(page, "gap")["rnn"]
    assert (round(shown["weight"], 9), shown["gap"]) == (0.6, 1)
    assert shown["gradients"][-1] == pytest.approx(0.6)

    page.locator("#explorer-ledger").get_by_role("button", name="char-rnn").focus()
    page.keyboard.press("Enter")
    assert numbers(page, "ledger")["total"] == 5_454_926
    said = page.locator("#explorer-ledger").get_by_role("status").inner_text()
    assert said.split(" parameters")[0].replace("\u202f", "") == "5454926"

    page.locator("#explorer-attention input[type=radio]:checked").focus()
    for _ in range(2):
        page.keyboard.press(arrow)
    shown = numbers(page, "attention")
    assert shown["rule"] == "linear"
    assert farthest(shown["weights"], [shown["weights"][0]] * 6) < 1e-12
    assert page.evaluate("document.activeElement.matches(':focus-visible')")


def test_what_cannot_be_computed_is_explained_and_what_was_shown_stays(
    visit: browsing.Open,
) -> None:
    page = visit().go("explorers")
    before = {name: numbers(page, name) for name in NAMES}
    cell, ledger, attention = (page.locator(f"#explorer-{name}") for name in NAMES if name != "gap")
    field = cell.get_by_role("textbox")
    field.fill("BTA2")
    expect(cell.locator(".explorer-error")).to_contain_text("B, T, P, S, X, V, E, and not “A”, “2”")
    expect(field).to_have_attribute("aria-invalid", "true")
    ledger.get_by_label("hidden units").fill("2.5")
    expect(ledger.locator(".explorer-error")).to_contain_text("whole number")
    ledger.get_by_label("hidden units").fill("256")
    ledger.get_by_label("projection").fill("256")
    expect(ledger.locator(".explorer-error")).to_contain_text("smaller than the hidden state")
    attention.get_by_role("textbox").fill("a b c d e f g h i j k")
    expect(attention.locator(".explorer-error")).to_contain_text("11 words")
    assert {name: numbers(page, name) for name in NAMES} == before
    field.fill("bt")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(cell.locator(".explorer-error")).to_be_empty()


# --- everybody ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_axe_knows_stands_in_the_way(visit: browsing.Open, scheme: str) -> None:
    page = visit(color_scheme=scheme).go("explorers")
    page.locator("#explorer-cell summary").click()
    page.locator("#explorer-attention").get_by_role("textbox").fill("")
    page.add_script_tag(content=AXE)
    faults = page.evaluate("async () => (await axe.run('.explorer')).violations")
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == []
    page.evaluate("document.querySelector('#explorer-gap label').remove()")  # a negative control
    assert page.evaluate("async () => (await axe.run('#explorer-gap')).violations.length")
    colour = page.locator("#explorer-gap .curve.role-lstm polyline").evaluate(
        "(line) => getComputedStyle(line).stroke"
    )
    light = palette.role("lstm").colour
    expected = {"light": light, "dark": palette.in_the_dark(light)}[scheme]
    assert colour == f"rgb{tuple(int(expected[i : i + 2], 16) for i in (1, 3, 5))}"


def test_narrow_screens_and_paper(visit: browsing.Open) -> None:
    page = visit(viewport=browsing.NARROW).go("explorers")
    page.locator("#explorer-cell").get_by_role("button", name="longest").click()
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    for name in NAMES:
        box = page.locator(f"#explorer-{name}")
        expect(box.locator(".explorer-live")).to_be_visible()
        expect(box.locator(".explorer-static")).to_be_hidden()
    figures = [f"#fig-explore-{name} img" for name in ("cell", "gap", "attention")]
    for figure in figures:
        page.locator(figure).scroll_into_view_if_needed()  # they are loaded when they come near
    page.emulate_media(media="print")
    for name in NAMES:
        box = page.locator(f"#explorer-{name}")
        expect(box.locator(".explorer-live")).to_be_hidden()
        expect(box.locator(".explorer-static")).to_be_visible()
    for figure in figures:
        expect(page.locator(figure)).to_be_visible()


def test_without_scripts_the_text_stands_there(visit: browsing.Open) -> None:
    seen = visit(java_script_enabled=False)
    seen.page.goto(f"{seen.site}/explorers.html")
    for name in NAMES:
        expect(seen.page.locator(f"#explorer-{name} .explorer-static")).to_be_visible()
    assert seen.strangers == []


def test_each_explorer_leads_to_the_cell_that_computes_the_same(visit: browsing.Open) -> None:
    page = visit(at=FOLDER).go("explorers")
    calls = {
        "cell": "explorers.trace(",
        "gap": "explorers.through_gap(",
        "ledger": "parameters.ledger(",
        "attention": "explorers.sentence_weights(",
    }
    for name in NAMES:
        address = page.locator(f"#explorer-{name} .explorer-same").get_attribute("href")
        section = page.locator(f"section:is({address}, :has(> {address}))")
        assert calls[name] in section.locator(".cell_input").first.inner_text(), name
