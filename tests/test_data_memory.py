"""Promise: the answer follows from the inputs, and what forgetting costs is what is said."""

import math
from collections import Counter
from itertools import product

import pytest
import torch

from rnnlab.data import IGNORED, Adding, Copy, TemporalOrder, collate

TASKS = {
    "copy": lambda size, **kwargs: Copy(5, size, **kwargs),
    "adding": lambda size, **kwargs: Adding(30, size, **kwargs),
    "order": lambda size, **kwargs: TemporalOrder(30, size, **kwargs),
}
SHORTEST = {"copy": (Copy, 0), "adding": (Adding, 22), "order": (TemporalOrder, 10)}


def entropy(outcomes):
    """Nats per outcome of the best constant answer, which knows how often each comes."""
    counts = Counter(outcomes)
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values())


def contents(task, indices):
    return [tuple(map(str, task[k][0].flatten().tolist())) for k in indices]


@pytest.mark.parametrize("make", TASKS.values(), ids=TASKS)
class TestEveryTask:
    def test_seed_split_and_index_make_an_example(self, make):
        runs = list(product(range(3), ("train", "validation", "test")))
        seen = [contents(make(40, seed=s, split=p), range(40)) for s, p in runs]
        backwards = [contents(make(99, seed=s, split=p), range(39, -1, -1)) for s, p in runs]
        assert seen == [run[::-1] for run in backwards]
        assert len({example for run in seen for example in run}) == 9 * 40

    def test_what_does_not_exist_is_refused(self, make):
        with pytest.raises(ValueError, match="train, validation or test, got 'dev'"):
            make(5, split="dev")
        assert len(make(5)) == 5
        for index in (-1, 5):
            with pytest.raises(IndexError, match=f"from 0 to 4, got {index}"):
                make(5)[index]


@pytest.mark.parametrize(("task", "least"), SHORTEST.values(), ids=SHORTEST)
def test_too_short_is_refused(task, least):
    assert len(task(least, 3)[2][0]) >= least
    with pytest.raises(ValueError, match=f"of at least {least}, got {least - 1}"):
        task(least - 1, 3)


def test_nothing_to_copy_is_refused():
    with pytest.raises(ValueError, match="symbols of at least 1, got 0"):
        Copy(5, 3, symbols=0)


@pytest.mark.parametrize(("gap", "symbols"), [(0, 1), (5, 10), (100, 3)])
class TestCopy:
    def test_the_answer_is_the_letters_before_the_gap(self, gap, symbols):
        task = Copy(gap, 200, symbols=symbols)
        for k in range(200):
            inputs, targets = (x.tolist() for x in task[k])
            letters = inputs[:symbols]
            assert set(letters) <= set(range(8))
            assert inputs[symbols:] == [8] * gap + [9] + [8] * symbols
            assert targets == [IGNORED] * (symbols + gap + 1) + letters
        assert task.VOCABULARY == 10

    def test_letters_are_drawn_alike_so_guessing_costs_what_is_said(self, gap, symbols):
        task = Copy(gap, 9000 // symbols, symbols=symbols, seed=1)
        answers = [k for _, targets in map(task.__getitem__, range(len(task))) for k in targets]
        answers = [int(k) for k in answers if k != IGNORED]
        assert len(answers) == len(task) * symbols
        assert min(Counter(answers).values()) > 0.1 * len(answers)
        assert abs(entropy(answers) - task.memoryless_loss) < 3e-3
        assert abs(entropy([k // 2 for k in answers]) - task.memoryless_loss) > 0.5  # control


def test_copies_make_batches():
    task = Copy(4, 9, symbols=2)
    (inputs, lengths), targets = collate(task, [8, 1])
    assert lengths.tolist() == [9, 9]
    for b, k in enumerate((8, 1)):
        assert torch.equal(inputs[:, b], task[k][0])
        assert torch.equal(targets[:, b], task[k][1])


@pytest.mark.parametrize("length", [22, 50, 105])
class TestAdding:
    def test_the_answer_is_the_sum_of_the_marked(self, length):
        task, lengths, zeros = Adding(length, 800), set(), 0
        starts, others = set(), set()
        for k in range(800):
            sequence, target = task[k]
            numbers, marks = sequence.t().tolist()
            marked = [t for t, mark in enumerate(marks) if mark == 1]
            assert len(marked) == 2
            assert target == pytest.approx(0.5 + sum(numbers[t] for t in marked) / 4, abs=1e-6)
            assert 0 <= target <= 1
            assert marked[0] < 10
            assert marked[1] < length // 2
            assert all(-1 <= number <= 1 for number in numbers)
            assert [t for t, mark in enumerate(marks) if mark == -1] == (
                [len(marks) - 1] if 0 in marked else [0, len(marks) - 1]
            )
            assert set(marks) == {-1, 0, 1}
            assert (numbers[0] == 0) == (0 in marked)
            zeros += 0 in marked
            lengths.add(len(marks))
            starts.add(marked[0])
            others.add(marked[1])
        assert lengths == set(range(length, length + length // 10 + 1))
        assert starts == set(range(min(10, length // 2 - 2)))
        assert max(others) >= length // 2 - 4  # all of the first half is used
        assert 40 < zeros < 240

    def test_a_constant_cannot_do_better_than_one_half(self, length):
        task = Adding(length, 4000, seed=1)
        targets = torch.tensor([task[k][1] for k in range(4000)])
        assert abs(targets.mean() - 0.5) < 0.01
        assert targets.std() > 0.15
        wide = (targets - 0.5).abs() > Adding.TOLERANCE
        assert 0.75 < wide.double().mean() < 0.9  # and is seldom right

    def test_forgetting_costs_what_is_said(self, length):
        task = Adding(length, 10_000, seed=2)
        targets = torch.tensor([task[k][1] for k in range(10_000)])
        found = (targets - 0.5).square().mean().item()
        assert found == pytest.approx(task.memoryless_loss, rel=0.03)


def test_sums_make_batches_of_numbers():
    task = Adding(40, 9)
    (inputs, lengths), targets = collate(task, [3, 7, 1])
    assert targets.dtype == inputs.dtype == torch.float32
    for b, k in enumerate((3, 7, 1)):
        sequence, target = task[k]
        assert torch.equal(inputs[: lengths[b], b], sequence)
        assert (inputs[lengths[b] :, b] == 0).all()
        assert targets[b].item() == pytest.approx(target)
    assert len(set(lengths.tolist())) > 1


@pytest.mark.parametrize("length", [10, 37, 100])
class TestTemporalOrder:
    def test_the_class_is_the_order_of_the_two(self, length):
        task, lengths, places = TemporalOrder(length, 600), set(), set()
        tenth = length // 10
        for k in range(600):
            text, order = task.text(k)
            found = [t for t, symbol in enumerate(text) if symbol in "XY"]
            assert len(found) == 2
            assert order == text[found[0]] + text[found[1]]
            assert text[0] + text[-1] == "EB"
            assert set(text[1:-1]) <= set("abcdXY")
            places.add(found[0])
            assert 5 * tenth <= found[1]
            lengths.add(len(text))
        assert places == set(range(tenth, 2 * tenth))
        assert lengths == set(range(length, length + tenth + 1))

    def test_the_second_is_in_the_sixth_tenth(self, length):
        task, tenth = TemporalOrder(length, 600), length // 10
        texts = [task.text(k)[0] for k in range(600)]
        places = {max(text.rfind("X"), text.rfind("Y")) for text in texts}
        assert places == set(range(5 * tenth, 6 * tenth))

    def test_the_network_reads_what_the_text_says(self, length):
        task = TemporalOrder(length, 50)
        for k in range(50):
            text, order = task.text(k)
            inputs, label = task[k]
            assert inputs.dtype == torch.float32
            assert (inputs.sum(1) == 1).all()
            assert "".join("EBabcdXY"[j] for j in inputs.argmax(1)) == text
            assert ("XX", "XY", "YX", "YY")[label] == order

    def test_classes_are_drawn_alike_so_guessing_costs_what_is_said(self, length):
        task = TemporalOrder(length, 3000, seed=1)
        texts, labels = zip(*map(task.text, range(3000)), strict=True)
        assert set(labels) == set(TemporalOrder.CLASSES)
        assert min(Counter(labels).values()) > 650
        assert abs(entropy(labels) - task.memoryless_loss) < 5e-3
        fillers = Counter("".join(texts)[1:])
        assert min(fillers[s] for s in "abcd") > 0.9 * max(fillers[s] for s in "abcd")


def test_orders_make_batches():
    task = TemporalOrder(40, 9)
    (inputs, lengths), labels = collate(task, range(9))
    for b in range(9):
        sequence, label = task[b]
        assert torch.equal(inputs[: lengths[b], b], sequence)
        assert (inputs[lengths[b] :, b] == 0).all()
        assert labels[b] == label
    assert len(set(lengths.tolist())) > 1
