"""Quality against its cost, and paired differences: what is drawn is what was measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figures import assert_drawn_inside
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import INK, MUTED, PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

COSTS = {"rnn": [1000, 3000, 20000], "lstm": [4000, 12000]}
LOSSES = {"rnn": [[3.0, 2.0, 1.0], [3.5, 2.5, 1.5]], "lstm": torch.tensor([2.0, 0.5])}


def drawn(ax, name):
    """Give the line of a series."""
    return next(line for line in ax.lines if line.get_label() == name)


def test_lines_are_means_over_their_own_costs_with_the_cells_looks():
    ax = plotting.quality_by_cost(COSTS, LOSSES)
    assert drawn(ax, "RNN").get_xdata().tolist() == COSTS["rnn"]
    assert drawn(ax, "RNN").get_ydata().tolist() == [3.25, 2.25, 1.25]
    assert drawn(ax, "LSTM").get_xdata().tolist() == COSTS["lstm"]
    assert drawn(ax, "LSTM").get_ydata().tolist() == [2.0, 0.5]
    for cell in ("rnn", "lstm"):
        assert to_hex(drawn(ax, cell.upper()).get_color()) == ROLES[cell].colour
    assert ax.get_xscale() == "log"


def test_the_band_is_the_range_over_seeds_and_one_seed_has_none():
    ax = plotting.quality_by_cost(COSTS, LOSSES)
    (band,) = ax.collections  # that of the RNN; the LSTM has one seed
    points = band.get_paths()[0].vertices
    low, high = zip(*((points[points[:, 0] == x, 1].min(), points[points[:, 0] == x, 1].max())
                      for x in COSTS["rnn"]), strict=True)  # fmt: skip
    assert low == (3.0, 2.0, 1.0)
    assert high == (3.5, 2.5, 1.5)


def test_a_target_is_a_line_without_a_name():
    plain = plotting.quality_by_cost(COSTS, LOSSES)
    assert len(plain.lines) == 2
    ax = plotting.quality_by_cost(COSTS, LOSSES, target=1.2)
    line = next(line for line in ax.lines if to_hex(line.get_color()) == MUTED)
    assert line.get_ydata() == [1.2, 1.2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["RNN", "LSTM"]


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([1, 3], ["0.5", "1", "2", "5"]),
        ([1000, 60000], ["1k", "3k", "10k", "30k"]),
        ([1, 1e5], ["1", "10", "100", "1k", "10k", "100k"]),
    ],
)
def test_ticks_are_round_and_few(costs, expected):
    ax = plotting.quality_by_cost({"a": costs}, {"a": [1.0, 2.0]})
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    shown = [
        label.get_text()
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if low <= place <= high
    ]
    assert shown == [text for text in expected if low <= number(text) <= high]
    assert len(shown) >= 2


def number(text):
    return float(text.replace("k", "e3"))


@pytest.mark.parametrize(
    ("costs", "losses", "message"),
    [
        ({}, {}, r"same names; got \[\] and \[\]"),
        ({"a": [1, 2]}, {"b": [1, 2]}, r"same names; got \['a'\] and \['b'\]"),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, "a: expected 2 losses; got 3"),
        ({"a": [2, 1]}, {"a": [1, 2]}, "a: expected costs that rise from above 0"),
        ({"a": [0, 1]}, {"a": [1, 2]}, "a: expected costs that rise from above 0"),
    ],
)
def test_bad_costs_say_what_was_expected_and_what_came(costs, losses, message):
    with pytest.raises(ValueError, match=message):
        plotting.quality_by_cost(costs, losses)
    assert plt.get_fignums() == []


def test_each_difference_is_a_mark_open_below_zero_and_the_bar_is_the_mean():
    rows = {"one": [0.1, -0.3], "two": np.array([0.2])}
    ax = plotting.paired_differences(rows, intervals={"one": (-0.3, 0.1)}, xlabel="x")
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in marks] == [
        (0.1, 0), (-0.3, 0), (0.2, 1),
    ]  # fmt: skip
    open_marks = [line.get_xdata()[0] for line in marks if line.get_markerfacecolor() == PAPER]
    assert open_marks == [-0.3]
    (zero,) = [line for line in ax.lines if to_hex(line.get_color()) == INK]
    assert zero.get_xdata() == [0, 0]
    ends = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "None"]
    assert [-0.3, 0.1] in [[float(x) for x in end] for end in ends]
    means = [end[0] for end in ends if len(end) == 2 and end[0] == end[1] != 0]
    assert means == pytest.approx([-0.1, 0.2])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    assert ax.get_ylim() == (1.5, -0.5)  # the first row on top


def test_bad_differences_say_what_was_expected_and_what_came():
    with pytest.raises(ValueError, match="at least one row; got none"):
        plotting.paired_differences({})
    with pytest.raises(ValueError, match=r"expected names of the rows; got \['b'\]"):
        plotting.paired_differences({"a": [1]}, intervals={"b": (0, 1)})
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.quality_by_cost(COSTS, LOSSES, ax, target=1.0),
        lambda ax: plotting.paired_differences({"a long name of a row": [0.1, -0.2]}, ax),
    ],
)
def test_figures_go_into_a_given_axes_and_their_text_is_inside(draw):
    assert_drawn_inside(draw)
