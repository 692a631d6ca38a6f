"""Promise: the batch of a step follows from seed and step; processes share it between them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.data import Batch, Batches, TaggedSequences, collate, in_order

quick = settings(deadline=None, max_examples=40)


class Numbers:
    """Every example is its own index."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return index

    @staticmethod
    def collate(examples):
        return Batch((torch.tensor(examples),), torch.tensor(examples))


@quick
@given(
    size=st.integers(5, 40),
    seed=st.integers(0, 5),
    replacement=st.booleans(),
    before=st.lists(st.integers(0, 2500), max_size=5),
    step=st.integers(0, 2500),
)
def test_a_batch_depends_on_seed_and_step_alone(size, seed, replacement, before, step):
    used = Batches(Numbers(size), 4, seed=seed, replacement=replacement)
    for other in before:
        used(other)
    fresh = Batches(Numbers(size), 4, seed=seed, replacement=replacement)
    assert used(step).targets.tolist() == fresh(step).targets.tolist()
    assert used.indices(step) == fresh.indices(step) == used(step).targets.tolist()


@pytest.mark.parametrize("replacement", [False, True])
def test_seeds_and_steps_give_other_batches(replacement):
    runs = [Batches(Numbers(1000), 8, seed=s, replacement=replacement) for s in range(5)]
    drawn = {tuple(run.indices(step)) for run in runs for step in [*range(60), *range(990, 1010)]}
    assert len(drawn) == 5 * 80


@quick
@given(size=st.integers(1, 40), batch=st.integers(1, 12), seed=st.integers(0, 5))
def test_an_epoch_holds_every_example_at_most_once(size, batch, seed):
    if batch > size:
        with pytest.raises(ValueError, match=f"at most {size}, .*got {batch}"):
            Batches(Numbers(size), batch)
        return
    batches = Batches(Numbers(size), batch, seed=seed)
    assert len(batches) == size // batch
    for epoch in range(3):
        steps = range(epoch * len(batches), (epoch + 1) * len(batches))
        seen = [k for step in steps for k in batches.indices(step)]
        assert len(seen) == len(set(seen)) == size - size % batch
        assert set(seen) <= set(range(size))


def test_epochs_are_in_orders_of_their_own_and_leave_out_other_examples():
    batches = Batches(Numbers(10), 4)
    epochs = [tuple(batches.indices(2 * e) + batches.indices(2 * e + 1)) for e in range(20)]
    assert len(set(epochs)) == 20
    assert len({frozenset(epoch) for epoch in epochs}) > 10
    assert set().union(*epochs) == set(range(10))


def test_with_replacement_an_example_may_come_twice_and_a_batch_may_be_larger():
    batches = Batches(Numbers(3), 50, replacement=True)
    counts = torch.tensor(batches.indices(0) + batches.indices(1)).bincount()
    assert len(counts) == 3
    assert counts.min() > 10
    assert len(batches) == 1


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("world", range(1, 8))
def test_the_shares_of_all_processes_are_the_batch(world, replacement):
    batches = Batches(Numbers(30), 7, seed=2, replacement=replacement)
    for step in (0, 3, 4, 1003):
        shares = [batches(step, rank, world).targets.tolist() for rank in range(world)]
        assert sorted(k for share in shares for k in share) == sorted(batches.indices(step))
        sizes = [len(share) for share in shares]
        assert max(sizes) - min(sizes) <= 1


def test_bad_batches_are_refused():
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"batch size of at least 1 and at most 5.*got {size}"):
            Batches(Numbers(5), size)
        with pytest.raises(ValueError, match=f"got {size}"):
            Batches(Numbers(5), size, replacement=True)
    for rank, world in ((0, 5), (2, 2), (-1, 2)):
        with pytest.raises(ValueError, match=rf"at most 4 of these.*got rank {rank} of {world}"):
            Batches(Numbers(5), 4)(0, rank, world)


@given(size=st.integers(0, 40), batch=st.integers(1, 12))
def test_in_order_goes_through_all_of_it_once(size, batch):
    ranges = in_order(Numbers(size), batch)
    assert [k for part in ranges for k in part] == list(range(size))
    assert all(len(part) == batch for part in ranges[:-1])
    assert all(1 <= len(part) <= batch for part in ranges)
    for part in ranges:
        assert collate(Numbers(size), part).targets.tolist() == list(part)


def test_lengths_stay_on_the_cpu_when_a_batch_moves():
    batch = TaggedSequences.collate([(torch.ones(3, 2), torch.ones(3, dtype=torch.long))])
    moved = batch.to(torch.device("meta"))
    assert [x.device.type for x in moved.inputs] == ["meta", "cpu"]
    assert moved.targets.device.type == "meta"
    assert moved.inputs[1].tolist() == [3]
