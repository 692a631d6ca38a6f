"""Promise: text goes to tensors and back without loss; windows are the text they say they are."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.data import Vocabulary, Windows, random_windows, sequential_windows

quick = settings(deadline=None, max_examples=60)


@quick
@given(st.text(alphabet="What time is it ?我爱中国", max_size=40))
def test_encoding_is_undone_by_decoding(text):
    vocabulary = Vocabulary.of("What time is it ?我爱中国")
    indices = vocabulary.encode(text)
    assert indices.dtype == torch.long
    assert indices.shape == (len(text),)
    assert vocabulary.decode(indices) == vocabulary.decode(indices.tolist()) == text


@quick
@given(st.lists(st.sampled_from(["what", "time", "is", "it"])))
def test_words_are_tokens_as_well(words):
    vocabulary = Vocabulary.of(["it", "is", "what", "it", "is", "time"], separator=" ")
    assert list(vocabulary.tokens) == ["is", "it", "time", "what"]
    assert vocabulary.decode(vocabulary.encode(words)) == " ".join(words)


def test_vocabulary_is_in_the_order_of_code_points():
    vocabulary = Vocabulary.of("banana?")
    assert list(vocabulary.tokens) == ["?", "a", "b", "n"]
    assert len(vocabulary) == 4
    assert vocabulary.encode("nab").tolist() == [3, 1, 2]
    assert [vocabulary[token] for token in "?abn"] == [0, 1, 2, 3]


def test_special_tokens_come_first_and_the_unknown_before_them():
    vocabulary = Vocabulary.of("banana", special=("<stop>", "b"), unknown="<unk>", least=2)
    assert list(vocabulary.tokens) == ["<unk>", "<stop>", "b", "a", "n"]
    assert Vocabulary.of("banana", least=3).tokens == ("a",)
    assert vocabulary.encode("bzan?").tolist() == [2, 0, 3, 4, 0]
    assert vocabulary.decode([2, 3, 0]) == "ba<unk>"


def test_vocabulary_names_what_it_does_not_know():
    with pytest.raises(ValueError, match=r"'abn'.*got \['x', 'z'\]"):
        Vocabulary("abn").encode("axzx")
    with pytest.raises(ValueError, match=r"\['b', 'a'\].*got \['c'\]"):
        Vocabulary(["b", "a"], separator=" ").encode(["c", "a"])
    with pytest.raises(ValueError, match=r"got \['x'\]"):
        Vocabulary("abn")["x"]
    with pytest.raises(ValueError, match=r"every token once, got \['a'\]"):
        Vocabulary("aba")
    with pytest.raises(ValueError, match="one of the tokens, got 'x'"):
        Vocabulary("ab", unknown="x")


def test_a_piece_of_a_string_is_no_token():
    with pytest.raises(ValueError, match="one of the tokens, got 'bc'"):
        Vocabulary("abc", unknown="bc")


@quick
@given(
    length=st.integers(2, 60),
    batch=st.integers(1, 5),
    steps=st.integers(1, 12),
    seed=st.integers(0, 9),
    step=st.integers(0, 2000),
)
def test_random_windows_are_pieces_of_the_text(length, batch, steps, seed, step):
    tokens = torch.arange(length)  # each token says where it stands
    if length <= steps:
        with pytest.raises(ValueError, match=f"num_steps={steps} .* {length}"):
            random_windows(tokens, batch, steps, seed=seed)
        return
    (inputs,), targets = random_windows(tokens, batch, steps, seed=seed)(step)
    assert inputs.shape == targets.shape == (steps, batch)
    assert torch.equal(targets, inputs + 1)
    assert torch.equal(inputs.diff(dim=0), torch.ones(steps - 1, batch, dtype=torch.long))


@pytest.mark.parametrize("batch", [1, 3, 32])
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_random_windows_are_what_the_generator_draws_step_after_step(seed, batch):
    tokens = torch.randint(30, (500,), generator=torch.Generator().manual_seed(9))
    batches = random_windows(tokens, batch, 20, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    for step in range(50):
        starts = torch.randint(480, (batch,), generator=generator).tolist()
        (inputs,), targets = batches(step)
        assert torch.equal(inputs, torch.stack([tokens[s : s + 20] for s in starts], dim=1))
        assert torch.equal(targets, torch.stack([tokens[s + 1 : s + 21] for s in starts], dim=1))
    assert not torch.equal(random_windows(tokens, batch, 20, seed=seed + 1)(0).targets, targets)


def test_random_windows_reach_both_ends_and_follow_their_seed():
    tokens = torch.arange(12)
    (inputs,), _ = random_windows(tokens, 500, 3)(0)
    assert set(inputs[0].tolist()) == set(range(9))
    (again,), _ = random_windows(tokens, 500, 3, seed=0)(0)
    (other,), _ = random_windows(tokens, 500, 3, seed=1)(0)
    (later,), _ = random_windows(tokens, 500, 3, seed=0)(1000)
    assert torch.equal(inputs, again)
    assert not torch.equal(inputs, other)
    assert not torch.equal(inputs, later)


def test_windows_begin_at_every_place_and_no_other():
    windows = Windows(torch.arange(10) + 100, 4)
    assert len(windows) == 6
    for start in range(6):
        inputs, targets = windows[start]
        assert inputs.tolist() == list(range(100 + start, 104 + start))
        assert targets.tolist() == list(range(101 + start, 105 + start))
    for start in (-1, 6):
        with pytest.raises(IndexError, match=f"from 0 to 5, got {start}"):
            windows[start]


@quick
@given(length=st.integers(1, 60), batch=st.integers(1, 5), steps=st.integers(1, 12))
def test_sequential_windows_read_on_where_they_ended(length, batch, steps):
    tokens = torch.arange(length)
    if length <= batch:
        with pytest.raises(ValueError, match=f"batch_size={batch} .* {length}"):
            list(sequential_windows(tokens, batch, steps))
        return
    pieces = list(sequential_windows(tokens, batch, steps))
    inputs = torch.cat([piece for piece, _ in pieces])
    targets = torch.cat([piece for _, piece in pieces])
    assert torch.equal(targets, inputs + 1)
    assert torch.equal(inputs.t().flatten(), torch.arange(inputs.numel()))  # nothing twice
    assert length - 1 - inputs.numel() < batch  # and no more left out than rows cannot share
    assert all(len(piece) == steps for piece, _ in pieces[:-1])
    assert 1 <= len(pieces[-1][0]) <= steps
