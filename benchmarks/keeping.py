"""Keeping what an interrupted benchmark has measured, so that it goes on where it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

BUILD = Path(__file__).parents[1] / "_build"


def kept(benchmark: str, settings: str, measure: Callable[[], Any]) -> Any:
    """Give what was measured with some settings; measure it, and keep it, if it was not.

    What is kept lies in ``_build/<benchmark>``: remove that folder to measure anew.

    Args:
        benchmark: Its name.
        settings: All that the measurement depends on, as a file's name.
        measure: Measures; gives what JSON can hold.
    """
    path = BUILD / benchmark / f"{settings}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    found = measure()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{hash(settings)}.draft")
    draft.write_text(json.dumps(found), encoding="utf-8")
    draft.replace(path)
    return found
