"""The search as a reader uses it: in Chinese, English and both; from a host and from a folder."""

from urllib.parse import quote

import browsing
import pytest
from playwright.sync_api import Page, expect

FOLDER = browsing.HTML.as_uri()
#: What is looked for, and where the first result, or one among the first few, has to lead.
ASKED = {
    "循环神经网络": ("glossary.html#", "rnn.html#"),
    "神经网络": ("glossary.html#", "rnn.html#"),
    "记忆": ("glossary.html#", "lstm.html#"),
    "门": ("glossary.html#", "lstm.html#"),
    "我爱中国": ("rnn.html", "attention.html"),
    "LSTM 遗忘门": ("glossary.html#", "lstm.html"),
    "forget gate": ("glossary.html#term-forget-gate", "lstm.html#"),
    "perplexity": ("glossary.html#term-perplexity", "language-models.html#"),
    "rnnlab.scratch.LSTM": ("api.html#rnnlab.scratch.LSTM",),
    "lstm-step": ("lstm.html#ex-lstm-step",),
}


def results(page: Page) -> list[str]:
    """Where the results lead, when the search has finished."""
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")
    return page.locator("ul.search li > a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )


def found(page: Page, asked: str) -> list[str]:
    """Where the results of another query would lead; the page is not loaded anew."""
    return page.evaluate(
        """asked => Search._performSearch(...Search._parseQuery(asked)).reverse()
            .map(([page, , place]) => `${page}.html${place}`)""",
        asked,
    )


def test_search_finds_chinese_and_english(visit: browsing.Open) -> None:
    seen = visit()
    page = seen.go(f"search.html?q={quote('注意力')}")
    shown = results(page)
    assert shown[0].startswith("glossary.html#")
    assert shown == found(page, "注意力")
    for asked, (first, *others) in ASKED.items():
        places = found(page, asked)
        assert places[0].startswith(first), asked
        for other in others:
            assert any(place.startswith(other) for place in places[:10]), (asked, other)
    for asked in ("熊猫", "循环猫", "LSTM 熊猫", "qwertyuiop"):
        assert found(page, asked) == [], asked
    assert seen.troubles == []


@pytest.mark.parametrize("folder", [False, True], ids=["host", "folder"])
def test_reader_types_a_chinese_term_and_comes_to_where_it_is_introduced(
    visit: browsing.Open, folder: bool
) -> None:
    seen = visit(at=FOLDER) if folder else visit()
    page = seen.go("gru")
    page.keyboard.press("Control+k")
    page.locator("input[name=q]:visible").fill("遗忘门")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    assert results(page)[0].startswith("glossary.html#")
    link = page.locator("ul.search li > a", has_text="LSTM > 遗忘门")
    if not folder:  # a page from a folder may not fetch the pages that it would quote
        expect(page.locator("ul.search .context").first).to_contain_text("Near 1 it keeps")
    link.click()
    page.wait_for_url("**/lstm.html#*")
    expect(page.locator(".highlighted").first).to_have_text("遗忘门")
    assert seen.troubles == []
