"""Every page for those who see it otherwise, or hear it: WCAG 2.1 AA, light and dark."""

import functools
import io
import itertools
from collections.abc import Callable

import browsing
import judging
import numpy as np
import pytest
from judging import PAGES, TAGS, ask, opened
from PIL import Image
from playwright.sync_api import Page, expect

#: The rules of axe that are not asked, and why.
WITHOUT = {
    "focus-order-semantics": "an experiment of axe and no rule of WCAG: what scrolls by itself may "
    "have a stop for the keyboard only as a landmark, and a page would have thirty of them"
}
each_page = pytest.mark.parametrize("name", PAGES)


def axe_finds(page: Page) -> list[str]:
    return page.evaluate(
        "([tags, without]) => judging.faults(tags, without)", [TAGS, list(WITHOUT)]
    )


def turn(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


@each_page
def test_axe_finds_no_fault_in_light_or_dark(visit: browsing.Open, name: str) -> None:
    page = opened(visit, name, color_scheme="light")
    ask(page, "thin()")
    found = axe_finds(page)
    for theme in ("light", "dark"):
        turn(page, theme)
        found += [f"{theme} {fault}" for fault in ask(page, "faint()")]
    assert found == []


def search(page: Page) -> str:
    page.keyboard.press("Control+k")
    return "#pst-search-dialog"


def menu(page: Page) -> str:
    page.get_by_role("button", name="Download this page").click()
    return ".dropdown-download-buttons .dropdown-menu"


def side_bar(page: Page, side: str) -> str:
    page.locator(f"button.{side}-toggle:visible").click()
    return f"#pst-{side}-sidebar-modal"


def box_of_a_term(page: Page) -> str:
    page.locator("a.term").first.hover()
    return "#term-box"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("width", "uncover"),
    [
        (browsing.DESKTOP, search),
        (browsing.DESKTOP, menu),
        (browsing.DESKTOP, box_of_a_term),
        (browsing.NARROW, functools.partial(side_bar, side="primary")),
        (browsing.NARROW, functools.partial(side_bar, side="secondary")),
    ],
    ids=["search", "menu", "term", "primary side bar", "secondary side bar"],
)
def test_axe_finds_no_fault_in_what_opens_over_a_page(
    visit: browsing.Open, width: dict[str, int], uncover: Callable[[Page], str], scheme: str
) -> None:
    page = opened(visit, "lstm", folded=True, viewport=width, color_scheme=scheme)
    over = page.locator(uncover(page)).first
    expect(over).to_be_visible()
    ask(page, "thin()")
    assert axe_finds(page) + ask(page, "faint()") == []
    expect(over).to_be_visible()  # it was there when it was judged


def test_axe_finds_the_faults_that_are_there(visit: browsing.Open) -> None:
    page = opened(visit, "notation")
    page.evaluate(
        """() => document.querySelector(".bd-article").insertAdjacentHTML("beforeend",
            `<img src="nothing.png"><h6>Jump</h6><button></button>
             <p class="highlight"><span style="color: #999; background: #fff">faint</span></p>`)"""
    )
    ask(page, "thin()")
    found = " ".join(axe_finds(page) + ask(page, "faint()"))
    for rule in ("image-alt", "heading-order", "button-name", "color-contrast"):
        assert rule in found


def alternatives_at_fault(pictures: list[dict[str, str]]) -> list[str]:
    """Alternative texts that do not say what a picture shows; a figure's needs a sentence."""
    return [
        f"{picture['source']}: {alt}"
        for picture in pictures
        if len(alt := picture["alt"].strip()) < (40 if picture["figure"] else 4)
        or picture["source"].rsplit(".", 1)[0].casefold() in alt.casefold()
        or (picture["figure"] and not alt.endswith("."))
        or alt == picture["caption"].strip()
    ]


@each_page
def test_words_for_the_ear(visit: browsing.Open, name: str) -> None:
    """Pictures have alternatives, headings are in order, Chinese is spoken as Chinese."""
    page = opened(visit, name)
    assert alternatives_at_fault(ask(page, "pictures()")) == []
    levels = ask(page, "headings()")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert ask(page, "unmarked()") == []
    formulas = page.locator("mjx-container").count()
    assert page.locator("mjx-container > mjx-assistive-mml math").count() == formulas


def test_poor_alternatives_are_noticed() -> None:
    rich = {
        "alt": "Two lines fall; the line of the LSTM falls further.",
        "source": "a1b2.png",
        "caption": "Losses.",
        "figure": True,
    }
    assert alternatives_at_fault([rich]) == []
    poor = [{"alt": ""}, {"alt": "Losses."}, {"alt": f"{rich['alt']} a1b2"}, {"alt": "Figure"}]
    assert len(alternatives_at_fault([rich | change for change in poor])) == len(poor)
    assert alternatives_at_fault([rich | {"caption": rich["alt"]}]) != []


BRIGHTNESS = np.array([0.2126, 0.7152, 0.0722])


def colour(page: Page, selector: str, of: str) -> np.ndarray:
    """A colour of the page: red, green and blue from 0 to 255."""
    css = page.evaluate(
        "([selector, of]) => getComputedStyle(document.querySelector(selector))[of]", [selector, of]
    )
    return np.array([float(part) for part in css.strip("rgba()").split(",")[:3]])


@pytest.mark.parametrize("name", ["lstm", "language-models"])
def test_figures_do_not_glare_in_the_dark(visit: browsing.Open, name: str) -> None:
    """A figure's ground is the page's, and nothing in it is brighter than the text beside it."""
    page = opened(visit, name, color_scheme="dark")
    text = colour(page, ".bd-article p", "color") @ BRIGHTNESS
    ground = colour(page, "body", "backgroundColor")
    for figure in page.locator(".bd-article figure img").all()[:3]:
        figure.scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete", arg=figure.element_handle())
        with Image.open(io.BytesIO(figure.screenshot())) as shot:
            pixels = np.asarray(shot.convert("RGB"), dtype=float)
        assert np.abs(pixels[2:8, 2:8] - ground).max() <= 12
        seen = pixels @ BRIGHTNESS
        assert seen.max() > 100  # something is drawn
        assert np.quantile(seen, 0.999) <= text


def test_all_pages_are_judged() -> None:
    """None is left out: neither a chapter, nor what Sphinx makes of its own accord."""
    made = {path.stem for path in browsing.HTML.glob("*.html")} - {"index"}
    assert made == set(judging.PAGES)
