"""The committed result files of the benchmarks, which the book's tables are made from."""

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

#: In an installed package the files lie inside it; in the repository, where the benchmarks write.
_FOLDERS = (_HERE / "_results", _HERE.parent / "benchmarks" / "results")


def load(name: str) -> dict[str, Any]:
    """Read a result file.

    Args:
        name: The file's name without its ending, e.g. ``"step_time"``.

    Returns:
        What the benchmark wrote: its results, and the machine, versions and seeds they were made
        with.

    Raises:
        FileNotFoundError: No such result; the message lists those that exist.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.json"
        if path.is_file():
            result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return result
    known = sorted({path.stem for folder in _FOLDERS for path in folder.glob("*.json")})
    raise FileNotFoundError(f"expected a result of {known}, got {name!r}")
