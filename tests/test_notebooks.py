"""The notebooks agree with the book and the package, and nbval really compares what they store.

Each rule is a function that lists faults. It is run on the stored notebooks, where it must find
none, and on a made-up notebook that breaks it, where it must find one.
"""

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import guards
import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from repository import ROOT, read

import notebooks

BOOK, INDEX, BIBLIOGRAPHY = notebooks.everything()
PAGES = {page.name: page for page in BOOK if page.has_notebook}
each_page = pytest.mark.parametrize("name", PAGES)


def stored(name: str) -> NotebookNode:
    """Read a stored notebook."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    assert path.is_file(), f"{path.name} is missing: run `make notebooks`"
    return nbformat.read(path, as_version=4)


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Copy a notebook, leaving out what execution adds."""
    bare = copy.deepcopy(notebook)
    bare.metadata.pop("rnnlab", None)
    for cell in guards.code_cells(bare):
        cell.outputs, cell.execution_count = [], None
    return bare


def drift(notebook: NotebookNode, name: str) -> list[str]:
    """Compare a stored notebook with what its page gives now, and with the package as it is."""
    fresh = notebooks.generate(PAGES[name], INDEX, BIBLIOGRAPHY)
    faults = []
    if without_outputs(notebook) != without_outputs(fresh):
        faults.append(f"notebooks/{name}.ipynb is not what book/{name}.md says")
    if notebook.metadata.get("rnnlab", {}).get("outputs_of") != notebooks.fingerprint(fresh):
        faults.append(f"notebooks/{name}.ipynb: outputs older than its code or the package")
    return [f"{fault}: run `make notebooks`" for fault in faults]


# --- the stored notebooks -------------------------------------------------------------------------


def test_every_page_with_code_has_a_notebook_and_no_other_has() -> None:
    there = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert PAGES
    assert there == set(PAGES), "run `make notebooks`"


@each_page
def test_notebook_is_sound(name: str) -> None:
    assert guards.faults(stored(name)) == []


@each_page
def test_notebook_is_up_to_date(name: str) -> None:
    assert drift(stored(name), name) == []


@each_page
def test_drift_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = stored(name)
    edited.cells[-1].source += " edited"
    assert any("is not what" in fault for fault in drift(edited, name))
    monkeypatch.setattr(notebooks, "fingerprint", lambda _: "another package")
    assert any("older than" in fault for fault in drift(stored(name), name))


@each_page
def test_metadata_says_nothing_of_the_machine(name: str) -> None:
    notebook = stored(name)
    assert set(notebook.metadata) == {"kernelspec", "language_info", "rnnlab"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert not any("execution" in cell.metadata for cell in notebook.cells)


# --- each rule finds what breaks it ---------------------------------------------------------------


def sample() -> NotebookNode:
    """Make a sound notebook: one page of text, two executed cells."""
    hello = new_output("stream", name="stdout", text="2\n")
    cells = [
        new_markdown_cell("# Title\n\nEquation (1.1), $x$ and `{eq}` as code."),
        new_code_cell("x = 1", execution_count=1),
        new_code_cell("print(x + 1)", execution_count=2, outputs=[hello]),
    ]
    return new_notebook(
        cells=cells, metadata={"kernelspec": notebooks.KERNEL, "language_info": {"name": "python"}}
    )


def test_rules_pass_a_sound_notebook() -> None:
    assert guards.faults(sample()) == []


def test_rules_tell_a_notebook_that_was_not_run() -> None:
    notebook = sample()
    notebook.cells[1].execution_count = None
    assert guards.not_executed(notebook) != []
    notebook = sample()
    notebook.cells[2].outputs = []
    assert guards.not_executed(notebook) == ["no output is stored"]


@pytest.mark.parametrize(
    "tag", ["raises-exception", "nbval-check-output", "nbval-raises-exception"]
)
def test_rules_tell_a_tag_that_changes_the_comparison(tag: str) -> None:
    notebook = sample()
    notebook.cells[2].metadata["tags"] = [tag]
    assert len(guards.exemptions(notebook)) == 1


@pytest.mark.parametrize("tag", sorted(guards.EXEMPT))
def test_only_a_time_or_a_device_may_be_exempt(tag: str) -> None:
    notebook = sample()
    notebook.cells[2].metadata["tags"] = [tag]
    assert len(guards.exemptions(notebook)) == 1
    for source in ("print(perf_counter() - start)", "print(device)"):
        notebook.cells[2].source = source
        assert guards.exemptions(notebook) == []


@pytest.mark.parametrize(
    "comment", ["# NBVAL_IGNORE_OUTPUT", "#NBVAL_SKIP", "x  # nbval_raises_exception"]
)
def test_rules_tell_a_marker_comment(comment: str) -> None:
    notebook = sample()
    notebook.cells[2].source = f"{comment}\nprint(x + 1)"
    assert len(guards.markers(notebook)) == 1


def test_rules_tell_errors_warnings_and_semicolons() -> None:
    notebook = sample()
    notebook.cells[2].outputs = [new_output("stream", name="stderr", text="a warning")]
    assert len(guards.bad_outputs(notebook)) == 1
    notebook.cells[2].outputs = [new_output("error", ename="E", evalue="", traceback=[])]
    assert len(guards.bad_outputs(notebook)) == 1
    notebook = sample()
    notebook.cells[2].source += ";"
    assert len(guards.bad_outputs(notebook)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "see {eq}`lstm-cell`",
        "see {cite:t}`hochreiter1997`",
        "```{note}\nA note.\n```",
        "> ```{note}\n> A note.\n> ```",
        ":::{note}\nA note.\n:::",
        "(a-target)=\n## Heading",
        "text\n+++\ntext",
        "%% markdown",
    ],
)
def test_rules_tell_raw_myst(text: str) -> None:
    notebook = sample()
    notebook.cells[0].source = f"# Title\n\n{text}"
    assert len(guards.raw_markdown(notebook)) >= 1


# --- nbval itself ---------------------------------------------------------------------------------


def nbval(notebook: NotebookNode, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval, in its strict form, on one notebook."""
    nbformat.write(notebook, folder / "tiny.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "tiny.ipynb", "-p", "no:cacheprovider"]
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env=dict(os.environ)
    )


def test_nbval_passes_true_outputs_and_tells_an_edited_one(tmp_path: Path) -> None:
    done = nbval(sample(), tmp_path)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    edited = sample()
    edited.cells[2].outputs[0].text = "3\n"
    done = nbval(edited, tmp_path)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout


@pytest.mark.parametrize(
    "name", ["Makefile", "book/_tools/check.py", ".github/workflows/test.yml", "pyproject.toml"]
)
def test_nbval_runs_in_its_strict_form_and_nothing_is_sanitised(name: str) -> None:
    found = re.findall(r"--nbval-lax|sanitize-with", read(name))
    assert found == []
