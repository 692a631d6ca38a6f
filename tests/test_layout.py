"""The repository is laid out as the README says: its map, its files, their sizes, their manners.

Each rule is a function that lists faults. It is run on this repository, where it must find none,
and on a made-up case that breaks it, where it must find one.
"""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys

import pytest
from repository import ROOT, modules, project_files, read

LINES = 300  # a file of the package reads in one sitting

TOP = {
    *("README.md", "LICENSE", "LICENSE-TEXT.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff"),
    *("Makefile", "pyproject.toml", "requirements.txt", "_config.yml"),
    *("book", "notebooks", "rnnlab", "tests", "benchmarks", ".ci", ".github", ".binder"),
    *(".editorconfig", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"),
}

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


# --- the map in README.md -------------------------------------------------------------------------


def read_map(readme: str) -> list[list[list[str]]]:
    """Read the README's table: rows of three cells, each the files that it links to."""
    lines = readme.splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(r"\|\s*chapter\s*\|", line)]
    assert len(starts) == 1, "README.md holds one table that starts with the column `chapter`"
    head = [cell.strip() for cell in lines[starts[0]].strip("|").split("|")]
    assert head == ["chapter", "module", "tests"]
    rows = []
    for line in lines[starts[0] + 2 :]:
        if not line.startswith("|"):
            break
        cells = line.strip().strip("|").split("|")
        rows.append([re.findall(r"\]\(([^)#]+)\)", cell) for cell in cells])
    return rows


def map_faults(readme: str, files: list[str], chapters: list[str]) -> list[str]:
    """Compare the map with the files, and with the chapters that hold code."""
    rows = read_map(readme)
    named = {name for row in rows for cell in row for name in cell}
    expected = {
        *chapters,
        *(name for name in modules(files) if not name.endswith("/__init__.py")),
        *(name for name in files if re.fullmatch(r"tests/test_\w+\.py", name)),
        *(name for name in files if re.fullmatch(r"book/_tools/\w+\.py", name)),
    }
    faults = [f"{name} is no file" for name in sorted(named - set(files))]
    faults += [f"{name} is not on the map" for name in sorted(expected - named)]
    for row in rows:
        if len(row) != 3 or not row[2]:
            faults.append(f"{row}: a row names its tests")
        columns = (r"book/[\w-]+\.md", r"(rnnlab|book/_tools)/.+\.py", r"tests/test_\w+\.py")
        for cell, form in zip(row, columns, strict=False):
            strays = [name for name in cell if not re.fullmatch(form, name)]
            faults += [f"{name} stands in the wrong column" for name in strays]
    return faults


def chapters_with_code() -> list[str]:
    """Give the chapters of the table of contents that hold a code cell."""
    names = re.findall(r"^\s*-?\s*(?:root|file):\s*(\S+)", read("book/_toc.yml"), re.MULTILINE)
    paths = [f"book/{name.removesuffix('.md')}.md" for name in names]
    return [path for path in paths if re.search(r"^`{3,} *\{code-cell\}", read(path), re.MULTILINE)]


def test_map_is_true() -> None:
    chapters = chapters_with_code()
    assert chapters
    assert map_faults(read("README.md"), project_files(), chapters) == []


MAP = """
| chapter | module | tests |
|---|---|---|
| [A](book/a.md) | [a](rnnlab/a.py), [b](rnnlab/b/c.py) | [a](tests/test_a.py) |
|  | [d](rnnlab/d.py) | [d](tests/test_d.py) |

| [Z](book/z.md) |
"""
MAPPED = ["book/a.md", "rnnlab/a.py", "rnnlab/b/__init__.py", "rnnlab/b/c.py", "rnnlab/d.py"]
MAPPED += ["tests/test_a.py", "tests/test_d.py", "tests/conftest.py"]


def test_map_rule_passes_a_true_map() -> None:
    assert map_faults(MAP, MAPPED, ["book/a.md"]) == []


@pytest.mark.parametrize("missing", [name for name in MAPPED if f"({name})" in MAP])
def test_map_rule_tells_a_file_that_is_gone(missing: str) -> None:
    there = [name for name in MAPPED if name != missing]
    assert map_faults(MAP, there, ["book/a.md"]) == [f"{missing} is no file"]


@pytest.mark.parametrize("new", ["rnnlab/e.py", "rnnlab/b/f.py", "tests/test_e.py"])
def test_map_rule_tells_a_file_that_is_not_on_it(new: str) -> None:
    assert map_faults(MAP, [*MAPPED, new], ["book/a.md"]) == [f"{new} is not on the map"]


def test_map_rule_tells_a_chapter_that_is_not_on_it() -> None:
    assert map_faults(MAP, [*MAPPED, "book/b.md"], ["book/b.md"]) == ["book/b.md is not on the map"]


def test_map_rule_tells_a_row_without_tests_and_a_wrong_column() -> None:
    assert map_faults(MAP.replace("[d](tests/test_d.py)", ""), MAPPED[:-2], []) != []
    assert map_faults(MAP.replace("|  | [d]", "| [d](rnnlab/a.py) | [d]"), MAPPED, []) != []


# --- the top level --------------------------------------------------------------------------------


def test_top_level_holds_what_the_design_says() -> None:
    top = {name.split("/")[0] for name in project_files()}
    assert sorted(top - TOP) == [], "these belong in a folder"
    assert sorted(TOP - top) == [], "these are missing"


# --- the package ----------------------------------------------------------------------------------


def test_package_files_are_short() -> None:
    lengths = {name: len(read(name).splitlines()) for name in modules(project_files())}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def init_faults(source: str) -> list[str]:
    """List what an `__init__.py` does beyond a docstring, re-exports and a true `__all__`."""
    faults: list[str] = []
    imported: set[str] = set()
    exported: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # the docstring
        if isinstance(node, ast.ImportFrom) and (
            node.level > 0 or (node.module or "").split(".")[0] == "rnnlab"
        ):
            imported |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            exported = ast.literal_eval(node.value)
        elif not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"):
            faults.append(ast.unparse(node))
    if sorted(exported) != sorted(imported):
        faults.append(f"__all__ and the imports differ in {sorted(imported ^ set(exported))}")
    return faults


def test_init_files_only_reexport() -> None:
    inits = [name for name in modules(project_files()) if name.endswith("/__init__.py")]
    assert "rnnlab/__init__.py" in inits
    assert {name: faults for name in inits if (faults := init_faults(read(name)))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import torch",
        "def f(): ...",
        "x = 1",
        "from torch import nn\n__all__ = ['nn']",
        "from rnnlab.a import f",
        "from rnnlab.a import f\n__all__ = ['f', 'g']",
        "from rnnlab.a import f\n__all__ = ['f', 'f']",
    ],
)
def test_init_rule_tells_work_or_a_false_list(source: str) -> None:
    assert init_faults("'''A package.'''\nfrom rnnlab.a import f\n__all__ = ['f']") == []
    assert init_faults(source) != []


def missing_exports(name: str) -> list[str]:
    """List the names in a module's `__all__`, if it has one, that it does not hold."""
    module = importlib.import_module(name)
    return [export for export in getattr(module, "__all__", ()) if not hasattr(module, export)]


def test_exports_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in modules(project_files()):
        if path.startswith("rnnlab/gpu/kernels/") and importlib.util.find_spec("triton") is None:
            continue  # they are tested where triton is: tests/test_gpu_kernels.py
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert missing_exports(name) == []
    monkeypatch.setattr("rnnlab.scratch.__all__", ["LSTM", "Missing"])
    assert missing_exports("rnnlab.scratch") == ["Missing"]


def undocumented(source: str) -> list[str]:
    """List the public classes, functions and methods that have no docstring."""
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else ["the module"]
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        prefix, parent = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if not isinstance(node, DEFINITIONS) or node.name.startswith("_"):
                continue
            overload = "overload" in map(ast.unparse, node.decorator_list)
            if not overload and not ast.get_docstring(node):
                found.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                pending.append((f"{prefix}{node.name}.", node))
    return found


def test_everything_public_is_documented() -> None:
    files = modules(project_files())
    assert {name: bare for name in files if (bare := undocumented(read(name)))} == {}


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("'''M.'''\ndef f(): ...", ["f"]),
        ("'''M.'''\nclass C: ...", ["C"]),
        ("'''M.'''\nclass C:\n '''C.'''\n def m(self): ...", ["C.m"]),
        ("def _f(): ...", ["the module"]),
    ],
)
def test_documentation_rule_tells_a_bare_definition(source: str, bare: list[str]) -> None:
    assert undocumented(source) == bare


IMPORT = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None  # an import of it raises ModuleNotFoundError
import rnnlab
"""


def import_without(*blocked: str) -> subprocess.CompletedProcess[str]:
    """Import the package in a fresh Python in which the blocked modules cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", IMPORT.format(blocked=blocked)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def test_import_needs_neither_plots_nor_notebooks_nor_d2l() -> None:
    done = import_without("matplotlib", "IPython", "d2l", "pandas", "sklearn", "scipy", "tqdm")
    assert done.returncode == 0, done.stderr


def test_import_rule_tells_a_module_that_is_needed() -> None:
    assert "ModuleNotFoundError" in import_without("torch").stderr
