"""Exercises of the chapter "Counting parameters"."""

from rnnlab import parameters
from rnnlab.exercises.chapters.counting_parameters_cells import IDENTIFY, PEEPHOLE
from rnnlab.exercises.chapters.counting_parameters_keras import KERAS
from rnnlab.exercises.chapters.counting_parameters_layers import PROJECTED, STACKED
from rnnlab.exercises.chapters.counting_parameters_models import ADAM, LANGUAGE_MODEL, WIDEST
from rnnlab.exercises.exercise import Exercise, Mistake, Question

BY_HAND = Question(
    name="count-by-hand",
    chapter="counting-parameters",
    title="By hand",
    goal="count without running",
    minutes=5,
    level="easy",
    hints=(
        "The arguments are x, h and the number of layers. First count one direction.",
        "One direction: the equation with two biases for each gate, g = 4 and k = 2.",
        "One direction has 4 · 6 · (6 + 5 + 2) parameters. The other direction has its own.",
    ),
    mistakes=(
        Mistake(
            "one direction",
            "That is one direction. The other one has weights of its own.",
            4 * 6 * (6 + 5 + 2),
        ),
        Mistake(
            "one bias for each gate",
            "That has one bias for each gate. PyTorch stores two.",
            2 * 4 * 6 * (6 + 5 + 1),
        ),
        Mistake(
            "no biases",
            "Those are the matrices alone. See Biases: none, one or two.",
            2 * 4 * 6 * (6 + 5),
        ),
        Mistake(
            "three gates",
            "That is the GRU. The LSTM has one band more.",
            2 * 3 * 6 * (6 + 5 + 2),
        ),
        Mistake(
            "each direction reads both states",
            "That would do if each direction read the hidden states of both. In one layer the two "
            "do not hear each other.",
            2 * 4 * 6 * (2 * 6 + 5 + 2),
        ),
    ),
    answer=lambda: parameters.count("lstm", 5, 6, bidirectional=True),
    explained="2 · 4 · 6 · (6 + 5 + 2): a layer in both directions doubles exactly.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    BY_HAND,
    STACKED,
    PROJECTED,
    KERAS,
    LANGUAGE_MODEL,
    ADAM,
    IDENTIFY,
    WIDEST,
    PEEPHOLE,
)
