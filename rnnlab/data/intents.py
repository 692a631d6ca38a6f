"""Requests to an assistant, in English and Chinese, with what is wanted and what is mentioned.

Written for this course. Each line of ``utterances_en.txt`` and ``utterances_zh.txt`` holds an
intent and an utterance, whose *slots* are marked in brackets, as in ``[time seven]``. The first
word of a slot is tagged B-, its other words I-, all other words O (Ramshaw and Marcus 1995).

Many utterances take something back, or talk about another intent ("remind me to set the alarm"), so
that the words alone do not tell what is wanted; their order does.
"""

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
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

#: Slots that name a thing, and slots that hold whatever is to be said, bought, or summed up.
ENTITIES = ("date", "device", "duration", "language", "person", "place", "time")
FREE_TEXT = ("event", "expression", "item", "message", "music", "phrase", "task")

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

    @cached_property
    def frame(self) -> tuple[str, ...]:
        """The words, with the type of each slot in the place of its words."""
        return tuple(
            tag if tag.startswith("B-") else token.lower()
            for token, tag in zip(self.tokens, self.tags, strict=True)
            if not tag.startswith("I-") and (tag != OUTSIDE or token.isalnum())
        )

    @cached_property
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


def similarity(one: Utterance, other: Utterance) -> float:
    """The share of words that two utterances have in common, of those that either has."""
    either = one.words | other.words
    return len(one.words & other.words) / max(1, len(either))


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

    for a, b in _candidates(utterances):
        one, other = utterances[a], utterances[b]
        if one.frame == other.frame or similarity(one, other) >= SIMILAR:
            kept, joined = sorted((first(a), first(b)))
            group[joined] = kept
    return [first(k) for k in range(len(utterances))]


def _candidates(utterances: tuple[Utterance, ...]) -> Iterator[tuple[int, int]]:
    """Pairs that may be near-duplicates, without comparing all with all.

    Two sets that share three quarters of their words share one of their rarest words: one that is
    among the first quarter (and one more) of each, in the order of rarity (Bayardo et al. 2007).
    """
    counts = Counter(word for utterance in utterances for word in utterance.words)
    index: defaultdict[object, list[int]] = defaultdict(list)
    for k, utterance in enumerate(utterances):
        rarest = sorted(utterance.words, key=lambda word: (counts[word], word))
        few = len(rarest) - math.ceil(SIMILAR * len(rarest)) + 1
        for key in (*rarest[:few], utterance.frame):
            yield from ((other, k) for other in index[key])
            index[key].append(k)


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
        tags: All tags, in the order of their indices; ``O`` is 0. What is tagged otherwise in the
            utterances counts as ``O``.
    """

    language: Language
    words: Vocabulary
    intents: tuple[str, ...]
    tags: tuple[str, ...]

    def utterances(self, split: Split) -> tuple[Utterance, ...]:
        """The utterances of a split."""
        return splits(self.language)[split]

    def encode(self, text: str) -> Tensor:
        """Return the indices of a text's words, (T,)."""
        return self.indices(tokenize(text))

    def indices(self, tokens: Sequence[str]) -> Tensor:
        """Return the indices of some words, (T,)."""
        return self.words.encode([token.lower() for token in tokens])

    def tag_indices(self, tags: Sequence[str]) -> Tensor:
        """Return the indices of some tags, (T,)."""
        index = {tag: k for k, tag in enumerate(self.tags)}
        return torch.tensor([index.get(tag, 0) for tag in tags])

    def classification(self, split: Split) -> LabelledSequences:
        """Utterances and their intents, for N-to-1 models."""
        found = self.utterances(split)
        return LabelledSequences(
            [(self.indices(u.tokens), self.intents.index(u.intent)) for u in found]
        )

    def tagging(self, split: Split) -> TaggedSequences:
        """Utterances and the tags of their words, for N-to-N models."""
        found = self.utterances(split)
        return TaggedSequences([(self.indices(u.tokens), self.tag_indices(u.tags)) for u in found])


@cache
def load_intents(language: Language = "en", kinds: tuple[str, ...] = ENTITIES) -> Intents:
    """Load the utterances of a language.

    Args:
        language: ``"en"`` or ``"zh"``.
        kinds: Types of slots to be tagged: `ENTITIES`, `FREE_TEXT`, both, or some of them.

    Returns:
        The utterances, with the vocabulary of those to train on.

    Raises:
        ValueError: An unknown language or type of slot.
    """
    unknown = set(kinds) - {*ENTITIES, *FREE_TEXT}
    if unknown:
        raise ValueError(f"expected kinds of {[*ENTITIES, *FREE_TEXT]}, got {sorted(unknown)}")
    train = splits(language)["train"]
    words = Vocabulary.of(
        (token.lower() for u in train for token in u.tokens),
        unknown=UNKNOWN,
        least=2,
        separator=" " if language == "en" else "",
    )
    return Intents(
        language,
        words,
        tuple(sorted({u.intent for u in read(language)})),
        (OUTSIDE, *(f"{place}-{kind}" for kind in sorted(kinds) for place in "BI")),
    )
