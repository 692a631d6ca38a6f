"""Promise: a check accepts what is right, however it is written, and names what is wrong."""

import importlib.util
import re
import types
from functools import cache

import pytest
from mutants import mutants
from repository import ROOT

from rnnlab.exercises import CATALOGUE, Exercise, Question, check, folded, hint, named, solution
from rnnlab.exercises.checking import check_code
from rnnlab.exercises.files import entry_of

CODE = [name for name, task in CATALOGUE.items() if isinstance(task, Exercise)]
QUESTIONS = [name for name, task in CATALOGUE.items() if isinstance(task, Question)]
CHAPTERS = list(dict.fromkeys(task.chapter for task in CATALOGUE.values()))


@cache
def alternatives(chapter):
    """Other right answers, by exercise, from the file of a chapter."""
    path = ROOT / "tests" / "alternatives" / f"{chapter.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(f"alternatives_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RIGHT


def rewritten(function):
    """The same function, but not the same object: nobody can tell that it is the reference."""
    return types.FunctionType(
        function.__code__.replace(co_name="answer"),
        function.__globals__,
        "answer",
        function.__defaults__,
        function.__closure__,
    )


def stub_of(task):
    """The function that the learner starts from."""
    spaces = {"__name__": "answer"}
    exec("import torch\n" + task.stub, spaces)
    return spaces[entry_of(task)]


# --- how much there is ----------------------------------------------------------------------------


def test_there_are_enough_exercises_and_known_mistakes():
    assert len(CATALOGUE) >= 60
    assert sum(len(task.mistakes) for task in CATALOGUE.values()) >= 200
    assert len(CODE) > len(QUESTIONS)
    for name in CODE:
        assert len(named(name).mistakes) >= 4, name
        assert len(alternatives(named(name).chapter)[name]) >= 2, name


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_exercise_says_what_it_is(name):
    task = named(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)
    assert (ROOT / "book" / f"{task.chapter}.md").is_file()
    assert task.title
    assert task.goal
    assert 1 <= task.minutes <= 90
    assert task.level in ("easy", "medium", "hard")
    assert len(set(task.hints)) == 3
    assert len({mistake.name for mistake in task.mistakes}) == len(task.mistakes)
    for mistake in task.mistakes:
        assert len(mistake.says.split()) >= 6, mistake.name


# --- code -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CODE)
def test_the_stub_is_not_passed_and_an_empty_one_is_not_an_error(name):
    task = named(name)
    report = check(name, stub_of(task))
    assert not report.passed
    if "NotImplementedError" in task.stub:
        assert report.stage == "not attempted"
    else:  # code to be mended runs, and is wrong
        assert report.stage not in ("not attempted", "signature", "passed")


@pytest.mark.parametrize("name", CODE)
def test_the_reference_passes_and_is_refused_as_itself(name):
    task = named(name)
    report = check(name, rewritten(task.reference))
    assert report.passed, report
    assert check(name, task.reference).stage == "signature"


@pytest.mark.parametrize("name", CODE)
def test_right_answers_written_differently_pass(name):
    for answer in alternatives(named(name).chapter)[name]:
        report = check(name, answer)
        assert report.passed, (answer.__name__, report)


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, m.name) for name in CODE for m in named(name).mistakes]
)
def test_each_known_mistake_gets_its_own_message(name, mistake):
    task = named(name)
    (known,) = (m for m in task.mistakes if m.name == mistake)
    report = check(name, known.wrong)
    assert (report.mistake, report.says) == (mistake, known.says), report
    solution_lines = [
        line.strip()
        for line in solution(name).splitlines()
        if len(line.strip()) > 25 and not line.strip().startswith(("def ", '"""', "```"))
    ]
    assert not any(line in report.says for line in solution_lines), "the message tells the answer"


# --- questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_knows_its_answer_and_names_wrong_ones(name):
    task = named(name)
    assert check(name, None).stage == "not attempted"
    assert check(name, task.answer()).passed
    assert len(task.mistakes) >= 3 or len(task.options) <= len(task.mistakes) + 1
    for mistake in task.mistakes:
        report = check(name, mistake.wrong)
        assert (report.stage, report.mistake) == ("answer", mistake.name)
        assert report.says == mistake.says
    if task.options:
        assert task.answer() in task.options
        assert "Expected one of" in check(name, "nothing of the kind").says
    else:
        assert "Expected a number" in check(name, "many").says
        assert not check(name, task.answer() + 1).passed


# --- mutants --------------------------------------------------------------------------------------

_LAST = "the last of two axes is axis 1"
_LARGE = "another large number holds the gate as well, and the other unit is not looked at"
_TIE = "differs only where two random numbers are equal to the last bit"
#: Mutants that are right: for each exercise a part of their descriptions, and why they are.
EQUIVALENT: dict[str, dict[str, str]] = {
    "lstm-step": {"dim=+1": _LAST},
    "lstm-repair": {"dim=+1": _LAST},
    "lstm-coupled": {"dim=+1": _LAST},
    "gru-step": {"dim=+1": _LAST},
    "gru-black-box": {
        "1.0 to 2.0: W_hh[4, 1]": _LARGE,
        "1000.0 to 1001.0": _LARGE,
        "x, h = ": _LARGE,
        "zeros to ones: W_ih": "the input is 0, whatever it is multiplied with",
        "0.0 to 1.0: b_ih": _LARGE,
    },
    "count-identify": {"rows / h": "3.0 is the same key as 3"},
    "count-peephole": {"dim=+1": _LAST},
    "shapes-settled": {"dim=+1": _LAST},
    "both-summary": {"dim=+1": _LAST},
    "seq2seq-log-probability": {"dim=+1": _LAST},
    "seq2seq-greedy": {"dim=+1": _LAST},
    "att-masked-softmax": {
        "dim=+1": _LAST,
        "0.0 to 1.0": "any finite number does for rows that are masked afterwards",
    },
    "att-softmax-backward": {"dim=+1": _LAST},
    "bptt-latch": {
        "h = 2.0": "the same fixed point is reached from there",
        "range(1001)": "it has been reached long before",
    },
    "lm-nucleus": {"before <= q": _TIE},
    "choosing-units": {"<= off(h)": _TIE},
}


@pytest.mark.parametrize("name", CODE)
def test_mutants_of_the_reference_are_rejected(name):
    task, let_through = named(name), []
    for what, mutant in mutants(task.reference):
        if check_code(task, mutant, limit=1.0).passed:
            let_through.append(what)
    known = EQUIVALENT.get(name, {})
    assert not [what for what in let_through if not any(part in what for part in known)]
    assert all(any(part in what for what in let_through) for part in known)


def test_there_are_at_least_five_hundred_mutants():
    assert sum(1 for name in CODE for _ in mutants(named(name).reference)) >= 500


# --- hints and solutions --------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUE)
def test_hints_come_one_by_one_and_the_solution_is_the_reference(name):
    task = named(name)
    for number, text in enumerate(task.hints, start=1):
        assert hint(name, number) == f"**Hint {number} of 3.** {text}"
    with pytest.raises(ValueError, match="expected a hint from 1 to 3, got 4"):
        hint(name, 4)
    shown = folded(name)
    assert shown.count("<details>") == shown.count("</details>") == 4
    assert solution(name) in shown
    if name in CODE:
        assert f"def {task.reference.__name__}" in solution(name)


def test_hints_without_a_number_go_on_and_stay_at_the_last():
    name = next(iter(CATALOGUE))
    given = [str(hint(name)) for _ in range(4)]
    assert given[2] == given[3] == hint(name, 3)


def test_an_unknown_name_is_answered_with_those_that_are_alike():
    name = next(iter(CATALOGUE))
    with pytest.raises(ValueError, match=f"such as .*{name}.*got '{name}x'"):
        check(name + "x", None)


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_page_holds_the_stub_the_check_and_the_help(name):
    task = named(name)
    page = (ROOT / "book" / f"{task.chapter}.md").read_text(encoding="utf-8")
    answer = "None" if name in QUESTIONS else entry_of(task)
    assert f'check("{name}", {answer})' in page
    assert f'folded("{name}")' in page
    if name in CODE:
        assert task.stub.strip() in page


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_check_on_a_page_is_of_an_exercise(chapter):
    page = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    for name in re.findall(r'^check\("([^"]+)"', page, re.MULTILINE):
        assert named(name).chapter == chapter
