"""The alignment's heat map: weights are its colours, true positions are framed."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import INK

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

WEIGHTS = [[0.1, 0.7, 0.2], [1.0, 0.0, 0.0]]
SOURCE, TARGET = ["a", " ", "c"], ["X", "Y"]


def frames(ax):
    """Give row and column of every framed cell."""
    return sorted(
        (int(p.get_y()), int(p.get_x())) for p in ax.patches if to_hex(p.get_edgecolor()) == INK
    )


def test_colours_are_the_weights_and_labels_the_symbols():
    ax = plotting.alignment(torch.tensor(WEIGHTS), SOURCE, TARGET)
    (mesh,) = ax.collections
    np.testing.assert_allclose(mesh.get_array(), WEIGHTS, rtol=1e-6)
    assert mesh.get_clim() == (0, 1)  # the same colour is the same weight in every figure
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "␣", "c"]
    assert [label.get_text() for label in ax.get_yticklabels()] == TARGET
    assert ax.yaxis_inverted()  # the first output is on top
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("read", "written")
    assert frames(ax) == []


def test_true_positions_are_framed_one_several_or_none():
    assert frames(plotting.alignment(WEIGHTS, SOURCE, TARGET, [2, 0])) == [(0, 2), (1, 0)]
    assert frames(plotting.alignment(WEIGHTS, SOURCE, TARGET, [(0, 1), None])) == [(0, 0), (0, 1)]
    assert frames(plotting.alignment(WEIGHTS, SOURCE, TARGET, [None, range(3)])) == [
        (1, 0),
        (1, 1),
        (1, 2),
    ]


def test_a_frame_lies_within_its_cell():
    ax = plotting.alignment(WEIGHTS, SOURCE, TARGET, [1, 1])
    for frame in ax.patches:
        row, column = int(frame.get_y()), int(frame.get_x())
        assert column < frame.get_x() < frame.get_x() + frame.get_width() < column + 1
        assert row < frame.get_y() < frame.get_y() + frame.get_height() < row + 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((WEIGHTS, SOURCE, ["X"]), r"1 outputs and 3 inputs; got shape \(2, 3\)"),
        (([[0.5, 1.5, 0.0]], SOURCE, ["X"]), r"weights in \[0, 1\]; got 0 to 1.5"),
        (([[0.5, float("nan"), 0.0]], SOURCE, ["X"]), r"weights in \[0, 1\]; got nan"),
        ((WEIGHTS, SOURCE, TARGET, [0]), "2 true positions; got 1"),
        ((WEIGHTS, SOURCE, TARGET, [0, 3]), r"from 0 to 2; got \[0, 3\]"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.alignment(*arguments)
    assert plt.get_fignums() == []


def test_it_goes_into_a_given_axes():
    _, ax = plotting.panels()
    assert plotting.alignment(WEIGHTS, SOURCE, TARGET, ax=ax) is ax
    assert len(plt.get_fignums()) == 1
