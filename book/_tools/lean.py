"""Sphinx extension: pages carry what they use, and keep their layout while they load.

The theme draws some twenty icons with a script of 1.5 MB, or with fonts of 0.4 MB where that script
is missing. Here the script is left out, and the fonts are cut down to the icons that the pages use.
Jupyter Book adds the scripts of Thebe to every page even where Thebe is off; they are left out,
too. Each image says its size, so that nothing moves when it arrives, and comes when it is needed.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from PIL import Image
from sphinx.application import Sphinx

#: What no page needs: where a script's address, or the text of an inline one, holds one of these.
UNUSED = ("sphinx-thebe", "THEBE_JS_URL")
ICON_SCRIPT = re.compile(r"\s*<script[^>]*/fontawesome\.js[^>]*>\s*</script>")
PRELOAD = re.compile(r"\s*<link[^>]*/fontawesome\.js[^>]*>")
ICON = re.compile(r"<(?P<tag>i|span)(?P<before>[^>]*?) class=\"(?P<names>[^\"]*\bfa[bsr]?\b[^\"]*|"
                  r"[^\"]*\bfa-(?:solid|regular|brands)\b[^\"]*)\"(?P<after>[^>]*)>")  # fmt: skip
IMAGE = re.compile(r"<img\b(?P<attributes>[^>]*?)\s*/?>")
RULE = re.compile(r"(?P<selectors>[^{}]*)\{[^{}]*?content:\s*\"\\(?P<code>[0-9a-f]{4})\"")
#: An icon that a style names: by its number, or as the character itself.
VARIABLE = re.compile(r"--pst-[\w-]+:\s*\"(?:\\(?P<code>[0-9a-f]{4})|(?P<sign>[\ue000-\uf8ff]))\"")
NAME = re.compile(r"\bfa-[a-z0-9-]+")
#: The theme's own script settles light or dark only after a first visit's first paint; until then
#: no colour and no border is defined, and their arrival moves the text.
THEME = """
    if (!["light", "dark"].includes(document.documentElement.dataset.theme)) {
        document.documentElement.dataset.theme =
            matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
"""


def without_unused(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Leave scripts and styles out that no page needs."""
    for kind in ("script_files", "css_files"):
        context[kind] = [
            entry
            for entry in context.get(kind, [])
            if not any(
                word in f"{getattr(entry, 'filename', entry)} {getattr(entry, 'attributes', '')}"
                for word in UNUSED
            )
        ]


def hidden_from_speech(match: re.Match[str]) -> str:
    """An icon is decoration: a screen reader has nothing to say of it."""
    tag = match[0]
    return tag if "aria-hidden" in tag else f'{tag[:-1]} aria-hidden="true">'


def sized(folder: Path, html: str) -> str:
    """Give each image its size, and have all but the first come when they are needed.

    Args:
        folder: Where the page lies, and its images below it.
        html: The page.
    """
    seen = 0

    def size(match: re.Match[str]) -> str:
        nonlocal seen
        attributes = match["attributes"]
        source = re.search(r'\bsrc="([^"]+)"', attributes)
        path = folder / unquote(unescape(source[1])) if source else None
        if path is None or not path.is_file() or path.suffix not in {".png", ".jpg", ".webp"}:
            return match[0]
        seen += 1
        if not re.search(r"\b(width|height)=", attributes):
            with Image.open(path) as image:
                attributes += f' width="{image.width}" height="{image.height}"'
        if seen > 1 and "loading=" not in attributes:
            attributes += ' loading="lazy" decoding="async"'
        return f"<img{attributes}>"

    return IMAGE.sub(size, html)


def lean(folder: Path, html: str) -> str:
    """Give a page as it is to be; a page that is so already stays as it is."""
    html = PRELOAD.sub("", ICON_SCRIPT.sub("", html))
    return sized(folder, ICON.sub(hidden_from_speech, html))


def code_points(folder: Path) -> set[int]:
    """The icons in use, as numbers of characters: named by a page or a script, or set by a style.

    Args:
        folder: The built book.
    """
    texts = [*folder.glob("*.html"), *(folder / "_static" / "scripts").glob("*theme.js")]
    names = {name for path in texts for name in NAME.findall(path.read_text(encoding="utf-8"))}
    used = set()
    for sheet in (folder / "_static").rglob("*.css"):
        css = sheet.read_text(encoding="utf-8")
        for match in VARIABLE.finditer(css):
            used.add(ord(match["sign"]) if match["sign"] else int(match["code"], 16))
        for match in RULE.finditer(css):
            icons = NAME.findall(match["selectors"])
            if not icons or names & set(icons):
                used.add(int(match["code"], 16))
    return used


def fonts(folder: Path) -> Iterator[Path]:
    """The icon fonts of the built book, as TrueType."""
    yield from (folder / "_static" / "vendor" / "fontawesome" / "webfonts").glob("*.ttf")


def cut_down(path: Path, characters: set[int]) -> None:
    """Leave only some characters in a font, and drop its other form.

    The style sheets ask for WOFF2 first, so the small font takes its place there: browsers look at
    what a font is, not at what it is called.
    """
    options = Options(notdef_outline=True, hinting=False, layout_features=[])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    with TTFont(path) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(path.with_suffix(".woff2"))
        font.flavor = None
        font.save(path)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Make the pages and the icon fonts lean."""
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for path in sorted(folder.glob("*.html")):
        html = path.read_text(encoding="utf-8")
        if (made := lean(path.parent, html)) != html:
            path.write_text(made, encoding="utf-8")
    used = code_points(folder)
    for font in fonts(folder):
        cut_down(font, used)
    for unused in (folder / "_static").rglob("*.map"):
        unused.unlink()
    (folder / "_static" / "scripts" / "fontawesome.js").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.add_js_file(None, body=THEME, priority=1)
    app.connect("html-page-context", without_unused, priority=900)  # after those who add them
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
