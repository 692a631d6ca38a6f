"""Names of the package lead from the text to the reference, and the reference leads back."""

import ast
import re

import browsing
import pytest
from cross_references import Scope, Uses, resolved
from pages import pages

from rnnlab import data, scratch, training

built = pytest.mark.skipif(
    not (browsing.HTML / "index.html").is_file(), reason="the book is not built: run `make book`"
)
CELL = """
import torch
from torch import nn
from rnnlab import scratch, training as t
from rnnlab.inspection import show_source

layer = scratch.LSTM(3, 4)
t.fit(layer)
nn.GRU(3, 4)
show_source(scratch.lstm_step)
"""


def test_imports_say_what_names_mean() -> None:
    scope = Scope()
    found = dict(scope.read(CELL))
    assert {path for path, shown in found.items() if shown} == {"rnnlab.scratch.lstm_step"}
    assert {"rnnlab.scratch.LSTM", "rnnlab.training.fit"} <= set(found)
    assert scope.path("nn.GRU") == ""
    assert scope.path("scratch.GRU") == "rnnlab.scratch.GRU"
    assert "GRU" in scope.last
    list(scope.read("def scratch(): pass"))
    assert scope.path("scratch.GRU") == ""


def test_paths_are_resolved_to_what_they_name() -> None:
    assert resolved("rnnlab.scratch.LSTM") is scratch.LSTM
    assert resolved("rnnlab.data") is data
    assert resolved("rnnlab.nothing.there") is None
    assert resolved("rnnlab.scratch.LSTM.nothing") is None


def example() -> Uses:
    """Uses of two documented objects on a page."""
    scope = Scope()
    list(scope.read(CELL))
    uses = Uses({id(scratch.LSTM): "rnnlab.scratch.LSTM", id(training.fit): "rnnlab.training.fit"})
    uses.scopes["lstm"] = scope
    uses.of = {"rnnlab.training.fit": {"lstm": None}, "rnnlab.scratch.LSTM": {"lstm": None}}
    return uses


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("scratch.LSTM", "rnnlab.scratch.LSTM"),
        ("scratch.LSTM(3, 4)", "rnnlab.scratch.LSTM"),
        ("rnnlab.scratch.LSTM", "rnnlab.scratch.LSTM"),
        ("fit", "rnnlab.training.fit"),
        ("t.fit", "rnnlab.training.fit"),
        ("scratch.LSTM.forward", "rnnlab.scratch.LSTM"),
        ("layer", ""),  # the page's own
        ("h", ""),
        ("nn.LSTM", ""),
        ("GRU", ""),  # of another package
        ("x = scratch.LSTM", ""),
    ],
)
def test_code_in_the_text_is_understood_as_in_the_cells(text: str, anchor: str) -> None:
    assert example().meant(text, "lstm") == anchor


def test_on_a_page_without_code_only_whole_names_are_understood() -> None:
    assert example().meant("rnnlab.scratch.LSTM", "glossary") == "rnnlab.scratch.LSTM"
    assert example().meant("fit", "glossary") == ""


def read(name: str) -> str:
    """A built page."""
    return (browsing.HTML / f"{name}.html").read_text(encoding="utf-8")


@built
def test_every_documented_object_that_a_chapter_uses_says_so() -> None:
    html = read("api")
    used: set[str] = set()
    for page in pages():
        scope = Scope()
        for cell in page.code_cells:
            assert ast.parse(cell.source)
            used |= {path for path, _ in scope.read(cell.source)}
    entries = re.findall(
        r'<dt class="sig sig-object py" id="([\w.]+)">(.*?)(?=<dt class="sig|\Z)', html, re.DOTALL
    )
    back = {anchor for anchor, rest in entries if 'class="introduced"' in rest}
    objects = {anchor: resolved(anchor) for anchor, _ in entries}
    outer = {
        id(thing): anchor
        for anchor, thing in objects.items()
        if callable(thing) and not isinstance(resolved(anchor.rpartition(".")[0]), type)
    }
    needed = {outer[id(thing)] for path in used if id(thing := resolved(path)) in outer}
    assert len(needed) > 150
    assert needed - back == set()


@built
@pytest.mark.parametrize(
    ("anchor", "chapter"),
    [
        ("rnnlab.scratch.LSTM", "lstm"),
        ("rnnlab.scratch.GRU", "gru"),
        ("rnnlab.gradients.state_gradients", "learning-through-time"),
    ],
)
def test_an_entry_names_the_chapter_that_explains_it(anchor: str, chapter: str) -> None:
    entry = re.search(
        rf'id="{re.escape(anchor)}".*?class="introduced">(.*?)</p>', read("api"), re.DOTALL
    )
    assert entry is not None
    explained = entry[1].split("; used in")[0]
    assert f'href="{chapter}.html#' in explained
    assert 1 <= entry[1].count("<a ") <= 3


@built
def test_chapters_link_a_name_once() -> None:
    for page in pages():
        if page.chapter:
            found = re.findall(r'<a class="api reference internal" href="([^"]+)"', read(page.name))
            assert len(found) == len(set(found)), page.name
            assert all(address.startswith("api.html#") for address in found)
    assert "api.html#rnnlab.training.fit" in read("rnn") + read("lstm") + read("gru")
