"""The figures of answers: what goes in is what is drawn; text stays inside and readable."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import test_plotting as rules
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from rnnlab import plotting
from rnnlab.palette import ROLES
from rnnlab.plotting.series import OTHERS

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

WORDS = ["What", "time", "is", "it", "?"]
NAMES = ["alarm", "time", "date", "weather", "music", "call"]
WRONG = ROLES["forget"].colour


def probabilities():
    return torch.softmax(torch.randn(5, 6, generator=torch.Generator().manual_seed(1)), dim=-1)


def written(ax):
    return [text.get_text() for text in ax.texts]


# --- answers over steps ------------------------------------------------------------------------


def test_a_line_is_a_class_and_the_likeliest_classes_are_drawn():
    given = probabilities()
    ax = plotting.answers_over_steps(given, WORDS, NAMES, most=3)
    best = sorted(range(6), key=lambda k: -given[:, k].max())[:3]
    assert [line.get_label() for line in ax.lines] == [NAMES[k] for k in best]
    for k, line in zip(best, ax.lines, strict=True):
        np.testing.assert_allclose(line.get_ydata(), given[:, k])
        assert line.get_xdata().tolist() == [0, 1, 2, 3, 4]
    assert [label.get_text() for label in ax.get_xticklabels()] == WORDS
    assert ax.get_ylim() == (0, 1)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == [NAMES[k] for k in best]


def test_no_two_classes_look_alike():
    ax = plotting.answers_over_steps(probabilities(), WORDS, NAMES)
    assert len(ax.lines) == len(OTHERS)
    for looks in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(line, looks)() for line in ax.lines}) == len(OTHERS)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda p: plotting.answers_over_steps(p, WORDS[:4], NAMES),
            r"4 steps of 6 classes; got shape \(5, 6\)",
        ),
        (lambda p: plotting.answers_over_steps(p, WORDS, NAMES[:5]), "5 steps of 5 classes"),
        (lambda p: plotting.answers_over_steps(p[0], WORDS, NAMES), "expected 2 dimensions"),
        (lambda p: plotting.answers_over_steps(p, WORDS, NAMES, most=0), "between 1 and 4; got 0"),
        (lambda p: plotting.answers_over_steps(p, WORDS, NAMES, most=5), "between 1 and 4; got 5"),
        (lambda p: plotting.answers_over_steps(3 * p - 1, WORDS, NAMES), "expected probabilities"),
    ],
)
def test_what_is_no_answer_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(probabilities())
    assert plt.get_fignums() == []


# --- tags --------------------------------------------------------------------------------------

SENTENCE = ["Move", "my", "visit", "on", "Friday", "to", "half", "past", "nine"]
GIVEN = ["O", "O", "O", "O", "B-date", "O", "B-time", "I-time", "O"]
RIGHT = ["O", "O", "O", "O", "B-date", "O", "B-time", "I-time", "I-time"]


def test_every_word_stands_over_its_tag_and_a_wrong_tag_over_the_right_one():
    ax = plotting.tagged_words(SENTENCE, GIVEN, RIGHT)
    shown = written(ax)
    assert [text for text in shown if text in SENTENCE] == SENTENCE
    assert [text for text in shown if text in {*GIVEN, *RIGHT}] == GIVEN
    assert [text for text in shown if text.startswith("not ")] == ["not I-time"]
    edges = [to_hex(patch.get_edgecolor()) for patch in ax.patches]
    assert [edge == WRONG for edge in edges] == [False] * 8 + [True]
    where = {text.get_text(): text.get_position()[0] for text in ax.texts}
    assert where["nine"] == where["not I-time"]


def test_without_right_tags_nothing_is_called_wrong():
    ax = plotting.tagged_words(SENTENCE, GIVEN)
    assert not any("not" in text for text in written(ax))
    assert WRONG not in {to_hex(patch.get_edgecolor()) for patch in ax.patches}


def test_tags_fit_their_boxes_and_stand_clear_of_each_other():
    ax = plotting.tagged_words(SENTENCE, GIVEN, RIGHT)
    ax.figure.canvas.draw()
    places = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(places, 2))
    boxes = [p.get_window_extent() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    tags = [t.get_window_extent() for t in ax.texts if t.get_text() in {*GIVEN}]
    for tag, box in zip(tags, boxes, strict=True):
        assert box.x0 <= tag.x0 < tag.x1 <= box.x1
        assert box.y0 <= tag.y0 < tag.y1 <= box.y1
    assert min(text.get_size() for text in ax.texts) >= 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SENTENCE, GIVEN[:3]), "got 9 words, 3 tags$"),
        ((SENTENCE, GIVEN, RIGHT[:8]), "9 words, 9 tags, 8 right tags"),
        (([], []), "got 0 words, 0 tags"),
    ],
)
def test_words_without_their_tags_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.tagged_words(*arguments)
    assert plt.get_fignums() == []


# --- pictures ----------------------------------------------------------------------------------


def test_every_picture_is_drawn_as_it_is_with_its_caption_below():
    images = torch.rand(5, 8, 8, generator=torch.Generator().manual_seed(2))
    captions = ["one", "two", "three", "four", "five"]
    ax = plotting.captioned_images(images, captions, columns=3)
    assert len(ax.images) == 5
    for shown, image in zip(ax.images, images, strict=True):
        np.testing.assert_allclose(shown.get_array(), image)
        assert shown.get_clim() == (0, 1)
    assert written(ax) == captions
    left, right, low, top = ax.images[4].get_extent()  # second row, second column
    x, y = ax.texts[4].get_position()
    assert left < x < right
    assert y > low > top  # the axis points down
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.images[0].get_extent()[:2] == ax.images[3].get_extent()[:2]


def test_pictures_without_their_captions_are_refused():
    with pytest.raises(ValueError, match="expected 2 captions; got 1"):
        plotting.captioned_images(torch.zeros(2, 8, 8), ["a"])
    with pytest.raises(ValueError, match=r"images: expected 3 dimensions; got shape \(8, 8\)"):
        plotting.captioned_images(torch.zeros(8, 8), ["a"])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.answers_over_steps(probabilities(), WORDS, NAMES, ax),
        lambda ax: plotting.tagged_words(SENTENCE, GIVEN, RIGHT, ax),
        lambda ax: plotting.captioned_images(torch.rand(8, 8, 8), ["seven"] * 8, ax),
    ],
)
def test_a_figure_goes_into_a_given_axes_and_its_text_is_inside(draw):
    rules.test_a_figure_goes_into_a_given_axes_and_its_text_is_inside(draw)
