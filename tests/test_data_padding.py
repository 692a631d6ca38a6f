"""Promise: what is padding is told from what is real, and no loss counts it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from rnnlab.data import (
    IGNORED,
    DescribedVectors,
    LabelledSequences,
    SequencePairs,
    TaggedSequences,
    collate,
    lengths_of,
    mask,
    pack,
    pad,
)

quick = settings(deadline=None, max_examples=40)
some_lengths = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def sequences(lengths, *features):
    """Random numbers that are nowhere 0, one tensor a length."""
    generator = torch.Generator().manual_seed(sum(lengths))
    return [torch.rand(n, *features, generator=generator) + 1 for n in lengths]


def words(lengths):
    return [torch.arange(n) + 10 * b for b, n in enumerate(lengths)]


@quick
@given(lengths=some_lengths, features=st.sampled_from([(), (2,), (2, 3)]), value=st.integers(-5, 0))
def test_padding_agrees_with_a_loop(lengths, features, value):
    parts = sequences(lengths, *features)
    expected = torch.full((max(lengths), len(lengths), *features), float(value))
    for b, part in enumerate(parts):
        for t in range(len(part)):
            expected[t, b] = part[t]
    assert torch.equal(pad(parts, value), expected)
    assert lengths_of(parts).tolist() == lengths
    assert lengths_of(parts).dtype == torch.long


@quick
@given(lengths=some_lengths, more=st.integers(0, 4))
def test_the_mask_agrees_with_a_loop(lengths, more):
    steps = max(lengths) + more
    expected = [[t < length for length in lengths] for t in range(steps)]
    assert mask(torch.tensor(lengths), steps).tolist() == expected
    assert mask(torch.tensor(lengths)).tolist() == expected[: max(lengths)]
    with pytest.raises(ValueError, match=f"at most {max(lengths) - 1} steps, got {max(lengths)}"):
        mask(torch.tensor(lengths), max(lengths) - 1)


@quick
@given(lengths=some_lengths)
def test_packing_keeps_what_is_real_and_only_that(lengths):
    parts = sequences(lengths, 2)
    packed = pack(pad(parts, float("nan")), lengths_of(parts))
    order, place = packed.sorted_indices.tolist(), 0
    assert sorted(order) == list(range(len(lengths)))
    for t, size in enumerate(packed.batch_sizes.tolist()):
        assert size == sum(length > t for length in lengths)
        for b in order[:size]:
            assert torch.equal(packed.data[place], parts[b][t])
            place += 1
    assert place == len(packed.data) == sum(lengths)


def test_nothing_cannot_be_padded_and_has_no_mask():
    with pytest.raises(ValueError, match="at least one sequence"):
        pad([])
    assert mask(torch.tensor([], dtype=torch.long)).shape == (0, 0)
    assert mask(torch.tensor([], dtype=torch.long), 3).shape == (3, 0)


def test_the_lengths_of_nothing_are_integers_too():
    assert lengths_of([]).dtype == torch.long


@quick
@given(lengths=some_lengths)
def test_tagged_sequences_are_ignored_exactly_at_padding(lengths):
    inputs, tags = sequences(lengths, 2), words(lengths)
    dataset = TaggedSequences(list(zip(inputs, tags, strict=True)))
    batch = collate(dataset, range(len(dataset)))
    assert torch.equal(batch.inputs[0], pad(inputs))
    assert batch.inputs[1].tolist() == lengths
    assert torch.equal(batch.targets != IGNORED, mask(torch.tensor(lengths)))
    for b, tag in enumerate(tags):
        assert torch.equal(batch.targets[: len(tag), b], tag)


def test_no_loss_counts_what_is_ignored():
    tags = [torch.tensor([1, 0, 2]), torch.tensor([2])]
    batch = TaggedSequences.collate([(tag.float(), tag) for tag in tags])
    logits = torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(0))
    loss = cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
    chosen = [
        logits[t, b].log_softmax(0)[k] for b, tag in enumerate(tags) for t, k in enumerate(tag)
    ]
    torch.testing.assert_close(loss, -torch.stack(chosen).mean())
    wrong = cross_entropy(logits.flatten(0, 1), pad(tags).flatten())  # negative control
    assert (loss - wrong).abs() > 1e-3


@pytest.mark.parametrize(("labels", "dtype"), [([2, 0, 1], torch.long), ([0.5, 2, 1], torch.float)])
def test_labelled_sequences_keep_lengths_and_labels(labels, dtype):
    inputs = sequences([2, 5, 1], 3)
    dataset = LabelledSequences(list(zip(inputs, labels, strict=True)))
    batch = collate(dataset, [2, 0])
    assert len(dataset) == 3
    assert torch.equal(batch.inputs[0], pad([inputs[2], inputs[0]]))
    assert batch.inputs[1].tolist() == [1, 2]
    assert batch.targets.tolist() == [labels[2], labels[0]]
    assert batch.targets.dtype == dtype


def check_shifted(previous, targets, outputs):
    """What came before is the sequence without its end, targets are it without its start."""
    assert previous.shape == targets.shape == (max(map(len, outputs)) - 1, len(outputs))
    for b, output in enumerate(outputs):
        real = len(output) - 1
        assert torch.equal(previous[:real, b], output[:-1])
        assert torch.equal(targets[:real, b], output[1:])
        assert (previous[real:, b] == 0).all()
        assert (targets[real:, b] == IGNORED).all()


@quick
@given(lengths=st.lists(st.integers(2, 9), min_size=1, max_size=6))
def test_decoders_see_what_came_before_each_target(lengths):
    outputs = words(lengths)
    vectors = list(torch.rand(len(lengths), 4))
    (given_vectors, previous), targets = DescribedVectors.collate(
        list(zip(vectors, outputs, strict=True))
    )
    assert torch.equal(given_vectors, torch.stack(vectors))
    check_shifted(previous, targets, outputs)
    sources = words([length % 4 + 1 for length in lengths])
    (padded, source_lengths, before), answers = SequencePairs.collate(
        list(zip(sources, outputs, strict=True))
    )
    assert torch.equal(padded, pad(sources))
    assert source_lengths.tolist() == [len(source) for source in sources]
    check_shifted(before, answers, outputs)
