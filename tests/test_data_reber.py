"""Promise: strings are those of the embedded Reber grammar, and what may follow is what does."""

import math
import random
import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnnlab.data import IGNORED, EmbeddedReber, collate, mask
from rnnlab.data.reber import SHORT, SYMBOLS, all_right, inner_string, split_of, successors

SPLITS = ("train", "validation", "test")

# The grammar read off the graph by hand: after its X, or P, the inner string goes round and leaves.
REST = "(?:XT*VP)*(?:S|XT*VV)"
INNER = re.compile(f"B(?:TS*X{REST}|PT*V(?:V|P{REST}))E")
EMBEDDED = re.compile(f"B([TP]){INNER.pattern}\\1E")

quick = settings(deadline=None, max_examples=200)


def strings(size, seed=0):
    """Strings of all splits, as the grammar gives them."""
    draw = random.Random(seed)
    for _ in range(size):
        wrapper = draw.choice("TP")
        yield f"B{wrapper}{inner_string(draw)}{wrapper}E"


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("least", [0, 5, 6, 20])
def test_the_grammar_accepts_every_string(least, split):
    dataset = EmbeddedReber(400, least=least, split=split)
    texts = [dataset.text(k) for k in range(400)]
    assert all(EMBEDDED.fullmatch(text) for text in texts)
    assert all(len(text) - 4 >= max(5, least) for text in texts)
    assert {split_of(text) for text in texts} == {split}
    assert {text[1] for text in texts} == set("TP")
    assert set("".join(texts)) == set(SYMBOLS)
    assert max(map(len, texts)) > least + 10


def test_least_lengthens_the_inner_string_and_no_more_than_it_must():
    short, long = (
        [len(inner_string(random.Random(k), least)) for k in range(500)] for least in (0, 30)
    )
    assert min(short) == 5
    assert 30 <= min(long) <= 32
    assert sum(short) / 500 < 12 < 30 < sum(long) / 500 < 45
    assert [inner_string(random.Random(k), 5) for k in range(50)] == [
        inner_string(random.Random(k)) for k in range(50)
    ]


def test_what_may_follow_is_what_does_follow():
    seen = defaultdict(Counter)
    for text in strings(6000):
        following = successors(text)
        assert len(following) == len(text) - 1
        for t, ways in enumerate(following, start=1):
            assert text[t] in ways
            seen[text[:t]][text[t]] += 1
            if seen[text[:t]].total() >= 60:  # enough to have seen both ways
                assert set(ways) == set(seen[text[:t]])
    often = [counts for counts in seen.values() if counts.total() >= 60]
    assert len(often) > 80
    for counts in often:
        shares = [n / counts.total() for n in counts.values()]
        assert len(shares) == 1 or (len(shares) == 2 and min(shares) > 0.2)


def test_what_may_follow_is_said_where_it_is_known():
    assert successors("BTBTXSETE") == ["TP", "B", "TP", "SX", "XS", "E", "T", "E"]
    assert successors("BPBPVVEPE") == ["TP", "B", "TP", "TV", "PV", "E", "P", "E"]


def damaged(text, kind, place, symbol):
    rest = text[place + 1 :]
    return (
        text[:place] + {"replace": symbol + rest, "drop": rest, "add": symbol + text[place:]}[kind]
    )


@quick
@given(
    seed=st.integers(0, 500),
    kind=st.sampled_from(["replace", "drop", "add"]),
    place=st.integers(0, 40),
    symbol=st.sampled_from(SYMBOLS + "?"),
)
def test_a_string_is_refused_exactly_if_the_grammar_refuses_it(seed, kind, place, symbol):
    text = next(strings(1, seed))
    text = damaged(text, kind, place % len(text), symbol)
    if EMBEDDED.fullmatch(text):
        assert len(successors(text)) == len(text) - 1
        return
    with pytest.raises(ValueError, match=f"embedded Reber string, got {re.escape(repr(text))}"):
        successors(text)


def test_what_is_no_string_is_refused():
    short = ["", "B", "BTBTXSET", "BTBTXSTE", "BTBTXSEPE", "XTBTXSETE", "BXBTXSEXE", "BTTTXSETE"]
    long = ["BTBTXSETB", "BTBTXSETEE", "BTBTXSEETE", "BTBTXSSETE", "BTBTXSEBTXSETE", "btbtxsete"]
    for text in short + long:
        with pytest.raises(ValueError, match=f"embedded Reber string, got '{text}'"):
            successors(text)


def test_no_string_is_in_two_splits_and_its_twin_is_in_the_same():
    texts = {}
    for split in SPLITS:
        dataset = EmbeddedReber(2500, split=split, seed=5)
        texts[split] = {dataset.text(k) for k in range(2500)}
        assert len(texts[split]) > 100
    assert not texts["train"] & texts["validation"]
    assert not texts["train"] & texts["test"]
    assert not texts["validation"] & texts["test"]
    for text in set().union(*texts.values()):
        twin = {"T": "P", "P": "T"}[text[1]]
        assert split_of(f"B{twin}{text[2:-2]}{twin}E") == split_of(text)


def test_short_strings_are_for_training_and_of_the_others_one_in_ten_for_each_other_split():
    texts = set(strings(15_000))
    short = {text for text in texts if len(text) - 4 < SHORT}
    assert len(short) > 50
    assert {split_of(text) for text in short} == {"train"}
    counts = Counter(split_of(text) for text in texts - short)
    assert counts.total() > 900
    shares = [counts[split] / counts.total() for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_seeds_reproduce_and_differ():
    def texts(seed, size=60, **kwargs):
        dataset = EmbeddedReber(size, seed=seed, least=30, **kwargs)
        return [dataset.text(k) for k in range(59, -1, -1)]

    assert texts(0) == texts(0) == texts(0, size=99)
    # Two seeds may meet by chance, for some strings are likelier than others; two splits may not.
    assert len({*texts(0), *texts(1)}) > 110
    assert not {*texts(0), *texts(1)} & {*texts(0, split="test")}


def test_inputs_targets_and_what_is_allowed_are_those_of_the_string():
    dataset = EmbeddedReber(60)
    for k in range(60):
        text = dataset.text(k)
        inputs, targets = dataset[k]
        assert inputs.dtype == torch.float32
        assert (inputs.sum(1) == 1).all()
        assert "".join(SYMBOLS[j] for j in inputs.argmax(1)) == text[:-1]
        assert "".join(SYMBOLS[j] for j in targets) == text[1:]
        allowed = dataset.allowed(k)
        assert allowed.dtype == torch.bool
        names = [{s for s, may in zip(SYMBOLS, row, strict=True) if may} for row in allowed]
        assert names == [set(ways) for ways in successors(text)]


def test_strings_make_batches():
    dataset = EmbeddedReber(8)
    (inputs, lengths), targets = collate(dataset, range(8))
    assert torch.equal(targets != IGNORED, mask(lengths))
    for b in range(8):
        assert torch.equal(inputs[: lengths[b], b], dataset[b][0])
        assert torch.equal(targets[: lengths[b], b], dataset[b][1])
        assert (inputs[lengths[b] :, b] == 0).all()
    assert len(set(lengths.tolist())) > 1


@quick
@given(
    logits=st.lists(st.integers(-3, 3), min_size=7, max_size=7),
    allowed=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_right_is_where_all_that_may_follow_outrank_all_others(logits, allowed):
    assume(any(allowed) and not all(allowed))
    expected = all(
        logits[i] > logits[j] for i in range(7) for j in range(7) if allowed[i] and not allowed[j]
    )
    scores, may = torch.tensor(logits).float(), torch.tensor(allowed)
    assert all_right(scores, may).item() is expected
    assert all_right(may.float(), may).item()
    assert not all_right(-may.float(), may).item()
    both = all_right(torch.stack([scores, may.float()])[:, None], may.expand(2, 1, 7))
    assert both.tolist() == [[expected], [True]]


def losses(dataset, predict):
    """Mean of -log p of every symbol after the first, with p from what stands before it."""
    texts = [dataset.text(k) for k in range(len(dataset))]
    terms = [-math.log(predict(text, t)) for text in texts for t in range(1, len(text))]
    return sum(terms) / len(terms)


@pytest.mark.parametrize("split", SPLITS)
def test_the_grammar_loss_is_what_the_choices_leave_open(split):
    dataset = EmbeddedReber(500, split=split, seed=4)
    texts = [dataset.text(k) for k in range(500)]
    # Two ways on from the wrapper and everywhere in the inner string but before and at its end.
    choices = sum(len(text) - 5 for text in texts) / sum(len(text) - 1 for text in texts)
    best = dataset.grammar_loss()
    assert best == pytest.approx(choices * math.log(2))
    assert losses(dataset, lambda text, t: 1 / len(successors(text)[t - 1])) == pytest.approx(best)

    after = defaultdict(Counter)
    for text in texts:
        for one, two in pairwise(text):
            after[one][two] += 1

    def forgetful(text, t):  # knows the grammar, but not how the string began
        return 0.5 if t == len(text) - 2 else 1 / len(successors(text)[t - 1])

    bigrams = losses(
        dataset, lambda text, t: after[text[t - 1]][text[t]] / after[text[t - 1]].total()
    )
    assert best + 0.02 < losses(dataset, forgetful) < bigrams < math.log(7)


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="train, validation or test, got 'dev'"):
        EmbeddedReber(5, split="dev")
    for index in (-1, 5):
        with pytest.raises(IndexError, match=f"from 0 to 4, got {index}"):
            EmbeddedReber(5)[index]
