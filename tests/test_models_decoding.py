"""Promise: `pick` draws from the softmax, `greedy` takes the likeliest, `beam` finds the best.

The references: the shares of many draws, a loop, and every sequence there is.
"""

from itertools import product
from math import inf, log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import assert_close

from rnnlab.models import LanguageModel
from rnnlab.models.decoding import beam, greedy, pick

V, STOP, START = 4, 3, 0
ALL = V**4  # a beam that leaves out no beginning of up to 3 tokens and a next one
SCORES = torch.tensor([0.3, -1.0, 1.2, 0.0, -0.4], dtype=torch.float64)
quick = settings(deadline=None, max_examples=25)
seeds = st.integers(0, 10_000)


def shares(draws=2000, **kwargs):
    generator = torch.Generator().manual_seed(0)
    drawn = torch.tensor([pick(SCORES, generator=generator, **kwargs) for _ in range(draws)])
    return torch.bincount(drawn, minlength=len(SCORES)) / draws


def distance(found, expected, draws=2000):
    """Pearson's chi-square of some shares."""
    return float((draws * (found - expected).square() / expected).sum())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_draws_follow_the_softmax_of_the_scores_over_the_temperature(temperature):
    found = shares(temperature=temperature)
    limit = 18.5  # a chi-square of 4 degrees of freedom is above it once in a thousand times
    assert distance(found, torch.softmax(SCORES / temperature, dim=-1)) < limit
    for wrong in (temperature * 1.5, temperature / 1.5):  # negative control
        assert distance(found, torch.softmax(SCORES / wrong, dim=-1)) > limit


@pytest.mark.parametrize("top_k", [1, 2, 4, 5, 9])
def test_only_the_likeliest_k_are_drawn_in_their_proportion(top_k):
    found, kept = shares(top_k=top_k), SCORES.argsort(descending=True)[:top_k]
    assert set(found.nonzero().flatten().tolist()) == set(kept.tolist())
    expected = torch.softmax(SCORES[kept], dim=-1)  # of those alone
    assert distance(found[kept], expected) < 18.5


@pytest.mark.parametrize("top_k", [1, 2])
def test_no_more_than_k_are_drawn_where_scores_are_equal(top_k):
    scores = torch.tensor([1.0, 2.0, 2.0, 2.0])
    drawn = {pick(scores, 5.0, top_k, torch.Generator().manual_seed(k)) for k in range(100)}
    assert len(drawn) == top_k
    assert drawn <= {1, 2, 3}


@pytest.mark.parametrize("top_k", [None, 3])
@pytest.mark.parametrize("temperature", [0, 1e-4, 1e-40])
def test_without_temperature_the_likeliest_is_drawn(temperature, top_k):
    """Nearly none included, though the scores over it are too great for a float."""
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        scores = torch.randn(6, generator=generator)
        best = scores.tolist().index(max(scores.tolist()))
        assert pick(scores, temperature, top_k, generator) == best


def test_bad_arguments_of_pick_are_named():
    with pytest.raises(ValueError, match=r"temperature of at least 0, got -0\.1"):
        pick(SCORES, -0.1)
    for top_k in (0, -2):
        with pytest.raises(ValueError, match=f"top_k of at least 1, got {top_k}"):
            pick(SCORES, top_k=top_k)


def language_model(seed, num_layers=2, sharp=8.0):
    """A model whose next tokens are not all about as likely, and one step of it, and its state."""
    torch.manual_seed(seed)
    model = LanguageModel(V, 5, "lstm", num_layers=num_layers).double()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(sharp ** (1 / 2))

    def step(tokens, state):
        logits, state = model(tokens[None], state)
        return logits[0], state

    def state(B=1):
        return tuple(torch.zeros(num_layers, B, 5).double() for _ in range(2))

    return model, step, state


def log_probability(model, tokens, ended=True):
    """Of one sequence with its stop, in one pass of the model over all of it."""
    written = [*tokens, STOP] if ended else tokens
    with torch.no_grad():
        logits, _ = model(torch.tensor([START, *tokens]))
    log_p = torch.log_softmax(logits, dim=-1)
    return sum(float(log_p[t, token]) for t, token in enumerate(written))


def every_sequence(most):
    return [list(s) for n in range(most + 1) for s in product(range(V - 1), repeat=n)]


def until_stop(column):
    tokens = column.tolist()
    return tokens[: tokens.index(STOP)] if STOP in tokens else tokens


@quick
@given(seed=seeds, most=st.integers(0, 7), B=st.integers(1, 4))
def test_greedy_is_a_loop_that_takes_the_likeliest(seed, most, B):
    model, step, state = language_model(seed)
    starts = (torch.arange(B) + seed) % (V - 1)
    found = greedy(step, state(B), starts, stop=STOP, most=most)
    longest = 0
    for b in range(B):
        read, written = [int(starts[b])], []
        while len(written) < most and STOP not in written:
            written.append(int(model(torch.tensor(read))[0][-1].argmax()))
            read.append(written[-1])
        longest = max(longest, len(written))
        assert found[:, b].tolist() == written + [STOP] * (len(found) - len(written))
    assert found.shape == (longest, B)  # no more steps than needed
    assert found.dtype == torch.long


def test_greedy_fills_with_stop_whatever_the_model_says_then():
    said = torch.tensor([[1, 2], [STOP, 1], [1, 0], [2, STOP], [0, 0]])
    asked = []

    def step(tokens, t):
        asked.append(tokens.tolist())
        return torch.eye(V)[said[t]], t + 1

    found = greedy(step, 0, torch.tensor([START, START]), stop=STOP, most=5)
    assert found.T.tolist() == [[1, STOP, STOP, STOP], [2, 1, 0, STOP]]
    assert asked == [[START, START], *found[:-1].tolist()]


@quick
@given(seed=seeds, most=st.integers(0, 6))
def test_a_beam_of_width_1_is_greedy(seed, most):
    model, step, state = language_model(seed)
    chosen = greedy(step, state(), torch.tensor([START]), stop=STOP, most=most)
    [(found, score)] = beam(step, state(), START, stop=STOP, most=most, width=1)
    assert found == until_stop(chosen[:, 0])
    ended = log_probability(model, found)
    assert min(abs(score - ended), abs(score - log_probability(model, found, ended=False))) < 1e-10


@pytest.mark.parametrize("alpha", [0.0, 0.7, 1.0, -0.5])
@quick
@given(seed=seeds, most=st.integers(0, 3))
def test_a_beam_that_is_wide_enough_finds_the_best_of_all_sequences(alpha, seed, most):
    model, step, state = language_model(seed)
    found = beam(step, state(), START, stop=STOP, most=most, width=ALL, alpha=alpha)
    everything = [(tokens, log_probability(model, tokens)) for tokens in every_sequence(most)]
    everything.sort(key=lambda pair: pair[1] / (len(pair[0]) + 1) ** alpha, reverse=True)
    assert [tokens for tokens, _ in found] == [tokens for tokens, _ in everything]
    assert_close(*(torch.tensor([p for _, p in pairs]).double() for pairs in (found, everything)))


def test_alpha_and_the_width_make_a_difference():
    """The negative control of the above."""
    firsts = {}
    for width, alpha in ((ALL, 0.0), (ALL, 1.0), (1, 0.0)):
        firsts[width, alpha] = []
        for seed in range(20):
            _, step, state = language_model(seed)
            found = beam(step, state(), START, stop=STOP, most=3, width=width, alpha=alpha)
            firsts[width, alpha].append(found[0][0])
    best = firsts[ALL, 0.0]
    assert best != firsts[ALL, 1.0]
    assert 0 < sum(a != b for a, b in zip(best, firsts[1, 0.0], strict=True)) < 20


@quick
@given(seed=seeds, most=st.integers(1, 6), width=st.integers(1, 5), alpha=st.floats(0, 1))
def test_every_probability_is_that_of_its_sequence(seed, most, width, alpha):
    """Each beginning goes on from its own state: the batch of a two-layer LSTM's is on axis 1."""
    model, step, state = language_model(seed)
    found = beam(step, state(), START, stop=STOP, most=most, width=width, alpha=alpha)
    assert 1 <= len(found) <= width
    assert len({tuple(tokens) for tokens, _ in found}) == len(found)
    ranks = []
    for tokens, score in found:
        ended = abs(score - log_probability(model, tokens)) < 1e-10
        running = abs(score - log_probability(model, tokens, ended=False)) < 1e-10
        assert STOP not in tokens
        assert ended or (running and len(tokens) == most)
        ranks.append(score / (len(tokens) + 1) ** alpha)
    assert ranks == sorted(ranks, reverse=True)


@quick
@given(seed=seeds, most=st.integers(1, 6), width=st.integers(1, 5))
def test_to_end_the_search_early_changes_nothing(seed, most, width):
    _, step, state = language_model(seed)
    kwargs = {"stop": STOP, "most": most, "width": width}
    early, late = (  # with any alpha but 0 the search goes on to the last step
        beam(step, state(), START, alpha=alpha, **kwargs) for alpha in (0.0, 1e-9)
    )
    assert early == late


def test_the_search_ends_when_nothing_can_become_better_and_not_before():
    """Two have ended after two steps, of 0.3 and 0.09, but what goes on will end with 0.1485."""
    table = [[0.05, 0.55, 0.1, 0.3], [0.9, 0.01, 0.01, 0.08], [0.1, 0, 0, 0.9], [0, 0, 0, 1]]
    step, calls = markov(table), []

    def counted(tokens, state):
        calls.append(tokens.tolist())
        return step(tokens, state)

    found = beam(counted, torch.zeros(1, 1, 1), START, stop=STOP, most=20, width=2)
    assert [tokens for tokens, _ in found] == [[], [1, 0]]
    assert calls[:2] == [[START], [1, 2]]
    assert 3 <= len(calls) < 8
    beam(counted, torch.zeros(1, 1, 1), START, stop=STOP, most=20, width=2, alpha=1e-9)
    assert len(calls) > 20  # negative control


def markov(table):
    """A step of a model that looks at the last token alone; its state counts the steps."""
    log_p = torch.tensor(table, dtype=torch.float64).log()
    return lambda tokens, state: (log_p[tokens], torch.ones(1, len(tokens), 1) + state)


def log_of(table, tokens):
    pairs = zip([START, *tokens], [*tokens, STOP], strict=True)
    return sum(log(table[a][b]) for a, b in pairs)


def test_a_beam_follows_what_is_less_likely_at_first():
    a, b = 1, 2
    table = [[0, 0.6, 0.4, 0], [0.0, 0.35, 0.3, 0.35], [0.05, 0.05, 0, 0.9], [0, 0, 0, 1]]
    kwargs = {"stop": STOP, "most": 4}
    assert int(greedy(markov(table), 0, torch.tensor([START]), **kwargs)[0]) == a
    found = beam(markov(table), torch.zeros(1, 1, 1), START, width=2, **kwargs)
    assert found[0][0] == [b]
    assert abs(found[0][1] - log(0.4 * 0.9)) < 1e-10


def test_what_has_not_ended_is_returned_only_if_nothing_has():
    endless = [[0.1, 0.5, 0.4, 0]] * 4
    for width in (1, 2, 9):
        found = beam(markov(endless), torch.zeros(1, 1, 1), START, stop=STOP, most=3, width=width)
        assert found[0][0] == [1, 1, 1]
        assert len(found) == width
        assert all(len(tokens) == 3 and score > -inf for tokens, score in found)
    ending = [[0.5, 0.1, 0.1, 0.3]] * 4
    found = beam(markov(ending), torch.zeros(1, 1, 1), START, stop=STOP, most=3, width=9)
    assert found[0][0] == []
    assert all(abs(score - log_of(ending, tokens)) < 1e-10 for tokens, score in found)  # with stop


def test_a_bad_width_is_named():
    with pytest.raises(ValueError, match="width of at least 1, got 0"):
        beam(markov([[1.0]]), torch.zeros(1, 1, 1), 0, stop=0, most=1, width=0)
