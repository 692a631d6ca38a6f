"""What a reader does with a page: switch to dark, copy code, open a folded solution or cell."""

import browsing
import pytest
from pages import pages
from playwright.sync_api import Page, expect

CODE = next(page for page in pages() if page.name == "lstm").code_cells


def theme(page: Page) -> str:
    return page.locator("html").get_attribute("data-theme") or ""


def background(page: Page) -> int:
    """How bright the page is, from 0 to 255."""
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in color.strip("rgba()").split(",")[:3]) // 3


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_page_follows_the_reader_s_system(visit: browsing.Open, scheme: str, bright: bool) -> None:
    page = visit(color_scheme=scheme).go("notation")
    assert theme(page) == scheme
    assert (background(page) > 128) is bright


def test_switch_to_dark_lasts_to_the_next_page(visit: browsing.Open) -> None:
    seen = visit(color_scheme="light")
    page = seen.go("notation")
    button = page.locator("button.theme-switch-button:visible").first
    for _ in range(3):  # automatic, light, dark, in an order of the theme's own
        if theme(page) == "dark":
            break
        button.click()
    assert theme(page) == "dark"
    assert background(page) < 64
    assert theme(seen.go("glossary")) == "dark"


def test_copy_button_copies_the_cell_s_code(visit: browsing.Open) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"]).go("lstm")
    cell = page.locator("article .cell_input:visible").first
    cell.hover()
    cell.locator("button.copybtn").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).length > 0")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() in {code.source.strip() for code in CODE}


def test_solutions_and_hints_are_folded_and_open_at_a_click(visit: browsing.Open) -> None:
    page = visit().go("lstm")
    folded = page.locator("article details").filter(has_text="Solution")
    assert folded.count() > 3
    assert page.locator("article details[open]").count() == 0
    first = folded.first
    inside = first.locator("pre, p").first
    expect(inside).to_be_hidden()
    first.locator("summary").click()
    expect(inside).to_be_visible()


def test_code_that_draws_a_figure_is_folded_and_its_figure_is_not(visit: browsing.Open) -> None:
    page = visit().go("lstm")
    cell = page.locator("article .cell.tag_hide-input").first
    code = cell.locator(".cell_input pre")
    expect(code).to_be_hidden()
    expect(page.locator("article figure img").first).to_be_visible()
    cell.locator("summary").click()
    expect(code).to_be_visible()
