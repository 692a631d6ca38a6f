"""The built book in a real browser: Chromium without a screen, driven by Playwright.

The browser is the machine's own: `chromium`, `google-chrome` or what `RNNLAB_BROWSER` names. Where
there is none, the tests are skipped and say so; with `RNNLAB_BROWSER=required`, as in CI, they fail
instead.
"""

import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route
from repository import ROOT

#: The built book, or another build of it that `RNNLAB_HTML` names.
HTML = Path(os.environ.get("RNNLAB_HTML", ROOT / "_build" / "html")).resolve()
CHAPTERS = [path.stem for path in sorted((ROOT / "book").glob("*.md"))]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
#: The width that WCAG 2.1 asks for: 1280 px, enlarged to 400 %.
NARROW = {"width": 320, "height": 640}

#: A browser that speaks to nobody by itself, and draws the same on every machine.
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--disable-quic", "--font-render-hinting=none"),
    "--force-color-profile=srgb",
]
KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
Open = Callable[..., "Visit"]


@cache
def executable() -> str | None:
    """Find the browser's program."""
    named = os.environ.get("RNNLAB_BROWSER", "")
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    places = [named] if named not in {"", "required"} else names
    return next((path for name in places if (path := shutil.which(name))), None)


def why_not() -> str:
    """Say why nothing can be looked at in a browser, if so."""
    if executable() is None:
        return "no Chromium on this machine: install it, or name its program in RNNLAB_BROWSER"
    if not (HTML / "index.html").is_file():
        return "the book is not built: run `make book`"
    return ""


def launched(playwright: Playwright) -> Browser:
    """Start the browser, or skip; where a browser is required, fail."""
    if reason := why_not():
        give_up = pytest.fail if os.environ.get("RNNLAB_BROWSER") == "required" else pytest.skip
        give_up(reason)
    return playwright.chromium.launch(executable_path=executable(), args=SWITCHES)


class Compressing(SimpleHTTPRequestHandler):
    """Serves a folder compressed, as hosts of static pages do."""

    def do_GET(self) -> None:
        """Answer with a file, its text compressed."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        kind = KINDS.get(path.suffix)
        if kind is None or not path.is_file():
            super().do_GET()
            return
        body = packed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@cache
def packed(path: Path, _changed: int) -> bytes:
    """Compress a file once; a file that has changed is another one."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on localhost; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressing, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
        """Listen, and stand between the page and the network."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on(
            "response", lambda answer: answer.status >= 400 and self.failed.append(answer.url)
        )
        self.page.context.route(lambda url: not self.is_own(url), self._refuse)

    def is_own(self, url: str) -> bool:
        """Tell whether an address belongs to the book."""
        return url.startswith(self.site) or urlsplit(url).scheme in {"data", "blob", "about"}

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _refuse(self, route: Route) -> None:
        self.strangers.append(route.request.url)
        route.abort()

    def go(self, name: str) -> Page:
        """Open a page, e.g. ``"lstm"`` or ``"lstm.html#ex-lstm-step"``; wait for its equations."""
        address = name if ".html" in name else f"{name}.html"
        self.page.goto(f"{self.site}/{address}", wait_until="load", timeout=120_000)
        self.page.evaluate("async () => { await globalThis.MathJax?.startup?.promise }")
        return self.page

    @property
    def troubles(self) -> list[str]:
        """All that went wrong."""
        return self.errors + self.failed + self.strangers
