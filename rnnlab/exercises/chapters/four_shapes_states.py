"""Exercises of the chapter "Sequences and the four shapes" on answers and states over time.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``K`` classes.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def settled(probabilities: Tensor) -> int:
    """After how many steps the likeliest class is the final one for good."""
    best = probabilities.argmax(dim=-1)
    others = (best != best[-1]).nonzero()
    return int(others[-1]) + 2 if len(others) else 1


def _settled_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for best in (
        (0, 1, 2, 1, 1),
        (2, 2, 2),
        (0,),
        (1, 0, 1, 0),
        (0, 0, 1, 2, 2, 2),
        (2, 0, 0, 1, 0, 0, 0),
        (1, 2, 0, 1, 1),
    ):
        scores = 2.0 * one_hot(torch.tensor(best), 4).double()
        yield (torch.softmax(scores + random(generator, len(best), 4, scale=0.3), dim=-1),)


def _first_time(probabilities):
    best = probabilities.argmax(dim=-1)
    return int((best == best[-1]).nonzero()[0]) + 1


def _how_often(probabilities):
    best = probabilities.argmax(dim=-1)
    return int((best == best[-1]).sum())


def _changes(probabilities):
    best = probabilities.argmax(dim=-1)
    return int((best[1:] != best[:-1]).sum()) + 1


SETTLED = Exercise(
    name="shapes-settled",
    chapter="four-shapes",
    title="When does it know?",
    goal="use the N answers that an N-to-1 network computes",
    minutes=15,
    level="easy",
    hints=(
        "The answer at each step is the likeliest class there.",
        "Go backwards from the last step as long as the answer is the final one.",
        "With `best = probabilities.argmax(dim=-1)`, look for the last step at which `best` is "
        "not `best[-1]`. There may be none.",
    ),
    mistakes=(
        Mistake(
            "the first time",
            "That is when the final answer appears for the first time. It may be left again: look "
            "at the request in the chapter that takes something back.",
            _first_time,
        ),
        Mistake(
            "one too few",
            "One too few. The number of steps that have been read is asked for, and steps count "
            "from 0: after the step with index 0 it is 1.",
            lambda probabilities: settled(probabilities) - 1,
        ),
        Mistake(
            "how often, not since when",
            "That is at how many steps the answer is the final one. They need not stand in a row "
            "at the end; and it is asked since when, not how long.",
            _how_often,
        ),
        Mistake(
            "changes counted",
            "You count how often the answer changes, not when it does so for the last time.",
            _changes,
        ),
        Mistake(
            "the greatest over the steps",
            "The greatest is taken over the steps, not over the classes. Which axis has the "
            "classes?",
            lambda probabilities: settled(probabilities.mT),
        ),
    ),
    stub='''def settled(probabilities):
    """After how many steps has the answer become the final one, not to be left again?

    probabilities (T, K): those of all classes after each step.
    Returns a whole number from 1 to T.
    """
    raise NotImplementedError
''',
    reference=settled,
    cases=_settled_cases,
    parts=(Part("the number of steps"),),
    about='"A request, word by word"',
    explained="The network does not know that it has settled. To act early it would need a rule, "
    "for instance a probability above 95 %, and a word that takes everything back may still "
    "follow.",
)


def masked_states(
    x: Tensor, lengths: Tensor, W_ih: Tensor, W_hh: Tensor, b: Tensor, backward: bool
) -> Tensor:
    """The states of an RNN over a padded batch; at padding the state stays as it is."""
    h, states = x.new_zeros(x.shape[1], len(b)), [x] * len(x)
    for t in reversed(range(len(x))) if backward else range(len(x)):
        new = torch.tanh(x[t] @ W_ih.mT + h @ W_hh.mT + b)
        h = torch.where((t < lengths)[:, None], new, h)
        states[t] = h
    return torch.stack(states)


def _states_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, lengths, X, H, backward in (
        (5, (3, 5, 1), 2, 3, False),
        (5, (3, 5, 1), 2, 3, True),
        (4, (2,), 3, 2, True),
        (1, (1, 1), 2, 1, False),
        (3, (3, 2), 1, 2, True),
    ):
        yield (
            random(generator, T, len(lengths), X),
            torch.tensor(lengths),
            random(generator, H, X),
            random(generator, H, H),
            random(generator, H),
            backward,
        )


def _everything_read(x, lengths, *weights):
    return masked_states(x, torch.full_like(lengths, len(x)), *weights)


def _emptied(x, lengths, *weights):
    real = torch.arange(len(x))[:, None] < lengths
    return masked_states(x, lengths, *weights) * real[..., None]


def _order_of_reading(*arguments):
    states = masked_states(*arguments)
    return states.flip(0) if arguments[-1] else states


def _inverted(x, lengths, W_ih, W_hh, b, backward):
    h, states = x.new_zeros(x.shape[1], len(b)), [x] * len(x)
    for t in reversed(range(len(x))) if backward else range(len(x)):
        h = torch.where((t >= lengths)[:, None], torch.tanh(x[t] @ W_ih.mT + h @ W_hh.mT + b), h)
        states[t] = h
    return torch.stack(states)


STATES = Exercise(
    name="shapes-masked-states",
    chapter="four-shapes",
    title="Mask the state",
    goal="get packing's result without packing, for both directions",
    minutes=25,
    level="medium",
    hints=(
        "Compute the new state for all sequences, then keep the old one where there is padding.",
        "Step t is real for the sequences whose length is greater than t. "
        "`torch.where(real[:, None], new, old)` chooses row by row.",
        "Backwards, go through the steps from the last to the first, and put each state where its "
        "step is. While there is padding, the state stays 0, as if the sequence began at its own "
        "end.",
    ),
    mistakes=(
        Mistake(
            "padding is read",
            "The padding is read like everything else. Where step t lies behind a sequence's end, "
            "its state should stay as it was.",
            _everything_read,
        ),
        Mistake(
            "the state is emptied",
            "At padding the states are 0. Forwards the old state should be kept there, so that the "
            "last step of the batch holds each sequence's last real state.",
            _emptied,
        ),
        Mistake(
            "never backwards",
            "The steps are read from the first to the last in both cases. What should `backward` "
            "change?",
            lambda x, lengths, W, U, b, _: masked_states(x, lengths, W, U, b, False),
        ),
        Mistake(
            "backward states in the order of reading",
            "The backward states are right, but they come in the order in which they were "
            "computed. The state of step t should stand at t.",
            _order_of_reading,
        ),
        Mistake(
            "the mask means the opposite",
            "The state moves at padding and stays at real steps: the two sides of the choice are "
            "exchanged.",
            _inverted,
        ),
        Mistake(
            "the last real step is not read",
            "Each sequence's last real step is taken for padding. Steps count from 0, so a "
            "sequence of length 3 has the steps 0, 1, 2.",
            lambda x, lengths, *weights: masked_states(x, lengths - 1, *weights),
        ),
    ),
    stub='''def masked_states(x, lengths, W_ih, W_hh, b, backward):
    """The states of an RNN, tanh(x W_ih^T + h W_hh^T + b), over a padded batch.

    x (T, B, X); lengths (B,); W_ih (H, X), W_hh (H, H), b (H,); backward: True to read from the
    last step to the first. At padding a sequence's state stays as it was; it begins with zeros.
    Returns the state at every step, (T, B, H).
    """
    raise NotImplementedError
''',
    reference=masked_states,
    cases=_states_cases,
    parts=(Part("the states", ("step", "sequence", "unit")),),
    about="place (b), a backward direction that begins in padding",
    differentiable=True,
    strict_types=True,
    explained="At real steps these are the states of a packed layer. Forwards, keeping the state "
    "carries the last real one to the end of the batch. Backwards, it keeps the zeros until the "
    "sequence's own end is reached.",
)
