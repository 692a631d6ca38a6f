"""Keeping what an interrupted benchmark has measured, so that it goes on where it was."""

import json
import os
import platform
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

P, R = ParamSpec("P"), TypeVar("R")

BUILD = Path(__file__).parents[1] / "_build"


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, also if several processes write the same one at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{platform.node()}.{os.getpid()}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def kept(settings: Callable[P, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Measure once: the same call gives what was measured before, in another run too.

    What is kept lies in ``_build/``, in a folder named like the benchmark's file: remove it to
    measure anew.

    Args:
        settings: Names all that a measurement depends on, given its arguments.

    Returns:
        A decorator of a function whose results JSON can hold.
    """

    def decorate(measure: Callable[P, R]) -> Callable[P, R]:
        folder = BUILD / Path(measure.__code__.co_filename).stem

        @wraps(measure)
        def found_or_measured(*args: P.args, **kwargs: P.kwargs) -> R:
            path = folder / f"{settings(*args, **kwargs)}.json"
            if path.exists():
                found: R = json.loads(path.read_text(encoding="utf-8"))
                return found
            result = measure(*args, **kwargs)
            write_whole(path, json.dumps(result))
            return result

        return found_or_measured

    return decorate
