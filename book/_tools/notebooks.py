"""Make notebooks/ from book/: plain Markdown, executed, outputs stored.

    python book/_tools/notebooks.py              # what is out of date
    python book/_tools/notebooks.py --force      # all, executed anew
    python book/_tools/notebooks.py rnn lstm     # these pages alone

A notebook is executed when its code or the package has changed since its outputs were made; a
change of prose rewrites its Markdown and keeps the outputs.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import BOOK, NOTEBOOKS, ROOT, Index, Page, figure_of, only_code, pages
from plain import Plain
from references import Bibliography

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
TIME_LIMIT = 600  # seconds for one cell, against endless loops
FOLDED = {"hide-input", "hide-cell"}
#: Threads that wait shall sleep: on a busy machine, waiting in a loop costs minutes.
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", **os.environ}


def repository_address() -> str:
    """The project's public address; it stands in _config.yml alone."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return str(config["repository"]["url"])


def notebook_path(page: Page) -> Path:
    """Where a page's notebook is stored."""
    return NOTEBOOKS / f"{page.name}.ipynb"


def generate(page: Page, index: Index, bibliography: Bibliography) -> NotebookNode:
    """Make a page's notebook, not yet executed."""
    plain = Plain(page, index, bibliography)
    cells: list[NotebookNode] = []
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(plain.convert(cell.source)))
            continue
        cells.append(new_code_cell(cell.source, metadata=_metadata(cell, plain.in_solution)))
        if figure := figure_of(cell):
            cells.append(new_markdown_cell(_caption(figure, plain)))
    cells = [cell for cell in cells if cell.source]
    title, _, text = cells[0].source.partition("\n\n")
    cells[0].source = "\n\n".join([title, about(page), text]).strip()
    if plain.cited:
        keys = sorted(plain.cited, key=bibliography.family_name)
        works = "\n".join(f"- {bibliography.reference(key)}" for key in keys)
        cells.append(new_markdown_cell(f"## References\n\n{works}"))
    for number, cell in enumerate(cells):
        cell["id"] = f"{page.name}-{number:03}"
    return new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )


def about(page: Page) -> str:
    """What a reader of the notebook alone must know."""
    return (
        f"> This notebook is made from `book/{page.name}.md`; corrections go there. "
        "Away from the repository, on Colab for instance, first run "
        f"`%pip install 'rnnlab[notebooks] @ git+{repository_address()}'` in a cell of its own. "
        "What you write yourself is safe from updates in a copy under `my-work/`."
    )


def _metadata(cell: NotebookNode, in_solution: bool) -> dict[str, object]:
    tags = list(cell.metadata.get("tags", []))
    if in_solution or FOLDED & set(tags):
        return {"tags": tags, "jupyter": {"source_hidden": True}}
    return {"tags": tags} if tags else {}


def _caption(figure: tuple[str, str, str], plain: Plain) -> str:
    name, caption, alt = figure
    number = plain.index.targets[name].text
    return (
        f"**Figure {number}.** {plain.inline(caption)}\n\n"
        f"<details>\n<summary>Description of the figure</summary>\n\n{alt}\n\n</details>"
    )


def fingerprint(notebook: NotebookNode) -> str:
    """A hash of all that a notebook's outputs depend on: its code, the package, the results."""
    digest = hashlib.sha256()
    for cell in only_code(notebook.cells):
        digest.update(cell.source.encode() + b"\0")
    for folder, patterns in {
        "rnnlab": ("*.py", "*.json", "*.txt", "*.mplstyle"),
        "benchmarks": ("*.json",),
    }.items():
        files = [path for pattern in patterns for path in (ROOT / folder).rglob(pattern)]
        for path in sorted(files):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
            digest.update(path.read_text(encoding="utf-8").encode() + b"\0")  # one kind of line end
    return digest.hexdigest()


def keep_outputs(notebook: NotebookNode, stored: NotebookNode | None) -> bool:
    """Take over the stored outputs if nothing that they depend on has changed."""
    mark = fingerprint(notebook)
    notebook.metadata["rnnlab"] = {"outputs_of": mark}
    if stored is None or stored.metadata.get("rnnlab", {}).get("outputs_of") != mark:
        return False
    for cell, before in zip(only_code(notebook.cells), only_code(stored.cells), strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return True


def execute(notebook: NotebookNode) -> None:
    """Run every cell, and bring the outputs into a form that a second run repeats to the byte.

    Raises:
        CellExecutionError: A cell that fails.
    """
    NotebookClient(
        notebook,
        timeout=TIME_LIMIT,
        kernel_name=KERNEL["name"],
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    ).execute(env=ENVIRONMENT)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["kernelspec"] = KERNEL


def read(page: Page) -> NotebookNode | None:
    """A page's stored notebook, or None."""
    path = notebook_path(page)
    return nbformat.read(path, as_version=4) if path.exists() else None


def write(page: Page, notebook: NotebookNode) -> bool:
    """Store a notebook, whole or not at all; return whether it changed."""
    nbformat.validate(notebook)
    path = notebook_path(page)
    text = nbformat.writes(notebook) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
    return True


def everything() -> tuple[list[Page], Index, Bibliography]:
    """The pages, their labels and the works they may cite."""
    book = pages()
    return book, Index.of(book), Bibliography.read(BOOK / "references.bib")


def update(page: Page, index: Index, bibliography: Bibliography, *, force: bool = False) -> str:
    """Bring one notebook up to date; return what was done."""
    notebook = generate(page, index, bibliography)
    kept = keep_outputs(notebook, None if force else read(page))
    if not kept:
        execute(notebook)
    changed = write(page, notebook)
    if not kept:
        return "executed"
    return "rewritten" if changed else "up to date"


def main() -> int:
    """Bring notebooks up to date, and say what was done."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("pages", nargs="*", help="names of pages; all that have code if none")
    arguments.add_argument("--force", action="store_true", help="execute even if up to date")
    options = arguments.parse_args()
    book, index, bibliography = everything()
    with_code = [page for page in book if page.has_notebook]
    unknown = set(options.pages) - {page.name for page in with_code}
    if unknown:
        arguments.error(f"no page with code is called {sorted(unknown)}")
    NOTEBOOKS.mkdir(exist_ok=True)
    for page in with_code:
        if options.pages and page.name not in options.pages:
            continue
        try:
            done = update(page, index, bibliography, force=options.force)
        except CellExecutionError as error:
            print(f"book/{page.name}.md: a cell failed\n{error}", file=sys.stderr)
            return 1
        except ValueError as error:  # something on the page has no plain form
            print(error, file=sys.stderr)
            return 1
        print(f"notebooks/{page.name}.ipynb: {done}", flush=True)
    if not options.pages:
        for path in set(NOTEBOOKS.glob("*.ipynb")) - {notebook_path(p) for p in with_code}:
            path.unlink()
            print(f"notebooks/{path.name}: removed, its page is gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
