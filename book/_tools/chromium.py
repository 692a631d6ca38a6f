"""The machine's own Chromium, without a screen: it prints the book, and tests look through it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import Browser, sync_playwright

#: A browser that speaks to nobody by itself, and draws the same on every machine.
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--disable-quic", "--font-render-hinting=none"),
    "--force-color-profile=srgb",
]
MISSING = "no Chromium on this machine: install it, or name its program in RNNLAB_BROWSER"


@cache
def executable() -> str | None:
    """Find the browser's program; None where there is none."""
    named = os.environ.get("RNNLAB_BROWSER", "")
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    places = [named] if named not in {"", "required"} else names
    return next((path for name in places if (path := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser for a tool of the command line; end the tool where there is none."""
    if (path := executable()) is None:
        sys.exit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()
