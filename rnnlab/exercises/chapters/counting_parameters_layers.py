"""Exercises of the chapter "Counting parameters" about layers: stacked and projected."""

from collections.abc import Iterator

import torch

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake


def count_stack(gates: int, x: int, h: int, layers: int, directions: int) -> int:
    """Parameters of a stack of layers, two biases for each gate."""
    first = gates * h * (h + x + 2)
    above = gates * h * (h + directions * h + 2)
    return directions * (first + (layers - 1) * above)


def _stack_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield 4, 28, 256, 3, 2
    yield 1, 5, 6, 1, 1
    yield 3, 7, 4, 2, 1
    yield 4, 3, 9, 1, 2
    yield 3, 10, 5, 4, 2


def _all_read_input(gates, x, h, layers, directions):
    return layers * directions * gates * h * (h + x + 2)


def _above_read_one_direction(gates, x, h, layers, directions):
    return directions * count_stack(gates, x, h, layers, 1)


def _one_direction(gates, x, h, layers, directions):
    return count_stack(gates, x, h, layers, directions) // directions


def _one_layer_too_many(gates, x, h, layers, directions):
    return count_stack(gates, x, h, layers + 1, directions)


def _with_biases(number):
    def answer(gates, x, h, layers, directions):
        missing = directions * layers * gates * h * (2 - number)
        return count_stack(gates, x, h, layers, directions) - missing

    return answer


def _both_directions_everywhere(gates, x, h, layers, directions):
    first = gates * h * (directions * h + x + 2)
    return directions * (first + (layers - 1) * gates * h * (2 * directions * h + 2))


def count_projected(x: int, h: int, p: int, layers: int) -> int:
    """Parameters of an LSTM with a projection, in one direction."""
    first = 4 * h * (p + x + 2) + p * h
    above = 4 * h * (p + p + 2) + p * h
    return first + (layers - 1) * above


def _projection_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield 28, 256, 64, 1
    yield 10, 20, 5, 2
    yield 3, 7, 6, 4


def _no_matrix(x, h, p, layers):
    return count_projected(x, h, p, layers) - layers * p * h


def _wide_recurrence(x, h, p, layers):
    return count_projected(x, h, p, layers) + layers * 4 * h * (h - p)


def _above_read_cells(x, h, p, layers):
    return count_projected(x, h, p, layers) + (layers - 1) * 4 * h * (h - p)


def _narrow_gates(x, h, p, layers):
    return 4 * p * (p + x + 2) + p * h + (layers - 1) * (4 * p * (p + p + 2) + p * h)


def _projection_with_bias(x, h, p, layers):
    return count_projected(x, h, p, layers) + layers * p


def _projected_once(x, h, p, layers):
    return count_projected(x, h, p, layers) - (layers - 1) * p * h


STACKED = Exercise(
    name="count-stacked",
    chapter="counting-parameters",
    title="Layers and directions",
    goal="count a stack of any depth, in one direction or both",
    minutes=10,
    level="medium",
    hints=(
        "Count two kinds of layers: the one at the input, and those above it. What does a layer "
        "above read?",
        "A layer above reads the outputs of all directions below: D·h features. And every layer "
        "is there once for each direction.",
        "D times (the first layer, plus L - 1 layers whose x is D·h). Each of them has g·h rows; "
        "a row has h + x weights and two biases.",
    ),
    mistakes=(
        Mistake(
            "all layers read the input",
            "All layers are counted like the first one. Those above read hidden states.",
            _all_read_input,
        ),
        Mistake(
            "layers above read one direction",
            "In both directions it comes out too small: a layer above reads the outputs of both "
            "directions below, side by side.",
            _above_read_one_direction,
        ),
        Mistake(
            "one direction is counted",
            "Each layer is counted for one direction only. The other has weights of its own.",
            _one_direction,
        ),
        Mistake(
            "one layer too many",
            "That is one layer too many. The one at the input is among the L layers.",
            _one_layer_too_many,
        ),
        Mistake(
            "one bias for each gate",
            "That has one bias for each gate. PyTorch stores two.",
            _with_biases(1),
        ),
        Mistake(
            "no biases",
            "Those are the matrices alone. PyTorch stores two biases for each gate.",
            _with_biases(0),
        ),
        Mistake(
            "the state of both directions",
            "Too much: the recurrent matrix is as wide as both directions. Each direction reads "
            "its own old state only; it is the *input* of the layers above that doubles.",
            _both_directions_everywhere,
        ),
    ),
    stub='''def count_stack(gates, x, h, layers, directions):
    """How many parameters a recurrent layer of PyTorch has.

    gates: 1 (RNN), 3 (GRU) or 4 (LSTM). x input features, h hidden units, directions: 1 or 2.
    Returns an integer. No projection; two biases for each gate.
    """
    raise NotImplementedError
''',
    reference=count_stack,
    cases=_stack_cases,
    about="layers and directions",
    tolerance=0.0,
)

PROJECTED = Exercise(
    name="count-projected",
    chapter="counting-parameters",
    title="A narrow state",
    goal="count an LSTM with a projection",
    minutes=10,
    level="medium",
    hints=(
        "What is p wide and what is still h wide? Ask it of each matrix, its rows and its columns.",
        "The gates act on h cells, so there are 4h rows. The state that they read has p numbers, "
        "and so has the output that the next layer reads.",
        "A layer has 4h rows of p + x + 2 numbers, and a projection of p rows and h columns "
        "without a bias. For the layers above, x is p.",
    ),
    mistakes=(
        Mistake(
            "the projection is missing",
            "The gates are right; the matrix that projects is missing.",
            _no_matrix,
        ),
        Mistake(
            "the recurrent matrix is still h wide",
            "The recurrent matrix is counted with h columns. What goes back into the gates is the "
            "projected state.",
            _wide_recurrence,
        ),
        Mistake(
            "the layers above read h features",
            "One layer is right, a stack is not: what leaves a layer, and is read by the next, is "
            "the projected state.",
            _above_read_cells,
        ),
        Mistake(
            "the gates are p high",
            "The gates are counted with p rows each. They act on the cell state, which keeps its h "
            "numbers.",
            _narrow_gates,
        ),
        Mistake(
            "the projection has a bias",
            "Just p too many for each layer: the projection has no bias.",
            _projection_with_bias,
        ),
        Mistake(
            "one projection for all layers",
            "One layer is right, a stack is not: each layer has a projection of its own.",
            _projected_once,
        ),
    ),
    stub='''def count_projected(x, h, p, layers):
    """How many parameters nn.LSTM(x, h, layers, proj_size=p) has: one direction, 0 < p < h.

    Returns an integer.
    """
    raise NotImplementedError
''',
    reference=count_projected,
    cases=_projection_cases,
    about="a projection makes the state narrow",
    tolerance=0.0,
)
