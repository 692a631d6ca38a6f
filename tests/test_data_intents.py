"""Promise: utterances mean what their lines say; no split nearly holds what another does."""

import itertools
import random
from collections import Counter, defaultdict
from functools import cache
from math import ceil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.data import IGNORED, collate, load_intents
from rnnlab.data.intents import (
    ENTITIES,
    FREE_TEXT,
    OUTSIDE,
    SIMILAR,
    SPLITS,
    UNKNOWN,
    Utterance,
    near_duplicates,
    read,
    similarity,
    splits,
    tokenize,
)

LANGUAGES = ("en", "zh")
small = settings(max_examples=60, deadline=None)


@cache
def divided(language):
    """Every utterance with the split it is in."""
    return [(u, split) for split in SPLITS for u in splits(language)[split]]


def words_of(utterance):
    return {token.lower() for token in utterance.tokens if token[0].isalnum()}


# --- lines ----------------------------------------------------------------------------------------

WORDS = st.sampled_from([*"时间我要，。？!.,", "don't", "o’clock", "7", "Wake", "naïve", "50"])
PIECES = st.lists(
    st.tuples(st.sampled_from([None, "time", "place_2", "who"]), st.lists(WORDS, min_size=1)),
    min_size=1,
)


@small
@given(intent=st.sampled_from(["time", "set_alarm"]), pieces=PIECES)
def test_a_line_comes_back_as_it_was_written(intent, pieces):
    marked = " ".join(
        " ".join(words) if kind is None else f"[{kind} {' '.join(words)}]" for kind, words in pieces
    )
    found = Utterance.parse(f"{intent}\t{marked}")
    assert found.intent == intent
    assert found.text == " ".join(word for _, words in pieces for word in words)
    assert found.tokens == tuple(word for _, words in pieces for word in words)
    tags = []
    for kind, words in pieces:
        tags += ["O"] * len(words) if kind is None else [f"B-{kind}"]
        tags += [] if kind is None else [f"I-{kind}"] * (len(words) - 1)
    assert list(found.tags) == tags
    assert found.words == words_of(found)


def test_lines_by_hand():
    found = Utterance.parse("alarm\tWake me at [time half past 6], ok?")
    assert found.text == "Wake me at half past 6, ok?"
    assert found.tokens == ("Wake", "me", "at", "half", "past", "6", ",", "ok", "?")
    assert found.tags == ("O", "O", "O", "B-time", "I-time", "I-time", "O", "O", "O")
    assert found.frame == ("wake", "me", "at", "B-time", "ok")
    assert found.frame == Utterance.parse("alarm\twake me at [time nine] ok").frame
    assert found.frame != Utterance.parse("alarm\twake me at [place nine] ok").frame
    found = Utterance.parse("weather\t[place 东京]冷吗")
    assert found.tokens == ("东", "京", "冷", "吗")
    assert found.tags == ("B-place", "I-place", "O", "O")


@pytest.mark.parametrize(
    "line",
    ["", "time", "time\t", "time\t  ", "\twhat time", "time\twhat [time now", "time\twhat now]",
     "time\t[time]", "time\t[time ]", "time\t[[time now]]", "time\t[ti me] ]", "time what [a b]"],
)  # fmt: skip
def test_other_lines_are_refused(line):
    with pytest.raises(ValueError, match="expected 'intent<tab>words"):
        Utterance.parse(line)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("What time is it ?", ["What", "time", "is", "it", "?"]),
        ("现在几点了？", ["现", "在", "几", "点", "了", "？"]),
        ("用Spotify放Jay-Z的歌", ["用", "Spotify", "放", "Jay", "-", "Z", "的", "歌"]),
        ("it's 7:30 o’clock", ["it's", "7", ":", "30", "o’clock"]),
        ("3乘以4a", ["3", "乘", "以", "4a"]),
        ("'quoted' naïve", ["'", "quoted", "'", "naïve"]),
        ("  ", []),
    ],
)
def test_texts_are_cut_into_words_characters_and_signs(text, tokens):
    assert tokenize(text) == tokens


# --- what there is --------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "least"), [("en", 1500), ("zh", 600)])
def test_there_are_many_and_varied_utterances(language, least):
    utterances = read(language)
    assert len({u.text for u in utterances}) >= least
    assert len({u.intent for u in utterances}) >= 15
    frame, count = Counter(u.frame for u in utterances).most_common(1)[0]
    assert count < 0.01 * len(utterances), frame
    intents = Counter(u.intent for u in utterances)
    assert min(intents.values()) > 0.01 * len(utterances)


def test_both_languages_have_the_same_intents_and_slots():
    en, zh = load_intents("en"), load_intents("zh")
    assert en.intents == zh.intents
    assert en.tags == zh.tags
    kinds = {tag[2:] for language in LANGUAGES for u in read(language) for tag in u.tags} - {""}
    assert kinds == {*ENTITIES, *FREE_TEXT}
    assert len(load_intents("en", (*ENTITIES, *FREE_TEXT)).tags) == 2 * len(kinds) + 1
    with pytest.raises(ValueError, match=r"got \['colour'\]"):
        load_intents("en", ("time", "colour"))


def test_the_question_that_the_course_begins_with_is_there():
    assert ("time", "What time is it ?") in {(u.intent, u.text) for u in read("en")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_means_two_things(language):
    meant = defaultdict(set)
    for u in read(language):
        meant[u.text.lower()].add((u.intent, u.tags))
    assert {text: found for text, found in meant.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_legal(language):
    for utterance in read(language):
        assert len(utterance.tags) == len(utterance.tokens)
        for before, tag in zip(("O", *utterance.tags), utterance.tags, strict=False):
            assert tag == "O" or tag[:2] in ("B-", "I-")
            assert tag[:2] != "I-" or before in (tag, f"B-{tag[2:]}"), utterance


# --- splits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_utterance_is_in_one_split_and_every_intent_in_all(language):
    found = Counter(u for u, _ in divided(language))
    assert found == Counter(read(language))
    texts = {split: {u.text for u, s in divided(language) if s == split} for split in SPLITS}
    assert not texts["train"] & (texts["validation"] | texts["test"])
    assert not texts["validation"] & texts["test"]
    intents = {u.intent for u in read(language)}
    shares = {"train": 0.7, "validation": 0.15, "test": 0.15}
    for split in SPLITS:
        assert {u.intent for u in splits(language)[split]} == intents
        share = len(splits(language)[split]) / len(read(language))
        assert abs(share - shares[split]) < 0.06


def near(language):
    """Every pair of near-duplicates: two sets of words with three quarters in common.

    Such a pair shares one of either's rarest words: with one word more than a quarter of them
    left out, too few would remain. So it is enough to compare who shares one of these.
    """
    sets = [words_of(u) for u, _ in divided(language)]
    counts = Counter(word for words in sets for word in words)
    sharing = defaultdict(list)
    for k, words in enumerate(sets):
        rarest = sorted(words, key=lambda word: (counts[word], word))
        for word in rarest[: len(rarest) - ceil(SIMILAR * len(rarest)) + 1]:
            sharing[word].append(k)
    pairs = {(a, b) for row in sharing.values() for i, b in enumerate(row) for a in row[:i]}
    return {(a, b) for a, b in pairs if len(sets[a] & sets[b]) >= SIMILAR * len(sets[a] | sets[b])}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_splits_hold_near_duplicates(language):
    found = divided(language)
    pairs = near(language)
    assert pairs  # there are some, within the splits
    across = [(found[a][0].text, found[b][0].text) for a, b in pairs if found[a][1] != found[b][1]]
    assert across == []
    where = defaultdict(set)
    for utterance, split in found:
        where[utterance.frame].add(split)
    assert {frame: s for frame, s in where.items() if len(s) > 1} == {}
    assert any(count > 1 for count in Counter(u.frame for u, _ in found).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_similarity_is_the_share_of_common_words(language):
    utterances = tuple(random.Random(1).sample(read(language), 120))
    for one, other in itertools.product(utterances, utterances):
        A, B = words_of(one), words_of(other)
        assert similarity(one, other) == len(A & B) / max(1, len(A | B))
    sets = [words_of(u) for u, _ in divided(language)]
    draw, pairs = random.Random(2), near(language)
    for _ in range(20_000):  # the search for near-duplicates misses none
        a, b = sorted(draw.sample(range(len(sets)), 2))
        close = len(sets[a] & sets[b]) >= SIMILAR * len(sets[a] | sets[b])
        assert ((a, b) in pairs) == (close and bool(sets[a] | sets[b]))


def test_near_duplicates_are_grouped_by_way_of_others():
    lines = ["a b c d", "x y", "a b c d e", "call [who ann]", "b c d e", "call [who bob]", "Y x !"]
    utterances = tuple(Utterance.parse(f"i\t{line}") for line in lines)
    assert near_duplicates(utterances) == [0, 1, 0, 3, 0, 3, 1]
    assert near_duplicates(utterances[:2] + utterances[4:5]) == [0, 1, 2]  # 3 of 5 in common


# --- tensors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_those_of_training_alone(language):
    intents = load_intents(language)
    counts = Counter(token.lower() for u in splits(language)["train"] for token in u.tokens)
    assert set(intents.words.tokens) == {UNKNOWN} | {w for w, n in counts.items() if n >= 2}
    everything = {t.lower() for u in read(language) for t in u.tokens}
    assert everything - set(intents.words.tokens)  # some are left out
    unknown = intents.words.tokens.index(UNKNOWN)
    strange = next(word for word, n in sorted(counts.items()) if n == 1)
    assert intents.encode(strange).tolist() == [unknown]
    assert intents.encode("zyxxyq ☃").tolist() == [unknown, unknown]
    assert unknown not in intents.encode("what time is it ?" if language == "en" else "几点")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("split", SPLITS)
def test_tensors_agree_with_utterances(language, split):
    intents = load_intents(language)
    utterances = intents.utterances(split)
    classified, tagged = intents.classification(split), intents.tagging(split)
    assert len(classified) == len(tagged) == len(utterances) > 0
    assert intents.tags[0] == OUTSIDE
    known = set(intents.words.tokens)
    for k in random.Random(3).sample(range(len(utterances)), 60):
        (tokens, label), (same, tags), utterance = classified[k], tagged[k], utterances[k]
        assert torch.equal(tokens, same)
        expected = [w if w in known else UNKNOWN for w in map(str.lower, utterance.tokens)]
        assert [intents.words.tokens[i] for i in tokens] == expected
        assert torch.equal(tokens, intents.encode(utterance.text))
        assert intents.intents[label] == utterance.intent
        expected = [tag if tag[2:] in ENTITIES else OUTSIDE for tag in utterance.tags]
        assert [intents.tags[i] for i in tags] == expected


def test_utterances_make_batches():
    intents = load_intents("zh")
    tagged, utterances = intents.tagging("test"), intents.utterances("test")
    (tokens, lengths), tags = collate(tagged, range(9))
    for b, utterance in enumerate(utterances[:9]):
        assert lengths[b] == len(utterance.tokens)
        assert torch.equal(tokens[: lengths[b], b], tagged[b][0])
        assert (tags[lengths[b] :, b] == IGNORED).all()
    _, labels = collate(intents.classification("test"), range(9))
    assert [intents.intents[k] for k in labels] == [u.intent for u in utterances[:9]]


@pytest.mark.parametrize("make", [read, splits, load_intents])
def test_other_languages_are_refused(make):
    with pytest.raises(ValueError, match="'en' or 'zh', got 'de'"):
        make("de")
