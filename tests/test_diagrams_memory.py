"""Time lines of memory tasks and the graph of the Reber grammar: what each of them says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import test_diagrams as rules
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import data, diagrams
from rnnlab.data.reber import GRAPH
from rnnlab.palette import PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

COPY = diagrams.TimeLine("copy", ["B", "H", "", "", "?", "", ""], [0, 1], {5: "B", 6: "H"})
ORDER = diagrams.TimeLine("order", "EaXdcYdaB", [2, 5], {8: "XY"})
ADDING = diagrams.TimeLine("adding", ["−.9", ".5"] * 12, [1, 8], {23: "0.42"})
DRAWINGS = {
    "copy": lambda: diagrams.time_lines([COPY]),
    "three": lambda: diagrams.time_lines([COPY, ADDING, ORDER]),
    "reber": diagrams.reber_graph,
}
CLUE = ROLES["input"].colour


def dark_cells(ax):
    """Give the symbols on dark cells, from left to right."""
    cells = [
        p for p in ax.patches if isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == CLUE
    ]
    on = [
        (text.get_position()[0], text.get_text())
        for text in ax.texts
        if any(cell.get_bbox().contains(*text.get_position()) for cell in cells)
    ]
    return [symbol for _, symbol in sorted(on)], len(cells)


def test_what_must_be_remembered_is_dark_and_nothing_else():
    assert dark_cells(diagrams.time_lines([COPY])) == (["B", "H"], 2)
    ax = diagrams.time_lines([ORDER])
    assert dark_cells(ax) == (["X", "Y"], 2)
    light = [text for text in ax.texts if to_hex(text.get_color()) == PAPER]
    assert [text.get_text() for text in light] == ["X", "Y"]
    plt.close("all")


def test_answers_stand_below_their_steps_and_the_arrow_spans_the_gap():
    ax = diagrams.time_lines([COPY])
    answers = [text for text in ax.texts if text.get_color() == ROLES["hidden"].colour]
    assert [text.get_text() for text in answers] == ["B", "H"]
    rectangles = [p for p in ax.patches if isinstance(p, Rectangle)]
    cells = sorted({round(p.get_x() + p.get_width() / 2, 3) for p in rectangles})
    assert [round(text.get_position()[0], 3) for text in answers] == cells[5:7]
    (arrow,) = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    ends = arrow.get_path().vertices[:, 0]
    ends = ends[ends > 0]  # the closing points of its heads lie at 0
    assert ends.min() >= cells[0] - 0.01
    assert cells[4] < ends.max() < answers[0].get_position()[0]


def test_the_graph_is_the_grammars():
    ax = diagrams.reber_graph()
    nodes = {
        next(
            t.get_text()
            for t in ax.texts
            if p.contains_point(ax.transData.transform(t.get_position()))
        ): p.center
        for p in ax.patches
        if isinstance(p, Circle)
    }
    assert sorted(nodes) == [*"012345", "end"]
    tips = [p.get_xy()[0] for p in ax.patches if isinstance(p, Polygon)]
    for node, (x, y) in nodes.items():
        into = [stop for ways in GRAPH for stop in ways.values()]
        index = 6 if node == "end" else int(node)
        arrived = sum(np.hypot(tip[0] - x, tip[1] - y) < 0.4 for tip in tips)
        assert arrived == into.count(index) + (index == 0), node
    letters = [text.get_text() for text in ax.texts if len(text.get_text()) == 1]
    drawn = [letter for letter in letters if letter in "TPSXVE"]
    # each way on, and the E of the box at the end of the wrapper
    assert sorted(drawn) == sorted([letter for ways in GRAPH for letter in ways] + ["E"])


def test_a_string_of_the_data_can_be_drawn():
    text = data.EmbeddedReber(1, least=9).text(0)
    line = diagrams.TimeLine("reber", text[:-2], [1], {len(text) - 3: text[-2]})
    shown = rules.symbols(diagrams.time_lines([line]))
    assert shown.split()[1:] == [*text[:-2], text[-2]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (diagrams.TimeLine("a", "abc", [3], {2: "x"}), r"a: .* got 3 steps, clues \[3\]"),
        (diagrams.TimeLine("a", "abc", [0], {-1: "x"}), r"answers \{-1: 'x'\}"),
        (diagrams.TimeLine("a", "abc", [], {2: "x"}), r"clues \[\]"),
        (diagrams.TimeLine("a", "abc", [0], {}), r"answers \{\}"),
        (diagrams.TimeLine("a", "a" * 29, [0], {2: "x"}), "at most 28 steps; got 29"),
    ],
)
def test_bad_lines_say_what_was_expected_and_what_came(line, message):
    with pytest.raises(ValueError, match=message):
        diagrams.time_lines([COPY, line])
    with pytest.raises(ValueError, match="at least one; got none"):
        diagrams.time_lines([])
    assert plt.get_fignums() == []


def test_they_go_into_a_given_axes_and_have_alternative_texts():
    _, ax = plt.subplots()
    assert diagrams.time_lines([COPY], ax) is ax
    assert diagrams.reber_graph(ax) is ax
    assert len(plt.get_fignums()) == 1
    for draw in (diagrams.time_lines, diagrams.reber_graph):
        assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
