"""Promise: every digit is in one split, and rows, pixels and captions are of its picture."""

import pytest
import torch
from sklearn.datasets import load_digits as load_from_sklearn

from rnnlab.data import IGNORED, Digits, collate, load_digits
from rnnlab.data.digits import NAMES, START, STOP, caption_vocabulary

SIZES = {"train": 1257, "validation": 270, "test": 270}
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
CHINESE = "零一二三四五六七八九"


@pytest.fixture(scope="module")
def splits():
    return {split: load_digits(split) for split in SIZES}


def test_the_splits_are_all_of_the_data_in_its_order_and_nothing_twice(splits):
    bunch = load_from_sklearn()
    assert {split: len(digits) for split, digits in splits.items()} == SIZES
    assert sum(SIZES.values()) == len(bunch.target) == 1797
    images = torch.cat([digits.images for digits in splits.values()])
    labels = torch.cat([digits.labels for digits in splits.values()])
    assert torch.equal(images * 16, torch.tensor(bunch.images, dtype=torch.float32))
    assert labels.tolist() == bunch.target.tolist()
    assert images.shape == (1797, 8, 8)


def test_no_picture_is_in_two_splits(splits):
    pictures = [set(map(tuple, d.images.flatten(1).tolist())) for d in splits.values()]
    together = set().union(*pictures)
    assert len(together) == sum(map(len, pictures))
    assert len(together) > 1700  # pictures do differ


@pytest.mark.parametrize("split", SIZES)
def test_grey_values_are_from_0_to_1_and_every_digit_is_about_as_frequent(splits, split):
    digits = splits[split]
    assert digits.images.dtype == torch.float32
    assert digits.images.min() == 0
    assert digits.images.max() == 1
    shares = digits.labels.bincount(minlength=10) / len(digits)
    assert shares.shape == (10,)
    assert shares.min() > 0.07
    assert shares.max() < 0.13


def test_ink_is_where_a_zero_has_it_and_not_in_its_middle(splits):
    digits = splits["train"]
    zero = digits.images[digits.labels == 0].mean(0)
    one = digits.images[digits.labels == 1].mean(0)
    assert zero[3:5, 3:5].max() < 0.3 < 0.5 < one[3:5, 3:5].min()


@pytest.mark.parametrize("split", SIZES)
def test_rows_and_pixels_are_those_of_the_picture(splits, split):
    digits = splits[split]
    rows, pixels = digits.as_rows(), digits.as_pixels()
    assert len(rows) == len(pixels) == SIZES[split]
    for k in (0, 1, 100, len(digits) - 1):
        (by_row, label), (by_pixel, same) = rows[k], pixels[k]
        assert by_row.shape == (8, 8)
        assert by_pixel.shape == (64, 1)
        assert label == same == int(digits.labels[k])
        for i in range(8):
            for j in range(8):
                assert by_row[i, j] == by_pixel[8 * i + j, 0] == digits.images[k, i, j]
    assert not torch.equal(rows[0][0], rows[0][0].t())  # rows are told from columns


def test_rows_and_pixels_make_batches(splits):
    digits = splits["test"]
    (inputs, lengths), labels = collate(digits.as_pixels(), [4, 0, 9])
    assert torch.equal(inputs[:, 1, 0], digits.images[0].flatten())
    assert lengths.tolist() == [64, 64, 64]
    assert torch.equal(labels, digits.labels[[4, 0, 9]])
    (inputs, lengths), _ = collate(digits.as_rows(), [4, 0])
    assert torch.equal(inputs[:, 0], digits.images[4])
    assert lengths.tolist() == [8, 8]


@pytest.mark.parametrize(("language", "names"), [("en", ENGLISH), ("zh", list(CHINESE))])
def test_captions_are_the_digits_names(splits, language, names):
    digits, vocabulary = splits["validation"], caption_vocabulary()
    captioned = digits.captioned(vocabulary, language)
    assert len(captioned) == 270
    for k in range(270):
        vector, name = captioned[k]
        assert torch.equal(vector, digits.images[k].flatten())
        assert vocabulary.decode(name) == START + names[digits.labels[k]] + STOP
    assert len({vocabulary.decode(captioned[k][1]) for k in range(270)}) == 10


def test_captions_make_batches_and_english_is_what_one_gets(splits):
    digits, vocabulary = splits["train"], caption_vocabulary()
    three = digits.labels.tolist().index(3)
    one = digits.labels.tolist().index(1)
    (vectors, previous), targets = collate(digits.captioned(vocabulary), [three, one])
    assert torch.equal(vectors, digits.images[[three, one]].flatten(1))
    assert vocabulary.decode(previous[:, 0]) == START + "three"
    assert vocabulary.decode(targets[:, 0]) == "three" + STOP
    assert vocabulary.decode(targets[:4, 1]) == "one" + STOP
    assert targets[4:, 1].tolist() == [IGNORED, IGNORED]


def test_the_captions_vocabulary_has_the_letters_of_both_languages():
    tokens = list(caption_vocabulary().tokens)
    assert tokens[:2] == [START, STOP]
    assert set(tokens[2:]) == set("".join(ENGLISH)) | set(CHINESE)
    assert len(tokens) == len(set(tokens)) == 2 + 15 + 10
    assert {"en": list(NAMES["en"]), "zh": list(NAMES["zh"])} == {
        "en": ENGLISH,
        "zh": list(CHINESE),
    }


def test_unknown_splits_and_languages_are_refused(splits):
    with pytest.raises(ValueError, match=r"'train', 'validation', 'test'.*got 'dev'"):
        load_digits("dev")
    with pytest.raises(ValueError, match=r"\['en', 'zh'\], got 'de'"):
        splits["test"].captioned(caption_vocabulary(), "de")


def test_pictures_without_labels_are_refused(splits):
    digits = Digits(splits["test"].images, splits["test"].labels[:-1])
    with pytest.raises(ValueError, match="shorter"):
        digits.as_rows()
