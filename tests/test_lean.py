"""Pages carry what they use: no icon script, small icon fonts, images that say their size."""

import re
import shutil
from pathlib import Path

import lean
import pytest
from browsing import HTML
from fontTools.ttLib import TTFont
from PIL import Image

built = pytest.mark.skipif(
    not (HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_images").mkdir()
    Image.new("RGB", (30, 20)).save(tmp_path / "_images" / "a.png")
    return tmp_path


def test_image_says_its_size_and_waits_unless_it_is_the_first(folder: Path) -> None:
    page = '<img alt="A." src="_images/a.png" style="width: 15px;" /><img src="_images/a.png">'
    first, second = re.findall("<img[^>]*>", lean.sized(folder, page))
    assert 'width="30" height="20"' in first
    assert 'style="width: 15px;"' in first
    assert "loading" not in first
    assert 'width="30" height="20" loading="lazy"' in second


@pytest.mark.parametrize("image", ['<img src="_images/b.png">', '<img src="x.svg">', "<img>"])
def test_image_whose_size_is_unknown_stays_as_it_is(folder: Path, image: str) -> None:
    assert lean.sized(folder, image) == image


def test_icon_is_not_spoken_and_its_script_is_gone(folder: Path) -> None:
    page = (
        '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>'
        '<i class="fas fa-code"></i><i class="fa-solid fa-sun" aria-hidden="true"></i>'
        '<span class="fabulous">text</span>'
    )
    made = lean.lean(folder, page)
    assert made == (
        '<i class="fas fa-code" aria-hidden="true"></i>'
        '<i class="fa-solid fa-sun" aria-hidden="true"></i><span class="fabulous">text</span>'
    )
    assert lean.lean(folder, made) == made


def test_scripts_that_no_page_needs_are_left_out_and_others_stay() -> None:
    context = {"script_files": ["_static/sphinx-thebe.js", "_static/doctools.js"]}
    lean.without_unused(None, "", "", context, None)  # type: ignore[arg-type]
    assert context["script_files"] == ["_static/doctools.js"]


def test_font_is_cut_down_to_the_icons_in_use(tmp_path: Path) -> None:
    import pydata_sphinx_theme  # noqa: PLC0415 - its fonts are the example

    fonts = Path(pydata_sphinx_theme.__file__).parent.rglob("fa-solid-900.ttf")
    path = tmp_path / "font.ttf"
    shutil.copy(next(fonts), path)
    whole = path.stat().st_size
    lean.cut_down(path, {0xF0C9, 0xF185})
    for name in ("font.ttf", "font.woff2"):
        with TTFont(tmp_path / name) as font:
            assert set(font.getBestCmap()) == {0xF0C9, 0xF185}
        assert (tmp_path / name).stat().st_size < whole / 50


@built
def test_every_icon_of_the_built_book_is_in_its_fonts() -> None:
    drawn = set()
    for path in lean.fonts(HTML):
        with TTFont(path) as font:
            drawn |= set(font.getBestCmap())
    used = lean.code_points(HTML)
    assert {0xF0C9, 0xF002, 0xF05A} <= used  # the menu's bars, the magnifying glass, a note's i
    assert used <= drawn


@built
def test_theme_is_settled_before_a_page_is_painted() -> None:
    head = (HTML / "lstm.html").read_text(encoding="utf-8").split("</head>")[0]
    assert " ".join(lean.THEME.split()) in " ".join(head.split())
