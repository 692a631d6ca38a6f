"""Promise: training learns, repeats, is the same on both implementations, and fails loudly."""

import contextlib
import math
import os
import subprocess
import sys

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from repository import ROOT
from runs import held_out, train
from torch import nn

from rnnlab.data import IGNORED, Adding, Batch, Batches, TaggedSequences, random_windows
from rnnlab.models import LanguageModel, SequenceClassifier, Tagger
from rnnlab.training import (
    Metrics,
    classification,
    constant,
    cosine,
    default_device,
    evaluate,
    evaluate_text,
    fit,
    loss_of,
    regression,
    warm_up,
)

V = 5
PATTERN = torch.tensor([0, 1, 2, 0, 3, 4] * 60)


def model_of(cell="lstm", implementation="scratch"):
    torch.manual_seed(0)
    return LanguageModel(V, 12, cell, implementation=implementation).double()


def windows(seed=0, batch_size=32, num_steps=8):
    return random_windows(PATTERN, batch_size, num_steps, seed=seed)


def test_a_repeating_text_is_learned():
    model = model_of()
    before = evaluate_text(model, PATTERN)
    history = fit(model, windows(0, 8, 12), steps=120, learning_rate=0.03)
    after = evaluate_text(model, PATTERN)
    assert before.loss == pytest.approx(math.log(V), abs=0.2)
    assert after.loss < 0.05  # a character alone leaves 1/3 · ln 2 = 0.23 open: what follows a 0
    assert after.accuracy > 0.98 > before.accuracy
    assert len(history) == 120
    assert history.losses[-1] < 0.1 * history.losses[0]


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    runs = [fit(model_of(), windows(seed, 2, 4), steps=5) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_repeats_are_identical_to_the_last_bit():
    (one, history), (two, again) = train(), train()
    assert all(torch.equal(p, q) for p, q in zip(one.parameters(), two.parameters(), strict=True))
    assert history == again


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_both_implementations_train_alike(cell):
    runs = [fit(model_of(cell, i), windows(), steps=20) for i in ("scratch", "torch")]
    assert runs[0].losses == pytest.approx(runs[1].losses, abs=1e-9)


def test_the_loop_is_the_one_that_one_would_write():
    """Adam, clipping and the schedule, against the same written out once more."""
    model, twin = model_of(), model_of()
    history = fit(model, windows(), steps=9, learning_rate=0.02, clip=0.1, schedule=cosine)
    optimiser = torch.optim.Adam(twin.parameters())
    for step in range(9):
        optimiser.param_groups[0]["lr"] = 0.02 * (1 + math.cos(math.pi * step / 9)) / 2
        (inputs,), targets = windows()(step)
        loss = nn.functional.cross_entropy(twin(inputs)[0].flatten(0, 1), targets.flatten())
        optimiser.zero_grad()
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in twin.parameters()]).norm()
        assert history.losses[step] == pytest.approx(loss.item(), abs=1e-12)
        assert history.norms[step] == pytest.approx(norm.item(), rel=1e-9)
        assert norm > 0.1  # or nothing would be clipped
        for p in twin.parameters():
            p.grad *= 0.1 / (norm + 1e-6)
        optimiser.step()
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(p, q, rtol=0, atol=1e-9)


def test_the_optimiser_is_the_callers():
    model, twin = model_of(), model_of()
    fit(model, windows(), steps=1, learning_rate=0.5, clip=1e9, optimiser=torch.optim.SGD)
    (inputs,), targets = windows()(0)
    loss_of(twin(inputs)[0], targets).backward()
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(p, q - 0.5 * q.grad)


def test_clipping_bounds_the_step():
    model = model_of()
    with torch.no_grad():
        model.decoder.weight.mul_(100)
    clipped = []
    original = nn.utils.clip_grad_norm_

    def spy(parameters, clip):
        result = original(parameters := list(parameters), clip)
        clipped.append(torch.stack([p.grad.norm() for p in parameters]).norm().item())
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.utils, "clip_grad_norm_", spy)
        history = fit(model, windows(), steps=3, clip=0.25)
    assert max(history.norms) > 0.25
    assert all(norm <= 0.25 + 1e-9 for norm in clipped)


@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_what_is_not_finite_stops_the_run_and_leaves_the_weights(what):
    model = model_of()
    if what == "loss":
        with torch.no_grad():
            model.decoder.bias[0] = math.nan
    else:
        model.decoder.weight.register_hook(lambda grad: grad * math.inf)
    before = [p.clone() for p in model.parameters()]
    message = r"got loss \S+ and gradient norm (nan|inf) at step 0: try a smaller learning rate"
    with pytest.raises(FloatingPointError, match=message):
        fit(model, windows(), steps=2)
    for p, q in zip(model.parameters(), before, strict=True):
        torch.testing.assert_close(p, q, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps of at least 1, got 0"),
        ({"evaluate_every": 0}, "evaluate_every of at least 1, got 0"),
        ({"patience": 3}, "patience=3 and evaluate=None"),
        ({"goal": lambda _: True}, "expected evaluate="),
        ({"patience": 0, "evaluate": held_out}, "patience of at least 1"),
        ({"precision": "int8"}, "bfloat16 or float16, got 'int8'"),
    ],
)
def test_unusable_settings_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        fit(model_of(), windows(), **{"steps": 3, **options})


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what a machine without a GPU says")
def test_half_precision_needs_a_gpu():
    with pytest.raises(ValueError, match="a model on a GPU for precision='bfloat16', got cpu"):
        fit(model_of(), windows(), steps=3, precision="bfloat16")


# --- evaluation, early stopping, schedules --------------------------------------------------------


def test_evaluations_happen_when_they_should():
    model = model_of()
    history = fit(
        model, windows(), steps=25, evaluate=lambda m: evaluate_text(m, PATTERN), evaluate_every=10
    )
    assert [step for step, _ in history.evaluations] == [10, 20, 25]
    assert history.evaluations[-1][1] == evaluate_text(model, PATTERN)
    assert model.training


def scripted(losses):
    """Measure what a list says, one after the other."""
    left = iter(losses)
    return lambda _: Metrics(next(left), 0.0, 1)


def test_patience_stops_and_goes_back_to_the_best_weights():
    model, twin = model_of(), model_of()
    history = fit(
        model,
        windows(),
        steps=50,
        evaluate=scripted([5.0, 3.0, 4.0, 3.5, 1.0]),
        evaluate_every=2,
        patience=2,
    )
    fit(twin, windows(), steps=4)  # the best was measured after 4 steps
    assert len(history) == 8
    assert history.stopped == "no lesser loss in 2 evaluations"
    assert history.best()[0] == 4
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(p, q)


def test_a_goal_ends_the_run_at_the_first_evaluation_that_meets_it():
    scores = iter([0.2, 0.9, 0.5, 0.95, 1.0])
    history = fit(
        model_of(),
        windows(),
        steps=50,
        evaluate=lambda _: Metrics(1.0, next(scores), 10),
        evaluate_every=2,
        goal=lambda metrics: metrics.accuracy > 0.9,
    )
    assert len(history) == 8
    assert history.stopped == "the goal is reached"
    assert [metrics.accuracy for _, metrics in history.evaluations] == [0.2, 0.9, 0.5, 0.95]


def test_patience_lets_progress_go_on():
    losses = [5.0, 4.0, 4.5, 3.0, 3.5, 2.0]
    history = fit(
        model_of(), windows(), steps=6, evaluate=scripted(losses), evaluate_every=1, patience=2
    )
    assert len(history) == 6
    assert history.stopped is None


def test_schedules():
    assert constant(3, 10) == 1
    assert [cosine(k, 4) for k in (0, 2, 4)] == pytest.approx([1, 0.5, 0])
    rising = warm_up(0.25)
    assert [rising(k, 8) for k in (0, 1, 2, 5, 8)] == pytest.approx([0.5, 1, 1, 0.5, 0])
    with pytest.raises(ValueError, match=r"below 1, got 1\.5"):
        warm_up(1.5)


# --- scores ---------------------------------------------------------------------------------------


def test_loss_is_the_mean_over_characters():
    logits = torch.randn(3, 2, V, dtype=torch.float64)
    targets = torch.randint(V, (3, 2))
    each = [-logits[t, b].log_softmax(0)[targets[t, b]] for t in range(3) for b in range(2)]
    torch.testing.assert_close(loss_of(logits, targets), torch.stack(each).mean())


def test_what_is_ignored_does_not_count():
    logits = torch.randn(4, 3, V, dtype=torch.float64)
    targets = torch.randint(V, (4, 3))
    targets[2:, 1] = IGNORED
    score = classification(lambda x: x, Batch((logits,), targets))
    real = targets != IGNORED
    picked = logits.log_softmax(-1)[real].gather(1, targets[real][:, None])
    torch.testing.assert_close(score.loss, -picked.sum())
    assert score.answers == 10
    assert score.right == (logits.argmax(-1)[real] == targets[real]).sum()


def test_regression_scores_errors_and_tolerance():
    answers = torch.tensor([[0.5], [0.9], [0.1]])
    targets = torch.tensor([0.53, 0.8, 0.1])
    score = regression(0.04)(lambda x: x, Batch((answers,), targets))
    torch.testing.assert_close(score.loss, ((answers[:, 0] - targets) ** 2).sum())
    assert (score.right, score.answers) == (2, 3)


def test_evaluation_does_not_depend_on_the_batch_size():
    generator = torch.Generator().manual_seed(0)
    lengths = [3, 7, 1, 5, 4]
    sequences = [torch.randint(V, (n,), generator=generator) for n in lengths]
    dataset = TaggedSequences([(s, (s + 1) % V) for s in sequences])
    torch.manual_seed(0)
    model = Tagger(V, V, 6, embedding_size=4, dropout=0.5).double()
    results = [evaluate(model, dataset, batch_size=size) for size in (1, 2, 5)]
    assert results[0].answers == sum(lengths)
    for result in results[1:]:
        assert result == pytest.approx(results[0], abs=1e-12)
    assert model.training
    with pytest.raises(ValueError, match="at least one example"):
        evaluate(model, TaggedSequences([]))


def test_a_number_can_be_learned():
    torch.manual_seed(0)
    train_set, test_set = Adding(22, 10**6), Adding(22, 200, split="test")

    model = SequenceClassifier(2, 1, 16, "gru", implementation="torch")
    score = regression(Adding.TOLERANCE)
    before = evaluate(model, test_set, objective=score)
    batches = Batches(train_set, 32, replacement=True)
    fit(model, batches, steps=150, learning_rate=2e-2, objective=score)
    after = evaluate(model, test_set, objective=score)
    assert after.loss < 0.5 * train_set.memoryless_loss
    assert after.accuracy > before.accuracy


def test_evaluation_carries_the_state_and_weighs_every_character_alike():
    model = model_of("gru")
    whole = evaluate_text(model, PATTERN, batch_size=1, num_steps=1000)
    pieces = evaluate_text(model, PATTERN, batch_size=1, num_steps=7)
    assert pieces == pytest.approx(whole, abs=1e-12)
    logits, _ = model(PATTERN[:-1, None])
    assert whole.loss == pytest.approx(loss_of(logits, PATTERN[1:, None]).item(), abs=1e-12)
    assert whole.bits == pytest.approx(whole.loss / math.log(2))
    assert whole.perplexity == pytest.approx(math.exp(whole.loss))


def test_evaluation_leaves_the_model_as_it_was():
    model = model_of().train()
    evaluate_text(model, PATTERN)
    assert model.training
    evaluate_text(model.eval(), PATTERN)
    assert not model.training


def test_history_draws_itself():
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("agg")
    _, history = train(steps=21)
    axes = history.plot()
    drawn = [line.get_xydata() for line in axes.get_lines()]
    assert drawn[0][:, 1].tolist() == pytest.approx(history.losses)
    assert drawn[-1][:, 0].tolist() == [7, 14, 21]
    assert drawn[-1][:, 1].tolist() == pytest.approx([m.loss for _, m in history.evaluations])
    with pytest.raises(ValueError, match="at least one evaluation"):
        fit(model_of(), windows(), steps=1).best()


def test_a_bar_shows_how_far_it_is(capsys):
    fit(model_of(), windows(), steps=4, progress=True, evaluate=held_out_pattern, evaluate_every=2)
    shown = capsys.readouterr().err
    assert "4/4" in shown
    assert "held out=" in shown


BAR = """
import torch
from rnnlab import data, models, training
windows = data.random_windows(torch.arange(60) % 5, 2, 4)
training.fit(models.LanguageModel(5, 4), windows, steps=3, progress=True).losses[0] > 0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_bar_is_right_in_a_terminal():
    import termios  # noqa: PLC0415 - not on Windows

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen([sys.executable, "-c", BAR], stdout=theirs, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end, as Linux reports it
        while piece := os.read(ours, 1000):
            shown += piece
    os.close(ours)
    assert process.wait() == 0
    assert shown.count(b"\r") > 1  # one line, drawn again and again
    assert b"3/3" in shown


def test_a_bar_is_right_in_a_notebook():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BAR)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    kinds = [kind for output in notebook.cells[0].outputs for kind in output.get("data", {})]
    assert "application/vnd.jupyter.widget-view+json" in kinds
    assert "stderr" not in [output.get("name") for output in notebook.cells[0].outputs]


def held_out_pattern(model):
    return evaluate_text(model, PATTERN)


def test_default_device_is_the_gpu_where_there_is_one():
    assert default_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gpu_trains_like_the_cpu(cell):
    on_cpu = fit(model_of(cell), windows(), steps=20)
    on_gpu = fit(model_of(cell).cuda(), windows(), steps=20)
    assert on_gpu.losses == pytest.approx(on_cpu.losses, abs=1e-9)


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns(precision):
    model = model_of().float().cuda()
    fit(model, windows(0, 8, 12), steps=150, learning_rate=0.03, precision=precision)
    assert evaluate_text(model, PATTERN.cuda()).loss < 0.1
