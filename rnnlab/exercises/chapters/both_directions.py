"""Exercises of the chapter "Both directions, and depth"."""

from rnnlab.exercises.chapters.both_directions_layer import BROKEN, TURN
from rnnlab.exercises.chapters.both_directions_sizes import BUDGET, SHAPES, SUMMARY
from rnnlab.exercises.exercise import Exercise, Mistake, Question

ROW = Question(
    name="both-row",
    chapter="both-directions",
    title="Which row?",
    goal="read h_n by layer and direction",
    minutes=5,
    level="easy",
    hints=(
        "The rows go layer by layer.",
        "Each layer has two rows, forward first, and rows count from 0.",
        "Two layers come before the third one. How many rows do they take?",
    ),
    mistakes=(
        Mistake(
            "the forward row",
            "That is the third layer's forward direction. Its backward direction follows.",
            4,
        ),
        Mistake(
            "counted from 1, or by direction",
            "Rows count from 0, and they go layer by layer: not all forward ones first.",
            6,
        ),
        Mistake(
            "the layer counted from 0",
            "That is the backward direction of the fourth layer. The first layer has rows 0 and 1.",
            7,
        ),
    ),
    answer=lambda: range(8)[(3 - 1) * 2 + 1],
    explained="Layers 1 and 2 take the rows 0 to 3, the forward direction of layer 3 row 4.",
)

ALLOWED = Question(
    name="both-allowed",
    chapter="both-directions",
    title="Is it allowed?",
    goal="say where a second direction can be used",
    minutes=5,
    level="easy",
    hints=(
        "What does the backward half at a step need, before it can answer?",
        "Ask of each task: is the right-hand context there when the model is used?",
        "In three of the four tasks something is answered before what follows is known.",
    ),
    mistakes=(
        Mistake(
            "captions without delay",
            "While somebody is still speaking, nothing stands to the right yet. The backward half "
            "would have to begin again with each word; see Streaming.",
            "caption a speech word by word, without delay",
        ),
        Mistake(
            "a forecast",
            "In training the next days lie in the data, and the answer leaks; when it is used, "
            "they have not come yet. See When not to read in both directions.",
            "forecast tomorrow's temperature from past days",
        ),
        Mistake(
            "writing",
            "Who writes stands always at the last place, and there is nothing to the right. See "
            "how small the loss of such a model is, and why that is no good sign.",
            "write the next character of a text",
        ),
    ),
    options=(
        "caption a speech word by word, without delay",
        "forecast tomorrow's temperature from past days",
        "put punctuation into a finished transcript",
        "write the next character of a text",
    ),
    answer=lambda: "put punctuation into a finished transcript",
    explained="The transcript is finished, so the words to the right are there.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    BROKEN,
    TURN,
    SUMMARY,
    ROW,
    SHAPES,
    BUDGET,
    ALLOWED,
)
