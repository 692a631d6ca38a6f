"""Promise: nothing that an answer does stops the check, hides its message or outlives it."""

import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch

from rnnlab.exercises import check
from rnnlab.exercises.catalogue import named
from rnnlab.exercises.checking import check_code
from rnnlab.exercises.guard import SHOWN, OutOfTimeError, run

STEP = named("lstm-step")
#: As they were before any answer ran.
SIGMOID = torch.sigmoid


def right(x, h, c, W_ih, W_hh, b):
    i, f, g, o = (x @ W_ih.mT + h @ W_hh.mT + b).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def never_ends(*_):
    while True:
        pass


def swallows_everything(*_):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def sleeps(*_):
    time.sleep(60)


def exits(*_):
    sys.exit(3)


def prints_ten_megabytes(*arguments):
    for _ in range(100):
        print("x" * 100_000)
    return right(*arguments)


def patches_torch(*arguments):
    torch.sigmoid = torch.tanh
    return right(*arguments)


def patches_a_method(*arguments):
    torch.Tensor.__matmul__ = lambda a, _: a
    return right(*arguments)


def changes_the_default_type(*arguments):
    torch.set_default_dtype(torch.float16)
    return right(*arguments)


def returns_its_input(x, h, *_):
    return x, h


def raises_a_long_message(*_):
    raise RuntimeError("no\n   line\n\tbreaks")


def gives_nan(*arguments):
    h, c = right(*arguments)
    return h * float("nan"), c


@pytest.mark.parametrize(
    ("answer", "stage", "says"),
    [
        (never_ends, "time", "Still running after 0.3 seconds"),
        (swallows_everything, "time", "Does a loop never end?\nline"),
        (sleeps, "time", "time.sleep(60)"),
        (exits, "error", "raised SystemExit: 3\nline"),
        (patches_torch, "side effects", "replaced torch.sigmoid. That was put back."),
        (patches_a_method, "side effects", "replaced Tensor.__matmul__"),
        (changes_the_default_type, "side effects", "torch's default type"),
        (returns_its_input, "shape", "h: expected shape ("),
        (raises_a_long_message, "error", "RuntimeError: no line breaks\nline"),
        (gives_nan, "values", "h is not a number (NaN) at sequence 0, unit 0"),
        (lambda *_: None, "result", "got None (is a return missing?)"),
        (lambda *_: ..., "not attempted", "Replace the dots"),
        (lambda *_: 3, "result", "expected 2 results in a tuple, got int 3"),
        (lambda x: x, "signature", "can be called with 6 arguments: (x, h, c, W_ih, W_hh, b)"),
        (torch, "signature", "Expected a function, got module"),
        (STEP.reference, "signature", "That is the reference itself"),
    ],
)
def test_an_answer_that_misbehaves_is_told_so(answer, stage, says):
    report = check_code(STEP, answer, limit=0.3)
    assert report.stage == stage, report
    assert says.lower() in report.says.lower()
    assert "Traceback" not in repr(report)
    assert torch.sigmoid is SIGMOID
    assert torch.get_default_dtype() == torch.float32
    assert check("lstm-step", right).passed  # and the next check is not disturbed


def in_a_thread(function, *arguments):
    """Call it in a thread, where no signal arrives, and give its result."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result(timeout=60)


def without_signals(function, *arguments):
    """Call it here, on a system that sets no alarm: Windows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(signal, "setitimer")
        return function(*arguments)


@pytest.mark.parametrize("somewhere", [in_a_thread, without_signals])
class TestWithoutSignals:
    def test_a_trace_function_may_follow_every_line(self, somewhere):
        """A debugger or the measuring of coverage; with it, Python itself hung at one attempt."""

        def traced():
            before = sys.gettrace()
            sys.settrace(follow)
            try:
                return [run(never_ends, limit=0.02).error for _ in range(20)]
            finally:
                sys.settrace(before)

        def follow(*_):
            return follow

        errors = somewhere(traced)
        assert all(isinstance(error, OutOfTimeError) for error in errors)

    def test_a_loop_without_end_is_stopped_and_named(self, somewhere):
        report = somewhere(partial(check_code, STEP, never_ends, limit=0.3))
        assert report.stage == "time", report
        assert "Does a loop never end?\nline" in report.says

    def test_nothing_comes_late(self, somewhere):
        def again_and_again():
            for _ in range(20):
                # As long as the limit, as nearly as can be: some are stopped and some are not.
                outcome = run(time.sleep, 0.01, limit=0.01)
                assert outcome.error is None or isinstance(outcome.error, OutOfTimeError)
            end = time.monotonic() + 0.2
            while time.monotonic() < end:
                pass
            return run(lambda: 5, limit=0.01).value

        threads = threading.active_count()
        assert somewhere(again_and_again) == 5
        assert threading.active_count() == threads

    def test_what_ends_in_time_is_judged_as_ever(self, somewhere):
        assert somewhere(check, "lstm-step", right).passed
        assert not somewhere(check, "lstm-step", returns_its_input).passed


def test_what_an_answer_prints_is_kept_short_and_shown_only_if_it_is_wrong(capfd):
    before = sys.stdout
    assert check("lstm-step", prints_ten_megabytes).passed

    def chatty(*arguments):
        print("look here", "x" * 10_000)
        return arguments[1], arguments[2]

    report = check("lstm-step", chatty)
    assert len(report.printed) == SHOWN
    assert "It printed: 'look here xxx" in repr(report)
    assert capfd.readouterr().out == ""
    assert sys.stdout is before


def test_an_input_that_was_changed_is_named():
    def in_place(x, h, c, *rest):
        result = right(x, h, c, *rest)
        c.copy_(result[1])
        return result

    report = check("lstm-step", in_place)
    assert report.stage == "side effects"
    assert "tensor 3 among the inputs was changed" in report.says


def test_an_answer_that_remembers_is_found():
    calls = []

    def worse_each_time(*arguments):
        calls.append(1)
        h, c = right(*arguments)
        return (h, c) if len(calls) < 4 else (h + 1, c)

    report = check("lstm-step", worse_each_time)
    assert (report.stage, "a later one is not" in report.says) == ("side effects", True)


def test_a_gradient_that_was_cut_off_is_found():
    report = check("lstm-step", lambda *a: [part.detach() for part in right(*a)])
    assert (report.stage, "no gradient comes back" in report.says) == ("gradients", True)
    half = check("lstm-step", lambda x, *a: right(x.detach(), *a))
    assert (half.stage, "gradient of input 1 is not" in half.says) == ("gradients", True)


def test_the_inputs_type_must_be_kept():
    report = check("lstm-step", lambda *a: [part.double() for part in right(*a)])
    assert report.stage == "type"
    assert "With float32 inputs: h: expected torch.float32" in report.says


def test_ctrl_c_goes_through():
    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupted)


def test_random_numbers_go_on_as_if_nothing_had_run():
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    run(lambda: torch.rand(100))
    assert torch.equal(torch.rand(3), wanted)


def test_a_loop_that_swallows_everything_is_stopped_at_once():
    """At equal intervals the alarm may come within its ``try`` for ever: minutes were seen."""
    begin = time.monotonic()
    for _ in range(5):
        assert isinstance(run(swallows_everything, limit=0.05).error, OutOfTimeError)
    assert time.monotonic() - begin < 30  # some 0.3 s; ten seconds more for each that hangs


def test_an_alarm_that_was_set_before_is_set_again():
    assert isinstance(run(never_ends, limit=0.1).error, OutOfTimeError)
    time.sleep(0.3)  # no signal arrives late
