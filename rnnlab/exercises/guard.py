"""Running code that may do anything: a time limit, its output kept short, torch put back.

Nothing that a learner's code does may stop the kernel, hide the message or change what it is
compared with. The expected values are computed before it runs.
"""

import contextlib
import ctypes
import io
import linecache
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

import torch

#: Seconds that one call of an answer may take.
LIMIT = 5.0
#: Seconds between two attempts to stop an answer whose time is up: by signals at most, by a thread.
_AGAIN, _AGAIN_FROM_A_THREAD = 0.0001, 0.002
#: Characters of an answer's own output that are shown.
SHOWN = 300
_WATCHED: tuple[Any, ...] = (torch, torch.nn.functional, torch.Tensor, torch.nn.Module)


class OutOfTimeError(BaseException):
    """An answer ran out of time. No ``except Exception`` of its own catches it."""


@dataclass(frozen=True)
class Outcome:
    """What came of a call.

    Attributes:
        value: What it returned; None if it did not.
        error: What it raised.
        line: The learner's line that raised it, as ``file:number: source``; empty if unknown.
        printed: The beginning of what it printed.
        replaced: Names in torch that it replaced; they are put back.
    """

    value: Any = None
    error: BaseException | None = None
    line: str = ""
    printed: str = ""
    replaced: tuple[str, ...] = ()


class _Short(io.TextIOBase):
    """Keeps the beginning of what is written, and forgets the rest."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str, /) -> int:
        if len(self.text) < SHOWN:
            self.text += text[: SHOWN - len(self.text)]
        return len(text)


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in the answer when its time is up, again and again from then on.

    Once is not enough: in a loop, ``except: pass`` swallows what is raised within the ``try``. It
    does not swallow what is raised on the way back to it.
    """
    on_time = hasattr(signal, "setitimer")  # not on Windows
    if not on_time or threading.current_thread() is not threading.main_thread():
        with _limit_without_signals(seconds):
            yield
        return

    chance = random.Random()  # of its own: the answer's random numbers are not touched
    over = False

    def stop(_: int, frame: FrameType | None) -> None:
        if over:
            return
        within = _within_answer(frame)  # never in the middle of our own clearing up
        # At equal intervals, each would come as long after the last one's way back as that did.
        signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-6, _AGAIN))
        if within:
            raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _limit_without_signals(seconds: float) -> Iterator[None]:
    """The same by a thread that watches this one.

    It stops neither a long call outside Python, for instance ``time.sleep``, before that ends, nor
    a loop that swallows every exception. The command line kills the process instead.
    """
    over, watched = threading.Event(), threading.get_ident()
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        pause = seconds
        while not over.wait(pause):
            if _within_answer(sys._current_frames().get(watched)):
                raise_in(ctypes.c_ulong(watched), ctypes.py_object(OutOfTimeError))
            pause = _AGAIN_FROM_A_THREAD

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended = False
        while not ended:
            try:
                over.set()
                # Whatever was raised arrives in here. To take it back instead, by raising nothing,
                # makes Python 3.11 hang where a trace function is set.
                watcher.join()
                ended = True
            except OutOfTimeError:
                pass  # too late for the answer, which is done


def _within_answer(frame: FrameType | None) -> bool:
    """Whether a frame is called by `run` for the answer, and not for its own sake."""
    while frame is not None and frame.f_back is not None:
        if frame.f_back.f_code is run.__code__:
            return frame.f_code.co_filename not in (__file__, contextlib.__file__)
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _unchanged() -> Iterator[list[str]]:
    """Put back what the block replaces in torch, and tell what it was."""
    before = [dict(vars(place)) for place in _WATCHED]
    kind, threads, grad = (
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
    )
    random_state = torch.get_rng_state()
    replaced: list[str] = []
    try:
        yield replaced
    finally:
        for place, names in zip(_WATCHED, before, strict=True):
            for name, thing in names.items():
                now = vars(place).get(name)
                if now is not thing and not _wrapped_by_torch(name, now):
                    replaced.append(f"{place.__name__}.{name}")
                    setattr(place, name, thing)
            # A class hides what it inherits under a new name; a module may grow by itself.
            for name in set(vars(place)) - set(names) if isinstance(place, type) else ():
                replaced.append(f"{place.__name__}.{name}")
                delattr(place, name)
        if torch.get_default_dtype() != kind:
            replaced.append("torch's default type")
            torch.set_default_dtype(kind)
        if torch.is_grad_enabled() != grad:
            torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        torch.set_rng_state(random_state)


def _wrapped_by_torch(name: str, thing: Any) -> bool:
    """Whether torch has wrapped a function of its own, as it does when a part is loaded late."""
    module = getattr(thing, "__module__", None) or ""
    return module.split(".")[0] == "torch" and getattr(thing, "__name__", "") == name


def line_of(error: BaseException, code: Any) -> str:
    """The innermost line of a traceback that lies in the file of some code."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"line {error.lineno}: {(error.text or '').strip()}"
    ours = code.co_filename if code is not None else None
    found = ""
    step: TracebackType | None = error.__traceback__
    for frame in traceback.extract_tb(step):
        if frame.filename == ours:
            linecache.checkcache(frame.filename)
            found = f"line {frame.lineno}: {frame.line}" if frame.line else f"line {frame.lineno}"
    return found


def run(answer: Callable[..., Any], *arguments: Any, limit: float = LIMIT) -> Outcome:
    """Call an answer, whatever it does.

    Args:
        answer: The learner's function.
        *arguments: Its arguments.
        limit: Seconds.

    Returns:
        What came of it. Only Ctrl-C goes through.

    Raises:
        KeyboardInterrupt: The learner's own.
    """
    code = getattr(answer, "__code__", None)
    out, value, error = _Short(), None, None
    streams = sys.stdout, sys.stderr
    with _unchanged() as replaced:
        try:
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(out),
                _limit(limit),
            ):
                value = answer(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as caught:  # SystemExit too: all of it is the learner's
            error = caught
        finally:
            sys.stdout, sys.stderr = streams
    line = line_of(error, code) if error is not None else ""
    return Outcome(value, error, line, out.text, tuple(replaced))
