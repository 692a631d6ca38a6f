"""``rnnlab exercise``: list, start, check, hint, watch, progress."""

import time
from collections.abc import Iterator
from pathlib import Path

import click

from rnnlab.exercises import CATALOGUE, hint, named
from rnnlab.exercises import progress as kept
from rnnlab.exercises.files import FOLDER, check_file, name_of, path_of, start
from rnnlab.exercises.report import Report

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where your files and your progress lie.",
)


@click.group()
def exercise() -> None:
    """Do the exercises of the book in files of your own.

    \b
    Examples:
      rnnlab exercise list --chapter lstm
      rnnlab exercise start lstm-step
      rnnlab exercise check lstm-step
      rnnlab exercise watch
    """  # noqa: D301


@exercise.command("list")
@click.option("--chapter", help="Of one chapter only.")
@_folder
def list_(chapter: str | None, folder: Path) -> None:
    """List the exercises: passed (x), begun (~) or open, level, minutes, title.

    \b
    Examples:
      rnnlab exercise list
      rnnlab exercise list --chapter attention
    """  # noqa: D301
    tasks = [task for task in CATALOGUE.values() if chapter in (None, task.chapter)]
    if not tasks:
        chapters = ", ".join(dict.fromkeys(task.chapter for task in CATALOGUE.values()))
        raise ValueError(f"expected a chapter of {chapters}, got {chapter!r}")
    entries, before = kept.load(folder), None
    width = max(len(task.name) for task in tasks)
    for task in tasks:
        if task.chapter != before:
            click.echo(task.chapter)
            before = task.chapter
        entry = entries.get(task.name, kept.Entry())
        sign = "x" if entry.passed else "~" if path_of(task.name, folder).exists() else " "
        about = f"{task.level:6} {task.minutes:3} min  {task.title}"
        click.echo(f"  [{sign}] {task.name:{width}}  {about}")


@exercise.command("start")
@click.argument("name")
@_folder
def start_(name: str, folder: Path) -> None:
    """Write the file to start an exercise from. A file that is there is not touched unasked.

    \b
    Examples:
      rnnlab exercise start lstm-step
    """  # noqa: D301
    path = path_of(name, folder)
    replace = False
    if path.exists():
        replace = click.confirm(f"{path} is there already. Replace it?", default=False)
        if not replace:
            click.echo(f"left as it is: {path}")
            return
    click.echo(f"written: {start(name, folder, replace=replace)}")


@exercise.command("check")
@click.argument("name", required=False)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Another file.")
@_folder
@click.pass_context
def check_(context: click.Context, name: str | None, file: Path | None, folder: Path) -> None:
    """Check one exercise, or all that were started. The exit code is 1 if one is not passed.

    \b
    Examples:
      rnnlab exercise check lstm-step
      rnnlab exercise check
    """  # noqa: D301
    if name is None and file is not None:
        raise ValueError("expected the exercise's name beside --file, got none")
    jobs = [(name, file or path_of(name, folder))] if name else list(_started(folder))
    if not jobs:
        raise ValueError(f"expected an exercise that was started, found none in {folder}")
    reports = [_checked(path, of, folder) for of, path in jobs]
    if not all(report.passed for report in reports):
        context.exit(1)


@exercise.command("hint")
@click.argument("name")
@_folder
def hint_(name: str, folder: Path) -> None:
    """Give the next of three hints.

    \b
    Examples:
      rnnlab exercise hint lstm-step
    """  # noqa: D301
    number = kept.hinted(name, len(named(name).hints), folder)
    click.echo(hint(name, number).replace("**", ""))


@exercise.command("watch")
@click.option("--every", type=click.FloatRange(0.05), default=0.5, help="Seconds between looks.")
@click.option("--looks", type=click.IntRange(1), help="Stop after so many; never, if not given.")
@_folder
def watch_(every: float, looks: int | None, folder: Path) -> None:
    """Check a file again each time that it is saved, until Ctrl-C.

    \b
    Examples:
      rnnlab exercise watch
    """  # noqa: D301
    click.echo(f"watching {folder}; Ctrl-C ends it")
    seen = {path: _saved(path) for _, path in _started(folder)}
    while looks is None or looks > 0:
        time.sleep(every)
        looks = None if looks is None else looks - 1
        for name, path in _started(folder):
            if seen.get(path) != _saved(path):
                seen[path] = _saved(path)
                _checked(path, name, folder)


@exercise.command("progress")
@_folder
def progress_(folder: Path) -> None:
    """Show how many exercises of each chapter are passed.

    \b
    Examples:
      rnnlab exercise progress
    """  # noqa: D301
    for line in kept.table(folder):
        click.echo(line)


def _started(folder: Path) -> Iterator[tuple[str, Path]]:
    """The exercises whose files are there, and the files."""
    for path in sorted(folder.glob("*.py")):
        name = name_of(path)
        if name is not None:
            yield name, path


def _saved(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _checked(path: Path, name: str, folder: Path) -> Report:
    report = check_file(path, name)
    kept.checked(report, folder)
    click.echo(repr(report))
    return report
