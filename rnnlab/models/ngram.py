"""The Markov baseline: what comes next depends on the last few tokens alone.

Axes: ``N`` tokens of a text.
"""

import math
from collections import Counter, defaultdict

from torch import Tensor


class NGram:
    """Count what followed every context of up to order - 1 tokens, and mix the counts.

    Equation `lm-markov`; explained in the chapter language-models.

    Smoothed by the interpolation of Witten and Bell (1991): the longer a context's record, and the
    fewer different tokens followed it, the more it counts against the next shorter one; the
    shortest is mixed with the uniform distribution. No token has probability 0.

    Args:
        tokens: The text to count in, (N,).
        order: Tokens in an n-gram: 1 looks at no context.
        vocabulary_size: Number of different tokens there can be.

    Raises:
        ValueError: An order below 1, or an empty text.
    """

    def __init__(self, tokens: Tensor, order: int, vocabulary_size: int) -> None:
        if order < 1 or len(tokens) == 0:
            raise ValueError(
                f"expected an order of at least 1 and a text, got order {order} and "
                f"{len(tokens)} tokens"
            )
        self.order, self.vocabulary_size = order, vocabulary_size
        #: For each context, how often each token followed it.
        self.counts: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        text = tokens.tolist()
        for at, token in enumerate(text):
            for length in range(min(order - 1, at) + 1):
                self.counts[tuple(text[at - length : at])][token] += 1

    def probability(self, token: int, context: tuple[int, ...]) -> float:
        """How likely a token is after a context; only its last order - 1 tokens matter.

        Equation `lm-interpolation`.
        """
        context = context[max(0, len(context) - self.order + 1) :]
        p = 1 / self.vocabulary_size
        for start in range(len(context), -1, -1):  # from no context to the longest
            followers = self.counts.get(context[start:])
            if followers:
                total, different = followers.total(), len(followers)
                p = (followers[token] + different * p) / (total + different)
        return p

    def loss(self, tokens: Tensor) -> float:
        """Mean loss on a text in nats per token, its first token left out, as for other models."""
        text = tokens.tolist()
        losses = [
            -math.log(self.probability(text[at], tuple(text[max(0, at - self.order + 1) : at])))
            for at in range(1, len(text))
        ]
        return sum(losses) / len(losses)
