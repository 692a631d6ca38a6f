"""A page's first view: little to transfer, and nothing moves while it comes."""

import browsing
import pytest
from first_view import FirstView

BYTES = 1_000_000  # compressed as a host sends them; MathJax aside, which comes once for all pages
SHIFT = 0.05


@pytest.mark.parametrize("name", browsing.CHAPTERS)
def test_first_view_is_light_and_nothing_moves(visit: browsing.Open, name: str) -> None:
    seen = visit(viewport=browsing.PHONE)
    view = FirstView(seen.page)
    seen.go(name)
    view.settle()
    assert 0 < view.transferred <= BYTES, view.sizes
    assert view.layout_shift <= SHIFT


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
