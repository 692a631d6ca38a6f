"""What the repository says about itself: changelog, citation, hooks, and what it must not say."""

import datetime
import inspect
import json
import re

import pytest
import yaml
from repository import ROOT, mentions, project_files, read, texts

import rnnlab
from rnnlab import scratch

# In two parts each, so that this file does not hold what it looks for.
REGISTRIES = [
    f"{name}.{domain}"
    for name, domain in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("download.pytorch", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb.debian", "org"),
        ("proxy.golang", "org"),
        ("crates", "io"),
    ]
]


def changelog_faults(text: str) -> list[str]:
    """List departures from the form of Keep a Changelog 1.1."""
    faults = []
    if not text.startswith("# Changelog\n"):
        faults.append("no title")
    releases = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if releases[:1] != ["[Unreleased]"]:
        faults.append("the first section is [Unreleased]")
    dates = []
    for title in releases[1:]:
        match = re.fullmatch(r"\[\d+\.\d+\.\d+\] - (\d{4}-\d{2}-\d{2})(?: \[YANKED\])?", title)
        if match is None:
            faults.append(f"release: {title}")
        else:
            dates.append(datetime.date.fromisoformat(match[1]))
    if dates != sorted(dates, reverse=True):
        faults.append("the newest release stands first")
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    kinds = re.findall(r"^### (.*)$", text, re.MULTILINE)
    faults += [f"kind of change: {kind}" for kind in kinds if kind not in known]
    if not kinds:
        faults.append("no change")
    return faults


CHANGES = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-02-01

### Added

## [0.1.0] - 2026-01-01
"""


def test_changelog_keeps_its_form() -> None:
    assert changelog_faults(read("CHANGELOG.md")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Changelog\n", "# News\n"),
        ("## [Unreleased]\n", ""),
        ("### Added", "### Nice"),
        ("### Added", ""),
        ("2026-02-01", "2025-02-01"),
        ("[0.2.0] - 2026-02-01", "0.2.0"),
    ],
)
def test_changelog_rule_tells_another_form(old: str, new: str) -> None:
    assert changelog_faults(CHANGES) == []
    assert changelog_faults(CHANGES.replace(old, new)) != []


def citation_faults(text: str, version: str) -> list[str]:
    """Check what the Citation File Format 1.2.0 requires, and that the file is up to date."""
    data = yaml.safe_load(text)
    required = {"cff-version", "message", "title", "authors"}
    known = {"type", "abstract", "version", "license", "keywords", "date-released", "doi", "url"}
    faults = [f"no {key}" for key in required if not data.get(key)]
    faults += [f"unknown key {key}" for key in set(data) - required - known - {"repository-code"}]
    promised = {"cff-version": "1.2.0", "type": "software", "license": "MIT", "version": version}
    faults += [f"{key}: {data.get(key)}" for key in promised if data.get(key) != promised[key]]
    for author in data.get("authors") or []:
        if not ("name" in author or {"family-names", "given-names"} <= set(author)):
            faults.append(f"author {author}")
    return faults


def test_citation_is_valid_and_up_to_date() -> None:
    assert citation_faults(read("CITATION.cff"), rnnlab.__version__) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("message:", "massage:"),
        ("- name:", "- title:"),
        ("cff-version: 1.2.0", "cff-version: 1.0.0"),
        ("license: MIT", "license: BSD"),
        (f"version: {rnnlab.__version__}\n", "version: 99.0.0\n"),
    ],
)
def test_citation_rule_tells_a_bad_file(old: str, new: str) -> None:
    text = read("CITATION.cff")
    assert old in text
    assert citation_faults(text.replace(old, new), rnnlab.__version__) != []


def test_hooks_run_the_tools_of_the_environment() -> None:
    config = yaml.safe_load(read(".pre-commit-config.yaml"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert re.match(r"python (-m \w+|book/_tools/\w+\.py)", hook["entry"])
        for name in re.findall(r"(?:tests|book/_tools)/\w+\.py", hook["entry"]):
            assert (ROOT / name).is_file()


def test_no_file_names_a_package_registry() -> None:
    assert mentions(texts(project_files()), REGISTRIES) == []
    assert mentions({"a": f"https://{REGISTRIES[0].upper()}/simple"}, REGISTRIES) != []


def address_faults(contents: dict[str, str]) -> list[str]:
    """List the files beside `_config.yml`, and what is made from it, that hold the address."""
    url = yaml.safe_load(contents["_config.yml"])["repository"]["url"].removesuffix("/")
    slug = "/".join(url.split("/")[-2:])  # owner and name
    made = ("_config.yml", "notebooks/")
    others = {name: text for name, text in contents.items() if not name.startswith(made)}
    return mentions(others, [slug])


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    assert address_faults(texts(project_files())) == []
    config = "repository: {url: https://example.org/someone/course}"
    assert address_faults({"_config.yml": config, "a": "git clone x:someone/course.git"}) != []


def machine_paths(contents: dict[str, str]) -> list[str]:
    """List the files that hold a path of the machine they were made on, as tracebacks do."""
    home = r"/(?:home|Users|root)/|ipykernel_\d|site-packages|(?<!\w)[A-Z]:\\{1,2}\w"
    module = r"(?<![\w./:])/(?:[\w.-]+/)+[\w-]+\.py\b"
    pattern = re.compile(f"{home}|{module}")
    return [f"{name}: {hit[0]}" for name, text in contents.items() if (hit := pattern.search(text))]


def test_no_stored_output_names_a_folder_of_the_machine_it_was_made_on() -> None:
    folders = ("notebooks/", "book/", "benchmarks/results/")
    stored = [name for name in project_files() if name.startswith(folders)]
    contents = texts(stored)
    for name in stored:
        if name.endswith((".ipynb", ".json")):  # in which a line's end is written as \\n
            contents[name] = "\n".join(strings_of(json.loads(contents[name])))
    assert machine_paths(contents) == []


def strings_of(document: object) -> list[str]:
    """All texts in a JSON document, as they are read."""
    if isinstance(document, str):
        return [document]
    if not isinstance(document, list | dict):
        return []
    parts = document.values() if isinstance(document, dict) else document
    return [text for part in parts for text in strings_of(part)]


@pytest.mark.parametrize(
    "line",
    [
        f"File {ROOT.as_posix()}/rnnlab/scratch/cells.py:12",
        "File /work/course/rnnlab/scratch/cells.py:12",
        "/home/someone/course",
        "C:\\\\Users\\\\someone",
        "/tmp/ipykernel_321/2781.py:1: UserWarning",
        "lib/python3.11/site-packages/torch/nn/modules/rnn.py:12",
    ],
)
def test_machine_path_rule_tells_a_path(line: str) -> None:
    assert machine_paths({"a": "see https://example.org/a/b.py and rnnlab/scratch/cells.py"}) == []
    assert machine_paths({"a": "if n != N:\n"}) == []
    assert machine_paths({"a": line}) != []
    [text] = strings_of(json.loads(json.dumps([{"text": line}, 1, None])))
    assert machine_paths({"a": text}) != []


def broken_links(name: str, text: str) -> list[str]:
    """List the relative links of a Markdown file that lead nowhere."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    folder = (ROOT / name).parent
    relative = [target for target in targets if not re.match(r"\w+:", target)]
    return [target for target in relative if not (folder / target).exists()]


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-TEXT.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    assert broken_links(name, read(name)) == []
    assert broken_links(name, "[a](LICENSE), [b](https://example.org)") == []
    assert broken_links(name, "[a](tests/none.py#x)") == ["tests/none.py"]
    assert broken_links(name, '<img src="none.png">') == ["none.png"]


def examples(language: str) -> list[str]:
    """Give the README's examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)


def test_readme_quotes_the_source_as_it_is() -> None:
    source = inspect.getsource(scratch.lstm_step)
    for line in examples("python")[0].splitlines():
        assert f"    {line}\n" in source


def test_readme_example_holds() -> None:
    code = examples("python")[1]
    exec(compile(code, "README.md", "exec"), {})
    forgotten = code.replace("ours.load_state_dict(theirs.state_dict())", "")
    assert forgotten != code
    with pytest.raises(AssertionError):
        exec(compile(forgotten, "README.md", "exec"), {})


def test_readme_and_ci_give_the_same_commands() -> None:
    blocks = [block for language in ("bash", "powershell") for block in examples(language)]
    jobs = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]
    steps = {step["name"]: step["run"] for step in jobs["cpu"]["steps"] if "name" in step}
    install = steps["Install"]
    assert sum(install in block for block in blocks) == 2  # Linux and macOS; Windows
    check = steps["Style"].removesuffix(" lint")
    assert sum(check in block for block in blocks) == 2
