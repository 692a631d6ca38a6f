"""Promise: every output symbol comes from one known place of the input."""

import pytest
import torch

from rnnlab.data import IGNORED, Rearranging, collate, mask

KINDS = ("copy", "reverse", "sort")
SPLITS = ("train", "validation", "test")


@pytest.mark.parametrize("kind", KINDS)
def test_the_output_is_the_input_rearranged(kind):
    dataset = Rearranging(kind, 300, lengths=(2, 12))
    rearranged = {"copy": lambda s: s, "reverse": lambda s: s[::-1], "sort": sorted}[kind]
    for index in range(300):
        source, target = dataset[index]
        symbols = source.tolist()
        assert symbols == dataset.symbols(index)
        assert len(set(symbols)) == len(symbols)  # else the alignment would not be known
        assert target.tolist() == [dataset.START, *rearranged(symbols), dataset.STOP]
        assert torch.equal(source[dataset.alignment(index)], target[1:-1])
        assert sorted(dataset.alignment(index).tolist()) == list(range(len(symbols)))


def test_lengths_and_symbols_are_alike_frequent():
    dataset = Rearranging("copy", 4000, lengths=(3, 6))
    drawn = [dataset.symbols(k) for k in range(4000)]
    lengths = torch.tensor([len(symbols) for symbols in drawn]).bincount()
    assert lengths[:3].sum() == 0
    assert (lengths[3:] / 4000 - 0.25).abs().max() < 0.03
    counts = torch.tensor([s for symbols in drawn for s in symbols]).bincount()
    assert len(counts) == dataset.SYMBOLS == dataset.SOURCE_SIZE
    assert counts.min() > 0.7 * counts.float().mean()


def test_fewer_symbols_are_the_first_ones():
    dataset = Rearranging("sort", 200, lengths=(3, 5), symbols=9)
    assert {s for k in range(200) for s in dataset.symbols(k)} == set(range(9))


def test_seeds_splits_and_kinds_have_numbers_of_their_own():
    def texts(kind="copy", **kwargs):
        dataset = Rearranging(kind, 50, lengths=(8, 8), **kwargs)
        return {tuple(dataset.symbols(k)) for k in range(49, -1, -1)}

    assert texts() == texts(seed=0)
    variants = [texts(), texts(seed=1), texts("sort"), *(texts(split=s) for s in SPLITS[1:])]
    assert len(set().union(*variants)) == 250


def test_examples_make_batches():
    dataset = Rearranging("sort", 6, lengths=(1, 9))
    (sources, lengths, previous), targets = collate(dataset, range(6))
    assert len(set(lengths.tolist())) > 1
    for b in range(6):
        source, target = dataset[b]
        n = len(source)
        assert torch.equal(sources[:n, b], source)
        assert torch.equal(previous[: n + 1, b], target[:-1])
        assert torch.equal(targets[: n + 1, b], target[1:])
    assert torch.equal(targets != IGNORED, mask(lengths + 1))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="copy, reverse or sort, got 'shuffle'"):
        Rearranging("shuffle", 5)
    with pytest.raises(ValueError, match="train, validation or test, got 'dev'"):
        Rearranging("copy", 5, split="dev")
    for lengths in ((0, 4), (5, 4), (1, 65)):
        with pytest.raises(ValueError, match=r"1 to .* 64 at most, got \(\d+, \d+\) of 64"):
            Rearranging("copy", 5, lengths=lengths)
    for symbols in (3, 65):
        with pytest.raises(ValueError, match=f"got .* of {symbols}"):
            Rearranging("copy", 5, lengths=(2, 4), symbols=symbols)
    with pytest.raises(IndexError, match="from 0 to 4, got 5"):
        Rearranging("copy", 5)[5]
