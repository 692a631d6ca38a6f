"""Promise: the Markov baseline counts right, is a distribution, looks back as far as it says."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.models import NGram

V = 4
texts = st.lists(st.integers(0, V - 1), min_size=1, max_size=40)


@given(text=texts, order=st.integers(1, 4), context=st.lists(st.integers(0, V - 1), max_size=6))
def test_probabilities_are_a_distribution(text, order, context):
    model = NGram(torch.tensor(text), order, V)
    each = [model.probability(token, tuple(context)) for token in range(V)]
    assert sum(each) == pytest.approx(1)
    assert min(each) > 0


@given(text=texts, context=st.lists(st.integers(0, V - 1), min_size=3, max_size=6))
def test_nothing_further_back_matters(text, context):
    model = NGram(torch.tensor(text), 3, V)
    for token in range(V):
        near = model.probability(token, tuple(context[-2:]))
        assert model.probability(token, tuple(context)) == near


def test_witten_and_bell_by_hand():
    model = NGram(torch.tensor([0, 1, 0, 1, 0, 2]), 2, V)  # a b a b a c
    unigram = [(3 + 3 / 4) / 9, (2 + 3 / 4) / 9, (1 + 3 / 4) / 9, (0 + 3 / 4) / 9]
    assert [model.probability(t, ()) for t in range(V)] == pytest.approx(unigram)
    after_0 = [(count + 2 * p) / 5 for count, p in zip((0, 2, 1, 0), unigram, strict=True)]
    assert [model.probability(t, (0,)) for t in range(V)] == pytest.approx(after_0)
    assert [model.probability(t, (3,)) for t in range(V)] == pytest.approx(unigram)  # never seen


def test_longer_contexts_help_where_there_is_something_to_remember():
    text = torch.tensor([0, 0, 1, 1] * 50)  # what follows depends on the last two
    losses = [NGram(text[:150], order, V).loss(text[150:]) for order in (1, 2, 3)]
    assert losses[0] == pytest.approx(math.log(2), abs=0.05)
    assert losses[1] == pytest.approx(math.log(2), abs=0.05)
    assert losses[2] < 0.1


def test_bad_orders_and_texts_are_refused():
    with pytest.raises(ValueError, match="order 0 and 3 tokens"):
        NGram(torch.arange(3), 0, V)
    with pytest.raises(ValueError, match="0 tokens"):
        NGram(torch.arange(0), 2, V)
