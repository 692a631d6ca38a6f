"""Take the pins off the direct requirements: requirements.txt comes in, the newest releases go out.

    python .github/newest.py < requirements.txt > newest.txt

The weekly run installs the result, to hear of a breaking release before a reader does.
"""

import re
import sys

#: The comment in requirements.txt below which stand the requirements of the requirements.
INDIRECT = "# What these need in turn"

#: What is not to be the newest, and why.
HELD = {
    "d2l": "d2l==0.17.0",  # the release that has the API of the classic edition
    "jupyter-book": "jupyter-book<2",  # release 2 reads other settings, and needs the network
}


def newest(text: str) -> list[str]:
    """Give a requirement without its version for each direct one.

    Args:
        text: A requirements file whose indirect part begins with the line ``INDIRECT``.

    Returns:
        One requirement a line, in the file's order.

    Raises:
        ValueError: A part is missing, or a line is no pin.
    """
    direct, mark, _ = text.partition(f"\n{INDIRECT}\n")
    if not mark:
        raise ValueError(f"expected the line {INDIRECT!r} in the requirements, found none")
    lines = [line.partition("#")[0].strip() for line in direct.splitlines()]
    requirements = []
    for line in filter(None, lines):
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)==[^\s;]+(\s*;.*)?", line)
        if pin is None:
            raise ValueError(f"expected a pin, NAME==VERSION, got {line!r}")
        requirements.append(HELD.get(pin[1].lower(), pin[1]) + (pin[2] or ""))
    return requirements


if __name__ == "__main__":
    print("\n".join(newest(sys.stdin.read())))
