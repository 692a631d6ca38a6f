"""The book with the keyboard alone: where one is can be seen, and all that opens opens."""

import browsing
import pytest
from browsing import DESKTOP, NARROW
from judging import ask, opened
from playwright.sync_api import Page, expect


def press(page: Page, key: str) -> dict:
    """Press a key, and see where that leads."""
    page.keyboard.press(key)
    return ask(page, "focus()")


@pytest.mark.parametrize(("name", "scheme"), [("lstm", "light"), ("notation", "dark")])
def test_focus_is_seen_and_follows_the_page(visit: browsing.Open, name: str, scheme: str) -> None:
    page = opened(visit, name, folded=True, color_scheme=scheme)
    stops = [press(page, "Tab") for _ in range(60)]
    assert [stop["name"] for stop in stops if not stop["shown"]] == []
    assert [stop["name"] for stop in stops if not stop["after"]] == []
    assert sum(stop["within"] for stop in stops) >= 30


def test_a_focus_that_is_not_seen_is_noticed(visit: browsing.Open) -> None:
    page = opened(visit, "notation", folded=True)
    page.add_style_tag(content=":is(#in#deed, *) { outline: none !important }")
    assert not any(press(page, "Tab")["shown"] for _ in range(5))


def test_first_stop_leads_past_the_side_bar(visit: browsing.Open) -> None:
    page = opened(visit, "lstm", folded=True)
    first = press(page, "Tab")
    assert "Skip to main content" in first["name"]
    expect(page.locator("#pst-skip-link a")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert press(page, "Tab")["within"]


def test_folds_open_and_close(visit: browsing.Open) -> None:
    page = visit().go("lstm")
    cell = page.locator("details:has(> .cell_input)").first
    for state in ("Hide code cell source", "Show code cell source"):
        cell.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(cell.locator("summary")).to_contain_text(state, use_inner_text=True)
    expect(cell.locator(".cell_input")).to_be_hidden()


def test_menus_open_and_close(visit: browsing.Open) -> None:
    page = visit().go("lstm")
    button = page.get_by_role("button", name="Download this page")
    button.focus()
    page.keyboard.press("Enter")
    entry = page.locator(".dropdown-download-buttons .dropdown-item").first
    expect(entry).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(entry).to_be_focused()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_side_bars_of_a_phone_open_and_close(visit: browsing.Open, side: str) -> None:
    page = visit(viewport=NARROW, reduced_motion="reduce").go("lstm")
    button = page.locator(f"button.{side}-toggle:visible")
    button.focus()
    page.keyboard.press("Enter")
    bar = page.locator(f"#pst-{side}-sidebar-modal")
    expect(bar).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('dialog'))")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(button).to_be_focused()


def test_search_opens_and_closes(visit: browsing.Open) -> None:
    page = visit().go("notation")
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input[type=search]")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("gate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=gate*")


def test_what_scrolls_is_moved_by_arrows(visit: browsing.Open) -> None:
    page = opened(visit, "lstm", viewport=NARROW)
    page.wait_for_selector("pre[role=group]")
    wide = page.locator("pre[role=group]").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("pre => pre.scrollLeft > 0", arg=wide.element_handle())


@pytest.mark.parametrize("name", ["intro", "lstm"])
def test_nothing_moves_for_who_wants_it_so(visit: browsing.Open, name: str) -> None:
    still = opened(visit, name)
    assert ask(still, "moving()") == []
    assert still.evaluate("document.getAnimations().length") == 0


def test_what_moves_is_noticed(visit: browsing.Open) -> None:
    page = opened(visit, "notation", viewport=DESKTOP)
    page.emulate_media(reduced_motion="no-preference")
    assert len(ask(page, "moving()")) > 3
