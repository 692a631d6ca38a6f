"""The benchmark of the layers on a GPU: what it does without one, and that it compares first."""

import importlib
import os
import subprocess
import sys

import pytest
import torch
from repository import ROOT
from torch import nn

SCRIPT = ROOT / "benchmarks" / "gpu_layers.py"


@pytest.fixture
def benchmark(monkeypatch):
    """The benchmark as a module, with steps that need no GPU."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    module = importlib.import_module("gpu_layers")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    torch.manual_seed(0)
    layer, x = nn.GRU(3, 4), torch.randn(5, 2, 3)
    steps = {
        key: module.forward_and_backward(layer, x, "ieee")
        for key in [("graph", "ieee"), ("torch", "ieee"), ("torch", "tf32")]
    }
    monkeypatch.setattr(module, "contestants", lambda *_: steps)
    products = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [kind.allow_tf32 for kind in products]
    yield module
    for kind, allowed in zip(products, before, strict=True):  # a step sets it
        kind.allow_tf32 = allowed


def written():
    """When its result and the draft of it were written, if they are there."""
    files = (SCRIPT.parent / "results").glob("gpu_layers.*")
    return {path.name: path.stat().st_mtime_ns for path in files}


def test_without_a_gpu_it_says_so_and_writes_nothing():
    before = written()
    done = subprocess.run(
        [sys.executable, SCRIPT],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "torch finds none here: nothing measured, nothing written" in done.stderr
    assert written() == before


def test_layers_that_agree_are_timed_against_torch(benchmark):
    result = benchmark.measure("gru", (2, 5, 4), rounds=4, warm_up=1)
    assert list(result) == ["graph/ieee", "torch/ieee", "torch/tf32"]
    assert all(found["milliseconds"]["low"] > 0 for found in result.values())
    assert result["torch/ieee"]["of torch"] == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert result["graph/ieee"]["difference"] == 0


def test_layer_that_computes_something_else_is_not_timed(benchmark, monkeypatch):
    steps = dict(benchmark.contestants())
    right = steps["graph", "ieee"]

    def wrong():
        output, *gradients = right()
        return output, *gradients[:-1], gradients[-1] * 1.01

    monkeypatch.setattr(benchmark, "contestants", lambda *_: steps | {("graph", "ieee"): wrong})
    with pytest.raises(
        ValueError, match=r"results of torch.nn for gru .*{\('graph', 'ieee'\): 0.0"
    ):
        benchmark.measure("gru", (2, 5, 4), rounds=4)
