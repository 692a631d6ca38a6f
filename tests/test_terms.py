"""Terms: which words of a text are terms, and what a page makes of their first use."""

import re
from html import unescape

import browsing
import pytest
import terms
from pages import pages

GLOSSARY = """# Glossary

```{glossary}
forget gate
遗忘门
  The gate f. Near 1 it keeps $h_t$; see {term}`cell state`.

cell state
细胞状态
记忆元
  The memory
  of the {term}`LSTM <LSTM>`.
```
"""
built = pytest.mark.skipif(
    not (browsing.HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)


def test_entries_are_read_with_their_names_and_meanings() -> None:
    entries = terms.read_entries(GLOSSARY)
    assert entries["forget gate"].words == ("forget gate", "遗忘门")
    assert entries["forget gate"].meaning == "The gate f. Near 1 it keeps hₜ; see cell state."
    assert entries["forget gate"].hint == "遗忘门. The gate f."
    assert entries["cell state"].hint == "细胞状态 · 记忆元. The memory of the LSTM."


def test_every_entry_has_a_chinese_name_and_a_plain_hint() -> None:
    assert len(terms.ENTRIES) > 80
    for entry in terms.ENTRIES.values():
        assert entry.chinese, entry.name
        assert not re.search(r"[$\\`{}]", entry.hint), entry.hint


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two forget gates and a cell state.", ["forget gate", "cell state"]),
        ("Forget\ngate first", ["forget gate"]),
        ("one with attention weights", ["attention weights"]),
        ("the 遗忘门 alone", ["forget gate"]),
        ("学校门口", []),
        ("an aggregate, a gateway, an investigated case", []),
        ("GRUs, not grus", ["GRU"]),
        ("Pay attention to the attention", ["attention"]),
        ("the cell below", []),
        ("keeps five candidates, each a candidate that ends", []),
        ("vocabularies", ["vocabulary"]),
    ],
)
def test_terms_are_found_as_words(text: str, found: list[str]) -> None:
    assert [name for _, name in terms.uses(text)] == found


def test_forms_belong_to_one_entry_each() -> None:
    owners: dict[str, str] = {}
    for name in terms.ENTRIES:
        for form in terms.forms(name):
            assert owners.setdefault(form, name) == name, form
    with pytest.raises(ValueError, match="form of a term"):
        terms.whose("zebra")


LINK = re.compile(r'<a class="[^"]*\bterm\b[^"]*" href="([^"]+)" title="([^"]+)"')


def linked(html: str) -> list[tuple[str, str]]:
    """The terms that a page links: address and hint."""
    return [(address, unescape(hint)) for address, hint in LINK.findall(html)]


@built
@pytest.mark.parametrize("name", [page.name for page in pages() if page.chapter])
def test_a_chapter_links_each_term_once_with_its_meaning(name: str) -> None:
    html = (browsing.HTML / f"{name}.html").read_text(encoding="utf-8")
    links = linked(html)
    assert len(links) >= 8
    hints = {entry.hint for entry in terms.ENTRIES.values()}
    assert {hint for _, hint in links} <= hints
    # what the text links itself may recur
    automatic = re.findall(r'<a class="term reference internal" href="([^"]+)"', html)
    assert len(automatic) == len(set(automatic))
    article = re.search(r'<article class="bd-article".*?</article>', html, re.DOTALL)
    assert article is not None
    for heading in re.findall(r"<h[1-6]>.*?</h[1-6]>", article[0], re.DOTALL):
        assert "term" not in re.findall(r'class="([\w ]+)"', heading)


@built
def test_the_glossary_has_no_hints_and_says_where_terms_are_introduced() -> None:
    html = (browsing.HTML / "glossary.html").read_text(encoding="utf-8")
    assert linked(html) == []
    said = re.findall(
        r'class="introduced">Introduced in <a class="[^"]*" href="(\w[\w-]*)\.html', html
    )
    chapters = {page.name for page in pages() if page.chapter}
    assert len(said) > 60
    assert len(chapters & set(said)) >= 10
    entry = re.search(
        r'id="term-forget-gate".*?Introduced in <a [^>]*href="([^"]+)"', html, re.DOTALL
    )
    assert entry is not None
    assert entry[1].startswith("lstm.html#")
