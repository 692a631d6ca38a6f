"""Every page in a real browser, from a host and from a folder: whole, and asking nobody else."""

import browsing
import pytest

FOLDER = browsing.HTML.as_uri()
each_page = pytest.mark.parametrize("name", [*browsing.CHAPTERS, "genindex", "search"])


@pytest.mark.parametrize("at", ["host", "folder"])
@each_page
def test_loads_in_silence_and_asks_nobody_else(visit: browsing.Open, name: str, at: str) -> None:
    seen = visit(at=FOLDER) if at == "folder" else visit()
    page = seen.go(name)
    assert seen.troubles == []
    assert page.locator("h1:visible").count() == 1
    equations = page.locator("article .math")
    assert equations.locator("mjx-container").count() >= equations.count()
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
