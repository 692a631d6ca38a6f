"""A page's first view: little to transfer, and nothing moves while it comes."""

from typing import Any

import browsing
import pytest
from playwright.sync_api import Page

FIRST_VIEW = 1_000_000  # bytes, compressed as a host sends them; MathJax aside, it is kept
SHIFT = 0.05  # cumulative layout shift: the part of the screen that moved, times how far

#: Adds up what moves without the reader's doing.
WATCH = """
    globalThis.shift = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""


class Transferred:
    """Bytes that came over the network for a page, by address."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _answered(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]

    def _finished(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "")
        self.sizes[address] = self.sizes.get(address, 0) + event["encodedDataLength"]

    @property
    def total(self) -> int:
        """All but the math renderer, which comes once for all pages."""
        return sum(size for url, size in self.sizes.items() if "/mathjax/" not in url)


@pytest.fixture(params=browsing.CHAPTERS)
def opened(visit: browsing.Open, request: pytest.FixtureRequest) -> tuple[Page, Transferred]:
    seen = visit(viewport=browsing.PHONE)
    seen.page.add_init_script(WATCH)
    transferred = Transferred(seen.page)
    return seen.go(request.param), transferred


def test_first_view_is_light_and_nothing_moves(opened: tuple[Page, Transferred]) -> None:
    page, transferred = opened
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert 0 < transferred.total <= FIRST_VIEW, transferred.sizes
    assert page.evaluate("shift") <= SHIFT


def test_a_page_that_jumps_and_one_that_is_heavy_are_noticed(visit: browsing.Open) -> None:
    seen = visit()
    seen.page.add_init_script(WATCH)
    transferred = Transferred(seen.page)
    page = seen.go("glossary")
    light = transferred.total
    page.evaluate(
        """async () => {
            const block = document.createElement("div");
            block.style.height = "500px";
            await new Promise(done => setTimeout(done, 600)); // longer after a click than it counts
            document.querySelector("article").prepend(block);
            await fetch("api.html").then(answer => answer.text());
            await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
        }"""
    )
    page.wait_for_function(f"shift > {SHIFT}")
    assert transferred.total > light + 50_000
