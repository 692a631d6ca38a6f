"""The pictures of what waits for what: the rules of all diagrams, and what each one shows."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams, scratch
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

A = [1, 0.5, 1, 1, 0.5, 1, 1, 0.5]
B = [2, 1, -1, 3, 0, 2, 1, 0]
DRAWINGS = {
    "waiting": diagrams.waiting,
    "tree": lambda: diagrams.scan_tree(A, B),
    "tree without numbers": lambda: diagrams.scan_tree(A, B, numbers=False),
    "wavefront": diagrams.wavefront,
    "wavefront 4 8": lambda: diagrams.wavefront(4, 8),
    "wavefront 2 3": lambda: diagrams.wavefront(2, 3),
}


def written(ax):
    """The texts of a picture from left to right, by height from the top."""
    rows = {}
    for text in ax.texts:
        x, y = text.get_position()
        rows.setdefault(round(y, 2), []).append((x, text.get_text()))
    return [[t for _, t in sorted(rows[y])] for y in sorted(rows, reverse=True)]


def test_the_chain_takes_a_time_for_each_step_and_the_scan_a_time_for_each_round():
    rows = written(diagrams.waiting())
    assert ["time", *"12345678"] in rows
    assert ["time 4", "1", *(f"1–{t}" for t in range(2, 9))] in rows
    assert ["time 3", "1", "1–2", "1–3", "1–4", "2–5", "3–6", "4–7", "5–8"] in rows
    assert ["time 1", *"12345678"] in rows
    dark = [
        text.get_text()
        for text in diagrams.waiting().texts
        if to_hex(text.get_color()) == "#ffffff" and text.get_text() != "GRU"
    ]
    assert sorted(dark) == sorted([*"12345678", "1–2", "3–4", "5–6", "7–8", "1–4", "5–8", "1–8"])


def test_the_tree_ends_in_the_states_of_the_recurrence():
    glyphs = {"½": 0.5, "⅛": 0.125, "¼": 0.25, "2½": 2.5}
    ax = diagrams.scan_tree(A, B)
    blue = [
        (text.get_position()[0], text.get_text())
        for text in ax.texts
        if to_hex(text.get_color()) == "#ffffff"
    ]
    shown = [glyphs.get(text) or float(text) for _, text in sorted(blue)]
    a, b = torch.tensor(A), torch.tensor(B, dtype=torch.float32)
    assert shown == scratch.linear_recurrence(a, b, method="loop").tolist()
    pairs = {text.get_text() for text in ax.texts if ", " in text.get_text()}
    assert {"½, 2", "1, 2", "½, ½", "½, 4", "¼, 1½", "⅛, 2½", "1, −1"} <= pairs
    names = {text.get_text() for text in diagrams.scan_tree(A, B, numbers=False).texts}
    assert {"1–8", "5–8", "3–4", "$h_7$", "pairs"} <= names
    odd = diagrams.scan_tree([0.3] * 8, [0] * 8)
    assert "0.3, 0" in {text.get_text() for text in odd.texts}
    assert sum(isinstance(patch, FancyBboxPatch) for patch in ax.patches) == 8 + 4 + 2 + 1 + 8


@pytest.mark.parametrize(("layers", "steps"), [(2, 3), (3, 6), (4, 8)])
def test_the_wave_reaches_a_cell_one_later_for_each_layer_and_step(layers, steps):
    rows = [row for row in written(diagrams.wavefront(layers, steps)) if "layer" in row[0]]
    expected = [
        [f"layer {layer + 1}", *(str(layer + step + 1) for step in range(steps))]
        for layer in reversed(range(layers))
    ]
    assert rows == expected
    faces = {to_hex(patch.get_facecolor()) for patch in diagrams.wavefront(layers, steps).patches}
    assert len(faces) >= layers + steps - 1  # a shade for each time
    assert ROLES["hidden"].colour in faces  # arrow heads


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.scan_tree(A[:7], B), "eight numbers a and eight b; got 7 and 8"),
        (lambda: diagrams.wavefront(1), "got 1 and 6"),
        (lambda: diagrams.wavefront(2, 9), "got 2 and 9"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw", [diagrams.waiting, diagrams.wavefront, lambda ax: diagrams.scan_tree(A, B, ax)]
)
def test_a_picture_goes_into_a_given_axes(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("draw", [diagrams.waiting, diagrams.wavefront, diagrams.scan_tree])
def test_a_picture_has_an_alternative_text(draw):
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
