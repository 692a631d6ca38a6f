"""Every page in a real browser: it loads whole, in silence, from a host and from a folder, and asks nobody else."""

import browsing
import pytest

FOLDER = browsing.HTML.as_uri()
each_page = pytest.mark.parametrize("name", [*browsing.CHAPTERS, "genindex", "search"])


@each_page
def test_loads_without_an_error_or_a_request_to_another_host(
    visit: browsing.Open, name: str
) -> None:
    seen = visit()
    seen.go(name)
    assert seen.troubles == []


@each_page
def test_loads_from_a_folder(visit: browsing.Open, name: str) -> None:
    seen = visit(at=FOLDER)
    page = seen.go(name)
    assert seen.troubles == []
    assert page.locator("h1").count() == 1


@each_page
def test_equations_are_drawn(visit: browsing.Open, name: str) -> None:
    page = visit().go(name)
    written = page.locator(".bd-article .math").count()
    assert page.locator(".bd-article .math mjx-container").count() >= written
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_a_page_that_asks_another_host_or_fails_is_noticed(visit: browsing.Open) -> None:
    seen = visit()
    page = seen.go("intro")
    page.evaluate(
        """async () => {
            await fetch("https://example.org/").catch(() => 0);
            await fetch("nowhere.png").catch(() => 0);
            console.error("as an example");
        }"""
    )
    assert any("example.org" in url for url in seen.strangers)
    assert any("nowhere.png" in url for url in seen.failed)
    assert any("as an example" in text for text in seen.errors)
