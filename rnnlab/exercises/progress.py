"""What a learner has done, kept beside their files."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rnnlab.exercises.catalogue import CATALOGUE
from rnnlab.exercises.files import FOLDER, write_whole
from rnnlab.exercises.report import Report

FILE = "progress.json"


@dataclass(frozen=True)
class Entry:
    """What is known of one exercise.

    Attributes:
        checks: How often it was checked.
        hints: How many hints were read.
        passed: The day on which it first passed, as ISO 8601; None if it has not.
    """

    checks: int = 0
    hints: int = 0
    passed: str | None = None


def load(folder: Path = FOLDER) -> dict[str, Entry]:
    """Read what was done so far; nothing if there is no file.

    Raises:
        ValueError: A file that is none of ours; it is left as it is.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {name: Entry(**entry) for name, entry in content.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"expected {path} as rnnlab wrote it, got another file: {error}"
        ) from error


def _save(entries: dict[str, Entry], folder: Path) -> None:
    text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=1)
    write_whole(folder / FILE, text + "\n")


def checked(report: Report, folder: Path = FOLDER) -> Entry:
    """Keep the result of a check; what has passed once stays passed."""
    entries = load(folder)
    before = entries.get(report.exercise, Entry())
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    passed = before.passed or (today if report.passed else None)
    entries[report.exercise] = Entry(before.checks + 1, before.hints, passed)
    _save(entries, folder)
    return entries[report.exercise]


def hinted(name: str, most: int, folder: Path = FOLDER) -> int:
    """Count one more hint, up to a number, and tell which one it is."""
    entries = load(folder)
    before = entries.get(name, Entry())
    number = min(before.hints + 1, most)
    entries[name] = Entry(before.checks, number, before.passed)
    _save(entries, folder)
    return number


def table(folder: Path = FOLDER) -> Iterator[str]:
    """The lines of a table: for each chapter what is passed, begun and left."""
    entries = load(folder)
    width = max(len(task.chapter) for task in CATALOGUE.values())
    for chapter in dict.fromkeys(task.chapter for task in CATALOGUE.values()):
        names = [name for name, task in CATALOGUE.items() if task.chapter == chapter]
        passed = [name for name in names if entries.get(name, Entry()).passed]
        bar = "".join("#" if name in passed else "." for name in names)
        yield f"{chapter:{width}}  {len(passed):2} of {len(names):2}  {bar}"
    done = sum(entry.passed is not None for entry in entries.values())
    yield f"{'all':{width}}  {done:2} of {len(CATALOGUE):2}"
