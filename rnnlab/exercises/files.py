"""Exercises as files of their own: one to start from, and one that was written."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rnnlab.exercises.catalogue import CATALOGUE, named
from rnnlab.exercises.exercise import Exercise, Question
from rnnlab.exercises.report import Report

#: Where learners' files lie; Git ignores the folder, so that an update never conflicts.
FOLDER = Path("my-work") / "exercises"
#: Seconds after which the process that checks a file is killed.
LIMIT = 120.0


def path_of(name: str, folder: Path = FOLDER) -> Path:
    """The file of an exercise.

    Raises:
        ValueError: No exercise of that name.
    """
    return folder / f"{named(name).name.replace('-', '_')}.py"


def name_of(path: Path) -> str | None:
    """The exercise that a file belongs to; None if to none."""
    name = path.stem.replace("_", "-")
    return name if path.suffix == ".py" and name in CATALOGUE else None


def entry_of(task: Exercise | Question) -> str:
    """The name that a file defines: of the function to be written, or ``answer``."""
    if isinstance(task, Question):
        return "answer"
    definitions = [node for node in ast.parse(task.stub).body if isinstance(node, ast.FunctionDef)]
    return definitions[-1].name


def content_of(name: str) -> str:
    """What a file starts with: it can be run, and then checks itself.

    Raises:
        ValueError: No exercise of that name.
    """
    task = named(name)
    heading = (
        f'"""{task.title} ({task.level}, about {task.minutes} minutes).\n\n'
        f"Goal: {task.goal}.\n"
        f'The whole text is in the chapter, book/{task.chapter}.md, under "Exercises".\n'
        f'Check it: rnnlab exercise check {name}; a hint: rnnlab exercise hint {name}\n"""\n\n'
    )
    entry = entry_of(task)
    if isinstance(task, Question):
        options = f"  # one of {', '.join(map(repr, task.options))}" if task.options else ""
        body = f"answer = None{options}\n"
    else:
        body = f"import torch\n\n\n{task.stub.strip()}\n"
    run = (
        '\n\nif __name__ == "__main__":\n    from rnnlab.exercises import check\n\n'
        f'    print(check("{name}", {entry}))\n'
    )
    return heading + body + run


def start(name: str, folder: Path = FOLDER, *, replace: bool = False) -> Path:
    """Write the file to start an exercise from.

    Args:
        name: The exercise's name.
        folder: Where.
        replace: Write over a file that is there.

    Returns:
        The file.

    Raises:
        FileExistsError: There is a file, and it is not to be replaced.
        ValueError: No exercise of that name.
    """
    path = path_of(name, folder)
    if path.exists() and not replace:
        raise FileExistsError(f"expected a new file, got {path}, which is there already")
    write_whole(path, content_of(name))
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def check_file(path: Path, name: str, limit: float = LIMIT) -> Report:
    """Check a file in a process of its own, which may hang or die.

    Args:
        path: The learner's file.
        name: The exercise's name.
        limit: Seconds after which the process is killed.

    Returns:
        What is right or wrong.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No exercise of that name.
    """
    named(name)
    if not path.is_file():
        raise FileNotFoundError(
            f"expected the file {path}, found none: rnnlab exercise start {name}"
        )
    command = [sys.executable, "-m", "rnnlab.exercises.isolated", str(path), name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, check=False, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        return Report(name, "time", f"Still running after {limit:g} seconds. It was stopped.")
    last = done.stdout.rstrip().rpartition("\n")[2]
    try:
        found: dict[str, Any] = json.loads(last)
        return Report(**found)
    except (json.JSONDecodeError, TypeError):
        return Report(name, "error", f"Python itself stopped, with exit code {done.returncode}.")
