"""Runs over this machine's cores, or over the machines of a cluster that is there already.

Runs do not depend on each other, so joblib may do them in any order and anywhere. Each is kept in a
file of its own as soon as it is done, by the process that did it; a run whose file exists is never
done again, whoever asks. So nothing is lost if the experiment is stopped, or if a worker dies.
"""

import argparse
import functools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import cloudpickle
import joblib
import torch
from experiments.description import Experiment, Run
from keeping import write_whole
from tqdm import tqdm

#: Which engine spreads the runs: processes on this machine, or a cluster's own.
Engine = Literal["loky", "dask", "ray"]

HERE = Path(__file__).parents[1]
BUILD = HERE.parent / "_build" / "experiments"


def path_of(run: Run, folder: Path) -> Path:
    """The file that keeps a run."""
    return folder / run.experiment / f"{run.key}.json"


def kept(run: Run, folder: Path) -> dict[str, Any] | None:
    """What a run has measured, or None if it has not been done."""
    try:
        found: dict[str, Any] = json.loads(path_of(run, folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def do(experiment: Experiment, run: Run, folder: Path) -> dict[str, Any]:
    """Do a run, unless it is done; keep it, and give what is kept.

    It is measured on one thread: the runs are what fills the cores, and a number of threads would
    change the last digits.
    """
    found = kept(run, folder)
    if found is not None:
        return found
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = time.perf_counter()
    try:
        measured = dict(experiment.measure(**run.settings))
    finally:
        torch.set_num_threads(threads)
    document = {
        "settings": run.settings,
        "measured": measured,
        "seconds": round(time.perf_counter() - start, 2),
    }
    write_whole(path_of(run, folder), json.dumps(document))
    return document


@contextmanager
def _engine(engine: Engine, jobs: int, address: str | None) -> Iterator[None]:
    """Make an engine joblib's for the ``with`` block."""
    client: AbstractContextManager[Any] | None = None
    if engine == "dask":
        try:
            from dask.distributed import Client  # noqa: PLC0415  (only where it is asked for)
        except ImportError as error:
            raise ImportError(
                "the engine 'dask' needs dask and distributed: pip install 'distributed'"
            ) from error
        client = Client(address)
    elif engine == "ray":
        try:
            import ray  # noqa: PLC0415
            from ray.util.joblib import register_ray  # noqa: PLC0415
        except ImportError as error:
            raise ImportError("the engine 'ray' needs ray: pip install ray") from error
        ray.init(address=address, ignore_reinit_error=True)
        register_ray()
    elif engine != "loky":
        raise ValueError(f"expected an engine of 'loky', 'dask' or 'ray', got {engine!r}")
    try:
        with joblib.parallel_config(engine, n_jobs=jobs):
            yield
    finally:
        if client is not None:
            client.close()


def run_all(
    experiment: Experiment,
    *,
    seeds: Sequence[int] | None = None,
    engine: Engine = "loky",
    jobs: int = -1,
    address: str | None = None,
    folder: Path = BUILD,
) -> list[dict[str, Any]]:
    """Do all runs of an experiment that have not been done yet.

    Args:
        experiment: Its description.
        seeds: Some seeds only.
        engine: ``"loky"`` for the cores of this machine; ``"dask"`` or ``"ray"`` for a cluster.
        jobs: How many runs at a time; -1 for as many as there are cores, or workers.
        address: Where the cluster's scheduler listens.
        folder: Where runs are kept. Workers on other machines write there too if they can see it;
            what they send back is kept here in any case.

    Returns:
        What each run has measured, in the order of `Experiment.runs`.

    Raises:
        ImportError: The engine is not installed.
        ValueError: There is no such engine.
    """
    runs = list(experiment.runs(seeds))
    todo = [run for run in runs if kept(run, folder) is None]
    # Workers elsewhere do not have this folder on their path: send the code, not its name.
    ours = [
        module
        for name, module in list(sys.modules.items())
        if name in (experiment.measure.__module__, __name__)
        or Path(getattr(module, "__file__", None) or "/").is_relative_to(HERE)
    ]
    with _by_value(ours), _engine(engine, jobs, address):
        done = joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(functools.partial(_do_and_say, experiment, folder))(run) for run in todo
        )
        for run, document in tqdm(
            done, total=len(todo), desc=experiment.name, disable=not todo or None
        ):
            if kept(run, folder) is None:
                write_whole(path_of(run, folder), json.dumps(document))
    return [document for run in runs if (document := kept(run, folder)) is not None]


def _do_and_say(experiment: Experiment, folder: Path, run: Run) -> tuple[Run, dict[str, Any]]:
    return run, do(experiment, run, folder)


@contextmanager
def _by_value(modules: Sequence[Any]) -> Iterator[None]:
    modules = [module for module in modules if module.__name__ != "__main__"]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def side_by_side(
    runs: Sequence[dict[str, Any]], names: Sequence[str] | None = None, *, seconds: bool = False
) -> list[dict[str, Any]]:
    """Put the seeds of each setting side by side, in the order of the runs.

    Args:
        runs: What `run_all` gives.
        names: The settings that tell rows apart; all but the seed if None.
        seconds: Whether to keep how long each run took, too.

    Returns:
        A row for each setting: the settings, and under ``"runs"`` what each seed has measured.
    """
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for run in runs:
        shown = names or [name for name in run["settings"] if name != "seed"]
        settings = {name: run["settings"][name] for name in shown}
        row = rows.setdefault(tuple(settings.values()), {**settings, "runs": []})
        time_taken = {"seconds": run["seconds"]} if seconds else {}
        row["runs"].append({**run["measured"], **time_taken})
    return list(rows.values())


def run_as_asked(experiment: Experiment, about: str | None) -> list[dict[str, Any]]:
    """Do an experiment's runs as the command line asks, and say how on ``--help``."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=experiment.seeds, help="the first of them")
    parser.add_argument("--engine", choices=get_args(Engine), default="loky")
    parser.add_argument("--jobs", type=int, default=-1, help="runs at a time; -1: as many as fit")
    parser.add_argument("--address", help="of the cluster's scheduler")
    asked = parser.parse_args()
    return run_all(
        experiment,
        seeds=range(asked.seeds),
        engine=asked.engine,
        jobs=asked.jobs,
        address=asked.address,
    )
