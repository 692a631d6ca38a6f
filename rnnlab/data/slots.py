"""Slots: read off the tags of an utterance, scored, and exchanged for others."""

import random
from collections import defaultdict

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from rnnlab.data.batching import collate, in_order
from rnnlab.data.intents import OUTSIDE, Intents, Split, Utterance
from rnnlab.data.shapes import LabelledSequences, TaggedSequences


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


@torch.no_grad()
def tagged(
    model: nn.Module, intents: Intents, split: Split
) -> tuple[list[list[str]], list[list[str]]]:
    """Tag a split with a model.

    Args:
        model: Maps words (T, B) and lengths (B,) to logits of the tags (T, B, K); in eval mode.
        intents: The language.
        split: Which utterances.

    Returns:
        The tags that the model gives each utterance, and the right ones.
    """
    dataset = intents.tagging(split)
    device = next(model.parameters()).device
    given, right = [], []
    for indices in in_order(dataset):
        batch = collate(dataset, indices).to(device)
        best = model(*batch.inputs).argmax(-1).t().tolist()
        for row, k in enumerate(indices):
            wanted = dataset[k][1].tolist()
            given.append([intents.tags[tag] for tag in best[row][: len(wanted)]])
            right.append([intents.tags[tag] for tag in wanted])
    return given, right


def exchanged(
    utterance: Utterance,
    values: dict[str, list[tuple[str, ...]]],
    share: float,
    draw: random.Random,
) -> tuple[list[str], list[str]]:
    """Put other values into some of an utterance's slots.

    Args:
        utterance: The utterance.
        values: For each type of slot what may stand in it, as words.
        share: How likely a slot is to get another value.
        draw: Where the choices come from.

    Returns:
        The words and tags of an utterance that nobody has written.
    """
    words: list[str] = []
    tags: list[str] = []
    at = 0
    for start, end, kind in sorted(slots(utterance.tags)):
        words += utterance.tokens[at:start]
        tags += [OUTSIDE] * (start - at)
        other = draw.random() < share and values.get(kind)
        value = draw.choice(other) if other else utterance.tokens[start:end]
        words += value
        tags += [f"B-{kind}", *[f"I-{kind}"] * (len(value) - 1)]
        at = end
    return words + list(utterance.tokens[at:]), tags + [OUTSIDE] * (len(utterance.tokens) - at)


class Varied(Dataset[tuple[Tensor, int | Tensor]]):
    """Training utterances, again and again, with other values in their slots and words unknown.

    A model sees the same sentence with another name, another dish, another song; and now and then a
    word as if it had never seen it. Both teach it to look at what stands around.

    Args:
        intents: The language.
        task: ``"intent"`` or ``"slots"``: what is to be predicted.
        epochs: How many times every utterance comes.
        share: How likely a slot is to get a value from another training utterance.
        unknown: How likely a word is to be replaced by the unknown one.
        seed: Of all choices.

    Raises:
        ValueError: Another task.
    """

    def __init__(
        self,
        intents: Intents,
        task: str,
        *,
        epochs: int,
        share: float = 0.3,
        unknown: float = 0.1,
        seed: int = 0,
    ) -> None:
        if task not in ("intent", "slots"):
            raise ValueError(f"expected task to be 'intent' or 'slots', got {task!r}")
        self.intents, self.task, self.epochs = intents, task, epochs
        self.share, self.unknown, self.seed = share, unknown, seed
        self.utterances = intents.utterances("train")
        self.values: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for utterance in self.utterances:
            for start, end, kind in sorted(slots(utterance.tags)):
                self.values[kind].append(utterance.tokens[start:end])
        self.collate = {
            "intent": LabelledSequences.collate,
            "slots": TaggedSequences.collate,
        }[task]

    def __len__(self) -> int:
        return self.epochs * len(self.utterances)

    def __getitem__(self, index: int) -> tuple[Tensor, int | Tensor]:
        """Words, (T,), and the intent, or the tags, (T,)."""
        if not 0 <= index < len(self):
            raise IndexError(f"expected an example from 0 to {len(self) - 1}, got {index}")
        draw = random.Random(f"{self.seed} {index}")
        utterance = self.utterances[index % len(self.utterances)]
        words, tags = exchanged(utterance, self.values, self.share, draw)
        indices = self.intents.indices(words)
        hidden = [k for k in range(len(words)) if draw.random() < self.unknown]
        indices[hidden] = 0  # the unknown word comes first
        if self.task == "intent":
            return indices, self.intents.intents.index(utterance.intent)
        return indices, self.intents.tag_indices(tags)
