"""Exercises of the chapter "Both directions, and depth" on final states and on sizes.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def summary(output: Tensor, lengths: Tensor) -> Tensor:
    """The final states of both directions, side by side."""
    H = output.shape[2] // 2
    ahead = output[lengths - 1, torch.arange(output.shape[1]), :H]
    return torch.cat([ahead, output[0, :, H:]], dim=-1)


def _summary_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, lengths, H in ((5, (3, 5, 1), 2), (4, (3,), 3), (1, (1, 1), 1), (6, (2, 4), 2)):
        ends = torch.tensor(lengths)
        real = torch.arange(T)[:, None] < ends
        yield random(generator, T, len(lengths), 2 * H) * real[..., None], ends


def _both_at_end(output, lengths):
    return output[lengths - 1, torch.arange(output.shape[1])]


def _end_of_batch(output, _):
    H = output.shape[2] // 2
    return torch.cat([output[-1, :, :H], output[0, :, H:]], dim=-1)


def _places_exchanged(output, lengths):
    H = output.shape[2] // 2
    return torch.cat([output[0, :, :H], _both_at_end(output, lengths)[:, H:]], dim=-1)


SUMMARY = Exercise(
    name="both-summary",
    chapter="both-directions",
    title="The right slice",
    goal="get the summary of each sequence without h_n",
    minutes=15,
    level="medium",
    hints=(
        "The table in the section on the trap has both slices.",
        "The forward half needs another step for each sequence: index with two tensors at once, "
        "the steps and the rows of the batch.",
        "`output[lengths - 1, torch.arange(B), :H]`, where H is half of the last axis.",
    ),
    mistakes=(
        Mistake(
            "the last output",
            "That is `output[-1]`: for short sequences it holds the zeros behind their ends, and "
            "its backward half has read one step at most. See the figure of the trap.",
            lambda output, _: output[-1],
        ),
        Mistake(
            "both at the last real step",
            "The forward half is right. The backward half is taken at the same step, where that "
            "direction has just begun. Where does it end?",
            _both_at_end,
        ),
        Mistake(
            "both at the first step",
            "The backward half is right. The forward half is taken at the first step too, where it "
            "has read a single input.",
            lambda output, _: output[0],
        ),
        Mistake(
            "the end of the batch",
            "The backward half is right. The forward half is taken at the last step of the batch, "
            "which for a short sequence lies behind its end.",
            _end_of_batch,
        ),
        Mistake(
            "the two places exchanged",
            "Each half is taken where its direction begins. Exchange the two places.",
            _places_exchanged,
        ),
        Mistake(
            "the backward half first",
            "Both states are right, in the wrong order: forward comes first.",
            lambda *arguments: torch.cat(summary(*arguments).chunk(2, dim=-1)[::-1], dim=-1),
        ),
    ),
    stub='''def summary(output, lengths):
    """The final states of both directions, side by side: [h_n[-2]; h_n[-1]].

    output (T, B, 2H) of a packed run, zeros behind the ends; lengths (B,).
    Returns (B, 2H).
    """
    raise NotImplementedError
''',
    reference=summary,
    cases=_summary_cases,
    parts=(Part("the summary", ("sequence", "unit"), ("forward half", "backward half")),),
    about='"The trap: the last output is not the last state"',
    differentiable=True,
    strict_types=True,
    explained="For a stack this gives the states of the last layer only. Those of the layers below "
    "are in `h_n`, and their other steps are nowhere.",
)


def weight_shapes(X: int, H: int, layers: int, both: bool) -> dict[str, tuple[int, int]]:
    """The shapes of the weights of a stacked LSTM, under PyTorch's names."""
    shapes, width = {}, X
    for layer in range(layers):
        for ending in ("", "_reverse") if both else ("",):
            shapes[f"weight_ih_l{layer}{ending}"] = (4 * H, width)
            shapes[f"weight_hh_l{layer}{ending}"] = (4 * H, H)
        width = 2 * H if both else H
    return shapes


def _shapes_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield from ((5, 3, 3, True), (5, 3, 2, False), (2, 7, 1, True), (6, 6, 1, False))


def _changed(change):
    def wrong(X, H, layers, both):
        shapes = weight_shapes(X, H, layers, both)
        return {name: change(name, shape, X, H, both) for name, shape in shapes.items()}

    return wrong


SHAPES = Exercise(
    name="both-weight-shapes",
    chapter="both-directions",
    title="What each layer reads",
    goal="say the shape of every weight of a stacked bidirectional LSTM",
    minutes=15,
    level="easy",
    hints=(
        "Each direction of each layer has two weights: one for what it reads, one for its own "
        "state.",
        "Both have a row for each gate and unit. Their columns differ: what the layer reads, and "
        "its own units.",
        "The first layer reads X features. A layer above reads the outputs of the one below: H "
        "features in one direction, and those of both halves in two.",
    ),
    mistakes=(
        Mistake(
            "layers above read one half",
            "The layers above the first read H features. In both directions they read the outputs "
            "of both halves of the layer below.",
            _changed(
                lambda name, shape, _, H, both: (
                    (4 * H, H) if both and "_ih_" in name and "_l0" not in name else shape
                )
            ),
        ),
        Mistake(
            "every layer reads the input",
            "Every layer reads X features. Only the first one reads the input; what does a layer "
            "above it read?",
            _changed(lambda name, shape, X, H, _: (4 * H, X) if "_ih_" in name else shape),
        ),
        Mistake(
            "the gates are forgotten",
            "The weights have H rows, as those of an RNN. An LSTM has a row for each unit of each "
            "of its gates and its candidate.",
            _changed(lambda _, shape, __, H, ___: (H, shape[1])),
        ),
        Mistake(
            "rows and columns exchanged",
            "Rows and columns are exchanged. PyTorch stores a weight as outputs by inputs.",
            _changed(lambda _, shape, *__: shape[::-1]),
        ),
        Mistake(
            "a direction reads the other's state",
            "The weights of the state have 2H columns. Within a layer, each direction reads its "
            "own state only; the halves meet in the outputs.",
            _changed(
                lambda name, shape, _, H, both: (4 * H, 2 * H) if both and "_hh_" in name else shape
            ),
        ),
    ),
    stub='''def weight_shapes(X, H, layers, both):
    """The shapes of the weights of an LSTM with X features, H units and some layers.

    both: True for both directions. Biases are left out.
    Returns a dictionary from PyTorch's names to pairs of whole numbers, such as
    {"weight_ih_l0": (rows, columns), "weight_hh_l0": ..., "weight_ih_l0_reverse": ...}.
    """
    raise NotImplementedError
''',
    reference=weight_shapes,
    cases=_shapes_cases,
    about='"What the second layer reads"',
    explained="`torch.nn.LSTM(X, H, layers, bidirectional=both).state_dict()` has the same names.",
)


def most_units(budget: int, X: int, layers: int, both: bool) -> int:
    """The most units of a stacked LSTM with at most so many parameters."""
    D = 2 if both else 1
    a = 4 * D * (1 + (layers - 1) * (1 + D))
    b = 4 * D * (X + 2 + (layers - 1) * 2)
    return (math.isqrt(b * b + 4 * a * budget) - b) // (2 * a)


def _budget_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield from (
        (1_000_000, 64, 2, True),
        (1_000_000, 64, 3, False),
        (352, 5, 1, True),  # just enough for 4 units
        (351, 5, 1, True),
        (1760, 3, 3, True),  # just enough for 5 units
        (1759, 3, 3, True),
        (50_000, 20, 1, False),
    )


def _solved(a: int, b: int, budget: int) -> int:
    return int((math.sqrt(b * b + 4 * a * budget) - b) / (2 * a))


def _units_one_half(budget, X, layers, both):
    D = 2 if both else 1
    return _solved(4 * D * (1 + (layers - 1) * 2), 4 * D * (X + 2 + (layers - 1) * 2), budget)


def _units_one_bias(budget, X, layers, both):
    D = 2 if both else 1
    return _solved(4 * D * (1 + (layers - 1) * (1 + D)), 4 * D * (X + layers), budget)


BUDGET = Exercise(
    name="both-budget",
    chapter="both-directions",
    title="The size of a stacked Bi-LSTM",
    goal="derive a count, and use it backwards",
    minutes=20,
    level="medium",
    hints=(
        "Layer 1 in one direction has 4h(h + x + 2) parameters. What is x for a layer above it?",
        "In both directions, a layer above the first has 2 · 4h(h + 2h + 2).",
        "Sort by powers of h: a h² + b h. In both directions a = 8 + 24(L − 1) and b = 8(x + 2) + "
        "16(L − 1). Then solve a quadratic equation, and round down. Or try one h after the other.",
    ),
    mistakes=(
        Mistake(
            "layers above read one half",
            "Too many: in both directions a layer above the first reads the outputs of both halves "
            "of the layer below, so its inputs double too.",
            _units_one_half,
        ),
        Mistake(
            "one bias",
            "You count one bias for each gate and unit. PyTorch has two.",
            _units_one_bias,
        ),
        Mistake(
            "one direction",
            "You count one direction only, whatever `both` says.",
            lambda budget, X, layers, _: most_units(budget, X, layers, False),
        ),
        Mistake(
            "one unit too many",
            "One unit too many: with your answer the LSTM has more parameters than the budget. "
            "Round down.",
            lambda *arguments: most_units(*arguments) + 1,
        ),
        Mistake(
            "the layers are all alike",
            "You count every layer like the first one, with X inputs. What does a layer above it "
            "read?",
            lambda budget, X, layers, both: most_units(budget // layers, X, 1, both),
        ),
    ),
    stub='''def most_units(budget, X, layers, both):
    """How many units can an LSTM have with a given number of parameters?

    budget: the most parameters, biases as in PyTorch; X: input features; layers: 1 or more;
    both: True for both directions.
    Returns the greatest number of units per direction, a whole number.
    """
    raise NotImplementedError
''',
    reference=most_units,
    cases=_budget_cases,
    parts=(Part("the number of units"),),
    about='the parameters in "What it costs"',
    explained="`math.isqrt` is the whole part of a square root, without rounding errors.",
)
