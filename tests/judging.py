"""What a reader meets in a page, asked in the browser: `judging.js` says it, and axe judges it."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import browsing
from playwright.sync_api import Page
from repository import ROOT

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
QUESTIONS = (ROOT / "tests" / "judging.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
#: All pages that a reader can come to.
PAGES = [*browsing.CHAPTERS, "genindex", "py-modindex", "search"]


def opened(visit: browsing.Open, name: str, *, folded: bool = False, **options: Any) -> Page:
    """Open a page, with all that is folded in it, and make ready to ask."""
    page = visit(reduced_motion="reduce", **options).go(name)
    for script in (AXE, QUESTIONS):
        page.evaluate(f"() => {{ {script} }}")
    if not folded:
        page.evaluate("judging.open()")
    return page


def ask(page: Page, question: str) -> Any:
    """Ask what `judging.js` answers, e.g. ``"headings()"``."""
    return page.evaluate(f"judging.{question}")
