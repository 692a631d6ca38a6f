"""Exercises of the chapter "What a recurrent network is" about the shapes of `nn.RNN`.

Axes: ``T`` steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake


def shapes(B: int, T: int, X: int, H: int, layers: int, batch_first: bool) -> dict[str, object]:
    """Shapes of an nn.RNN's outputs and weights."""
    return {
        "output": (B, T, H) if batch_first else (T, B, H),
        "h_n": (layers, B, H),  # batch_first leaves it alone
        "weight_ih_l0": (H, X),
        "weight_ih_l1": (H, H),  # reads the hidden states of layer 0
        "weight_hh_l1": (H, H),
    }


def _shape_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield 3, 7, 10, 20, 2, True
    yield 3, 7, 10, 20, 2, False
    yield 1, 5, 4, 6, 3, True


def _states_batch_first(B, T, X, H, layers, batch_first):
    right = shapes(B, T, X, H, layers, batch_first)
    return right | ({"h_n": (B, layers, H)} if batch_first else {})


def _last_layer_only(B, T, X, H, layers, batch_first):
    return shapes(B, T, X, H, layers, batch_first) | {"h_n": (1, B, H)}


def _second_reads_inputs(B, T, X, H, layers, batch_first):
    return shapes(B, T, X, H, layers, batch_first) | {"weight_ih_l1": (H, X)}


def _in_out(B, T, X, H, layers, batch_first):
    return shapes(B, T, X, H, layers, batch_first) | {"weight_ih_l0": (X, H)}


def _always_time_first(B, T, X, H, layers, batch_first):
    return shapes(B, T, X, H, layers, batch_first) | {"output": (T, B, H)}


def _all_layers_out(B, T, X, H, layers, batch_first):
    axes = (B, T) if batch_first else (T, B)
    return shapes(B, T, X, H, layers, batch_first) | {"output": (*axes, layers * H)}


SHAPES = Exercise(
    name="rnn-shapes",
    chapter="rnn",
    title="Shapes without running",
    goal="read the shapes off the arguments",
    minutes=10,
    level="easy",
    hints=(
        "With `batch_first`, which axes trade places, and of which tensors?",
        "What does the second layer read? Not the input.",
        "A weight is (out, in), and the second layer reads H features. The flag `batch_first` "
        "leaves `h_n` alone, whose first axis counts layers.",
    ),
    mistakes=(
        Mistake(
            "h_n follows batch_first",
            "`h_n` is given with the batch first. The flag turns the input and the output around, "
            "and leaves the states alone. See the axes trap.",
            _states_batch_first,
        ),
        Mistake(
            "h_n of the last layer only",
            "`h_n` is given for one layer. It holds the last step of *every* layer.",
            _last_layer_only,
        ),
        Mistake(
            "the second layer reads the input",
            "`weight_ih_l1` is as wide as the input. The second layer reads what the first one "
            "puts out.",
            _second_reads_inputs,
        ),
        Mistake(
            "a weight as (in, out)",
            "`weight_ih_l0` is given as (in, out). PyTorch keeps a row for each output.",
            _in_out,
        ),
        Mistake(
            "batch_first is ignored",
            "`output` has time first in all cases. What does `batch_first=True` change?",
            _always_time_first,
        ),
        Mistake(
            "output of all layers",
            "`output` is as wide as all layers together. It holds every step of the *last* layer.",
            _all_layers_out,
        ),
    ),
    stub='''def shapes(B, T, X, H, layers, batch_first):
    """Shapes of nn.RNN(X, H, num_layers=layers, batch_first=batch_first), layers > 1.

    B sequences of T steps go in.
    Returns a dictionary of tuples, with the keys "output", "h_n", "weight_ih_l0",
    "weight_ih_l1" and "weight_hh_l1".
    """
    raise NotImplementedError
''',
    reference=shapes,
    cases=_shape_cases,
    about="the layer nn.RNN, and the axes trap",
)
