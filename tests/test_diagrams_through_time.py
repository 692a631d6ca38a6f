"""The pictures of gradients through time: the rules of all diagrams, and what each one says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import test_diagrams as rules
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.palette import INK, PAPER, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

H = ROLES["hidden"].colour
NUMBERS = {"states": [0.762, 0.363, 0.18], "deltas": [-0.172, -0.397, -0.82]}
DRAWINGS = {
    "backward": diagrams.backward_pass,
    "backward words": lambda: diagrams.backward_pass(["What", "time", "is"], **NUMBERS),
    "truncated": diagrams.truncated,
    "truncated 4": lambda: diagrams.truncated(2, 4),
    "truncated three": lambda: diagrams.truncated(3, 2),
    "checkpoints": diagrams.checkpoints,
    "checkpoints 12": lambda: diagrams.checkpoints(12, 4),
    "clipping": diagrams.clipping,
}


def arrows(ax):
    """Give the direction (right is positive) and the colour of every level arrow."""
    found = []
    for head in (patch for patch in ax.patches if isinstance(patch, Polygon)):
        tip, *base = head.get_xy()[:3]
        dx, dy = tip - np.mean(base, axis=0)
        if abs(dy) < 1e-9:
            found.append((round(float(tip[0]), 2), np.sign(dx), to_hex(head.get_facecolor())))
    return found


def test_states_go_forward_in_their_colour_and_gradients_back():
    ax = diagrams.backward_pass(["What", "time", "is"], **NUMBERS)
    ways = [(sign, colour) for _, sign, colour in arrows(ax)]
    assert sorted(ways) == sorted([(1, H)] * 4 + [(-1, INK)] * 3)
    shown = rules.symbols(ax)
    for text in ("What", "0.762", "0.363", "0.180", "−0.172", "−0.397", "−0.820", r"\delta h_1"):
        assert text in shown
    assert "0.762" not in rules.symbols(diagrams.backward_pass())


@pytest.mark.parametrize(("windows", "steps"), [(2, 3), (2, 4), (3, 2)])
def test_no_gradient_crosses_the_edge_of_a_window_but_the_state_does(windows, steps):
    ax = diagrams.truncated(windows, steps)
    forward = [tip for tip, sign, _ in arrows(ax) if sign > 0]
    back = [tip for tip, sign, _ in arrows(ax) if sign < 0]
    assert len(forward) == windows * steps - 1
    assert len(back) == windows * (steps - 1)
    boxes = [p.get_bbox() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    rights = sorted(round(float(box.x1), 2) for box in boxes)
    # a step's right side is where its gradient arrives: none arrives at a window's last step
    reached = {side for side in rights if any(abs(side - tip) < 0.2 for tip in back)}
    last = {rights[(w + 1) * steps - 1] for w in range(windows)}
    assert reached == set(rights) - last
    assert rules.symbols(ax).count("detach") == windows - 1


@pytest.mark.parametrize(("steps", "segments"), [(9, 3), (12, 4), (8, 2)])
def test_one_state_of_each_segment_is_kept_and_one_segment_computed_again(steps, segments):
    ax = diagrams.checkpoints(steps, segments)
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    kept = [p for p in boxes if to_hex(p.get_facecolor()) == H]
    again = [p for p in boxes if to_hex(p.get_facecolor()) == PAPER]
    dropped = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert len(kept) == steps + segments
    assert len(again) == steps // segments - 1
    assert len(again) + len(dropped) == steps - segments


def test_clipping_by_norm_keeps_the_direction_and_by_value_does_not():
    ax = diagrams.clipping()
    heads = [p.get_xy()[0] for p in ax.patches if isinstance(p, Polygon)]
    (circle,) = (p for p in ax.patches if isinstance(p, Circle))
    left, right = heads[:3], heads[3:]
    for (whole, cut, short), straight in ((left, True), (right, False)):
        centre = np.array(circle.center) if straight else np.add(circle.center, (6.8, 0))
        directions = [(tip - centre) / np.linalg.norm(tip - centre) for tip in (whole, cut)]
        assert np.allclose(*directions, atol=1e-9) == straight
        assert np.linalg.norm(short - centre) < circle.radius
    cut = np.linalg.norm(left[1] - np.array(circle.center))
    assert cut == pytest.approx(circle.radius)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.backward_pass(["a"]), "labels must be 3; got 1"),
        (lambda: diagrams.backward_pass(deltas=[1.0] * 4), "deltas must be 3; got 4"),
        (lambda: diagrams.truncated(4, 2), "2 or 3 windows, at most 8 steps; got 4 of 2"),
        (lambda: diagrams.truncated(2, 5), "got 2 of 5"),
        (lambda: diagrams.checkpoints(10, 3), "equal segments; got 10 in 3"),
        (lambda: diagrams.checkpoints(16, 4), "at most 12 steps"),
        (lambda: diagrams.checkpoints(4, 4), "got 4 in 4"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "draw",
    [diagrams.backward_pass, diagrams.truncated, diagrams.checkpoints, diagrams.clipping],
)
def test_a_picture_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 20
