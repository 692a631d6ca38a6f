"""Exercises of the chapter "Sequences and the four shapes"."""

from rnnlab.exercises.chapters.four_shapes_padding import LAST, MEAN, PAD
from rnnlab.exercises.chapters.four_shapes_states import SETTLED, STATES
from rnnlab.exercises.exercise import Exercise, Mistake, Question

#: Lengths of the sequences in the question on accuracy, and how many of their words are tagged O.
_LENGTHS, _OUTSIDE = (4, 7, 2, 7), 15
_STEPS = max(_LENGTHS) * len(_LENGTHS)
_PADDING = _STEPS - sum(_LENGTHS)

ONE_SCORE = Question(
    name="shapes-one-score",
    chapter="four-shapes",
    title="One score in place of two",
    goal="turn a softmax over two classes into a sigmoid",
    minutes=5,
    level="easy",
    hints=(
        "Only the difference of two scores matters to a softmax.",
        "Divide numerator and denominator of the softmax by the first exponential.",
        "The chapter derives it: the probability of a against b is the sigmoid of a − b.",
    ),
    mistakes=(
        Mistake(
            "the sum",
            "Scores that are added would make two confident classes more confident of the first. "
            "What matters to a softmax is how far the two are apart.",
            2.5 + 1.0,
        ),
        Mistake(
            "the first score alone",
            "The softmax knows the second score too: the larger it is, the less likely is the "
            "first class. Your score does not change with it.",
            2.5,
        ),
        Mistake(
            "the second class's score",
            "The sign is turned around: that is the score for the second class.",
            1.0 - 2.5,
        ),
    ),
    answer=lambda: 2.5 - 1.0,
    explained="The softmax of two scores is the sigmoid of their difference.",
)

FLATTERED = Question(
    name="shapes-flattered",
    chapter="four-shapes",
    title="Flattered by padding",
    goal="compute what padding does to an accuracy",
    minutes=10,
    level="easy",
    hints=(
        "How many places does the padded batch have, and how many of them are padding?",
        "The tagger is right on 15 words, and on every place of padding.",
        "The batch has 4 times 7 places. Divide the places where it is right by all places.",
    ),
    mistakes=(
        Mistake(
            "padding is not counted",
            "That is the honest share, over the words alone. It is asked what comes out if the "
            "padding counts as well.",
            _OUTSIDE / sum(_LENGTHS),
        ),
        Mistake(
            "padding below only",
            "You divide by all places, but do not count the padding as right. Its target is O, and "
            "O is what this tagger says there.",
            _OUTSIDE / _STEPS,
        ),
        Mistake(
            "padding above only",
            "More than 1 cannot be a share. The padding counts among the right ones; it must be "
            "among all of them too.",
            (_OUTSIDE + _PADDING) / sum(_LENGTHS),
        ),
        Mistake(
            "in percent",
            "Right, but in percent. A share is asked for, from 0 to 1.",
            100 * (_OUTSIDE + _PADDING) / _STEPS,
        ),
    ),
    answer=lambda: round((_OUTSIDE + _PADDING) / _STEPS, 3),
    tolerance=0.006,
    explained="The batch has 28 places, 8 of them padding, so 23 of 28 are right. Nothing about "
    "the tagger got better.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    SETTLED,
    ONE_SCORE,
    PAD,
    LAST,
    MEAN,
    FLATTERED,
    STATES,
)
