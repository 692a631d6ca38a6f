"""Exercises of the chapter "Encoder-decoder" on greedy decoding.

Axes: ``B`` batch, ``V`` vocabulary.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def greedy(table: Tensor, first: Tensor, stop: int, most: int) -> Tensor:
    """The likeliest token at every step, for several sequences; the stop behind their ends."""
    tokens, ended, written = first, torch.zeros_like(first, dtype=torch.bool), []
    for _ in range(most):
        tokens = table[tokens].argmax(dim=-1).masked_fill(ended, stop)
        ended = ended | (tokens == stop)
        written.append(tokens)
    return torch.stack(written)


def _greedy_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for follows, first, stop, most in (
        ((1, 2, 3, 4, 0), (0, 3, 2), 4, 6),  # after the stop, 4, the likeliest token is 0
        ((2, 0, 3, 1), (0,), 1, 3),
        ((1, 2, 0, 4, 3), (0, 4, 3), 4, 5),  # the first sequence never stops
        ((1, 1, 0), (2, 0), 1, 1),
        ((3, 4, 1, 2, 5, 0), (0, 1), 5, 2),
    ):
        table = random(generator, len(follows), len(follows), scale=0.5)
        table[torch.arange(len(follows)), torch.tensor(follows)] += 4.0
        yield table, torch.tensor(first), stop, most


def _writes_on(table, first, _, most):
    tokens, written = first, []
    for _ in range(most):
        tokens = table[tokens].argmax(dim=-1)
        written.append(tokens)
    return torch.stack(written)


def _reads_the_first(table, first, stop, most):
    written = table[first].argmax(dim=-1).expand(most, -1)
    return written.masked_fill(((written == stop).cumsum(dim=0) > 1), stop)


def _first_counted(table, first, stop, most):
    return torch.cat([first[None], greedy(table, first, stop, most)])[:most]


def _all_stop(table, first, stop, most):
    written = greedy(table, first, stop, most)
    some = (written == stop).any(dim=1).cumsum(dim=0) > 1
    return written.masked_fill(some[:, None], stop)


GREEDY = Exercise(
    name="seq2seq-greedy",
    chapter="encoder-decoder",
    title="Greedy decoding",
    goal="write the loop that every decoder needs",
    minutes=15,
    level="easy",
    hints=(
        "`table[tokens]` has the scores of what follows, a row for each sequence. The likeliest "
        "token is what you write, and what you read next.",
        "Remember which sequences have ended. Whatever the table says, they get the stop.",
        "`ended` begins as False for all. In each step: choose, put the stop where `ended` is "
        "True, then mark those that have just written it.",
    ),
    mistakes=(
        Mistake(
            "it writes on",
            "A sequence that has written the stop goes on writing. The stop is its end: put the "
            "stop at all its later places.",
            _writes_on,
        ),
        Mistake(
            "it reads the first token again",
            "Every step reads the first token. A decoder reads what it wrote last; see the figure "
            "of the decoder that runs freely.",
            _reads_the_first,
        ),
        Mistake(
            "the first token is written",
            "The first token stands among the answers. It is only there so that the first step "
            "has something to read.",
            _first_counted,
        ),
        Mistake(
            "all stop with the first",
            "As soon as one sequence stops, all do. Each has its own end.",
            _all_stop,
        ),
        Mistake(
            "before and after are exchanged",
            "You look in the columns of the table. Row k has the scores of what follows token k.",
            lambda table, *rest: greedy(table.mT, *rest),
        ),
    ),
    stub='''def greedy(table, first, stop, most):
    """Write the likeliest token at every step, for B sequences at once.

    table (V, V): row k has the scores of the tokens that may follow token k. It stands in for a
    decoder. first (B,): the token that each sequence reads first; stop: the token that ends it;
    most: the number of steps, 1 or more.
    Returns the tokens written, (most, B), with the stop at all places after the first stop.
    """
    raise NotImplementedError
''',
    reference=greedy,
    cases=_greedy_cases,
    parts=(Part("the tokens", ("step", "sequence")),),
    about='"Choosing the output: greedy and beam"',
    explained="With a model, `table[tokens]` becomes `logits, state = model.step(tokens, state)`, "
    "and the loop may end as soon as all sequences have.",
)
