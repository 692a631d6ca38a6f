"""Promise: what a model writes step by step is what it says with the right tokens given.

The generator and the encoder-decoder, with and without attention, are the same on scratch and on
``torch.nn`` layers; and padding changes neither their logits, nor gradients, nor answers.
"""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy
from twins import KINDS, assert_close, assert_models_agree, tensors

from rnnlab.data.batching import lengths_of, pad
from rnnlab.models import ConditionalGenerator, DecoderAttention, EncoderDecoder

X, V, E, H, START, STOP = 4, 5, 3, 6, 0, 4
CELLS = [kind.lower() for kind in KINDS]
PREVIOUS = torch.tensor([[0, 0, 0], [1, 2, 3], [4, 1, 2], [3, 3, 0]])  # (S, B)
RULES = [
    "location",
    "additive",
    "dot",
]  # "linear" is for the tests of attention: it ignores queries
CONTEXTS = ["every step", "start", *RULES]


def generator(cell="lstm", feed="every", seed=0, **kwargs):
    torch.manual_seed(seed)
    return ConditionalGenerator(X, V, H, cell, embedding_size=E, feed=feed, **kwargs).double()


def pairs(context="every step", seed=0, *, bidirectional=False, sharp=1.0, **kwargs):
    """An encoder-decoder; the sharper, the more its answers differ."""
    torch.manual_seed(seed)
    kwargs |= {"embedding_size": E, "bidirectional": bidirectional}
    kwargs["context_every_step"] = context == "every step"
    if context in RULES:
        C = H * (1 + bidirectional)
        kwargs["attention"] = DecoderAttention(
            H, C, context, embedding_size=E, positions=8, learned_v=True
        )
    model = EncoderDecoder(V + 2, V, H, **kwargs).double()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(sharp)
    return model


def vectors(B=3):
    return torch.randn(B, X, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def sources(lengths, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [torch.randint(V + 2, (n,), generator=g) for n in lengths]


def forced(model, state, previous):
    """All logits of repeated steps, and the state after them."""
    logits = []
    for tokens in previous:
        scores, state = model.step(tokens, state)
        logits.append(scores)
    return torch.stack(logits), state


def by_forward(score, start, most):
    """Take the likeliest after a full pass over all that is written, until all have ended."""
    written, ended = start[None], torch.zeros_like(start, dtype=torch.bool)
    while len(written) <= most and not ended.all():
        chosen = torch.where(ended, STOP, score(written)[-1].argmax(-1))
        ended = ended | (chosen == STOP)
        written = torch.cat([written, chosen[None]])
    return written[1:]


@pytest.mark.parametrize("feed", ["every", "first"])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
class TestConditionalGenerator:
    def test_scratch_equals_torch(self, cell, num_layers, feed):
        sizes = {"embedding_size": E, "num_layers": num_layers, "feed": feed}
        inputs = vectors(), PREVIOUS
        assert_models_agree(
            lambda **kw: ConditionalGenerator(X, V, H, cell, **sizes, **kw), *inputs
        )

    def test_forced_and_stepwise_are_a_loop(self, cell, num_layers, feed):
        model, x = generator(cell, feed, num_layers=num_layers), vectors()
        logits = model(x, PREVIOUS)
        assert_close(forced(model, (x[None], None), PREVIOUS)[0], logits)
        hidden = None
        for t, tokens in enumerate(PREVIOUS):
            fed = torch.zeros_like(x) if feed == "first" and t > 0 else x
            read = torch.cat([fed, model.embedding.weight[tokens]], dim=-1)
            output, hidden = model.recurrent(read[None], hidden)
            assert_close(logits[t], output[0] @ model.decoder.weight.T + model.decoder.bias)
        other = generator(cell, {"every": "first", "first": "every"}[feed], num_layers=num_layers)
        assert_close(other(x, PREVIOUS)[0], logits[0])  # the same seed: the same first step
        assert (other(x, PREVIOUS)[1:] - logits[1:]).abs().max() > 1e-3

    def test_the_vector_matters_through_the_first_step_alone_or_through_all(
        self, cell, num_layers, feed
    ):
        model, x = generator(cell, feed, num_layers=num_layers), vectors()
        assert (model(x + 1, PREVIOUS)[0] - model(x, PREVIOUS)[0]).abs().max() > 1e-3
        (_, (_, hidden)), (_, (fed, _)) = (
            model.step(PREVIOUS[0], (y[None], None)) for y in (x, x + 1)
        )
        mixed, _ = forced(model, (fed, hidden), PREVIOUS[1:])  # the first step was x's
        change = (mixed - model(x, PREVIOUS)[1:]).abs().max()
        assert change < 1e-12 if feed == "first" else change > 1e-3

    def test_it_writes_the_likeliest(self, cell, num_layers, feed):
        ends = set()
        for seed in range(8):
            model, x = generator(cell, feed, seed, num_layers=num_layers), vectors() * 5
            found = model.generate(x, start=START, stop=STOP, most=6)
            start = torch.full((3,), START)
            expected = by_forward(lambda written, m=model, x=x: m(x, written), start, 6)
            assert torch.equal(found, expected)
            ends |= {tuple(column.tolist()).count(STOP) for column in found.T}
        assert len(ends) > 1  # some end sooner than others


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_the_generator_turns_vectors_into_the_weights_type(implementation):
    model, x = generator(implementation=implementation), vectors().float()
    assert_close(model(x, PREVIOUS), model(x.double(), PREVIOUS))
    logits, _ = forced(model, (x[None], None), PREVIOUS)
    assert_close(logits, model(x.double(), PREVIOUS))
    kwargs = {"start": START, "stop": STOP, "most": 4}
    assert torch.equal(model.generate(x, **kwargs), model.generate(x.double(), **kwargs))
    narrow, wide = model.float(), x.double()
    assert_close(narrow(wide, PREVIOUS), narrow(x, PREVIOUS))
    assert_close(forced(narrow, (wide[None], None), PREVIOUS)[0], narrow(x, PREVIOUS))


def test_an_unknown_feed_is_named():
    with pytest.raises(ValueError, match="'every' or 'first', got 'last'"):
        generator(feed="last")


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
class TestEncoderDecoder:
    def test_scratch_equals_torch(self, cell, num_layers, bidirectional, context):
        kwargs = {"num_layers": num_layers, "bidirectional": bidirectional, "cell": cell}
        parts, seeds = sources([5, 2, 4]), iter((1, 2))
        model = assert_models_agree(
            lambda implementation: pairs(
                context, next(seeds), implementation=implementation, **kwargs
            ),
            *(pad(parts), lengths_of(parts), PREVIOUS),
        )
        C = H * (1 + bidirectional)
        assert model.recurrent.input_size == E + (0 if context == "start" else C)

    def test_forced_is_stepwise(self, cell, num_layers, bidirectional, context):
        kwargs = {"num_layers": num_layers, "bidirectional": bidirectional, "cell": cell}
        model, parts = pairs(context, **kwargs), sources([5, 2, 4])
        inputs = pad(parts), lengths_of(parts)
        state = model.encode(*inputs)
        logits, _ = forced(model, state, PREVIOUS)
        assert_close(logits, model(*inputs, PREVIOUS))
        # It starts from tanh of a linear function of the context: H numbers for each layer.
        c = model.encoder.last(model.encoder(*inputs)[1])
        h = torch.tanh(c @ model.bridge.weight.T + model.bridge.bias)
        hidden = tensors(state.hidden)
        assert_close(hidden[0], torch.stack([h[:, H * l : H * (l + 1)] for l in range(num_layers)]))
        assert len(hidden) == (2 if cell == "lstm" else 1)
        assert not any(cell_state.any() for cell_state in hidden[1:])
        # What else the steps read.
        for field, read in (
            ("context", context in ("every step", "location")),
            ("memory", context in RULES),
        ):
            changed = state._replace(**{field: getattr(state, field) + 1})
            change = (forced(model, changed, PREVIOUS)[0] - logits).abs().max()
            assert change > 1e-5 if read else change == 0


quick = settings(deadline=None, max_examples=25)
variants = st.fixed_dictionaries(
    {
        "context": st.sampled_from(CONTEXTS),
        "seed": st.integers(0, 99),
        "cell": st.sampled_from(CELLS),
        "num_layers": st.integers(1, 2),
        "bidirectional": st.booleans(),
        "implementation": st.sampled_from(["scratch", "torch"]),
    }
)


@quick
@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    more=st.integers(0, 2),
    garbage=st.integers(0, V + 1),
    variant=variants,
)
def test_padding_changes_nothing(lengths, more, garbage, variant):
    model, parts = pairs(sharp=2.0, **variant), sources(lengths, variant["seed"])
    B, T = len(parts), max(lengths) + more
    batch = pad([*parts, torch.zeros(T, dtype=torch.long)], garbage)[:, :B]
    previous = pad(sources([4] * B)) % V
    parameters = list(model.parameters())

    def loss_and_gradients(source, lengths, previous):
        logits = model(source, lengths, previous)
        loss = cross_entropy(logits.flatten(0, 1), previous.flatten(), reduction="sum")
        grads = torch.autograd.grad(loss, parameters, materialize_grads=True)
        return logits, [loss, *grads]

    ask = {"start": START, "stop": STOP, "most": 6}
    logits, got = loss_and_gradients(batch, lengths_of(parts), previous)
    answers = model.greedy(batch, lengths_of(parts), **ask)
    wanted = [torch.zeros_like(g) for g in got]
    for b, part in enumerate(parts):
        alone, one = loss_and_gradients(part[:, None], None, previous[:, b : b + 1])
        assert_close(logits[:, b], alone[:, 0])
        wanted = [a + g for a, g in zip(wanted, one, strict=True)]
        answer = model.greedy(part[:, None], **ask)[:, 0].tolist()
        assert answers[:, b].tolist() == answer + [STOP] * (len(answers) - len(answer))
    assert_close(got, wanted)


@pytest.mark.parametrize("context", CONTEXTS)
def test_without_lengths_the_padding_is_read(context):
    """The negative control of the above."""
    model, source = pairs(context), pad(sources([5, 2, 4]))
    change = (
        model(source, torch.tensor([5, 2, 4]), PREVIOUS) - model(source, None, PREVIOUS)
    ).abs()
    assert change[:, 0].max() < 1e-12
    assert change[:, 1].max() > 1e-3


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell", CELLS)
def test_greedy_answers_are_the_likeliest(cell, context):
    source, lengths, ends = pad(sources([5, 2, 4])), torch.tensor([5, 2, 4]), set()
    for seed in range(20):
        model = pairs(context, seed, cell=cell, num_layers=2, sharp=3.0)
        found = model.greedy(source, lengths, start=START, stop=STOP, most=5)
        start = torch.full((3,), START)
        expected = by_forward(lambda p, m=model: m(source, lengths, p), start, 5)
        assert torch.equal(found, expected)
        ends |= {tuple(column.tolist()).count(STOP) for column in found.T}
    assert len(ends) > 1  # some end sooner than others


@pytest.mark.parametrize("rule", RULES)
def test_attention_weights_are_handed_out_step_by_step(rule):
    model, parts, weights = pairs(rule, num_layers=2, sharp=3.0), sources([5, 2, 4]), []
    state = model.encode(pad(parts), lengths_of(parts))
    for t, tokens in enumerate(PREVIOUS):
        hidden = state.hidden[0][-1]  # of the top layer, before the step
        _, state = model.step(tokens, state, weights)
        assert len(weights) == t + 1
        token = model.embedding(tokens)
        seen = model.attention(token, hidden, state.context[0], state.memory, state.valid)
        assert_close(weights[t], seen[1])
        assert not weights[t][2:, 1].any()  # nothing for the padding
        assert weights[t][:2, 1].all()
        assert_close(weights[t].sum(0), torch.ones(3).double())
    assert (weights[1] - weights[0]).abs().max() > 1e-4
    pairs("start", num_layers=2).step(PREVIOUS[0], state, unused := [])
    assert unused == []


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_wide_beam_finds_the_best_of_all_answers(cell, context):
    model = pairs(context, cell=cell, num_layers=2, bidirectional=True, sharp=2.0)
    [source], most = sources([5]), 2
    ask = {"start": START, "stop": STOP, "most": most}
    everything = []
    for n in range(most + 1):
        for tokens in product([t for t in range(V) if t != STOP], repeat=n):
            previous = torch.tensor([START, *tokens])[:, None]
            logits = model(source[:, None], None, previous).detach()
            log_p = torch.log_softmax(logits[:, 0], dim=-1)
            score = sum(log_p[t, token] for t, token in enumerate([*tokens, STOP]))
            everything.append((list(tokens), float(score)))
    for alpha in (0.0, 1.0):
        everything.sort(key=lambda pair, a=alpha: -pair[1] / (len(pair[0]) + 1) ** a)
        found = model.beam(source, width=V**3, alpha=alpha, **ask)
        assert [tokens for tokens, _ in found] == [tokens for tokens, _ in everything]
        assert all(abs(a - b) < 1e-10 for (_, a), (_, b) in zip(found, everything, strict=True))
