"""Gradients through time are autograd's, and a wrong backward pass is named with its entry."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd.functional import jacobian
from torch.nn.utils.rnn import pack_sequence

from rnnlab import gradients, scratch
from rnnlab.palette import GATES, ROLES

X, H = 3, 4
LAYERS = {
    "torch rnn": lambda **k: nn.RNN(X, H, **k),
    "torch relu": lambda **k: nn.RNN(X, H, nonlinearity="relu", **k),
    "torch lstm": lambda **k: nn.LSTM(X, H, **k),
    "torch projected": lambda **k: nn.LSTM(X, H, proj_size=2, **k),
    "torch gru": lambda **k: nn.GRU(X, H, **k),
    "scratch rnn": lambda **k: scratch.RNN(X, H, **k),
    "scratch relu": lambda **k: scratch.RNN(X, H, nonlinearity="relu", **k),
    "scratch lstm": lambda **k: scratch.LSTM(X, H, **k),
    "scratch projected": lambda **k: scratch.LSTM(X, H, proj_size=2, **k),
    "scratch gru": lambda **k: scratch.GRU(X, H, **k),
    "scratch gru before": lambda **k: scratch.GRU(X, H, reset_after=False, **k),
    "scratch gru take": lambda **k: scratch.GRU(X, H, update_gate="take", **k),
    "scratch gru both": lambda **k: scratch.GRU(X, H, reset_after=False, update_gate="take", **k),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def make(name, seed=0, **options):
    """A layer with weights large enough that every part of it matters."""
    torch.manual_seed(seed)
    layer = LAYERS[name](dtype=torch.float64, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(2)
    return layer


def start_of(layer, *batch, seed=1):
    """An initial state that is not zero, (1, ...) each, as the layer takes it."""
    generator = torch.Generator().manual_seed(seed)

    def draw(size):
        return torch.rand(1, *batch, size, generator=generator, dtype=torch.float64) - 0.5

    if isinstance(layer, nn.LSTM | scratch.LSTM):
        return draw(layer.proj_size or H), draw(H)
    return draw(H)


def parts_of(state):
    return state if isinstance(state, tuple) else (state,)


def states_by_steps(layer, x, state):
    """Call the layer itself on one step at a time: all its states, (T + 1, S) each part."""
    states = [parts_of(state)]
    for x_t in x:
        given = states[-1] if len(states[-1]) > 1 else states[-1][0]
        states.append(parts_of(layer(x_t[None], given)[1]))
    return tuple(torch.cat(part) for part in zip(*states, strict=True))


def torch_cell(layer):
    """The one-step cell of torch.nn with the weights of a layer: an independent reference."""
    kinds = {nn.RNN: nn.RNNCell, scratch.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell}
    kinds |= {scratch.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, scratch.GRU: nn.GRUCell}
    options = {"nonlinearity": layer.nonlinearity} if hasattr(layer, "nonlinearity") else {}
    cell = kinds[type(layer)](X, H, dtype=torch.float64, **options)
    weights = {name.removesuffix("_l0"): p for name, p in layer.state_dict().items()}
    cell.load_state_dict(weights)
    return cell


# --- states and gates -----------------------------------------------------------------------------


@each_layer
def test_states_are_those_of_the_layer_called_step_by_step(name):
    layer, other = make(name), make(name, seed=5)
    x, start = torch.randn(5, X, dtype=torch.float64), start_of(layer)
    states = gradients.states_over(layer, x, start)
    wanted = states_by_steps(layer, x, start)
    for part, reference in zip(states, wanted, strict=True):
        torch.testing.assert_close(part, reference, rtol=0, atol=1e-12)
    assert (states[0] - gradients.states_over(other, x, start)[0]).abs().max() > 0.01
    torch.testing.assert_close(states[0][1:], layer(x, start)[0], rtol=0, atol=1e-12)


@each_layer
def test_a_batch_gives_what_its_sequences_give_and_batch_first_is_kept(name):
    layer, turned = make(name), make(name, batch_first=True)
    x, start = torch.randn(5, 2, X, dtype=torch.float64), start_of(layer, 2)
    together = gradients.states_over(layer, x, start)
    for b in range(2):
        alone = tuple(part[:, b] for part in parts_of(start))
        state = alone if len(alone) > 1 else alone[0]
        for part, single in zip(
            together, gradients.states_over(layer, x[:, b], state), strict=True
        ):
            torch.testing.assert_close(part[:, b], single, rtol=0, atol=1e-12)
    swapped = gradients.states_over(turned, x.transpose(0, 1), start)
    torch.testing.assert_close(swapped[0], together[0], rtol=0, atol=0)

    def loss(output):
        return (output * torch.arange(1.0, 6)[:, None, None]).sum()

    def loss_turned(output):
        return loss(output.transpose(0, 1))

    found = gradients.state_gradients(layer, x, loss, start)
    wanted = gradients.state_gradients(turned, x.transpose(0, 1), loss_turned, start)
    torch.testing.assert_close(found.hidden, wanted.hidden, rtol=0, atol=0)
    jacobians = gradients.step_jacobians(layer, x, start)
    assert jacobians.shape[:2] == (5, 2)
    torch.testing.assert_close(
        jacobians, gradients.step_jacobians(turned, x.transpose(0, 1), start), rtol=0, atol=0
    )


@pytest.mark.parametrize(
    "name", [name for name in LAYERS if "rnn" not in name and "relu" not in name]
)
def test_gates_make_the_states_that_the_layer_has(name):
    layer = make(name)
    x, start = torch.randn(5, X, dtype=torch.float64), start_of(layer)
    gates = gradients.gates_over(layer, x, start)
    kind = "gru" if "gru" in name else "lstm"
    assert tuple(gates) == GATES[kind]
    assert set(gates) <= set(ROLES)
    states = gradients.states_over(layer, x, start)
    if kind == "lstm":
        i, f, g, o = gates.values()
        c = f * states[1][:-1] + i * g
        torch.testing.assert_close(c, states[1][1:], rtol=0, atol=1e-12)
        h = o * torch.tanh(c)
        h = h @ layer.weight_hr_l0.T if layer.proj_size else h
    else:
        _, z, n = gates.values()
        keep = 1 - z if getattr(layer, "update_gate", "keep") == "take" else z
        h = keep * states[0][:-1] + (1 - keep) * n
    torch.testing.assert_close(h, states[0][1:], rtol=0, atol=1e-12)


def test_the_reset_gate_is_the_one_that_turns_the_candidate_down():
    layer = make("torch gru")
    x = torch.randn(5, X, dtype=torch.float64)
    opened = gradients.gates_over(layer, x)["reset"]
    layer.bias_ih_l0.data[:H] = -1000
    shut = gradients.gates_over(layer, x)
    assert opened.max() > 0.1
    assert not shut["reset"].any()
    expected = torch.tanh(x @ layer.weight_ih_l0[2 * H :].T + layer.bias_ih_l0[2 * H :])
    torch.testing.assert_close(shut["candidate"], expected, rtol=0, atol=1e-12)


def test_layers_without_biases_work():
    for kind in ("rnn", "lstm", "gru"):
        ours, theirs = make(f"scratch {kind}", bias=False), make(f"torch {kind}", bias=False)
        ours.load_state_dict(theirs.state_dict())
        x = torch.randn(4, X, dtype=torch.float64)
        a, b = (gradients.step_jacobians(layer, x) for layer in (ours, theirs))
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
        assert gradients.states_over(ours, x)[0].shape == (5, H)
    assert gradients.gates_over(make("scratch gru before", bias=False), x)["reset"].shape == (4, H)


# --- gradients of states --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in LAYERS if "before" not in name
                                  and "take" not in name and "both" not in name
                                  and "projected" not in name])  # fmt: skip
def test_state_gradients_are_autograds_through_a_loop_of_torch_cells(name):
    layer = make(name)
    cell, x = torch_cell(layer), torch.randn(6, X, dtype=torch.float64)
    mix = torch.randn(6, H, dtype=torch.float64)
    lstm = isinstance(cell, nn.LSTMCell)
    start = tuple(part[0].requires_grad_() for part in parts_of(start_of(layer)))
    states = [start if lstm else start[0]]
    for x_t in x:
        states.append(cell(x_t, states[-1]))
    hidden = [s[0] if lstm else s for s in states]
    loss = (mix * torch.stack(hidden[1:])).sum()
    wanted = torch.autograd.grad(loss, hidden, retain_graph=True)
    given = tuple(part.detach()[None] for part in start)
    found = gradients.state_gradients(
        layer, x, lambda output: (mix * output).sum(), given if lstm else given[0]
    )
    torch.testing.assert_close(found.hidden, torch.stack(wanted), rtol=0, atol=1e-12)
    assert found.hidden.abs().min(dim=0).values.max() > 1e-6  # nothing compares as 0 = 0
    if lstm:
        # the cell gradient of the last state is that of h = o tanh(c) alone: check by the gates
        o = gradients.gates_over(layer, x, given)["output"][-1]
        c = gradients.states_over(layer, x, given)[1][-1]
        torch.testing.assert_close(found.cell[-1], mix[-1] * o * (1 - torch.tanh(c) ** 2))
        norms = (found.hidden**2 + found.cell**2).sum(-1).sqrt()
    else:
        assert found.cell is None
        norms = found.hidden.norm(dim=-1)
    torch.testing.assert_close(found.norms, norms)


@each_layer
def test_state_gradients_of_any_layer_follow_the_chain_rule(name):
    """δs_{t-1} = J_tᵀ δs_t, where the loss sends something into the last state alone."""
    layer = make(name)
    x, start = torch.randn(6, X, dtype=torch.float64), start_of(layer)
    found = gradients.state_gradients(layer, x, lambda output: output[-1].pow(2).sum(), start)
    J = gradients.step_jacobians(layer, x, start)
    if found.cell is None:
        joint = found.hidden
        seed = joint[-1]
    else:  # δc_T holds what comes through h_T; the joint state's own gradient does not
        joint = torch.cat([found.hidden, found.cell], dim=-1)
        seed = torch.cat([found.hidden[-1], torch.zeros(H, dtype=torch.float64)])
    last = seed
    for t in range(5, -1, -1):
        last = J[t].T @ last
        if found.cell is None:
            torch.testing.assert_close(joint[t], last, rtol=0, atol=1e-12)
    gaps = gradients.gap_jacobians(J)
    torch.testing.assert_close(gaps[-1].T @ seed, last, rtol=0, atol=1e-12)
    torch.testing.assert_close(last[: found.hidden.size(-1)], found.hidden[0], rtol=0, atol=1e-12)
    if found.cell is not None:
        torch.testing.assert_close(last[found.hidden.size(-1) :], found.cell[0], rtol=0, atol=1e-12)


def test_what_the_loss_does_not_see_has_gradient_zero():
    layer, x = make("scratch rnn"), torch.randn(6, X, dtype=torch.float64)
    found = gradients.state_gradients(layer, x, lambda output: output[2].sum())
    assert found.norms[:4].min() > 1e-6
    assert not found.norms[4:].any()
    assert not layer.weight_hh_l0.grad  # nothing is left behind
    with torch.no_grad():
        again = gradients.state_gradients(layer, x, lambda output: output[2].sum())
    torch.testing.assert_close(again.hidden, found.hidden, rtol=0, atol=0)


# --- Jacobians ------------------------------------------------------------------------------------


@each_layer
def test_jacobians_are_those_of_the_layers_own_step(name):
    layer = make(name)
    x, start = torch.randn(4, X, dtype=torch.float64), start_of(layer)
    found = gradients.step_jacobians(layer, x, start)
    states = states_by_steps(layer, x, start)
    sizes = [part.size(-1) for part in states]
    for t in range(4):
        before = torch.cat([part[t] for part in states]).detach()

        def step(joint, t=t):
            parts = tuple(part[None] for part in joint.split(sizes))
            _, after = layer(x[t : t + 1], parts if len(parts) > 1 else parts[0])
            return torch.cat([part[0] for part in parts_of(after)])

        torch.testing.assert_close(found[t], jacobian(step, before), rtol=0, atol=1e-12)
    assert (found[0] - found[1]).abs().max() > 1e-3  # negative control: steps differ


@given(
    kind=st.sampled_from(["rnn", "lstm", "gru"]),
    implementation=st.sampled_from(["scratch", "torch"]),
    steps=st.integers(1, 6),
    hidden=st.integers(1, 5),
    seed=st.integers(0, 99),
)
@settings(max_examples=30, deadline=None)
def test_the_product_over_a_gap_is_the_derivative_over_the_gap(
    kind, implementation, steps, hidden, seed
):
    torch.manual_seed(seed)
    library = scratch if implementation == "scratch" else nn
    layer = getattr(library, kind.upper())(X, hidden, dtype=torch.float64)
    x = torch.randn(steps, X, dtype=torch.float64)
    gaps = gradients.gap_jacobians(gradients.step_jacobians(layer, x))
    S = gaps.size(-1)
    torch.testing.assert_close(gaps[0], torch.eye(S, dtype=torch.float64))

    def run(joint):
        parts = tuple(part[None] for part in joint.split(hidden))
        _, after = layer(x, parts if len(parts) > 1 else parts[0])
        return torch.cat([part[0] for part in parts_of(after)])

    whole = jacobian(run, torch.zeros(S, dtype=torch.float64))
    torch.testing.assert_close(gaps[-1], whole, rtol=0, atol=1e-11)
    norms, radii = gradients.spectral_norm(gaps), gradients.spectral_radius(gaps)
    assert (radii <= norms * (1 + 1e-9) + 1e-12).all()


def test_norm_and_radius_are_what_they_are_called():
    turned = torch.tensor([[0.0, 4.0], [1.0, 0.0]])  # lengthens one axis, turns by a right angle
    assert gradients.spectral_norm(turned).item() == pytest.approx(4)
    assert gradients.spectral_radius(turned).item() == pytest.approx(2)
    many = torch.randn(3, 2, 5, 5, dtype=torch.float64)
    singular = torch.linalg.svdvals(many)[..., 0]
    torch.testing.assert_close(gradients.spectral_norm(many), singular)
    assert gradients.spectral_radius(many).shape == (3, 2)


def test_the_blocks_of_an_lstm_are_named_result_first():
    layer = make("scratch lstm")
    x, start = torch.randn(4, X, dtype=torch.float64), start_of(layer)
    parts = gradients.blocks(gradients.step_jacobians(layer, x, start), H)
    forget = gradients.gates_over(layer, x, start)["forget"]
    torch.testing.assert_close(parts.cell_cell, torch.diag_embed(forget), rtol=0, atol=1e-15)
    h, c = (part[:-1] for part in gradients.states_over(layer, x, start))
    update = gradients.stepping.update_of(layer)
    inputs = gradients.stepping.weights_of(layer).project(x)

    def new(which, of):
        def step(value):
            state = (value, c[1][None]) if of == 0 else (h[1][None], value)
            return update(inputs[1][None], state)[which]

        return jacobian(step, (h, c)[of][1][None]).squeeze()

    for (which, of), block in zip(((0, 0), (0, 1), (1, 0), (1, 1)), parts, strict=True):
        torch.testing.assert_close(block[1], new(which, of), rtol=0, atol=1e-12)
    projected = gradients.step_jacobians(make("torch projected"), x)
    shapes = [tuple(block.shape) for block in gradients.blocks(projected, H)]
    assert shapes == [(4, 2, 2), (4, 2, 4), (4, 4, 2), (4, 4, 4)]


# --- bad input ------------------------------------------------------------------------------------


def bad(**options):
    return nn.LSTM(X, H, dtype=torch.float64, **options)


GOOD = torch.zeros(5, X, dtype=torch.float64)
CALLS = {
    "states": gradients.states_over,
    "gates": gradients.gates_over,
    "jacobians": gradients.step_jacobians,
    "flow": lambda layer, x, state=None: gradients.state_gradients(
        layer, x, lambda output: output.sum(), state
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("layer", "x", "state", "error", "message"),
    [
        (nn.Linear(X, H), GOOD, None, TypeError, "RNN, LSTM or GRU layer.*got Linear"),
        (nn.LSTMCell(X, H), GOOD, None, TypeError, "got LSTMCell"),
        (bad(num_layers=2), GOOD, None, ValueError, "single layer, got num_layers=2"),
        (bad(bidirectional=True), GOOD, None, ValueError, "one direction, got bidirectional=True"),
        (bad(), pack_sequence([GOOD]), None, TypeError, "a tensor, got a PackedSequence"),
        (bad(), GOOD[0], None, ValueError, r"2 or 3 dimensions, got shape \(3,\)"),
        (bad(), GOOD[:0], None, ValueError, "at least one step of 3 features, got 0 steps of 3"),
        (bad(), GOOD[:, :2], None, ValueError, "of 3 features, got 5 steps of 2"),
        (bad(), GOOD.float(), None, ValueError, "dtype, torch.float64, got torch.float32"),
        (bad(), GOOD, GOOD[:1], ValueError, r"states of shapes \[\(1, 1, 4\), \(1, 1, 4\)\], got"),
        (bad(), GOOD, (GOOD[:1], GOOD[:1]), ValueError, r"got \[\(1, 3\), \(1, 3\)\]"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(call, layer, x, state, error, message):
    with pytest.raises(error, match=message):
        call(layer, x, state)


def test_an_rnn_has_no_gates():
    with pytest.raises(ValueError, match="an LSTM or a GRU, got an RNN, which has no gates"):
        gradients.gates_over(make("torch rnn"), GOOD)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda output: output, r"a loss of shape \(\), got \(5, 4\)"),
        (lambda _: 3.0, r"a loss of shape \(\), got float"),
        (lambda output: output.sum().detach(), "depends on what is asked for, got a constant"),
    ],
)
def test_a_loss_without_a_gradient_is_refused(loss, message):
    with pytest.raises(ValueError, match=message):
        gradients.state_gradients(make("torch rnn"), GOOD, loss)
    with pytest.raises(ValueError, match=message):
        gradients.check_gradients(make("torch rnn"), lambda layer: loss(layer(GOOD)[0]))


@pytest.mark.parametrize("shape", [(4, 4), (4, 9, 9), (4, 5, 6)])
def test_blocks_of_something_else_are_refused(shape):
    with pytest.raises(ValueError, match="an LSTM with 4 units, got shape"):
        gradients.blocks(torch.zeros(shape), H)


# --- numeric checks -------------------------------------------------------------------------------


def mixed(x, seed=3):
    """A loss in which every output counts differently."""
    generator = torch.Generator().manual_seed(seed)

    def loss(layer):
        output, state = layer(x)
        parts = [output, *parts_of(state)]
        return sum(
            (part * torch.randn(part.shape, generator=generator.manual_seed(seed + k),
                                dtype=torch.float64)).sum()
            for k, part in enumerate(parts)
        )  # fmt: skip

    return loss


@each_layer
def test_right_gradients_pass_entry_by_entry(name):
    layer = make(name)
    x = torch.randn(4, 2, X, dtype=torch.float64, requires_grad=True)
    before = {key: p.clone() for key, p in layer.state_dict().items()}
    count = gradients.check_gradients(layer, mixed(x), inputs={"x": x})
    assert count == sum(p.numel() for p in layer.parameters()) + x.numel()
    assert all(torch.equal(p, before[key]) for key, p in layer.state_dict().items())


@given(kind=st.sampled_from(["rnn", "lstm", "gru"]), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_a_verdict_is_the_one_of_torchs_own_gradcheck(kind, seed):
    torch.manual_seed(seed)
    layer = getattr(nn, kind.upper())(2, 3, dtype=torch.float64)
    x = torch.randn(3, 1, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x)[0], x)
    assert gradients.check_gradients(layer, mixed(x), inputs={"x": x}) > 6


class Forgotten(torch.autograd.Function):
    """W h whose backward pass is wrong in one entry of the gradient of W."""

    @staticmethod
    def forward(ctx, h, W):
        ctx.save_for_backward(h, W)
        return h @ W.T

    @staticmethod
    def backward(ctx, grad):
        h, W = ctx.saved_tensors
        wrong = grad.T @ h
        wrong[3, 1] *= 0.5
        return grad @ W, wrong


class WrongRNN(nn.RNN):
    """An RNN over `Forgotten`."""

    def forward(self, x):
        h = x.new_zeros(x.size(1), H)
        outputs = []
        for x_t in x:
            inputs = x_t @ self.weight_ih_l0.T + self.bias_ih_l0 + self.bias_hh_l0
            h = torch.tanh(inputs + Forgotten.apply(h, self.weight_hh_l0))
            outputs.append(h)
        return torch.stack(outputs), h[None]


def test_a_wrong_backward_pass_is_named_with_parameter_and_entry():
    torch.manual_seed(0)
    layer, x = WrongRNN(X, H, dtype=torch.float64), torch.randn(4, 2, X, dtype=torch.float64)
    right = nn.RNN(X, H, dtype=torch.float64)
    right.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(x)[0], right(x)[0])  # forward is right
    with pytest.raises(gradients.GradientError) as caught:
        gradients.check_gradients(layer, mixed(x))
    (wrong,) = caught.value.wrong
    assert (wrong.name, wrong.index) == ("weight_hh_l0", (3, 1))
    (truth,) = torch.autograd.grad(mixed(x)(right), [right.weight_hh_l0])
    assert wrong.numeric == pytest.approx(truth[3, 1].item(), rel=1e-6)
    assert wrong.analytic == pytest.approx(truth[3, 1].item() / 2, rel=1e-9)
    message = str(caught.value)
    assert "wrong gradient of weight_hh_l0 (1 of 16 entries)" in message
    assert "right: weight_ih_l0, bias_ih_l0, bias_hh_l0" in message
    assert re.search(r"weight_hh_l0\[3, 1\]: analytic -?[\d.e-]+, numeric -?[\d.e-]+", message)


class Scaled(torch.autograd.Function):
    """The identity, whose backward pass is a factor too large."""

    @staticmethod
    def forward(_, w):
        return w.view_as(w)

    @staticmethod
    def backward(_, grad):
        return 2 * grad


class Doubled(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.ones(7, dtype=torch.float64))
        self.second = nn.Parameter(torch.ones(2, 2, dtype=torch.float64))


def test_the_worst_entries_come_first_and_a_long_list_is_cut():
    weights = torch.arange(1.0, 8)

    def loss(module):
        return (weights * Scaled.apply(module.first)).sum() + module.second.sum()

    with pytest.raises(gradients.GradientError) as caught:
        gradients.check_gradients(Doubled(), loss)
    assert [entry.index for entry in caught.value.wrong] == [(k,) for k in range(6, -1, -1)]
    assert str(caught.value).splitlines()[-1] == "  and 2 more"
    assert "right: second" in str(caught.value)
    assert "first[6]: analytic 14, numeric 7" in str(caught.value)


def test_a_gradient_that_is_missing_or_not_a_number_is_wrong():
    def cut(module):
        return module.first.sum() + (module.second.detach() ** 2).sum()

    with pytest.raises(gradients.GradientError, match=r"second\[0, 0\]: analytic 0, numeric 2"):
        gradients.check_gradients(Doubled(), cut)

    def root(module):  # the slope of 0 ** 0.5 times 0 is no number
        return module.first.sum() + ((module.second - module.second.detach()).abs().sqrt()).sum()

    with pytest.raises(gradients.GradientError, match="analytic nan"):
        gradients.check_gradients(Doubled(), root)


def test_entries_are_drawn_from_the_seed_and_frozen_parameters_left_out():
    seen = []

    def loss(module):
        seen.append(module.first.detach().clone())
        return (module.first**2).sum() + module.second.sum()

    module = Doubled()
    module.second.requires_grad_(False)
    draws = []
    for seed in (0, 0, 1, 2, 3):
        seen.clear()
        assert gradients.check_gradients(module, loss, entries=3, seed=seed) == 3
        moved = torch.stack(seen) != 1
        draws.append(tuple(moved.any(dim=0).nonzero().flatten().tolist()))
    assert draws[0] == draws[1]
    assert len(draws[0]) == 3
    assert len(set(draws)) > 1


def dropping(module):
    return (torch.arange(1, 8) * nn.functional.dropout(module.first, 0.5)).sum()


@pytest.mark.parametrize(
    ("module", "loss", "inputs", "message"),
    [
        (
            nn.Linear(2, 2),
            lambda m: m.weight.sum(),
            {},
            "weight: expected float64, got torch.float",
        ),
        (nn.Identity(), lambda _: GOOD.sum(), {}, "at least one parameter.*got none"),
        (Doubled(), dropping, {}, "same each time, got two: is dropout on"),
        (Doubled(), lambda m: m.first.sum(), {"first": GOOD}, "name of its own, got 'first'"),
        (Doubled(), lambda m: m.first.sum(), {"x": GOOD}, "x: expected a leaf"),
    ],
)
def test_what_cannot_be_checked_is_refused(module, loss, inputs, message):
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=message):
        gradients.check_gradients(module, loss, inputs=inputs)
