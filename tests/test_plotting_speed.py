"""Figures of time: bars are the times, whiskers the quartiles, straight lines are powers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figures import assert_drawn_inside
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

RUNGS = ["first", "second", "third"]
TIMES = [[40.0, 38.0, 44.0], [20.0, 19.0, 21.0], [np.nan, np.nan, np.nan]]


def notes(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_are_medians_with_their_quartiles_and_their_ratio_to_the_first():
    ax = plotting.ladder(RUNGS, TIMES)
    assert [patch.get_width() for patch in ax.patches] == [40, 20]
    whiskers = [line.get_xdata() for line in ax.lines]
    assert [list(ends) for ends in whiskers] == [[38, 44], [19, 21]]
    assert notes(ax) == ["40 ms", "20 ms   2.0×", "not measured here"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == RUNGS
    low, high = ax.get_ylim()
    assert low > high  # the first rung is on top
    assert ax.get_xlim()[0] == 0


def test_medians_alone_and_a_limit():
    ax = plotting.ladder(RUNGS, torch.tensor([8.0, 4.0, 3.0]), limit=2.5, limit_label="peak")
    assert [patch.get_width() for patch in ax.patches] == [8, 4, 3]
    (line,) = ax.lines
    assert list(line.get_xdata()) == [2.5, 2.5]
    assert notes(ax) == ["8 ms", "4 ms   2.0×", "3 ms   2.7×", "peak: 2.5 ms"]


LENGTHS = [32, 64, 128]


def test_lines_are_the_times_and_both_axes_logarithmic():
    series = {"GRU, torch.nn": [1.0, 2.0, 4.0], "minGRU, tree": torch.tensor([0.5, 0.6, 0.7])}
    ax = plotting.time_by_length(LENGTHS, series)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    drawn = {line.get_label(): line for line in ax.lines}
    for name, values in series.items():
        assert list(drawn[name].get_xdata()) == LENGTHS
        np.testing.assert_allclose(drawn[name].get_ydata(), values)
    assert to_hex(drawn["GRU, torch.nn"].get_color()) == ROLES["gru"].colour
    assert to_hex(drawn["minGRU, tree"].get_color()) != ROLES["gru"].colour
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["32", "64", "128"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(series)
    styles = {(to_hex(line.get_color()), line.get_linestyle()) for line in ax.lines}
    assert len(styles) == 2


def test_the_roof_bends_where_memory_is_just_fast_enough():
    ax = plotting.roofline(200.0, 40.0, {"one row": (0.5, 15.0), "many rows": (80.0, 150.0)})
    roof, *points = ax.lines
    intensity, rate = roof.get_data()
    assert (intensity[1], rate[1]) == (5, 200)
    assert rate[0] / intensity[0] == pytest.approx(40)
    assert rate[2] == 200
    assert [(p.get_xdata()[0], p.get_ydata()[0]) for p in points] == [(0.5, 15), (80, 150)]
    assert [p.get_label() for p in points] == ["one row", "many rows"]
    assert len({p.get_marker() for p in points}) == 2
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert notes(ax) == ["200: the arithmetic", "40 GB/s: the memory"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.roofline(1.0, 1.0, {}), "at least one; got none"),
        (lambda: plotting.roofline(1.0, 0.0, {"a": (1, 1)}), "above 0; got 1, 0 and 1"),
        (lambda: plotting.ladder(RUNGS, [1.0, 2.0]), r"shape \(3,\) or \(3, 3\); got \(2,\)"),
        (lambda: plotting.ladder(RUNGS, np.ones((3, 2))), r"got \(3, 2\)"),
        (lambda: plotting.ladder(RUNGS, [1.0, 0.0, 2.0]), "times above 0; got 0"),
        (lambda: plotting.time_by_length(LENGTHS, {}), "at least one series; got none"),
        (lambda: plotting.time_by_length(LENGTHS, {"a": [1.0]}), "a: expected 3 times; got 1"),
        (lambda: plotting.time_by_length(LENGTHS, {"a": [1.0, 0, 2]}), "a: .*above 0; got 0"),
        (lambda: plotting.time_by_length([0, 1], {"a": [1.0, 2]}), "lengths: .*above 0; got 0"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.ladder(
            ["gate by gate, as in D2L", "library"], [[60, 55, 63], [9, 8, 9.5]], ax, limit=4
        ),
        lambda ax: plotting.time_by_length(
            LENGTHS, {"GRU, torch.nn": [1, 2, 3], "minGRU, loop": [1, 2, 2], "b": [2, 2, 2]}, ax
        ),
        lambda ax: plotting.roofline(
            219.0, 29.2, {"one sequence": (0.5, 20), "a batch": (14, 108), "all": (87, 160)}, ax
        ),
    ],
)
def test_the_figure_goes_into_a_given_axes_and_its_text_is_inside(draw):
    assert_drawn_inside(draw)
