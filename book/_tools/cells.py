"""Format the code cells of the book's pages as ruff formats the package.

    python book/_tools/cells.py           # format
    python book/_tools/cells.py --check   # say which pages are not formatted, and change nothing

Lint needs no tool of its own: ruff reads the notebooks, which hold the same cells.
"""

import re
import subprocess
import sys
from pathlib import Path

from pages import BOOK, ROOT

CELL = re.compile(
    r"^(?P<open>(?P<fence>`{3,})\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)*))"
    r"(?P<code>.*?)(?P<close>^(?P=fence)\s*$)",
    re.MULTILINE | re.DOTALL,
)


def formatted(code: str) -> str:
    """Format some code.

    Raises:
        ValueError: Code that ruff cannot read; the message is ruff's.
    """
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "cell.py", "-"]
    done = subprocess.run(
        command, cwd=ROOT, check=False, input=code, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


def format_page(text: str) -> str:
    """Format the code cells of a page, and leave all else as it is."""
    return CELL.sub(lambda m: m["open"] + formatted(m["code"]) + m["close"], text)


def main() -> int:
    """Format the pages, or check them."""
    check = "--check" in sys.argv[1:]
    changed: list[Path] = []
    for path in sorted(BOOK.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (new := format_page(text)) != text:
            changed.append(path)
            if not check:
                path.write_text(new, encoding="utf-8", newline="\n")
    for path in changed:
        print(f"book/{path.name}: {'would be ' * check}reformatted")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
