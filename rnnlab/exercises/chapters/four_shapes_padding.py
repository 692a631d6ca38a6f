"""Exercises of the chapter "Sequences and the four shapes" on padded batches.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def pad_all(sequences: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Sequences as one batch, time first, with zeros behind their ends; and their lengths."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    batch = sequences[0].new_zeros(int(lengths.max()), len(sequences), sequences[0].shape[1])
    for b, sequence in enumerate(sequences):
        batch[: len(sequence), b] = sequence
    return batch, lengths


def _pad_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for lengths, X in (((2, 4, 1), 3), ((5,), 2), ((1, 1), 4), ((3, 5, 2, 5), 1)):
        yield ([random(generator, steps, X) for steps in lengths],)


def _pad_before(sequences):
    batch, lengths = pad_all(sequences)
    for b, sequence in enumerate(sequences):
        batch[:, b] = 0
        batch[len(batch) - len(sequence) :, b] = sequence
    return batch, lengths


def _pad_filled(sequences, value):
    batch, lengths = pad_all(sequences)
    real = torch.arange(len(batch))[:, None] < lengths
    return batch.masked_fill(~real[..., None], value), lengths


def _pad_repeated(sequences):
    batch, lengths = pad_all(sequences)
    for b, sequence in enumerate(sequences):
        batch[len(sequence) :, b] = sequence[-1]
    return batch, lengths


def _pad_one_length(sequences):
    batch, lengths = pad_all(sequences)
    return batch, torch.full_like(lengths, len(batch))


PAD = Exercise(
    name="shapes-pad",
    chapter="four-shapes",
    title="From a list to a batch",
    goal="put sequences of different lengths into one tensor",
    minutes=10,
    level="easy",
    hints=(
        "How long must the batch be? As long as the longest sequence.",
        "Begin with a tensor of zeros of the right shape, (T, B, X), and write one sequence after "
        "the other into it.",
        "Sequence b belongs to `batch[: len(sequence), b]`. `sequence.new_zeros(...)` has the "
        "sequence's type.",
    ),
    mistakes=(
        Mistake(
            "padding stands before",
            "The zeros stand before the sequences. In this course a sequence begins at step 0 and "
            "the padding follows, as `collate` shows it in the section on padding.",
            _pad_before,
        ),
        Mistake(
            "sorted by length",
            "The longest sequence comes first, and no target fits any more. Keep the list's order.",
            lambda sequences: pad_all(sorted(sequences, key=len, reverse=True)),
        ),
        Mistake(
            "the last step is repeated",
            "Behind the ends the last step is repeated. There should be zeros: what stands there "
            "should not look like data.",
            _pad_repeated,
        ),
        Mistake(
            "padded with -100",
            "Behind the ends stands −100. That is for targets, which a loss leaves out; inputs are "
            "filled up with zeros.",
            lambda sequences: _pad_filled(sequences, -100.0),
        ),
        Mistake(
            "one length for all",
            "The batch is right, but its lengths are all that of the longest sequence. They should "
            "say how long each one really is, or nobody can tell padding from data.",
            _pad_one_length,
        ),
    ),
    stub='''def pad_all(sequences):
    """Put sequences of different lengths side by side.

    sequences: a list of B tensors, of shapes (T_b, X).
    Returns the batch (T, B, X) with zeros behind the ends, and the lengths (B,), whole numbers.
    """
    raise NotImplementedError
''',
    reference=pad_all,
    cases=_pad_cases,
    parts=(Part("the batch", ("step", "sequence", "feature")), Part("the lengths", ("sequence",))),
    about='the beginning of the section "What padding does"',
    differentiable=True,
    strict_types=True,
    explained="`torch.nn.utils.rnn.pad_sequence` makes the same batch, but not the lengths.",
)


def last_real(outputs: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence's state at its own last step."""
    return outputs[lengths - 1, torch.arange(outputs.shape[1])]


def _last_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, lengths, H in ((6, (3, 6, 1), 2), (4, (3,), 3), (1, (1, 1), 2), (5, (2, 4, 3, 4), 4)):
        yield random(generator, T, len(lengths), H), torch.tensor(lengths)


def _mean_state(outputs, lengths):
    real = (torch.arange(len(outputs))[:, None] < lengths)[..., None]
    return (outputs * real).sum(dim=0) / lengths[:, None]


LAST = Exercise(
    name="shapes-last-state",
    chapter="four-shapes",
    title="The last real state",
    goal="take each sequence's own last state out of a padded output",
    minutes=10,
    level="easy",
    hints=(
        "Each sequence needs another step: the one before its padding begins.",
        "A sequence of 3 steps has its last state at index 2.",
        "Index with two tensors at once: the steps, and the numbers of the sequences, "
        "`torch.arange(B)`.",
    ),
    mistakes=(
        Mistake(
            "the last step of the batch",
            "You take the last step of the batch. For a short sequence that is a state which has "
            "read padding; see place (a) in the section on padding.",
            lambda outputs, _: outputs[-1],
        ),
        Mistake(
            "the end of the longest",
            "All states are taken at the end of the longest sequence. Each sequence has an end of "
            "its own.",
            lambda outputs, lengths: outputs[lengths.max() - 1],
        ),
        Mistake(
            "the end of the first",
            "The length of the first sequence is used for all. Each one has an end of its own.",
            lambda outputs, lengths: outputs[lengths[0] - 1],
        ),
        Mistake(
            "one step too late",
            "The states are those after one step of padding. Steps count from 0: where does a "
            "sequence of length 3 end?",
            lambda outputs, lengths: last_real(outputs, (lengths + 1).clamp(max=len(outputs))),
        ),
        Mistake(
            "one step too early",
            "The states are those before the last real step. Was 1 subtracted twice?",
            lambda outputs, lengths: last_real(outputs, (lengths - 1).clamp(min=1)),
        ),
        Mistake(
            "the mean of the states",
            "That is the mean of all real states. It may be a good summary too, but the last state "
            "was asked for.",
            _mean_state,
        ),
    ),
    stub='''def last_real(outputs, lengths):
    """Take the state at each sequence's own last step.

    outputs (T, B, H), in which padding was read too; lengths (B,).
    Returns (B, H).
    """
    raise NotImplementedError
''',
    reference=last_real,
    cases=_last_cases,
    parts=(Part("the state", ("sequence", "unit")),),
    about="place (a), the state at the padded end",
    differentiable=True,
    strict_types=True,
    explained="For a layer with one direction that is what packing gives as `h_n`.",
)


def masked_mean(losses: Tensor, lengths: Tensor) -> Tensor:
    """The mean over the real steps, whatever stands behind the ends."""
    real = torch.arange(len(losses))[:, None] < lengths
    return losses[real].mean()


def _mean_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for T, lengths, filler in (
        (6, (5, 2, 3), None),
        (1, (1,), None),
        (3, (3, 1, 2), 0.5),
        (5, (4, 4), 2.0),
        (6, (2, 6, 4, 3), math.inf),
    ):
        ends = torch.tensor(lengths)
        losses = random(generator, T, len(lengths)).abs()
        if filler is not None:
            losses = losses.masked_fill(torch.arange(T)[:, None] >= ends, filler)
        yield losses, ends


def _mean_of_means(losses, lengths):
    return torch.stack([losses[:n, b].mean() for b, n in enumerate(lengths)]).mean()


def _over_all(losses, lengths):
    return losses.where(torch.arange(len(losses))[:, None] < lengths, 0).mean()


def _times_mask(losses, lengths):
    real = torch.arange(len(losses))[:, None] < lengths
    return (losses * real).sum() / real.sum()


MEAN = Exercise(
    name="shapes-masked-mean",
    chapter="four-shapes",
    title="The masked mean",
    goal="write the mean of a loss over real steps, which padding leaves alone",
    minutes=10,
    level="easy",
    hints=(
        "You need a mask, (T, B): True where the number of the step is below the length.",
        "Infinity times 0 is not a number. Do not multiply.",
        "`losses[mask]` picks the real ones.",
    ),
    mistakes=(
        Mistake(
            "padding is counted",
            "That is the mean of everything, padding included. See place (c): the loss then tells "
            "mostly how much padding there is.",
            lambda losses, _: losses.mean(),
        ),
        Mistake(
            "divided by all steps",
            "The sum is right: only real steps are in it. But it is divided by the number of all "
            "steps. What does the denominator of the masked mean count?",
            _over_all,
        ),
        Mistake(
            "the mean of means",
            "That is the mean over the sequences of each one's mean, so a step of a short sequence "
            "counts more than one of a long one. Every real step should count the same.",
            _mean_of_means,
        ),
        Mistake(
            "infinity times 0",
            "Right, as long as what stands behind the ends is finite. There may be infinity, and "
            "infinity times 0 is not a number: pick the real losses instead of multiplying.",
            _times_mask,
        ),
        Mistake(
            "a sum, not a mean",
            "The sum over the real steps is right, but the mean was asked for: divide by how many "
            "there are.",
            lambda losses, lengths: losses[torch.arange(len(losses))[:, None] < lengths].sum(),
        ),
        Mistake(
            "a step of padding is counted",
            "One step behind each end is counted. Steps count from 0, so a sequence of length 3 "
            "has the steps 0, 1, 2. Is it < or ≤?",
            lambda losses, lengths: masked_mean(losses, lengths + 1),
        ),
    ),
    stub='''def masked_mean(losses, lengths):
    """The mean of the losses at real steps.

    losses (T, B), anything behind the ends, also infinity; lengths (B,).
    Returns a tensor without axes.
    """
    raise NotImplementedError
''',
    reference=masked_mean,
    cases=_mean_cases,
    parts=(Part("the mean"),),
    about="the masked mean, at place (c) in the section on padding",
    differentiable=True,
    strict_types=True,
    explained="`cross_entropy` computes the same if the targets behind the ends are −100.",
)
