"""Exercises of the chapter "Attention".

Axes: ``D`` features of a query, ``E`` of a key, ``N`` positions, ``F`` features of a value, ``A``
hidden units of a score.
"""

import math
from collections.abc import Iterator

import torch

from rnnlab.exercises.chapters.attention_scores import ADDITIVE, DOT, LOCATION
from rnnlab.exercises.chapters.attention_weights import BACKWARD, MASKED, MIXTURE
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question


def mechanism_parameters(
    rule: str, D: int, E: int, N: int, F: int, outputs: int, A: int, combine: bool
) -> int:
    """The parameters of a whole attention mechanism: its score and its output layer."""
    rows = {"location": N, "linear": 1, "additive": A, "dot": 0}[rule]
    return rows * (D + E + 1) + outputs * (F + D * combine + 1)


def _count_cases(_: torch.Generator) -> Iterator[Arguments]:
    for rule in ("location", "linear", "additive", "dot"):
        for combine in (False, True):
            yield rule, 6, 6, 9, 5, 4, 7, combine
    yield "additive", 3, 8, 4, 2, 1, 5, True


def _with_v(rule, D, E, N, F, outputs, A, combine):
    return mechanism_parameters(rule, D, E, N, F, outputs, A, combine) + A * (rule == "additive")


def _no_bias(rule, D, E, N, F, outputs, A, combine):
    rows = {"location": N, "linear": 1, "additive": A, "dot": 0}[rule]
    return rows * (D + E) + outputs * (F + D * combine)


def _one_row(rule, D, E, _, *rest):
    return mechanism_parameters(rule, D, E, 1, *rest)


def _combined(rule, D, E, N, F, outputs, A, _):
    return mechanism_parameters(rule, D, E, N, F, outputs, A, True)


def _apart(rule, D, E, N, F, outputs, A, _):
    return mechanism_parameters(rule, D, E, N, F, outputs, A, False)


def _rows_for_all(rule, D, E, N, F, outputs, _, combine):
    return mechanism_parameters(rule, D, E, N, F, outputs, N, combine)


COUNT = Exercise(
    name="att-count",
    chapter="attention",
    title="Count the mechanism",
    goal="know what each rule costs before it is built",
    minutes=15,
    level="easy",
    hints=(
        "The table of rules has the scores. A linear layer from m to n features has n (m + 1) "
        "parameters.",
        "The output layer reads F features, or F + D with the query beside the context.",
        "The dot product has no parameters in its score; the others differ in the number of rows "
        "of their linear layer over D + E features.",
    ),
    mistakes=(
        Mistake(
            "with v",
            "You count a vector v for the additive rule. Here it is the plain sum, without one.",
            _with_v,
        ),
        Mistake(
            "without biases",
            "The biases are missing: a linear layer from m to n features has n (m + 1) parameters.",
            _no_bias,
        ),
        Mistake(
            "the query is always beside the context",
            "The output layer reads the query in all cases. It does so only where `combine` is "
            "True.",
            _combined,
        ),
        Mistake(
            "the query is never beside the context",
            "The output layer reads the context alone in all cases. What does it read where "
            "`combine` is True?",
            _apart,
        ),
        Mistake(
            "one row for the location rule",
            "The location rule has one output for each position, not a single one.",
            _one_row,
        ),
        Mistake(
            "a row for each position in the additive rule",
            "The additive rule has a row for each of its A hidden units. How many positions there "
            "are does not matter to it.",
            _rows_for_all,
        ),
    ),
    stub='''def mechanism_parameters(rule, D, E, N, F, outputs, A, combine):
    """Count the parameters of an attention mechanism: score and output layer.

    rule: "location", "linear", "additive" (without v) or "dot"; D, E, F: features of a query, a
    key, a value; N: positions; outputs: features of an output; A: hidden units of the additive
    rule; combine: True if the query is put beside the context.
    Returns a whole number.
    """
    raise NotImplementedError
''',
    reference=mechanism_parameters,
    cases=_count_cases,
    parts=(Part("the number of parameters"),),
    about="the table of rules, and the equation of the output",
    explained="Only the location rule has a row for each position.",
)

FLAT = Question(
    name="att-flat",
    chapter="attention",
    title="A louder question",
    goal="say what the weights of a rule can depend on",
    minutes=5,
    level="easy",
    hints=(
        "Write the score as a sum of the query's share and the key's share.",
        "Which of the two is the same for all keys?",
        "A softmax takes away what all scores have in common.",
    ),
    mistakes=(
        Mistake(
            "sharper",
            "That is what happens with the dot product, where query and key are multiplied. In the "
            "linear rule they are only added.",
            "they get sharper",
        ),
        Mistake(
            "nearer to equal",
            "To get there, the differences between the scores would have to shrink. How much does "
            "the query add to the difference between two keys' scores?",
            "they get nearer to equal",
        ),
        Mistake(
            "the weights of the rule decide",
            "It can be said for all weights of the rule. See how the chapter cancels u.",
            "that depends on the rule's weights",
        ),
    ),
    options=(
        "they get sharper",
        "they get nearer to equal",
        "they stay the same",
        "that depends on the rule's weights",
    ),
    answer=lambda: "they stay the same",
    explained="The query's share is added to every score alike, and the softmax cancels it.",
)

SCALE = Question(
    name="att-scale",
    chapter="attention",
    title="How large is a score?",
    goal="compute the spread of a dot product",
    minutes=5,
    level="easy",
    hints=(
        "Each product of two features has variance 1, and there are 400 of them.",
        "Variances of independent numbers add up.",
        "The standard deviation is the root of the variance.",
    ),
    mistakes=(
        Mistake(
            "the variance",
            "That is the variance. The standard deviation is its root.",
            400.0,
        ),
        Mistake(
            "after scaling",
            "That is what it is after the division by the root. The products themselves are asked "
            "for.",
            1.0,
        ),
        Mistake(
            "the factor that scales",
            "That is the factor by which the scores are multiplied to bring them back to 1.",
            1 / 20,
        ),
    ),
    answer=lambda: math.sqrt(400),
    tolerance=1e-3,
    explained="So two keys easily differ by 20 in their scores, and e to the 20 is half a billion: "
    "the softmax gives nearly all to one of them.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    ADDITIVE,
    DOT,
    SCALE,
    LOCATION,
    FLAT,
    MIXTURE,
    MASKED,
    BACKWARD,
    COUNT,
)
