"""Check one file, in the process that is started for it: python -m rnnlab.exercises.isolated."""

import dataclasses
import json
import linecache
import sys
from pathlib import Path
from typing import Any

from rnnlab.exercises.catalogue import named
from rnnlab.exercises.files import entry_of
from rnnlab.exercises.guard import OutOfTimeError, run
from rnnlab.exercises.report import Report
from rnnlab.exercises.teaching import check

_MISSING = object()


def report_on(path: Path, name: str) -> Report:
    """Run a file, take the answer from it, and check it.

    Args:
        path: The learner's file.
        name: The exercise's name.

    Returns:
        What is right or wrong; also where the file does not run.
    """
    entry, source = entry_of(named(name)), path.read_text(encoding="utf-8")
    spaces: dict[str, Any] = {"__name__": "answer", "__file__": str(path)}

    def execute() -> None:
        exec(compile(source, str(path), "exec"), spaces)

    outcome = run(execute, limit=30.0)
    if outcome.error is not None:
        where = _line(outcome.error, path)
        if isinstance(outcome.error, OutOfTimeError):
            return Report(name, "time", f"The file itself does not end.{where}")
        message = " ".join(str(outcome.error).split())
        kind = type(outcome.error).__name__
        return Report(name, "error", f"The file does not run: {kind}: {message}{where}")
    answer = spaces.get(entry, _MISSING)
    if answer is _MISSING:
        return Report(name, "signature", f"The file defines no {entry!r}. Was it renamed?")
    return check(name, answer)


def _line(error: BaseException, path: Path) -> str:
    """The innermost line of the file that an error came from."""
    number = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            number = trace.tb_lineno
        trace = trace.tb_next
    if number is None:
        return ""
    text = linecache.getline(str(path), number).strip()
    return f"\nline {number}: {text}" if text else f"\nline {number}"


def main() -> None:
    """Print the report on a file as one line of JSON, whatever else is printed before."""
    path, name = sys.argv[1:]
    report = report_on(Path(path), name)
    print("\n" + json.dumps(dataclasses.asdict(report)), flush=True)


if __name__ == "__main__":
    main()
