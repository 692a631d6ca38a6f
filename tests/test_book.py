"""The book: its pages, their links, and that nothing in it is loaded from another host.

The tests that look at built pages are skipped, and say so, where the book is not built; `make test`
builds it first.
"""

import re
from pathlib import Path

import cells
import check
import links
import pages
import pytest
from repository import ROOT, read

import notebooks

HTML = ROOT / "_build" / "html"
BOOK, INDEX, BIBLIOGRAPHY = notebooks.everything()
WITH_CODE = [page for page in BOOK if page.has_notebook]
built = pytest.mark.skipif(
    not (HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)
each_built_page = pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)

# --- the sources ----------------------------------------------------------------------------------


def equations_named(source: str) -> set[str]:
    """Give the equation labels that a source file's docstrings and comments name."""
    found = re.findall(
        r"Equations?\s+((?:`{1,2}[\w-]+`{1,2}(?:,\s*|\s+and\s+|\s+to\s+)?)+)", source
    )
    return {label for group in found for label in re.findall(r"`+([\w-]+)`+", group)}


def test_equations_that_the_package_names_stand_in_the_book() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), label)
        for path in sorted((ROOT / "rnnlab").rglob("*.py"))
        for label in equations_named(path.read_text(encoding="utf-8"))
    }
    assert named
    known = {label for label, target in INDEX.targets.items() if target.kind == "equation"}
    assert [entry for entry in sorted(named) if entry[1] not in known] == []


def test_equation_rule_reads_one_label_and_several() -> None:
    assert equations_named("Equation ``lstm-cell``.") == {"lstm-cell"}
    assert equations_named("Equations `a-b`, `c` and ``d-e``: x") == {"a-b", "c", "d-e"}
    assert equations_named("a `name` alone") == set()


def test_table_of_contents_holds_every_page() -> None:
    there = {path.stem for path in (ROOT / "book").glob("*.md")}
    assert there == {page.name for page in BOOK}


def figure_faults(code: list) -> list[str]:
    """List the figures that lack a name, a caption or an alternative text."""
    faults = []
    for cell in code:
        if "figure" in cell.metadata.get("mystnb", {}):
            name, caption, alt = pages.figure_of(cell)
            parts = {"name": name.startswith("fig-"), "caption": caption, "alternative text": alt}
            faults += [f"{name}: {part}" for part, given in parts.items() if not given]
    return faults


@each_built_page
def test_figures_have_a_name_a_caption_and_alternative_text(page: pages.Page) -> None:
    assert figure_faults(page.code_cells) == []


@pytest.mark.parametrize(
    "options",
    [
        {"figure": {"name": "fig-x", "caption": "C."}},
        {"figure": {"name": "fig-x"}, "image": {"alt": "A."}},
        {"figure": {"name": "x", "caption": "C."}, "image": {"alt": "A."}},
    ],
)
def test_figure_rule_tells_what_is_missing(options: dict) -> None:
    cell = notebooks.new_code_cell("_ = 1", metadata={"mystnb": options})
    assert len(figure_faults([cell])) == 1


# --- the built pages ------------------------------------------------------------------------------


@built
def test_links_lead_somewhere_and_nothing_is_loaded_from_elsewhere() -> None:
    assert links.faults(HTML) == []


@built
@each_built_page
def test_buttons_lead_to_the_notebook(page: pages.Page) -> None:
    html = (HTML / f"{page.name}.html").read_text(encoding="utf-8")
    address = notebooks.repository_address()
    repository = address.removeprefix("https://github.com/")
    for host in ("colab.research.google.com/github/", "mybinder.org/v2/gh/"):
        urls = re.findall(rf'href="(https://{re.escape(host)}[^"]*)"', html)
        assert urls
        assert all(repository in url for url in urls)
        assert all(url.endswith(f"notebooks/{page.name}.ipynb") for url in urls)
    assert f"{address}/edit/main/book/{page.name}.md" in html
    offered = (HTML / "_sources" / f"{page.name}.ipynb").read_bytes()
    assert offered == (ROOT / "notebooks" / f"{page.name}.ipynb").read_bytes()


@built
def test_pages_without_code_have_no_launch_button() -> None:
    for page in BOOK:
        if not page.has_notebook:
            html = (HTML / f"{page.name}.html").read_text(encoding="utf-8")
            assert "colab.research.google.com" not in html, page.name


#: Where a page shows the number of what a label names.
NUMBERS = {
    "equation": r'id="equation-{}".*?<span class="eqno">\(([\d.]+)\)',
    "figure": r'id="{}".*?caption-number">Figure ([\d.]+) ',
    "exercise": r'id="{}".*?caption-number">Exercise ([\d.]+) ',
}


@built
@each_built_page
def test_numbers_in_the_notebook_are_those_of_the_page(page: pages.Page) -> None:
    html = (HTML / f"{page.name}.html").read_text(encoding="utf-8")
    targets = {label: t for label, t in INDEX.targets.items() if t.page.name == page.name}
    for label, target in targets.items():
        if target.kind in NUMBERS:
            found = re.search(NUMBERS[target.kind].format(label), html, re.DOTALL)
            assert found, label
            assert found[1] == target.text, label


# --- the checkers themselves ----------------------------------------------------------------------

PAGE = '<html><body><h1 id="top">A</h1><a href="b.html#there">b</a>{}</body></html>'


def make_site(folder: Path, extra: str = "") -> Path:
    """Make a sound site of two pages, and add something to the first."""
    (folder / "_static").mkdir()
    (folder / "_static" / "a.css").write_text("p { background: url(data:image/png;base64,x) }")
    (folder / "a.html").write_text(PAGE.format(extra))
    (folder / "b.html").write_text('<p id="there"><a href="a.html#top">a</a></p>')
    return folder


def test_link_rule_passes_a_sound_site(tmp_path: Path) -> None:
    other = '<a href="https://example.org/x">x</a><a href="mailto:a@b.c">m</a><a href="#top">t</a>'
    assert links.faults(make_site(tmp_path, other)) == []


@pytest.mark.parametrize(
    "extra",
    [
        '<a href="missing.html">x</a>',
        '<a href="b.html#nowhere">x</a>',
        '<a href="#nowhere">x</a>',
        '<img src="missing.png">',
        '<img src="https://example.org/a.png">',
        '<script src="//example.org/a.js"></script>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<p style="background: url(https://example.org/a.png)">x</p>',
    ],
)
def test_link_rule_tells_a_fault(tmp_path: Path, extra: str) -> None:
    assert len(links.faults(make_site(tmp_path, extra))) == 1


def test_link_rule_tells_a_style_sheet_that_loads_and_an_empty_folder(tmp_path: Path) -> None:
    assert len(links.faults(tmp_path)) == 1
    folder = make_site(tmp_path)
    (folder / "_static" / "a.css").write_text('@import "https://example.org/a.css";')
    assert len(links.faults(folder)) == 1


def test_checks_stop_at_the_first_failure_and_say_which(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[list[str]] = []

    def fail_types(command: list[str]) -> int:
        ran.append(command)
        return int("mypy" in command)

    assert check.check(["lint", "types", "links"], fail_types) == 1
    said = capsys.readouterr().out
    assert len(ran) == 4  # three commands of lint, one of types, none of links
    assert "types failed" in said
    assert re.fullmatch(r"1 passed, 1 failed, 1 not run in \d+s", said.splitlines()[-1])
    assert check.check(list(check.STEPS), lambda _: 0) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(rf"{len(check.STEPS)} passed, 0 failed in \d+s", said.splitlines()[-1])


PAGE_WITH_CODE = (
    "# T\n\n```{code-cell} ipython3\n:tags: [hide-input]\nx = {'a':1}\n```\n\n`{'a':1}`\n"
)


def test_formatting_changes_code_cells_alone() -> None:
    done = cells.format_page(PAGE_WITH_CODE)
    assert done == PAGE_WITH_CODE.replace("x = {'a':1}", 'x = {"a": 1}')
    assert cells.format_page(done) == done
    with pytest.raises(ValueError, match="parse"):
        cells.format_page(PAGE_WITH_CODE.replace("x = ", "x = = "))


def test_makefile_and_check_run_the_same_steps() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(check.STEPS) <= targets
