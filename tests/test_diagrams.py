"""The diagrams: nothing overlaps or is cut off; symbols are there; bytes are the same each time."""

import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import (
    Circle,
    FancyArrowPatch,
    FancyBboxPatch,
    PathPatch,
    Polygon,
    Rectangle,
)
from matplotlib.transforms import Bbox

from rnnlab import diagrams
from rnnlab.diagrams.geometry import Box, rounded
from rnnlab.palette import FAINT, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

QUESTION = ["What", "time", "is", "it", "?"]
LSTM_PARTS = ("forget", "input", "candidate", "cell", "output")
GRU_PARTS = ("reset", "update", "candidate", "blend")
DRAWINGS = {
    "unrolled": diagrams.unrolled,
    "unrolled 2": lambda: diagrams.unrolled(2),
    "unrolled question": lambda: diagrams.unrolled(labels=QUESTION),
    "unrolled 6": lambda: diagrams.unrolled(6),
    "rnn": diagrams.rnn_cell,
    "lstm": diagrams.lstm_cell,
    "gate": diagrams.gate,
    "gate 5": lambda: diagrams.gate((1, -2, 0.5, 4, 5), (0.1, 0.25, 1, 0, 0.9)),
    "weights rnn": lambda: diagrams.weight_block("rnn"),
    "weights lstm": lambda: diagrams.weight_block("lstm"),
    "weights gru": lambda: diagrams.weight_block("gru"),
    "axes": diagrams.lstm_axes,
    "axes batch first": lambda: diagrams.lstm_axes(batch_first=True),
    "map": diagrams.course_map,
}
DRAWINGS |= {f"lstm {part}": lambda part=part: diagrams.lstm_cell(part) for part in LSTM_PARTS}
DRAWINGS |= {
    f"gru {part} {after} {update}": lambda part=part, after=after, update=update: diagrams.gru_cell(
        part, reset_after=after, update_gate=update
    )
    for part, after, update in itertools.product(
        (None, *GRU_PARTS), (True, False), ("keep", "take")
    )
}


@pytest.fixture(params=DRAWINGS, scope="module")
def drawing(request) -> Axes:
    ax = DRAWINGS[request.param]()
    ax.figure.canvas.draw()
    ax.figure.name = request.param
    return ax


def shrunk(box: Bbox, by: float = 1.0) -> Bbox:
    return Bbox.from_extents(box.x0 + by, box.y0 + by, box.x1 - by, box.y1 - by)


def overlap(a: Bbox, b: Bbox) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def inside(a: Bbox, b: Bbox) -> bool:
    return b.x0 <= a.x0 and a.x1 <= b.x1 and b.y0 <= a.y0 and a.y1 <= b.y1


def boxes(ax: Axes) -> list[Bbox]:
    """What text may stand in, or must stand clear of: boxes, circles, rectangles, the panel."""
    kinds = FancyBboxPatch | Circle | Rectangle
    return [patch.get_window_extent() for patch in ax.patches if isinstance(patch, kinds)]


def texts(ax: Axes) -> dict[str, Bbox]:
    return {
        f"{text.get_text()} #{n}": shrunk(text.get_window_extent())
        for n, text in enumerate(ax.texts)
    }


def symbols(ax: Axes) -> str:
    return " ".join(text.get_text() for text in ax.texts)


def test_every_text_lies_inside_the_canvas_and_clear_of_its_edge(drawing):
    page = shrunk(drawing.figure.bbox, 3)
    assert [name for name, box in texts(drawing).items() if not inside(box, page)] == []
    assert drawing.texts


def test_no_two_texts_overlap(drawing):
    pairs = itertools.combinations(texts(drawing).items(), 2)
    assert [(a, b) for (a, box), (b, other) in pairs if overlap(box, other)] == []


def test_no_text_crosses_the_edge_of_a_box(drawing):
    shapes = boxes(drawing)
    panel = max(shapes, key=lambda box: box.width * box.height)
    for name, text in texts(drawing).items():
        crossed = [box for box in shapes if overlap(text, box) and not inside(text, box)]
        contained = [box for box in shapes if box is not panel and inside(text, box)]
        assert not crossed or contained, name


def test_no_wire_runs_through_a_text(drawing):
    shapes = boxes(drawing)
    panel = max(shapes, key=lambda box: box.width * box.height)
    places = []
    for patch in drawing.patches:
        if isinstance(patch, PathPatch | Polygon | FancyArrowPatch):
            path = patch.get_transform().transform_path(patch.get_path())
            places.append(np.concatenate(path.interpolated(40).to_polygons(closed_only=False)))
    for name, text in texts(drawing).items():
        if any(inside(text, box) for box in shapes if box is not panel):
            continue
        for place in places:
            hit = (place > text.min).all(axis=1) & (place < text.max).all(axis=1)
            assert not hit.any(), name


def test_every_arrow_ends_at_a_box_or_a_text(drawing):
    shapes = boxes(drawing)
    targets = list(texts(drawing).values())
    for patch in drawing.patches:
        if not isinstance(patch, Polygon):
            continue
        tip, *base = patch.get_transform().transform(patch.get_xy())[:3]
        along = tip - np.mean(base, axis=0)
        ahead = tip + 1.2 * along / np.linalg.norm(along)
        touches = [
            box
            for box in shapes
            if box.padded(0.8).contains(*ahead) and not shrunk(box, 1.5).contains(*tip)
        ]
        reach = Bbox([tip, tip]).padded(30)
        near = [box for box in targets if overlap(reach, box)]
        assert touches or near, (tip, along)


def test_the_same_call_gives_the_same_bytes(drawing):
    first, second = io.BytesIO(), io.BytesIO()
    drawing.figure.savefig(first, metadata={"Software": None})
    again = DRAWINGS[drawing.figure.name]()
    again.figure.savefig(second, metadata={"Software": None})
    assert first.getvalue() == second.getvalue()
    assert len(first.getvalue()) < 150_000


def test_every_picture_is_seven_inches_wide_with_readable_text(drawing):
    assert drawing.figure.get_figwidth() == pytest.approx(7)
    assert min(text.get_size() for text in drawing.texts) >= 9


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("unrolled", ["h_0=0", "$x_t$", "$h_t$", "$x_1$", "$x_4$", "$h_4$", "one set of weights"]),
        ("unrolled question", [*QUESTION, "$x_5$", "$h_5$"]),
        ("rnn", ["$x_t$", "h_{t{-}1}", "$h_t$", "tanh", "W["]),
        ("lstm", ["f_t", "i_t", "g_t", "o_t", "c_t", "h_t", "x_t", "forget", "input", "output"]),
        (
            "gru None True keep",
            ["r_t", "z_t", "n_t", "h_t", "x_t", "1−", "reset", "update", "W_{hn}"],
        ),
        ("gate", ["vector", "gate", "result", "0.5", r"\odot", "shut"]),
        ("weights lstm", ["weight_ih", "weight_hh", "bias_ih", "W_{xf}", "W_{ho}", "$x$ columns"]),
        ("weights gru", ["W_{xn}", "W_{hz}", "n_t", "$h$ rows"]),
        (
            "axes",
            ["input (4, 3, 5)", "output (4, 3, 6)", "h_n (1, 3, 6)", "c_n (1, 3, 6)", "time 4"],
        ),
        ("axes batch first", ["input (3, 4, 5)", "output (3, 4, 6)", "h_n (1, 3, 6)", "batch 3"]),
        ("map", ["LSTM", "GRU", "Counting", "Attention", "Learning", "fast"]),
    ],
)
def test_the_symbols_that_the_chapter_speaks_of_are_there(name, wanted):
    shown = symbols(DRAWINGS[name]())
    assert [symbol for symbol in wanted if symbol not in shown] == []


def colours(ax: Axes) -> set[str]:
    edges = {to_hex(patch.get_edgecolor()) for patch in ax.patches if patch.get_edgecolor()[3]}
    faces = {to_hex(patch.get_facecolor()) for patch in ax.patches if patch.get_facecolor()[3]}
    return edges | faces | {to_hex(text.get_color()) for text in ax.texts}


@pytest.mark.parametrize("part", ["forget", "input", "candidate", "output"])
def test_a_highlighted_gate_is_the_only_one_with_its_colour(part):
    keys = {"forget": "forget", "input": "input_gate", "candidate": "candidate", "output": "output"}
    gates = {ROLES[key].colour: name for name, key in keys.items()}
    assert set(gates) <= colours(diagrams.lstm_cell())
    lit = colours(diagrams.lstm_cell(part))
    assert {name for colour, name in gates.items() if colour in lit} == {part}
    assert FAINT in lit


def test_the_cell_update_lights_the_belt_and_its_three_gates_only():
    lit = colours(diagrams.lstm_cell("cell"))
    wanted = {ROLES[key].colour for key in ("cell", "forget", "input_gate", "candidate")}
    assert wanted <= lit
    assert not {ROLES[key].colour for key in ("output", "hidden")} & lit


@pytest.mark.parametrize("part", GRU_PARTS)
def test_a_highlighted_part_of_the_gru_has_its_equation_below(part):
    keys = {"reset": "r_t=", "update": "z_t=", "candidate": "n_t=", "blend": "h_t="}
    assert f"${keys[part]}" in symbols(diagrams.gru_cell(part))
    assert f"${keys[part]}" not in symbols(diagrams.gru_cell())


def test_the_conventions_of_the_gru_are_drawn_differently():
    def equation(**options):
        return next(t.get_text() for t in diagrams.gru_cell(**options).texts if "=" in t.get_text())

    assert r"r_t\odot(W_{hn}" in equation(highlight="candidate")
    assert r"W_{hn}(r_t\odot" in equation(highlight="candidate", reset_after=False)
    assert r"=z_t\odot h" in equation(highlight="blend")
    assert r"=(1-z_t)\odot h" in equation(highlight="blend", update_gate="take")

    def place(string, **options):
        return next(t for t in diagrams.gru_cell(**options).texts if string in t.get_text())

    recurrent = "$W_{hn}"
    assert place(recurrent).get_position() < place("$r_t$").get_position()
    before = {"reset_after": False}
    assert place(recurrent, **before).get_position() > place("$r_t$", **before).get_position()
    # "one minus z" stands on the candidate's way, or on the old state's
    assert place("1−").get_position()[0] > place("$z_t$").get_position()[0]
    take = {"update_gate": "take"}
    assert place("1−", **take).get_position()[0] < place("$z_t$", **take).get_position()[0]


def test_the_rows_of_a_weight_stand_in_the_order_in_which_torch_stores_them():
    for kind, order in (("lstm", "ifgo"), ("gru", "rzn"), ("rnn", "h")):
        ax = diagrams.weight_block(kind)
        rows = [text for text in ax.texts if text.get_text().startswith("$W_{x")]
        rows.sort(key=lambda text: -text.get_position()[1])
        assert "".join(text.get_text()[5] for text in rows) == order


def test_a_gate_multiplies():
    ax = diagrams.gate((4, 2), (0.25, 1))
    numbers = [text.get_text() for text in ax.texts]
    assert {"4", "0.25", "1", "2", "25% open", "open"} <= set(numbers)
    assert numbers.count("1") == 2  # 4 · 0.25, and the open gate


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.lstm_cell("reset"), "highlight must be None or one of 'forget'.*'reset'"),
        (lambda: diagrams.gru_cell("forget"), "highlight must be None or one of 'reset'.*'forget'"),
        (
            lambda: diagrams.gru_cell(update_gate="drop"),
            "update_gate must be 'keep' or 'take'.*drop",
        ),
        (lambda: diagrams.unrolled(1), "steps must be between 2 and 6; got 1"),
        (lambda: diagrams.unrolled(labels=["a"] * 7), "steps must be between 2 and 6; got 7"),
        (lambda: diagrams.unrolled(3, QUESTION), "one label per step; got 5 labels, 3 steps"),
        (
            lambda: diagrams.gate((1, 2), (0, 1, 0)),
            "one opening for each; got 2 values, 3 openings",
        ),
        (lambda: diagrams.gate((1, 2), (0, 1.5)), r"an opening must lie in \[0, 1\]"),
        (lambda: diagrams.weight_block("mlp"), "kind must be one of rnn, lstm, gru; got 'mlp'"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [
        diagrams.unrolled,
        diagrams.rnn_cell,
        diagrams.lstm_cell,
        diagrams.gru_cell,
        diagrams.gate,
        diagrams.weight_block,
        diagrams.lstm_axes,
        diagrams.course_map,
    ],
)
def test_a_picture_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20


def test_wires_meet_a_box_in_the_middle_of_its_sides():
    box = Box(1, 2, 4, 6)
    assert (box.left, box.right, box.top, box.bottom) == ((-1, 2), (3, 2), (1, 5), (1, -1))


def test_a_bend_stays_within_its_two_legs():
    path = rounded([(0, 0), (1, 0), (1, 0.2)], 0.5)
    assert path.vertices[0].tolist() == [0, 0]
    assert path.vertices[-1].tolist() == [1, 0.2]
    assert path.vertices[1].tolist() == [0.5, 0]  # half a unit before the corner
    assert path.vertices[3].tolist() == pytest.approx([1, 0.1])  # but half the leg after it


#: What holds for the pictures of every chapter; their own tests ask for it.
OF_EVERY_PICTURE = (
    test_every_text_lies_inside_the_canvas_and_clear_of_its_edge,
    test_no_two_texts_overlap,
    test_no_text_crosses_the_edge_of_a_box,
    test_no_wire_runs_through_a_text,
    test_every_arrow_ends_at_a_box_or_a_text,
    test_every_picture_is_seven_inches_wide_with_readable_text,
)
