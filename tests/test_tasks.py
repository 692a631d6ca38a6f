"""Promise: every task can be trained, measured, saved and made again, on either implementation."""

import json
from dataclasses import replace
from math import isfinite

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnlab import data
from rnnlab.data import EmbeddedReber, load_digits
from rnnlab.data.files import VARIABLE, RemoteFile, sha1_of
from rnnlab.data.reber import SYMBOLS
from rnnlab.models import LanguageModel, Tagger
from rnnlab.tasks import CATALOGUE, Options, from_checkpoint, named
from rnnlab.tasks.gaps import strings_right
from rnnlab.training import Checkpoint, CheckpointError, checkpoints, fit

BOOK = b"The Time Machine, by\nH. G. Wells\n" * 40
NAMES = list(CATALOGUE)


@pytest.fixture(autouse=True)
def texts(monkeypatch, tmp_path):
    """A text that stands for *The Time Machine*, and a file of the reader's own."""
    file = RemoteFile("timemachine.txt", "http://nowhere.invalid", sha1_of(BOOK))
    monkeypatch.setattr(data.time_machine, "FILE", file)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / file.name).write_bytes(BOOK)
    (tmp_path / "mine.txt").write_text("Zeit ist 时间.\n" * 60, encoding="utf-8")
    return tmp_path


def tiny(name, texts, **chosen):
    """A task and small options for it."""
    small = {"hidden": 5, "batch_size": 4, "num_steps": 7, "characters": 300, "language": "zh"}
    small |= {"file": str(texts / "mine.txt")} if name == "text" else {}
    small |= {"gap": 24} if name in ("adding", "order") else {"gap": 3}
    task = named(name)
    return task, task.options(**{**small, **chosen})


def same(model, other):
    pairs = zip(model.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def logits_of(model, batch):
    if isinstance(model, LanguageModel):
        return model(batch.inputs[0])[0]  # its state, too, comes back
    return model(*batch.inputs)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("name", NAMES)
def test_both_implementations_have_the_same_first_loss(texts, name, cell):
    task, options = tiny(name, texts, cell=cell, layers=2)
    theirs = task.prepare(options)
    ours = task.prepare(replace(options, implementation="scratch", seed=1))
    assert any(type(m).__module__.startswith("rnnlab.scratch") for m in ours.model.modules())
    assert not any(type(m).__module__.startswith("rnnlab.scratch") for m in theirs.model.modules())
    batch = theirs.batches(0)

    def loss(setup):
        return setup.objective(setup.model.eval(), batch).loss

    assert not torch.isclose(loss(ours), loss(theirs), rtol=1e-5)
    ours.model.load_state_dict(theirs.model.state_dict())
    torch.testing.assert_close(loss(ours), loss(theirs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_learns_and_is_measured(texts, name):
    task, options = tiny(name, texts)
    setup = task.prepare(options)
    before = setup.objective(setup.model.eval(), setup.batches(0)).loss
    history = fit(setup.model, setup.batches, steps=2, objective=setup.objective)
    assert len(history) == 2
    assert all(isfinite(x) and x > 0 for x in (*history.losses, *history.norms))
    fit(setup.model, lambda *_: setup.batches(0), steps=10, objective=setup.objective)
    assert setup.objective(setup.model.eval(), setup.batches(0)).loss < before
    for measure in (setup.validation, setup.test):
        metrics = measure(setup.model)
        assert isfinite(metrics.loss)
        assert metrics.loss > 0
        assert 0 <= metrics.accuracy <= 1
        assert metrics.answers > 50
        assert measure(setup.model) == metrics
    assert setup.perplexing == isinstance(setup.model, LanguageModel)


@pytest.mark.parametrize("name", NAMES)
def test_a_setup_depends_on_the_seed_alone(texts, name):
    task, options = tiny(name, texts)
    a, b = task.prepare(options), task.prepare(options)
    other = task.prepare(replace(options, seed=7))
    assert same(a.model, b.model)
    assert not same(a.model, other.model)
    assert torch.equal(a.batches(3).inputs[0], b.batches(3).inputs[0])
    assert not torch.equal(a.batches(3).targets, other.batches(3).targets)


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_gives_the_model_back(texts, name, tmp_path):
    task, options = tiny(name, texts, layers=2, seed=5)
    setup = task.prepare(options)
    fit(setup.model, setup.batches, steps=1, objective=setup.objective)
    tensors = {f"model.{k}": v for k, v in setup.model.state_dict().items()}
    checkpoints.save(Checkpoint(tensors, task.about(options, setup)), tmp_path / "some.st")
    checkpoint = checkpoints.load(tmp_path / "some.st")
    if setup.perplexing:
        for path in (*texts.glob("*.txt"),):
            path.unlink()  # what a language model was trained on is not needed to use it
    found = from_checkpoint(checkpoint)
    assert found.task is task
    assert found.options == options
    assert not found.model.training
    batch = setup.batches(1)
    expected = logits_of(setup.model.eval(), batch)
    assert torch.equal(logits_of(found.model, batch), expected)
    assert (found.vocabulary is None) != setup.perplexing
    if found.vocabulary is not None:
        assert "".join(found.vocabulary.tokens) == setup.about["characters"]
    best = {f"best.{k}": v + 1 for k, v in setup.model.state_dict().items()}
    better = from_checkpoint(Checkpoint(tensors | best, checkpoint.about)).model
    assert not torch.equal(logits_of(better, batch), expected)


@pytest.mark.parametrize("name", ["digits", "order"])
def test_measures_are_those_of_a_plain_loop(texts, name):
    task, options = tiny(name, texts, hidden=8)
    setup = task.prepare(options)
    fit(setup.model, setup.batches, steps=20, objective=setup.objective, learning_rate=0.02)
    splits = {
        "digits": lambda split: load_digits(split).as_rows(),
        "order": lambda split: data.TemporalOrder(options.gap, 500, split=split),
    }
    found = []
    for split, measure in (("validation", setup.validation), ("test", setup.test)):
        loss, right, examples = 0.0, 0, splits[name](split)
        for k in range(len(examples)):
            x, label = examples[k]
            logits = setup.model.eval()(x[:, None])[0].detach()
            loss += cross_entropy(logits, torch.tensor(label)).item() / len(examples)
            right += int(logits.argmax()) == label
        metrics = measure(setup.model)
        assert metrics.answers == len(examples)
        assert metrics.loss == pytest.approx(loss, rel=1e-4)
        assert round(metrics.accuracy * len(examples)) == right > 0
        found.append(loss)
    assert found[0] != found[1]  # the splits differ


@pytest.mark.parametrize("name", ["book", "text", "time-machine", "copy", "adding", "order"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_forget_gates_begin_open(texts, name, cell):
    task, options = tiny(name, texts, cell=cell)
    weights = task.prepare(options).model.state_dict()
    (ours,), (zero,) = (
        [value for key, value in weights.items() if key.endswith(f"recurrent.{bias}")]
        for bias in ("bias_ih_l0", "bias_hh_l0")
    )
    H = options.hidden
    forget = (ours + zero)[H : 2 * H]
    assert (forget == 1).all() == (cell == "lstm")
    assert not (ours == 1)[:H].any()


def test_texts_are_cut_where_the_options_say(texts):
    text = data.load_time_machine()
    for characters in (0, 300):
        task, options = tiny("time-machine", texts, characters=characters)
        setup = task.prepare(options)
        tokens = data.Vocabulary(setup.about["characters"]).decode(setup.batches.tokens)
        assert tokens == text[: characters or len(text) * 9 // 10]
    setup = tiny("text", texts)[0].prepare(tiny("text", texts)[1])
    mine = (texts / "mine.txt").read_text(encoding="utf-8")
    assert len(setup.batches.dataset.tokens) == len(mine) * 9 // 10
    assert setup.about == {"characters": "".join(sorted(set(mine)))}


def test_options_are_the_chosen_then_the_tasks_then_the_general():
    task = named("dates")
    assert task.options() == replace(Options(), **task.defaults) != Options()
    assert task.options(hidden=3, cell=None) == replace(task.options(), hidden=3)
    assert task.options(hidden=3).hidden == 3
    assert task.options(hidden=3) != task.options()
    with pytest.raises(TypeError, match="depth"):
        task.options(depth=3)


# --- strings_right --------------------------------------------------------------------------------

#: The grammar once more, as its picture has it: pairs of nodes and the symbol on the way.
WAYS = ["01T", "02P", "11S", "13X", "22T", "24V", "32X", "35S", "43P", "45V", "56E"]


def may_follow(text):
    """The symbols that may follow each of a string's but the last, found by walking anew."""
    node, found = "0", ["TP", "B", "TP"]
    for symbol in text[3:-2]:
        node = next(way[1] for way in WAYS if way[0] == node and way[2] == symbol)
        found.append("".join(way[2] for way in WAYS if way[0] == node) or text[1])
    return [*found, "E"]


class Oracle(nn.Module):
    """Knows the grammar; with ``blind``, forgets the wrapper, as a short memory would."""

    def __init__(self, strings, blind):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.texts, self.blind = [strings.text(k) for k in range(len(strings))], blind

    def forward(self, x, lengths):
        first = x.argmax(-1).t().tolist()
        logits = torch.zeros(*x.shape)
        for b in range(x.shape[1]):
            read = "".join(SYMBOLS[k] for k in first[b][: int(lengths[b])])
            (text,) = {text for text in self.texts if text[:-1] == read}
            for t, ways in enumerate(may_follow(text)):
                forgotten = self.blind and t == len(text) - 3
                for symbol in "TP" if forgotten else ways:
                    logits[t, b, SYMBOLS.index(symbol)] = 3.0
        return logits


def test_knowing_the_grammar_is_right_and_forgetting_the_wrapper_is_wrong():
    strings = EmbeddedReber(60, split="test", seed=3)
    assert strings_right(Oracle(strings, blind=False), strings).accuracy == 1
    assert strings_right(Oracle(strings, blind=True), strings).accuracy == 0


def test_strings_are_judged_as_by_a_plain_loop():
    torch.manual_seed(0)
    strings = EmbeddedReber(150, split="validation", seed=4)
    model = Tagger(7, 7, 16, "gru", dropout=0.2, implementation="torch")
    batches = data.Batches(EmbeddedReber(10**6), 32, replacement=True)
    fit(model, batches, steps=250, learning_rate=0.02)
    right, loss, answers = 0, 0.0, 0
    model.eval()
    for k in range(len(strings)):
        text = strings.text(k)
        inputs, targets = strings[k]
        with torch.no_grad():
            logits = model(inputs[:, None])[:, 0]
        loss += cross_entropy(logits, targets, reduction="sum").item()
        answers += len(targets)
        right += all(
            min(scores[s] for s in ways) > max(scores[s] for s in set(SYMBOLS) - set(ways))
            for ways, scores in (
                (ways, dict(zip(SYMBOLS, row.tolist(), strict=True)))
                for ways, row in zip(may_follow(text), logits, strict=True)
            )
        )
    model.train()
    metrics = strings_right(model, strings)
    assert model.training
    assert 0 < right < len(strings)
    assert metrics.accuracy == pytest.approx(right / len(strings))
    assert metrics.answers == len(strings)
    assert metrics.loss == pytest.approx(loss / answers, rel=1e-4)


# --- errors ---------------------------------------------------------------------------------------


def test_what_cannot_be_is_refused(texts):
    with pytest.raises(ValueError, match=r"expected a task of book, .*reber, got 'chess'"):
        named("chess")
    cases = {
        "intents": ({"language": "de"}, "got 'de'"),
        "slots": ({"language": "de"}, "got 'de'"),
        "captions": ({"language": "de"}, "got 'de'"),
        "text": ({"file": None}, "give --file"),
        "time-machine": ({"characters": 10**6}, "got 1000000"),
        "adding": ({"gap": 3}, "got 3"),
        "order": ({"gap": 3}, "got 3"),
        "copy": ({"gap": -1}, "got -1"),
        "digits": ({"cell": "perceptron"}, "got 'perceptron'"),
        "book": ({"implementation": "other"}, "got 'other'"),
        "reber": ({"hidden": 0}, "hidden_size"),
    }
    for name, (wrong, message) in cases.items():
        task, options = tiny(name, texts)
        with pytest.raises(ValueError, match=message):
            task.prepare(replace(options, **wrong))


def test_checkpoints_of_something_else_are_refused(texts):
    task, options = tiny("copy", texts)
    setup = task.prepare(options)
    about = json.loads(json.dumps(task.about(options, setup)))
    weights = {f"model.{k}": v for k, v in setup.model.state_dict().items()}
    assert same(from_checkpoint(Checkpoint(weights, about)).model, setup.model)
    for wrong in ({"task": "chess"}, {"options": {"depth": 3}}, {"options": None}):
        with pytest.raises(CheckpointError, match="does not say how its model is made"):
            from_checkpoint(Checkpoint(weights, about | wrong))
    with pytest.raises(CheckpointError, match="does not say how its model is made"):
        from_checkpoint(Checkpoint(weights))
    for other in ({}, {"model.w": torch.zeros(2)}):
        with pytest.raises(CheckpointError, match="weights for a model of the task 'copy'"):
            from_checkpoint(Checkpoint(other, about))


@pytest.mark.parametrize("prompt", ["270", "-1", "", "seven", "²"])
def test_only_numbers_of_pictures_are_captioned(texts, prompt):
    task, options = tiny("captions", texts)
    model = task.prepare(options).model
    with pytest.raises(ValueError, match=f"0 to 269, got '{prompt}'"):
        task.respond(model, options, prompt)


@pytest.mark.parametrize("rule", ["additive", "dot"])
def test_dates_may_be_read_with_attention(texts, rule):
    task, options = tiny("dates", texts, attention=rule, cell="gru")
    setup, without = task.prepare(options), task.prepare(replace(options, attention="none"))
    assert without.model.attention is None
    assert setup.model.attention.attention.score.rule == rule
    before = setup.objective(setup.model.eval(), setup.batches(0)).loss
    fit(setup.model, lambda *_: setup.batches(0), steps=10, objective=setup.objective)
    assert setup.objective(setup.model.eval(), setup.batches(0)).loss < before
    with pytest.raises(ValueError, match="'additive', 'dot' or 'none', got 'linear'"):
        task.prepare(replace(options, attention="linear"))


def test_an_acrostic_is_answered_line_by_line(texts):
    task, options = tiny("verse", texts)
    setup = task.prepare(options)
    lines = task.respond(setup.model.eval(), options, "我爱中国").split()
    assert [line[0] for line in lines] == list("我爱中国")
    assert {len(line) for line in lines} == {5}
