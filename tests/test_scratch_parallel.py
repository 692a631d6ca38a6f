"""Promise: the parallel scan equals the loop, and minGRU and minLSTM equal their equations."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence
from twins import assert_close, gradients

from rnnlab import parameters, scratch
from rnnlab.scratch import combine, linear_recurrence

SCANS = ("tree", "doubling")
LAYERS = {"mingru": scratch.MinGRU, "minlstm": scratch.MinLSTM}
B, X, H = 3, 5, 4


def by_numpy(a, b, h_0, reverse=False):
    """The recurrence in NumPy, an element at a time."""
    a, b, h = a.detach().numpy(), b.detach().numpy(), h_0.detach().numpy()
    states = np.empty_like(b)
    order = range(len(a))
    for t in reversed(order) if reverse else order:
        h = np.array([x * y + z for x, y, z in zip(a[t].flat, h.flat, b[t].flat, strict=True)])
        h = states[t] = h.reshape(b[t].shape)
    return torch.from_numpy(states)


def draw(T, shape=(B, H), seed=0, **options):
    generator = torch.Generator().manual_seed(seed)
    options = {"generator": generator, "dtype": torch.float64, **options}
    a = 2 * torch.rand(T, *shape, **options) - 1
    b = torch.randn(T, *shape, **options)
    h_0 = torch.randn(shape, **options)
    return [t.requires_grad_() for t in (a, b, h_0)]


def everything(method, leaves, reverse=False):
    """States and gradients of a fixed random projection of them."""
    h = linear_recurrence(*leaves, method=method, reverse=reverse)
    weights = torch.randn(h.shape, generator=torch.Generator().manual_seed(1), dtype=h.dtype)
    return [h, *torch.autograd.grad((weights * h).sum(), leaves)]


# --- the scan -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("method", ["loop", *SCANS])
@settings(max_examples=40, deadline=None)
@given(T=st.integers(1, 70), shape=st.sampled_from([(), (1,), (3, 2)]), seed=st.integers(0, 99))
def test_equal_to_numpy_and_to_the_loop_with_gradients(method, reverse, T, shape, seed):
    leaves = draw(T, shape, seed)
    ours = everything(method, leaves, reverse)
    assert_close(ours[0], by_numpy(*leaves, reverse))
    assert_close(ours, everything("loop", leaves, reverse))


@pytest.mark.parametrize("method", SCANS)
def test_a_recurrence_the_other_way_round_is_told_apart(method):
    leaves = draw(6)
    with pytest.raises(AssertionError):  # negative control
        assert_close(linear_recurrence(*leaves, method=method), by_numpy(*leaves, reverse=True))


@pytest.mark.parametrize("method", SCANS)
def test_the_combine_in_the_wrong_order_is_told_apart(method, monkeypatch):
    leaves = draw(6)
    good = linear_recurrence(*leaves, method=method)
    monkeypatch.setattr("rnnlab.scratch.parallel.combine", lambda p, q: combine(q, p))
    with pytest.raises(AssertionError):
        assert_close(linear_recurrence(*leaves, method=method), good)


def test_combine_is_two_steps_in_one_associative_and_not_commutative():
    (a1, a2, a3), (b1, b2, b3), h = draw(3)
    one, two, three = (a1, b1), (a2, b2), (a3, b3)
    a, b = combine(one, two)
    assert_close(a * h + b, a2 * (a1 * h + b1) + b2)
    assert_close(combine(combine(one, two), three), combine(one, combine(two, three)))
    with pytest.raises(AssertionError):
        assert_close(combine(one, two), combine(two, one))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("T", [1, 2, 3, 6])
@pytest.mark.parametrize("method", SCANS)
def test_gradients_equal_the_numeric_ones_and_can_be_differentiated_again(method, T, reverse):
    leaves = draw(T, (2,))

    def scan(*leaves):
        return linear_recurrence(*leaves, method=method, reverse=reverse)

    assert torch.autograd.gradcheck(scan, leaves)
    assert torch.autograd.gradgradcheck(scan, leaves)


@pytest.mark.parametrize("method", ["loop", *SCANS])
def test_constant_factors_give_the_geometric_sum(method):
    a, T = 0.9, 37
    ones = torch.ones(T, 1, dtype=torch.float64)
    h = linear_recurrence(a * ones, ones, method=method)
    expected = [(1 - a**t) / (1 - a) for t in range(1, T + 1)]
    assert_close(h[:, 0], torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("method", SCANS)
def test_factors_that_vanish_or_are_zero_do_no_harm(method):
    """Where products of factors underflow, a division by them, or a logarithm, would fail."""
    a, b, h_0 = draw(3000, (2,))
    a = (1e-3 * a).detach()
    a[::7] = 0.0
    leaves = [a.requires_grad_(), b, h_0]
    assert a.prod() == 0
    assert_close(everything(method, leaves), everything("loop", leaves))


@pytest.mark.parametrize("method", SCANS)
def test_gradients_that_are_not_asked_for(method):
    a, b, h_0 = draw(5)
    for wanted in (a, b, h_0):
        given = [t if t is wanted else t.detach() for t in (a, b, h_0)]
        h = linear_recurrence(*given, method=method)
        loop = linear_recurrence(a, b, h_0, method="loop")
        assert_close(
            torch.autograd.grad(h.square().sum(), wanted),
            torch.autograd.grad(loop.square().sum(), wanted),
        )
    with torch.no_grad():
        assert not linear_recurrence(a, b, method=method).requires_grad


def test_the_inputs_stay_as_they_are():
    leaves = draw(9)
    before = [leaf.detach().clone() for leaf in leaves]
    for method in SCANS:
        linear_recurrence(*leaves, method=method).sum().backward()
    for leaf, value in zip(leaves, before, strict=True):
        assert torch.equal(leaf, value)


class Calls(torch.utils._python_dispatch.TorchDispatchMode):
    """Counts the calls of operators that compute, and the elements that they write."""

    def __init__(self):
        super().__init__()
        self.calls = self.elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket in (torch.ops.aten.mul, torch.ops.aten.addcmul):
            self.calls += 1
            self.elements += result.numel()
        return result


@pytest.mark.parametrize("T", [1, 2, 37, 64, 1000])
def test_the_docstring_says_how_many_rounds_and_multiplications(T):
    a, b, h_0 = (leaf.detach() for leaf in draw(T, (1,)))
    counted = {}
    for method in SCANS:
        with Calls() as counted[method]:
            linear_recurrence(a, b, h_0, method=method)
    rounds = math.ceil(math.log2(T))
    assert counted["doubling"].calls == 2 * rounds + 1
    assert counted["doubling"].elements <= 2 * T * rounds + T
    assert counted["tree"].calls <= 4 * math.floor(math.log2(T)) + 1
    assert counted["tree"].elements <= 3 * T


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ([torch.ones(0, 2), torch.ones(0, 2)], {}, r"T of at least 1, got \(0, 2\)"),
        ([torch.tensor(1.0), torch.tensor(1.0)], {}, r"expected a of shape \(T, ...\)"),
        ([torch.ones(3, 2), torch.ones(3, 1)], {}, r"one shape, got \(3, 2\) and \(3, 1\)"),
        ([torch.ones(3, 2), torch.ones(3, 2), torch.ones(3)], {}, r"shape \(2,\), got \(3,\)"),
        ([torch.ones(3), torch.ones(3)], {"method": "magic"}, "'loop'], got 'magic'"),
    ],
)
def test_bad_input_of_the_scan_says_what_was_expected_and_what_came(args, kwargs, message):
    with pytest.raises(ValueError, match=message):
        linear_recurrence(*args, **kwargs)


# --- the layers -----------------------------------------------------------------------------------


def by_equations(layer, x, h):
    """MinGRU or MinLSTM written as the equations stand, step by step."""
    W, b = layer.weight_ih_l0, layer.bias_ih_l0
    states = []
    for x_t in x:
        v = x_t @ W.T if b is None else x_t @ W.T + b
        if isinstance(layer, scratch.MinGRU):
            z, candidate = v[:, :H].sigmoid(), v[:, H:]
            h = (1 - z) * h + z * candidate
        else:
            f, i, candidate = v[:, :H].sigmoid(), v[:, H : 2 * H].sigmoid(), v[:, 2 * H :]
            h = f / (f + i) * h + i / (f + i) * candidate
        states.append(h)
    return torch.stack(states), h[None]


def make(kind, seed=0, **options):
    torch.manual_seed(seed)
    return LAYERS[kind](X, H, dtype=torch.float64, **options)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("method", ["loop", *SCANS])
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("T", [1, 2, 7, 32])
def test_layers_equal_their_equations_in_outputs_states_and_gradients(kind, method, bias, T):
    layer = make(kind, method=method, bias=bias)
    x = torch.randn(T, B, X, dtype=torch.float64, requires_grad=True)
    h_0 = torch.randn(1, B, H, dtype=torch.float64, requires_grad=True)
    ours, theirs = layer(x, h_0), by_equations(layer, x, h_0[0])
    with pytest.raises(AssertionError):  # negative control: other weights
        assert_close(make(kind, seed=1, bias=bias)(x, h_0), theirs)
    assert_close(ours, theirs)
    assert_close(gradients(layer, ours, [x, h_0]), gradients(layer, theirs, [x, h_0]))
    assert_close(layer(x), by_equations(layer, x, torch.zeros(B, H, dtype=torch.float64)))


@pytest.mark.parametrize("kind", LAYERS)
def test_float32_is_within_the_tolerance_of_the_course(kind):
    layer = make(kind).float()
    x = torch.randn(50, B, X)
    assert_close(layer(x), by_equations(layer, x, torch.zeros(B, H)))


@pytest.mark.parametrize("kind", LAYERS)
def test_batch_first_and_one_sequence(kind):
    layer, other = make(kind), make(kind, batch_first=True)
    x, h_0 = torch.randn(7, B, X, dtype=torch.float64), torch.randn(1, B, H, dtype=torch.float64)
    output, h_n = layer(x, h_0)
    turned, h_turned = other(x.transpose(0, 1), h_0)
    assert_close([turned.transpose(0, 1), h_turned], [output, h_n])
    for one_or_other in (layer, other):  # one sequence is (T, X) either way, as in torch.nn
        alone, h_alone = one_or_other(x[:, 0], h_0[:, 0])
        assert_close([alone, h_alone], [output[:, 0], h_n[:, 0]])
    assert output.shape == (7, B, H)
    assert_close(h_n[0], output[-1])


def test_the_gates_of_the_minlstm_may_underflow():
    """Both gates closed to the last bit is 0 / 0 as the equation stands; the ratio is still right.

    Where f and i are as small as that, f / (f + i) is σ(a_f - a_i) up to rounding.
    """
    layer = make("minlstm")
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
        layer.bias_ih_l0[:H], layer.bias_ih_l0[H : 2 * H] = -801.0, -800.0
        layer.bias_ih_l0[2 * H :] = 3.0
    x = torch.zeros(2, B, X, dtype=torch.float64)
    naive = by_equations(layer, x, torch.zeros(B, H, dtype=torch.float64))[0]
    assert naive.isnan().all()
    kept = 1 / (1 + math.e)
    ours = layer(x)[0]
    assert_close(ours[0], torch.full_like(ours[0], (1 - kept) * 3))
    assert all(g.isfinite().all() for g in torch.autograd.grad(ours.sum(), [*layer.parameters()]))


@pytest.mark.parametrize("kind", LAYERS)
def test_the_state_stays_within_the_candidates(kind):
    """The state is a convex combination of candidates: this is the layer's only bound."""
    layer = make(kind)
    x = 5 * torch.randn(40, B, X, dtype=torch.float64)
    candidate = (x @ layer.weight_ih_l0.T + layer.bias_ih_l0)[..., -H:]
    bound = candidate.abs().max()
    assert layer(x)[0].abs().max() <= bound
    assert bound > 1  # no tanh holds it


@pytest.mark.parametrize("kind", LAYERS)
def test_names_initial_numbers_repr_and_copies(kind):
    layer = make(kind)
    assert list(layer.state_dict()) == ["weight_ih_l0", "bias_ih_l0"]
    assert list(make(kind, bias=False).state_dict()) == ["weight_ih_l0"]
    bound = 1 / math.sqrt(X)
    for p in layer.parameters():
        assert p.abs().max() <= bound
        assert p.abs().max() > 0.5 * bound
    name = type(layer).__name__
    assert repr(layer) == f"{name}(5, 4)"
    odd = make(kind, bias=False, batch_first=True, method="loop")
    assert repr(odd) == f"{name}(5, 4, bias=False, batch_first=True, method=loop)"
    x = torch.randn(3, B, X, dtype=torch.float64)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert_close(other(x), layer(x))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", LAYERS)
def test_the_formula_counts_the_parameters(kind, bias):
    counted = sum(p.numel() for p in make(kind, bias=bias).parameters())
    assert parameters.count_minimal(kind, X, H, bias=bias) == counted
    assert counted < parameters.count(kind.removeprefix("min"), X, H, biases=int(bias))
    with pytest.raises(ValueError, match="'mingru' or 'minlstm', got 'gru'"):
        parameters.count_minimal("gru", X, H)
    with pytest.raises(ValueError, match="at least 1"):
        parameters.count_minimal(kind, 0, H)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        ((0, 4), {}, ValueError, "input_size must be greater than zero"),
        ((5, 4.0), {}, TypeError, "hidden_size should be of type int, got: float"),
        ((5, 4), {"bias": 1}, TypeError, "bias should be of type bool"),
        ((5, 4), {"method": "magic"}, ValueError, "got 'magic'"),
    ],
)
def test_bad_arguments(kind, args, kwargs, error, message):
    with pytest.raises(error, match=message):
        LAYERS[kind](*args, **kwargs)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(
    ("input", "hx", "error", "message"),
    [
        (torch.ones(5), None, ValueError, "2D or 3D, got 1D"),
        (torch.ones(2, 3, 5), None, ValueError, "does not match weight dtype"),
        (torch.ones(2, 3, 6).double(), None, RuntimeError, "Expected 5, got 6"),
        (torch.ones(0, 3, 5).double(), None, RuntimeError, "larger than 0, got 0"),
        (torch.ones(2, 3, 5).double(), torch.ones(1, 2, 4), RuntimeError, r"\(1, 3, 4\), got"),
        (torch.ones(2, 5).double(), torch.ones(1, 1, 4), RuntimeError, r"\(1, 4\), got \[1, 1, 4"),
        (pack_sequence([torch.ones(2, 5)]), None, TypeError, "a tensor, got PackedSequence"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(kind, input, hx, error, message):
    with pytest.raises(error, match=f"{LAYERS[kind].__name__}: .*{message}"):
        make(kind)(input, hx)


def test_a_state_of_another_dtype_is_refused():
    with pytest.raises(RuntimeError, match="same dtype"):
        make("mingru")(torch.ones(2, 3, 5).double(), torch.ones(1, 3, 4))
