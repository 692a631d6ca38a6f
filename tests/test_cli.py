"""Promise: every command does what its help says, and what goes wrong ends in one line."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
from contextlib import redirect_stdout
from io import StringIO
from math import exp

import click
import pytest
import torch
from torch import nn

from rnnlab import __version__, parameters
from rnnlab.cli import main
from rnnlab.cli.app import cli
from rnnlab.data import load_digits, load_intents
from rnnlab.data.dates import START, STOP, source_tokens, target_vocabulary
from rnnlab.data.digits import caption_vocabulary
from rnnlab.data.files import VARIABLE, RemoteFile, sha1_of
from rnnlab.data.sheets import SHEETS
from rnnlab.tasks import CATALOGUE, from_checkpoint
from rnnlab.training import Checkpoint, checkpoints

TEXT = "the cat sat on the mat; 猫坐在垫子上。 naïve\n" * 20
BOOK = b"The Time Machine, by\nH. G. Wells\n" * 20
READ = "the time machine byh g wells" * 20
TINY = ("--steps", "3", "--hidden", "4", "--no-progress", "--batch-size", "8", "--device", "cpu")


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """An empty data folder, and no network."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))

    def offline(*_, **__):
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr("rnnlab.data.files.urllib.request.urlopen", offline)
    return tmp_path / "data"


@pytest.fixture
def book(home, monkeypatch):
    """A text that stands for *The Time Machine*, where it is looked for."""
    file = RemoteFile("timemachine.txt", "http://nowhere.invalid", sha1_of(BOOK))
    for module in ("data.time_machine", "data.sheets", "cli.data"):
        monkeypatch.setattr(f"rnnlab.{module}.FILE", file)
    home.mkdir()
    (home / file.name).write_bytes(BOOK)
    return home / file.name


@pytest.fixture
def run(capsys):
    """Run a command: its exit code, output and errors."""

    def running(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return running


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Checkpoints of the tasks that answer prompts, and the output of their training."""
    folder, outputs = tmp_path_factory.mktemp("trained"), {}
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    options = {
        "text": ["--file", folder / "text.txt", "--num-steps", "10"],
        "intents": ["--language", "zh"],
        "slots": ["--language", "zh"],
        "captions": ["--cell", "gru"],
        "dates": [],
        "order": ["--gap", "10"],
    }
    for name, extra in options.items():
        arguments = ["train", "--task", name, *TINY, *extra, "--save", folder / f"{name}.st"]
        with redirect_stdout(StringIO()) as output:
            assert main([str(argument) for argument in arguments]) == 0
        outputs[name] = output.getvalue()
    return folder, outputs


def one_line(error):
    return error.startswith("rnnlab: ") and error.count("\n") == 1 and error.endswith("\n")


# --- train, evaluate --------------------------------------------------------------------------


def test_training_says_how_good_and_how_fast_in_d2ls_words(trained):
    folder, outputs = trained
    first, held_out, saved = outputs["text"].splitlines()
    found = re.fullmatch(r"perplexity (\d+\.\d), \d+\.\d tokens/sec on cpu", first)
    losses = checkpoints.load(folder / "text.st").about["history"]["losses"]
    assert len(losses) == 3
    assert len(TEXT) * 9 // 10 // (8 * 10) >= 3  # an epoch has more steps than the run
    assert float(found[1]) == pytest.approx(exp(sum(losses) / 3), abs=0.051)
    assert re.fullmatch(
        r"held out: perplexity \d+\.\d\d, \d\.\d{3} bits per character, \d+ characters", held_out
    )
    assert saved == f"saved to {folder / 'text.st'}"


def test_the_perplexity_is_that_of_the_last_epoch(run, tmp_path):
    (tmp_path / "short").write_text(TEXT[:200], encoding="utf-8")
    path = tmp_path / "run.st"
    code, out, _ = run("train", "--task", "text", "--file", tmp_path / "short", *TINY,
                       "--num-steps", 9, "--learning-rate", 0.5, "--save", path)  # fmt: skip
    assert code == 0
    losses = checkpoints.load(path).about["history"]["losses"]
    assert 180 // (8 * 9) == 2  # steps in an epoch
    assert f"perplexity {exp(sum(losses[1:]) / 2):.1f}," in out
    assert f"perplexity {exp(sum(losses) / 3):.1f}," not in out


@pytest.mark.parametrize("name", ["text", "intents", "slots", "captions", "dates", "order"])
def test_evaluating_a_checkpoint_repeats_what_training_said(trained, run, name):
    folder, outputs = trained
    code, out, err = run("evaluate", folder / f"{name}.st", "--device", "cpu")
    assert (code, err) == (0, "")
    measured = re.search(r"held out: (.*)", outputs[name])[1]
    assert out == f"{name}, test: {measured}\n"
    code, out, _ = run("evaluate", folder / f"{name}.st", "--split", "validation")
    assert code == 0
    assert out.startswith(f"{name}, validation: ")
    assert (out == f"{name}, validation: {measured}\n") == (name == "text")  # texts have one split


@pytest.mark.parametrize("task", ["digits", "time-machine"])  # which reads on, with a state
def test_the_same_command_goes_on_and_ends_as_if_it_had_not_been_stopped(run, tmp_path, book, task):
    command = ("train", "--task", task, *TINY, "--characters", 250, "--num-steps", 5)
    parts, whole = tmp_path / "parts.st", tmp_path / "whole.st"
    assert run(*command, "--save", parts)[0] == 0
    three = checkpoints.load(parts)
    assert run(*command, "--save", parts, "--steps", 7)[0] == 0
    assert run(*command, "--save", whole, "--steps", 7)[0] == 0
    a, b = checkpoints.load(parts), checkpoints.load(whole)
    assert a.about["history"] == b.about["history"]
    assert a.about["history"]["losses"][:3] == three.about["history"]["losses"]
    assert a.tensors.keys() == b.tensors.keys()
    assert all(torch.equal(a.tensors[name], b.tensors[name]) for name in b.tensors)
    name = "model.decoder.weight"
    assert not torch.equal(a.tensors[name], three.tensors[name])
    before = parts.read_bytes()
    code, out, _ = run(*command, "--save", parts, "--steps", 7)
    assert code == 0
    assert re.search(r", 0\.0 (examples|tokens)/sec", out)
    assert parts.read_bytes() == before


def test_patience_stops_and_says_so(run):
    code, out, _ = run("train", "--task", "digits", *TINY, "--steps", 50, "--learning-rate", 3,
                       "--evaluate-every", 1, "--patience", 1, "--schedule", "warm-up")  # fmt: skip
    assert code == 0
    assert re.match(r"stopped after \d+ steps: no lesser loss in 1 evaluations\n", out)


def test_tasks_are_listed(run):
    code, out, _ = run("train", "--tasks")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(CATALOGUE)
    assert all(task.summary in out and task.shape in out for task in CATALOGUE.values())


# --- generate ---------------------------------------------------------------------------------


def test_a_language_model_writes_on(trained, run):
    def text(*options, prompt="猫坐 ï", length=30):
        code, out, err = run("generate", trained[0] / "text.st", "--prompt", prompt, "--length",
                             length, *options)  # fmt: skip
        assert (code, err) == (0, "")
        assert out.startswith(prompt)
        assert out.endswith("\n")
        assert len(out) == len(prompt) + length + 1
        assert set(out) <= set(TEXT)
        return out

    assert text() == text("--seed", 0)
    assert text() != text("--seed", 1)
    assert text(length=7)[:-1] == text()[: 4 + 7]
    likeliest = text("--temperature", 0)
    assert likeliest == text("--temperature", 0, "--seed", 1) == text("--top-k", 1, "--seed", 2)
    assert likeliest != text()
    assert text("--top-k", 999) == text()
    model = from_checkpoint(checkpoints.load(trained[0] / "text.st"))
    indices = model.vocabulary.encode("猫坐 ï").tolist()
    for _ in range(30):  # by hand, reading everything anew for each character
        logits, _ = model.model(torch.tensor(indices))
        indices.append(int(logits[-1].argmax()))
    assert likeliest == model.vocabulary.decode(indices) + "\n"


def test_a_text_is_needed_to_measure_but_not_to_write(run, tmp_path):
    text, path = tmp_path / "mine.txt", tmp_path / "mine.st"
    text.write_text(TEXT, encoding="utf-8")
    assert run("train", "--task", "text", "--file", text, *TINY, "--save", path)[0] == 0
    text.unlink()
    assert run("generate", path, "--prompt", "c")[0] == 0
    code, _, err = run("evaluate", path)
    assert code == 1
    assert one_line(err)
    assert "mine.txt" in err


def test_a_text_that_has_changed_is_not_measured_with_other_indices(run, tmp_path):
    text, path = tmp_path / "mine.txt", tmp_path / "mine.st"
    text.write_text("abcd efgh. " * 40, encoding="utf-8")
    assert run("train", "--task", "text", "--file", text, *TINY, "--save", path)[0] == 0
    text.write_text("vwxy zäöü. " * 40, encoding="utf-8")  # as many characters, but others
    code, _, err = run("evaluate", path)
    assert code == 1
    assert one_line(err)


def by_hand(score, start, stop, most):
    """Write the likeliest tokens one by one, scoring everything anew each time."""
    tokens = [start]
    while len(tokens) <= most and tokens[-1] != stop:
        tokens.append(int(score(torch.tensor(tokens)[:, None])[-1, 0].argmax()))
    return [k for k in tokens[1:] if k != stop]


def test_other_models_answer(trained, run):
    def answer(name, prompt):
        code, out, err = run("generate", trained[0] / f"{name}.st", "--prompt", prompt)
        assert (code, err) == (0, "")
        return out.removesuffix("\n"), from_checkpoint(checkpoints.load(trained[0] / f"{name}.st"))

    intents = load_intents("zh")
    tokens = intents.encode("现在几点了？")
    out, (_, _, model, *_) = answer("intents", "现在几点了？")
    assert out == intents.intents[int(model(tokens[:, None]).argmax())]
    out, (_, _, model, *_) = answer("slots", "现在几点了？")
    tags = [intents.tags[k] for k in model(tokens[:, None])[:, 0].argmax(-1).tolist()]
    assert out == " ".join(f"{c}/{tag}" for c, tag in zip("现在几点了？", tags, strict=True))

    out, (_, _, model, *_) = answer("captions", "17")
    letters, image = caption_vocabulary(), load_digits("test").images[17].reshape(1, 64)
    start, stop = letters[START], letters[STOP]
    assert out == letters.decode(by_hand(lambda t: model(image, t), start, stop, 8))

    out, (_, _, model, *_) = answer("dates", "de 3. Mai 2024")
    figures, source = target_vocabulary(), source_tokens("de", "3. Mai 2024")[:, None]
    start, stop = figures[START], figures[STOP]
    assert out == figures.decode(by_hand(lambda t: model(source, None, t), start, stop, 12))


# --- errors -----------------------------------------------------------------------------------

ERRORS = {
    "evaluate {}/nowhere.st": "got no such file",
    "generate {}/nowhere.st --prompt a": "got no such file",
    "evaluate {}/text.txt": "text.txt to be a checkpoint",
    "evaluate {}/cut.st": "cut.st to be a checkpoint",
    "evaluate {}/changed.st": "changed.st as it was written",
    "evaluate {}/weights.st": "does not say how its model is made",
    "train --task digits --save {}/cut.st": "cut.st to be a checkpoint",
    "train --task text": "give --file",
    "train --task digits --device abacus": "got 'abacus'",
    "evaluate {}/order.st --device abacus": "got 'abacus'",
    "train --task digits --precision bfloat16 --device cpu": "a model on a GPU",
    "train --task digits --batch-size 9999": "1257, the number of examples, got 9999",
    "train --task adding --gap 5": "length of at least 22",
    "train --task captions --save {}/order.st --batch-size 8": "task 'order', now 'captions'",
    "train --task order --save {}/order.st --hidden 5 --batch-size 8": "hidden 4, now 5",
    "train --task order --save {}/order.st --hidden 4 --batch-size 9": "batch_size 8, now 9",
    "train --task order --save {}/order.st --hidden 4 --batch-size 8 --clip 2": "clip 1.0, now 2",
    "train --task time-machine": f"set {VARIABLE}",
    "generate {}/text.st --prompt cXY": "got ['X', 'Y']",
    "generate {}/text.st --prompt=": "at least one token",
    "generate {}/order.st --prompt X": "use rnnlab evaluate",
    "generate {}/captions.st --prompt 9999": "0 to 269",
    "generate {}/dates.st --prompt tlh:1": "got ['<tlh:1>']",
    "params lstm 3 4 --projection 4": "proj_size < hidden_size=4",
    "data fetch time-machine": f"set {VARIABLE}",
}


@pytest.fixture
def files(trained):
    """The folder of the checkpoints, with damaged ones among them."""
    folder, _ = trained
    content = (folder / "order.st").read_bytes()
    (folder / "cut.st").write_bytes(content[: len(content) // 2])
    (folder / "changed.st").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    checkpoints.save(Checkpoint({"model.w": torch.zeros(1)}), folder / "weights.st")
    return folder


@pytest.mark.parametrize("command", ERRORS)
def test_an_error_is_one_line(files, run, command):
    before = {path: path.read_bytes() for path in files.iterdir()}
    code, _, err = run(*command.format(files).split())
    assert code == 1
    assert one_line(err)
    assert ERRORS[command] in err
    assert before == {path: path.read_bytes() for path in files.iterdir()}


def test_debugging_shows_the_traceback(files, run):
    code, _, err = run("--debug", "evaluate", files / "cut.st")
    assert code == 1
    assert err.startswith("Traceback (most recent call last):")
    assert "CheckpointError" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    [
        "train --task digits --device meta",
        "generate {}/intents.st --prompt=",
        "generate {}/slots.st --prompt=",
        "generate {}/text.st --prompt c --temperature nan",
        "evaluate {}/no-model.st",
    ],
)
def test_these_errors_should_be_one_line_too(files, run, command):
    about = checkpoints.load(files / "order.st").about
    about.pop("model")
    checkpoints.save(Checkpoint({}, about), files / "no-model.st")
    code, _, err = run(*command.format(files).split())
    assert code == 1
    assert one_line(err)


def test_a_run_does_not_go_on_with_another_task(files, run):
    code, _, err = run("train", "--task", "order", "--save", files / "order.st", *TINY, "--gap", 12)
    assert code == 1
    assert "gap" in err


@pytest.mark.parametrize(
    "command",
    ["", "fly", "train", "train --task flying", "train --task digits --steps 0", "data",
     "train --task digits --learning-rate 0", "train --task text --file {}/nowhere", "evaluate",
     "generate {}/text.st", "generate {}/text.st --prompt c --temperature -1", "evaluate {}",
     "params lstm 3 0", "params perceptron 3 4", "data describe mnist", "completion powershell"],
)  # fmt: skip
def test_what_is_not_understood_is_2(files, run, command):
    code, out, err = run(*command.format(files).split())
    assert code == 2
    assert out == ""
    assert err.startswith("Usage: rnnlab")
    assert "Traceback" not in err


# --- help, params, doctor, completion ---------------------------------------------------------


def commands(group=cli, path=()):
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


@pytest.mark.parametrize(
    "path",
    list(commands()),
    ids=lambda path: "-".join(("rnnlab", *path)),
)
def test_help_has_an_example_of_the_command(run, path):
    code, out, _ = run(*path, "--help")
    assert code == 0
    assert out.startswith(f"Usage: {' '.join(('rnnlab', *path))} ")
    assert re.search(r"\n  Examples?:\n", out)
    shown = re.findall(r"\n +(?:torchrun .* -m )?(rnnlab .*)", out.split("Example")[1])
    assert shown
    assert all(line.startswith(" ".join(("rnnlab", *path))) for line in shown)
    for line in shown:  # every example is understood, up to running it
        words = re.sub(r'"[^"]*"', "x", line.split(" >")[0]).split()[1:]
        group = cli
        while isinstance(group, click.Group):
            group = group.commands[words.pop(0)]
        group.make_context("rnnlab", words)


def test_version(run):
    assert run("--version") == (0, f"rnnlab, version {__version__}\n", "")


@pytest.mark.parametrize(
    ("cell", "options", "arguments"),
    [
        ("rnn", [], {}),
        ("gru", ["--layers", 2, "--bidirectional"], {"num_layers": 2, "bidirectional": True}),
        ("lstm", ["--projection", 5, "--layers", 2], {"proj_size": 5, "num_layers": 2}),
        ("lstm", ["--biases", 0], {"bias": False}),
    ],
)
def test_parameters_are_those_of_torch(run, cell, options, arguments):
    code, out, _ = run("params", cell, 28, 256, *options)
    layer = getattr(nn, cell.upper())(28, 256, **arguments)
    assert code == 0
    assert int(re.sub(r"\D", "", out.splitlines()[-1])) == sum(
        p.numel() for p in layer.parameters()
    )
    assert len(out.splitlines()) == len(list(layer.parameters())) + 4


def test_one_bias_is_counted_too(run):
    out = run("params", "gru", 3, 4, "--biases", 1)[1]
    assert int(re.sub(r"\D", "", out.splitlines()[-1])) == parameters.count("gru", 3, 4, biases=1)
    assert parameters.count("gru", 3, 4, biases=1) == 3 * 4 * (3 + 4 + 1)


def test_doctor_says_what_is_here(run, monkeypatch):
    from importlib import metadata  # noqa: PLC0415

    code, out, _ = run("doctor")
    assert code == 0
    assert f"torch          {torch.__version__}\n" in out
    assert "time-machine   not here" in out
    version = metadata.version

    def without(name):
        if name == "tqdm":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    assert "tqdm           not" not in out
    monkeypatch.setattr(metadata, "version", without)
    code, out, _ = run("doctor")
    assert code == 0
    assert "tqdm           not installed: needed for progress bars" in out
    assert re.search(r"\n\d+ to look at; ", out)


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete --no")]
)
def test_completion(run, shell, word, monkeypatch, capsys):
    code, out, _ = run("completion", shell)
    assert code == 0
    assert word in out
    assert f"_RNNLAB_COMPLETE={shell}_complete" in out
    monkeypatch.setenv("_RNNLAB_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "rnnlab ev")
    monkeypatch.setenv("COMP_CWORD", "ev" if shell == "fish" else "1")
    with pytest.raises(SystemExit) as done:  # click ends the process here
        main([])
    assert done.value.code == 0
    assert "evaluate" in (found := capsys.readouterr().out)
    assert "train" not in found.replace("trained", "")


# --- data -------------------------------------------------------------------------------------


def test_data_that_is_not_here_is_said_to_be_missing(run):
    code, out, _ = run("data", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [sheet.name for sheet in SHEETS]
    assert [line.split()[0] for line in out.splitlines() if "not here" in line] == ["time-machine"]
    code, out, _ = run("data", "describe", "time-machine")
    assert code == 0
    assert re.search(r"size +not here", out)
    assert re.search(r"example +not here", out)
    assert run("data", "fetch", "digits") == (0, "digits needs no download\n", "")


def test_data_that_is_here_is_described_and_found(run, book):
    assert run("data", "fetch", "time-machine") == (0, f"time-machine is at {book}\n", "")
    assert "not here" not in run("data", "list")[1]
    out = run("data", "describe", "time-machine")[1]
    assert re.search(rf"size +{len(READ)} characters, {len(set(READ))} different", out)
    assert re.search(r"example +the time machine byh g wellsthe", out)
    assert "here: time-machine" in run("doctor")[1].replace("time-machine   ", "")
    command = ("train", "--task", "time-machine", *TINY, "--characters", 200)
    code, out, _ = run(*command, "--num-steps", 5)
    assert code == 0
    assert "tokens/sec" in out


def test_verify_finds_a_damaged_file(run, book, monkeypatch):
    small = [s for s in SHEETS if not s.name.startswith("intents")]  # see test_data_sheets.py
    monkeypatch.setattr("rnnlab.data.sheets.SHEETS", small)
    code, out, _ = run("data", "verify")
    assert code == 0
    assert f"time-machine   {len(READ)} characters" in out
    assert f"files are kept in {book.parent}" in out
    book.write_bytes(BOOK[:-1])
    code, out, err = run("data", "verify")
    assert (code, err) == (1, "")
    assert "time-machine   DAMAGED: expected" in out
    assert out.count("DAMAGED") == 1
    assert "DAMAGED" in run("doctor")[1]
    code, _, err = run("data", "describe", "time-machine")
    assert code == 1
    assert one_line(err)
    book.unlink()
    code, out, _ = run("data", "verify")
    assert code == 0
    assert f"time-machine   not here (set {VARIABLE}, or fetch it)" in out


def test_a_damaged_file_does_not_end_the_list(run, book):
    book.write_bytes(b"my own notes")
    out = run("data", "list")[1]
    assert [line.split()[0] for line in out.splitlines()] == [sheet.name for sheet in SHEETS]


# --- processes --------------------------------------------------------------------------------


def start(*arguments, **options):
    command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)


def test_it_runs_as_a_module():
    process = start("--help", stdout=subprocess.PIPE)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"Usage: rnnlab [OPTIONS] COMMAND")


@pytest.mark.skipif(os.name != "posix", reason="pipes are others on Windows")
def test_a_reader_that_has_seen_enough_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)  # as head does, but surely before the first line
    process = start("train", "--tasks", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=120)
    assert err == b""
    assert process.returncode in (0, 1)  # not 120, which Python ends with if its last flush fails


@pytest.mark.skipif(os.name != "posix", reason="signals are others on Windows")
def test_ctrl_c_saves_and_says_so(run, tmp_path):
    path = tmp_path / "book.st"
    command = ("train", "--task", "book", "--hidden", 4, "--batch-size", 4, "--device", "cpu",
               "--save", path, "--save-every", 100_000)  # fmt: skip
    process = start(*command, "--steps", 100_000, "--progress", stdout=subprocess.PIPE)
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    shown = b""
    while b"/100000" not in shown and (byte := process.stderr.read(1)):  # the bar: it trains
        shown += byte
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    watchdog.cancel()
    assert process.returncode == 130, shown + err
    assert out.decode() == f"stopped; saved to {path}, the same command goes on from there\n"
    assert b"rnnlab: stopped" in err
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == [path]

    before = path.read_bytes()
    done = len(checkpoints.load(path).about["history"]["losses"])
    assert 1 <= done < 100_000
    code, out, _ = run(*command, "--steps", 1, "--no-progress")
    assert code == 0
    assert path.read_bytes() == before
    measured = re.search(r"held out: (.*)", out)[1]
    assert run("evaluate", path, "--device", "cpu") == (0, f"book, test: {measured}\n", "")
    code, _, _ = run(*command, "--steps", done + 2, "--no-progress")
    assert code == 0
    assert len(checkpoints.load(path).about["history"]["losses"]) == done + 2


def test_saved_is_said_only_of_what_was_saved(run, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt  # as a second Ctrl-C does in the middle of a step

    monkeypatch.setattr(torch.optim.Adam, "step", stopped)
    code, out, err = run("train", "--task", "digits", *TINY, "--save", tmp_path / "run.st")
    assert code == 130
    assert err.strip() == "rnnlab: stopped"
    assert not (tmp_path / "run.st").exists()
    assert "saved to" not in out
