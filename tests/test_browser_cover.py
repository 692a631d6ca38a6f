"""The cover in a browser: its picture runs, stops when asked, and stands still on request."""

import browsing
import pytest
from playwright.sync_api import expect

BUTTON = "#cover-picture button"
AHEAD = "#cover-picture .is-ahead"


def test_picture_runs_and_can_be_paused(visit: browsing.Open) -> None:
    seen = visit()
    page = seen.go("intro")
    expect(page.locator(BUTTON)).to_have_text("Pause")
    expect(page.locator(AHEAD).first).to_be_attached()  # it has begun
    hidden = page.locator(AHEAD).count()
    page.wait_for_function(f"document.querySelectorAll('{AHEAD}').length < {hidden}")
    page.locator(BUTTON).press("Enter")
    expect(page.locator(BUTTON)).to_have_text("Play")
    expect(page.locator("#cover-picture")).to_have_attribute("data-running", "false")
    page.locator(BUTTON).click()
    expect(page.locator(BUTTON)).to_have_text("Pause")
    assert seen.troubles == []


def test_picture_stands_whole_where_less_motion_is_wanted_and_on_paper(
    visit: browsing.Open,
) -> None:
    page = visit(reduced_motion="reduce").go("intro")
    expect(page.locator(BUTTON)).to_have_text("Play")
    expect(page.locator(AHEAD)).to_have_count(0)
    moving = visit().go("intro")
    expect(moving.locator(AHEAD).first).to_have_css("opacity", "0")
    moving.emulate_media(media="print")
    expect(moving.locator(AHEAD).first).to_have_css("opacity", "1")
    expect(moving.locator(BUTTON)).to_be_hidden()


@pytest.mark.parametrize("screen", [(1280, 800), (390, 844)])
def test_first_screen_says_what_this_is(visit: browsing.Open, screen: tuple[int, int]) -> None:
    width, height = screen
    page = visit(viewport={"width": width, "height": height}).go("intro")
    for selector in ("article h1", ".cover-first", ".cover-facts", ".cover-svg"):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, selector
        assert box["x"] + box["width"] <= width, selector
    page.locator(".cover-first").click()
    expect(page.locator("article h1")).to_contain_text("What a recurrent network is")


def test_logo_is_there_in_both_themes_and_as_icon(visit: browsing.Open) -> None:
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme).go("glossary")
        shown = page.locator(f".bd-sidebar-primary img.only-{scheme}")
        expect(shown).to_be_visible()
        assert shown.evaluate("image => image.naturalWidth") > 0
        icon = page.locator("link[rel=icon]").get_attribute("href") or ""
        assert "logo" in icon
