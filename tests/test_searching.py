"""The search: how English and Chinese are split, and where the search's scripts are loaded."""

import re
from types import SimpleNamespace

import browsing
import pytest
import searching

built = pytest.mark.skipif(
    not (browsing.HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)


def test_chinese_is_split_into_characters_and_pairs_and_english_into_words() -> None:
    language = searching.SearchEnglishAndChinese({})
    assert language.split("the forget_gate (遗忘门), f") == [
        *("the", "forget_gate", "f"),
        *("遗", "忘", "门", "遗忘", "忘门"),
    ]
    assert language.split("门") == ["门"]
    assert language.split("5月3日x") == ["5", "3", "x", "月", "日"]


def test_english_is_stemmed_and_chinese_stays_as_it_is() -> None:
    language = searching.SearchEnglishAndChinese({})
    assert language.stem("gates") == language.stem("gate")
    assert language.stem("遗忘") == "遗忘"
    assert language.word_filter("门")
    assert not language.word_filter("the")


def test_both_halves_mean_the_same_by_chinese() -> None:
    pattern = re.search(
        r"const HAN = /(.*)/gu;", searching.SearchEnglishAndChinese.js_splitter_code
    )
    assert pattern is not None
    assert pattern[1] == searching.HAN.pattern


@pytest.mark.parametrize(
    ("title", "shown"),
    [(" (One step)", "Exercise: One step"), ("The forget gate", "The forget gate")],
)
def test_exercises_are_called_so(title: str, shown: str) -> None:
    assert searching.plain_title(title) == shown
    assert searching.plain_title(shown) == shown


def test_entries_are_found_for_pages_that_were_not_read_anew() -> None:
    kept = {
        "glossary": [
            ("single", "forget gate", "term-forget-gate", "main", None),
            ("single", "遗忘门", "term-1", "main", None),
            ("pair", "gate; forget", "term-2", "", None),
        ]
    }
    app = SimpleNamespace(env=SimpleNamespace(domaindata={"index": {"entries": kept}}))
    found = searching.index_entries(app, "glossary")
    assert ("forget gate", "term-forget-gate", "main") in found
    assert ("遗忘门", "term-1", "main") in found
    assert {place for _, place, _ in found} == {"term-forget-gate", "term-1", "term-2"}
    assert searching.index_entries(app, "lstm") == []


def test_scripts_of_the_search_are_told_from_others() -> None:
    html = '<script src="_static/searchtools.js"></script><script src="_static/theme.js"></script>'
    assert searching.TOOLS.sub("", html) == '<script src="_static/theme.js"></script>'


@built
def test_the_index_is_loaded_by_the_search_page_alone() -> None:
    loading = [
        path.name
        for path in browsing.HTML.glob("*.html")
        if "searchindex.js" in path.read_text(encoding="utf-8")
    ]
    assert loading == ["search.html"]
