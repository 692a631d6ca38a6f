"""Counting the operators that a piece of code calls."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from rnnlab import operators


def test_calls_are_counted_by_name_and_views_are_not():
    x = torch.randn(4, 3)

    def step():
        y = x.T[:2].reshape(1, -1).tanh()
        return (y + y) * 2 + 1

    assert operators.count_calls(step) == {"clone": 1, "tanh": 1, "add": 2, "mul": 1}
    assert operators.count_calls(lambda: x.T[:2].detach().view(2, 4)[0]) == {}
    assert operators.count_calls(lambda: None) == {}


def test_the_backward_pass_is_counted_too_and_the_function_runs_once():
    layer, x, runs = nn.Linear(3, 2), torch.randn(4, 3), []

    def step():
        runs.append(1)
        layer(x).tanh().sum().backward()

    calls = operators.count_calls(step)
    assert len(runs) == 1
    assert calls["addmm"] == 1  # forward
    assert calls["tanh_backward"] == 1
    assert calls["mm"] == 1  # of the weight; x needs no gradient
    assert layer.weight.grad is not None
    forward = operators.count_calls(lambda: layer(x).tanh().sum())
    assert forward == {"addmm": 1, "tanh": 1, "sum": 1}
    assert calls.total() > forward.total() == 3


def test_counting_changes_no_result_and_nests_with_other_modes():
    x, w = torch.randn(4, 3), torch.randn(3, 5)
    results = []
    with FlopCounterMode(display=False) as flops:
        calls = operators.count_calls(lambda: results.append(x @ w))
    assert calls == {"mm": 1}
    assert flops.get_total_flops() == 2 * 4 * 3 * 5
    assert torch.equal(results[0], x @ w)
