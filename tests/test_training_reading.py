"""Promise: reading on carries the state and not the gradient, goes on after a stop, and repeats."""

import itertools

import pytest
import torch

from rnnlab.data import SequentialBatches
from rnnlab.models import LanguageModel
from rnnlab.training import ReadingOn, Saving, checkpoints, fit

V, B, T = 7, 4, 5
TEXT = torch.arange(200) ** 2 % V


def model_of(cell="lstm", layers=2):
    torch.manual_seed(0)
    return LanguageModel(V, 6, cell, num_layers=layers, implementation="torch").double()


def batches(seed=0):
    return SequentialBatches(TEXT, B, T, seed=seed)


def test_batches_read_on_where_the_one_before_ended():
    numbers = torch.arange(200)
    source = SequentialBatches(numbers, B, T, seed=3)
    for epoch in range(4):
        pieces = [source(epoch * len(source) + k) for k in range(len(source))]
        inputs = torch.cat([batch.inputs[0] for batch in pieces])
        targets = torch.cat([batch.targets for batch in pieces])
        assert torch.equal(targets, inputs + 1)
        assert torch.equal(inputs.diff(dim=0), torch.ones_like(inputs[1:]))
        assert [bool(batch.inputs[1]) for batch in pieces] == [True] + [False] * (len(source) - 1)
        assert 0 <= int(inputs[0, 0]) <= T
        rows = inputs[0].tolist()
        assert len({b - a for a, b in itertools.pairwise(rows)}) == 1
    starts = {int(source(epoch * len(source)).inputs[0][0, 0]) for epoch in range(12)}
    assert len(starts) > 1, "epochs begin at different places"


def test_shares_of_the_rows_make_up_the_batch():
    whole = batches()(5)
    for size in (1, 2, 4):
        shares = [batches()(5, rank, size) for rank in range(size)]
        for rank, share in enumerate(shares):
            assert torch.equal(share.inputs[0], whole.inputs[0][:, rank::size])
            assert torch.equal(share.targets, whole.targets[:, rank::size])
    for rank, size in ((0, 3), (2, 2), (-1, 2)):
        with pytest.raises(ValueError, match=f"divides 4 rows.*got rank {rank} of {size}"):
            batches()(0, rank, size)


@pytest.mark.parametrize(("size", "steps"), [(0, 5), (4, 200), (300, 1)])
def test_a_text_that_is_too_short_is_refused(size, steps):
    with pytest.raises(ValueError, match="a text of 200"):
        SequentialBatches(TEXT, size, steps)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_state_is_carried_and_the_gradient_is_not(cell):
    model, reading = model_of(cell), ReadingOn()
    first, second, fresh = batches()(0), batches()(1), batches()(len(batches()))
    reading(model, first)
    _, state = model(first.inputs[0])
    expected, following = model(second.inputs[0], state)
    score = reading(model, second)
    loss = torch.nn.functional.cross_entropy(
        expected.flatten(0, 1), second.targets.flatten(), reduction="sum"
    )
    torch.testing.assert_close(score.loss, loss)
    carried = reading.state if isinstance(reading.state, tuple) else (reading.state,)
    wanted = following if isinstance(following, tuple) else (following,)
    for a, b in zip(carried, wanted, strict=True):
        torch.testing.assert_close(a, b)
        assert not a.requires_grad
    from_zeros = ReadingOn()(model, fresh).loss
    torch.testing.assert_close(reading(model, fresh).loss, from_zeros)  # an epoch begins
    assert ReadingOn()(model, second).loss != score.loss  # what came before matters


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_run_goes_on_with_the_state_it_had(tmp_path, cell):
    """Stopped within an epoch, where the state matters."""
    whole = model_of(cell)
    history = fit(whole, batches(), steps=2 * len(batches()) - 2, objective=ReadingOn())
    saving = Saving(tmp_path / "run.safetensors", every=3)
    at = len(batches()) + 3
    fit(model_of(cell), batches(), steps=at, objective=ReadingOn(), saving=saving)
    assert any(name.startswith("carried.") for name in checkpoints.load(saving.path).tensors)
    resumed = model_of(cell)
    again = fit(resumed, batches(), steps=len(history), objective=ReadingOn(), saving=saving)
    assert again.losses == history.losses
    for p, q in zip(resumed.parameters(), whole.parameters(), strict=True):
        assert torch.equal(p, q)
