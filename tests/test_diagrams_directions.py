"""The pictures of directions and depth: the rules of all diagrams, and what each one shows."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.palette import ROLES, tint

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

H = ROLES["hidden"].colour
DRAWINGS = {
    "both": diagrams.both_directions,
    "both, other words": lambda: diagrams.both_directions(["What", "time", "is", "it"]),
    "last": diagrams.last_states,
    "last, one": lambda: diagrams.last_states([4]),
    "last, three": lambda: diagrams.last_states([1, 5, 2], list("abcde")),
    "stack": diagrams.stacked_layers,
    "stack without dropout": lambda: diagrams.stacked_layers(dropout=False),
    "stack of three": lambda: diagrams.stacked_layers(3, steps=5),
    "stack of one": lambda: diagrams.stacked_layers(1, steps=2),
}


def heads(ax, height):
    """Which way the arrows at a height point: +1 to the right, -1 to the left."""
    found = []
    for patch in ax.patches:
        if isinstance(patch, Polygon) and abs(patch.get_xy()[0][1] - height) < 1e-9:
            tip, one, _ = patch.get_xy()[:3]
            found.append(1 if tip[0] > one[0] else -1)
    return found


def test_the_forward_layer_points_to_the_right_and_the_backward_layer_to_the_left():
    ax = diagrams.both_directions()
    heights = sorted({round(t.get_position()[1], 6) for t in ax.texts if t.get_text() == "RNN"})
    forward, backward = (height - 0.05 for height in heights)  # texts are lifted a little
    assert heads(ax, forward) == [1] * 5
    assert heads(ax, backward) == [-1] * 5
    places = {t.get_text(): t.get_position()[0] for t in ax.texts}
    assert places["h_n[1]"] < places["$x_1$"] < places["$x_4$"] < places["h_n[0]"]


def test_both_states_of_every_step_stand_side_by_side():
    places = {t.get_text(): t.get_position() for t in diagrams.both_directions().texts}
    for step in range(1, 5):
        ahead = places[rf"$\overrightarrow{{h}}_{step}$"]
        back = places[rf"$\overleftarrow{{h}}_{step}$"]
        assert ahead[1] == back[1]
        assert back[0] - ahead[0] == pytest.approx(1.1)


def test_the_cells_count_what_each_half_has_read_and_the_full_ones_are_dark():
    ax = diagrams.last_states([3, 2], ["a", "b", "c"])
    cells = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert len(cells) == 2 * 2 * 3
    written = {}
    for text in ax.texts:
        x, y = text.get_position()
        for cell in cells:
            if 0 < x - cell.get_x() < cell.get_width() and 0 < y - cell.get_y() < cell.get_height():
                dark = to_hex(cell.get_facecolor()) == tint(H, 0.6)
                written[-round(cell.get_y(), 3), round(cell.get_x(), 3)] = (text.get_text(), dark)
    rows = [written[key] for key in sorted(written)]
    assert [text for text, _ in rows] == [
        *("1", "2", "3"),
        *("3", "2", "1"),
        *("1", "2", "padding"),
        *("2", "1", "padding"),
    ]
    assert [k for k, (_, dark) in enumerate(rows) if dark] == [2, 3, 7, 9]


@pytest.mark.parametrize(("layers", "steps"), [(1, 3), (2, 4), (3, 5)])
def test_dropout_stands_between_the_layers_only(layers, steps):
    texts = [t.get_text() for t in diagrams.stacked_layers(layers, steps=steps).texts]
    assert texts.count("RNN") == layers * steps
    assert texts.count("dropout") == (layers - 1) * steps
    assert [f"h_n[{k}]" in texts for k in range(4)] == [k < layers for k in range(4)]
    without = [t.get_text() for t in diagrams.stacked_layers(layers, dropout=False).texts]
    assert "dropout" not in without


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.both_directions(["a"]), "expected four labels; got 1"),
        (lambda: diagrams.last_states([3, 2]), r"got lengths \[3, 2\], 4 labels"),
        (lambda: diagrams.last_states([4, 0]), "one to three lengths"),
        (lambda: diagrams.last_states([4, 3, 2, 1]), "one to three lengths"),
        (lambda: diagrams.stacked_layers(0), "got 0 layers, 4 steps"),
        (lambda: diagrams.stacked_layers(2, steps=6), "got 2 layers, 6 steps"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw", [diagrams.both_directions, diagrams.last_states, diagrams.stacked_layers]
)
def test_a_picture_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
