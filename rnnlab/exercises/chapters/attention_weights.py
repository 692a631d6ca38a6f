"""Exercises of the chapter "Attention" on weights: masks, the mixture, the backward pass.

Axes: ``B`` batch, ``Q`` queries, ``N`` positions, ``F`` features of a value.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Part, random


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Weights over what may be seen; zeros for a query that may see nothing."""
    nothing = ~mask.any(dim=-1, keepdim=True)
    hidden = scores.masked_fill(~mask, -math.inf)
    return torch.softmax(hidden.masked_fill(nothing, 0.0), dim=-1).masked_fill(~mask, 0.0)


def _mask_cases(generator: torch.Generator) -> Iterator[Arguments]:
    true, false = True, False
    for rows, large in (
        (((true, true, false), (false, true, false)), 0.0),
        (((true, true, false, false), (true, false, true, true), (true, true, true, true)), 900.0),
        (((true,),), 0.0),
        (((false, false), (true, false), (true, true)), 0.0),
        (((true, false, false), (true, true, false), (true, true, true)), 3.0),
    ):
        mask = torch.tensor(rows)
        yield random(generator, *mask.shape, scale=2.0) + large * ~mask, mask


def _after(scores, mask):
    return torch.softmax(scores, dim=-1) * mask


def _after_repaired(scores, mask):
    weights = _after(scores, mask)
    return weights / weights.sum(dim=-1, keepdim=True)


def _nothing_left(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, -math.inf), dim=-1)


MASKED = Exercise(
    name="att-masked-softmax",
    chapter="attention",
    title="In time",
    goal="hide positions from a softmax, and be safe where all are hidden",
    minutes=20,
    level="medium",
    hints=(
        "A weight is 0 where the score is −∞. So the scores must be changed, and before the "
        "softmax.",
        "`scores.masked_fill(~mask, -math.inf)` does it. What comes out of a row of nothing but "
        "−∞, and what is its gradient?",
        "For rows without any True, give the softmax some finite numbers instead, and set the "
        "weights to 0 afterwards, also with `masked_fill`.",
    ),
    mistakes=(
        Mistake(
            "after the softmax",
            "The mask comes after the softmax. What is hidden has taken its share already, and "
            "the weights do not sum to 1; see Trap 1.",
            _after,
        ),
        Mistake(
            "after the softmax, repaired",
            "Right as long as the hidden scores are small. With a large one nothing is left to "
            "divide by, and for a query that sees nothing it is 0 over 0; see Trap 1.",
            _after_repaired,
        ),
        Mistake(
            "True hides",
            "Your mask means the opposite: True hides. In this course True means “may be looked "
            "at”; see Trap 3.",
            lambda scores, mask: masked_softmax(scores, ~mask),
        ),
        Mistake(
            "nothing left",
            "Right, but for a query that may see nothing: its weights are not numbers. They should "
            "be zeros; see Trap 2.",
            _nothing_left,
        ),
        Mistake(
            "equal weights where nothing may be seen",
            "A query that may see nothing gets equal weights on what it may not see. It should get "
            "zeros; see Trap 2.",
            lambda scores, mask: torch.softmax(scores.masked_fill(~mask, -1e9), dim=-1),
        ),
        Mistake(
            "zero in place of minus infinity",
            "Hidden scores are set to 0. That is no small score: the exponential of 0 is 1. Which "
            "score has a weight of 0?",
            lambda scores, mask: torch.softmax(scores * mask, dim=-1),
        ),
        Mistake(
            "over the queries",
            "The softmax goes over the queries. The weights of one query, over all positions, "
            "should sum to 1.",
            lambda scores, mask: masked_softmax(scores.mT, mask.mT).mT,
        ),
        Mistake(
            "1 is added",
            "The mask is added to the scores, so what may be seen is only preferred a little. What "
            "is hidden must have no weight at all.",
            lambda scores, mask: torch.softmax(scores + mask, dim=-1),
        ),
    ),
    stub='''def masked_softmax(scores, mask):
    """Turn scores into weights over those positions that may be looked at.

    scores (Q, N); mask (Q, N), True where a query may look. A hidden score may be very large.
    Returns (Q, N): 0 where hidden, and each query's weights sum to 1. A query that may look at
    nothing gets zeros, and no gradient that is not a number.
    """
    raise NotImplementedError
''',
    reference=masked_softmax,
    cases=_mask_cases,
    parts=(Part("the weight", ("query", "position")),),
    about='"What must not be seen"',
    differentiable=True,
    strict_types=True,
    explained="The row is made finite before the softmax, so that no NaN arises on the way back. "
    "Whoever adds −∞ to the scores and mends the weights with `nan_to_num` "
    "gets the right weights and a gradient that is not a number.",
)


def mixture(weights: Tensor, outputs: Tensor) -> Tensor:
    """Each sequence's mean of an encoder's outputs with its weights."""
    return torch.bmm(weights[:, None], outputs.transpose(0, 1))[:, 0]


def _mixture_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for B, N, F in ((2, 3, 4), (3, 2, 2), (1, 4, 3), (2, 1, 2), (3, 3, 3)):
        yield torch.softmax(random(generator, B, N), dim=-1), random(generator, N, B, F)


def _one_for_all(weights, outputs):
    return torch.einsum("n,nbf->bf", weights[0], outputs)


def _reshaped(weights, outputs):
    N, B, F = outputs.shape
    return torch.bmm(weights[:, None], outputs.reshape(B, N, F))[:, 0]


def _hard(weights, outputs):
    return outputs[weights.argmax(dim=-1), torch.arange(outputs.shape[1])]


MIXTURE = Exercise(
    name="att-mixture",
    chapter="attention",
    title="The context of a batch",
    goal="mix an encoder's outputs with a batched product",
    minutes=10,
    level="easy",
    hints=(
        "An encoder's outputs have time first, `torch.bmm` wants the batch first. Two axes have to "
        "change places.",
        "Each sequence has one query: (B, 1, N) times (B, N, F) gives (B, 1, F).",
        "`weights[:, None]` has the axis for the query, `outputs.transpose(0, 1)` the batch first. "
        "Take the axis for the query away in the end.",
    ),
    mistakes=(
        Mistake(
            "reshaped, not transposed",
            "The shape is right, but `reshape` or `view` has mixed the sequences: it reads the "
            "numbers in their old order. Axes change places with `transpose`.",
            _reshaped,
        ),
        Mistake(
            "the plain mean",
            "All outputs count alike. The weights should say how much each one counts.",
            lambda _, outputs: outputs.mean(dim=0),
        ),
        Mistake(
            "the greatest weight alone",
            "You return the output with the greatest weight. That is a hard look-up, which has no "
            "derivative by the weights; a context mixes all.",
            _hard,
        ),
        Mistake(
            "a second softmax",
            "The weights went through a softmax once more. They are positive and sum to 1 already.",
            lambda weights, outputs: mixture(torch.softmax(weights, dim=-1), outputs),
        ),
        Mistake(
            "one sequence's weights for all",
            "The weights of the first sequence are used for all. Each has its own.",
            _one_for_all,
        ),
        Mistake(
            "divided by the number of positions",
            "Too small by the number of positions. The weights sum to 1, so there is nothing left "
            "to divide by.",
            lambda weights, outputs: mixture(weights, outputs) / len(outputs),
        ),
    ),
    stub='''def mixture(weights, outputs):
    """Mix the outputs of an encoder with attention weights.

    weights (B, N), which sum to 1 over N; outputs (N, B, F), time first.
    Returns the contexts (B, F).
    """
    raise NotImplementedError
''',
    reference=mixture,
    cases=_mixture_cases,
    parts=(Part("the context", ("sequence", "feature")),),
    about='"In batches: bmm"',
    differentiable=True,
    strict_types=True,
    explained="`torch.einsum` says the same with names: `einsum('bn,nbf->bf', weights, outputs)`.",
)


def softmax_backward(weights: Tensor, slope: Tensor) -> Tensor:
    """From the gradient of the weights to that of the scores."""
    return weights * (slope - (weights * slope).sum(dim=-1, keepdim=True))


def _backward_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for Q, N in ((3, 4), (1, 2), (2, 1), (4, 4)):
        yield torch.softmax(2.0 * random(generator, Q, N), dim=-1), random(generator, Q, N)


BACKWARD = Exercise(
    name="att-softmax-backward",
    chapter="attention",
    title="One line of the backward pass",
    goal="derive how a gradient goes back through the softmax",
    minutes=20,
    level="hard",
    hints=(
        "A score moves its own weight, by α(1 − α), and every other weight too: if one rises, the "
        "others fall.",
        "Weight i moves with score j by α_i (δ_ij − α_j), where δ_ij is 1 if i = j, else 0. "
        "Multiply by the slope of weight i and add up over i.",
        "What comes out is α_j times the slope of weight j minus the mean of all slopes with the "
        "weights α. The mean needs `keepdim=True`.",
    ),
    mistakes=(
        Mistake(
            "its own weight alone",
            "You let each score move its own weight only. It moves all the others as well, through "
            "the sum in the denominator.",
            lambda weights, slope: weights * (1 - weights) * slope,
        ),
        Mistake(
            "the plain mean",
            "Almost: the mean of the slopes that you subtract has equal weights. It should be the "
            "one with the attention weights.",
            lambda weights, slope: weights * (slope - slope.mean(dim=-1, keepdim=True)),
        ),
        Mistake(
            "the factor in front is missing",
            "The mean is subtracted, but the weight in front is missing. A weight of 0 must not "
            "pass on anything.",
            lambda weights, slope: slope - (weights * slope).sum(dim=-1, keepdim=True),
        ),
        Mistake(
            "nothing is subtracted",
            "The share that goes through the denominator is missing. A check: adding the same to "
            "all scores changes no weight, so the gradients of a row must sum to 0.",
            lambda weights, slope: weights * slope,
        ),
        Mistake(
            "the sum without weights",
            "The slopes that you subtract are added up as they are. Each counts as much as its "
            "weight.",
            lambda weights, slope: weights * (slope - slope.sum(dim=-1, keepdim=True)),
        ),
    ),
    stub='''def softmax_backward(weights, slope):
    """Take a gradient back through the softmax of attention, without autograd.

    weights (Q, N): the softmax of each row of scores; slope (Q, N): the derivatives of the loss by
    the weights.
    Returns the derivatives of the loss by the scores, (Q, N).
    """
    raise NotImplementedError
''',
    reference=softmax_backward,
    cases=_backward_cases,
    parts=(Part("the gradient", ("query", "position")),),
    about="the derivative of the softmax, in the section on the scaled dot product",
    differentiable=True,
    strict_types=True,
    explained="With one position the gradient is 0: its weight is 1, whatever its score is.",
)
