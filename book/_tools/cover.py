"""Sphinx extension: the cover, ``{cover}``: what the book offers, in numbers, and a live picture.

Every number is counted when the page is built. A notebook gets the same as text, from `lines`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cover_picture import picture, readings
from docutils import nodes
from docutils.parsers.rst import Directive
from pages import pages
from sphinx.application import Sphinx

from rnnlab.claims import CLAIMS
from rnnlab.exercises import CATALOGUE

NAME = "cover"
SCRIPT = (Path(__file__).parent / "cover.js").read_text(encoding="utf-8")


def facts() -> list[tuple[int, str]]:
    """What the book holds: numbers, and of what."""
    return [
        (sum(page.chapter is not None for page in pages()), "chapters, each a notebook too"),
        (len(CLAIMS), "widely read claims put to the test"),
        (len(CATALOGUE), "exercises that check themselves"),
    ]


def lines() -> Iterator[str]:
    """The cover in a notebook, as lines of the book's Markdown."""
    yield f"In numbers: {'; '.join(f'{number} {what}' for number, what in facts())}."
    yield ""
    yield "**Begin:** [What a recurrent network is](rnn.md)"


def html() -> str:
    """The cover on the page."""
    first, second = readings()
    counted = "".join(f"<li><strong>{number}</strong> {what}</li>" for number, what in facts())
    return f"""<div class="cover">
<p class="cover-ways"><a class="cover-way cover-first" href="rnn.html">Begin with Chapter 1</a>
<a class="cover-way" href="#running">Run it</a></p>
<ul class="cover-facts">{counted}<li><strong>0</strong> requests to other hosts</li></ul>
<figure class="cover-picture" id="cover-picture">{picture(first, second)}
<figcaption><button type="button" class="cover-run" hidden>Pause</button>
An LSTM reads two strings that differ in their second letter, and then has to name it. Below the
letters: its cell state <em>c</em> (orange is below 0, blue above), and how far its forget gates
<em>f</em> are open. Framed: what differs between the two states. It has to last. The
<a href="lstm.html">LSTM</a> is one of the book; <a href="explorers.html">step through it</a>.
</figcaption></figure>
</div>
<script>{SCRIPT}</script>"""


class Cover(Directive):
    """Puts the cover into its page."""

    def run(self) -> list[nodes.Node]:
        """Make what the page shows."""
        return [nodes.raw("", html(), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.add_directive(NAME, Cover)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
