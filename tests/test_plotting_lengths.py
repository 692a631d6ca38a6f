"""Accuracy against length: lines are means, bands are ranges, the looks are the course's."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import ROLES
from rnnlab.plotting.series import OTHERS

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

LENGTHS = [2, 5, 8]
RUNS = np.array([[1.0, 0.8, 0.1], [0.9, 0.4, 0.3]])  # (seeds, lengths)
ATTENTION = ROLES["attention"].colour


def drawn(ax, name):
    """Give the line of a series."""
    return next(line for line in ax.lines if line.get_label() == name)


def band(ax):
    """Give the least and the greatest value of the one band at each length."""
    (collection,) = ax.collections
    points = collection.get_paths()[0].vertices
    at = [points[np.isclose(points[:, 0], length), 1] for length in LENGTHS]
    return [float(y.min()) for y in at], [float(y.max()) for y in at]


def test_lines_are_means_over_seeds_and_the_band_their_range():
    ax = plotting.accuracy_by_length(LENGTHS, {"one": RUNS, "two": torch.tensor([1.0, 0.5, 0.0])})
    assert drawn(ax, "one").get_xdata().tolist() == LENGTHS
    np.testing.assert_allclose(drawn(ax, "one").get_ydata(), RUNS.mean(axis=0))
    np.testing.assert_allclose(drawn(ax, "two").get_ydata(), [1, 0.5, 0])
    low, high = band(ax)
    assert low == pytest.approx(RUNS.min(axis=0))
    assert high == pytest.approx(RUNS.max(axis=0))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two"]
    assert ax.get_xlabel() == "length of the input"
    assert ax.get_ylabel() == "right answers (%)"
    assert ax.get_ylim() == (-0.03, 1.03)  # a share of 0 or 1 is seen whole


def test_attention_has_its_own_look_and_no_other_series_has_it():
    names = ["a", "b", "Attention", "c"]
    ax = plotting.accuracy_by_length(LENGTHS, dict.fromkeys(names, RUNS[0]))
    looks = {name: (to_hex(drawn(ax, name).get_color()), drawn(ax, name).get_linestyle())
             for name in names}  # fmt: skip
    assert looks["Attention"] == (ATTENTION, ROLES["attention"].linestyle)
    assert [name for name, look in looks.items() if look[0] == ATTENTION] == ["Attention"]
    assert len({looks[name] for name in "abc"}) == 3
    assert ATTENTION in {look.colour for look in OTHERS}  # negative control: one was left out


def test_what_is_longer_than_what_was_trained_on_is_shaded():
    def shaded(ax):
        return [patch.get_extents().transformed(ax.transData.inverted()) for patch in ax.patches]

    (box,) = shaded(plotting.accuracy_by_length(LENGTHS, {"a": RUNS}, trained_to=5))
    assert (box.x0, box.x1) == pytest.approx((5.5, 8.5))
    for to in (None, 8):
        ax = plotting.accuracy_by_length(LENGTHS, {"a": RUNS}, trained_to=to)
        assert shaded(ax) == []
        assert [text.get_text() for text in ax.texts] == []


@pytest.mark.parametrize(
    ("accuracies", "message"),
    [
        ({}, "expected at least one series; got none"),
        (dict.fromkeys("abcde", RUNS), "at most 4 series without a look; got .*'e'"),
        ({"a": [1.0, 0.5]}, "a: expected 3 lengths; got 2"),
        ({"a": [1.0, 0.5, 1.2]}, r"a: expected shares in \[0, 1\]; got 0.5 to 1.2"),
        ({"a": [1.0, float("nan"), 0.2]}, r"a: expected shares in \[0, 1\]"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(accuracies, message):
    with pytest.raises(ValueError, match=message):
        plotting.accuracy_by_length(LENGTHS, accuracies)
    assert plt.get_fignums() == []


def test_the_figure_goes_into_a_given_axes_and_its_text_is_inside():
    figure, ax = plotting.panels()
    names = ["context at the start", "context at every step", "twice the units", "attention"]
    assert plotting.accuracy_by_length(LENGTHS, dict.fromkeys(names, RUNS), ax, trained_to=5) is ax
    assert len(plt.get_fignums()) == 1
    figure.canvas.draw()
    drawn_in, page = figure.get_tightbbox(), figure.bbox_inches
    assert page.x0 <= drawn_in.x0 < drawn_in.x1 <= page.x1
    assert page.y0 <= drawn_in.y0 < drawn_in.y1 <= page.y1
