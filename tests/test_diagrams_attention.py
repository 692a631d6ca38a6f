"""Attention's pictures: the rules of all diagrams, and what each variant shows."""

import matplotlib.pyplot as plt
import pytest
import test_diagrams as rules
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

ATTENTION = ROLES["attention"].colour
WORDS, LETTERS = ["What", "time", "is", "it", "?"], [4, 4, 2, 2, 1]
SHARES = [[0.2] * 5, [0.1, 0.6, 0.1, 0.1, 0.1], [0.0, 1.0, 0.0, 0.0, 0.0]]
TITLES = ["factor 0", "factor 2", "factor 20"]


def table(keys=WORDS, values=LETTERS, weights=SHARES, titles=TITLES):
    return diagrams.soft_lookup(keys, values, weights, titles)


DRAWINGS = {
    "decoder": diagrams.decoder_attention,
    "decoder, flat": lambda: diagrams.decoder_attention((0.25,) * 4),
    "decoder, hard": lambda: diagrams.decoder_attention((1.0, 0.0, 0.0, 0.0)),
    "look-up": table,
    "look-up, small": lambda: table(["a", "b"], [1, 2], [[0.5, 0.5]], ["one"]),
    "look-up, large": lambda: table([*WORDS, "end"], [*LETTERS, 0.5], [[1 / 6] * 6] * 4, "abcd"),
    "rules": diagrams.scoring_rules,
    "steps": diagrams.attention_steps,
    "steps without the query": lambda: diagrams.attention_steps(combine=False),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("decoder", ["$h_1$", "$h_4$", "s_{t-1}", "$s_t$", "c_t", "y_{t-1}", r"\hat y_t", "query"]),
        ("decoder", [rf"\alpha_{{t{j}}}" for j in range(1, 5)]),
        ("rules", ["location", "linear", "additive", "dot product", "tanh", "sum", r"\sqrt{d}"]),
        ("rules", ["e_1", "e_N", "e_j", "k_j"]),
        ("steps", ["softmax", "score", "Linear", "[q;", "$c$", "$o$", "v_4", "k_4", r"\alpha_4"]),
        ("look-up", [*WORDS, *TITLES, "value", "key"]),
    ],
)
def test_the_symbols_that_the_chapter_speaks_of_are_there(name, wanted):
    shown = rules.symbols(DRAWINGS[name]())
    assert [symbol for symbol in wanted if symbol not in shown] == []
    plt.close("all")


def test_a_wire_is_the_thicker_the_greater_its_weight():
    weights = (0.05, 0.6, 0.25, 0.1)
    ax = diagrams.decoder_attention(weights)
    wires = [p for p in ax.patches if isinstance(p, PathPatch)]
    purple = [p for p in wires if to_hex(p.get_edgecolor()) == ATTENTION]
    assert len(purple) == 4
    purple.sort(key=lambda p: p.get_path().vertices[0, 0])  # from the first output to the last
    widths = [p.get_linewidth() for p in purple]
    order = sorted(range(4), key=lambda j: weights[j])
    assert sorted(range(4), key=lambda j: widths[j]) == order
    plt.close("all")


def test_bars_are_as_long_as_the_weights_and_the_means_are_right():
    ax = table()
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert len(bars) == 5 + 5 + 1  # no bar for a weight of 0
    full = max(bar.get_width() for bar in bars)
    last = [bar.get_width() / full for bar in bars]
    assert last == pytest.approx([share for row in SHARES for share in row if share])
    shown = [text.get_text() for text in ax.texts]
    for row in SHARES:
        mean = sum(share * value for share, value in zip(row, LETTERS, strict=True))
        assert f"{mean:.2f}" in shown
    plt.close("all")


def test_only_the_combining_rules_put_the_query_beside_the_context():
    beside, alone = (rules.symbols(diagrams.attention_steps(combine=c)) for c in (True, False))
    assert "[q;" in beside
    assert "2  put the query beside the context" in beside
    assert "[q;" not in alone
    assert "beside the context" not in alone
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.decoder_attention((0.5, 0.5)), r"four weights in .*got \[0.5, 0.5\]"),
        (lambda: diagrams.decoder_attention((2, 0, 0, 0)), r"four weights in \[0, 1\]; got \[2"),
        (lambda: table(["a"], [1], [[1.0]], ["t"]), "two to six keys.*got 1 keys"),
        (lambda: table(values=[1, 2]), "a value and weights for each; got 5 keys, 2 values"),
        (lambda: table(weights=[[0.5, 0.5]]), r"weights of \[2\]"),
        (lambda: table(titles=["one"]), "got 3 look-ups, 1 titles"),
        (lambda: table(weights=[], titles=[]), "one to four look-ups .*got 0 look-ups"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    plt.close("all")
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw", [diagrams.decoder_attention, diagrams.scoring_rules, diagrams.attention_steps, None]
)
def test_a_picture_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    plt.close("all")
    _, ax = plt.subplots()
    if draw is None:
        draw = diagrams.soft_lookup
        assert draw(WORDS, LETTERS, SHARES, TITLES, ax) is ax
    else:
        assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
    plt.close("all")
