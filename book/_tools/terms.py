"""Sphinx extension: the first use of a term on a page leads to the glossary and says its meaning.

In running text only: no headings, code, links, formulas, captions, outputs. The link's title holds
the Chinese name and the definition's first sentence; `terms.js` makes a small box of it. And each
entry of the glossary says in which chapter the term is introduced.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from docutils import nodes
from inventory import first_sentence, index
from pages import BOOK
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

SCRIPTS = BOOK / "_terms"
#: Pages without links to the glossary: it itself, and lists.
WITHOUT = {"glossary", "bibliography", "api", "finding"}
#: Pages on which nothing counts as introduced: they come before or after the course.
ASIDE = {"intro", "notation", *WITHOUT}
#: Other forms of a name, beside its plural.
FORMS = {
    "acrostic": ["acrostic verse"],
    "backpropagation through time": ["BPTT"],
    "encoder–decoder": ["encoder-decoder", "seq2seq"],
    "n-gram model": ["n-gram"],
    "recurrent neural network": ["recurrent network", "RNN"],
    "position encoding": ["positional encoding"],
    "time step": ["timestep"],
    "unrolled network": ["unrolled"],
}
#: Names that are common words, and what they are part of where they are not the term.
NOT_THE_TERM = {
    "attention": r"(?:pay|paid|pays|draws?|calls?)\s+attention",
    "candidate": r"candidates?\s+(?:for|of|among|that)|(?:keeps|from)\s+\w+\s+candidates",
    "parameter": r"parameters?\s+of\s+(?:a|the)\s+function",
    "state": r"(?:states?\s+(?:that|whether|how)|to\s+state|state\s+of\s+the\s+art)",
    "temperature": r"room\s+temperature",
}
#: Names that mean something else too often: a cell of code, to split, to mask.
UNLINKED = {"cell", "split", "intent"}
SYMBOLS = {
    r"\odot": "⊙", r"\log_2": "log₂", "_{t-1}": "ₜ₋₁", "_t": "ₜ", "$": "", "`": "", "*": "",
}  # fmt: skip
TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<[^>]*>)?`")
SKIPPED = (
    nodes.title,
    nodes.subtitle,
    nodes.literal,
    nodes.literal_block,
    nodes.reference,
    nodes.math,
    nodes.math_block,
    nodes.caption,
    nodes.legend,
    nodes.raw,
    nodes.comment,
    nodes.table,
    nodes.definition_list,
)
#: Parts of a page, by class, that are no running text.
SKIPPED_CLASSES = {"cell", "cell_output", "at-a-glance", "bibliography", "toctree-wrapper"}


@dataclass(frozen=True)
class Entry:
    """An entry of the glossary.

    Attributes:
        name: Its English name.
        chinese: Its Chinese names.
        meaning: The definition, plain text.
    """

    name: str
    chinese: tuple[str, ...]
    meaning: str

    @property
    def words(self) -> tuple[str, ...]:
        """All its names as they stand in the glossary."""
        return self.name, *self.chinese

    @property
    def hint(self) -> str:
        """What a reader sees without leaving the page."""
        return f"{' · '.join(self.chinese)}. {first_sentence(self.meaning)}"


def read_entries(markdown: str) -> dict[str, Entry]:
    """Read the entries of a glossary, by their English names."""
    body = markdown.split("```{glossary}\n", 1)[1].split("\n```", 1)[0]
    entries = {}
    for block in re.split(r"\n\n(?=\S)", body.strip("\n")):
        lines = block.splitlines()
        name, *chinese = [line for line in lines if not line.startswith(" ")]
        meaning = TERM.sub(r"\1", " ".join(line.strip() for line in lines[1 + len(chinese) :]))
        for mark, plain in SYMBOLS.items():
            meaning = meaning.replace(mark, plain)
        entries[name] = Entry(name, tuple(chinese), meaning)
    return entries


ENTRIES = read_entries((BOOK / "glossary.md").read_text(encoding="utf-8"))


def forms(name: str) -> list[str]:
    """A name, its plural, and other forms of it."""
    last = name.rsplit(" ", 1)[-1]
    if last.endswith(("s", "ing")) and last not in {"bias", "loss"}:
        plural = name
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        plural = f"{name[:-1]}ies"
    else:
        plural = f"{name}{'es' if last.endswith(('x', 'ch', 'sh')) else 's'}"
    others = [form for other in FORMS.get(name, []) for form in (other, f"{other}s")]
    return list(dict.fromkeys([name, plural, *others]))


def _as_pattern(form: str) -> str:
    """A form as it stands in text: lines may break in it, and a sentence may begin with it."""
    first, rest = form[0], r"\s+".join(map(re.escape, form[1:].split(" ")))
    begins = f"[{first.lower()}{first.upper()}]" if form[1:2].islower() else re.escape(first)
    return begins + rest


@cache
def pattern() -> re.Pattern[str]:
    """All forms of all names, the longest first; the group's number says whose it is."""
    found = [
        (form, name) for name in ENTRIES if name not in UNLINKED for form in forms(name)
    ]  # fmt: skip
    found.sort(key=lambda pair: -len(pair[0]))
    names = "|".join(_as_pattern(form) for form, _ in found)
    chinese = sorted((word for entry in ENTRIES.values() for word in entry.chinese), key=len)
    words = "|".join(map(re.escape, chinese[::-1]))
    return re.compile(rf"(?<![\w-])(?:{names}|{words})(?![\w-])")


@cache
def whose(text: str) -> str:
    """The entry that a form belongs to."""
    flat = " ".join(text.split())
    for name, entry in ENTRIES.items():
        known = {*forms(name), *entry.chinese}
        if flat in known or flat[0].lower() + flat[1:] in known:
            return name
    raise ValueError(f"expected a form of a term, got {text!r}")


def is_other(name: str, text: str, match: re.Match[str]) -> bool:
    """Tell whether a common word is not the term here."""
    if name not in NOT_THE_TERM:
        return False
    around = re.finditer(NOT_THE_TERM[name], text, re.IGNORECASE)
    return any(part.start() <= match.start() < part.end() for part in around)


def uses(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """The terms in a text, one after the other: where, and which."""
    for match in pattern().finditer(text):
        if not is_other(name := whose(match[0]), text, match):
            yield match, name


def running_text(node: nodes.Element) -> Iterator[nodes.Text]:
    """The texts of a page, without headings, code, links and the like."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child
        elif not isinstance(child, SKIPPED) and not SKIPPED_CLASSES & set(child.get("classes", [])):
            yield from running_text(child)


#: Pages as they were read: to unpickle them takes seconds, and several extensions look at them.
_trees: dict[str, nodes.document] = {}


def doctree(env: BuildEnvironment, name: str) -> nodes.document:
    """A page as it was read, before anything in it was resolved; not to be changed."""
    if name not in _trees:
        _trees[name] = env.get_doctree(name)
    return _trees[name]


def forget_doctrees(_app: Sphinx, _env: BuildEnvironment) -> None:
    """Free the memory, when all extensions have looked."""
    _trees.clear()


#: Where each term is introduced: the page and the section. Filled when all pages are read.
_introduced: dict[str, tuple[str, str]] = {}


def introductions(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Where each term is introduced: the first place of the course that gives its Chinese name."""
    if not _introduced:
        chinese = {word: entry for entry in ENTRIES.values() for word in entry.chinese}
        for page in index().pages:
            if page.name in ASIDE or page.name not in env.found_docs:
                continue
            for text in running_text(doctree(env, page.name)):
                for word in chinese_names(text.astext()):
                    _introduced.setdefault(chinese[word].name, (page.name, section_of(text)))
    return _introduced


def chinese_names(text: str) -> list[str]:
    """The Chinese names in a text that are no part of a longer stretch of Chinese."""
    found = (match[0] for match in pattern().finditer(text))
    return [word for word in found if not word.isascii() and word in ENTRIES[whose(word)].chinese]


def section_of(node: nodes.Node) -> str:
    """The anchor of the section around a node."""
    while not isinstance(node, nodes.section):
        node = node.parent
    return str(node["ids"][0])


def find_introductions(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Find them anew when pages have been read."""
    _introduced.clear()
    _trees.clear()
    introductions(env)
    return []


def link_terms(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Link the first use of each term on a page; in the glossary, link to the introductions."""
    if docname == "glossary":
        link_back(app, document)
        return
    if docname in WITHOUT:
        return
    places = app.env.domaindata["std"]["objects"]
    seen = set()
    for link in document.findall(nodes.reference):  # those that the text makes itself
        if any("std-term" in child.get("classes", []) for child in link.findall(nodes.inline)):
            anchor = link["refuri"].partition("#")[2] if "refuri" in link else ""
            name = next((n for n in ENTRIES if places["term", n][1] == anchor), "")
            if name:
                seen.add(name)
                link["classes"].append("term")
                link["reftitle"] = ENTRIES[name].hint
    for text in list(running_text(document)):
        link_in(text, seen, app, docname)


def link_in(text: nodes.Text, seen: set[str], app: Sphinx, docname: str) -> None:
    """Make links of the terms in a text that have not been seen."""
    parts: list[nodes.Node] = []
    done = 0
    said = text.astext()
    for match, name in uses(said):
        if name in seen:
            continue
        seen.add(name)
        page, anchor = app.env.domaindata["std"]["objects"]["term", name]
        address = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        link = nodes.reference("", match[0], internal=True, refuri=address, classes=["term"])
        link["reftitle"] = ENTRIES[name].hint
        parts += [nodes.Text(said[done : match.start()]), link]
        done = match.end()
    if parts:
        text.parent.replace(
            text, [part for part in [*parts, nodes.Text(said[done:])] if part.astext()]
        )


def link_back(app: Sphinx, document: nodes.document) -> None:
    """Say at each entry of the glossary where the term is introduced."""
    titles = app.env.titles
    for item in list(document.findall(nodes.definition_list_item)):
        name = next(item.findall(nodes.term)).astext()
        if name in introductions(app.env):
            page, section = introductions(app.env)[name]
            address = f"{app.builder.get_relative_uri('glossary', page)}#{section}"
            link = nodes.reference("", titles[page].astext(), internal=True, refuri=address)
            said = nodes.paragraph("", "", nodes.Text("Introduced in "), link, nodes.Text("."))
            said["classes"].append("introduced")
            item.children[-1].append(said)


def offer_script(_app: Sphinx, config: Config) -> None:
    """Have the script copied. In `_static` Jupyter Book would load it on every page, too early."""
    config.html_static_path.append(str(SCRIPTS))


def add_script(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    document: nodes.document | None,
) -> None:
    """Load the script of the boxes where there is something for them to show."""
    if document is not None and any(
        "term" in link["classes"] for link in document.findall(nodes.reference)
    ):
        app.add_js_file("terms.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", offer_script)
    app.connect("env-updated", find_introductions)
    app.connect("env-check-consistency", forget_doctrees)
    app.connect("doctree-resolved", link_terms, priority=800)  # after the text's own links
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
