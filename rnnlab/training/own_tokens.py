"""Training a decoder on its own tokens, in part or wholly, instead of the right ones.

Axes: ``T`` input steps, ``S`` output steps, ``B`` batch.
"""

from typing import Any

import torch

from rnnlab.data.batching import Batch
from rnnlab.training.scores import Objective, Score, score_of


def own_tokens(share: float) -> Objective:
    """Make the objective of a decoder that reads its own tokens with some probability.

    With a share of 0 this is teacher forcing, with 1 the decoder runs freely, as it does later. In
    between it is scheduled sampling with a fixed probability (Bengio et al. 2015), drawn anew for
    every token. No gradient flows through the choice of a token. For one process alone.

    Args:
        share: The probability of reading the decoder's own likeliest token, in [0, 1].

    Returns:
        An objective for `rnnlab.training.fit` and `rnnlab.models.EncoderDecoder`, for batches of
        sources (T, B), lengths (B,) and right tokens before each step (S, B).

    Raises:
        ValueError: A share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"expected a share from 0 to 1, got {share}")

    def score(model: Any, batch: Batch) -> Score:
        source, lengths, previous = batch.inputs
        state, scores = model.encode(source, lengths), []
        tokens = previous[0]
        for right in previous[1:]:
            logits, state = model.step(tokens, state)
            scores.append(logits)
            own = torch.rand(right.shape, device=right.device) < share
            tokens = torch.where(own, logits.argmax(dim=-1), right)
        scores.append(model.step(tokens, state)[0])
        return score_of(torch.stack(scores), batch.targets)

    return score
