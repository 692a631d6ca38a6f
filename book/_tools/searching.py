"""Sphinx extension: the search finds Chinese, the introductions of terms, and exercises.

Sphinx splits English at what is no letter; Chinese is written without spaces. Here a stretch of
Chinese characters is indexed as each of its characters and each pair of neighbours, and looked for
by its pairs: so every part of a term is found, without a dictionary that Python and the browser
would have to share. `searching.js` is the browser's half.
"""

import re
from pathlib import Path

from inventory import exercises, index
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.index_entries import split_index_msg
from terms import ENTRIES, introductions

LANGUAGE = "en-zh"
#: Chinese characters; searching.js has the same.
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
TOOLS = re.compile(
    r"\s*<script[^>]*\b(?:searchtools|language_data|searchindex)\.js[^>]*>\s*</script>"
)


def grams(run: str) -> list[str]:
    """Each character of a stretch of Chinese, and each pair of neighbours."""
    return [*run, *(run[start : start + 2] for start in range(len(run) - 1))]


class SearchEnglishAndChinese(SearchEnglish):
    """English words by their stems, Chinese by characters and pairs of them."""

    lang = LANGUAGE
    language_name = "English and Chinese"
    js_splitter_code = Path(__file__).with_name("searching.js").read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """Split a text into what is indexed."""
        words = super().split(HAN.sub(" ", input))
        return words + [gram for run in HAN.findall(input) for gram in grams(run)]


def add_places(app: Sphinx) -> list[tuple[str, dict[str, object], str]]:
    """Have the search know where each term is introduced, and each exercise by both its names.

    Sphinx looks for a query in titles, which lead to sections, and in the words of whole pages.
    """
    indexer = getattr(app.builder, "indexer", None)
    if indexer is None:
        return []
    titles, entries = indexer._all_titles, indexer._index_entries
    for name in titles:
        titles[name] = [(plain_title(title), place) for title, place in titles[name]]
        # Of a page that was not read anew Sphinx has forgotten the entries.
        entries[name] = index_entries(app, name)
    entries.pop("api", None)  # the search knows its objects already
    for term, (name, section) in introductions(app.env).items():
        titles[name] += [(word, section) for word in ENTRIES[term].words]
    for name in titles:
        titles[name] = list(dict.fromkeys(titles[name]))  # some are from the build before
    for page in index().pages:
        if page.name in titles:
            names = [(asked.name, asked.place, "main") for asked in exercises(page) if asked.name]
            entries[page.name] = entries.get(page.name, []) + names
    return []


def index_entries(app: Sphinx, name: str) -> list[tuple[str, str, str]]:
    """The entries of a page for the index, as Sphinx's search wants them: name, place, rank."""
    found = set()
    for kind, value, place, main, _ in app.env.domaindata["index"]["entries"].get(name, []):
        found |= {(word, place or "", main) for word in split_index_msg(kind, value)}
    return sorted(found)


def plain_title(title: str) -> str:
    """A title as it is shown; that of an exercise stands in brackets."""
    match = re.fullmatch(r"\s*\((.*)\)", title)
    return f"Exercise: {match[1]}" if match else title


def keep_tools_on_their_page(app: Sphinx, error: Exception | None) -> None:
    """Take the search's scripts and its index off all pages but the one that searches."""
    if error is None and app.builder.format == "html":
        for path in Path(app.outdir).glob("*.html"):
            html = path.read_text(encoding="utf-8")
            if path.name != "search.html" and (made := TOOLS.sub("", html)) != html:
                path.write_text(made, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.add_search_language(SearchEnglishAndChinese)
    app.connect("html-collect-pages", add_places)
    app.connect("build-finished", keep_tools_on_their_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
