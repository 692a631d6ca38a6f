"""Promise: text goes to tensors and back without loss; windows are the text they say they are."""

import string

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data import Vocabulary, load_book_text, random_windows, sequential_windows


def test_the_books_text_is_prose_in_plain_characters():
    text = load_book_text()
    allowed = set(string.ascii_letters + string.digits + string.punctuation + " \n")
    assert set(text) <= allowed
    assert len(text) > 40_000
    assert "recurrent network" in text
    assert not {"```", "{eq}", "$$", "import torch"} & set(text.split())


@given(st.text(alphabet="What time is it ?我爱中国", max_size=40))
def test_encoding_is_undone_by_decoding(text):
    vocabulary = Vocabulary.of("What time is it ?我爱中国")
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_vocabulary_is_in_the_order_of_code_points():
    vocabulary = Vocabulary.of("banana?")
    assert vocabulary.characters == "?abn"
    assert len(vocabulary) == 4
    assert vocabulary.encode("nab").tolist() == [3, 1, 2]


def test_vocabulary_names_what_it_does_not_know():
    with pytest.raises(ValueError, match=r"'abn'.*got \['x', 'z'\]"):
        Vocabulary("abn").encode("axz")
    with pytest.raises(ValueError, match="every character once"):
        Vocabulary("aba")


@given(
    length=st.integers(2, 60),
    batch=st.integers(1, 5),
    steps=st.integers(1, 12),
    seed=st.integers(0, 9),
)
def test_random_windows_are_pieces_of_the_text(length, batch, steps, seed):
    tokens = torch.arange(length)  # each token says where it stands
    generator = torch.Generator().manual_seed(seed)
    if length <= steps:
        with pytest.raises(ValueError, match=f"num_steps={steps} .* {length}"):
            random_windows(tokens, batch, steps, generator)
        return
    inputs, targets = random_windows(tokens, batch, steps, generator)
    assert inputs.shape == targets.shape == (steps, batch)
    assert torch.equal(targets, inputs + 1)
    assert torch.equal(inputs.diff(dim=0), torch.ones(steps - 1, batch, dtype=torch.long))


def test_random_windows_reach_both_ends_and_follow_their_generator():
    tokens = torch.arange(12)
    inputs, _ = random_windows(tokens, 500, 3, torch.Generator().manual_seed(0))
    assert set(inputs[0].tolist()) == set(range(9))
    again, _ = random_windows(tokens, 500, 3, torch.Generator().manual_seed(0))
    other, _ = random_windows(tokens, 500, 3, torch.Generator().manual_seed(1))
    assert torch.equal(inputs, again)
    assert not torch.equal(inputs, other)


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
    assert all(len(piece) <= steps for piece, _ in pieces)
