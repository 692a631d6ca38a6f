"""Sphinx extension: from a name of the package in a page's text to the API reference, and back.

A chapter's code says what a name means there (``from rnnlab import scratch``). So `scratch.LSTM` in
the text leads to its entry, on its first use on the page; and each entry of the reference says
which chapters explain it (they show its source, or speak of it) or use it.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from docutils import nodes
from inventory import index
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from terms import doctree, section_of

REFERENCE = "api"
#: Where a docstring names the chapter that explains the object.
NAMED = re.compile(r"\bchapters?\s+`*(?P<page>[a-z-]+)`*")
#: How many pages an entry names.
MOST = 3
SKIPPED = (nodes.title, nodes.reference, nodes.literal_block, nodes.caption, nodes.raw)
CALL = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:\(.*\))?$", re.DOTALL)


@cache
def resolved(path: str) -> object | None:
    """What a dotted path such as ``"rnnlab.scratch.LSTM"`` names; None if nothing."""
    parts = path.split(".")
    thing: object = None
    for number, part in enumerate(parts):
        if number and hasattr(thing, part):
            thing = getattr(thing, part)
            continue
        if number and not isinstance(thing, ModuleType):
            return None
        try:
            thing = importlib.import_module(".".join(parts[: number + 1]))
        except ImportError:
            return None
    return thing


@dataclass
class Scope:
    """What names mean on a page: read from its code, cell by cell.

    Attributes:
        imported: The dotted path of each imported name.
        own: Names that the page gives a meaning itself.
        last: Last parts of names of other packages, such as ``"LSTM"`` of ``nn.LSTM``.
    """

    imported: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)

    def path(self, dotted: str) -> str:
        """The whole path of a name; empty where it is none of the package's."""
        first, dot, rest = dotted.partition(".")
        known = "rnnlab" if first == "rnnlab" and dot else self.imported.get(first, "")
        whole = known + dot + rest
        return whole if whole.split(".")[0] == "rnnlab" and first not in self.own else ""

    def read(self, code: str) -> Iterator[tuple[str, bool]]:
        """Read a cell: each name of the package in it, and whether its source is shown."""
        tree = ast.parse(code)
        shown = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and (_dotted(node.func) or "").endswith("show_source")
            for argument in node.args
            for inner in ast.walk(argument)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.imported |= {a.asname or a.name.split(".")[0]: a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom):
                self.imported |= {
                    a.asname or a.name: f"{node.module}.{a.name}" for a in node.names
                }  # fmt: skip
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.own.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.own.add(node.id)
        beginnings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if (name := _dotted(node)) is None or id(node) in beginnings:
                continue
            if path := self.path(name):
                yield path, id(node) in shown
            elif "." in name:
                self.last.add(name.rpartition(".")[2])


def _dotted(node: ast.AST) -> str | None:
    """A chain of attributes as text: ``scratch.LSTM``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return None


@dataclass
class Use:
    """Where an object stands on a page: the first place where it is shown, spoken of, or used.

    A chapter that its docstring names counts as one that shows it.
    """

    shown: str = ""
    spoken: str = ""
    used: str = ""

    @property
    def rank(self) -> int:
        """0 where its source is shown, 1 where the text names it, 2 where only code uses it."""
        return 0 if self.shown else 1 if self.spoken else 2

    @property
    def section(self) -> str:
        """The place to go to."""
        return self.shown or self.spoken or self.used


@dataclass
class Uses:
    """Every use of the package's public objects on the book's pages.

    Attributes:
        documented: The anchor of each object in the reference, by the object's identity.
        of: By anchor, the uses on each page, in reading order.
        scopes: What names mean on each page.
    """

    documented: dict[int, str] = field(default_factory=dict)
    of: dict[str, dict[str, Use]] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)

    def anchor(self, path: str) -> str:
        """The anchor in the reference of what a path names, or of its class; empty if none."""
        thing = resolved(path) if path else None
        if thing is None or id(thing) in self.documented:
            return self.documented.get(id(thing), "") if path else ""
        owner = path.rpartition(".")[0]
        return self.anchor(owner) if isinstance(resolved(owner), type) else ""

    def meant(self, text: str, page: str) -> str:
        """The anchor of what some code in a page's text means; empty if it is no such name."""
        scope = self.scopes.get(page, Scope())
        if not (match := CALL.match(text)):
            return ""
        name = match["name"]
        if "." in name or name in scope.imported:
            return self.anchor(scope.path(name))
        if name in scope.own | scope.last:
            return ""
        found = {
            anchor
            for anchor, places in self.of.items()
            if anchor.rpartition(".")[2] == name and page in places
        }
        return found.pop() if len(found) == 1 else ""

    def places(self, anchor: str) -> list[tuple[str, Use]]:
        """The pages that an entry of the reference names, those that explain it first."""
        uses = self.of.get(anchor, {})
        return sorted(uses.items(), key=lambda item: item[1].rank)[:MOST]  # stable: reading order


def documented(env: BuildEnvironment) -> dict[int, str]:
    """The anchors of all classes, functions and modules of the reference, by their identity."""
    found = {}
    data = env.domaindata["py"]
    for name, entry in data["objects"].items():
        thing = resolved(name)
        is_own = entry.docname == REFERENCE and not entry.aliased and thing is not None
        if is_own and entry.objtype in {"class", "function", "exception"}:
            found[id(thing)] = entry.node_id
    for name, entry in data["modules"].items():
        if (thing := resolved(name)) is not None:
            found.setdefault(id(thing), entry.node_id)
    return found


def read_uses(env: BuildEnvironment) -> Uses:
    """Find every use: first in the code of all pages, then in their texts."""
    uses = Uses(documented(env))
    trees = {
        page.name: doctree(env, page.name)
        for page in index().pages
        if page.has_notebook and page.name in env.found_docs
    }
    for name, tree in trees.items():
        scope = uses.scopes[name] = Scope()
        for block in code_of(tree):
            section = section_of(block)
            for path, shown in scope.read(block.astext()):
                if anchor := uses.anchor(path):
                    use = uses.of.setdefault(anchor, {}).setdefault(name, Use())
                    use.used = use.used or section
                    use.shown = use.shown or (section if shown else "")
    for name, tree in trees.items():
        for literal in spoken_of(tree):
            if anchor := uses.meant(literal.astext(), name):
                use = uses.of.setdefault(anchor, {}).setdefault(name, Use())
                use.spoken = use.spoken or section_of(literal)
    name_chapters(env, uses)
    order = list(trees)
    for anchor, places in uses.of.items():
        uses.of[anchor] = dict(sorted(places.items(), key=lambda item: order.index(item[0])))
    return uses


def name_chapters(env: BuildEnvironment, uses: Uses) -> None:
    """Add the chapters that docstrings name."""
    for name, entry in env.domaindata["py"]["objects"].items():
        named = NAMED.search(inspect.getdoc(resolved(name)) or "")
        if named and named["page"] in uses.scopes and id(resolved(name)) in uses.documented:
            use = uses.of.setdefault(entry.node_id, {}).setdefault(named["page"], Use())
            use.shown = use.section or section_of(
                doctree(env, named["page"]).next_node(nodes.title)
            )


def code_of(tree: nodes.document) -> Iterator[nodes.literal_block]:
    """The code cells of a page."""
    for cell in tree.findall(nodes.container):
        if "cell_input" in cell["classes"]:
            yield from cell.findall(nodes.literal_block)


def spoken_of(node: nodes.Element) -> Iterator[nodes.literal]:
    """Pieces of code in running text."""
    for child in node.children:
        if isinstance(child, nodes.literal):
            yield child
        elif isinstance(child, nodes.Element) and not (
            isinstance(child, SKIPPED) or "cell" in child.get("classes", [])
        ):
            yield from spoken_of(child)


_uses = Uses()


def find_uses(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Find all uses when pages have been read; the reference is written anew, it shows them."""
    found = read_uses(env)
    _uses.documented, _uses.of, _uses.scopes = found.documented, found.of, found.scopes
    return [REFERENCE] if REFERENCE in env.found_docs else []


def link_names(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Link a page's names to the reference, or the reference's entries to the pages."""
    if docname == REFERENCE:
        for entry in list(document.findall(addnodes.desc)):
            say_where(app, entry)
        return
    seen = set()
    for literal in list(spoken_of(document)):
        anchor = _uses.meant(literal.astext(), docname)
        if anchor and anchor not in seen:
            seen.add(anchor)
            address = f"{app.builder.get_relative_uri(docname, REFERENCE)}#{anchor}"
            link = nodes.reference("", "", internal=True, refuri=address, classes=["api"])
            literal.parent.replace(literal, link)
            link += literal


def say_where(app: Sphinx, entry: addnodes.desc) -> None:
    """Add to an entry of the reference which pages explain or use it."""
    anchors = [anchor for line in entry.findall(addnodes.desc_signature) for anchor in line["ids"]]
    places = _uses.places(anchors[0]) if anchors else []
    if not places:
        return
    explained = [place for place in places if place[1].rank < 2]
    used = [place for place in places if place[1].rank == 2]
    said = nodes.paragraph(classes=["introduced"])
    for verb, group in (("explained in ", explained), ("used in ", used)):
        if group:
            said += nodes.Text(f"; {verb}" if said.children else verb.capitalize())
        for number, (page, use) in enumerate(group):
            address = f"{app.builder.get_relative_uri(REFERENCE, page)}#{use.section}"
            said += nodes.Text(", " if number else "")
            said += nodes.reference(
                "", app.env.titles[page].astext(), internal=True, refuri=address
            )
    said += nodes.Text(".")
    content = entry.children[-1]
    members = [n for n, child in enumerate(content.children) if isinstance(child, addnodes.index)]
    content.insert(members[0] if members else len(content.children), said)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("env-updated", find_uses)
    app.connect("doctree-resolved", link_names, priority=700)  # before the terms
    return {"parallel_read_safe": True, "parallel_write_safe": True}
