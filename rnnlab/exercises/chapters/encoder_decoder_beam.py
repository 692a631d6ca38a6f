"""Exercises of the chapter "Encoder-decoder" on beams and on length.

Axes: ``V`` vocabulary, ``W`` width of the beam, ``N`` outputs.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def beam_step(scores: Tensor, log_p: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The likeliest continuations: their scores, what they continue, and their last tokens."""
    best = (scores[:, None] + log_p).flatten().topk(width)
    V = log_p.shape[1]
    return best.values, best.indices // V, best.indices % V


def _beam_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for scores, V, width in (
        ((-1.0, -1.3, -2.0), 5, 3),
        ((0.0, -torch.inf, -torch.inf), 4, 3),  # the first step, with one beginning
        ((-3.0, -1.0, -1.2, -4.0), 3, 2),
        ((-0.5,), 6, 1),
        ((-2.0, -2.1), 3, 2),
    ):
        log_p = torch.log_softmax(random(generator, len(scores), V, scale=1.5), dim=-1)
        yield torch.tensor(scores, dtype=torch.float64), log_p, width


def _last_step_only(scores, log_p, width):
    return beam_step(torch.zeros_like(scores), log_p, width)


def _sums_of_the_wrong(scores, log_p, width):
    _, parents, tokens = _last_step_only(scores, log_p, width)
    return scores[parents] + log_p[parents, tokens], parents, tokens


def _one_each(scores, log_p, width):
    values, tokens = (scores[:, None] + log_p).max(dim=1)
    best = values.topk(width)
    return best.values, best.indices, tokens[best.indices]


def _cut_by_rows(scores, log_p, width):
    best = (scores[:, None] + log_p).flatten().topk(width)
    return best.values, best.indices // len(scores), best.indices % len(scores)


BEAM = Exercise(
    name="seq2seq-beam-step",
    chapter="encoder-decoder",
    title="One step of a beam",
    goal="find the likeliest continuations of several beginnings",
    minutes=20,
    level="medium",
    hints=(
        "Each of the W beginnings can go on with each of V tokens. How likely is a beginning "
        "together with its next token?",
        "Probabilities multiply, so logarithms add: (W, 1) and (W, V) give the scores of all "
        "candidates. The best may all continue the same beginning.",
        "Flatten the candidates and take `topk`. Place p of the flat list is row p // V, column "
        "p % V.",
    ),
    mistakes=(
        Mistake(
            "the last step alone",
            "Only the last token counts, whatever it continues. The score of a candidate is that "
            "of the whole: its beginning and its token.",
            _last_step_only,
        ),
        Mistake(
            "ranked by the last step",
            "The scores are whole sums, but the candidates were chosen by their last token alone. "
            "Add first, then choose.",
            _sums_of_the_wrong,
        ),
        Mistake(
            "one for each beginning",
            "You keep the best continuation of each beginning. A beam keeps the best of all "
            "candidates; several may continue the same one, and others none. See step 3 of the "
            "table.",
            _one_each,
        ),
        Mistake(
            "parent and token exchanged",
            "Scores are right, but parents and tokens are exchanged. In a flat list of rows, which "
            "one changes with every place?",
            lambda *arguments: tuple(beam_step(*arguments)[k] for k in (0, 2, 1)),
        ),
        Mistake(
            "divided by the number of rows",
            "Places in the flat list are taken apart by the number of beginnings. Each row has V "
            "places.",
            _cut_by_rows,
        ),
        Mistake(
            "a probability added to a logarithm",
            "A probability is added to the logarithm of another. What multiplies as probabilities "
            "adds as logarithms: keep both as logarithms.",
            lambda scores, log_p, width: beam_step(scores, log_p.exp(), width),
        ),
        Mistake(
            "worst first",
            "The right candidates, but the worst comes first. The best should.",
            lambda *arguments: tuple(part.flip(0) for part in beam_step(*arguments)),
        ),
    ),
    stub='''def beam_step(scores, log_p, width):
    """Choose the likeliest continuations of W beginnings.

    scores (W,): log-probabilities of the beginnings; log_p (W, V): those of each next token after
    each beginning; width: how many to keep. A beginning that does not exist has the score -inf.
    Returns three tensors of shape (width,), the best first: the new scores, the number of the
    beginning that is continued, and the token.
    """
    raise NotImplementedError
''',
    reference=beam_step,
    cases=_beam_cases,
    parts=(
        Part("the score", ("place",)),
        Part("the beginning", ("place",)),
        Part("the token", ("place",)),
    ),
    about="the beam of width 2, step by step in the table",
    strict_types=True,
    explained="The second result is what the decoder's states must be reordered by. A search that "
    "forgets it gives fluent nonsense.",
)


def ranking(log_p: Tensor, lengths: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """The scores of some outputs under a length penalty, and their order, best first."""
    scores = log_p / (lengths + 1).to(log_p.dtype) ** alpha
    return scores, scores.argsort(descending=True)


def _ranking_cases(generator: torch.Generator) -> Iterator[Arguments]:
    yield torch.tensor([0.36, 0.225], dtype=torch.float64).log(), torch.tensor([1, 2]), 1.0
    for N, alpha in ((5, 0.7), (4, 0.0), (1, 2.0), (6, 1.3)):
        lengths = torch.randint(1, 12, (N,), generator=generator)
        yield -random(generator, N).abs() - 0.4 * lengths, lengths, alpha


RANKING = Exercise(
    name="seq2seq-length-penalty",
    chapter="encoder-decoder",
    title="Long and short outputs",
    goal="rank outputs of different lengths",
    minutes=10,
    level="easy",
    hints=(
        "The log-probability is divided by a power of the length.",
        "The stop is a token like any other, and it has a factor in the product. So it counts.",
        "With α = 0 the scores are the log-probabilities themselves, with α = 1 their means per "
        "token. `argsort` has an argument `descending`.",
    ),
    mistakes=(
        Mistake(
            "the stop is not counted",
            "The stop is not counted in the length. In the chapter's table, “b” and its stop make "
            "a length of 2.",
            lambda log_p, lengths, alpha: ranking(log_p, lengths - 1, alpha),
        ),
        Mistake(
            "multiplied",
            "You multiply by the power of the length, so long outputs are punished twice. It "
            "should make up for their many factors.",
            lambda log_p, lengths, alpha: ranking(log_p, lengths, -alpha),
        ),
        Mistake(
            "alpha is not used",
            "You divide by the length itself, whatever α is. What should come out for α = 0?",
            lambda log_p, lengths, _: ranking(log_p, lengths, 1.0),
        ),
        Mistake(
            "alpha as a factor",
            "α is multiplied with the length. It is an exponent; with α = 0 you divide by 0.",
            lambda log_p, lengths, alpha: ranking(log_p, alpha * (lengths + 1) - 1, 1.0),
        ),
        Mistake(
            "worst first",
            "The scores are right, but the order begins with the worst. Log-probabilities are "
            "negative: the best is the greatest, the one nearest to 0.",
            lambda *arguments: (ranking(*arguments)[0], ranking(*arguments)[0].argsort()),
        ),
        Mistake(
            "ranked without the penalty",
            "The scores are right, but the order is that of the log-probabilities.",
            lambda log_p, *rest: (ranking(log_p, *rest)[0], log_p.argsort(descending=True)),
        ),
    ),
    stub='''def ranking(log_p, lengths, alpha):
    """Rank outputs by their log-probability over their length to the power alpha.

    log_p (N,): log-probabilities of whole outputs; lengths (N,): their tokens without the stop,
    which counts as well; alpha: a number.
    Returns the scores (N,), and the order (N,): the numbers of the outputs, the best first.
    """
    raise NotImplementedError
''',
    reference=ranking,
    cases=_ranking_cases,
    parts=(Part("the score", ("output",)), Part("the order", ("place",))),
    about='"Length"',
    tolerance=1e-5,
    explained="α is a knob, not a law: it is set by trying values on held-out data.",
)
