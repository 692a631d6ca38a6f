"""Gradients over a gap: lines are medians, bands quartiles; the blocks are where they belong."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figures import assert_drawn_inside
from matplotlib.colors import to_hex

from rnnlab import gradients, plotting, scratch
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

GAPS = np.arange(6)
#: Three seeds of which one is far off: the median stays, a mean would not.
RUNS = np.stack([0.5**GAPS, 0.4**GAPS, 100.0 * 0.6**GAPS])


def drawn(ax, name):
    """Give the line of a series."""
    return next(line for line in ax.lines if line.get_label() == name)


def test_lines_are_medians_over_seeds_and_the_band_the_middle_half():
    ax = plotting.gradient_over_gap({"RNN": RUNS, "mine": torch.tensor(0.9**GAPS)})
    rnn = drawn(ax, "RNN")
    assert rnn.get_xdata().tolist() == GAPS.tolist()
    np.testing.assert_allclose(rnn.get_ydata(), 0.5**GAPS)
    np.testing.assert_allclose(drawn(ax, "mine").get_ydata(), 0.9**GAPS)
    (collection,) = ax.collections
    points = collection.get_paths()[0].vertices
    for gap in GAPS:
        at = points[np.isclose(points[:, 0], gap), 1]
        low, high = np.quantile(RUNS[:, gap], (0.25, 0.75))
        assert at.min() == pytest.approx(low)
        assert at.max() == pytest.approx(high)
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "gap (steps back)"
    looks = ROLES["rnn"]
    assert (to_hex(rnn.get_color()), rnn.get_linestyle()) == (looks.colour, looks.linestyle)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["RNN", "mine"]


def test_zeros_leave_a_hole_and_do_not_hide_the_rest():
    ax = plotting.gradient_over_gap({"cut": [1.0, 0.5, 0.0, 0.0]})
    shown = drawn(ax, "cut").get_ydata()
    assert shown[:2].tolist() == [1.0, 0.5]
    assert np.isnan(shown[2:]).all()
    assert 0.1 < ax.get_ylim()[0] < 0.5


def test_a_factor_is_a_line_from_one_that_does_not_move_the_axes():
    plain = plotting.gradient_over_gap({"a": RUNS[0]}).get_ylim()
    ax = plotting.gradient_over_gap({"a": RUNS[0]}, factors={"bound": 1e-3, "other": 2.0})
    assert ax.get_ylim() == plain
    lines = [line for line in ax.lines if line.get_label() != "a"]
    np.testing.assert_allclose([line.get_ydata()[2] for line in lines], [1e-6, 4.0])
    assert [text.get_text() for text in ax.texts] == ["bound", "other"]


def test_the_jacobians_numbers_stand_in_their_blocks():
    torch.manual_seed(0)
    layer = scratch.LSTM(2, 3, dtype=torch.float64)
    J = gradients.step_jacobians(layer, torch.randn(2, 2, dtype=torch.float64))[1]
    ax = plotting.jacobian_blocks(J, 3)
    (mesh, *_) = ax.collections
    np.testing.assert_allclose(mesh.get_array().reshape(6, 6), J)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["$h_{t-1}$", "$c_{t-1}$"]
    assert ax.get_xticks().tolist() == ax.get_yticks().tolist() == [1.5, 4.5]
    assert ax.yaxis_inverted()  # the first row is at the top, as it is printed
    low, high = mesh.get_clim()
    assert low == -high == -J.abs().max().item()
    borders = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1]
    assert borders == [3]
    projected = plotting.jacobian_blocks(np.eye(5), 3)
    assert projected.get_xticks().tolist() == [1.0, 3.5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.gradient_over_gap({}), "at least one series; got none"),
        (
            lambda: plotting.gradient_over_gap({"a": [1.0, 0.5], "b": [1.0]}),
            "b: expected 2 gaps; got 1",
        ),
        (lambda: plotting.gradient_over_gap({"a": [1.0, -0.5]}), "a: expected norms of at least 0"),
        (
            lambda: plotting.jacobian_blocks(np.eye(4), 4),
            r"an LSTM with 4 units; got shape \(4, 4\)",
        ),
        (lambda: plotting.jacobian_blocks(np.ones((6, 4)), 3), r"got shape \(6, 4\)"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.gradient_over_gap(
            {"RNN": RUNS, "LSTM, forget bias 1": RUNS, "GRU": RUNS}, ax, factors={"0.5": 0.5}
        ),
        lambda ax: plotting.jacobian_blocks(np.eye(8), 4, ax),
    ],
)
def test_a_figure_goes_into_a_given_axes_and_its_text_is_inside(draw):
    assert_drawn_inside(draw, height=4.4)
