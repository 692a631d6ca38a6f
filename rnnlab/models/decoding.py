"""Choosing tokens one after the other: drawing, taking the likeliest, searching with a beam.

All three work on any model that offers one decoding step: a function of the tokens chosen last,
    (B,), and a state to the logits of the next ones, (B, V), and the next state. Every tensor of a
    state has the batch on its axis 1, as the states of recurrent layers have.

Axes: ``B`` batch, ``S`` output steps, ``V`` vocabulary, ``W`` width of the beam.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

#: One decoding step: tokens (B,) and a state to logits (B, V) and the next state.
Step = Callable[[Tensor, Any], tuple[Tensor, Any]]


def check_choice(temperature: float, top_k: int | None) -> None:
    """Refuse what no token can be drawn with.

    Raises:
        ValueError: A temperature that is negative or no number, or a top_k below 1.
    """
    if not temperature >= 0:
        raise ValueError(f"expected a temperature of at least 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"expected top_k of at least 1, got {top_k}")


def pick(
    scores: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Draw one token.

    Equation `lm-temperature`.

    Args:
        scores: Logits, (V,), on the CPU.
        temperature: Divides the logits before the softmax; 0 takes the likeliest token.
        top_k: Draw from the likeliest k only; from all if None.
        generator: Where the token is drawn from; on the CPU.

    Returns:
        The token.

    Raises:
        ValueError: A negative temperature, or a top_k below 1.
    """
    check_choice(temperature, top_k)
    if temperature == 0:
        return int(scores.argmax())
    if top_k is not None and top_k < len(scores):
        likeliest = scores.topk(top_k)
        scores = torch.full_like(scores, -torch.inf).scatter(0, likeliest.indices, likeliest.values)
    scores = (scores - scores.max()).double()  # at most 0: no temperature is too small for them
    probabilities = torch.softmax(scores / temperature, dim=-1)
    return int(torch.multinomial(probabilities, 1, generator=generator))


@torch.no_grad()
def greedy(step: Step, state: Any, start: Tensor, *, stop: int, most: int) -> Tensor:
    """Take the likeliest token at every step, for a batch at once.

    Args:
        step: The decoding step.
        state: The state before it.
        start: What each sequence begins with, (B,).
        stop: The token that ends a sequence.
        most: Most tokens of a sequence.

    Returns:
        The tokens after the start, (S, B), with `stop` wherever a sequence has ended; S is at most
        `most`, and no greater than needed.
    """
    tokens, ended, chosen = start, torch.zeros_like(start, dtype=torch.bool), []
    for _ in range(most):
        logits, state = step(tokens, state)
        tokens = logits.argmax(-1).masked_fill(ended, stop)
        chosen.append(tokens)
        ended |= tokens == stop
        if ended.all():
            break
    return torch.stack(chosen) if chosen else start.new_empty(0, len(start))


@torch.no_grad()
def beam(
    step: Step, state: Any, start: int, *, stop: int, most: int, width: int, alpha: float = 0.0
) -> list[tuple[list[int], float]]:
    """Follow the `width` likeliest beginnings of one sequence at the same time.

    Equation `lm-beam`.

    Args:
        step: The decoding step.
        state: The state before it, of one sequence: B is 1.
        start: What the sequence begins with.
        stop: The token that ends it.
        most: Most tokens, the stop not counted among the results.
        width: Beginnings that are followed; 1 is greedy decoding.
        alpha: Sequences are ranked by their log-probability over their length to this power, the
            stop counted. 0 ranks by probability, which favours short ones (Wu et al. 2016 use a
            length penalty of this kind).

    Returns:
        Up to `width` sequences without start and stop, best first, each with its log-probability in
        nats; those that have not ended are there only if none has.

    Raises:
        ValueError: A width below 1.
    """
    if width < 1:
        raise ValueError(f"expected a width of at least 1, got {width}")
    device = next(_tensors(state)).device
    running: list[tuple[list[int], float]] = [([], 0.0)]
    finished: list[tuple[list[int], float]] = []
    last = [start]
    for _ in range(most + 1):
        logits, state = step(torch.tensor(last, device=device), state)
        log_p = torch.log_softmax(logits.double(), dim=-1).cpu()  # (W, V)
        scores = log_p + torch.tensor([[p] for _, p in running], dtype=log_p.dtype)
        best = scores.flatten().topk(min(2 * width, scores.numel()))
        following: list[tuple[list[int], float]] = []
        parents, last = [], []
        for place, (score, at) in enumerate(
            zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ):
            if score == -torch.inf:
                break
            parent, token = divmod(at, log_p.shape[1])
            if token == stop and place < width:
                finished.append((running[parent][0], score))
            elif token != stop and len(following) < width and len(running[parent][0]) < most:
                following.append(([*running[parent][0], token], score))
                parents.append(parent)
                last.append(token)
        if not following or _settled(finished, following, width, alpha):
            break
        running = following
        rows = torch.tensor(parents, device=device)
        state = tree_map(lambda x, rows=rows: x.index_select(1, rows), state)
    ranked = sorted(finished or running, key=lambda found: -_rank(found, alpha))
    return ranked[:width]


def _rank(found: tuple[list[int], float], alpha: float) -> float:
    tokens, log_p = found
    return log_p / float((len(tokens) + 1) ** alpha)


def _settled(
    finished: list[tuple[list[int], float]],
    following: list[tuple[list[int], float]],
    width: int,
    alpha: float,
) -> bool:
    """Tell whether no running sequence can still come among the best; known for alpha = 0 only."""
    if len(finished) < width or alpha != 0:
        return False
    worst = sorted((log_p for _, log_p in finished), reverse=True)[width - 1]
    return max(log_p for _, log_p in following) <= worst


def _tensors(state: Any) -> Iterator[Tensor]:
    """The tensors of a state."""
    if isinstance(state, Tensor):
        yield state
    else:
        for part in state:
            yield from _tensors(part)
