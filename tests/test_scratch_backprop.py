"""Promise: the backward passes derived by hand equal autograd through the readable loop."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from repository import ROOT
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.utils.rnn import pack_sequence
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode
from twins import KINDS, assert_close, assert_twins, gradients, initial_state, tensors

from rnnlab import scratch
from rnnlab.scratch import backprop
from rnnlab.scratch.backprop import Steps, products
from rnnlab.scratch.backprop.steps import replaced

T, B, X, H = 6, 3, 4, 5

CELLS = {
    "RNN, tanh": ("RNN", {}),
    "RNN, relu": ("RNN", {"nonlinearity": "relu"}),
    "LSTM": ("LSTM", {}),
    "LSTM, projection": ("LSTM", {"proj_size": 2}),
    "GRU, after, keep": ("GRU", {}),
    "GRU, after, take": ("GRU", {"update_gate": "take"}),
    "GRU, before, keep": ("GRU", {"reset_after": False}),
    "GRU, before, take": ("GRU", {"reset_after": False, "update_gate": "take"}),
}
LAYERS = {
    "plain": {},
    "no bias": {"bias": False},
    "both directions": {"bidirectional": True},
    "deep": {"num_layers": 2, "bidirectional": True, "batch_first": True},
}
every_cell = pytest.mark.parametrize(("kind", "options"), CELLS.values(), ids=CELLS)


def pair(kind, input_size=X, hidden_size=H, dtype=torch.float64, **options):
    """A layer with the derived backward pass, and the readable loop with the same weights."""
    torch.manual_seed(0)
    fast, readable = (
        getattr(scratch, kind)(input_size, hidden_size, dtype=dtype, readable=flag, **options)
        for flag in (False, True)
    )
    x = torch.randn(T, B, input_size, dtype=dtype)
    if not options.get("batch_first"):
        with pytest.raises(AssertionError):  # negative control: before they share their weights
            assert_close(fast(x), readable(x))
    readable.load_state_dict(fast.state_dict())
    return fast, readable


def state_of(layer, kind):
    rows = layer.num_layers * (2 if layer.bidirectional else 1)
    return initial_state(kind, rows, B, H, proj_size=layer.proj_size)


@every_cell
class TestEquality:
    @pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
    def test_outputs_states_and_gradients(self, kind, options, layer):
        fast, readable = pair(kind, **options, **layer)
        shape = (B, T, X) if layer.get("batch_first") else (T, B, X)
        x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
        state = state_of(fast, kind)
        assert_twins(fast, readable, x, state, leaves=[x, *tensors(state)])
        assert_twins(fast, readable, x, leaves=[x])

    @settings(max_examples=15, deadline=None)
    @given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5), bidirectional=st.booleans())
    def test_any_lengths(self, kind, options, lengths, bidirectional):
        fast, readable = pair(kind, **options, bidirectional=bidirectional)
        sequences = [torch.randn(n, X, dtype=torch.float64, requires_grad=True) for n in lengths]
        packed = pack_sequence(sequences, enforce_sorted=False)
        rows = 2 if bidirectional else 1
        state = initial_state(kind, rows, len(lengths), H, proj_size=options.get("proj_size", 0))
        assert_twins(fast, readable, packed, state, leaves=[*sequences, *tensors(state)])

    def test_float32(self, kind, options):
        fast, readable = pair(kind, **options, dtype=torch.float32)
        x = torch.randn(T, B, X, requires_grad=True)
        assert_twins(fast, readable, x, leaves=[x])

    def test_numeric_gradients_of_first_and_second_order(self, kind, options):
        fast, _ = pair(kind, 2, 3, **options)
        names = [name for name, _ in fast.named_parameters()]

        def outputs(x, *weights):
            called = torch.func.functional_call
            return tensors(called(fast, dict(zip(names, weights, strict=True)), (x,)))

        x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
        inputs = (x, *(p.detach().clone().requires_grad_() for p in fast.parameters()))
        assert torch.autograd.gradcheck(outputs, inputs)
        assert torch.autograd.gradgradcheck(lambda *a: outputs(*a)[0], inputs)

    def test_each_backward_pass_of_the_same_graph_gives_the_same(self, kind, options):
        fast, readable = pair(kind, **options)
        x = torch.randn(T, B, X, dtype=torch.float64, requires_grad=True)
        result, expected = fast(x), readable(x)
        want = gradients(readable, expected, [x])
        for _ in range(3):  # the first one writes over what the forward pass kept
            assert_close(gradients(fast, result, [x], keep_graph=True), want)

    def test_a_step_keeps_no_more_than_in_the_readable_loop(self, kind, options):
        def bytes_a_step(layer):
            short, long = (torch.randn(steps, B, X, requires_grad=True) for steps in (T, 2 * T))
            return (kept_bytes(layer, long) - kept_bytes(layer, short)) / T

        fast, readable = pair(kind, **options, dtype=torch.float32)
        assert 0 < bytes_a_step(fast) <= bytes_a_step(readable)

    def test_recomputation_keeps_less_and_gives_the_same(self, kind, options):
        fast, _ = pair(kind, **options)
        x = torch.randn(T, B, X, dtype=torch.float64, requires_grad=True)

        def recomputed(x):
            return checkpoint(fast, x, use_reentrant=False)

        assert_close(gradients(fast, recomputed(x), [x]), gradients(fast, fast(x), [x]))
        assert kept_bytes(recomputed, x) < kept_bytes(fast, x)

    def test_torch_counts_the_operations_of_either_alike(self, kind, options):
        operations = []
        for layer in pair(kind, **options):
            state = state_of(layer, kind)  # whose gradient the readable loop is else spared
            with FlopCounterMode(display=False) as counter:
                layer(torch.ones(T, B, X, dtype=torch.float64), state)[0].sum().backward()
            operations.append(counter.get_total_flops())
        assert operations[0] == operations[1] > 0

    @pytest.mark.parametrize(("one", "other"), [("ih", "hh"), ("hh", "ih")])
    def test_only_the_gradients_that_are_wanted(self, kind, options, one, other):
        fast, readable = pair(kind, **options)
        for layer in (fast, readable):
            layer.get_parameter(f"weight_{one}_l0").requires_grad_(False)
            layer.get_parameter(f"bias_{other}_l0").requires_grad_(False)
            layer(torch.ones(T, B, X, dtype=torch.float64))[0].sum().backward()
        assert fast.get_parameter(f"weight_{one}_l0").grad is None
        assert fast.get_parameter(f"bias_{other}_l0").grad is None
        for name in (f"weight_{other}_l0", f"bias_{one}_l0"):
            assert_close(fast.get_parameter(name).grad, readable.get_parameter(name).grad)

    @pytest.mark.parametrize("bidirectional", [False, True])
    def test_the_gradient_of_the_results_is_left_as_it_is(self, kind, options, bidirectional):
        fast, _ = pair(kind, **options, bidirectional=bidirectional)
        state = state_of(fast, kind)
        results = tensors(fast(torch.ones(T, B, X, dtype=torch.float64), state))
        sent = [torch.randn_like(result) for result in results]
        before = [d.clone() for d in sent]
        torch.autograd.grad(results, tensors(state), sent)
        assert_close(sent, before)

    def test_no_two_gradients_share_memory(self, kind, options):
        fast, _ = pair(kind, **options)
        fast(torch.ones(T, B, X, dtype=torch.float64))[0].sum().backward()
        addresses = [p.grad.data_ptr() for p in fast.parameters()]
        assert len(set(addresses)) == len(addresses)


def kept_bytes(module, x):
    """Bytes that the forward pass keeps, each piece of storage once, parameters not counted."""
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        result = module(x)  # noqa: F841  (holds the graph, so that no address is used twice)
    own = {x.untyped_storage().data_ptr()}
    if isinstance(module, nn.Module):
        own |= {p.untyped_storage().data_ptr() for p in module.parameters()}
    return sum(size for address, size in storages.items() if address not in own)


@pytest.mark.parametrize("kind", KINDS)
class TestWhereItApplies:
    def is_whole(self, output):
        """Whether some node behind an output is a whole sequence."""
        nodes = [output.grad_fn]
        while nodes:
            node = nodes.pop()
            if node is not None:
                if "WholeSequence" in type(node).__name__:
                    return True
                nodes.extend(n for n, _ in node.next_functions)
        return False

    def test_by_default_and_not_if_readable(self, kind):
        fast, readable = pair(kind)
        x = torch.randn(T, B, X, dtype=torch.float64)
        assert self.is_whole(fast(x)[0])
        assert not self.is_whole(readable(x)[0])

    def test_not_under_autocast(self, kind):
        fast, _ = pair(kind, dtype=torch.float32)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert not self.is_whole(fast(torch.randn(T, B, X))[0])

    def test_function_transforms_take_the_readable_loop(self, kind):
        fast, readable = pair(kind)
        x = torch.randn(T, B, X, dtype=torch.float64)
        ours, theirs = (torch.func.jacrev(lambda x: m(x)[0].sum(1))(x) for m in (fast, readable))  # noqa: B023
        assert ours.abs().max() > 0
        assert_close(ours, theirs)

    def test_an_output_that_was_written_over_is_reported(self, kind):
        fast, _ = pair(kind)
        output, _ = fast(torch.randn(T, B, X, dtype=torch.float64))
        loss = output.sum()
        with torch.no_grad():
            output.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            loss.backward()

    def test_a_second_backward_pass_needs_a_retained_graph(self, kind):
        fast, _ = pair(kind)
        loss = fast(torch.randn(T, B, X, dtype=torch.float64))[0].sum()
        loss.backward()
        with pytest.raises(RuntimeError, match="second time"):
            loss.backward()

    @pytest.mark.gpu
    def test_on_a_gpu(self, kind):
        fast, readable = (layer.cuda() for layer in pair(kind))
        x = torch.randn(T, B, X, dtype=torch.float64, device="cuda", requires_grad=True)
        assert_twins(fast, readable, x, leaves=[x])


def test_a_wrong_backward_pass_is_told_apart(monkeypatch):
    """The negative control of this file: one line of the LSTM's backward pass left out."""
    monkeypatch.setattr("rnnlab.scratch.backprop.lstm.send", lambda *_: None)
    fast, readable = pair("LSTM")
    x = torch.randn(T, B, X, dtype=torch.float64, requires_grad=True)
    with pytest.raises(AssertionError):
        assert_twins(fast, readable, x, leaves=[x])
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradcheck(lambda x: fast(x)[0], (x,))


class TestProducts:
    LARGE = (64, 24, 384)  # batch, steps, hidden: worth packing there and back

    def step(self, kind):
        B, T, H = self.LARGE
        torch.manual_seed(0)
        layer = getattr(scratch, kind)(H, H)
        x = torch.randn(T, B, H, requires_grad=True)
        result = layer(x)
        return [*tensors(result), *gradients(layer, result, [x])]

    def operators(self, kind):
        with torch.autograd.profiler.profile() as profile:
            self.step(kind)
        return {event.key for event in profile.key_averages()}

    @pytest.mark.skipif(not backprop.packing_works(), reason="oneDNN's packed product: not here")
    @pytest.mark.parametrize("kind", KINDS)
    def test_packed_products_run_and_agree_with_plain_ones(self, kind):
        packed = self.step(kind)
        with backprop.plain_products():
            plain = self.step(kind)
            assert "mkldnn::_linear_pointwise" not in self.operators(kind)
        assert "mkldnn::_linear_pointwise" in self.operators(kind)
        for a, b in zip(packed, plain, strict=True):
            # Sums of 1 536 products: float32 rounds each, in an order of the routine's own.
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5 * b.detach().abs().max().item())

    def test_double_precision_is_never_packed(self):
        weight = torch.randn(512, 512, dtype=torch.float64)
        assert type(products.product(weight, rows=64, times=64)) is products.Product

    def test_a_small_or_rare_product_is_not_packed(self):
        assert type(products.product(torch.randn(8, 8), rows=64, times=64)) is products.Product
        assert type(products.product(torch.randn(512, 512), rows=1)) is products.Product

    @pytest.mark.parametrize("fault", ["missing", "refuses", "wrong"])
    def test_an_operator_that_is_missing_or_wrong_is_not_used(self, monkeypatch, fault):
        def faulty(self, rows):
            if fault == "missing":
                raise AttributeError("no such operator")
            if fault == "refuses":
                raise RuntimeError("not with these arguments")
            return nn.functional.linear(rows, self.weight, self.bias) + 0.01

        monkeypatch.setattr(
            products.PackedProduct,
            "__init__",
            lambda self, weight, bias, _rows: products.Product.__init__(self, weight, bias),
        )
        monkeypatch.setattr(products.PackedProduct, "__call__", faulty)
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
        products.packing_works.cache_clear()
        try:
            assert not products.packing_works()
            chosen = products.product(torch.randn(512, 512), rows=64, times=64)
            assert type(chosen) is products.Product
        finally:
            products.packing_works.cache_clear()


class TestSteps:
    SIZES = (3, 3, 2, 1)  # sequences of 4, 3 and 2 steps

    def test_states_before_each_step(self):
        states = torch.arange(9.0)  # rows: step 0: 0 1 2, step 1: 3 4 5, step 2: 6 7, step 3: 8
        initial = torch.tensor([-1.0, -2.0, -3.0])
        (forward,) = Steps([*self.SIZES]).all_before(states, initial)
        assert forward.tolist() == [-1, -2, -3, 0, 1, 2, 3, 4, 6]
        (reverse,) = Steps([*self.SIZES], reverse=True).all_before(states, initial)
        assert reverse.tolist() == [3, 4, 5, 6, 7, -3, 8, -2, -1]

    @pytest.mark.parametrize("steps", [1, 3])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_states_before_each_step_are_not_copied_where_all_have_the_same_rows(
        self, steps, reverse
    ):
        states, initial = torch.arange(2.0 * steps), torch.tensor([-1.0, -2.0])
        taken = Steps([2] * steps, reverse=reverse)
        pieces = taken.all_before(states, initial)
        views = [torch.cat(view) for view in taken.before(states, initial)]
        assert torch.cat(pieces).tolist() == torch.cat(views[::-1] if reverse else views).tolist()
        owners = {t.untyped_storage().data_ptr() for t in (states, initial)}
        assert {piece.untyped_storage().data_ptr() for piece in pieces} <= owners

    def test_first_rows_are_replaced_and_all_rows_not_copied(self):
        whole, rows = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([-1.0, -2.0])
        assert replaced(rows, whole).tolist() == [-1, -2, 3]
        assert replaced(whole.neg(), whole).tolist() == [-1, -2, -3]
        assert replaced(rows, whole[:2]) is rows

    def test_final_states(self):
        states = torch.arange(9.0)
        assert Steps([*self.SIZES]).final(states).tolist() == [8, 7, 5]
        assert Steps([*self.SIZES], reverse=True).final(states).tolist() == [0, 1, 2]
        added = Steps([*self.SIZES]).add_final_(torch.zeros(9), torch.tensor([1.0, 2.0, 3.0]))
        assert added.tolist() == [0, 0, 0, 0, 0, 3, 0, 2, 1]


def test_every_line_of_a_backward_pass_names_an_equation_of_the_chapter():
    chapter = (ROOT / "book" / "learning-through-time.md").read_text(encoding="utf-8")
    derived = set(re.findall(r":label: (bptt-[\w-]+)", chapter))
    named = set()
    for file in (ROOT / "rnnlab" / "scratch" / "backprop").glob("*.py"):
        named |= set(re.findall(r"`(bptt-[\w-]+)`", file.read_text(encoding="utf-8")))
    assert named <= derived
    of_a_cell = {label for label in derived if re.match("bptt-(lstm|gru)-", label)}
    assert of_a_cell - {"bptt-lstm-jacobian"} <= named
    assert {"bptt-hidden", "bptt-preactivation", "bptt-weights", "bptt-input"} <= named
