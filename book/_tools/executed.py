"""Sphinx extension: pages show the outputs stored in notebooks/, and link to those notebooks.

The book's sources hold no outputs. When a page with code is read, the outputs of its notebook are
put beside its code cells; nothing is executed. A cell that differs from the notebook's stops the
build, since its output would be another cell's.
"""

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from inventory import index
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode
from pages import Page, only_code
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from notebooks import notebook_path


@cache
def with_code() -> dict[str, Page]:
    """The pages that have a notebook, by name; the sources are parsed once for a whole build."""
    return {page.name: page for page in index().pages if page.has_notebook}


def read_executed(text: str, name: str) -> NotebookNode:
    """Read a page's source and put its notebook's outputs beside its code cells.

    Raises:
        ExtensionError: No notebook, or one that was made from other code.
    """
    page = with_code()[name]
    notebook = read_myst_markdown_notebook(
        text, config=MdParserConfig(), add_source_map=True, path=page.path
    )
    path = notebook_path(page)
    if not path.exists():
        raise ExtensionError(f"notebooks/{path.name} is missing: run `make notebooks`")
    stored = nbformat.read(path, as_version=4)
    cells, executed = only_code(notebook.cells), only_code(stored.cells)
    if [cell.source.strip() for cell in cells] != [cell.source.strip() for cell in executed]:
        raise ExtensionError(
            f"notebooks/{path.name} was made from other code than book/{name}.md: "
            "run `make notebooks`"
        )
    for cell, source in zip(cells, executed, strict=True):
        cell.outputs, cell.execution_count = source.outputs, source.execution_count
    return notebook


def register_readers(_app: Sphinx, config: Config) -> None:
    """Have each page with code read by `read_executed`."""
    config["nb_custom_formats"] = {
        f"{page.folder.name}/{name}.md": ["executed.read_executed", {"name": name}]
        for name, page in with_code().items()
    }


def depend_on_notebook(app: Sphinx, docname: str, _source: list[str]) -> None:
    """Read a page again when its notebook has changed."""
    if docname in with_code():
        app.env.note_dependency(str(notebook_path(with_code()[docname])))


def link_to_notebook(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Have the launch buttons open notebooks/X.ipynb; the theme believes it beside the page."""
    folder = app.config["html_theme_options"].get("path_to_docs", "").strip("/")
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []) if group.get("label") == "launch-buttons" else []:
            if "url" in button:
                button["url"] = button["url"].replace(
                    f"{folder}/{pagename}.md", f"notebooks/{pagename}.ipynb"
                )


def offer_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Have the download buttons give the plain executed notebooks."""
    if error is None and app.builder.format == "html":
        for page in with_code().values():
            target = Path(app.outdir) / "_sources" / f"{page.name}.ipynb"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(notebook_path(page), target)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", register_readers, priority=100)  # before MyST-NB reads it
    app.connect("source-read", depend_on_notebook)
    app.connect("html-page-context", link_to_notebook, priority=900)  # after the theme's buttons
    app.connect("build-finished", offer_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
