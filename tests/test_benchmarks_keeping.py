"""Promise: a benchmark measures nothing twice, and confuses no two measurements."""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def keeping(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import keeping  # noqa: PLC0415 - benchmarks are no package

    monkeypatch.setattr(keeping, "BUILD", tmp_path)
    return keeping


def measurement(keeping, calls):
    @keeping.kept(lambda task, seed: f"{task} {seed}")
    def run(task, seed):
        calls.append((task, seed))
        if task == "broken":
            raise ValueError("broken")
        return {"task": task, "scores": [seed, 0.5]}

    return run


def test_the_same_is_measured_once_also_in_another_run(keeping, tmp_path):
    calls = []
    run = measurement(keeping, calls)
    first = run("copy", 1)
    assert run("copy", 1) == first == {"task": "copy", "scores": [1, 0.5]}
    assert measurement(keeping, calls)("copy", 1) == first
    assert calls == [("copy", 1)]
    assert run("copy", 2) != first
    assert run("sort", seed=1)["task"] == "sort"
    assert len(calls) == 3
    kept = tmp_path / Path(__file__).stem
    assert {path.name for path in kept.iterdir()} == {"copy 1.json", "copy 2.json", "sort 1.json"}


def test_what_failed_is_not_kept(keeping, tmp_path):
    calls = []
    run = measurement(keeping, calls)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            run("broken", 0)
    assert len(calls) == 2
    assert not list(tmp_path.rglob("*.*"))
