"""Promise: an experiment's runs are done once each, wherever they are done and whatever dies."""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def description():
    from experiments import description  # noqa: PLC0415 - benchmarks are no package

    return description


@pytest.fixture
def running():
    from experiments import running  # noqa: PLC0415

    return running


def measure(log, cell, gap, seed, pause=0.0):
    """Note that the run has begun and that it has ended, in a file for all processes."""

    def note(what):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{what} {os.getpid()} {cell} {gap} {seed}\n")

    note("begun")
    time.sleep(pause)
    if cell == "broken":
        raise ValueError("broken")
    note("ended")
    return {"score": gap + seed / 10}


def experiment_of(description, log, cells=("rnn", "gru"), seeds=3, **fixed):
    return description.Experiment(
        name="trial",
        measure=measure,
        grid=description.every(cell=list(cells), gap=[5, 10]),
        fixed={"log": str(log), **fixed},
        seeds=seeds,
    )


def lines(log, what):
    """How often each run has begun or ended."""
    rows = [line.split() for line in Path(log).read_text(encoding="utf-8").splitlines()]
    return Counter(tuple(row[2:]) for row in rows if row[0] == what)


def test_runs_are_every_combination_with_every_seed(description, tmp_path):
    runs = list(experiment_of(description, tmp_path / "log").runs())
    assert len(runs) == 2 * 2 * 3
    assert len({run.key for run in runs}) == len(runs)
    assert runs[0].settings == {"cell": "rnn", "gap": 5, "log": str(tmp_path / "log"), "seed": 0}
    assert [run.settings["seed"] for run in runs] == [0] * 4 + [1] * 4 + [2] * 4


def test_a_run_is_named_by_its_settings_in_any_order(description):
    run = description.Run("trial", {"cell": "rnn", "gap": 5})
    assert run.key == description.Run("trial", {"gap": 5, "cell": "rnn"}).key
    assert run.key != description.Run("trial", {"gap": 6, "cell": "rnn"}).key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 0}, "at least one seed"),
        ({"grid": []}, "at least one seed"),
        ({"fixed": {"gap": 1}}, r"got \['gap'\] twice"),
        ({"fixed": {"seed": 1}}, "no seed"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(description, change, message):
    given = {"grid": description.every(gap=[5]), "fixed": {}, "seeds": 1, **change}
    with pytest.raises(ValueError, match=message):
        description.Experiment("trial", measure, **given)


def test_what_is_done_is_not_done_again(description, running, tmp_path):
    log, folder = tmp_path / "log", tmp_path / "kept"
    first = experiment_of(description, log, seeds=2)
    done = running.run_all(first, jobs=2, folder=folder)
    assert [run["measured"]["score"] for run in done] == [5, 10, 5, 10, 5.1, 10.1, 5.1, 10.1]
    assert [run["settings"] for run in done] == [run.settings for run in first.runs()]
    more = experiment_of(description, log, seeds=3)
    again = running.run_all(more, jobs=2, folder=folder)
    assert again[: len(done)] == done  # seconds too: read, not measured
    assert set(lines(log, "begun").values()) == {1}
    assert len(lines(log, "ended")) == 12
    others = running.run_all(experiment_of(description, log, pause=0.001), jobs=1, folder=folder)
    assert len(others) == 12  # another setting, another run
    assert set(lines(log, "ended").values()) == {2}


def test_what_failed_is_not_kept_and_loses_nothing(description, running, tmp_path):
    log, folder = tmp_path / "log", tmp_path / "kept"
    broken = experiment_of(description, log, cells=("rnn", "broken"), seeds=1)
    with pytest.raises(ValueError, match="broken"):
        running.run_all(broken, jobs=1, folder=folder)
    files = list(folder.rglob("*"))
    kept = [json.loads(f.read_text(encoding="utf-8")) for f in files if f.suffix == ".json"]
    assert {run["settings"]["cell"] for run in kept} == {"rnn"}
    assert not [f for f in files if f.suffix == ".draft"]


def test_an_unknown_engine_is_named(description, running, tmp_path):
    with pytest.raises(ValueError, match="'loky', 'dask' or 'ray', got 'slurm'"):
        running.run_all(experiment_of(description, tmp_path / "log"), engine="slurm")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which Windows has not")
def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_done_twice(
    description, running, tmp_path
):
    distributed = pytest.importorskip("distributed")
    log, folder = tmp_path / "log", tmp_path / "kept"
    experiment = experiment_of(description, log, seeds=4, pause=0.2)
    killed = []

    def kill_one_half_way(cluster):
        """Kill a worker that has begun a run and not ended it, once some runs are done."""
        while not log.exists() or len(lines(log, "ended")) < 5:
            time.sleep(0.02)
        rows = [row.split() for row in log.read_text(encoding="utf-8").splitlines()]
        pid = int(rows[-1][1]) if rows[-1][0] == "begun" else int(rows[-2][1])
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    from threading import Thread  # noqa: PLC0415

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        killer = Thread(target=kill_one_half_way, args=(cluster,))
        killer.start()
        done = running.run_all(
            experiment, engine="dask", address=cluster.scheduler_address, folder=folder
        )
        killer.join()
    assert killed
    pids = {row.split()[1] for row in log.read_text(encoding="utf-8").splitlines()}
    assert len(pids) >= 2  # both workers took part
    assert len(done) == 16
    assert [run["settings"] for run in done] == [run.settings for run in experiment.runs()]
    ended = lines(log, "ended")
    assert len(ended) == 16
    assert set(ended.values()) == {1}
    # Only what the dead worker was at had to begin again.
    assert sum(lines(log, "begun").values()) <= 16 + 1
