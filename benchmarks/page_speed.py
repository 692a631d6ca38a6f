"""How soon a page of the built book is there: its first view, for each page, from localhost.

Each page is opened several times as by a reader who has never been here: nothing is kept, and what
comes is compressed, as a host of static pages sends it. Of the book's own building, the time is
measured as well, from executed notebooks and with nothing built before.

    make book && python benchmarks/page_speed.py      # writes results/page_speed.json
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

from chromium import started  # noqa: E402
from first_view import FirstView  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402
from record import record  # noqa: E402
from serving import served  # noqa: E402

HTML = ROOT / "_build" / "html"
ROUNDS = 3
WINDOWS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def open_once(browser: Browser, address: str, window: str) -> dict[str, float]:
    """Open a page in a fresh profile, and measure its first view."""
    context = browser.new_context(viewport=WINDOWS[window])
    page = context.new_page()
    view = FirstView(page)
    page.goto(address, wait_until="load")
    view.settle()
    seen = {
        "milliseconds": view.largest_contentful_paint,
        "shift": view.layout_shift,
        "kilobytes": view.transferred / 1000,
    }
    context.close()
    return seen


def first_views(browser: Browser, address: str) -> list[dict[str, Any]]:
    """Measure every page in every window; the pages take turns, so that noise meets them all."""
    names = sorted(path.stem for path in HTML.glob("*.html") if path.stem != "index")
    settings = [(name, window) for name in names for window in WINDOWS]
    seen: dict[tuple[str, str], list[dict[str, float]]] = {setting: [] for setting in settings}
    for round_ in range(ROUNDS + 1):
        for name, window in settings:
            once = open_once(browser, f"{address}/{name}.html", window)
            if round_:  # the first warms the server up
                seen[name, window].append(once)
        print(f"round {round_} of {ROUNDS}", flush=True)
    return [
        {
            "page": name,
            "window": window,
            "largest_contentful_paint_ms": round(median(once["milliseconds"] for once in rounds)),
            "slowest_ms": round(max(once["milliseconds"] for once in rounds)),
            "layout_shift": round(max(once["shift"] for once in rounds), 4),
            "kilobytes": round(max(once["kilobytes"] for once in rounds)),
        }
        for (name, window), rounds in seen.items()
    ]


def build_seconds() -> float:
    """Build the whole book from executed notebooks into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [
                str(Path(sys.executable).with_name("jupyter-book")),
                *("build", "book", "--config", "_config.yml", "--path-output", folder),
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return round(time.perf_counter() - start, 1)


def main() -> None:
    """Measure, print a table, write the result file."""
    if not (HTML / "index.html").is_file():
        sys.exit("the book is not built: run `make book`")
    with started() as browser, served(HTML) as address:
        version = browser.version
        rows = first_views(browser, address)
    for row in rows:
        print(
            "  ".join(f"{value:>24}" if key == "page" else str(value) for key, value in row.items())
        )
    result = {"browser": version, "rounds": ROUNDS, "build_seconds": build_seconds(), "pages": rows}
    print(f"built in {result['build_seconds']} s")
    print("written:", record("page_speed", result))


if __name__ == "__main__":
    main()
