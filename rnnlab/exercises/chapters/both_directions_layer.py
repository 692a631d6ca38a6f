"""Exercises of the chapter "Both directions, and depth" on what a bidirectional layer computes.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def both_halves(
    x: Tensor, W: Tensor, U: Tensor, b: Tensor, W_back: Tensor, U_back: Tensor, b_back: Tensor
) -> tuple[Tensor, Tensor]:
    """An RNN in both directions: the outputs and both final states."""

    def read(x: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
        h, states = x.new_zeros(x.shape[1], len(b)), []
        for x_t in x:
            h = torch.tanh(x_t @ W.mT + h @ U.mT + b)
            states.append(h)
        return torch.stack(states)

    ahead = read(x, W, U, b)
    back = read(x.flip(0), W_back, U_back, b_back)
    outputs = torch.cat([ahead, back.flip(0)], dim=-1)
    return outputs, torch.stack([ahead[-1], back[-1]])


def _layer_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, B, X, H in ((4, 3, 2, 3), (5, 1, 3, 2), (1, 2, 2, 1), (3, 2, 1, 4)):
        shapes = ((T, B, X), *((H, X), (H, H), (H,)) * 2)
        yield tuple(random(generator, *shape) for shape in shapes)


def _halves(outputs):
    return outputs.chunk(2, dim=-1)


def _not_turned_back(*arguments):
    outputs, ends = both_halves(*arguments)
    ahead, back = _halves(outputs)
    return torch.cat([ahead, back.flip(0)], dim=-1), ends


def _batch_turned(x, *weights):
    outputs, ends = _never_turned(x, *weights)
    return outputs, torch.stack([ends[0], ends[1].flip(0)])


def _never_turned(x, *weights):
    ahead, _ = _halves(both_halves(x, *weights)[0])
    back = _halves(both_halves(x.flip(0), *weights)[0])[1].flip(0)
    return torch.cat([ahead, back], dim=-1), torch.stack([ahead[-1], back[-1]])


def _last_output(*arguments):
    outputs, _ = both_halves(*arguments)
    return outputs, torch.stack(_halves(outputs[-1]))


def _one_set_of_weights(x, W, U, b, *_):
    return both_halves(x, W, U, b, W, U, b)


def _backward_first(*arguments):
    outputs, ends = both_halves(*arguments)
    return outputs.roll(outputs.shape[-1] // 2, dims=-1), ends.flip(0)


def _everything_turned(*arguments):
    outputs, ends = both_halves(*arguments)
    ahead, back = _halves(outputs)
    return torch.cat([ahead.flip(0), back], dim=-1), ends


BROKEN = Exercise(
    name="both-broken-layer",
    chapter="both-directions",
    title="A broken layer",
    goal="find and mend the fault of a hand-made bidirectional layer",
    minutes=15,
    level="easy",
    hints=(
        "Run it on a sequence of which you know what each half should have read, like the "
        "collector at the beginning of the chapter.",
        "All shapes are right, and the forward half and both final states are right too. What is "
        "left?",
        "The backward states come in the order in which they were computed, the last step first. "
        "They have to be turned around once more before they stand beside the forward ones.",
    ),
    mistakes=(
        Mistake(
            "not turned back",
            "The backward outputs stand in the order in which they were computed: at step 1 stands "
            "what belongs to the last step. See how the chapter compares `as it comes` and `turned "
            "around`.",
            _not_turned_back,
        ),
        Mistake(
            "the batch is turned around",
            "The batch is turned around and not the time, so every sequence is read from left to "
            "right twice. Which axis is time?",
            _batch_turned,
        ),
        Mistake(
            "never turned around",
            "Now both halves read from left to right. The input must be turned around too, before "
            "the backward layer reads it.",
            _never_turned,
        ),
        Mistake(
            "the last output for the last state",
            "The outputs are right now, but the backward direction's final state is not: it is "
            "taken at the last step, where that direction begins. See the chapter's trap.",
            _last_output,
        ),
        Mistake(
            "one set of weights for both",
            "Both directions use the forward weights. Each has weights of its own.",
            _one_set_of_weights,
        ),
        Mistake(
            "the backward half first",
            "The halves are exchanged. By convention forward comes first, in the outputs and in "
            "the final states.",
            _backward_first,
        ),
        Mistake(
            "the forward half is turned too",
            "The forward half is turned around, and the backward half is right. Forward outputs "
            "stand in the right order from the start.",
            _everything_turned,
        ),
    ),
    stub='''def both_halves(x, W, U, b, W_back, U_back, b_back):
    """An RNN in both directions, with a fault.

    x (T, B, X); W (H, X), U (H, H), b (H,) for the inputs, the state and the bias of the forward
    direction; the other three are those of the backward direction.
    Returns the outputs (T, B, 2H) and the final states of both directions (2, B, H).
    """

    def read(x, W, U, b):
        h, states = x.new_zeros(x.shape[1], len(b)), []
        for x_t in x:
            h = torch.tanh(x_t @ W.mT + h @ U.mT + b)
            states.append(h)
        return torch.stack(states)

    ahead = read(x, W, U, b)
    back = read(x.flip(0), W_back, U_back, b_back)
    outputs = torch.cat([ahead, back], dim=-1)
    return outputs, torch.stack([ahead[-1], back[-1]])
''',
    reference=both_halves,
    cases=_layer_cases,
    parts=(
        Part("the output", ("step", "sequence", "unit"), ("forward half", "backward half")),
        Part("the final state", ("direction", "sequence", "unit")),
    ),
    about='"What each half has read"',
    differentiable=True,
    strict_types=True,
    explained="One call of `flip` was missing. The last state computed in each direction is its "
    "final state; for the backward one it belongs to the first step.",
)


def turn_around(x: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence from its end to its beginning; padding stays behind it."""
    steps = torch.arange(x.shape[1])
    where = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return x[torch.arange(len(x))[:, None], where]


def _turn_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, lengths, X in ((5, (3, 5, 1), 2), (4, (3,), 3), (1, (1, 1), 1), (6, (4, 2, 5), 2)):
        yield random(generator, len(lengths), T, X), torch.tensor(lengths)


def _padding_turned(x, lengths):
    pairs = zip(x, lengths.tolist(), strict=True)
    return torch.stack([torch.cat([row[:n].flip(0), row[n:].flip(0)]) for row, n in pairs])


TURN = Exercise(
    name="both-turn-around",
    chapter="both-directions",
    title="Within its own length",
    goal="turn the sequences of a padded batch around without moving the padding",
    minutes=15,
    level="medium",
    hints=(
        "For each sequence and each step, say which step of the input stands there afterwards.",
        "In a sequence of length n, step t gets what stood at n − 1 − t. Behind the end, each step "
        "keeps its own.",
        "Make a table of these steps, (B, T), with `torch.where`, and index x with the numbers of "
        "the sequences, (B, 1), and this table.",
    ),
    mistakes=(
        Mistake(
            "the whole batch is turned around",
            "The whole batch is turned around, and so the padding comes first. Each sequence "
            "should be turned within its own length.",
            lambda x, _: x.flip(1),
        ),
        Mistake(
            "the sequences change places",
            "The order of the sequences is turned around, not that of the steps. Here the batch "
            "comes first, so time is axis 1.",
            lambda x, _: x.flip(0),
        ),
        Mistake(
            "one length for all",
            "All sequences are turned around within the length of the first. Each has a length of "
            "its own.",
            lambda x, lengths: turn_around(x, lengths[:1].expand(len(x))),
        ),
        Mistake(
            "off by one",
            "The last real step of each sequence stays where it is. Steps count from 0: the last "
            "one of a sequence of length 3 is step 2, and that belongs at step 0.",
            lambda x, lengths: turn_around(x, lengths - 1),
        ),
        Mistake(
            "the padding is turned too",
            "The sequences are right, but what stands behind the ends is turned around as well. It "
            "should stay as it is.",
            _padding_turned,
        ),
    ),
    stub='''def turn_around(x, lengths):
    """Turn each sequence of a padded batch around, within its own length.

    x (B, T, X), the batch first; lengths (B,).
    Returns (B, T, X); what stands behind the ends stays as it is.
    """
    raise NotImplementedError
''',
    reference=turn_around,
    cases=_turn_cases,
    parts=(Part("the batch", ("sequence", "step", "feature")),),
    about='"Sequences of different lengths"',
    differentiable=True,
    strict_types=True,
    explained="The function is its own inverse: turn twice, and all is as before. That is why the "
    "chapter can use it on the inputs and again on the outputs.",
)
