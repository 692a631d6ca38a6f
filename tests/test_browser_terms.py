"""The box that says what a term means: by pointer, keyboard and finger, and how it goes away."""

import browsing
from playwright.sync_api import Locator, Page, expect


def opened(visit: browsing.Open, **options) -> tuple[browsing.Visit, Page, Locator, Locator]:
    """A chapter, the link of a term on it, and the box."""
    seen = visit(**options)
    page = seen.go("lstm")
    link = page.locator('a.term[href$="#term-forget-gate"]').first
    link.scroll_into_view_if_needed()
    return seen, page, link, page.locator("#term-box")


def test_pointer_opens_the_box_and_may_go_into_it(visit: browsing.Open) -> None:
    seen, page, link, box = opened(visit)
    expect(box).to_be_hidden()
    hint = link.get_attribute("title")
    link.hover()
    expect(box).to_have_text(hint)
    assert 0 <= box.bounding_box()["y"] - link.bounding_box()["y"] < 60  # below it, or its 2nd line
    assert "遗忘门" in hint
    assert link.get_attribute("title") is None  # the browser would show it beside the box
    box.hover()
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert link.get_attribute("title") == hint
    link.hover(position={"x": 1, "y": 1})
    page.mouse.move(2, 2)
    expect(box).to_be_hidden()
    assert seen.troubles == []


def test_keyboard_opens_the_box_and_follows_the_link(visit: browsing.Open) -> None:
    seen, page, link, box = opened(visit, color_scheme="dark", viewport=browsing.NARROW)
    link.evaluate("link => { link.tabIndex = 0; link.focus({ focusVisible: true }); }")
    expect(box).to_be_visible()
    assert link.get_attribute("aria-describedby") == "term-box"
    place = box.bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= browsing.NARROW["width"]
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert link.evaluate("link => link === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-forget-gate")
    assert seen.troubles == []


def test_first_tap_opens_the_box_and_the_second_follows_the_link(visit: browsing.Open) -> None:
    seen, page, link, box = opened(visit, viewport=browsing.PHONE, has_touch=True)
    link.tap()
    expect(box).to_be_visible()
    assert page.url.endswith("lstm.html")
    page.locator(".bd-article h2").first.tap(position={"x": 2, "y": 2})
    expect(box).to_be_hidden()
    link.tap()
    link.tap()
    page.wait_for_url("**/glossary.html#term-forget-gate")
    assert seen.troubles == []
