"""Promise: several processes train as one does, and a run may change their number on the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from repository import ROOT
from runs import train

from rnnlab.cli import main
from rnnlab.training import checkpoints
from rnnlab.training.distributed import World, agreed, gathered, parallel, summed, world

STEPS = 30


@pytest.fixture(scope="module")
def alone():
    """One process with the whole batch."""
    model, history = train(steps=STEPS, dropout=0.0, dtype=torch.float64)
    return dict(model.state_dict()), history


def torchrun(processes: int, *program: str) -> str:
    """Run a program in several processes; give what they printed."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, f"--nproc-per-node={processes}", *program],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def train_in(processes: int, path: Path, kind: str = "exact") -> None:
    torchrun(processes, str(ROOT / "tests" / "runs.py"), str(path), str(STEPS), kind)


def assert_same(path, alone) -> None:
    weights, history = alone
    checkpoint = checkpoints.load(path)
    for name, weight in weights.items():
        torch.testing.assert_close(
            checkpoint.tensors[f"model.{name}"], weight, rtol=0, atol=1e-6, msg=name
        )
    assert checkpoint.about["history"]["losses"] == pytest.approx(history.losses, abs=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's rendezvous is not built there")
@pytest.mark.parametrize("processes", [2, 4])
def test_processes_train_as_one_does(tmp_path, alone, processes):
    path = tmp_path / "run.safetensors"
    train_in(processes, path)
    assert_same(path, alone)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's rendezvous is not built there")
def test_a_run_goes_on_with_another_number_of_processes(tmp_path):
    """With a constant learning rate, so that fewer steps first are the same steps."""
    path = tmp_path / "run.safetensors"
    weights, history = train(steps=STEPS, dropout=0.0, dtype=torch.float64)
    first, _ = train(steps=10, dropout=0.0, dtype=torch.float64)
    assert any(
        not torch.equal(first.state_dict()[name], w) for name, w in weights.state_dict().items()
    )
    train_in(2, path, "stop-at-10")
    assert len(checkpoints.load(path).about["history"]["losses"]) == 10
    train_in(3, path)
    assert_same(path, (dict(weights.state_dict()), history))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's rendezvous is not built there")
def test_the_command_line_runs_in_several_processes(tmp_path, capsys):
    """Reading on with the state carried: the rows of the batch are shared, and so is the state."""
    options = ["train", "--task", "book", "--partition", "sequential", "--hidden", "8"]
    options += ["--steps", "12", "--batch-size", "8", "--save-every", "5", "--save"]
    out = torchrun(2, "-m", "rnnlab", *options, str(tmp_path / "two.safetensors"))
    assert out.count("perplexity") == 2, "one process speaks: of training, of held-out text"
    assert main([*options, str(tmp_path / "one.safetensors")]) == 0
    assert capsys.readouterr().out.count("perplexity") == 2
    one, two = (checkpoints.load(tmp_path / f"{name}.safetensors") for name in ("one", "two"))
    compared = [name for name in one.tensors if name.startswith(("model.", "carried."))]
    assert "carried.1" in compared
    for name in compared:
        torch.testing.assert_close(
            two.tensors[name], one.tensors[name], rtol=0, atol=1e-6, msg=name
        )


def test_one_process_alone_needs_no_connection():
    assert world() == World(0, 1)
    assert world().writes
    assert not World(1, 2).writes
    numbers = torch.arange(3.0)
    assert summed(numbers) is numbers
    assert agreed(numbers) is numbers
    assert gathered(numbers) == [numbers]
    model = torch.nn.Linear(2, 2)
    assert parallel(model) is model
