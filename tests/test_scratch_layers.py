"""Promise: the layers of `rnnlab.scratch` equal those of ``torch.nn`` in everything they do."""

import copy
import pickle
import shutil
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence
from twins import (
    KINDS,
    assert_close,
    assert_twins,
    gradients,
    initial_state,
    tensors,
    twins,
)

from rnnlab import scratch

# oneDNN has no projections, and torch says so once, through a warning.
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")

T, B, X, H = 7, 3, 5, 6

VARIANTS = {
    "plain": {},
    "no bias": {"bias": False},
    "batch first": {"batch_first": True},
    "both directions": {"bidirectional": True},
    "three layers": {"num_layers": 3},
    "everything": {"num_layers": 3, "bidirectional": True, "batch_first": True, "bias": False},
}
EXTRA = [
    ("RNN", "relu", {"nonlinearity": "relu"}),
    ("LSTM", "projection", {"proj_size": 2}),
    ("LSTM", "projection, deep", {"proj_size": 2, "num_layers": 3, "bidirectional": True}),
]
CASES = [
    pytest.param(kind, kwargs, id=f"{kind}, {name}")
    for kind, name, kwargs in [(k, n, v) for k in KINDS for n, v in VARIANTS.items()] + EXTRA
]


def shape_of(kwargs, batch=B):
    return (batch, T, X) if kwargs.get("batch_first") else (T, batch, X)


def state_for(kind, kwargs, *batch, **options):
    rows = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)
    return initial_state(kind, rows, *batch, H, proj_size=kwargs.get("proj_size", 0), **options)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize(("kind", "kwargs"), CASES)
class TestEquality:
    def test_batch(self, kind, kwargs, dtype):
        ours, theirs = twins(kind, X, H, dtype=dtype, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=dtype, requires_grad=True)
        assert_twins(ours, theirs, x, leaves=[x])

    def test_batch_with_initial_state(self, kind, kwargs, dtype):
        ours, theirs = twins(kind, X, H, dtype=dtype, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=dtype, requires_grad=True)
        state = state_for(kind, kwargs, B, dtype=dtype)
        assert_twins(ours, theirs, x, state, leaves=[x, *tensors(state)])

    def test_one_sequence(self, kind, kwargs, dtype):
        ours, theirs = twins(kind, X, H, dtype=dtype, **kwargs)
        x = torch.randn(T, X, dtype=dtype, requires_grad=True)
        state = state_for(kind, kwargs, dtype=dtype)
        assert_twins(ours, theirs, x, leaves=[x])
        assert_twins(ours, theirs, x, state, leaves=[x, *tensors(state)])

    @pytest.mark.parametrize("lengths", [(7, 4, 1), (2, 7, 5), (3, 3, 3)], ids=str)
    def test_packed(self, kind, kwargs, dtype, lengths):
        ours, theirs = twins(kind, X, H, dtype=dtype, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=dtype, requires_grad=True)
        batch_first = kwargs.get("batch_first", False)
        packed = pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
        state = state_for(kind, kwargs, B, dtype=dtype)
        assert_twins(ours, theirs, packed, leaves=[x])
        assert_twins(ours, theirs, packed, state, leaves=[x, *tensors(state)])


@pytest.mark.parametrize(("kind", "kwargs"), CASES)
class TestDropIn:
    def test_same_initial_numbers_from_the_same_seed(self, kind, kwargs):
        torch.manual_seed(3)
        theirs = getattr(nn, kind)(X, H, **kwargs)
        torch.manual_seed(3)
        ours = getattr(scratch, kind)(X, H, **kwargs)
        assert_close([*ours.state_dict().values()], [*theirs.state_dict().values()])

    def test_state_dict_goes_both_ways(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        other = getattr(nn, kind)(X, H, dtype=torch.float64, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=torch.float64)
        with pytest.raises(AssertionError):  # negative control: other weights, other outputs
            assert_close(ours(x), other(x))
        other.load_state_dict(ours.state_dict())
        assert_close(ours(x), other(x))

    def test_pickle_and_copy_keep_the_outputs(self, kind, kwargs):
        ours, _ = twins(kind, X, H, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=torch.float64)
        assert_close(pickle.loads(pickle.dumps(ours))(x), ours(x))
        assert_close(copy.deepcopy(ours)(x), ours(x))

    def test_repr_says_what_torch_says(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        said = repr(ours).replace(", nonlinearity=relu", "")  # torch does not say it
        assert said == repr(theirs)

    def test_all_weights_are_listed_like_torchs(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        assert_close(ours.all_weights, theirs.all_weights)
        ours.flatten_parameters()  # exists, does nothing

    def test_batch_of_none(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        x = torch.randn(shape_of(kwargs, batch=0), dtype=torch.float64, requires_grad=True)
        assert [t.shape for t in tensors(ours(x))] == [t.shape for t in tensors(theirs(x))]
        got = gradients(ours, ours(x), [x])
        assert all((g == 0).all() for g in got)

    def test_dtype_moves(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=torch.float32)
        assert_twins(ours.float(), theirs.float(), x)
        assert ours.double()(x.double())[0].dtype == torch.float64

    def test_meta_device(self, kind, kwargs):
        ours = getattr(scratch, kind)(X, H, device="meta", **kwargs)
        theirs = getattr(nn, kind)(X, H, device="meta", **kwargs)
        x = torch.randn(shape_of(kwargs), device="meta")
        assert [t.shape for t in tensors(ours(x))] == [t.shape for t in tensors(theirs(x))]

    def test_functional_call_uses_the_given_weights(self, kind, kwargs):
        ours, theirs = twins(kind, X, H, **kwargs)
        fresh = getattr(scratch, kind)(X, H, dtype=torch.float64, **kwargs)
        x = torch.randn(shape_of(kwargs), dtype=torch.float64)
        called = torch.func.functional_call(fresh, dict(theirs.named_parameters()), (x,))
        assert_close(called, ours(x))

    @pytest.mark.gpu
    def test_gpu(self, kind, kwargs):
        ours, theirs = (m.cuda() for m in twins(kind, X, H, **kwargs))
        x = torch.randn(shape_of(kwargs), dtype=torch.float64, device="cuda", requires_grad=True)
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            assert_twins(ours, theirs, x, leaves=[x])


@pytest.mark.parametrize("kind", KINDS)
class TestDropout:
    def test_training_draws_the_same_masks_as_torch(self, kind):
        ours, theirs = twins(kind, X, H, 3, dropout=0.4, bidirectional=True)
        x = torch.randn(T, B, X, dtype=torch.float64)
        torch.manual_seed(5)
        result = ours(x)
        torch.manual_seed(5)
        assert_close(result, theirs(x))
        with pytest.raises(AssertionError):  # negative control: another mask
            assert_close(ours(x), result)

    def test_evaluation_drops_nothing(self, kind):
        ours, theirs = twins(kind, X, H, 2, dropout=0.4)
        x = torch.randn(T, B, X, dtype=torch.float64)
        assert_close(ours.eval()(x), theirs.eval()(x))
        assert_close(ours(x), ours(x))

    def test_probability_zero_drops_nothing(self, kind):
        ours, _ = twins(kind, X, H, 2, dropout=0.0)
        x = torch.randn(T, B, X, dtype=torch.float64)
        assert_close(ours.train()(x), ours.eval()(x))

    def test_probability_one_silences_all_but_the_lowest_layer(self, kind):
        ours, theirs = twins(kind, X, H, 2, dropout=1.0)
        x = torch.randn(T, B, X, dtype=torch.float64)
        assert_close(ours(x), theirs(x))
        assert_close(ours(x)[0], ours(x + 1)[0])  # the upper layer hears nothing of the input
        lowest = tensors(ours(x)[1])[0][0]
        assert lowest.abs().max() > 0.01  # the lower one is not dropped

    def test_one_layer_has_nothing_to_drop_and_says_so(self, kind):
        with pytest.warns(UserWarning, match="num_layers greater than 1"):
            ours = getattr(scratch, kind)(X, H, dropout=0.5)
        x = torch.randn(T, B, X)
        assert_close(ours(x), ours(x))


@pytest.mark.parametrize("kind", KINDS)
class TestAutograd:
    def test_double_backward(self, kind):
        ours, theirs = twins(kind, 2, 3)
        x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)

        def second(module):
            output, _ = module(x)
            (first,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
            return torch.autograd.grad(first.square().sum(), [x, *module.parameters()])

        assert_close(second(ours), second(theirs))

    def test_numeric_gradients_of_first_and_second_order(self, kind):
        ours, _ = twins(kind, 2, 2, 2, bidirectional=True)
        x = torch.randn(2, 2, 2, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda x: tensors(ours(x)), (x,))
        assert torch.autograd.gradgradcheck(lambda x: ours(x)[0], (x,))

    def test_autocast(self, kind):
        ours, _ = twins(kind, X, H, dtype=torch.float32)
        x = torch.randn(T, B, X)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = ours(x)[0]
        error = (rough.float() - ours(x)[0]).abs().max()
        assert 0 < error < 0.02  # bfloat16 keeps 8 bits


@pytest.mark.parametrize("kind", KINDS)
class TestCompilers:
    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore")  # the compiler's own, about this Python and this machine
    def test_compile(self, kind):
        ours, _ = twins(kind, X, H, 2)
        has_compiler = sys.platform == "linux" and shutil.which("c++") is not None
        compiled = torch.compile(ours, backend="inductor" if has_compiler else "eager")
        x = torch.randn(T, B, X, dtype=torch.float64, requires_grad=True)
        result = compiled(x)
        assert_close(result, ours(x))
        assert_close(gradients(ours, result, [x]), gradients(ours, ours(x), [x]))

    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
    def test_export(self, kind):
        ours, theirs = twins(kind, X, H, 2, bidirectional=True)
        x = torch.randn(T, B, X, dtype=torch.float64)
        program = torch.export.export(ours, (x,))
        assert_close(program.module()(x + 1), theirs(x + 1))


LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@pytest.mark.parametrize("kind", KINDS)
class TestProperties:
    @settings(max_examples=25, deadline=None)
    @given(lengths=LENGTHS, bidirectional=st.booleans(), seed=st.integers(0, 99))
    def test_any_lengths_equal_torch(self, kind, lengths, bidirectional, seed):
        ours, theirs = twins(kind, 2, 3, 2, bidirectional=bidirectional, seed=seed)
        sequences = [torch.randn(n, 2, dtype=torch.float64) for n in lengths]
        packed = pack_sequence(sequences, enforce_sorted=False)
        assert_close(ours(packed), theirs(packed))

    @settings(max_examples=25, deadline=None)
    @given(lengths=LENGTHS, bidirectional=st.booleans())
    def test_padding_changes_nothing_when_packed(self, kind, lengths, bidirectional):
        ours, _ = twins(kind, 2, 3, 2, bidirectional=bidirectional)
        sequences = [torch.randn(n, 2, dtype=torch.float64) for n in lengths]
        output, state = ours(pack_sequence(sequences, enforce_sorted=False))
        padded, _ = pad_packed_sequence(output)
        for k, sequence in enumerate(sequences):
            alone_output, alone_state = ours(sequence)
            assert_close(padded[: len(sequence), k], alone_output)
            assert_close([s[:, k] for s in tensors(state)], tensors(alone_state))

    @settings(max_examples=10, deadline=None)
    @given(cut=st.integers(1, T - 1))
    def test_a_sequence_may_be_read_in_two_pieces(self, kind, cut):
        ours, _ = twins(kind, X, H, 2)
        x = torch.randn(T, B, X, dtype=torch.float64)
        whole, final = ours(x)
        first, state = ours(x[:cut])
        second, end = ours(x[cut:], state)
        assert_close(torch.cat([first, second]), whole)
        assert_close(end, final)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("update_gate", ["keep", "take"])
def test_gru_conventions_are_the_cells(reset_after, update_gate):
    conventions = {"reset_after": reset_after, "update_gate": update_gate, "dtype": torch.float64}
    torch.manual_seed(0)
    layer = scratch.GRU(X, H, **conventions)
    cell = scratch.GRUCell(X, H, **conventions)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, h = torch.randn(T, B, X, dtype=torch.float64), torch.zeros(B, H, dtype=torch.float64)
    steps = []
    for x_t in x:
        h = cell(x_t, h)
        steps.append(h)
    assert_close(layer(x)[0], torch.stack(steps))


def test_gru_repr_says_its_conventions():
    layer = scratch.GRU(X, H, reset_after=False, update_gate="take")
    assert repr(layer) == "GRU(5, 6, reset_after=False, update_gate=take)"
    assert repr(scratch.RNN(X, H, nonlinearity="relu")) == "RNN(5, 6, nonlinearity=relu)"


@pytest.mark.parametrize("kind", KINDS)
def test_no_recurrent_operator_of_the_library_runs(kind):
    def operators(module):
        with torch.autograd.profiler.profile() as profile:
            module(torch.randn(T, B, X, dtype=torch.float64))
        return {event.key for event in profile.key_averages()}

    ours, theirs = twins(kind, X, H)
    recurrent = {"aten::rnn_tanh", "aten::lstm", "aten::gru"}
    assert operators(theirs) & recurrent  # negative control: the profiler sees them
    assert not {op for op in operators(ours) if "rnn" in op or "lstm" in op or "gru" in op}
