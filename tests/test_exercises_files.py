"""Promise: a file checks itself, may break in any way, and is never written over unasked."""

import subprocess
import sys

import pytest

from rnnlab.exercises import CATALOGUE, Question, check, named
from rnnlab.exercises import progress as kept
from rnnlab.exercises.files import check_file, content_of, entry_of, name_of, path_of, start
from rnnlab.exercises.isolated import report_on

RIGHT = """
    i, f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
"""
QUESTION = next(name for name, task in CATALOGUE.items() if isinstance(task, Question))


@pytest.fixture
def written(tmp_path):
    """A file with a body in the place of the stub's last line."""

    def write(body):
        path = start("lstm-step", tmp_path, replace=True)
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("    raise NotImplementedError\n", body.strip("\n") + "\n"))
        return path

    return write


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_a_file_starts_with_compiles_and_names_its_answer(name):
    source = content_of(name)
    spaces = {"__name__": "answer"}
    exec(compile(source, name, "exec"), spaces)
    assert entry_of(named(name)) in spaces
    assert f"rnnlab exercise hint {name}" in source


def test_a_file_is_not_written_over_unless_that_is_wanted(tmp_path):
    path = start("lstm-step", tmp_path)
    assert path == path_of("lstm-step", tmp_path) == tmp_path / "lstm_step.py"
    assert name_of(path) == "lstm-step"
    assert name_of(tmp_path / "notes.py") is None
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"expected a new file, got .*lstm_step\.py"):
        start("lstm-step", tmp_path)
    assert path.read_text() == "mine"
    start("lstm-step", tmp_path, replace=True)
    assert path.read_text() == content_of("lstm-step")
    assert [*tmp_path.iterdir()] == [path]  # no draft is left


def test_a_file_runs_on_its_own_and_says_what_a_check_says(written):
    path = written(RIGHT)
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.startswith("lstm-step: passed")
    assert check_file(path, "lstm-step").passed


@pytest.mark.parametrize(
    ("body", "stage", "says"),
    [
        ("    raise NotImplementedError", "not attempted", "Nothing written yet"),
        ("    return o.sigmoid(", "error", "SyntaxError"),
        ("    return y", "error", "NameError: name 'y' is not defined\nline 17: return y"),
        ("    return h, c", "values", "h at sequence 0"),
        ("    pass\n\n\n1 / 0", "error", "ZeroDivisionError: division by zero\nline 20: 1 / 0"),
        ("    pass\n\n\ndel lstm_step", "signature", "defines no 'lstm_step'"),
    ],
)
def test_a_broken_file_is_told_with_its_line(written, body, stage, says):
    report = report_on(written(body), "lstm-step")
    assert (report.stage, says in report.says) == (stage, True), report


def test_a_file_that_ends_python_itself_is_told(written):
    report = check_file(written("    pass\n\n\nimport os\n\nos._exit(3)"), "lstm-step")
    assert (report.stage, "exit code 3" in report.says) == ("error", True)


def test_a_file_that_never_ends_is_stopped(written):
    path = written("    pass\n\n\nimport time\n\ntime.sleep(100)")
    report = check_file(path, "lstm-step", limit=6.0)
    assert (report.stage, "It was stopped" in report.says) == ("time", True)


def test_a_missing_file_or_exercise_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="rnnlab exercise start lstm-step"):
        check_file(tmp_path / "lstm_step.py", "lstm-step")
    with pytest.raises(ValueError, match="expected the name of an exercise"):
        start("lstm-stop", tmp_path)


def test_a_question_is_answered_in_a_file_too(tmp_path):
    path = start(QUESTION, tmp_path)
    assert report_on(path, QUESTION).stage == "not attempted"
    answer = named(QUESTION).answer()
    path.write_text(path.read_text().replace("answer = None", f"answer = {answer!r}"))
    assert check_file(path, QUESTION).passed


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_kept_and_what_has_passed_stays_so(tmp_path):
    assert kept.load(tmp_path) == {}
    open_ = check("lstm-step", lambda *_: ...)
    kept.checked(open_, tmp_path)
    assert kept.load(tmp_path)["lstm-step"] == kept.Entry(checks=1)
    done = check(QUESTION, named(QUESTION).answer())
    day = kept.checked(done, tmp_path).passed
    assert day is not None
    kept.checked(check(QUESTION, None), tmp_path)
    assert kept.load(tmp_path)[QUESTION] == kept.Entry(checks=2, passed=day)
    assert [kept.hinted("lstm-step", 3, tmp_path) for _ in range(4)] == [1, 2, 3, 3]
    lines = [*kept.table(tmp_path)]
    assert lines[-1].split() == ["all", "1", "of", str(len(CATALOGUE))]
    assert sum("#" in line for line in lines) == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"lstm-step": {"tries": 1}}', '{"a": 3}'])
def test_a_file_of_another_kind_is_left_as_it_is(tmp_path, content):
    path = tmp_path / kept.FILE
    path.write_text(content)
    with pytest.raises(ValueError, match="as rnnlab wrote it"):
        kept.hinted("lstm-step", 3, tmp_path)
    assert path.read_text() == content
    assert [*tmp_path.iterdir()] == [path]  # no draft is left
