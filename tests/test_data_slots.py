"""Promise: slots are read and scored as conlleval does, and exchanged ones stay slots."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import one_hot

from rnnlab.data import Batches, load_intents
from rnnlab.data.intents import Utterance
from rnnlab.data.slots import Varied, exchanged, slot_f1, slots, tagged

small = settings(max_examples=60, deadline=None)


def plain_slots(tags):
    """The slots, one token after the other, by conlleval's rules for B and I."""
    found = []
    for at, tag in enumerate(tags):
        if tag == "O":
            continue
        place, kind = tag.split("-")
        goes_on = place == "I" and at > 0 and tags[at - 1] != "O" and tags[at - 1][2:] == kind
        if goes_on:
            found[-1] = (found[-1][0], at + 1, kind)
        else:
            found.append((at, at + 1, kind))
    return set(found)


TAGS = st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"]), max_size=9)


@settings(max_examples=400, deadline=None)
@given(tags=TAGS)
def test_slots_are_those_of_a_plain_reading(tags):
    assert slots(tags) == plain_slots(tags)


@small
@given(pairs=st.lists(st.tuples(TAGS, TAGS), max_size=4))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(pairs):
    pairs = [(a[: len(b)], b[: len(a)]) for a, b in pairs]
    given_, right = [a for a, _ in pairs], [b for _, b in pairs]
    answered = {(k, slot) for k, tags in enumerate(given_) for slot in plain_slots(tags)}
    true = {(k, slot) for k, tags in enumerate(right) for slot in plain_slots(tags)}
    common = len(answered & true)
    precision = common / len(answered) if answered else float(not true)
    recall = common / len(true) if true else float(not answered)
    mean = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert slot_f1(given_, right) == pytest.approx(mean)


def test_slots_and_f1_by_hand():
    assert slots(["O", "B-a", "I-a", "B-a", "I-b", "O"]) == {(1, 3, "a"), (3, 4, "a"), (4, 5, "b")}
    right = [["B-a", "I-a", "O", "B-b"], ["O", "O"]]
    assert slot_f1(right, right) == 1.0
    assert slot_f1([["B-a", "O", "O", "B-b"], ["O", "O"]], right) == 0.5  # half of a slot is none
    assert slot_f1([["O"] * 4, ["O", "O"]], right) == 0.0
    assert slot_f1([["B-a", "I-a", "O", "O"], ["B-b", "O"]], right) == 0.5
    assert slot_f1([["B-a", "I-a", "O", "O"], ["O", "O"]], right) == pytest.approx(2 / 3)
    assert slot_f1([["O"]], [["O"]]) == 1.0
    with pytest.raises(ValueError, match="zip"):
        slot_f1([["O"]], [])


# --- exchanging -----------------------------------------------------------------------------------

VALUES = {"time": [("noon",), ("half", "past", "six")], "person": [("my", "boss")]}
CALL = Utterance.parse("call\tcall [person dave] at [time seven am] from [place work] please")


def test_no_slot_is_exchanged_without_need():
    words, tags = exchanged(CALL, VALUES, 0.0, random.Random(0))
    assert (tuple(words), tuple(tags)) == (CALL.tokens, CALL.tags)


def test_exchanged_slots_are_whole_and_in_their_places():
    found = set()
    for seed in range(40):
        words, tags = exchanged(CALL, VALUES, 1.0, random.Random(seed))
        spans = sorted(slots(tags))
        assert [kind for *_, kind in spans] == ["person", "time", "place"]
        person, time, place = (tuple(words[start:end]) for start, end, _ in spans)
        found.add(time)
        assert person == ("my", "boss")
        assert place == ("work",)  # no other place is known
        outside = [word for word, tag in zip(words, tags, strict=True) if tag == "O"]
        assert outside == ["call", "at", "from", "please"]
    assert found == set(VALUES["time"])


@pytest.mark.parametrize("task", ["intent", "slots"])
def test_varied_utterances_are_the_training_set_again_and_again(task):
    intents = load_intents("en")
    plain = Varied(intents, task, epochs=2, share=0.0, unknown=0.0)
    whole = intents.classification("train") if task == "intent" else intents.tagging("train")
    assert len(plain) == 2 * len(whole)
    for k in (0, 17, len(whole) - 1):
        for index in (k, k + len(whole)):
            words, target = plain[index]
            assert torch.equal(words, whole[k][0])
            assert torch.equal(torch.as_tensor(target), torch.as_tensor(whole[k][1]))
    with pytest.raises(IndexError, match=f"from 0 to {len(plain) - 1}, got {len(plain)}"):
        plain[len(plain)]


def test_varied_utterances_vary_and_repeat_with_their_seed():
    intents = load_intents("en")
    one, same, other = (Varied(intents, "slots", epochs=3, seed=seed) for seed in (0, 0, 1))
    differs = again = hidden = 0
    for k in range(200):
        (a, tags), (b, _), (c, _) = one[k], same[k], other[k]
        assert torch.equal(a, b)
        assert len(a) == len(tags)
        differs += a.tolist() != c.tolist()
        again += a.tolist() != one[k + len(intents.utterances("train"))][0].tolist()
        hidden += int((a == 0).sum())
    assert differs > 100
    assert again > 100
    assert hidden > 100
    batch = Batches(one, 4)(0)
    assert batch.inputs[0].shape == batch.targets.shape
    with pytest.raises(ValueError, match="'intent' or 'slots', got 'both'"):
        Varied(intents, "both", epochs=1)


def test_a_tagger_is_heard_as_it_speaks():
    """A model that looks the right tags up gives them; one that says nothing gives none."""
    intents = load_intents("en")
    dataset = intents.tagging("test")
    answers = {tuple(words.tolist()): tags for words, tags in dataset.examples}

    class Oracle(nn.Linear):
        def forward(self, words, lengths):
            logits = torch.zeros(*words.shape, len(intents.tags))
            for b, length in enumerate(lengths.tolist()):
                tags = answers[tuple(words[:length, b].tolist())]
                logits[:length, b] = one_hot(tags, len(intents.tags)).float()
            return logits

    class Silent(nn.Linear):
        def forward(self, words, _):
            return one_hot(torch.zeros_like(words), len(intents.tags))

    given, right = tagged(Oracle(1, 1), intents, "test")
    assert [len(tags) for tags in right] == [len(tags) for _, tags in dataset.examples]
    assert slot_f1(given, right) > 0.97  # utterances that differ in unknown words alone look alike
    silent, right = tagged(Silent(1, 1), intents, "test")
    assert {tag for tags in silent for tag in tags} == {"O"}
    assert slot_f1(silent, right) == 0
