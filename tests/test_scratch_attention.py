"""Promise: attention equals PyTorch's, its rules are the book's sentences, and masks hide."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import linear, scaled_dot_product_attention
from twins import assert_close

from rnnlab.scratch import (
    Attention,
    MultiheadAttention,
    Score,
    additive_scores,
    causal_mask,
    dot_product_scores,
    linear_scores,
    location_scores,
    masked_softmax,
)

Q, N, D, E, F, A, O = 3, 5, 4, 6, 7, 8, 2
RULES = ["location", "linear", "additive", "dot"]
LEADING = [(), (2,), (2, 3)]

quick = settings(deadline=None, max_examples=50)


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)


def layer(rows, columns=D + E):
    return draw(rows, columns, seed=8), draw(rows, seed=9)


def grads(result, leaves):
    weight = torch.randn(result.shape, generator=torch.Generator().manual_seed(3)).to(result)
    return torch.autograd.grad((result * weight).sum(), leaves, materialize_grads=True)


def assert_same(ours, theirs, leaves):
    """Equal values and gradients, and no gradient that is all zeros."""
    assert_close(ours, theirs)
    got, wanted = grads(ours, leaves), grads(theirs, leaves)
    assert_close(list(got), list(wanted))
    assert all(g.any() for g in wanted)


# --- the rules ------------------------------------------------------------------------------------


def pair_by_pair(query, key, score):
    """Scores as the book says them: for each query and key, one after the other."""
    rows = [torch.stack([score(torch.cat([q, k])) for k in key]) for q in query]
    return torch.stack(rows)


def test_location_scores_are_a_linear_layer_over_query_and_key():
    query, key, (weight, bias) = draw(Q, D), draw(Q, E, seed=1), layer(N)
    expected = torch.stack(
        [linear(torch.cat([q, k]), weight, bias) for q, k in zip(query, key, strict=True)]
    )
    scores = location_scores(query, key, weight, bias)
    assert_same(scores, expected, [query, key, weight, bias])
    # Position j is scored by row j alone, whatever stands there.
    other = weight.detach().clone()
    other[2] += 1
    changed = (location_scores(query, key, other, bias) - scores).abs().amax(0) > 1e-6
    assert changed.tolist() == [j == 2 for j in range(N)]


def test_linear_scores_are_one_number_for_each_pair_and_their_weights_ignore_the_query():
    query, key, (weight, bias) = draw(Q, D), draw(N, E, seed=1), layer(1)
    expected = pair_by_pair(query, key, lambda pair: linear(pair, weight, bias)[0])
    scores = linear_scores(query, key, weight, bias)
    assert_same(scores, expected, [query, key, weight, bias])
    other = linear_scores(draw(Q, D, seed=5), key, weight, bias)
    assert (scores - other).abs().min() > 1e-3  # the scores do depend on it
    assert_close(masked_softmax(scores), masked_softmax(other))
    weights = masked_softmax(scores)
    assert_close(weights, weights[:1].expand(Q, N))


@pytest.mark.parametrize("learned", [False, True])
def test_additive_scores_are_a_small_network_for_each_pair(learned):
    query, key, (weight, bias) = draw(Q, D), draw(N, E, seed=1), layer(A)
    v = draw(A, seed=2) if learned else None
    inner = torch.ones(A, dtype=torch.float64) if v is None else v
    expected = pair_by_pair(query, key, lambda p: torch.tanh(linear(p, weight, bias)) @ inner)
    scores = additive_scores(query, key, weight, bias, v)
    leaves = [query, key, weight, bias, *([v] if learned else [])]
    assert_same(scores, expected, leaves)
    # Unlike the linear rule, this one is changed by the query after the softmax too.
    other = additive_scores(draw(Q, D, seed=5), key, weight, bias, v)
    assert (masked_softmax(scores) - masked_softmax(other)).abs().max() > 1e-2


def test_dot_product_scores_are_products_over_the_root_of_their_number():
    query, key = draw(Q, D), draw(N, D, seed=1)
    expected = torch.stack(
        [torch.stack([(q * k).sum() / math.sqrt(D) for k in key]) for q in query]
    )
    assert_same(dot_product_scores(query, key), expected, [query, key])


@pytest.mark.parametrize("leading", LEADING, ids=str)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_takes_any_leading_axes(rule, leading):
    score = make_score(rule)
    query, key = draw(*leading, Q, D), draw(*leading, keys_of(rule), size_of(rule), seed=1)
    scores = score(query, key)
    assert scores.shape == (*leading, Q, N)
    flat = [
        score(q, k)
        for q, k in zip(query.reshape(-1, Q, D), key.reshape(-1, *key.shape[-2:]), strict=True)
    ]
    assert_close(scores.reshape(-1, Q, N), torch.stack(flat))


def size_of(rule):
    return D if rule == "dot" else E


def keys_of(rule):
    return Q if rule == "location" else N


def make_score(rule, **kwargs):
    torch.manual_seed(0)
    positions = N if rule == "location" else None
    kwargs = {"positions": positions, "hidden_size": A, "learned_v": True, **kwargs}
    return Score(D, size_of(rule), rule, dtype=torch.float64, **kwargs)


def make(rule, **kwargs):
    torch.manual_seed(0)
    kwargs = {"hidden_size": A, "dtype": torch.float64, **kwargs}
    return Attention(D, size_of(rule), N, F, O, rule=rule, **kwargs)


def inputs(rule, leading=(2,)):
    shapes = [(Q, D), (keys_of(rule), size_of(rule)), (N, F)]
    return [draw(*leading, *shape, seed=k) for k, shape in enumerate(shapes)]


def some_mask():
    """Each query may attend to something, the first batch's second one to nothing."""
    mask = torch.rand(2, Q, N, generator=torch.Generator().manual_seed(1)) < 0.6
    mask[..., 0] = True
    mask[0, 1] = False
    return mask


# --- the softmax and its mask ---------------------------------------------------------------------


@quick
@given(
    scores=st.lists(st.floats(-500, 500), min_size=4, max_size=4),
    mask=st.lists(st.booleans(), min_size=4, max_size=4),
    shift=st.floats(-1e3, 1e3),
)
def test_weights_are_a_distribution_over_what_is_shown(scores, mask, shift):
    scores, mask = torch.tensor(scores, dtype=torch.float64), torch.tensor(mask)
    weights = masked_softmax(scores, mask)
    assert not weights[~mask].any()
    if not mask.any():
        assert not weights.any()
        return
    assert weights.sum().item() == pytest.approx(1, abs=1e-12)
    assert_close(weights[mask], torch.softmax(scores[mask], dim=-1))
    assert_close(masked_softmax(scores + shift, mask), weights)  # what all have in common falls out


@pytest.mark.parametrize("rule", RULES)
def test_a_query_that_may_attend_to_nothing_gets_zeros_and_no_nan(rule):
    attention, parts = make(rule), inputs(rule)
    mask = some_mask()
    output, weights = attention(*parts, mask)
    assert not weights[0, 1].any()
    context = torch.zeros(F, dtype=torch.float64)
    query = [parts[0][0, 1]] if attention.combine else []
    assert_close(output[0, 1], attention.output(torch.cat([*query, context])))
    for gradient in grads(output, [*parts, *attention.parameters()]):
        assert gradient.isfinite().all()
    nothing, weights = attention(*parts, torch.zeros_like(mask))
    assert not weights.any()
    for gradient in grads(nothing, [*parts, *attention.parameters()]):
        assert gradient.isfinite().all()


def test_a_causal_mask_shows_the_past_and_the_present():
    assert causal_mask(3, 4).tolist() == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
    ]
    x = draw(N, D)
    later = x.detach().clone()
    later[-1] += 1
    attention = Attention(D, D, None, D, O, dtype=torch.float64)
    free = attention(x, x, x)[0] - attention(later, later, later)[0]
    masked = [attention(y, y, y, causal_mask(N, N))[0] for y in (x, later)]
    assert free[:-1].abs().min() > 1e-6
    assert torch.equal(masked[0][:-1], masked[1][:-1])
    assert (masked[0][-1] - masked[1][-1]).abs().max() > 1e-3


# --- the mechanism --------------------------------------------------------------------------------


@pytest.mark.parametrize("masked", [False, True])
def test_dot_product_attention_is_pytorchs(masked):
    query, key, value = draw(2, Q, D), draw(2, N, D, seed=1), draw(2, N, F, seed=2)
    mask = some_mask() if masked else None
    if mask is not None:
        mask[0, 1, 0] = True  # PyTorch's own answer to an empty row differs between versions
    ours = masked_softmax(dot_product_scores(query, key), mask) @ value
    unscaled = masked_softmax(query @ key.transpose(-2, -1), mask) @ value
    theirs = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    assert (unscaled - theirs).abs().max() > 1e-2
    assert_same(ours, theirs, [query, key, value])


def test_a_causal_mask_is_pytorchs_is_causal():
    query, key, value = (draw(2, N, D, seed=k) for k in range(3))
    ours = masked_softmax(dot_product_scores(query, key), causal_mask(N, N)) @ value
    theirs = scaled_dot_product_attention(query, key, value, is_causal=True)
    free = masked_softmax(dot_product_scores(query, key)) @ value
    assert (free - theirs).abs().max() > 1e-2
    assert_same(ours, theirs, [query, key, value])


@pytest.mark.parametrize("combine", [None, False, True])
@pytest.mark.parametrize("rule", RULES)
def test_the_three_steps(rule, combine):
    attention, (query, key, value) = make(rule, combine=combine), inputs(rule)
    output, weights = attention(query, key, value, some_mask())
    expected = masked_softmax(attention.score(query, key), some_mask())
    context = torch.bmm(expected, value)
    beside = rule != "dot" if combine is None else combine
    together = torch.cat([query, context], dim=-1) if beside else context
    assert_close(weights, expected)
    assert_close(output, linear(together, attention.output.weight, attention.output.bias))
    assert attention.output.weight.shape == (O, F + D * beside)
    without, nothing = attention(query, key, value, some_mask(), need_weights=False)
    assert torch.equal(without, output)
    assert nothing is None


@pytest.mark.parametrize("rule", ["linear", "additive", "dot"])
def test_keys_and_values_may_change_places_together(rule):
    attention, (query, key, value) = make(rule), inputs(rule)
    order = torch.tensor([3, 0, 4, 1, 2])
    mask = some_mask()
    output, weights = attention(query, key, value, mask)
    moved = attention(query, key[:, order], value[:, order], mask[..., order])
    apart = attention(query, key, value[:, order], mask)
    assert (apart[0] - output).abs().max() > 1e-3
    assert_close(moved, [output, weights[..., order]])


def test_the_location_rule_sees_places_and_not_what_stands_there():
    attention, (query, key, value) = make("location"), inputs("location")
    order = torch.tensor([3, 0, 4, 1, 2])
    output, weights = attention(query, key, value)
    moved, same = attention(query, key, value[:, order])
    assert torch.equal(weights, same)
    assert (moved - output).abs().max() > 1e-3


@quick
@given(
    extra=st.integers(1, 4),
    rule=st.sampled_from(["linear", "additive", "dot"]),
    seed=st.integers(0, 9),
)
def test_padding_changes_nothing(extra, rule, seed):
    attention, (query, key, value) = make(rule), inputs(rule)
    garbage = 5 * torch.randn(2, extra, 30, generator=torch.Generator().manual_seed(seed)).double()
    longer = [torch.cat([x, garbage[..., : x.size(-1)]], dim=1) for x in (key, value)]
    mask = torch.arange(N + extra) < N
    output, weights = attention(query, key, value)
    assert (attention(query, *longer)[0] - output).abs().max() > 1e-3
    padded = attention(query, *longer, mask)
    assert_close(padded[0], output)
    assert_close(padded[1][..., :N], weights)
    assert not padded[1][..., N:].any()
    leaves = [query, key, value, *attention.parameters()]
    assert_close(list(grads(padded[0], leaves)), list(grads(output, leaves)))


def test_a_shorter_input_uses_the_first_positions_of_the_location_rule():
    attention, (query, key, value) = make("location"), inputs("location")
    mask = torch.arange(N) < 3
    assert_close(attention(query, key, value[:, :3]), [
        attention(query, key, value, mask)[0],
        attention(query, key, value, mask)[1][..., :3],
    ])  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_dropout_drops_weights_in_training_only(rule):
    attention, parts = make(rule, dropout=0.5), inputs(rule)
    plain = make(rule)
    plain.load_state_dict(attention.state_dict())
    torch.manual_seed(1)
    dropped, weights = attention(*parts)
    assert_close(weights, plain(*parts)[1])
    torch.manual_seed(1)
    kept = nn.functional.dropout(weights, 0.5)
    context = kept @ parts[2]
    together = torch.cat([parts[0], context], -1) if attention.combine else context
    assert_close(dropped, attention.output(together))
    assert (dropped - plain(*parts)[0]).abs().max() > 1e-3
    assert_close(attention.eval()(*parts), plain(*parts))


def test_initial_numbers_are_those_of_a_linear_layer():
    torch.manual_seed(0)
    expected = nn.Linear(F + D, O, dtype=torch.float64)
    torch.manual_seed(0)
    attention = Attention(D, E, N, F, O, rule="linear", dtype=torch.float64)
    assert (attention.output.weight - expected.weight).abs().max() > 1e-3  # the score came first
    torch.manual_seed(0)
    nn.Linear(D + E, 1, dtype=torch.float64)
    expected = nn.Linear(F + D, O, dtype=torch.float64)
    assert_close(list(attention.output.parameters()), list(expected.parameters()))
    assert repr(attention.output)[len("Affine(") : -1] in repr(expected)


# --- several heads --------------------------------------------------------------------------------

M, K, B = 12, 3, 2


def heads(**kwargs):
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(M, K, dtype=torch.float64, **kwargs)
    ours = MultiheadAttention(M, K, dtype=torch.float64, **kwargs)
    with torch.no_grad():
        for p in theirs.parameters():
            p.add_(torch.randn(p.shape).double() * 0.1)  # biases begin as zeros
    query, key, value = draw(Q, B, M), draw(N, B, M, seed=1), draw(N, B, M, seed=2)
    assert (ours(query, query, query)[0] - theirs(query, query, query)[0]).abs().max() > 1e-3
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs, [query, key, value]


PADDING = torch.tensor([[False] * 5, [False, False, False, True, True]])
HIDDEN = ~causal_mask(Q, N)
MASKS = [
    {},
    {"key_padding_mask": PADDING},
    {"attn_mask": HIDDEN},
    {"attn_mask": HIDDEN.repeat(B * K, 1, 1).roll(1, -1)},
    {"key_padding_mask": PADDING, "attn_mask": HIDDEN},
]


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("masks", MASKS, ids=lambda m: "+".join(m) or "free")
@pytest.mark.parametrize("batch_first", [False, True])
def test_several_heads_are_pytorchs(batch_first, masks, average):
    ours, theirs, parts = heads()
    if batch_first:
        ours.batch_first = theirs.batch_first = True
    parts = [(x.transpose(0, 1) if batch_first else x).detach().requires_grad_() for x in parts]
    got = ours(*parts, average_attn_weights=average, **masks)
    wanted = theirs(*parts, average_attn_weights=average, **masks)
    assert_close(got, wanted)
    leaves = [*parts, *ours.parameters()]
    expected = grads(wanted[0], [*parts, *theirs.parameters()])
    assert_close(list(grads(got[0], leaves)), list(expected))
    assert [name for name, _ in ours.named_parameters()] == [
        name for name, _ in theirs.named_parameters()
    ]


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize(
    "masks",
    [
        {},
        {"key_padding_mask": PADDING[1]},
        {"attn_mask": HIDDEN},
        {"attn_mask": HIDDEN.repeat(K, 1, 1)},
    ],
    ids=["free", "padding", "attn", "attn of heads"],
)
def test_several_heads_without_a_batch(masks, average):
    ours, theirs, parts = heads()
    parts = [x[:, 0] for x in parts]
    got = ours(*parts, average_attn_weights=average, **masks)
    assert_close(got, theirs(*parts, average_attn_weights=average, **masks))
    without, nothing = ours(*parts, need_weights=False, **masks)
    assert torch.equal(without, got[0])
    assert nothing is None


def test_where_all_is_hidden_pytorch_has_nan_and_we_have_zeros():
    ours, theirs, parts = heads()
    hidden = torch.zeros(B, N, dtype=torch.bool)
    hidden[1] = True
    assert theirs(*parts, key_padding_mask=hidden)[0][:, 1].isnan().all()
    output, weights = ours(*parts, key_padding_mask=hidden)
    assert not weights[1].any()
    assert_close(output[:, 1], ours.out_proj.bias.expand(Q, M))
    assert all(g.isfinite().all() for g in grads(output, [*parts, *ours.parameters()]))


def test_dropout_of_several_heads_is_in_training_only():
    ours, _, parts = heads(dropout=0.4)
    torch.manual_seed(0)
    first = ours(*parts)[0]
    assert (ours(*parts)[0] - first).abs().max() > 1e-3
    ours.eval()
    assert torch.equal(ours(*parts)[0], ours(*parts)[0])


def test_initial_numbers_have_pytorchs_spread():
    torch.manual_seed(0)
    ours, theirs = MultiheadAttention(96, 4), nn.MultiheadAttention(96, 4)
    for name, p in ours.named_parameters():
        q = theirs.get_parameter(name)
        assert p.shape == q.shape
        assert p.abs().max().item() == pytest.approx(q.abs().max().item(), rel=0.02)
        assert p.std().item() == pytest.approx(q.std().item(), rel=0.05)


# --- what cannot be -------------------------------------------------------------------------------


def short(rule, *shapes):
    return make(rule)(*(draw(*shape) for shape in shapes))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Score(D, E, "cosine"), ValueError, "one of location, linear, additive, dot, got"),
        (lambda: Score(D, E, "dot"), ValueError, "query_size=4 and key_size=6"),
        (lambda: Score(D, E, "location"), ValueError, "number of positions .* got None"),
        (lambda: Score(D, E, "location", positions=-1), ValueError, "at least 1, got 10 .* -1"),
        (lambda: Score(0, 0, "linear"), ValueError, "at least 1, got 0 inputs"),
        (lambda: make("dot", dropout=1.5), ValueError, "dropout from 0 to 1, got 1.5"),
        (lambda: short("dot", (D,), (N, D), (N, F)), ValueError, "query of shape .*steps, 4"),
        (lambda: short("dot", (Q, D), (N, E), (N, F)), ValueError, r"key .*got \(5, 6\)"),
        (lambda: short("dot", (Q, D), (N, D), (4, F)), ValueError, "5 keys and 4 values"),
        (lambda: short("location", (Q, D), (N, E), (N, F)), ValueError, "3 queries and 5"),
        (lambda: short("location", (Q, D), (Q, E), (6, F)), ValueError, "at most 5 .*got 6"),
        (lambda: masked_softmax(draw(Q, N), torch.ones(Q, N)), TypeError, "boolean mask.*float32"),
        (lambda: MultiheadAttention(10, 3), ValueError, "multiple of num_heads, got 10 and 3"),
        (lambda: MultiheadAttention(12, 3, dropout=-1), ValueError, "from 0 to 1, got -1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_several_heads_refuse_what_cannot_be():
    ours, _, (query, key, value) = heads()
    with pytest.raises(ValueError, match=r"query of 2 or 3 axes .* size 12, got shape \(3, 2, 4\)"):
        ours(query[..., :4], key, value)
    with pytest.raises(ValueError, match="expected key of 2 or 3 axes as the query"):
        ours(query, key[:, 0], value[:, 0])
    with pytest.raises(ValueError, match="one value for each key"):
        ours(query, key, value[:-1])
    with pytest.raises(
        TypeError, match=r"boolean attn_mask, True where it hides, got torch\.float32"
    ):
        ours(query, key, value, attn_mask=torch.zeros(Q, N))
