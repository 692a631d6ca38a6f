"""The pictures of language models: the rules of all diagrams, and what each one shows."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.diagrams import Branch
from rnnlab.palette import FAINT, MUTED, PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

LEVELS = [
    [Branch(0, "e", -0.4, True), Branch(0, "a", -1.31, True), Branch(0, "i", -2.7, False)],
    [Branch(0, "␣", -0.8, True), Branch(1, "t", -1.5, True), Branch(1, "n", -3.2, False)],
]
DRAWINGS = {
    "memories": diagrams.two_memories,
    "memories of order 2": lambda: diagrams.two_memories(2),
    "memories of order 5": lambda: diagrams.two_memories(5),
    "beam": lambda: diagrams.beam_tree(LEVELS, "th"),
    "beam of one": lambda: diagrams.beam_tree(LEVELS[:1]),
    "long beam": lambda: diagrams.beam_tree([LEVELS[0], *[LEVELS[1]] * 4], "the"),
}


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_the_window_shows_one_token_less_than_its_order(order):
    ax = diagrams.two_memories(order)
    tokens = [text for text in ax.texts if text.get_text().startswith("$x") and text._y > 4]
    assert len(tokens) == 5
    grey = [to_hex(text.get_color()) == FAINT for text in sorted(tokens, key=lambda t: t._x)]
    assert grey == [True] * (6 - order) + [False] * (order - 1)
    assert f"a {order}-gram model: a window of {order - 1}" in {t.get_text() for t in ax.texts}
    states = [text for text in ax.texts if text.get_text().startswith("$h")]
    assert len(states) == 5  # the network has read them all


def test_the_tree_shows_what_was_tried_and_what_was_kept():
    ax = diagrams.beam_tree(LEVELS, "th")
    shown = {text.get_text(): to_hex(text.get_color()) for text in ax.texts}
    assert {"th", "e", "−0.40", "−1.31", "−3.20"} <= set(shown)
    assert shown["−0.40"] == shown["−1.50"] == ROLES["hidden"].colour
    assert shown["−2.70"] == shown["−3.20"] == MUTED
    assert (shown["e"], shown["i"]) == (PAPER, MUTED)  # filled, and outlined
    middle = {t.get_text(): t.get_position()[0] for t in ax.texts}
    assert middle["th"] < middle["e"] == middle["i"] < middle["t"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.two_memories(1), "order from 2 to 5; got 1"),
        (lambda: diagrams.two_memories(6), "order from 2 to 5; got 6"),
        (lambda: diagrams.beam_tree([]), "one to five levels with a token each; got 0"),
        (lambda: diagrams.beam_tree([[]]), "one to five levels with a token each; got 1"),
        (lambda: diagrams.beam_tree([LEVELS[1]]), r"parents below 1; got \[1, 1\]"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [lambda ax: diagrams.two_memories(3, ax), lambda ax: diagrams.beam_tree(LEVELS, "th", ax)],
)
def test_a_picture_goes_into_a_given_axes(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("draw", [diagrams.two_memories, diagrams.beam_tree])
def test_a_picture_has_an_alternative_text(draw):
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
