"""The encoder–decoder's picture: the rules of all diagrams, and what each variant shows."""

import itertools
from functools import partial

import matplotlib.pyplot as plt
import pytest
import test_diagrams as rules
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyBboxPatch, Polygon
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

CONTEXTS, FEEDINGS = ("start", "every step"), ("teacher", "own")
LABELS = (["3", "Mai", "20", "24"], ["2", "0", "2", "4"])
DRAWINGS = {
    f"{context}, {feeding}, {'labels' if labels else 'bare'}": partial(
        diagrams.encoder_decoder, context, feeding, labels
    )
    for context, feeding, labels in itertools.product(CONTEXTS, FEEDINGS, (None, LABELS))
}
X = ROLES["input"].colour


def arrows_into(ax, name):
    """Give the colours of the arrows that end at the box with a text."""
    (place,) = (text.get_position() for text in ax.texts if text.get_text() == name)
    boxes = [p.get_bbox() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    reach = min((box for box in boxes if box.contains(*place)), key=lambda box: box.width).padded(
        0.3
    )
    heads = (p for p in ax.patches if isinstance(p, Polygon))
    return sorted(to_hex(p.get_facecolor()) for p in heads if reach.contains(*p.get_xy()[0]))


def test_the_context_reaches_the_first_step_alone_or_every_step():
    h = ROLES["hidden"].colour
    for feeding in FEEDINGS:
        start, every = (diagrams.encoder_decoder(context, feeding) for context in CONTEXTS)
        for step in range(1, 5):
            assert arrows_into(start, f"$s_{step}$") == sorted([h, X])  # a state and a token
            assert arrows_into(every, f"$s_{step}$") == sorted([h, h, X])  # and the context
        assert not [p for p in start.patches if isinstance(p, Circle)]
        assert len([p for p in every.patches if isinstance(p, Circle)]) == 3  # it branches
    plt.close("all")


def test_the_teacher_gives_the_right_tokens_and_without_one_the_decoder_reads_its_own():
    for context in CONTEXTS:
        teacher = rules.symbols(diagrams.encoder_decoder(context, "teacher", LABELS))
        own = rules.symbols(diagrams.encoder_decoder(context, "own", LABELS))
        assert [f"$y_{k}$" in teacher for k in range(5)] == [True, True, True, True, False]
        assert [f"$y_{k}$" in own for k in range(5)] == [True, False, False, False, False]
        for shown in (teacher, own):
            assert all(rf"$\hat y_{k}$" in shown for k in range(1, 5))
            assert all(word in shown for word in ("start", "Mai", "encoder", "decoder", "context"))
    plt.close("all")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("always",), "context must be 'start' or 'every step'; got 'always'"),
        (("start", "pupil"), "feeding must be 'teacher' or 'own'; got 'pupil'"),
        (("start", "own", (["a"], ["b"] * 4)), "labels must be 4 and 4 strings; got 1 and 4"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(arguments, message):
    plt.close("all")
    with pytest.raises(ValueError, match=message):
        diagrams.encoder_decoder(*arguments)
    assert plt.get_fignums() == []


def test_it_goes_into_a_given_axes_and_has_an_alternative_text():
    _, ax = plt.subplots()
    assert diagrams.encoder_decoder(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    alternative = diagrams.encoder_decoder.__doc__.split("Alternative text: ")[1]
    assert len(alternative.split()) > 20
