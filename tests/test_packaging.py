"""The wheel: complete, typed, and importable in an environment that holds torch alone.

No environment is made and torch is not installed again, which would take minutes: a Python started
without its site-packages gets back those of torch and its own requirements, and nothing else.
"""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from repository import ROOT, project_files, read

import rnnlab


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, as `pip install .` does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that holds the wheel's files, as an installer lays them out."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


# --- what is in it --------------------------------------------------------------------------------


def missing(names: set[str], files: list[str]) -> list[str]:
    """List the package's files, results included, that are not among a wheel's names."""
    expected = {name for name in files if name.startswith("rnnlab/")}
    results = "benchmarks/results/"
    expected |= {
        name.replace(results, "rnnlab/_results/") for name in files if name.startswith(results)
    }
    return sorted((expected | {"rnnlab/py.typed"}) - names)


def test_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = project_files()
    assert missing(names, files) == []
    info = f"rnnlab-{rnnlab.__version__}.dist-info/"
    assert {f"{info}licenses/LICENSE", f"{info}METADATA"} <= names
    strays = {name for name in names if not name.startswith(("rnnlab/", info))}
    assert strays == set()
    assert not any("__pycache__" in name for name in names)
    for lost in ("rnnlab/py.typed", "rnnlab/scratch/cells.py"):
        assert missing(names - {lost}, files) == [lost]


def test_wheel_requires_what_the_package_uses(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    metadata = HeaderParser().parsestr(archive.read(name).decode())
    needed = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    always = [item.name for item in needed if item.marker is None]
    assert sorted(always) == ["babel", "click", "safetensors", "scikit-learn", "torch", "tqdm"]
    assert all("extra ==" in str(item.marker) for item in needed if item.marker)
    assert metadata["Version"] == rnnlab.__version__


# --- in an environment that holds torch alone -----------------------------------------------------


def closure(name: str) -> set[str]:
    """Give a distribution and, in this environment, everything it requires."""
    found: set[str] = set()
    pending = [name]
    while pending:
        current = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if current in found:
            continue
        found.add(current)
        for line in importlib.metadata.requires(current) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                pending.append(requirement.name)
    return found


def modules_of(*names: str) -> list[str]:
    """Give the top-level modules that come with these distributions and what they require."""
    allowed = {part for name in names for part in closure(name)}
    return sorted(
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if allowed & {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners}
    )


ALONE = """
import json, sys
folder, library, allowed = json.loads(sys.argv[1])

class Alone:
    # Hides every module that is neither Python's own, nor torch's, nor the wheel's.
    @staticmethod
    def find_spec(name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {*sys.stdlib_module_names, *allowed, "rnnlab"}:
            raise ModuleNotFoundError(f"{top} is not installed here", name=top)

sys.meta_path.insert(0, Alone)
sys.path += [folder, *library]
"""

USE = """
import rnnlab
assert rnnlab.__file__.startswith(folder), rnnlab.__file__
print(rnnlab.scratch.LSTM(5, 6))
print(rnnlab.parameters.count("lstm", 28, 256))
"""


def run_alone(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code where only Python, torch with its requirements, and a folder's files are there."""
    origins = {importlib.metadata.distribution(name).locate_file("") for name in closure("torch")}
    given = json.dumps([str(folder), sorted(map(str, origins)), modules_of("torch")])
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE + code, given],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def test_package_works_beside_torch_alone(installed: Path) -> None:
    done = run_alone(installed, USE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["LSTM(5, 6)", "292864"]


@pytest.mark.parametrize("name", ["numpy", "matplotlib", "IPython", "pytest"])
def test_nothing_else_is_there(installed: Path, name: str) -> None:
    importlib.import_module(name)  # it is installed: only the filter can hide it
    assert f"{name} is not installed here" in run_alone(installed, f"import {name}").stderr


# --- its types ------------------------------------------------------------------------------------

CONSUMER = """
from rnnlab import parameters, scratch

right: int = parameters.count("lstm", 28, 256)
wrong: str = parameters.count("lstm", 28, 256)
layer = scratch.LSTM(5)
"""


@pytest.fixture(scope="session")
def environment(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an environment's Python that finds the wheel's files and, through a path file, torch."""
    folder = tmp_path_factory.mktemp("environment")
    builder = venv.EnvBuilder(with_pip=False, symlinks=sys.platform != "win32")
    builder.create(folder)
    python = Path(builder.ensure_directories(folder).env_exe)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([python, "-c", where], text=True).strip()
    torch = importlib.metadata.distribution("torch").locate_file("")
    Path(site, "course.pth").write_text(f"{installed}\n{torch}\n", encoding="utf-8")
    return python


def check_types(python: Path, folder: Path) -> str:
    """Run mypy on the consumer, with what that Python has installed."""
    consumer = folder / "consumer.py"
    consumer.write_text(CONSUMER, encoding="utf-8")
    # What torch says is not the question; reading it takes a minute.
    settings = folder / "settings.ini"
    settings.write_text(
        "[mypy]\nstrict = true\n[mypy-torch.*]\nfollow_imports = skip\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), "--no-incremental"]
    done = subprocess.run(
        [*command, "--python-executable", str(python), "consumer.py"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_types_reach_those_who_use_the_package(environment: Path, tmp_path: Path) -> None:
    report = check_types(environment, tmp_path)
    errors = re.findall(r"^consumer\.py:(\d+): error: .*\[(.*)\]$", report, re.MULTILINE)
    assert errors == [("5", "assignment"), ("6", "call-arg")], report


def test_types_need_the_marker_file(environment: Path, installed: Path, tmp_path: Path) -> None:
    marker = installed / "rnnlab" / "py.typed"
    marker.rename(marker.with_name("hidden"))
    try:
        assert "[import-untyped]" in check_types(environment, tmp_path)
    finally:
        marker.with_name("hidden").rename(marker)


# --- the extra for notebooks ----------------------------------------------------------------------


def imported(source: str) -> set[str]:
    """Give the top-level modules that code imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_extra_holds_what_the_notebooks_import() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extra = [Requirement(line).name for line in project["optional-dependencies"]["notebooks"]]
    allowed = {"rnnlab", *sys.stdlib_module_names, *modules_of("torch", *extra)}
    notebooks = [name for name in project_files() if re.fullmatch(r"notebooks/[\w-]+\.ipynb", name)]
    assert notebooks
    for name in notebooks:
        cells = nbformat.reads(read(name), as_version=4).cells
        used = imported("\n".join(cell.source for cell in cells if cell.cell_type == "code"))
        assert "rnnlab" in used
        assert used - allowed == set(), name
    assert imported("import d2l.torch") - allowed == {"d2l"}
