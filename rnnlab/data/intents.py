"""Requests to an assistant, in English and Chinese, with what is wanted and what is mentioned.

Written for this course. Each line of ``utterances_en.txt`` and ``utterances_zh.txt`` holds an
intent and an utterance, whose *slots* are marked in brackets: ``[time seven]``. A slot's first word
is tagged
    B-, its other words I-, all other words O (Ramshaw and Marcus 1995).

Many utterances take something back, or talk about another intent ("remind me to set the alarm"), so
that the words alone do not tell what is wanted; their order does.
"""

import re
import zlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import torch
from torch import Tensor

from rnnlab.data.shapes import LabelledSequences, TaggedSequences
from rnnlab.data.vocabulary import Vocabulary

Language = Literal["en", "zh"]
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

#: What stands for words that were not seen in training.
UNKNOWN = "<unknown>"
OUTSIDE = "O"

#: Utterances that share this part of their words are near-duplicates, and so are those that differ
#: in the values of their slots only.
SIMILAR = 0.75

_SLOT = re.compile(r"\[(\w+) ([^\[\]]+)\]")
_CHINESE = "\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_CHINESE}]|[^\W_{_CHINESE}]+(?:['’][^\W_{_CHINESE}]+)*|[^\w\s]")


def tokenize(text: str) -> list[str]:
    """Cut a text into words, single Chinese characters, and signs, as they are written."""
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class Utterance:
    """What somebody typed, and what they meant.

    Attributes:
        intent: What is wanted.
        tokens: Words, Chinese characters and signs.
        tags: For each token ``O``, or ``B-`` or ``I-`` and the type of its slot.
        text: The utterance as it was typed.
    """

    intent: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    text: str

    @classmethod
    def parse(cls, line: str) -> "Utterance":
        """Read a line of the data files: an intent, a tab, an utterance with its slots marked.

        Raises:
            ValueError: A line of another form.
        """
        intent, tab, marked = line.partition("\t")
        plain = _SLOT.sub(r"\2", marked)
        if not (intent and tab and plain.strip()) or set("[]") & set(plain):
            raise ValueError(f"expected 'intent<tab>words [slot words]', got {line!r}")
        tokens: list[str] = []
        tags: list[str] = []
        at = 0
        for slot in [*_SLOT.finditer(marked), None]:
            between = tokenize(marked[at : slot.start() if slot else None])
            tokens += between
            tags += [OUTSIDE] * len(between)
            if slot:
                kind, words = slot[1], tokenize(slot[2])
                tokens += words
                tags += [f"B-{kind}", *[f"I-{kind}"] * (len(words) - 1)]
                at = slot.end()
        return cls(intent, tuple(tokens), tuple(tags), plain)

    @property
    def frame(self) -> tuple[str, ...]:
        """The words, with the type of each slot in the place of its words."""
        return tuple(
            tag if tag.startswith("B-") else token.lower()
            for token, tag in zip(self.tokens, self.tags, strict=True)
            if not tag.startswith("I-") and (tag != OUTSIDE or token.isalnum())
        )

    @property
    def words(self) -> frozenset[str]:
        """The different words, without signs and capitals."""
        return frozenset(token.lower() for token in self.tokens if token[0].isalnum())


def read(language: Language) -> tuple[Utterance, ...]:
    """Read all utterances of a language, in the order of the file.

    Raises:
        ValueError: An unknown language, or a line of another form.
    """
    if language not in ("en", "zh"):
        raise ValueError(f"expected language to be 'en' or 'zh', got {language!r}")
    text = (files("rnnlab.data") / f"utterances_{language}.txt").read_text(encoding="utf-8")
    return tuple(Utterance.parse(line) for line in text.splitlines())


def similarity(utterances: tuple[Utterance, ...]) -> Tensor:
    """The share of words that two utterances have in common, of those that either has, (N, N)."""
    vocabulary = {
        word: k for k, word in enumerate(sorted({w for u in utterances for w in u.words}))
    }
    bags = torch.zeros(len(utterances), len(vocabulary))
    for row, utterance in enumerate(utterances):
        bags[row, [vocabulary[word] for word in utterance.words]] = 1
    common, sizes = bags @ bags.t(), bags.sum(dim=1)
    return common / (sizes[:, None] + sizes - common).clamp_min(1)


def near_duplicates(utterances: tuple[Utterance, ...]) -> list[int]:
    """Group utterances that are near-duplicates of each other, directly or by way of others.

    Returns:
        For each utterance the number of the first one of its group.
    """
    group = list(range(len(utterances)))

    def first(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    by_frame: dict[tuple[str, ...], int] = {}
    pairs = (similarity(utterances) >= SIMILAR).triu(1).nonzero().tolist()
    pairs += [[by_frame.setdefault(u.frame, k), k] for k, u in enumerate(utterances)]
    for a, b in pairs:
        a, b = sorted((first(a), first(b)))  # noqa: PLW2901 - the groups of the pair
        group[b] = a
    return [first(k) for k in range(len(utterances))]


@cache
def splits(language: Language) -> dict[Split, tuple[Utterance, ...]]:
    """Divide the utterances: 70 % to train on, 15 % to choose with, 15 % to test with.

    Near-duplicates stay together. Where a group goes depends on its own utterances alone, so what
    is added later leaves the others where they are.
    """
    utterances = read(language)
    found: dict[Split, list[Utterance]] = defaultdict(list)
    for utterance, first in zip(utterances, near_duplicates(utterances), strict=True):
        share = zlib.crc32(utterances[first].text.encode()) % 100
        split: Split = "train" if share < 70 else "validation" if share < 85 else "test"
        found[split].append(utterance)
    return {split: tuple(found[split]) for split in SPLITS}


@dataclass(frozen=True)
class Intents:
    """One language's utterances as tensors.

    Attributes:
        language: ``"en"`` or ``"zh"``.
        words: The words that occur twice or more in training, in small letters.
        intents: All intents, in the order of their indices.
        tags: All tags, in the order of their indices; ``O`` is 0.
    """

    language: Language
    words: Vocabulary
    intents: tuple[str, ...]
    tags: tuple[str, ...]

    def utterances(self, split: Split) -> tuple[Utterance, ...]:
        """The utterances of a split."""
        return splits(self.language)[split]

    def encode(self, text: str) -> Tensor:
        """Turn a text, or one that is cut into tokens, into the indices of its words, (T,)."""
        return self._indices(tokenize(text))

    def _indices(self, tokens: list[str] | tuple[str, ...]) -> Tensor:
        return self.words.encode([token.lower() for token in tokens])

    def classification(self, split: Split) -> LabelledSequences:
        """Utterances and their intents, for N-to-1 models."""
        return LabelledSequences(
            [
                (self._indices(u.tokens), self.intents.index(u.intent))
                for u in self.utterances(split)
            ]
        )

    def tagging(self, split: Split) -> TaggedSequences:
        """Utterances and the tags of their words, for N-to-N models."""
        index = {tag: k for k, tag in enumerate(self.tags)}
        return TaggedSequences(
            [
                (self._indices(u.tokens), torch.tensor([index[tag] for tag in u.tags]))
                for u in self.utterances(split)
            ]
        )


@cache
def load_intents(language: Language = "en") -> Intents:
    """Load the utterances of a language.

    Raises:
        ValueError: An unknown language.
    """
    divided = splits(language)
    everything = [u for split in SPLITS for u in divided[split]]
    kinds = sorted({tag[2:] for u in everything for tag in u.tags if tag != OUTSIDE})
    words = Vocabulary.of(
        (token.lower() for u in divided["train"] for token in u.tokens),
        unknown=UNKNOWN,
        least=2,
        separator=" " if language == "en" else "",
    )
    return Intents(
        language,
        words,
        tuple(sorted({u.intent for u in everything})),
        (OUTSIDE, *(f"{place}-{kind}" for kind in kinds for place in "BI")),
    )


def slots(tags: list[str] | tuple[str, ...]) -> set[tuple[int, int, str]]:
    """Read the slots off some tags: first token, the one after the last, and type of each.

    An I- without a beginning of its type before it begins a slot, as in the scoring of Tjong Kim
    Sang and Buchholz (2000).
    """
    found, start = set(), None
    for at, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and tag != f"I-{tags[start][2:]}":
            found.add((start, at, tags[start][2:]))
            start = None
        if start is None and tag != OUTSIDE:
            start = at
    return found


def slot_f1(given: list[list[str]], right: list[list[str]]) -> float:
    """Score tagged sequences by whole slots: 2 · common / (given + right), over all of them."""
    pairs = [(slots(a), slots(b)) for a, b in zip(given, right, strict=True)]
    common = sum(len(a & b) for a, b in pairs)
    total = sum(len(a) + len(b) for a, b in pairs)
    return 2 * common / total if total else 1.0
