"""Check the book's links to other sites, and fail if one is dead.

    python .github/dead_links.py

Sphinx follows the links. Publishers turn robots away from pages that a reader can open, so a
refusal does not count as a dead link, and neither does a slow answer.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "_build" / "html" / "output.json"

#: "Unauthorized", "forbidden", "too many requests", and what some sites answer in their place.
REFUSED = re.compile(r"^(401|403|405|406|418|429|451|999) |timed out")


def dead(report: str) -> list[str]:
    """Give the dead links of a report.

    Args:
        report: What Sphinx's linkcheck builder writes: a JSON object a line, one for each link.

    Returns:
        A line for each dead link: page, line, address, and what is wrong with it.
    """
    links = [json.loads(line) for line in report.splitlines()]
    return [
        f"{link['filename']}:{link['lineno']}: {link['uri']}: {link['info']}"
        for link in links
        if link["status"] == "broken" and not REFUSED.search(link["info"])
    ]


def main() -> int:
    """Have Sphinx follow every link, then report."""
    REPORT.unlink(missing_ok=True)
    book = ("jupyter-book", "build", "book", "--config", "_config.yml", "--path-output", ".")
    subprocess.run([*book, "--builder", "linkcheck"], cwd=ROOT, check=False)
    report = REPORT.read_text(encoding="utf-8")  # missing if the build itself failed
    found = dead(report)
    print(f"\n{len(report.splitlines())} links, {len(found)} dead", *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
