"""Every page in a real browser: whole, silent, light, still, and asking nobody else.

From a host, as a phone sees it, and from a folder.
"""

import browsing
import pytest
from first_view import FirstView, wait_for_equations
from playwright.sync_api import Error

FOLDER = browsing.HTML.as_uri()
BYTES = 1_000_000  # compressed as a host sends them; MathJax aside, which comes once for all pages
SHIFT = 0.05
each_page = pytest.mark.parametrize("name", [*browsing.CHAPTERS, "genindex", "search"])


def faults(seen: browsing.Visit) -> list[str]:
    """List what is wrong with a page that is open."""
    page = seen.page
    found = list(seen.troubles)
    if (titles := page.locator("h1:visible").count()) != 1:
        found.append(f"{titles} titles")
    equations = page.locator("article .math")
    if equations.locator("mjx-container").count() < equations.count():
        found.append("an equation is not drawn")
    if page.locator("mjx-merror, [data-mjx-error]").count():
        found.append("an equation has an error")
    return found


@each_page
def test_page_of_a_host_is_whole_and_silent_light_and_still(
    visit: browsing.Open, name: str
) -> None:
    seen = visit(viewport=browsing.PHONE)
    view = FirstView(seen.page)
    seen.go(name)
    view.settle()
    assert faults(seen) == []
    assert 0 < view.transferred <= BYTES, view.sizes
    assert view.layout_shift <= SHIFT


@each_page
def test_page_of_a_folder_is_whole_and_silent_and_still(visit: browsing.Open, name: str) -> None:
    seen = visit(at=FOLDER)
    view = FirstView(seen.page)
    seen.go(name)
    view.settle()
    assert faults(seen) == []
    assert view.layout_shift <= SHIFT


def test_a_page_that_asks_another_host_or_fails_is_noticed(visit: browsing.Open) -> None:
    seen = visit()
    page = seen.go("lstm")
    page.evaluate(
        """async () => {
            await fetch("https://example.org/").catch(() => 0);
            await fetch("nowhere.png").catch(() => 0);
            console.error("as an example");
            document.querySelector("article .math mjx-container").remove();
            document.querySelector("article h1").remove();
        }"""
    )
    found = faults(seen)
    for fault in ("example.org", "nowhere.png", "as an example", "0 titles", "not drawn"):
        assert any(fault in entry for entry in found), fault


def test_equations_that_are_never_drawn_are_noticed(visit: browsing.Open) -> None:
    page = visit().go("notation")
    page.evaluate("() => { MathJax.startup.promise = new Promise(() => 0); }")
    with pytest.raises(Error, match="not drawn after 50 ms"):
        wait_for_equations(page, limit=50)


def test_a_page_that_jumps_and_one_that_is_heavy_are_noticed(visit: browsing.Open) -> None:
    seen = visit()
    view = FirstView(seen.page)
    page = seen.go("glossary")
    light = view.transferred
    page.evaluate(
        """async () => {
            const block = document.createElement("div");
            block.style.height = "500px";
            await new Promise(done => setTimeout(done, 600)); // what follows input does not count
            document.querySelector("article").prepend(block);
            await fetch("api.html").then(answer => answer.text());
        }"""
    )
    page.wait_for_function(f"shift > {SHIFT}")
    assert view.transferred > light + 50_000
    assert view.largest_contentful_paint > 0
