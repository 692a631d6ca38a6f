"""Promise: the first difference between two results is found, and its place named."""

import math

import pytest
import torch

from rnnlab.exercises.comparing import difference
from rnnlab.exercises.exercise import Part

A = torch.arange(8, dtype=torch.float64).view(2, 4)
PARTS = (Part("h", ("step", "unit"), ("r", "z")),)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (A, A + 1e-10),
        ((A, 1), [A, torch.tensor(1.0)]),
        ({"a": A, "b": "x"}, {"b": "x", "a": A}),
        (2, 2.0),
        (True, True),
        ((), []),
        (torch.tensor([math.nan, 1.0]), torch.tensor([math.nan, 1.0])),
        (torch.zeros(0), torch.zeros(0)),
    ],
)
def test_equal_results_differ_in_nothing(wanted, got):
    assert difference(wanted, got) is None


@pytest.mark.parametrize(
    ("wanted", "got", "kind", "says"),
    [
        (A, None, "result", "expected a tensor of shape (2, 4), got None (is a return missing?)"),
        (A, 3, "result", "got int 3"),
        (A, A.tolist(), "result", "got a list of 2"),
        ((A, A), A, "result", "expected 2 results in a tuple, got a tensor of shape (2, 4)"),
        ((A, A), (A,), "result", "expected 2 results in a tuple, got a tuple of 1"),
        ({"a": 1}, {"b": 1}, "result", "expected a dictionary with ['a']"),
        (1, "1", "result", "expected a number, got str '1'"),
        (1, True, "result", "expected a number, got bool True"),
        (True, 1, "result", "expected a bool, got int 1"),
        ("a", 1, "result", "expected a str, got int 1"),
        (A, A.mT, "shape", "h: expected shape (2, 4) (step, unit), got (4, 2)"),
        (A, A.float(), "type", "h: expected torch.float64 on cpu, as the inputs are, got"),
        (A, A + math.nan, "values", "h is not a number (NaN) at step 0, unit 0 (r)"),
        (2, 3, "values", "h: expected 2, got 3"),
        ((A, 2), (A, 3), "values", "part 2 of the result: expected 2, got 3"),
    ],
)
def test_each_kind_of_difference_is_said(wanted, got, kind, says):
    found = difference(wanted, got, PARTS)
    assert (found.kind, says in found.says) == (kind, True), found


def test_the_place_of_the_first_wrong_value_is_named_by_axes_and_block():
    other = A.clone()
    other[1, 2:] += 0.5
    found = difference(A, other, PARTS)
    assert found.says == (
        "h at step 1, unit 2 (z) (counted from 0): expected 6, got 6.5; 25% of the values differ, "
        "by at most 0.5"
    )
    assert "axis 0 1, axis 1 2" in difference(A, other).says  # without names


def test_shapes_come_before_values_in_whichever_part_they_are():
    found = difference((A, A), (A + 1, A[0]))
    assert (found.kind, found.says.startswith("part 2 of the result")) == ("shape", True)


@pytest.mark.parametrize(("size", "off", "same"), [(1.0, 1e-6, False), (1e6, 1e-3, True)])
def test_the_tolerance_grows_with_the_values(size, off, same):
    found = difference(A + size, A + size + off, tolerance=1e-8)
    assert (found is None) == same
