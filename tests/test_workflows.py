"""The CI files: least permissions, no secrets to strangers, pinned actions, limits, every platform.

Each rule is a function from a workflow to the list of its faults. It is run on the files of this
repository, where it must find none, and on a made-up file that breaks it, where it must find one.
"""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from check import STEPS
from repository import ROOT, read

FILES = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
LONGEST = 90  # minutes that a job may take

# Permissions beyond reading that a job may have: (file, job) -> scopes.
WRITES = {
    ("pages.yml", "publish"): {"pages", "id-token"},
    ("weekly.yml", "report"): {"issues"},
}
# Events whose runs hold the repository's rights while what starts them may come from a stranger.
PRIVILEGED = {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion"}


class Workflow:
    """A workflow file: its text, and what the text says."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.data: dict[Any, Any] = yaml.safe_load(text)
        on = self.data[True]  # YAML 1.1 reads the key `on` as a truth value
        self.events: dict[str, Any] = (
            on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)
        )
        self.jobs: dict[str, Any] = self.data["jobs"]

    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        """Give each step, with the name of its job."""
        return [(job, step) for job, body in self.jobs.items() for step in body["steps"]]


def events(workflow: Workflow) -> list[str]:
    """No event lets a stranger's code run with the repository's rights."""
    return [f"event {event}" for event in workflow.events if event in PRIVILEGED]


def permissions(workflow: Workflow) -> list[str]:
    """The file grants reading of the contents alone; a job adds only what the table above says."""
    faults = []
    if workflow.data.get("permissions") not in ({}, {"contents": "read"}):
        faults.append(f"top level: {workflow.data.get('permissions')}")
    for job, body in workflow.jobs.items():
        granted = body.get("permissions", {})
        if not isinstance(granted, dict):
            faults.append(f"{job}: {granted}")
            continue
        written = {scope for scope, level in granted.items() if level == "write"}
        if written - WRITES.get((workflow.name, job), set()):
            faults.append(f"{job}: may write {sorted(written)}")
        if written and "pull_request" in workflow.events:
            faults.append(f"{job}: may write on a pull request")
    return faults


def secrets(workflow: Workflow) -> list[str]:
    """No secret is used but the job's own token."""
    used = re.findall(r"\bsecrets\b\s*(?:[.\[]\s*['\"]?\w*|:\s*\w+|\))?", workflow.text)
    return [use for use in used if use != "secrets.GITHUB_TOKEN"]


def credentials(workflow: Workflow) -> list[str]:
    """A checkout leaves no token in the work tree."""
    return [
        f"{job}: checkout keeps its credentials"
        for job, step in workflow.steps()
        if step.get("uses", "").startswith("actions/checkout@")
        and step.get("with", {}).get("persist-credentials") is not False
    ]


def timeouts(workflow: Workflow) -> list[str]:
    """Each job has a limit."""
    return [
        f"{job}: no limit, or a long one"
        for job, body in workflow.jobs.items()
        if not 0 < body.get("timeout-minutes", 360) <= LONGEST
    ]


def concurrency(workflow: Workflow) -> list[str]:
    """A new run replaces an older one of its kind, or waits for it."""
    given = workflow.data.get("concurrency", {})
    if "group" not in given or not isinstance(given.get("cancel-in-progress"), bool):
        return ["no concurrency group"]
    if "pull_request" in workflow.events and given["cancel-in-progress"] is not True:
        return ["an outdated run goes on"]
    return []


def pins(workflow: Workflow) -> list[str]:
    """Each action is pinned to a commit, and a comment says which release that is."""
    lines = re.findall(r"^[\s-]*uses:\s*(.+?)\s*$", workflow.text, re.MULTILINE)
    form = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    return [line for line in lines if not form.fullmatch(line)]


def injection(workflow: Workflow) -> list[str]:
    """A script takes values from its environment; none is pasted into its text."""
    return [
        f"{job}: {step['run']}" for job, step in workflow.steps() if "${{" in step.get("run", "")
    ]


def laxity(workflow: Workflow) -> list[str]:
    """No failure is waved through, and nbval runs in its strict form."""
    found = re.findall(r"continue-on-error|--nbval-lax|\|\|\s*true\b", workflow.text)
    return [f"{fault} stands there" for fault in found]


RULES: list[Callable[[Workflow], list[str]]] = [
    events,
    permissions,
    secrets,
    credentials,
    timeouts,
    concurrency,
    pins,
    injection,
    laxity,
]


def load(name: str) -> Workflow:
    """Read a workflow of this repository."""
    return Workflow(name, read(f".github/workflows/{name}"))


GOOD = """
on: [push, pull_request]
permissions: {contents: read}
concurrency: {group: a, cancel-in-progress: true}
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: {persist-credentials: false}
      - run: python -m pytest --nbval notebooks
        env: {GH_TOKEN: "${{ secrets.GITHUB_TOKEN }}"}
"""

# (rule, text of GOOD, what stands in its place)
BAD = [
    (events, "[push, pull_request]", "pull_request_target"),
    (events, "[push, pull_request]", "{workflow_run: {workflows: [test]}}"),
    (permissions, "permissions: {contents: read}", ""),
    (permissions, "permissions: {contents: read}", "permissions: write-all"),
    (permissions, "timeout-minutes: 5", "permissions: {contents: write}"),
    (permissions, "timeout-minutes: 5", "permissions: write-all"),
    (secrets, "secrets.GITHUB_TOKEN", "secrets.TOKEN"),
    (secrets, "secrets.GITHUB_TOKEN", "secrets['TOKEN']"),
    (secrets, "secrets.GITHUB_TOKEN", "toJSON(secrets)"),
    (secrets, "timeout-minutes: 5", "secrets: inherit"),
    (credentials, "with: {persist-credentials: false}", ""),
    (credentials, "persist-credentials: false", "persist-credentials: true"),
    (timeouts, "timeout-minutes: 5", ""),
    (timeouts, "timeout-minutes: 5", "timeout-minutes: 300"),
    (concurrency, "concurrency: {group: a, cancel-in-progress: true}", ""),
    (concurrency, "cancel-in-progress: true", "cancel-in-progress: false"),
    (pins, "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7"),
    (pins, "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "3d3c42e # v7.0.1"),
    (pins, " # v7.0.1", ""),
    (injection, "--nbval notebooks", "${{ github.head_ref }}"),
    (laxity, "--nbval notebooks", "--nbval-lax notebooks"),
    (laxity, "--nbval notebooks", "|| true"),
    (laxity, "timeout-minutes: 5", "continue-on-error: true"),
]


def test_the_four_kinds_of_run_are_there() -> None:
    assert [path.name for path in FILES] == ["pages.yml", "test.yml", "weekly.yml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Callable[[Workflow], list[str]], path: Path) -> None:
    assert rule(load(path.name)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_passes_a_good_file(rule: Callable[[Workflow], list[str]]) -> None:
    assert rule(Workflow("test.yml", GOOD)) == []


@pytest.mark.parametrize(("rule", "old", "new"), BAD)
def test_rule_tells_a_bad_file(rule: Callable[[Workflow], list[str]], old: str, new: str) -> None:
    assert GOOD.count(old) == 1
    assert rule(Workflow("test.yml", GOOD.replace(old, new))) != []


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    found = set(re.findall(r"uses:\s*([\w./-]+)@(\w+ # \S+)", text))
    assert found
    assert len(found) == len({action for action, _ in found})


def commands(body: dict[str, Any]) -> str:
    """Give every command of a job."""
    return "\n".join(step.get("run", "") for step in body["steps"])


def test_cpu_job_covers_every_system_and_python() -> None:
    job = load("test.yml").jobs["cpu"]
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert not {"include", "exclude"} & set(matrix)
    assert job["strategy"]["fail-fast"] is False
    assert job["runs-on"] == "${{ matrix.os }}"
    assert not job.keys() & {"if"}
    assert not any("if" in step for step in job["steps"])


def test_cpu_job_needs_no_make_and_checks_everything() -> None:
    done = commands(load("test.yml").jobs["cpu"])
    assert not re.search(r"^\s*make\b", done, re.MULTILINE)
    assert re.findall(r"^python book/_tools/check\.py (\w+)$", done, re.MULTILINE) == list(STEPS)


def test_the_two_commands_are_run_as_a_newcomer_runs_them() -> None:
    done = commands(load("test.yml").jobs["commands"])
    assert re.findall(r"^make \w+$", done, re.MULTILINE) == ["make book", "make test"]
    assert "pip install" not in done


def test_gpu_kernels_are_run_where_there_is_no_gpu() -> None:
    job = load("test.yml").jobs["kernels"]
    assert commands(job).split("\n")[-1] == "make kernels"
    assert not job.keys() & {"if"}
    recipe = read("Makefile").split("\nkernels:")[1].split("\n\n")[0]
    assert '".[triton]"' in recipe  # without triton the tests would be skipped, and pass
    assert "pytest tests/test_gpu_kernels.py" in recipe


def test_gpu_job_runs_only_where_a_runner_is_named_and_never_for_a_stranger() -> None:
    job = load("test.yml").jobs["gpu"]
    assert job["runs-on"] == "${{ vars.GPU_RUNNER }}"
    assert job["if"] == "vars.GPU_RUNNER != '' && github.event_name == 'push'"
    done = commands(job)
    assert "torch.cuda" in done  # without a GPU the tests marked gpu would be skipped, and pass
    assert "-m gpu" in done
    assert "check.py nbval" in done


def test_pages_come_from_main_alone() -> None:
    workflow = load("pages.yml")
    assert workflow.events == {"push": {"branches": ["main"]}, "workflow_dispatch": None}
    assert {job["if"] for job in workflow.jobs.values()} == {"github.ref == 'refs/heads/main'"}
    assert workflow.jobs["publish"]["environment"]["name"] == "github-pages"
    assert workflow.jobs["publish"]["needs"] == "build"
    upload = workflow.jobs["build"]["steps"][-1]
    assert upload["with"]["path"] == "_build/html"


def test_weekly_run_reports_every_job_in_one_issue() -> None:
    workflow = load("weekly.yml")
    assert set(workflow.events) == {"schedule", "workflow_dispatch"}
    report = workflow.jobs["report"]
    others = set(workflow.jobs) - {"report"}
    assert set(report["needs"]) == others
    for job in others:
        assert f"needs.{job}.result != 'success'" in report["if"]
    done = commands(report)
    assert (
        done.index("gh issue list") < done.index("gh issue comment") < done.index("gh issue create")
    )
    assert "python .github/dead_links.py" in commands(workflow.jobs["links"])


# Stands in for the GitHub command line: lists the open issue, if any, and echoes what it is told.
STUB = 'gh() { if [ "$2" = list ]; then echo "$OPEN"; else echo "$2 $3"; fi; }\n'


@pytest.mark.skipif(sys.platform == "win32", reason="the report runs on Linux, in bash")
@pytest.mark.parametrize(("number", "told"), [("", "create --title\n"), ("7", "comment 7\n")])
def test_weekly_run_opens_an_issue_once(number: str, told: str) -> None:
    (step,) = load("weekly.yml").jobs["report"]["steps"]
    done = subprocess.run(
        ["bash", "-e", "-c", STUB + step["run"]],
        env={**os.environ, "OPEN": number},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == told


def newest(requirements: str) -> subprocess.CompletedProcess[str]:
    """Run the script that takes the pins off."""
    return subprocess.run(
        [sys.executable, ROOT / ".github" / "newest.py"],
        input=requirements,
        check=False,
        capture_output=True,
        text=True,
    )


REQUIREMENTS = """# Versions

torch==2.13.0  # why
d2l==0.17.0
Jupyter-Book==1.0.4.post1
pexpect==4.9.0 ; sys_platform != "win32"

# What these need in turn
absent==1.0
"""


def test_weekly_run_takes_the_pins_off_the_direct_requirements() -> None:
    expected = ["torch", "d2l==0.17.0", "jupyter-book<2", 'pexpect ; sys_platform != "win32"']
    assert newest(REQUIREMENTS).stdout.splitlines() == expected


@pytest.mark.parametrize(
    ("old", "new"), [("# What these need in turn", ""), ("torch==2.13.0", "torch>=2")]
)
def test_weekly_run_refuses_requirements_that_it_cannot_read(old: str, new: str) -> None:
    done = newest(REQUIREMENTS.replace(old, new))
    assert done.returncode != 0
    assert "ValueError: expected" in done.stderr


def test_weekly_run_reads_our_requirements() -> None:
    found = newest(read("requirements.txt")).stdout.split()
    assert {"torch", "pytest", "jupyter-book<2", "d2l==0.17.0"} <= set(found)
    assert [name for name in found if "==" in name] == ["d2l==0.17.0"]


def test_weekly_run_counts_a_dead_link_and_not_a_refusal() -> None:
    dead = runpy.run_path(str(ROOT / ".github" / "dead_links.py"))["dead"]
    link = {"filename": "rnn.md", "lineno": 3, "uri": "https://example.org/a"}
    reports = {
        "404 Client Error: Not Found for url": "broken",
        "410 Client Error: Gone for url": "broken",
        "Failed to resolve 'example.org'": "broken",
        "403 Client Error: Forbidden for url": "broken",
        "429 Client Error: Too Many Requests for url": "broken",
        "HTTPSConnectionPool(host='example.org'): Read timed out.": "broken",
        "": "working",
    }
    lines = [json.dumps({**link, "status": reports[info], "info": info}) for info in reports]
    found = dead("\n".join(lines))
    assert found == [f"rnn.md:3: https://example.org/a: {info}" for info in list(reports)[:3]]
