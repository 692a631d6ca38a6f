"""The pictures of the four shapes and of padding: the rules of all diagrams, and what is shown."""

import matplotlib.pyplot as plt
import pytest
import test_diagrams as rules
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, Polygon
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.diagrams.shapes import SHAPES
from rnnlab.palette import PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

DRAWINGS = {
    "shapes": diagrams.four_shapes,
    "padded": diagrams.padded,
    "padded 3": lambda: diagrams.padded(["no", "one", "home"]),
    "padded 6": lambda: diagrams.padded(["I", "love", "my", "home", "so", "!"]),
}


def boxes(ax):
    """Give the boxes, from left to right within each row, by colour of their inside."""
    found = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    return [(patch.get_bbox(), to_hex(patch.get_facecolor())) for patch in found]


def test_every_shape_has_its_inputs_outputs_and_states():
    ax = diagrams.four_shapes()
    shown = [text.get_text() for text in ax.texts]
    assert [shape.name for shape in SHAPES] == ["N-to-1", "N-to-N", "1-to-N", "N-to-M"]
    for shape in SHAPES:
        assert shape.name in shown
    assert len(boxes(ax)) == sum(shape.steps for shape in SHAPES) == shown.count("$h$")
    inputs = [name for name in shown if name.startswith("$x")]
    outputs = [name for name in shown if name.startswith("$y")]
    assert inputs.count("$x$") == 1  # 1-to-N: one for all steps
    assert len(inputs) == 1 + sum(len(shape.reads) for shape in SHAPES)
    assert len(outputs) == sum(len(shape.answers) for shape in SHAPES)
    assert outputs.count("$y$") == 1  # N-to-1: one for the whole sequence
    assert shown.count("$c$") == 1
    plt.close("all")


def test_the_single_input_and_the_context_lead_to_every_step_that_needs_them():
    ax = diagrams.four_shapes()
    x, h = ROLES["input"].colour, ROLES["hidden"].colour
    tips = [
        (patch.get_xy()[0], to_hex(patch.get_facecolor()), patch.get_xy()[1:3].mean(axis=0))
        for patch in ax.patches
        if isinstance(patch, Polygon)
    ]
    up = [(tip, colour) for tip, colour, base in tips if tip[1] > base[1] + 0.1]

    def below(colour, left, right, top):
        return sum(c == colour and left < tip[0] < right and tip[1] < top for tip, c in up)

    assert below(x, 0, 7, 2.2) == 4  # 1-to-N, the lower left picture
    assert below(h, 7, 14, 2.2) == 2  # N-to-M: the context goes to both steps that write
    plt.close("all")


def test_states_that_have_read_padding_look_different():
    ax = diagrams.padded()
    h, bad = ROLES["hidden"].colour, ROLES["forget"].colour
    rows = {}
    for box, colour in sorted(boxes(ax), key=lambda found: found[0].x0):
        rows.setdefault(round(box.y0, 2), []).append(colour)
    backward, forward = (rows[y] for y in sorted(rows))
    assert forward == [h] * 5 + [PAPER] * 3
    assert backward == [PAPER] * 8
    shown = [text.get_text() for text in ax.texts]
    assert shown.count("pad") == 3
    assert {"What", "time", "is", "it", "?", "the last real state"} <= set(shown)
    assert bad in rules.colours(ax)
    plt.close("all")


@pytest.mark.parametrize("count", [2, 7])
def test_bad_input_says_what_was_expected_and_what_came(count):
    plt.close("all")
    with pytest.raises(ValueError, match=f"three to six words; got {count}"):
        diagrams.padded(["a"] * count)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("draw", [diagrams.four_shapes, diagrams.padded])
def test_it_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    plt.close("all")
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
