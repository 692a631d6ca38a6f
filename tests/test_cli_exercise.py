"""Promise: a learner goes from a list to a passed exercise in a terminal."""

import threading
import time

import pytest
from click.testing import CliRunner

from rnnlab.cli.exercise import exercise
from rnnlab.exercises import CATALOGUE

WRONG = "    return h, c\n"
RIGHT = """    i, f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
"""


@pytest.fixture
def call(tmp_path):
    """Run a command on a folder of its own."""

    def run(*arguments, **options):
        return CliRunner().invoke(exercise, [*arguments, "--folder", str(tmp_path)], **options)

    return run


def write(folder, body):
    path = folder / "lstm_step.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    raise NotImplementedError\n", body), encoding="utf-8")


def test_from_the_list_to_a_passed_exercise(call, tmp_path):
    listed = call("list").output
    assert all(name in listed for name in CATALOGUE)
    assert "[ ] lstm-step" in listed
    assert "written: " in call("start", "lstm-step").output
    assert "[~] lstm-step" in call("list", "--chapter", "lstm").output
    done = call("check", "lstm-step")
    assert (done.exit_code, "Nothing written yet" in done.output) == (1, True)
    assert "Hint 1 of 3." in call("hint", "lstm-step").output
    assert "Hint 2 of 3." in call("hint", "lstm-step").output
    write(tmp_path, RIGHT)
    done = call("check")  # all that were started
    assert (done.exit_code, done.output) == (0, "lstm-step: passed\n  Right.\n")
    assert "[x] lstm-step" in call("list", "--chapter", "lstm").output
    assert call("progress").output.splitlines()[-1].split()[1] == "1"


def test_start_asks_before_it_replaces(call, tmp_path):
    call("start", "lstm-step")
    write(tmp_path, WRONG)
    mine = (tmp_path / "lstm_step.py").read_text()
    asked = call("start", "lstm-step", input="n\n")
    assert "Replace it? [y/N]" in asked.output
    assert "left as it is" in asked.output
    assert (tmp_path / "lstm_step.py").read_text() == mine
    call("start", "lstm-step", input="y\n")
    assert "NotImplementedError" in (tmp_path / "lstm_step.py").read_text()


def test_watch_checks_again_when_a_file_is_saved(call, tmp_path):
    call("start", "lstm-step")

    def save():
        time.sleep(0.5)
        write(tmp_path, RIGHT)

    thread = threading.Thread(target=save)
    thread.start()
    done = call("watch", "--every", "0.1", "--looks", "20")
    thread.join()
    assert done.output.count("lstm-step: passed") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--chapter", "tea"], "expected a chapter of rnn, lstm"),
        (["check"], "expected an exercise that was started"),
        (["check", "lstm-stop"], "expected the name of an exercise"),
        (["check", "lstm-step"], "rnnlab exercise start lstm-step"),
        (["check", "--file", "a.py"], "expected the exercise's name beside --file"),
        (["hint", "tea"], "expected the name of an exercise"),
    ],
)
def test_what_is_missing_is_named(call, arguments, message):
    assert message in str(call(*arguments).exception)
