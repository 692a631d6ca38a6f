"""Promise: a run that is stopped at any moment ends as if it had not been, and no file does harm.

The runs are those of ``tests/runs.py``: two layers, dropout, a learning rate that changes.
"""

import io
import json
import multiprocessing
import os
import pickle
import random
import signal
import sys
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import train
from safetensors.torch import save_file
from torch import nn

from rnnlab.training import Checkpoint, CheckpointError, History, Saving, checkpoints
from rnnlab.training.interrupts import Interrupts

STEPS = 40


@pytest.fixture(scope="module")
def whole():
    """A run that is never stopped: its weights and its history."""
    return train()


def same(model: nn.Module, other: nn.Module) -> bool:
    pairs = zip(model.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


# --- going on -------------------------------------------------------------------------------------


def test_saving_changes_nothing(tmp_path, whole):
    model, history = train(tmp_path / "run.safetensors", every=7)
    assert same(model, whole[0])
    assert history == whole[1]


@pytest.mark.parametrize("at", [1, 13, 14, 39])
def test_a_run_goes_on_bit_for_bit(tmp_path, whole, at):
    path = tmp_path / "run.safetensors"
    with pytest.raises(Stop):
        train(path, optimiser=stopping_after(at))
    checkpoint = checkpoints.load(path)
    checkpoint.about["settings"]["optimiser"] = "Adam"  # it was Stopping
    checkpoints.save(checkpoint, path)
    assert len(History.from_json(checkpoint.about["history"])) == at
    model, history = train(path)
    assert same(model, whole[0])
    assert history == whole[1]


class Stop(Exception):  # noqa: N818 - it stops the run, as a power cut would
    """Stops a run from inside."""


def stopping_after(steps):
    """Adam that raises in the step after so many."""

    class Stopping(torch.optim.Adam):
        taken = 0

        def step(self, *args, **kwargs):
            self.taken += 1
            if self.taken > steps:
                raise Stop
            return super().step(*args, **kwargs)

    return Stopping


def test_a_finished_run_is_not_run_again(tmp_path, whole):
    path = tmp_path / "run.safetensors"
    train(path)
    before = path.read_bytes()
    model, history = train(path)
    assert path.read_bytes() == before
    assert same(model, whole[0])
    assert history == whole[1]


def test_other_seeds_give_other_weights(whole):
    torch.manual_seed(4)
    other = nn.ModuleDict({"a": type(whole[0])(11, 24, "lstm", num_layers=2)})["a"]
    assert not same(other, whole[0])


def train_in_child(path: str, ready: Event) -> None:
    torch.set_num_threads(1)
    ready.set()
    train(path, STEPS, hidden=96)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_run_survives_being_killed_at_random_moments(tmp_path, monkeypatch):
    """Many kills, most of them in the middle of a step or of writing a checkpoint."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    expected, _ = train(None, STEPS, hidden=96)
    torch.set_num_threads(threads)

    # Children are forked from a server that has imported torch already.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["runs", "test_training_checkpoints"])
    draw, kills, rounds, moments, longest = random.Random(0), 0, 0, set(), 0.3
    while kills < 25 or len(moments) < 5:
        assert rounds < 50, "the kills never came at different moments"
        path = tmp_path / f"{rounds}.safetensors"
        while True:
            before = steps_saved(path)
            ready = context.Event()
            child = context.Process(target=train_in_child, args=(str(path), ready))
            child.start()
            assert ready.wait(60)
            child.join(draw.uniform(0, longest))
            if child.exitcode is not None:
                break
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            kills += 1
            moments.add(steps_saved(path))  # what is there is whole, whenever the process died
            # A slow machine needs longer to get anywhere, a fast one must not be let run through.
            longest *= 1.2 if steps_saved(path) == before else 0.9
        assert child.exitcode == 0
        longest *= 0.7
        final = checkpoints.load(path)
        for name, weight in expected.state_dict().items():
            assert torch.equal(final.tensors[f"model.{name}"], weight), f"{name}, {kills} kills"
        assert not list(tmp_path.glob("*.draft"))
        rounds += 1


def steps_saved(path: Path) -> int:
    return len(checkpoints.load(path).about["history"]["losses"]) if path.exists() else 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heeded_between_two_steps(tmp_path, whole, number):
    path = tmp_path / "run.safetensors"

    class Signalled(torch.optim.Adam):
        taken = 0

        def step(self, *args, **kwargs):
            self.taken += 1
            if self.taken == 12:
                signal.raise_signal(number)
            return super().step(*args, **kwargs)

    Signalled.__name__ = "Adam"
    with pytest.raises(KeyboardInterrupt):
        train(path, every=1000, optimiser=Signalled)
    assert steps_saved(path) == 13  # the step that was on its way, and the one that noticed
    model, history = train(path)
    assert same(model, whole[0])
    assert history == whole[1]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_second_signal_is_not_held_back():
    # A shell may start the tests with SIGINT ignored: in the background, for instance.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGINT)
            assert interrupts.received == signal.SIGINT
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_nan_leaves_the_last_good_checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"

    class Poisoned(torch.optim.Adam):
        taken = 0

        def step(self, *args, **kwargs):
            super().step(*args, **kwargs)
            self.taken += 1
            if self.taken == 12:
                self.param_groups[0]["params"][0].data.fill_(float("nan"))

    with pytest.raises(FloatingPointError, match="at step 12"):
        train(path, every=5, optimiser=Poisoned)
    checkpoint = checkpoints.load(path)
    assert len(checkpoint.about["history"]["losses"]) == 10
    assert all(t.isfinite().all() for t in checkpoint.part("model").values())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"clip": 0.5}, "clip 1.0, now 0.5"),
        ({"learning_rate": 0.1}, "learning_rate 0.005, now 0.1"),
        ({"steps": 50}, r"schedule \['cosine', 20\], now \['cosine', 50\]"),
    ],
)
def test_a_run_does_not_go_on_with_other_settings(tmp_path, options, named):
    path = tmp_path / "run.safetensors"
    train(path, steps=20)
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=named):
        train(path, **{"steps": 20, **options})
    assert path.read_bytes() == before


def test_a_run_does_not_go_on_with_another_model(tmp_path):
    path = tmp_path / "run.safetensors"
    train(path, steps=5)
    with pytest.raises(
        CheckpointError, match=r"to fit the model, got other weights.*size mismatch"
    ):
        train(path, steps=5, hidden=12)


def test_checkpoints_come_as_often_as_asked_for():
    with pytest.raises(ValueError, match="every 1 step or more, got 0"):
        Saving("run.safetensors", 0)


# --- files ----------------------------------------------------------------------------------------

TENSORS = {
    "model.weight": torch.randn(3, 4),
    "optimiser.0.step": torch.tensor(7.0),
    "random.cpu": torch.arange(9, dtype=torch.uint8),
    "model.empty": torch.zeros(0, 2, dtype=torch.float64),
    "model.half": torch.randn(2, 2).bfloat16(),
}
ABOUT = {"history": [0.1, 1 / 3], "name": "Zeit 时间", "none": None}


@pytest.fixture
def saved(tmp_path) -> Path:
    path = tmp_path / "folder" / "some.safetensors"
    checkpoints.save(Checkpoint(TENSORS, ABOUT), path)
    return path


def test_a_checkpoint_comes_back_as_it_was(saved):
    back = checkpoints.load(saved)
    assert back.about == ABOUT
    assert back.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert back.tensors[name].dtype == tensor.dtype
        assert torch.equal(back.tensors[name], tensor)
    assert back.part("optimiser") == {"0.step": torch.tensor(7.0)}


def test_tied_weights_are_kept(tmp_path):
    weight = torch.randn(2, 2)
    checkpoints.save(Checkpoint({"a": weight, "b": weight, "c": weight.t()}), tmp_path / "x")
    back = checkpoints.load(tmp_path / "x").tensors
    assert torch.equal(back["a"], back["b"])
    assert torch.equal(back["c"], weight.t())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_is_cut_off_is_refused(saved, share):
    content = saved.read_bytes()
    cut = saved.with_name("cut.safetensors")
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"cut\.safetensors"):
        checkpoints.load(cut)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_file_with_one_changed_byte_is_refused(saved, share, change):
    content = bytearray(saved.read_bytes())
    content[int(share * len(content))] ^= change
    changed = saved.with_name("changed.safetensors")
    changed.write_bytes(content)
    try:
        back = checkpoints.load(changed)
    except CheckpointError:
        return
    # A byte between the header's words may change without changing what it says.
    assert back.about == ABOUT
    assert all(torch.equal(back.tensors[name], TENSORS[name]) for name in TENSORS)


def test_foreign_files_are_refused_and_never_run(tmp_path, saved):
    class Harmful:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "executed",))

    pickled = io.BytesIO()
    torch.save({"model": Harmful()}, pickled)
    save_file(TENSORS | {}, tmp_path / "other.safetensors")
    files = {
        "pickle": pickle.dumps(Harmful()),
        "torch": pickled.getvalue(),
        "text": b"not a checkpoint",
        "empty": b"",
        "json": json.dumps(ABOUT).encode(),
        "safetensors": (tmp_path / "other.safetensors").read_bytes(),
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=f"expected .*{name}"):
            checkpoints.load(path)
    assert not (tmp_path / "executed").exists()
    with pytest.raises(FileNotFoundError, match="got no such file"):
        checkpoints.load(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match="of a run, got weights alone"):
        train(saved, steps=3)  # a checkpoint, but not of a run: refused, and left as it was


def test_writing_fails_whole(saved, monkeypatch):
    before = saved.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save(Checkpoint({"a": torch.zeros(3)}), saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
