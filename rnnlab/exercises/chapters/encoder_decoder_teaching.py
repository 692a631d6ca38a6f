"""Exercises of the chapter "Encoder-decoder" on training: what is read, what is to be written.

Axes: ``S`` output steps, ``B`` batch, ``V`` vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def teacher_forcing(outputs: list[Tensor], start: int, stop: int) -> tuple[Tensor, Tensor]:
    """What the decoder reads and what it should write, for outputs of different lengths."""
    longest = max(map(len, outputs))
    reads = torch.full((longest + 1, len(outputs)), stop)
    writes = torch.full((longest + 1, len(outputs)), -100)
    for b, tokens in enumerate(outputs):
        reads[0, b] = start
        reads[1 : len(tokens) + 1, b] = writes[: len(tokens), b] = tokens
        writes[len(tokens), b] = stop
    return reads, writes


def _teaching_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for lengths, start, stop in (
        ((2, 4, 1), 0, 1),
        ((3,), 11, 10),
        ((1, 1), 7, 0),
        ((2, 0, 3), 5, 6),
    ):
        tokens = [torch.randint(2, 5, (n,), generator=generator) for n in lengths]
        yield tokens, start, stop


def _same_place(outputs, start, stop):
    reads, writes = teacher_forcing(outputs, start, stop)
    return writes.where(writes != -100, reads), writes


def _stop_forgotten(outputs, start, stop):
    reads, writes = teacher_forcing(outputs, start, stop)
    for b, tokens in enumerate(outputs):
        writes[len(tokens), b] = -100
    return reads, writes


def _padding_taught(outputs, start, stop):
    reads, writes = teacher_forcing(outputs, start, stop)
    return reads, writes.masked_fill(writes == -100, stop)


def _exchanged(outputs, start, stop):
    writes = _padding_taught(outputs, start, stop)[1]
    reads, ignored = teacher_forcing(outputs, start, stop)
    return writes, reads.masked_fill(ignored == -100, -100)


def _begins_with_stop(outputs, _, stop):
    return teacher_forcing(outputs, stop, stop)


TEACHING = Exercise(
    name="seq2seq-teacher-forcing",
    chapter="encoder-decoder",
    title="What it reads and what it writes",
    goal="make the decoder's inputs and targets for a batch",
    minutes=15,
    level="easy",
    hints=(
        "An output of n tokens takes n + 1 steps: the stop is to be written too.",
        "The start belongs to the inputs only, the stop to the targets only. Between them stand "
        "the same tokens, shifted by one step.",
        "Fill a tensor of shape (S, B) with the stop and one with −100, and write into column b: "
        "the start and the tokens, the tokens and the stop.",
    ),
    mistakes=(
        Mistake(
            "not shifted",
            "The decoder reads the very token that it should write, and will learn to copy it. It "
            "should read the one before; the first step reads the start.",
            _same_place,
        ),
        Mistake(
            "the stop is forgotten",
            "The stop is missing from the targets. A decoder that is trained with these never "
            "learns to end.",
            _stop_forgotten,
        ),
        Mistake(
            "padding is taught",
            "Behind the ends the targets hold the stop, so the loss counts padding. There should "
            "be −100, which it leaves out; the stop stands once, at the end of each output.",
            _padding_taught,
        ),
        Mistake(
            "inputs and targets exchanged",
            "Inputs and targets have changed places: the decoder reads what comes next and should "
            "write what was before.",
            _exchanged,
        ),
        Mistake(
            "the stop as the start",
            "The inputs begin with the stop. There is a token of its own for the start.",
            _begins_with_stop,
        ),
    ),
    stub='''def teacher_forcing(outputs, start, stop):
    """What the decoder reads at each step, and what it should write.

    outputs: a list of B tensors of tokens, (S_b,), without start and stop, which are numbers.
    Returns two tensors of whole numbers, (S, B), where S is the greatest S_b plus 1. Behind the
    ends the first holds the stop, and the second -100, which the loss leaves out.
    """
    raise NotImplementedError
''',
    reference=teacher_forcing,
    cases=_teaching_cases,
    parts=(
        Part("what is read", ("step", "sequence")),
        Part("what is written", ("step", "sequence")),
    ),
    about='"Training: who says what came before?"',
    explained="`data.collate` makes the same for pairs of sequences, with the padded source beside "
    "it. What stands behind the ends of the inputs does not matter, as no loss looks at it.",
)


def log_probability(logits: Tensor, tokens: Tensor, start: int, stop: int) -> Tensor:
    """The log-probability of an output, the stop included."""
    path = torch.cat([torch.tensor([start]), tokens, torch.tensor([stop])])
    return torch.log_softmax(logits, dim=-1)[path[:-1], path[1:]].sum()


def _probability_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for V, S in ((4, 3), (5, 1), (3, 0), (6, 5)):
        tokens = torch.randint(2, V, (S,), generator=generator) if S else torch.zeros(0).long()
        yield random(generator, V, V, scale=2.0), tokens, 0, 1


def _without_stop(logits, tokens, start, stop):
    last = tokens[-1] if len(tokens) else start
    after = torch.log_softmax(logits, dim=-1)[last, stop]
    return log_probability(logits, tokens, start, stop) - after


def _no_softmax(logits, tokens, start, stop):
    path = torch.tensor([start, *tokens, stop])
    return logits[path[:-1], path[1:]].sum()


def _itself(logits, tokens, _, stop):
    path = torch.tensor([*tokens, stop])
    return torch.log_softmax(logits, dim=-1)[path, path].sum()


def _likeliest(logits, tokens, start, _):
    path = torch.tensor([start, *tokens])
    return torch.log_softmax(logits, dim=-1)[path].max(dim=-1).values.sum()


def _over_columns(logits, tokens, start, stop):
    path = torch.tensor([start, *tokens, stop])
    return torch.log_softmax(logits, dim=0)[path[:-1], path[1:]].sum()


PROBABILITY = Exercise(
    name="seq2seq-log-probability",
    chapter="encoder-decoder",
    title="How likely is an output?",
    goal="apply the chain rule of probability to one output",
    minutes=15,
    level="easy",
    hints=(
        "The output is a path from start to stop; the stop has a factor too.",
        "Logits become log-probabilities by a log-softmax over the tokens that may come next. "
        "Factors of a product become terms of a sum.",
        "With `path` = start, tokens, stop, look up the rows `path[:-1]` and the columns "
        "`path[1:]`.",
    ),
    mistakes=(
        Mistake(
            "the stop has no factor",
            "The probability of the stop is missing. Without it, an output would be as likely as "
            "all outputs that begin with it.",
            _without_stop,
        ),
        Mistake(
            "logits are no logarithms of probabilities",
            "The logits are added as they are. They become log-probabilities only by a softmax "
            "over the tokens that may come next.",
            _no_softmax,
        ),
        Mistake(
            "each token after itself",
            "The factor of each token is looked up in its own row. Row k holds what follows token "
            "k, so look in the row of the token before.",
            _itself,
        ),
        Mistake(
            "the mean",
            "That is the mean per step. The loss may be one, but the chain rule multiplies all "
            "factors, and logarithms add.",
            lambda logits, tokens, *ends: (
                log_probability(logits, tokens, *ends) / (len(tokens) + 1)
            ),
        ),
        Mistake(
            "a probability, not its logarithm",
            "That is the probability itself. Its logarithm was asked for; of a long output the "
            "probability is too small for a computer.",
            lambda *arguments: log_probability(*arguments).exp(),
        ),
        Mistake(
            "the likeliest token's factor",
            "At each step you take the greatest probability, whichever token it belongs to. Take "
            "that of the token which stands in the output.",
            _likeliest,
        ),
        Mistake(
            "normalised over what came before",
            "The softmax goes over the columns of the table, so over what came before. The "
            "probabilities in each row should sum to 1.",
            _over_columns,
        ),
    ),
    stub='''def log_probability(logits, tokens, start, stop):
    """The log-probability of an output, in nats.

    logits (V, V): row k has the logits of the tokens that may follow token k. It stands in for a
    decoder. tokens (S,), perhaps none, without start and stop, which are numbers.
    Returns a tensor without axes.
    """
    raise NotImplementedError
''',
    reference=log_probability,
    cases=_probability_cases,
    parts=(Part("the log-probability"),),
    about="the chain rule, the first equation of the chapter",
    differentiable=True,
    strict_types=True,
    explained="Its negative, divided by the number of steps, is the loss of teacher forcing.",
)
