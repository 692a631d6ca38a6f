"""The book on paper and in an e-book: whole, with an outline, with links that lead somewhere."""

import posixpath
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import browsing
import chromium
import epub
import pdf
import pytest
import whole
from playwright.sync_api import Browser, expect
from pypdf import PdfReader
from pypdf.generic import Destination

#: Pages that refer to each other, with equations, Chinese terms, exercises, solutions.
PAGES = ["counting-parameters", "glossary"]
TITLES = [whole.chosen([name])[0].title for name in PAGES]
XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"


@pytest.fixture(scope="module")
def printed(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    path = tmp_path_factory.mktemp("print") / "two.pdf"
    pdf.make(browser, browsing.HTML, path, PAGES)
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(printed: PdfReader) -> list[str]:
    return [page.extract_text() for page in printed.pages]


def entries(outline: list, depth: int = 0) -> list[tuple[int, Destination]]:
    """The entries of an outline in order, with their depths."""
    found = []
    for entry in outline:
        if isinstance(entry, list):
            found += entries(entry, depth + 1)
        else:
            found.append((depth, entry))
    return found


def plain(text: str) -> str:
    """A text without white space, which a PDF does not keep, and without ligatures."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def test_outline_holds_every_chapter_and_section_and_leads_to_them(
    printed: PdfReader, texts: list[str]
) -> None:
    outline = entries(printed.outline)
    titles = [entry.title for depth, entry in outline if depth == 0]
    assert [re.sub(r"^\d+\. ", "", title) for title in titles] == [
        "Contents",
        *TITLES,
        "Hints and solutions",
    ]
    sections = [entry for depth, entry in outline if depth == 1]
    assert len(sections) > 8
    for entry in [entry for depth, entry in outline if depth < 2]:
        page = printed.get_destination_page_number(entry)
        assert plain(entry.title) in plain(texts[page]), entry.title


def test_links_lead_to_pages_or_away(printed: PdfReader) -> None:
    inside = 0
    for page in printed.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if link.get("/Subtype") != "/Link":
                continue
            if "/Dest" in link:
                assert link["/Dest"] in printed.named_destinations
                inside += 1
            else:
                assert link["/A"]["/URI"].startswith("https://"), link["/A"]
    assert inside > 50


def test_contents_name_the_page_on_which_a_chapter_begins(
    printed: PdfReader, texts: list[str]
) -> None:
    contents = plain(next(text for text in texts if "Contents" in text))
    chapters = [e for _, e in entries(printed.outline) if e.title.endswith(tuple(TITLES))]
    assert len(chapters) == len(TITLES)
    for entry in chapters:
        number = printed.get_destination_page_number(entry) + 1
        assert plain(f"{entry.title}{number}") in contents


def test_text_and_figures_are_all_there(printed: PdfReader, texts: list[str]) -> None:
    everything = plain("".join(texts))
    for words in (
        "循环神经网络",
        "遗忘",  # 门 comes out as a radical
        "(4.1)",
        "Figure4.1",
        "Exercise4.1",
        "Hint1",
        "Solution",
    ):
        assert words in everything, words
    images = {image.name for page in printed.pages for image in page.images}
    assert images
    for words in ("Showcodecellsource", "Clicktoshow", "Skiptomaincontent"):
        assert words not in everything, words


def test_hints_stand_at_the_end(texts: list[str]) -> None:
    begin = next(n for n, text in enumerate(texts) if "Hints and solutions" in text and n > 2)
    assert not any(re.search(r"Hint 1", text) for text in texts[:begin])
    assert any(re.search(r"Hint 1", text) for text in texts[begin:])


def test_an_unknown_page_is_refused() -> None:
    with pytest.raises(ValueError, match="no page is called nowhere"):
        whole.chosen(["lstm", "nowhere"])


def test_without_a_browser_the_tools_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "executable", lambda: None)
    with pytest.raises(SystemExit, match="install it, or name its program in RNNLAB_BROWSER"):
        chromium.started().__enter__()


def test_on_paper_a_page_is_its_article(visit: browsing.Open) -> None:
    page = visit(color_scheme="dark").go(PAGES[0])
    screen_only = [".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article", ".copybtn"]
    fold = page.locator(".cell.tag_hide-input > details").first
    hint = page.locator(".cell_output > details > :not(summary)").first
    expect(page.locator(".bd-sidebar-primary")).to_be_visible()
    expect(fold).to_be_visible()
    page.emulate_media(media="print")
    for selector in screen_only:
        expect(page.locator(selector).first).to_be_hidden()
    expect(page.locator("article h1")).to_be_visible()
    expect(page.locator("article figure img").first).to_be_visible()
    expect(fold).to_be_hidden()
    expect(hint).to_be_hidden()
    page.locator(".cell_output > details").first.evaluate("fold => { fold.open = true }")
    expect(hint).to_be_visible()  # what the reader has unfolded is printed


def test_dark_pages_are_printed_light(visit: browsing.Open) -> None:
    page = visit(color_scheme="dark").go(PAGES[0])
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(theme) == "light"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) == "dark"


def epub_faults(path: Path) -> list[str]:
    """List what is wrong with an e-book: order, parts that no list names, links to nowhere."""
    with zipfile.ZipFile(path) as book:
        first = book.infolist()[0]
        files = {name: book.read(name) for name in book.namelist()}
    faults = []
    if first.filename != "mimetype" or first.compress_type or b"epub" not in files["mimetype"]:
        faults.append("mimetype comes first, as it is")
    trees = {n: ET.fromstring(d) for n, d in files.items() if n.endswith((".xhtml", ".opf"))}
    opf = trees["book/content.opf"]
    listed = {f"book/{i.get('href')}" for i in opf.iter() if i.tag.endswith("}item")}
    there = {n for n in files if n.startswith("book/") and not n.endswith(".opf")}
    faults += [f"{name} is listed or there, not both" for name in sorted(listed ^ there)]
    labels = {n: [e.get("id") for e in t.iter() if e.get("id")] for n, t in trees.items()}
    faults += [f"{n}: a label twice" for n, ids in labels.items() if len(ids) != len(set(ids))]
    for name, tree in trees.items():
        for element in tree.iter():
            target = element.get("src") or (
                element.get("href") if name != "book/content.opf" else ""
            )
            if not target or re.match(r"\w+:", target):
                continue
            place, _, label = target.partition("#")
            file = posixpath.normpath(f"book/{place}") if place else name
            if file not in files or (label and label not in labels[file]):
                faults.append(f"{name}: {target}")
    return faults


@pytest.fixture(scope="module")
def electronic(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("epub") / "two.epub"
    epub.make(browser, browsing.HTML, path, PAGES)
    return path


def test_e_book_is_sound(electronic: Path) -> None:
    assert epub_faults(electronic) == []


def test_e_book_rule_tells_a_fault(electronic: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(electronic) as book, zipfile.ZipFile(broken, "w") as copy:
        for name in book.namelist():
            data = book.read(name).replace(b'href="glossary.xhtml', b'href="nowhere.xhtml')
            copy.writestr(name, data)
        copy.writestr("book/stray.txt", "")
    faults = epub_faults(broken)
    assert any("nowhere.xhtml" in fault for fault in faults)
    assert any("stray.txt" in fault for fault in faults)


def test_e_book_holds_equations_figures_and_both_languages(electronic: Path) -> None:
    with zipfile.ZipFile(electronic) as book:
        page = ET.fromstring(book.read("book/counting-parameters.xhtml"))
        glossary = book.read("book/glossary.xhtml").decode()
        nav = ET.fromstring(book.read("book/nav.xhtml"))
    equations = list(page.iter(f"{MATHML}math"))
    assert len(equations) > 20
    assert all(equation.get("alttext") for equation in equations)
    text = "".join(page.itertext())
    assert "(4.1)" in text
    assert r"\(" not in text
    assert r"\[" not in text
    images = list(page.iter(f"{XHTML}img"))
    assert images
    assert all(image.get("alt") for image in images)
    assert "遗忘门" in glossary
    chapters = [link.text for link in nav.findall(f".//{XHTML}nav/{XHTML}ol/{XHTML}li/{XHTML}a")]
    assert [re.sub(r"^\d+\. ", "", title) for title in chapters] == TITLES
