"""Exercises of the chapter "Language models".

Scores here; counting, drawing and searching in the files beside it.

Axes: ``N`` lines.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters import (
    language_models_beam,
    language_models_counting,
    language_models_drawing,
)
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, Question, random


def perplexity_and_bits(losses: Tensor, lengths: Tensor) -> tuple[float, float]:
    """The perplexity of all lines together, and its bits for each character."""
    loss = ((losses * lengths).sum() / lengths.sum()).item()
    return math.exp(loss), loss / math.log(2)


def _losses_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for lines in (5, 1, 3):
        losses = 2 + random(generator, lines).abs()
        yield losses, torch.randint(4, 40, (lines,), generator=generator)


def _both(loss):
    return math.exp(loss), loss / math.log(2)


def _mean(losses, lengths):
    return ((losses * lengths).sum() / lengths.sum()).item()


def _perplexities_averaged(losses, lengths):
    perplexity = (losses.exp() * lengths).sum() / lengths.sum()
    return perplexity.item(), math.log2(perplexity)


def _lines_alike(losses, _):
    return _both(losses.mean().item())


def _perplexities_of_lines(losses, _):
    perplexity = losses.exp().mean().item()
    return perplexity, math.log2(perplexity)


def _bits_the_wrong_way(losses, lengths):
    loss = _mean(losses, lengths)
    return math.exp(loss), loss * math.log(2)


def _power_of_two(losses, lengths):
    loss = _mean(losses, lengths)
    return 2**loss, loss / math.log(2)


def _nats_as_bits(losses, lengths):
    loss = _mean(losses, lengths)
    return math.exp(loss), loss


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="lm-perplexity",
        chapter="language-models",
        title="One number for many lines",
        goal="put the losses of lines together without falling into the traps",
        minutes=10,
        level="easy",
        hints=(
            "The perplexity belongs to all characters, and each of them counts the same, in "
            "whichever line it stands.",
            "A line's mean loss times its length is its sum. Add the sums, divide by the number of "
            "all characters.",
            "The exponential comes last. Bits are nats divided by $\\ln 2$.",
        ),
        mistakes=(
            Mistake(
                "perplexities are averaged",
                "You averaged exponentials. The mean of exponentials is above the exponential of "
                "the mean; average losses, and take the exponential once.",
                _perplexities_averaged,
            ),
            Mistake(
                "all lines count the same",
                "A short line counts as much as a long one. It is the characters that should.",
                _lines_alike,
            ),
            Mistake(
                "perplexities of lines are averaged",
                "That is the mean of the lines' perplexities, which falls into two traps at once: "
                "the place of the exponential, and the lengths.",
                _perplexities_of_lines,
            ),
            Mistake(
                "nats are multiplied",
                "The perplexity is right. A bit is *less* than a nat, so there are more of them: "
                "see the equation of bits per character.",
                _bits_the_wrong_way,
            ),
            Mistake(
                "nats are called bits",
                "The perplexity is right. The second number is the loss in nats, not in bits.",
                _nats_as_bits,
            ),
            Mistake(
                "two to the power of nats",
                "The bits are right. The loss is in nats, which belong to another base than 2.",
                _power_of_two,
            ),
        ),
        stub='''def perplexity_and_bits(losses, lengths):
    """The perplexity of a text and its bits per character, from the losses of its lines.

    losses (N,): the mean loss of each line, in nats per character.
    lengths (N,): the number of characters of each line, integers.
    Returns two numbers.
    """
    raise NotImplementedError
''',
        reference=perplexity_and_bits,
        cases=_losses_cases,
        parts=(Part("the perplexity"), Part("bits per character")),
        about="how good is a guess?",
    ),
    Question(
        name="lm-per-word",
        chapter="language-models",
        title="Per what?",
        goal="convert a perplexity from characters to words",
        minutes=5,
        level="easy",
        hints=(
            "The probability of the text is the same, however it is cut.",
            "How many bits does a word need, with five characters of 2 bits each?",
            "A perplexity is 2 to the power of bits, for whatever the bits are counted.",
        ),
        mistakes=(
            Mistake(
                "for each character",
                "That is the perplexity for each character.",
                4,
            ),
            Mistake(
                "perplexities are added",
                "Five times the perplexity of a character. But probabilities of characters in a "
                "row are multiplied.",
                20,
            ),
            Mistake(
                "bits",
                "That is how many *bits* a word needs. What is the perplexity?",
                10,
            ),
            Mistake(
                "two to the fifth",
                "Each character would need one bit then. It needs two.",
                32,
            ),
        ),
        answer=lambda: float(2.0 ** (2 * 5)),
        explained="Ten bits for a word are a perplexity of $2^{10}$, which is also $4^5$.",
    ),
    *language_models_counting.EXERCISES,
    *language_models_drawing.EXERCISES,
    *language_models_beam.EXERCISES,
)
