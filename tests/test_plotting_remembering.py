"""Runs that solve a task or do not: intervals, shares, and times with those that were given up."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figures import assert_drawn_inside
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.palette import PAPER, ROLES
from rnnlab.plotting import wilson

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

GAPS = [5, 10, 20]
SOLVED = {"RNN": [10, 4, 0], "RNN, orthogonal": [10, 9, 1], "LSTM": [10, 10, 3]}
TIMES = {
    "GRU": [[800.0, 1600.0], [2400.0, None], [None, None]],
    "other": [[900.0, 950.0], [1000.0, 24000.0], [None, 9000.0]],
}


class TestWilson:
    @given(runs=st.integers(1, 60), data=st.data())
    def test_at_its_ends_what_was_seen_is_z_standard_deviations_away(self, runs, data):
        solved = data.draw(st.integers(0, runs))
        seen = solved / runs
        for end in wilson(solved, runs):
            assert 0 <= end <= 1
            deviation = math.sqrt(end * (1 - end) / runs)
            # where all or none succeeded one end is the share itself, without any deviation
            expected = 0 if end == seen else 1.96 * deviation
            assert abs(end - seen) == pytest.approx(expected, abs=1e-12)

    def test_it_is_not_the_simple_interval(self):
        low, high = wilson(3, 10)
        half = 1.96 * math.sqrt(0.3 * 0.7 / 10)
        assert abs(low - (0.3 - half)) > 0.05
        assert abs(high - (0.3 + half)) > 0.01
        assert low < 0.3 < high

    def test_published_values(self):
        """Of Brown, Cai and DasGupta's formula at 0 of 10: z² / (n + z²)."""
        assert wilson(0, 10) == (0.0, pytest.approx(1.96**2 / (10 + 1.96**2)))
        assert wilson(10, 10) == (pytest.approx(10 / (10 + 1.96**2)), 1.0)

    @given(runs=st.integers(1, 40), data=st.data())
    def test_failures_are_successes_seen_from_the_other_side(self, runs, data):
        solved = data.draw(st.integers(0, runs))
        low, high = wilson(solved, runs)
        assert wilson(runs - solved, runs) == pytest.approx((1 - high, 1 - low))

    @pytest.mark.parametrize(("solved", "runs"), [(0, 0), (-1, 3), (4, 3)])
    def test_bad_counts(self, solved, runs):
        with pytest.raises(ValueError, match=f"got {solved} of {runs}"):
            wilson(solved, runs)


def of_series(ax, name):
    """Give the points and the error bars of a series: (x, share), and (low, high)."""
    container = next(c for c in ax.containers if c.get_label() == name)
    points, _, (bars,) = container
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    return points, ends


def test_shares_and_their_intervals():
    ax = plotting.success_by_gap(GAPS, SOLVED, 10)
    for name, solved in SOLVED.items():
        points, ends = of_series(ax, name)
        np.testing.assert_allclose(points.get_ydata(), np.array(solved) / 10)
        np.testing.assert_allclose(ends, [wilson(n, 10) for n in solved], atol=1e-12)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["5", "10", "20"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(SOLVED)


def test_series_stand_beside_each_other_within_their_gap():
    ax = plotting.success_by_gap(GAPS, SOLVED, 10)
    places = np.array([of_series(ax, name)[0].get_xdata() for name in SOLVED])
    assert (np.diff(places, axis=0) > 0.1).all()
    assert (np.abs(places - np.arange(3)) < 0.45).all()


def test_each_series_may_have_its_own_number_of_runs():
    ax = plotting.success_by_gap([5], {"a": [1], "b": [1]}, {"a": 2, "b": 4})
    shares = [of_series(ax, name)[0].get_ydata().item() for name in "ab"]
    assert shares == [0.5, 0.25]


def test_kinds_of_model_have_their_looks_and_no_other_series_shares_a_marker():
    names = ["rnn", "RNN, orthogonal", "LSTM", "gru", "a", "b", "c"]
    ax = plotting.success_by_gap([5], {name: [1] for name in names}, 1)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["RNN", "RNN, orthogonal", "LSTM", "GRU", "a", "b", "c"]
    looks = {name: of_series(ax, name)[0] for name in labels}
    for key in ("rnn", "lstm", "gru"):
        line = looks[ROLES[key].name]
        assert (to_hex(line.get_color()), line.get_marker()) == (
            ROLES[key].colour,
            ROLES[key].marker,
        )
    assert len({line.get_marker() for line in looks.values()}) == len(names)
    assert len({to_hex(line.get_color()) for line in looks.values()}) == len(names)


def marks(ax, filled):
    """Give the heights of all marks that are filled, or open."""
    lines = [line for line in ax.lines if line.get_linestyle() == "None"]
    chosen = [line for line in lines if (to_hex(line.get_markerfacecolor()) != PAPER) == filled]
    return sorted(y for line in chosen for y in line.get_ydata())


def test_every_run_is_a_mark_and_those_given_up_are_open_and_above():
    ax = plotting.time_to_solution(GAPS, TIMES, most=24000)
    times = [time for rows in TIMES.values() for row in rows for time in row]
    assert marks(ax, filled=True) == sorted(time for time in times if time is not None)
    given_up = marks(ax, filled=False)
    assert len(given_up) == times.count(None)
    assert min(given_up) > 24000
    assert max(given_up) < ax.get_ylim()[1]
    assert ax.get_ylim()[0] < 800
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["GRU", "other"]
    assert [text.get_text() for text in ax.texts] == ["not solved"]


def test_the_runs_of_a_gap_are_apart_and_all_of_them_given_up_can_be_drawn():
    ax = plotting.time_to_solution([5], {"a": [[None, None, None]]}, most=100)
    (line,) = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert (np.diff(line.get_xdata()) > 0.05).all()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plotting.success_by_gap(GAPS, {}, 10), "solved: .*got none"),
        (lambda: plotting.success_by_gap(GAPS, {"a": [1, 2]}, 10), "a: expected 3 gaps; got 2"),
        (lambda: plotting.success_by_gap([5], {"a": [11]}, 10), "got 11.0 of 10"),
        (
            lambda: plotting.success_by_gap([5], {name: [1] for name in "abcde"}, 1),
            "at most 4 series without a look; got .*'e'",
        ),
        (lambda: plotting.time_to_solution(GAPS, {}, most=1), "times: .*got none"),
        (lambda: plotting.time_to_solution([5], {"a": []}, most=1), "a: expected 1 gaps; got 0"),
        (
            lambda: plotting.time_to_solution([5], {"a": [[1, 7, 0]]}, most=6),
            r"a: expected times above 0 and up to 6; got \[7, 0\]",
        ),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.success_by_gap(GAPS, SOLVED, 10, ax),
        lambda ax: plotting.time_to_solution(GAPS, TIMES, ax, most=24000),
    ],
    ids=["success", "time"],
)
def test_figures_go_into_a_given_axes_and_nothing_is_cut_off(draw):
    assert_drawn_inside(draw)
