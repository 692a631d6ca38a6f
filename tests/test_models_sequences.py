"""Promise: what is behind the end of a sequence changes no answer, no state and no gradient.

And the encoder, the classifier and the tagger are the same on scratch and on ``torch.nn`` layers.
"""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy
from twins import KINDS, assert_close, assert_models_agree, tensors

from rnnlab.data.batching import IGNORED, lengths_of, pad
from rnnlab.models import SequenceClassifier, SequenceEncoder, Tagger

V, X, E, H, K = 6, 4, 3, 5, 3
CELLS = [kind.lower() for kind in KINDS]
GARBAGE = {"words": V - 1, "nan": float("nan"), "huge": -1e30, "zeros": 0.0}
MODELS = {
    "encoder": lambda size, **kw: SequenceEncoder(size, H, **kw),
    "classifier": lambda size, **kw: SequenceClassifier(size, K, H, **kw),
    "tagger": lambda size, **kw: Tagger(size, K, H, **kw),
}
variants = st.fixed_dictionaries(
    {
        "cell": st.sampled_from(CELLS),
        "num_layers": st.integers(1, 2),
        "bidirectional": st.booleans(),
        "implementation": st.sampled_from(["scratch", "torch"]),
    }
)
quick = settings(deadline=None, max_examples=30)
some_lengths = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def make(name, words, *, seed=0, **kwargs):
    torch.manual_seed(seed)
    if words:
        return MODELS[name](V, embedding_size=E, **kwargs).double()
    return MODELS[name](X, **kwargs).double()


def sequences(lengths, words):
    generator = torch.Generator().manual_seed(sum(lengths))
    if words:
        return [torch.randint(V, (n,), generator=generator) for n in lengths]
    return [torch.randn(n, X, generator=generator, dtype=torch.float64) for n in lengths]


def padded(parts, garbage, more):
    """The sequences as a batch, with more steps than any of them needs."""
    x = pad([*parts, parts[0].new_zeros(max(map(len, parts)) + more, *parts[0].shape[1:])])[:, :-1]
    for b, part in enumerate(parts):
        x[len(part) :, b] = garbage
    return x


@pytest.mark.parametrize("words", [True, False], ids=["words", "vectors"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", MODELS)
def test_scratch_equals_torch(name, cell, num_layers, bidirectional, words):
    kwargs = {"cell": cell, "num_layers": num_layers, "bidirectional": bidirectional}
    kwargs |= {"embedding_size": E} if words else {}
    parts = sequences([5, 2, 4], words)
    inputs = (pad(parts), lengths_of(parts)) if words else (pad(parts),)
    assert_models_agree(lambda **kw: MODELS[name](V if words else X, **kwargs, **kw), *inputs)


@quick
@given(
    lengths=some_lengths,
    more=st.integers(0, 2),
    garbage=st.sampled_from(list(GARBAGE)),
    variant=variants,
)
def test_padding_changes_no_output_and_no_state(lengths, more, garbage, variant):
    words = garbage == "words"
    model = make("encoder", words, **variant)
    parts = sequences(lengths, words)
    x = padded(parts, GARBAGE[garbage], more)
    output, state = model(x, lengths_of(parts))
    assert output.shape == (max(lengths) + more, len(lengths), model.output_size)
    for b, part in enumerate(parts):
        alone, final = model(part[:, None])
        assert_close(output[: len(part), b], alone[:, 0])
        assert not output[len(part) :, b].any()
        assert_close([s[:, b] for s in tensors(state)], [s[:, 0] for s in tensors(final)])
        # The outputs say where each direction ends: the backward one at the first step.
        ends = torch.cat([alone[-1, 0, :H], alone[0, 0, H:]])
        assert_close(model.last(state)[b], ends)


@quick
@given(
    lengths=some_lengths,
    more=st.integers(0, 2),
    garbage=st.sampled_from(list(GARBAGE)),
    variant=variants,
    name=st.sampled_from(["classifier", "tagger"]),
)
def test_padding_changes_no_logits_and_no_gradients(lengths, more, garbage, variant, name):
    words = garbage == "words"
    model = make(name, words, **variant)
    parts = sequences(lengths, words)
    answers = sequences(lengths, words=True)
    targets = [answer % K for answer in answers]  # one for each step; a classifier takes the first

    def loss_and_gradients(x, lengths, targets):
        logits = model(x, lengths)
        if name == "tagger":
            loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        else:
            loss = cross_entropy(logits, targets[0], reduction="sum")
        return logits, [loss, *torch.autograd.grad(loss, list(model.parameters()))]

    x = padded(parts, GARBAGE[garbage], more)
    y = pad([*targets, torch.full((len(x),), IGNORED)], IGNORED)[:, :-1]
    logits, got = loss_and_gradients(x, lengths_of(parts), y)
    wanted = [torch.zeros_like(g) for g in got]
    for b, (part, target) in enumerate(zip(parts, targets, strict=True)):
        alone, one = loss_and_gradients(part[:, None], None, target[:, None])
        if name == "tagger":
            assert_close(logits[: len(part), b], alone[:, 0])
        else:
            assert_close(logits[b], alone[0])
        wanted = [a + b for a, b in zip(wanted, one, strict=True)]
    assert_close(got, wanted)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_without_lengths_the_padding_is_read(cell, bidirectional):
    """The negative control of all the above."""
    parts = sequences([5, 2], words=True)
    x, lengths = pad(parts), lengths_of(parts)
    for name in ("encoder", "classifier", "tagger"):
        model = make(name, words=True, cell=cell, bidirectional=bidirectional)
        told, untold = (tensors(model(x, n))[-1] for n in (lengths, None))
        of_short = (..., 1, slice(None))
        assert (told[of_short] - untold[of_short]).abs().max() > 1e-3
    model = make("encoder", words=True, cell=cell, bidirectional=True)
    output, state = model(x[:, :1])
    assert_close(model.last(state)[:, :H], output[-1, :, :H])
    # The backward direction has seen a single token at the last step.
    assert (model.last(state)[:, H:] - output[-1, :, H:]).abs().min() > 1e-3


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_last_is_the_top_layer_of_both_directions(cell, num_layers):
    model = make("encoder", words=False, cell=cell, num_layers=num_layers, bidirectional=True)
    h = torch.arange(num_layers * 2 * 3 * H).reshape(num_layers * 2, 3, H)
    last = model.last((h, -h) if cell == "lstm" else h)  # never the cell state
    assert last.shape == (3, model.output_size) == (3, 2 * H)
    assert torch.equal(last[:, :H], h[2 * num_layers - 2])
    assert torch.equal(last[:, H:], h[2 * num_layers - 1])


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_the_decoder_reads_the_last_state_or_every_output(cell, bidirectional):
    x = pad(sequences([5, 2], words=False))
    lengths = torch.tensor([5, 2])
    for name in ("classifier", "tagger"):
        model = make(name, words=False, cell=cell, bidirectional=bidirectional)
        output, state = model.encoder(x, lengths)
        features = output if name == "tagger" else model.encoder.last(state)
        weight, bias = model.decoder.weight, model.decoder.bias
        assert weight.shape == (K, H * (1 + bidirectional))
        assert_close(model(x, lengths), torch.einsum("...c,kc->...k", features, weight) + bias)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("name", MODELS)
def test_vectors_are_turned_into_the_weights_type(name, implementation):
    x = torch.randn(4, 2, X)
    lengths = torch.tensor([4, 3])
    wide = make(name, words=False, implementation=implementation)
    assert_close(wide(x, lengths), wide(x.double(), lengths))
    assert all(result.dtype == torch.float64 for result in tensors(wide(x, lengths)))
    narrow = make(name, words=False, implementation=implementation).float()
    assert_close(narrow(x.double(), lengths), narrow(x, lengths))
    assert all(result.dtype == torch.float32 for result in tensors(narrow(x.double())))
    encoder = make("encoder", words=True)
    assert (encoder.dtype, encoder.half().dtype) == (torch.float64, torch.float16)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_dropout_acts_in_training_only(num_layers, implementation):
    kwargs = {"num_layers": num_layers, "implementation": implementation}
    parts = sequences([5, 2, 4], words=True)
    inputs = pad(parts), lengths_of(parts)
    for name in ("classifier", "tagger"):
        model, plain = make(name, True, dropout=1.0, **kwargs), make(name, True, **kwargs)
        logits, expected = model(*inputs), plain(*inputs)
        assert_close(logits, model.decoder.bias.expand_as(logits))  # all that nothing goes through
        assert (expected - logits).abs().max() > 1e-2  # negative control
        assert_close(model.eval()(*inputs), expected)  # the same seed
    encoder = make("encoder", words=True, dropout=1.0, **kwargs)
    silent = torch.zeros(5, 3, E).double()  # the embeddings are dropped as well
    assert_close(encoder(inputs[0])[1], encoder.recurrent(silent)[1])
    model = make("classifier", True, dropout=0.5, **kwargs)
    assert (model(*inputs) - model(*inputs)).abs().max() > 1e-3


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("name", MODELS)
def test_a_size_below_1_is_refused(name, implementation):
    kwargs = {"implementation": implementation}
    with pytest.raises(ValueError, match="hidden_size"):
        {
            "encoder": lambda: SequenceEncoder(X, 0, **kwargs),
            "classifier": lambda: SequenceClassifier(X, K, 0, **kwargs),
            "tagger": lambda: Tagger(X, K, 0, **kwargs),
        }[name]()
    with pytest.raises(ValueError, match="num_layers"):
        MODELS[name](X, num_layers=0, **kwargs)
