"""Exercises of the chapter "What a recurrent network is": a loop over time, and two layers.

Axes: ``T`` steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def _step(x, h, W_xh, W_hh, b):
    return torch.tanh(x @ W_xh.mT + h @ W_hh.mT + b)


def unroll(x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """All hidden states of a simple RNN, and the last one."""
    output = []
    for x_t in x:
        h = torch.tanh(x_t @ W_xh.mT + h @ W_hh.mT + b)
        output.append(h)
    return torch.stack(output), h


def _triple(generator: torch.Generator, X: int, H: int) -> tuple[Tensor, ...]:
    return random(generator, H, X), random(generator, H, H), random(generator, H)


def _unroll_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 2, 3, 5), (1, 3, 2, 4), (6, 1, 4, 2)):
        yield random(generator, T, B, X), random(generator, B, H), *_triple(generator, X, H)


def _state_kept_back(x, h, W_xh, W_hh, b):
    output = torch.stack([_step(x_t, h, W_xh, W_hh, b) for x_t in x])
    return output, output[-1]


def _from_zero(x, h, W_xh, W_hh, b):
    return unroll(x, 0 * h, W_xh, W_hh, b)


def _from_the_end(x, h, W_xh, W_hh, b):
    return unroll(x.flip(0), h, W_xh, W_hh, b)


def _stored_in_reverse(x, h, W_xh, W_hh, b):
    output, last = unroll(x, h, W_xh, W_hh, b)
    return output.flip(0), last


def _one_too_early(x, h, W_xh, W_hh, b):
    output, last = unroll(x, h, W_xh, W_hh, b)
    return torch.cat([h[None], output[:-1]]), last


def _first_state_returned(x, h, W_xh, W_hh, b):
    return unroll(x, h, W_xh, W_hh, b)[0], h.clone()


def two_layers(
    x: Tensor, bottom: tuple[Tensor, ...], top: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor]:
    """Outputs of the top layer, and the final states of both."""
    (W_xl, W_ll, b_l), (W_lt, W_tt, b_t) = bottom, top
    low = x.new_zeros(x.shape[1], len(b_l))
    high = x.new_zeros(x.shape[1], len(b_t))
    output = []
    for x_t in x:
        low = torch.tanh(x_t @ W_xl.mT + low @ W_ll.mT + b_l)
        high = torch.tanh(low @ W_lt.mT + high @ W_tt.mT + b_t)
        output.append(high)
    return torch.stack(output), torch.stack([low, high])


def _stack_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 3, 5, 6), (1, 2, 3, 2), (5, 1, 2, 4)):
        bottom, top = _triple(generator, X, H), _triple(generator, H, H)
        yield random(generator, T, B, X), bottom, top


def _reads_old_state(x, bottom, top):
    low = high = x.new_zeros(x.shape[1], len(bottom[2]))
    output = []
    for x_t in x:
        low, high = _step(x_t, low, *bottom), _step(low, high, *top)
        output.append(high)
    return torch.stack(output), torch.stack([low, high])


def _one_state_for_both(x, bottom, top):
    h = x.new_zeros(x.shape[1], len(bottom[2]))
    output = []
    for x_t in x:
        low = _step(x_t, h, *bottom)
        h = _step(low, h, *top)
        output.append(h)
    return torch.stack(output), torch.stack([low, h])


def _top_without_memory(x, bottom, top):
    W, U, b = top
    return two_layers(x, bottom, (W, 0 * U, b))


def _states_exchanged(x, bottom, top):
    output, states = two_layers(x, bottom, top)
    return output, states.flip(0)


def _bottom_shown(x, bottom, top):
    zero = x.new_zeros(x.shape[1], len(bottom[2]))
    return unroll(x, zero, *bottom)[0], two_layers(x, bottom, top)[1]


UNROLLED = Exercise(
    name="rnn-unrolled",
    chapter="rnn",
    title="A sentence, step by step",
    goal="run the cell over time",
    minutes=10,
    level="easy",
    hints=(
        "A loop over the steps, and a list. What has to survive from one step to the next?",
        "Time is the first axis, so `for x_t in x` gives one step of all sequences at a time.",
        "In the loop: compute the new state under the *same name* as the old one, and append it. "
        "After the loop, stack the list; the last state is still in its variable.",
    ),
    mistakes=(
        Mistake(
            "the state is not handed on",
            "Each step starts from the first state again, so no step knows of the inputs before "
            "it. Where does the new state go at the end of the loop?",
            _state_kept_back,
        ),
        Mistake(
            "the given first state is ignored",
            "The loop starts from zero, although a first state was given. Zero is what one takes "
            "where there is none.",
            _from_zero,
        ),
        Mistake(
            "read from the end",
            "The sentence is read from its last step to its first. Each state must depend on the "
            "inputs up to its own step.",
            _from_the_end,
        ),
        Mistake(
            "stored in reverse",
            "The states are right, but they stand in the reverse order of time in `output`.",
            _stored_in_reverse,
        ),
        Mistake(
            "one step too early",
            "`output` holds the state *before* each step, so it begins with the first state. Is "
            "something stored before it is renewed?",
            _one_too_early,
        ),
        Mistake(
            "the first state comes back",
            "`output` is right, but the second result is still the state that came in.",
            _first_state_returned,
        ),
    ),
    stub='''def unroll(x, h, W_xh, W_hh, b):
    """A simple RNN over time, from the first state h.

    x (T, B, X), h (B, H), W_xh (H, X), W_hh (H, H), b (H,): both biases in one.
    Returns all states h_1 ... h_T, (T, B, H), and h_T, (B, H).
    """
    raise NotImplementedError
''',
    reference=unroll,
    cases=_unroll_cases,
    parts=(Part("output", ("step", "sequence", "unit")), Part("h_T", ("sequence", "unit"))),
    about="one set of weights, unrolled",
    differentiable=True,
    strict_types=True,
)

STACK = Exercise(
    name="rnn-stack",
    chapter="rnn",
    title="Two layers from cells",
    goal="see what `num_layers=2` means",
    minutes=20,
    level="medium",
    hints=(
        "Keep two states. At each step, which of them is the input of the other layer?",
        "The top layer reads the *new* state of the bottom layer, of the same step.",
        "In the loop: renew `low` from `x_t` and `low`, then `high` from the new `low` and "
        "`high`. Collect `high`; at the end stack `low` and `high`.",
    ),
    mistakes=(
        Mistake(
            "the top layer reads the old state below",
            "The top layer reads the state that the bottom layer had a step ago. Within a step, "
            "the bottom layer comes first.",
            _reads_old_state,
        ),
        Mistake(
            "one state for both layers",
            "Both layers share one state: the bottom one goes on from the top one's. Each layer "
            "has a memory of its own.",
            _one_state_for_both,
        ),
        Mistake(
            "the top layer has no memory",
            "The top layer does not read its own old state. Does its state start from zero anew "
            "in each step?",
            _top_without_memory,
        ),
        Mistake(
            "final states exchanged",
            "`output` is right; the two final states stand in the wrong order. PyTorch counts "
            "layers from the input upwards.",
            _states_exchanged,
        ),
        Mistake(
            "the bottom layer is shown",
            "`output` holds the states of the bottom layer. It is every step of the last layer.",
            _bottom_shown,
        ),
    ),
    stub='''def two_layers(x, bottom, top):
    """Two layers of a simple RNN on top of each other, both starting from zero.

    x (T, B, X); bottom and top are triples of an input weight, a recurrent weight and a bias:
    bottom (H, X), (H, H), (H,), top (H, H), (H, H), (H,).
    Returns output (T, B, H) and h_n (2, B, H), as nn.RNN does.
    """
    raise NotImplementedError
''',
    reference=two_layers,
    cases=_stack_cases,
    parts=(
        Part("output", ("step", "sequence", "unit")),
        Part("h_n", ("layer", "sequence", "unit")),
    ),
    about="the layer nn.RNN",
    differentiable=True,
    strict_types=True,
)

LAYERS = (UNROLLED, STACK)
