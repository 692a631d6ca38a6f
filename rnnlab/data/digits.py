"""Handwritten digits as sequences, and as pictures to be described.

The 1 797 pictures of 8 × 8 pixels that scikit-learn ships: the test part of the optical recognition
data of Alpaydin and Kaynak (1998). The pictures of one writer follow each other there, so the
splits are cut from the file in its order: hardly any writer is in two of them.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from rnnlab.data.shapes import DescribedVectors, LabelledSequences
from rnnlab.data.vocabulary import Vocabulary

#: The digits' names by language.
NAMES = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "zh": ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九"),
}

START, STOP = "<start>", "<stop>"

_CUTS = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}


@dataclass(frozen=True)
class Digits:
    """Pictures and what they show.

    Attributes:
        images: Grey values from 0 (paper) to 1 (ink), (N, 8, 8), float32.
        labels: The digit, (N,), int64.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def as_rows(self) -> LabelledSequences:
        """Read row by row: 8 steps of 8 features, and the digit."""
        return LabelledSequences(list(zip(self.images, self.labels.tolist(), strict=True)))

    def as_pixels(self) -> LabelledSequences:
        """Read pixel by pixel, row after row: 64 steps of one feature, and the digit."""
        return LabelledSequences(
            list(zip(self.images.reshape(-1, 64, 1), self.labels.tolist(), strict=True))
        )

    def captioned(self, vocabulary: Vocabulary, language: str = "en") -> DescribedVectors:
        """The picture as one vector, (64,), and the digit's name, letter by letter."""
        names = [
            vocabulary.encode([START, *name, STOP]) for name in NAMES[checked_language(language)]
        ]
        vectors = self.images.reshape(-1, 64)
        return DescribedVectors(
            [(vector, names[k]) for vector, k in zip(vectors, self.labels.tolist(), strict=True)]
        )


def checked_language(language: str) -> str:
    """Return the language if there are names in it.

    Raises:
        ValueError: There are none.
    """
    if language not in NAMES:
        raise ValueError(f"expected language to be one of {sorted(NAMES)}, got {language!r}")
    return language


def caption_vocabulary() -> Vocabulary:
    """The letters of all names in both languages, after a start and a stop."""
    letters = "".join(name for names in NAMES.values() for name in names)
    return Vocabulary.of(letters, special=(START, STOP))


def load_digits(split: Literal["train", "validation", "test"]) -> Digits:
    """Load one split: 1 257 pictures to train on, 270 to choose with, 270 to test with.

    Raises:
        ValueError: An unknown split.
    """
    from sklearn.datasets import load_digits as load  # noqa: PLC0415

    if split not in _CUTS:
        raise ValueError(f"expected split to be one of {list(_CUTS)}, got {split!r}")
    bunch = load()
    first, last = (int(share * len(bunch.target)) for share in _CUTS[split])
    return Digits(
        torch.tensor(bunch.images[first:last], dtype=torch.float32) / 16,
        torch.tensor(bunch.target[first:last], dtype=torch.long),
    )
