"""Exercises of the chapter "Pretraining": reading out.

Axes: ``T`` time steps, ``B`` batch, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def pooled(output: Tensor, lengths: Tensor) -> Tensor:
    """The last state, the mean and the maximum over the real steps, side by side."""
    real = (torch.arange(len(output))[:, None] < lengths)[..., None]
    last = output[lengths - 1, torch.arange(len(lengths))]
    mean = torch.where(real, output, 0.0).sum(dim=0) / lengths[:, None]
    greatest = output.masked_fill(~real, -torch.inf).amax(dim=0)
    return torch.cat([last, mean, greatest], dim=1)


def _pooling_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for H, lengths in ((3, (4, 2, 1)), (1, (3,)), (2, (2, 5))):
        sizes = torch.tensor(lengths)
        output = random(generator, int(sizes.max()), len(lengths), H)
        output[:, :, 0] -= 4  # negative throughout, so that padding would be the maximum
        yield output * (torch.arange(len(output))[:, None] < sizes)[..., None], sizes


def _parts(output, lengths):
    return pooled(output, lengths).chunk(3, dim=1)


def _last_row(output, lengths):
    _, mean, greatest = _parts(output, lengths)
    return torch.cat([output[-1], mean, greatest], dim=1)


def _mean_with_padding(output, lengths):
    last, _, greatest = _parts(output, lengths)
    return torch.cat([last, output.mean(dim=0), greatest], dim=1)


def _sum_for_mean(output, lengths):
    last, _, greatest = _parts(output, lengths)
    return torch.cat([last, output.sum(dim=0), greatest], dim=1)


def _maximum_with_padding(output, lengths):
    last, mean, _ = _parts(output, lengths)
    return torch.cat([last, mean, output.amax(dim=0)], dim=1)


def _padding_everywhere(output, _):
    return torch.cat([output[-1], output.mean(dim=0), output.amax(dim=0)], dim=1)


def _greatest_size(output, lengths):
    last, mean, _ = _parts(output, lengths)
    return torch.cat([last, mean, output.abs().amax(dim=0)], dim=1)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="pretraining-pooling",
        chapter="pretraining",
        title="Last, mean and maximum",
        goal="read out a batch of padded sequences in three ways",
        minutes=15,
        level="medium",
        hints=(
            "Behind the end of a sequence the output is 0. In which of the three does a 0 do harm?",
            "Comparing `torch.arange(T)[:, None]` with `lengths` tells the real steps. The mean "
            "divides by their number; for the maximum fill the others with minus infinity.",
            "`output[lengths - 1, torch.arange(B)]` picks the last real state of each sequence. "
            "Put the three side by side with `torch.cat`.",
        ),
        mistakes=(
            Mistake(
                "the last row of the batch",
                "The first part is the last *row*. For a shorter sequence that is padding.",
                _last_row,
            ),
            Mistake(
                "the mean counts padding",
                "The mean was divided by the longest length. Each sequence has its own.",
                _mean_with_padding,
            ),
            Mistake(
                "a sum in place of the mean",
                "The second part is a sum: long sequences get great numbers.",
                _sum_for_mean,
            ),
            Mistake(
                "padding wins the maximum",
                "Where all real values are negative, the maximum is the 0 of the padding.",
                _maximum_with_padding,
            ),
            Mistake(
                "padding everywhere",
                "The lengths play no part: padding counts as the last state, in the mean and in "
                "the maximum.",
                _padding_everywhere,
            ),
            Mistake(
                "the greatest size",
                "The third part is the greatest absolute value. The maximum keeps its sign.",
                _greatest_size,
            ),
        ),
        stub='''def pooled(output, lengths):
    """The last state, the mean and the maximum over the real steps, side by side.

    output (T, B, H): states, 0 behind the end of a sequence. lengths (B,): integers, at least 1.
    Returns (B, 3H).
    """
    raise NotImplementedError
''',
        reference=pooled,
        cases=_pooling_cases,
        parts=(Part("the summary", ("sequence", "number"), ("last", "mean", "maximum")),),
        about="why so little?",
        strict_types=True,
    ),
)
