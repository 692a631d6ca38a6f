"""The built book in a real browser: Chromium without a screen, driven by Playwright.

The browser is the machine's own: `chromium`, `google-chrome` or what `RNNLAB_BROWSER` names. Where
there is none, the tests are skipped and say so; with `RNNLAB_BROWSER=required`, as in CI, they fail
instead.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chromium import MISSING, SWITCHES, executable
from first_view import wait_for_equations
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request
from repository import ROOT

#: The built book, or another build of it that `RNNLAB_HTML` names.
HTML = Path(os.environ.get("RNNLAB_HTML", ROOT / "_build" / "html")).resolve()
CHAPTERS = [path.stem for path in sorted((ROOT / "book").glob("*.md"))]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
#: The width that WCAG 2.1 asks for: 1280 px, enlarged to 400 %.
NARROW = {"width": 320, "height": 640}
#: No name of another host is ever looked up, so that no request gets there.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

Open = Callable[..., "Visit"]


def why_not() -> str:
    """Say why nothing can be looked at in a browser, if so."""
    if executable() is None:
        return MISSING
    if not (HTML / "index.html").is_file():
        return "the book is not built: run `make book`"
    return ""


def launched(playwright: Playwright) -> Browser:
    """Start the browser, or skip; where a browser is required, fail."""
    if reason := why_not():
        give_up = pytest.fail if os.environ.get("RNNLAB_BROWSER") == "required" else pytest.skip
        give_up(reason)
    return playwright.chromium.launch(executable_path=executable(), args=[*SWITCHES, ALONE])


@dataclass
class Visit:
    """A page in the browser, and what went on while it was there.

    Attributes:
        page: Playwright's page.
        site: Where the book is: its address on localhost, or as ``file://``.
        errors: What the console called an error, and exceptions that nobody caught.
        failed: Requests without an answer, or with one that says no.
        strangers: Requests to any place but the book; none of them gets through.
    """

    page: Page
    site: str
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen. Requests are not held up for that: one that is lost keeps its page waiting."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.context.on("request", self._watch)
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on(
            "response", lambda answer: answer.status >= 400 and self.failed.append(answer.url)
        )

    def is_own(self, url: str) -> bool:
        """Tell whether an address belongs to the book."""
        return url.startswith(self.site) or urlsplit(url).scheme in {"data", "blob", "about"}

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _watch(self, request: Request) -> None:
        if not self.is_own(request.url):
            self.strangers.append(request.url)

    def go(self, name: str) -> Page:
        """Open a page, e.g. ``"lstm"`` or ``"lstm.html#ex-lstm-step"``; wait for its equations."""
        address = name if ".html" in name else f"{name}.html"
        self.page.goto(f"{self.site}/{address}", wait_until="load", timeout=120_000)
        wait_for_equations(self.page)
        return self.page

    @property
    def troubles(self) -> list[str]:
        """All that went wrong."""
        return self.errors + self.failed + self.strangers
