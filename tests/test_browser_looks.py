"""Key pages look as they did: first views compared with stored pictures, within a tolerance.

The pictures are small, so that they hold the layout and the colours, not the edges of letters.
After a change that is meant, look at the new ones and store them:

    RNNLAB_LOOKS=store python -m pytest tests/test_browser_looks.py
"""

import io
import os
from pathlib import Path
from typing import Any

import browsing
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from repository import ROOT

STORED = Path(__file__).parent / "looks"
SEEN = ROOT / "_build" / "looks"
SHRINK = 8  # a pixel of the picture is the mean of so many times so many on the screen
#: The mean difference of all pixels, and that of the worst hundredth, of 255 steps.
TOLERANCE = {"mean": 2.0, "worst": 24.0}
#: Letters of other fonts are as wide as they like; then the pictures say nothing.
FONTS = {"article p": "DejaVu Sans", "article .cell_output pre": "DejaVu Sans Mono"}

VIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "cover": ("intro", {}),
    "cover-dark": ("intro", {"color_scheme": "dark"}),
    "cover-phone": ("intro", {"viewport": browsing.PHONE}),
    "lstm": ("lstm", {}),
    "lstm-dark": ("lstm", {"color_scheme": "dark"}),
    "lstm-phone": ("lstm", {"viewport": browsing.PHONE}),
    "exercise": ("lstm.html#ex-lstm-step", {}),
    "claims": ("claims", {}),
    "glossary": ("glossary", {}),
}


def skip_with_other_fonts(page: Page) -> None:
    """Skip, and say so, where the page's fonts are others than in the stored pictures."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    for selector, expected in FONTS.items():
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        used = node and session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        names = {font["familyName"] for font in used or []}
        if names and expected not in names:
            pytest.skip(f"pictures were stored with {expected}, this machine draws with {names}")


def picture(page: Page) -> Image.Image:
    """What is on the screen, shrunk."""
    whole = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    return whole.reduce(SHRINK)


def differences(one: Image.Image, other: Image.Image) -> dict[str, float]:
    """How far two pictures of one size are apart: on the whole, and in the worst hundredth."""
    first, second = (np.asarray(image, dtype=float) for image in (one, other))
    apart = np.sort(np.abs(first - second).max(axis=-1).ravel())
    return {"mean": float(apart.mean()), "worst": float(apart[-max(1, apart.size // 100) :].mean())}


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures are the same within the tolerance."""
    if one.size != other.size:
        return False
    found = differences(one, other)
    return all(found[kind] <= most for kind, most in TOLERANCE.items())


def look(visit: browsing.Open, name: str) -> Page:
    address, options = VIEWS[name]
    page = visit(reduced_motion="reduce", **options).go(address)
    page.evaluate("document.fonts.ready")
    page.wait_for_function(
        "[...document.images].every(image => image.complete || image.loading === 'lazy')"
    )
    return page


@pytest.mark.parametrize("name", VIEWS)
def test_page_looks_as_stored(visit: browsing.Open, name: str) -> None:
    page = look(visit, name)
    skip_with_other_fonts(page)
    seen, path = picture(page), STORED / f"{name}.png"
    if os.environ.get("RNNLAB_LOOKS") == "store":
        STORED.mkdir(exist_ok=True)
        seen.save(path, optimize=True)
    SEEN.mkdir(parents=True, exist_ok=True)
    seen.save(SEEN / path.name)
    stored = Image.open(path).convert("RGB")
    assert alike(seen, stored), f"{differences(seen, stored)}: compare {SEEN / path.name}"


@pytest.mark.parametrize(
    "change",
    [
        "document.querySelector('.bd-sidebar-primary').remove()",
        "document.documentElement.dataset.theme = 'dark'",
        "document.querySelector('article h1').style.fontSize = '5rem'",
        "document.querySelectorAll('link[rel=stylesheet]').forEach(sheet => sheet.remove())",
    ],
)
def test_a_changed_page_is_noticed(visit: browsing.Open, change: str) -> None:
    page = look(visit, "glossary")
    before = picture(page)
    assert alike(before, picture(page))
    page.evaluate(change)
    assert not alike(before, picture(page))
