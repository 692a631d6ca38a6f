"""Promise: where ``torch.nn`` refuses an argument, `rnnlab.scratch` raises the same kind of error.

Each message says what was expected and what came: the words to be found in it stand with each case.
"""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from twins import KINDS, error_of

from rnnlab import scratch

X, H, T, B = 5, 6, 4, 3


def both(name, call):
    """The errors that the same call raises on torch.nn's class and on ours."""
    return error_of(lambda: call(getattr(nn, name))), error_of(lambda: call(getattr(scratch, name)))


def assert_same_error(name, call, *words):
    expected, got = both(name, call)
    assert expected is not None, "torch accepts this: the case shows nothing"
    assert type(got) is type(expected), f"torch: {expected!r}, ours: {got!r}"
    for word in words:
        assert word in str(got)


CONSTRUCTION = {
    "hidden_size 0": (lambda c: c(X, 0), ["hidden_size", "greater than zero", "0"]),
    "hidden_size negative": (lambda c: c(X, -1), ["hidden_size", "-1"]),
    "input_size 0": (lambda c: c(0, H), ["input_size", "greater than zero", "0"]),
    "num_layers 0": (lambda c: c(X, H, num_layers=0), ["num_layers", "greater than zero", "0"]),
    "hidden_size float": (lambda c: c(X, 6.0), ["hidden_size", "int", "float"]),
    "input_size str": (lambda c: c("5", H), ["input_size", "int", "str"]),
    "num_layers float": (lambda c: c(X, H, num_layers=1.5), ["num_layers", "int", "float"]),
    "bias int": (lambda c: c(X, H, bias=1), ["bias", "bool", "int"]),
    "batch_first int": (lambda c: c(X, H, batch_first=1), ["batch_first", "bool", "int"]),
    "dropout 2": (lambda c: c(X, H, 2, dropout=2), ["dropout", "[0, 1]", "2"]),
    "dropout bool": (lambda c: c(X, H, 2, dropout=True), ["dropout", "True"]),
    "dropout str": (lambda c: c(X, H, 2, dropout="a"), ["dropout", "'a'"]),
    "no hidden_size": (lambda c: c(X), ["hidden_size"]),
    "unknown argument": (lambda c: c(X, H, foo=1), ["foo"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CONSTRUCTION)
def test_construction(kind, case):
    call, words = CONSTRUCTION[case]
    assert_same_error(kind, call, *words)


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_projection_is_for_the_lstm_only(kind):
    assert_same_error(kind, lambda c: c(X, H, proj_size=3), "proj_size", "LSTM", "3")


@pytest.mark.parametrize(("proj_size", "words"), [(-1, ["positive", "-1"]), (6, ["smaller", "6"])])
def test_projection_size(proj_size, words):
    assert_same_error("LSTM", lambda c: c(X, H, proj_size=proj_size), "proj_size", *words)


def test_nonlinearity():
    assert_same_error("RNN", lambda c: c(X, H, nonlinearity="elu"), "elu", "tanh", "relu")
    assert_same_error("LSTM", lambda c: c(X, H, nonlinearity="relu"), "nonlinearity")


@pytest.mark.parametrize(
    ("kwargs", "error", "words"),
    [
        ({"update_gate": "drop"}, ValueError, ["drop", "keep", "take"]),
        ({"reset_after": 1}, TypeError, ["reset_after", "bool", "int"]),
    ],
)
@pytest.mark.parametrize("make", [scratch.GRU, scratch.GRUCell])
def test_gru_conventions(make, kwargs, error, words):
    with pytest.raises(error) as info:
        make(X, H, **kwargs)
    assert all(word in str(info.value) for word in words)


def state(kind, shape, c_shape=None, dtype=torch.float32):
    h = torch.zeros(shape, dtype=dtype)
    return (h, torch.zeros(c_shape or shape, dtype=dtype)) if kind == "LSTM" else h


INPUTS = {
    "one axis": (torch.zeros(X), ["2D or 3D", "1D"]),
    "four axes": (torch.zeros(2, T, B, X), ["2D or 3D", "4D"]),
    "features": (torch.zeros(T, B, 4), ["Expected 5", "got 4"]),
    "float64": (torch.zeros(T, B, X, dtype=torch.float64), ["float64", "float32"]),
    "integers": (torch.zeros(T, B, X, dtype=torch.long), ["int64", "float32"]),
    "no step": (torch.zeros(0, B, X), ["larger than 0", "got 0"]),
    "no step, one sequence": (torch.zeros(0, X), ["larger than 0", "got 0"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", INPUTS)
def test_input(kind, case):
    x, words = INPUTS[case]
    assert_same_error(kind, lambda c: c(X, H)(x), *words)


STATES = {
    "no batch axis": ((B, H), ["3-D", "2-D"]),
    "batch": ((1, B - 1, H), ["(1, 3, 6)", "[1, 2, 6]"]),
    "layers": ((2, B, H), ["(1, 3, 6)", "[2, 3, 6]"]),
    "hidden": ((1, B, H - 1), ["(1, 3, 6)", "[1, 3, 5]"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", STATES)
class TestStates:
    def test_batch(self, kind, case):
        shape, words = STATES[case]
        assert_same_error(kind, lambda c: c(X, H)(torch.zeros(T, B, X), state(kind, shape)), *words)

    def test_packed(self, kind, case):
        shape, _ = STATES[case]
        packed = pack_padded_sequence(torch.zeros(T, B, X), [4, 2, 1])
        expected, got = both(kind, lambda c: c(X, H)(packed, state(kind, shape)))
        # Here torch's LSTM checks nothing itself: what it raises is some operator's own error.
        assert isinstance(expected, RuntimeError | IndexError)
        assert type(got) is RuntimeError
        assert "(1, 3, 6)" in str(got)


@pytest.mark.parametrize(
    ("c_shape", "words"),
    [
        ((1, 2, H), ["hidden[1]", "(1, 3, 6)", "[1, 2, 6]"]),
        ((2, B, H), ["hidden[1]", "(1, 3, 6)", "[2, 3, 6]"]),
        ((1, B, 5), ["hidden[1]", "(1, 3, 6)", "[1, 3, 5]"]),
        ((B, H), ["3-D", "2-D"]),
    ],
)
def test_cell_state_alone(c_shape, words):
    hx = state("LSTM", (1, B, H), c_shape)
    assert_same_error("LSTM", lambda c: c(X, H)(torch.zeros(T, B, X), hx), *words)


def test_projected_states_have_two_widths():
    swapped = torch.zeros(1, B, H), torch.zeros(1, B, 2)
    call = lambda c: c(X, H, proj_size=2)(torch.zeros(T, B, X), swapped)  # noqa: E731
    assert_same_error("LSTM", call, "hidden[0]", "(1, 3, 2)", "[1, 3, 6]")


@pytest.mark.parametrize("kind", KINDS)
def test_one_sequence_wants_a_state_without_batch_axis(kind):
    hx = state(kind, (1, 1, H))
    assert_same_error(kind, lambda c: c(X, H)(torch.zeros(T, X), hx), "unbatched", "2-D", "3-D")


@pytest.mark.parametrize("kind", KINDS)
def test_dtype_of_the_state(kind):
    hx = state(kind, (1, B, H), dtype=torch.float64)
    call = lambda c: c(X, H)(torch.zeros(T, B, X), hx)  # noqa: E731
    assert_same_error(kind, call, "float32", "float64")


@pytest.mark.parametrize("kind", KINDS)
def test_packed_features_and_dtype(kind):
    narrow = pack_padded_sequence(torch.zeros(T, B, 4), [4, 2, 1])
    assert_same_error(kind, lambda c: c(X, H)(narrow), "")
    double = pack_padded_sequence(torch.zeros(T, B, X, dtype=torch.float64), [4, 2, 1])
    expected, got = both(kind, lambda c: c(X, H)(double))
    # torch's LSTM checks no packed dtype itself; ours does, as it does for any other input.
    assert isinstance(expected, ValueError | RuntimeError)
    assert type(got) is ValueError


@pytest.mark.parametrize("hx", [torch.zeros(1, B, H), (torch.zeros(1, B, H),)], ids=["h", "(h,)"])
def test_lstm_state_must_be_a_pair(hx):
    with pytest.raises(TypeError, match=r"LSTM: Expected hx to be a pair .* got"):
        scratch.LSTM(X, H)(torch.zeros(T, B, X), hx)
    with pytest.raises(TypeError, match=r"LSTMCell: Expected hx to be a pair .* got"):
        scratch.LSTMCell(X, H)(torch.zeros(B, X), hx)


CELL_INPUTS = {
    "no axis": (torch.tensor(1.0), ["1D or 2D", "0D"]),
    "three axes": (torch.zeros(T, B, X), ["1D or 2D", "3D"]),
    "features": (torch.zeros(B, 4), ["got 4", "expected 5"]),
    "features of a row": (torch.zeros(4), ["got 4", "expected 5"]),
    "float64": (torch.zeros(B, X, dtype=torch.float64), ["float32", "float64"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CELL_INPUTS)
def test_cell_input(kind, case):
    x, words = CELL_INPUTS[case]
    assert_same_error(kind + "Cell", lambda c: c(X, H)(x), *words)


CELL_STATES = {
    "three axes": ((1, B, H), (B, X), ["1D or 2D", "3D"]),
    "a row for a batch": ((H,), (B, X), ["batch size 3"]),
    "a batch for a row": ((1, H), (X,), ["(1, 6)"]),
    "batch": ((2, H), (B, X), ["batch size 3", "batch size 2"]),
    "hidden": ((B, 5), (B, X), ["got 5", "expected 6"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CELL_STATES)
def test_cell_state(kind, case):
    shape, x_shape, words = CELL_STATES[case]
    hx = state(kind, shape)
    assert_same_error(kind + "Cell", lambda c: c(X, H)(torch.zeros(x_shape), hx), *words)


@pytest.mark.parametrize("kind", KINDS)
def test_cell_dtype_of_the_state(kind):
    hx = state(kind, (B, H), dtype=torch.float64)
    call = lambda c: c(X, H)(torch.zeros(B, X), hx)  # noqa: E731
    assert_same_error(kind + "Cell", call, "float32", "float64")


def test_lstm_cell_state_alone():
    hx = torch.zeros(B, H), torch.zeros(2, H)
    assert_same_error("LSTMCell", lambda c: c(X, H)(torch.zeros(B, X), hx), "hx[1]", "2")


def test_cell_nonlinearity_is_refused_when_called_as_torch_does():
    call = lambda c: c(X, H, nonlinearity="elu")(torch.zeros(B, X))  # noqa: E731
    assert_same_error("RNNCell", call, "elu", "tanh", "relu")
