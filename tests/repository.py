"""The repository's files, for the tests that look at them as a whole."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@cache
def listed() -> tuple[str, ...]:
    """Give every file that git tracks or, not being told to ignore it, would track."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = set(done.stdout.decode().split("\0")) - {""}
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def project_files() -> list[str]:
    """Give the repository's files, or skip the test where git cannot say which they are."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: which files belong to the repository is not known")
    return list(listed())


def modules(files: list[str]) -> list[str]:
    """Give the package's Python files among these."""
    return [name for name in files if name.startswith("rnnlab/") and name.endswith(".py")]


def read(name: str) -> str:
    """Read a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def texts(files: list[str]) -> dict[str, str]:
    """Read those of the files that hold text."""
    found = {}
    for name in files:
        data = (ROOT / name).read_bytes()
        if b"\0" not in data:
            found[name] = data.decode()
    return found


def mentions(contents: dict[str, str], words: list[str]) -> list[str]:
    """List the files that hold one of the words, in whatever case."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return [
        f"{name}: {found[0]}" for name, text in contents.items() if (found := pattern.search(text))
    ]
