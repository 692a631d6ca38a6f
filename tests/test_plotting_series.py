"""The series of figures: looks that nobody confuses, means with bands, legends, percent."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import MODEL_KINDS, ROLES
from rnnlab.plotting.series import OTHERS, draw_runs, looks_of
from rnnlab.plotting.style import legend_above, percent

RUNS = np.array([[1.0, 4.0], [2.0, 0.0], [6.0, 2.0]])


@pytest.fixture(autouse=True)
def in_the_style_of_the_course():
    with mpl.rc_context():
        plotting.use_style()
        yield
    plt.close("all")


def test_kinds_and_attention_have_their_looks_and_all_others_differ_from_them():
    names = ["rnn", "context", "LSTM", "Attention", "gru", "twice the units"]
    looks = looks_of(names)
    assert [label for label, _ in looks] == [
        *("RNN", "context", "LSTM", "Attention", "GRU", "twice the units")
    ]
    for place, key in ((0, "rnn"), (2, "lstm"), (3, "attention"), (4, "gru")):
        assert looks[place][1] is ROLES[key]
    assert len({look.colour for _, look in looks}) == len(names)
    assert len({look.marker for _, look in looks}) == len(names)


def test_looks_of_series_without_one_never_coincide_with_those_of_a_kind():
    kinds = [ROLES[key] for key in MODEL_KINDS]
    for part in ("colour", "marker"):
        of_kinds, of_others = ({getattr(look, part) for look in row} for row in (kinds, OTHERS))
        assert len(of_others) == len(OTHERS)
        assert not of_kinds & of_others


def test_a_series_too_many_is_refused_unless_each_stands_at_its_name():
    with pytest.raises(ValueError, match=r"at most 4 series without a look; got .*'e'"):
        looks_of([*"abcde"])
    with pytest.raises(ValueError, match=r"at most 3 series without a look; got .*'d'"):
        looks_of([*"abcd", "attention"])
    repeated = looks_of([*"abcde"], repeat=True)
    assert repeated[4] == ("e", repeated[0][1])
    assert [look for _, look in looks_of([""] * 3, repeat=True)] == [*OTHERS[:3]]


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [("range", [1, 0], [6, 4]), ("sd", [3 - 7**0.5, 0], [3 + 7**0.5, 4]), (None, None, None)],
)
def test_a_line_is_the_mean_of_the_runs_and_the_band_what_was_asked_for(band, low, high):
    ax = plotting.panels()[1]
    draw_runs(ax, np.array([1.0, 2.0]), RUNS, "a", ROLES["gru"], band=band, linewidth=3.0)
    (line,) = ax.lines
    assert line.get_ydata().tolist() == [3, 2]
    assert (to_hex(line.get_color()), line.get_linewidth()) == (ROLES["gru"].colour, 3.0)
    assert len(ax.collections) == (band is not None)
    if band:
        corners = ax.collections[0].get_paths()[0].vertices
        for x, bottom, top in zip((1, 2), low, high, strict=True):
            heights = corners[corners[:, 0] == x, 1]
            assert (heights.min(), heights.max()) == pytest.approx((bottom, top))


def test_one_run_has_no_band():
    ax = plotting.panels()[1]
    draw_runs(ax, np.array([1.0, 2.0]), RUNS[:1], "a", ROLES["gru"])
    assert len(ax.collections) == 0


@pytest.mark.parametrize("panels", [1, 2, 3])
@pytest.mark.parametrize("words", [1, 4, 9])
def test_a_legend_is_as_wide_as_its_axes_at_most_and_loses_no_name(panels, words):
    figure, axes = plotting.panels(panels)
    ax = np.atleast_1d(axes)[0]
    names = [f"{letter}{' word' * words}" for letter in "abcde"]
    for name in names:
        ax.plot([0, 1], label=name)
    legend_above(ax)
    figure.canvas.draw()
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == names
    box, around = legend.get_window_extent(), ax.get_window_extent()
    assert box.y0 >= around.y1 - 1
    if panels * words < 9:  # one column may still be too wide for a narrow axes
        assert box.width <= 1.03 * around.width


def test_a_curve_alone_needs_no_legend():
    assert plotting.curves({"gru": [1.0, 2.0]}).get_legend() is None
    assert plotting.curves({"gru": [1.0, 2.0], "a": [2.0, 1.0]}).get_legend() is not None


def test_panels_share_one_legend_of_all_their_series_inside_the_figure():
    figure, axes = plotting.panels(2)
    plotting.curves({"gru": [1.0, 2.0], "one with a long name": [2.0, 1.0]}, axes[0])
    plotting.curves({"gru": [1.0, 2.0], "another with a long name": [2.0, 1.0]}, axes[1])
    plotting.shared_legend(figure)
    assert [ax.get_legend() for ax in axes] == [None, None]
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["GRU", "one with a long name", "another with a long name"]
    figure.canvas.draw()
    assert legend.get_window_extent().width <= figure.get_window_extent().width
    assert legend.get_window_extent().y0 >= max(ax.get_window_extent().y1 for ax in axes)


def test_shares_are_written_as_percent():
    ax = plotting.panels()[1]
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.25, 0.075, 1])
    percent(ax.yaxis)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["0", "25", "7.5", "100"]
