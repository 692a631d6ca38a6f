"""Every width: 1280 px, a phone's, and 320 px.

320 px is 1280 px enlarged to 400 %: that is how WCAG 2.1 defines it (1.4.10, reflow).
"""

import browsing
import pytest
from browsing import DESKTOP, NARROW, PHONE
from judging import PAGES, ask, opened
from playwright.sync_api import Page

each_page = pytest.mark.parametrize("name", PAGES)


def set_width(page: Page, size: dict[str, int]) -> None:
    """Give the window a size, and wait until the page has taken note of it."""
    page.set_viewport_size(size)
    page.evaluate(
        """async () => {
            const frame = () => new Promise((go) => requestAnimationFrame(go));
            await frame();
            await frame();
            await frame();
        }"""
    )


def sideways(page: Page) -> int:
    """How far the page as a whole scrolls sideways, in pixels."""
    return page.evaluate("document.scrollingElement.scrollWidth - innerWidth")


@each_page
def test_nothing_is_lost_at_any_width(visit: browsing.Open, name: str) -> None:
    page = opened(visit, name, viewport=DESKTOP)
    set_width(page, DESKTOP)
    assert [
        wide["what"] for wide in ask(page, "scrolling()") if wide["what"].startswith("pre")
    ] == []
    for size in (PHONE, NARROW):
        set_width(page, size)
        assert sideways(page) <= 0
        assert ask(page, "beyond()") == []
        wide = ask(page, "scrolling()")
        assert [part["what"] for part in wide if not (part["reached"] and part["name"])] == []
        assert ask(page, "small(24)") == []


def test_what_is_lost_is_noticed(visit: browsing.Open) -> None:
    page = opened(visit, "notation", viewport=NARROW)
    page.evaluate(
        """() => document.querySelector(".bd-article").insertAdjacentHTML("beforeend",
            `<p style="width: 500px">too wide</p>
             <button style="width: 9px; height: 9px; padding: 0">x</button>
             <div style="overflow-x: auto"><p style="width: 500px">scrolls, unreached</p></div>`)"""
    )
    assert sideways(page) > 100
    assert any("too wide" in part for part in ask(page, "beyond()"))
    assert any(part.startswith("button x") for part in ask(page, "small(24)"))
    unreached = [part for part in ask(page, "scrolling()") if not part["reached"]]
    assert any("scrolls, unreached" in part["what"] for part in unreached)
