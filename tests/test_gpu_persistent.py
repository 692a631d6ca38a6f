"""The layer over the Triton kernels: what it accepts, and on a GPU equal to the readable loop.

Without a GPU the kernels themselves are tested in Triton's interpreter: tests/test_gpu_kernels.py.
"""

import subprocess
import sys

import pytest
import torch
from torch import nn
from twins import assert_close, gradients, initial_state, tensors

from rnnlab import scratch
from rnnlab.gpu import Graphed, Persistent, persistent, recurrence

KINDS = ("RNN", "LSTM", "GRU")
T, B, X, H = 4, 3, 5, 6


# --- what fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "hidden", "processors", "expected"),
    [
        (32, 256, 132, (16, 16, 4)),  # 2 x 16 tiles
        (64, 512, 132, (16, 16, 4)),  # 4 x 32
        (64, 512, 108, (16, 32, 4)),  # 128 were too many
        (16, 768, 108, (16, 16, 4)),
        (256, 1024, 132, (64, 32, 8)),
        (1, 1, 1, (16, 16, 4)),
    ],
)
def test_tiles_are_as_small_as_the_gpu_has_processors_for(batch, hidden, processors, expected):
    assert recurrence.tiles(batch, hidden, processors) == expected


def test_batch_too_large_for_the_gpu_is_refused():
    with pytest.raises(
        ValueError, match=r"at most 132 tiles.* got 5 x 32 of 64 x 32 for batch 257"
    ):
        recurrence.tiles(257, 1024, 132)


# --- arguments ------------------------------------------------------------------------------------


@pytest.fixture
def layer(monkeypatch):
    """A layer over kernels that are not there, so that every check comes before them."""
    monkeypatch.setattr(persistent, "kernels", lambda: None)
    monkeypatch.setattr(persistent, "interpreted", lambda: False)
    return Persistent


def test_rnnlab_can_be_imported_without_triton_and_the_layer_says_what_is_missing():
    code = (
        "import sys; sys.modules['triton'] = None\n"
        "import torch, rnnlab.gpu\n"
        "rnnlab.gpu.Persistent(torch.nn.LSTM(2, 3))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    *_, said = done.stderr.strip().splitlines()
    assert said.startswith("ImportError: rnnlab.gpu.Persistent needs triton")
    assert said.endswith("pip install 'rnnlab[triton]'")


def test_other_failures_of_the_kernels_import_are_not_hidden(monkeypatch):
    def broken(name):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setattr(recurrence.importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="other"):
        recurrence.kernels()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (nn.LSTM(2, 3, num_layers=2), "num_layers=1, got num_layers=2"),
        (nn.GRU(2, 3, bidirectional=True), "bidirectional=False, got bidirectional=True"),
        (nn.LSTM(2, 3, proj_size=2), "proj_size=0, got proj_size=2"),
        (scratch.GRU(2, 3, reset_after=False), "reset_after=True, got reset_after=False"),
        (scratch.GRU(2, 3, update_gate="take"), "update_gate='keep', got update_gate='take'"),
        (scratch.RNN(2, 3, dtype=torch.float64), "torch.float32, got torch.float64"),
    ],
)
def test_layers_of_another_form_are_refused(layer, other, message):
    with pytest.raises(ValueError, match=message):
        layer(other)


def test_what_is_no_recurrent_layer_is_refused(layer):
    with pytest.raises(TypeError, match=r"expected an RNN, LSTM or GRU .* got Linear"):
        layer(nn.Linear(2, 3))
    with pytest.raises(ValueError, match=r"precision of \('ieee', 'tf32x3', 'tf32'\), got 'half'"):
        layer(nn.RNN(2, 3), precision="half")


def test_parameters_are_the_layers_own(layer):
    other = nn.LSTM(X, H)
    ours = layer(other, precision="tf32")
    assert [id(p) for p in ours.parameters()] == [id(p) for p in other.parameters()]
    assert "precision=tf32, one_launch=True" in repr(ours)


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_that_do_not_fit_are_refused(layer, kind):
    ours = layer(getattr(nn, kind)(X, H))
    packed = nn.utils.rnn.pack_sequence([torch.randn(T, X)])
    with pytest.raises(TypeError, match="expected a tensor, got a PackedSequence"):
        ours(packed)
    for shape in ((T, X), (T, B, X + 1), (0, B, X), (T, 0, X)):
        with pytest.raises(ValueError, match=r"one step, \(T, B, 5\) or with batch_first"):
            ours(torch.randn(shape))
    with pytest.raises(ValueError, match=r"got torch\.float64 and torch\.float32"):
        ours(torch.randn(T, B, X, dtype=torch.float64))
    with pytest.raises(ValueError, match="input and states on cpu, like the layer, got meta"):
        ours(torch.randn(T, B, X, device="meta"))
    with pytest.raises(RuntimeError, match=r"CUDA device, got cpu.* TRITON_INTERPRET=1"):
        ours(torch.randn(T, B, X))


@pytest.mark.parametrize("kind", KINDS)
def test_states_that_do_not_fit_are_refused(layer, kind, monkeypatch):
    monkeypatch.setattr(persistent, "interpreted", lambda: True)
    ours = layer(getattr(nn, kind)(X, H))
    wrong = initial_state(kind, 1, B + 1, H, dtype=torch.float32)
    with pytest.raises(ValueError, match=r"states of shape \(1, 3, 6\), got \[\(1, 4, 6\)"):
        ours(torch.randn(T, B, X), wrong)
    if kind == "LSTM":
        with pytest.raises(TypeError, match="Expected hx to be a pair"):
            ours(torch.randn(T, B, X), wrong[0])


# --- on a GPU -------------------------------------------------------------------------------------


def pair(kind, T, B, X, H, **options):
    """A layer run by the kernels, the readable loop, an input and a state, all on the GPU."""
    torch.manual_seed(0)
    readable = getattr(scratch, kind)(X, H, readable=True).cuda()
    other = getattr(nn, kind)(X, H).cuda()
    other.load_state_dict(readable.state_dict())
    x = torch.randn(T, B, X, device="cuda", requires_grad=True)
    state = [s.detach().cuda() for s in tensors([initial_state(kind, 1, B, H)])]
    state = tuple(s.float().requires_grad_() for s in state)
    return Persistent(other, **options), readable, x, state if kind == "LSTM" else state[0]


def differences(ours, readable, x, state):
    """The largest difference of each result and gradient, as a share of the largest number."""
    leaves = [x, *tensors([state])]
    wide = readable.double()
    wide_leaves = [leaf.detach().double().requires_grad_() for leaf in leaves]
    wide_state = tuple(wide_leaves[1:]) if isinstance(state, tuple) else wide_leaves[1]
    result, expected = ours(x, state), wide(wide_leaves[0], wide_state)
    got = [*tensors(result), *gradients(ours, result, leaves)]
    wanted = [*tensors(expected), *gradients(wide, expected, wide_leaves)]
    return [
        ((a.double() - b).abs().max() / b.abs().max()).item()
        for a, b in zip(got, wanted, strict=True)
    ]


@pytest.fixture
def needs_triton():
    """Say what is missing where there is a GPU and no triton."""
    pytest.importorskip("triton", reason="needs triton: pip install 'rnnlab[triton]'")
    if recurrence.interpreted():
        pytest.skip("TRITON_INTERPRET is set: this is about the compiled kernels")


#: T, B, X, H: one tile; more than one each way, with a rest; two shapes of the benchmark.
SIZES = [(1, 1, 3, 5), (7, 33, 20, 50), (35, 32, 256, 256), (128, 64, 512, 512)]


@pytest.mark.gpu
@pytest.mark.usefixtures("needs_triton")
@pytest.mark.parametrize("one_launch", [True, False])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_results_states_and_gradients_are_those_of_the_readable_loop(kind, sizes, one_launch):
    ours, readable, x, state = pair(kind, *sizes, one_launch=one_launch)
    other = getattr(scratch, kind)(*sizes[2:]).cuda()
    with pytest.raises(AssertionError):  # negative control: other weights
        assert_close(ours(x, state), other(x, state))
    assert max(differences(ours, readable, x, state)) < 1e-5


@pytest.mark.gpu
@pytest.mark.usefixtures("needs_triton")
@pytest.mark.parametrize("kind", KINDS)
def test_precisions_are_what_they_say(kind):
    error = {}
    for precision in ("ieee", "tf32x3", "tf32"):
        ours, *rest = pair(kind, 35, 32, 256, 256, precision=precision)
        error[precision] = max(differences(ours, *rest))
    assert error["ieee"] < 1e-5
    assert error["tf32x3"] < 1e-4
    assert error["tf32x3"] < error["tf32"] < 1e-2
    assert error["tf32"] > 10 * error["ieee"]


@pytest.mark.gpu
@pytest.mark.usefixtures("needs_triton")
@pytest.mark.parametrize("kind", KINDS)
def test_many_launches_give_the_same_numbers_to_the_last_bit(kind):
    """Programs that did not wait for one another would differ now and then."""
    ours, _, x, state = pair(kind, 128, 64, 64, 512)
    first = tensors(ours(x, state))
    for _ in range(50):
        assert all(map(torch.equal, tensors(ours(x, state)), first))


@pytest.mark.gpu
@pytest.mark.usefixtures("needs_triton")
@pytest.mark.parametrize("kind", KINDS)
def test_kernels_can_be_captured_in_a_graph(kind):
    ours, readable, x, _ = pair(kind, 35, 32, 64, 128)
    graph = Graphed(ours, x)
    for seed in (1, 2):
        torch.manual_seed(seed)
        x = torch.randn_like(x).requires_grad_()
        torch.testing.assert_close(graph(x)[0], readable(x)[0], rtol=1e-5, atol=1e-5)
        got = gradients(graph, graph(x), [x])
        assert_close(got, gradients(ours, ours(x), [x]))


@pytest.mark.gpu
@pytest.mark.usefixtures("needs_triton")
def test_batch_that_does_not_fit_is_refused_and_runs_step_by_step():
    layer = nn.GRU(4, 64).cuda()
    x = torch.randn(2, 64 * 400, 4, device="cuda")
    with pytest.raises(ValueError, match="take a smaller batch, or one_launch=False"):
        Persistent(layer)(x)
    result, expected = Persistent(layer, one_launch=False)(x), layer(x)
    torch.testing.assert_close(result[0], expected[0], rtol=1e-3, atol=1e-3)
