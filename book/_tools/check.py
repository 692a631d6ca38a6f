"""Run every check of the course in order, and stop at the first that fails.

    python book/_tools/check.py              # all steps
    python book/_tools/check.py lint types   # these alone

It runs the tools of the Python that it is started with, so it works without make, and on Windows.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from notebooks import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
BOOK = str(Path(PYTHON).with_name("jupyter-book"))  # it cannot be run with -m
Command = list[str]

#: Each step: what it makes sure of, and its commands. The book is built before the unit tests,
#: because some of them look at its pages.
STEPS: dict[str, tuple[str, list[Command]]] = {
    "lint": (
        "formatting and lint (ruff)",
        [
            [PYTHON, "-m", "ruff", "format", "--check", "."],
            [PYTHON, "-m", "ruff", "check", "."],
            [PYTHON, "book/_tools/cells.py", "--check"],
        ],
    ),
    "types": ("types (mypy)", [[PYTHON, "-m", "mypy"]]),
    "book": (
        "the book builds without a warning",
        [
            [
                *(BOOK, "build", "book", "--config", "_config.yml"),
                *("--path-output", ".", "-n", "-W", "--keep-going"),
            ]
        ],
    ),
    "links": ("links inside the book", [[PYTHON, "book/_tools/links.py", "_build/html"]]),
    "unit": (
        "unit and property tests, with coverage",
        [[PYTHON, "-m", "pytest", "--cov", "--numprocesses", "2"]],
    ),
    "nbval": (
        "every notebook against its stored outputs (nbval)",
        [
            [
                *(PYTHON, "-m", "pytest", "--nbval", "notebooks"),
                *("--numprocesses", "2", "--dist", "loadscope"),
            ]
        ],
    ),
}


def run(command: Command) -> int:
    """Run a command in the repository's root; give its exit status."""
    # Two notebooks share the cores: with threads of their own their kernels would wait in turn.
    alone = {"OMP_NUM_THREADS": "1"} if "--nbval" in command else {}
    environment = {**alone, **ENVIRONMENT}
    return subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode


def check(names: list[str], execute: Callable[[Command], int] = run) -> int:
    """Run some steps, stop at the first that fails, and sum up.

    Args:
        names: The steps, in order.
        execute: Runs one command and gives its exit status.

    Returns:
        The exit status: 0 if every step passed.
    """
    start = time.perf_counter()
    passed: list[str] = []
    failed = ""
    for name in names:
        aim, commands = STEPS[name]
        print(f"\n== {name}: {aim}", flush=True)
        broken = next((command for command in commands if execute(command)), None)
        if broken:
            failed = f"{name} failed, in: {' '.join([Path(broken[0]).name, *broken[1:]])}"
            break
        passed.append(name)
    seconds = time.perf_counter() - start
    left = len(names) - len(passed) - bool(failed)
    print("\n== summary")
    for name in names:
        state = "passed" if name in passed else "FAILED" if failed.startswith(name) else "not run"
        print(f"{name:8} {state:8} {STEPS[name][0]}")
    if failed:
        print(
            f"\n{failed}\nTo run this step alone: python book/_tools/check.py {names[len(passed)]}"
        )
    not_run = f", {left} not run" if left else ""
    print(
        f"{len(passed)} passed, {int(bool(failed))} failed{not_run} in {seconds:.0f}s", flush=True
    )
    return 1 if failed else 0


def main() -> int:
    """Run what the command line names."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("steps", nargs="*", help=f"of {', '.join(STEPS)}; all if none is named")
    options = arguments.parse_args()
    unknown = [name for name in options.steps if name not in STEPS]
    if unknown:
        arguments.error(f"no step is called {unknown[0]!r}; there are {', '.join(STEPS)}")
    return check(options.steps or list(STEPS))


if __name__ == "__main__":
    sys.exit(main())
