"""Figures of language models: what comes next, and what was learned against what was held out."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figures import assert_drawn_inside
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

TOKENS = "ab \ncd"
GUESSES = {
    "unigram": torch.tensor([0.3, 0.25, 0.2, 0.15, 0.1, 0.0]),
    "gru": [0.0, 0.05, 0.05, 0.0, 0.1, 0.8],
}
PAIRS = {"D2L, lstm": [(1.1, 30.0), (1.3, 25.0)], "3-gram": [(5.5, 7.7)]}


def test_the_tokens_are_those_that_some_model_finds_likeliest():
    ax = plotting.next_tokens(GUESSES, TOKENS, most=4)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["d", "a", "b", "␣"]
    wider = plotting.next_tokens(GUESSES, TOKENS)
    assert [label.get_text() for label in wider.get_xticklabels()] == ["d", "a", "b", "␣", "↵", "c"]


def test_each_model_has_its_probabilities_and_a_look_of_its_own():
    ax = plotting.next_tokens(GUESSES, TOKENS, most=4)
    unigram, gru = ax.lines
    np.testing.assert_allclose(unigram.get_ydata(), [0.0, 0.3, 0.25, 0.2])
    np.testing.assert_allclose(gru.get_ydata(), [0.8, 0.0, 0.05, 0.05])
    assert (to_hex(gru.get_color()), gru.get_marker()) == (ROLES["gru"].colour, "^")
    assert unigram.get_marker() != gru.get_marker()
    assert (unigram.get_xdata() < gru.get_xdata()).all()  # side by side
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["unigram", "GRU"]


def test_both_perplexities_of_every_seed_are_drawn_and_told_apart():
    ax = plotting.learned_and_held_out(PAIRS)
    assert ax.get_xscale() == "log"
    learned, held_out, *_ = ax.lines
    assert learned.get_xdata().tolist() == [1.1, 1.3]
    assert held_out.get_xdata().tolist() == [30.0, 25.0]
    assert to_hex(learned.get_markerfacecolor()) == PAPER
    assert to_hex(held_out.get_markerfacecolor()) == ROLES["lstm"].colour
    assert len(set(learned.get_ydata())) == 2  # seeds do not hide each other
    assert [label.get_text() for label in ax.get_yticklabels()] == ["D2L, LSTM", "3-gram"]
    ax.figure.canvas.draw()
    assert {"1", "10", "20"} <= {label.get_text() for label in ax.get_xticklabels()}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.next_tokens({}, TOKENS), "at least one; got none"),
        (lambda: plotting.next_tokens({"a": [1.0]}, TOKENS), "a: expected 6 prob.*got 1"),
        (lambda: plotting.next_tokens({"a": [0.3] * 6}, TOKENS), "sum to 1; got 1.8"),
        (lambda: plotting.learned_and_held_out({}), "at least one model; got none"),
        (lambda: plotting.learned_and_held_out({"a": [(0.5, 2)]}), "a: expected pairs"),
        (lambda: plotting.learned_and_held_out({"a": [(2, 2, 2)]}), "a: expected pairs"),
    ],
)
def test_figures_refuse_what_they_cannot_draw(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    plt.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.next_tokens(GUESSES, TOKENS, ax),
        lambda ax: plotting.learned_and_held_out(PAIRS, ax),
    ],
)
def test_a_figure_goes_into_a_given_axes(draw):
    assert_drawn_inside(draw)
