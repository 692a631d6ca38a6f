"""`own_tokens`: with a share of 0 it is teacher forcing, with 1 the decoder reads what it wrote."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from rnnlab import data, models, training
from rnnlab.data.rearranging import Rearranging
from rnnlab.training import own_tokens


@pytest.fixture
def model():
    torch.manual_seed(0)
    size = Rearranging.SOURCE_SIZE, Rearranging.TARGET_SIZE
    made = models.EncoderDecoder(*size, 8, "gru", implementation="torch").double()
    with torch.no_grad():
        for p in made.parameters():
            p.mul_(3)  # so that its choices are not all alike
    return made


@pytest.fixture
def batch():
    return data.collate(Rearranging("reverse", 20, lengths=(1, 6)), range(20))


def results(model, batch, share):
    model.zero_grad()
    score = own_tokens(share)(model, batch)
    score.loss.backward()
    return score.loss.item(), int(score.right), [p.grad.clone() for p in model.parameters()]


def equal(first, second):
    close = abs(first[0] - second[0]) < 1e-10 and first[1] == second[1]
    return close and all(
        torch.allclose(a, b, atol=1e-10) for a, b in zip(first[2], second[2], strict=True)
    )


def test_a_share_of_0_is_teacher_forcing_and_1_is_not(model, batch):
    expected = training.classification(model, batch)
    model.zero_grad()
    expected.loss.backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    reference = expected.loss.item(), int(expected.right), gradients
    assert equal(results(model, batch, 0), reference)
    assert not equal(results(model, batch, 1), reference)


def test_a_share_of_1_reads_what_greedy_decoding_writes(model, batch):
    source, lengths, previous = batch.inputs
    S = len(previous)
    state, tokens, logits = model.encode(source, lengths), previous[0], []
    for _ in range(S):  # greedy decoding, without an end
        scores, state = model.step(tokens, state)
        tokens = scores.argmax(dim=-1)
        logits.append(scores)
    loss = cross_entropy(torch.cat(logits), batch.targets.flatten(), reduction="sum")
    found, *_ = results(model, batch, 1)
    assert abs(found - loss.item()) < 1e-10


def test_a_share_in_between_draws_anew_with_the_seed_and_reads_some_of_both(model, batch):
    torch.manual_seed(1)
    first = results(model, batch, 0.5)
    assert not equal(results(model, batch, 0.5), first)
    torch.manual_seed(1)
    assert equal(results(model, batch, 0.5), first)
    asked, step = [], model.step
    model.step = lambda tokens, state: asked.append(tokens) or step(tokens, state)
    results(model, batch, 0.5)
    given = torch.stack(asked) == batch.inputs[2]
    assert given[0].all()  # the start is always right
    real = batch.targets[:-1] != data.IGNORED
    share = given[1:][real].double().mean()
    assert 0.35 < share < 0.75
    assert len(asked) == len(batch.targets)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_named(share):
    with pytest.raises(ValueError, match=f"share from 0 to 1, got {share}"):
        own_tokens(share)
