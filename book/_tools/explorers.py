"""Sphinx extension: the explorers of the book, with what their scripts need to know.

    ```{explorer} cell
    :title: Step through a cell
    What stands here instead in print, and where there is no JavaScript.
    ```

The scripts and their style lie in book/_explorers; they are loaded by the pages with an explorer
and by no other. Weights, tables and colours are the package's, written into a script and a style
sheet when the book is built: a file that a page fetches could not be read from a folder.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from pages import BOOK
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnnlab import explorers, palette
from rnnlab.data.reber import GRAPH, SYMBOLS
from rnnlab.explorers import sentences
from rnnlab.explorers.networks import stored_weights
from rnnlab.scratch.scoring import RULES

SOURCES = BOOK / "_explorers"
#: In the order in which they need each other.
SCRIPTS = ("data.js", "core.js", "arithmetic.js")
VIEWS = {name: f"{name}-view.js" for name in ("cell", "gap", "ledger", "attention")}
STYLES = ("palette.css", "explorers.css", "drawings.css")
#: Strings to start with, by the text of their button. Both letters of a pair, and a long gap.
EXAMPLES = (
    ("T … T", "BTBPVVETE"),
    ("P … P", "BPBPVVEPE"),
    ("longer", "BTBTSSXXTTVPXTTVVETE"),
    ("longest", "BPBTXXVPXTTVPXTVPXTTTTVVEPE"),
)


class explorer(nodes.General, nodes.Element):  # noqa: N801 - docutils' nodes are named like this
    """The place of an explorer; its children are what stands there without JavaScript."""


class Explorer(SphinxDirective):
    """The directive: the explorer's name, its title, and what stands there in print."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"title": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Make the node."""
        name = self.arguments[0]
        if name not in VIEWS:
            raise self.error(f"expected an explorer of {', '.join(VIEWS)}, got {name!r}")
        if "title" not in self.options or not self.content:
            raise self.error("an explorer has a title, and a text for those who cannot see it")
        static = nodes.container(classes=["explorer-static"])
        static += nodes.paragraph("", "", nodes.strong("", self.options["title"]))
        static += self.parse_content_to_nodes()
        node = explorer("", static, name=name, title=self.options["title"])
        node["ids"].append(f"explorer-{name}")
        return [node]


def visit_html(translator: Any, node: explorer) -> None:
    """Open the explorer's place."""
    given = {"CLASS": "explorer", "data-explorer": node["name"], "data-title": node["title"]}
    translator.body.append(translator.starttag(node, "div", **given))


def depart_html(translator: Any, _node: explorer) -> None:
    """Close it."""
    translator.body.append("</div>\n")


def pass_through(_translator: Any, _node: explorer) -> None:
    """Elsewhere the text alone is shown."""


def browser_data() -> dict[str, Any]:
    """What the scripts know from the package."""
    rules = {rule: explorers.weights_of_rule(rule) for rule in RULES}
    return {
        "units": explorers.UNITS,
        "networks": stored_weights(),
        "grammar": {"symbols": SYMBOLS, "graph": GRAPH, "examples": EXAMPLES},
        "attention": {
            "size": explorers.SIZE,
            "longest": explorers.LONGEST,
            "multiplier": sentences.MULTIPLIER,
            "rules": {
                rule: {"weight": weights.weight.tolist(), "bias": weights.bias.tolist()}
                for rule, weights in rules.items()
                if weights is not None
            },
        },
        "roles": {
            key: {
                "name": role.name,
                "symbol": letter(role.symbol),
                "symbols": {kind: letter(role.symbol_in(kind)) for kind in palette.MODEL_KINDS},
            }
            for key, role in palette.ROLES.items()
        },
    }


def letter(symbol: str) -> str:
    """A symbol without its index and its dollars: ``$f_t$`` is f."""
    return re.sub(r"[$\\]|_t", "", symbol)


def colours() -> str:
    """The roles' colours as a style sheet, on a light page and on a dark one."""

    def block(selector: str, values: dict[str, str]) -> str:
        lines = "".join(f"  --explorer-{key}: {value};\n" for key, value in values.items())
        return f"{selector} {{\n{lines}}}\n"

    light = {key: role.colour for key, role in palette.ROLES.items()}
    dark = {key: palette.in_the_dark(colour) for key, colour in light.items()}
    roles = "".join(f".role-{key} {{ --role: var(--explorer-{key}); }}\n" for key in light)
    return block(":root", light) + block('html[data-theme="dark"]', dark) + roles


def write_scripts(app: Sphinx) -> None:
    """Put scripts and styles where the pages load them from."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "explorers"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(SOURCES.iterdir()):
        shutil.copyfile(path, folder / path.name)
    data = json.dumps(browser_data(), ensure_ascii=False, separators=(",", ":"))
    script = f"globalThis.rnnlabExplorers = {{ data: {data} }};\n"
    (folder / "data.js").write_text(script, encoding="utf-8", newline="\n")
    (folder / "palette.css").write_text(colours(), encoding="utf-8", newline="\n")


def load_scripts(
    app: Sphinx,
    _pagename: str,
    _template: str,
    _context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Have a page load what its explorers need."""
    names = {node["name"] for node in doctree.findall(explorer)} if doctree else set()
    if not names:
        return
    for name in (*SCRIPTS, *(VIEWS[name] for name in sorted(names))):
        app.add_js_file(f"explorers/{name}", loading_method="defer")
    for name in STYLES:
        app.add_css_file(f"explorers/{name}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    through = (pass_through, pass_through)
    app.add_node(
        explorer,
        html=(visit_html, depart_html),
        latex=through,
        text=through,
        man=through,
        texinfo=through,
    )
    app.add_directive("explorer", Explorer)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
