"""What a page's first view costs: bytes, the time to its largest part, and what moves meanwhile."""

from typing import Any

from playwright.sync_api import Page

#: Runs before a page's own scripts. What moves without the reader's doing adds up in `shift`.
WATCH = """
    globalThis.shift = 0;
    globalThis.largest = 0;
    const watch = (type, each) => new PerformanceObserver(
        list => list.getEntries().forEach(each)).observe({type, buffered: true});
    watch("layout-shift", entry => { if (!entry.hadRecentInput) shift += entry.value; });
    watch("largest-contentful-paint", entry => { largest = entry.startTime; });
"""

#: A promise that is never kept would wait for ever: Playwright sets `evaluate` no limit.
EQUATIONS = """
    limit => Promise.race([
        globalThis.MathJax?.startup?.promise,
        new Promise((_, fail) => setTimeout(
            () => fail(new Error(`the equations are not drawn after ${limit} ms`)), limit)),
    ]).then(() => null)
"""


def wait_for_equations(page: Page, limit: int = 120_000) -> None:
    """Wait until the equations of a page that is open are drawn.

    Args:
        page: Playwright's page.
        limit: Milliseconds after which that is an error.
    """
    page.evaluate(EQUATIONS, limit)


class FirstView:
    """Watches a page of Playwright's; begin before the page is opened.

    Attributes:
        sizes: Bytes that came over the network, by address.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sizes: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        page.add_init_script(WATCH)
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
    def transferred(self) -> int:
        """Bytes of the page; the math renderer, which comes once for all pages, aside."""
        return sum(size for url, size in self.sizes.items() if "/mathjax/" not in url)

    @property
    def layout_shift(self) -> float:
        """The part of the screen that moved by itself, times how far, summed up."""
        return float(self.page.evaluate("shift"))

    @property
    def largest_contentful_paint(self) -> float:
        """Milliseconds until the largest part of the first view was painted."""
        return float(self.page.evaluate("largest"))

    def settle(self) -> None:
        """Wait until what the scripts have changed is painted."""
        wait_for_equations(self.page)
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
        )
