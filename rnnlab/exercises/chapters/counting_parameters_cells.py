"""Exercises of the chapter "Counting parameters" about stored shapes, and a cell with peepholes.

Axes: ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random
from rnnlab.parameters import GATES


def identify(state_dict: dict[str, Tensor]) -> tuple[str, int, int, int, bool]:
    """Kind, x, h, number of layers, and whether there are two directions."""
    rows, h = state_dict["weight_hh_l0"].shape
    x = state_dict["weight_ih_l0"].shape[1]
    kind = {1: "rnn", 3: "gru", 4: "lstm"}[rows // h]
    recurrent = [name for name in state_dict if name.startswith("weight_hh")]
    reverse = [name for name in recurrent if name.endswith("_reverse")]
    return kind, x, h, len(recurrent) - len(reverse), bool(reverse)


def _stored(generator, kind, x, h, layers, both, bias):
    """The tensors of a layer under PyTorch's names, in its order."""
    rows, directions = GATES[kind] * h, ("", "_reverse") if both else ("",)
    tensors = {}
    for layer in range(layers):
        columns = x if layer == 0 else len(directions) * h
        for direction in directions:
            end = f"l{layer}{direction}"
            tensors[f"weight_ih_{end}"] = random(generator, rows, columns)
            tensors[f"weight_hh_{end}"] = random(generator, rows, h)
            if bias:
                tensors[f"bias_ih_{end}"] = random(generator, rows)
                tensors[f"bias_hh_{end}"] = random(generator, rows)
    return tensors


def _stored_cases(generator: torch.Generator) -> Iterator[Arguments]:
    yield (_stored(generator, "lstm", 7, 9, 1, False, True),)
    yield (_stored(generator, "gru", 3, 4, 2, True, True),)
    yield (_stored(generator, "rnn", 5, 2, 3, False, False),)
    yield (_stored(generator, "lstm", 8, 2, 2, True, False),)
    yield (_stored(generator, "gru", 2, 3, 1, True, True),)


def _width_of_state(state_dict):
    kind, _, h, layers, both = identify(state_dict)
    return kind, h, h, layers, both


def _rows_as_units(state_dict):
    kind, x, _, layers, both = identify(state_dict)
    return kind, x, len(state_dict["weight_hh_l0"]), layers, both


def _both_counted(state_dict):
    kind, x, h, layers, both = identify(state_dict)
    return kind, x, h, layers * (2 if both else 1), both


def _four_tensors_each(state_dict):
    kind, x, h, _, both = identify(state_dict)
    return kind, x, h, len(state_dict) // (8 if both else 4), both


def _last_index(state_dict):
    kind, x, h, layers, both = identify(state_dict)
    return kind, x, h, layers - 1, both


def _one_way(state_dict):
    return *identify(state_dict)[:4], False


def peephole_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    W_ih: Tensor,
    W_hh: Tensor,
    b: Tensor,
    p: Tensor,
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM whose gates look at the cell state."""
    i, f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)
    p_i, p_f, p_o = p
    new = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
    return torch.sigmoid(o + p_o * new) * torch.tanh(new), new


def _peephole_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, X, H in ((2, 3, 5), (1, 5, 2), (3, 2, 3)):
        yield (
            random(generator, B, X),
            random(generator, B, H),
            random(generator, B, H),
            random(generator, 4 * H, X),
            random(generator, 4 * H, H),
            random(generator, 4 * H),
            random(generator, 3, H),
        )


def _sums(x, h, W_ih, W_hh, b):
    return (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, dim=-1)


def _output_looks_back(x, h, c, W_ih, W_hh, b, p):
    new = peephole_step(x, h, c, W_ih, W_hh, b, p)[1]
    o = _sums(x, h, W_ih, W_hh, b)[3]
    return torch.sigmoid(o + p[2] * c) * torch.tanh(new), new


def _vectors_exchanged(x, h, c, W_ih, W_hh, b, p):
    return peephole_step(x, h, c, W_ih, W_hh, b, p[[1, 0, 2]])


def _beside_the_sigmoid(x, h, c, W_ih, W_hh, b, p):
    i, f, g, o = _sums(x, h, W_ih, W_hh, b)
    new = (f.sigmoid() + p[1] * c) * c + (i.sigmoid() + p[0] * c) * g.tanh()
    return (o.sigmoid() + p[2] * new) * new.tanh(), new


def _looks_at_h(x, h, c, W_ih, W_hh, b, p):
    i, f, g, o = _sums(x, h, W_ih, W_hh, b)
    new = torch.sigmoid(f + p[1] * h) * c + torch.sigmoid(i + p[0] * h) * g.tanh()
    return torch.sigmoid(o + p[2] * h) * new.tanh(), new


def _nobody_looks(x, h, c, W_ih, W_hh, b, p):
    return peephole_step(x, h, c, W_ih, W_hh, b, 0 * p)


def _output_blind(x, h, c, W_ih, W_hh, b, p):
    return peephole_step(x, h, c, W_ih, W_hh, b, torch.cat([p[:2], 0 * p[2:]]))


IDENTIFY = Exercise(
    name="count-identify",
    chapter="counting-parameters",
    title="A checkpoint without its settings",
    goal="read a model off its shapes",
    minutes=20,
    level="medium",
    hints=(
        "`weight_hh_l0` alone tells you two of the five.",
        "It has g·h rows and h columns. The remaining answers are in the shape of `weight_ih_l0` "
        "and in the names.",
        "The kind follows from rows divided by columns. A name that ends in `_reverse` means two "
        "directions; the names that begin with `weight_hh_l` and do not end so are one for each "
        "layer.",
    ),
    mistakes=(
        Mistake(
            "x from the recurrent weight",
            "The number of inputs is the number of hidden units in your answer. Which matrix is as "
            "wide as the input?",
            _width_of_state,
        ),
        Mistake(
            "rows taken as units",
            "The number of hidden units comes out too large: a weight has as many rows as all "
            "gates together.",
            _rows_as_units,
        ),
        Mistake(
            "both directions counted as layers",
            "In two directions the layers come out twice. The reverse direction has weights of its "
            "own, in the same layer.",
            _both_counted,
        ),
        Mistake(
            "four tensors in each layer",
            "Without biases the number of layers is wrong: a layer then has two tensors for each "
            "direction, not four.",
            _four_tensors_each,
        ),
        Mistake(
            "the index of the last layer",
            "The layers are one too few: the last one's index is not their number.",
            _last_index,
        ),
        Mistake(
            "always one direction",
            "It never finds two directions. How do the names of the reverse direction end?",
            _one_way,
        ),
    ),
    stub='''def identify(state_dict):
    """What kind of recurrent layer a state_dict belongs to. It has no projection.

    Returns kind ("rnn", "gru" or "lstm"), x, h, the number of layers, and whether it is
    bidirectional (True or False).
    """
    raise NotImplementedError
''',
    reference=identify,
    cases=_stored_cases,
    parts=(Part("kind"), Part("x"), Part("h"), Part("layers"), Part("bidirectional")),
    about="one, three or four gates, and layers and directions",
    tolerance=0.0,
)

PEEPHOLE = Exercise(
    name="count-peephole",
    chapter="counting-parameters",
    title="A cell with peepholes",
    goal="write and count a cell that no formula here covers",
    minutes=20,
    level="hard",
    hints=(
        "A product element by element needs one weight for each unit, so a peephole is a vector.",
        "Three gates look, and the candidate does not. What a gate sees is added to its sum, "
        "*before* the sigmoid.",
        "Input and forget gate look at the old cell state. The output gate acts last, when the new "
        "one is there, and looks at that.",
    ),
    mistakes=(
        Mistake(
            "the output gate looks at the old cell",
            "The cell is right. The output gate looks at the old cell state; by then the new one "
            "is there.",
            _output_looks_back,
        ),
        Mistake(
            "input and forget gate exchanged",
            "The input gate looks through the forget gate's peephole, and the other way round. "
            "The rows of p are in the order i, f, o.",
            _vectors_exchanged,
        ),
        Mistake(
            "beside the sigmoid",
            "What the gates see is added after the sigmoid, so a gate can leave (0, 1). It belongs "
            "into the sum.",
            _beside_the_sigmoid,
        ),
        Mistake(
            "the hidden state is looked at",
            "The peepholes look at the hidden state, which the gates read anyway. They are there "
            "to see the cell state.",
            _looks_at_h,
        ),
        Mistake(
            "nobody looks",
            "That is the ordinary LSTM: no gate looks at the cell state.",
            _nobody_looks,
        ),
        Mistake(
            "the output gate does not look",
            "The cell is right. The output gate has a peephole too.",
            _output_blind,
        ),
    ),
    stub='''def peephole_step(x, h, c, W_ih, W_hh, b, p):
    """One step of a peephole LSTM, gates in PyTorch's order i, f, g, o.

    x (B, X), h and c (B, H), W_ih (4H, X), W_hh (4H, H), b (4H,), p (3, H): the weights through
    which the input, forget and output gate look.
    Returns the new h and the new c, each (B, H).
    """
    raise NotImplementedError
''',
    reference=peephole_step,
    cases=_peephole_cases,
    parts=(Part("h", ("sequence", "unit")), Part("c", ("sequence", "unit"))),
    about="one gate",
    differentiable=True,
    strict_types=True,
    explained="It has 3h parameters more than the LSTM: a vector for each gate that looks.",
)
