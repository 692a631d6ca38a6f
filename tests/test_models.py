"""Promise: a language model gives the same numbers on scratch and on ``torch.nn`` layers.

Every model's weights go from either implementation to the other, and an LSTM's forget bias is what
its forget gates are given.
"""

import io
from itertools import islice

import pytest
import torch
from torch import nn
from twins import KINDS, assert_close, assert_models_agree, tensors

from rnnlab import scratch
from rnnlab.models import (
    ConditionalGenerator,
    EncoderDecoder,
    LanguageModel,
    SequenceClassifier,
    Tagger,
    recurrent_layer,
    set_forget_bias,
)

V, H, T, B = 7, 6, 5, 3
CELLS = [kind.lower() for kind in KINDS]
TOKENS = torch.tensor([[0, 1, 2], [3, 4, 5], [6, 0, 3], [1, 1, 4], [5, 2, 6]])  # (T, B), all V
VECTORS = {
    "one-hot": {},
    "embedding": {"embedding_size": 4},
    "tied": {"embedding_size": H, "tie_weights": True},
}


def model_of(cell="lstm", **kwargs):
    torch.manual_seed(0)
    return LanguageModel(V, H, cell, **kwargs).double()


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
class TestLanguageModel:
    @pytest.mark.parametrize("vectors", VECTORS)
    def test_scratch_equals_torch(self, cell, num_layers, vectors):
        def make(implementation):
            kwargs = {**VECTORS[vectors], "implementation": implementation}
            return LanguageModel(V, H, cell, num_layers=num_layers, **kwargs)

        assert_models_agree(make, TOKENS)
        assert_models_agree(make, TOKENS[:, 0])  # without a batch

    def test_a_state_carries_on(self, cell, num_layers):
        model = model_of(cell, num_layers=num_layers)
        whole, final = model(TOKENS)
        first, state = model(TOKENS[:2])
        second, end = model(TOKENS[2:], state)
        assert_close(torch.cat([first, second]), whole)
        assert_close(tensors(end), tensors(final))
        assert (model(TOKENS[2:])[0] - second).abs().max() > 1e-4  # negative control: forgotten

    @pytest.mark.parametrize("implementation", ["scratch", "torch"])
    def test_completion_is_what_reading_it_says(self, cell, num_layers, implementation):
        model = model_of(cell, num_layers=num_layers, implementation=implementation)
        prompt = torch.tensor([1, 2, 3])
        greedy = model.complete(prompt, 8, temperature=0)
        assert greedy[:3].tolist() == [1, 2, 3]
        logits, _ = model(greedy[:-1])  # one pass over the result chooses the same tokens
        assert torch.equal(logits.argmax(dim=-1)[2:], greedy[3:])
        assert torch.equal(model.complete(prompt, 8, top_k=1, generator=seeded()), greedy)

    def test_sampling_follows_its_generator(self, cell, num_layers):
        model = model_of(cell, num_layers=num_layers)

        def sample(seed):
            return model.complete(torch.tensor([0]), 30, generator=seeded(seed))

        assert torch.equal(sample(0), sample(0))
        assert not torch.equal(sample(0), sample(1))


def test_low_temperature_is_greedy_and_high_is_uniform():
    model, prompt, generator = model_of(), torch.tensor([0]), seeded()
    cold = model.complete(prompt, 20, temperature=1e-4, generator=generator)
    assert torch.equal(cold, model.complete(prompt, 20, temperature=0))
    hot = model.complete(prompt, 3000, temperature=1e6, generator=generator)
    shares = torch.bincount(hot[1:], minlength=V) / 3000
    assert (shares - 1 / V).abs().max() < 0.03  # over four standard deviations


@pytest.mark.parametrize("kwargs", [{"temperature": 0.7}, {"top_k": 2}, {"temperature": 0}])
def test_a_stream_is_a_completion_that_is_computed_when_asked_for(kwargs):
    model, prompt, read = model_of("gru"), torch.tensor([1, 2, 3]), []
    completion = model.complete(prompt, 9, generator=seeded(), **kwargs)
    model.register_forward_pre_hook(lambda _, args: read.append(args[0].tolist()))
    stream = model.stream(prompt, generator=seeded(), **kwargs)
    assert read == []
    tokens = [next(stream)]
    assert read == [[1, 2, 3]]
    tokens += islice(stream, 8)
    assert tokens == completion[3:].tolist()
    assert read == [[1, 2, 3], *([token] for token in tokens[:-1])]  # nothing is read twice


def test_top_k_is_passed_on():
    model, prompt = model_of(), torch.tensor([0])
    drawn = model.complete(prompt, 200, temperature=1e6, top_k=3, generator=seeded())
    best = model(drawn[:-1])[0].topk(3).indices
    assert (best == drawn[1:, None]).any(-1).all()
    assert all((best[:, k] == drawn[1:]).any() for k in range(3))
    free = model.complete(prompt, 200, temperature=1e6, generator=seeded())
    assert not (model(free[:-1])[0].topk(3).indices == free[1:, None]).any(-1).all()


def test_the_prediction_depends_on_no_later_token():
    model, changed = model_of("gru"), TOKENS.clone()
    changed[3:] = (changed[3:] + 1) % V
    a, b = model(TOKENS)[0], model(changed)[0]
    assert torch.equal(a[:3], b[:3])
    assert (a[3:] - b[3:]).abs().min() > 0


def test_tied_weights_are_one_tensor_with_both_gradients():
    tied = model_of(embedding_size=H, tie_weights=True)
    assert tied.embedding.weight is tied.decoder.weight
    free = model_of(embedding_size=H)
    assert free.embedding.weight is not free.decoder.weight
    assert len(list(free.parameters())) == len(list(tied.parameters())) + 1
    free.load_state_dict(tied.state_dict())
    for model in (tied, free):
        model(TOKENS)[0].square().sum().backward()
    read, written = free.embedding.weight.grad, free.decoder.weight.grad
    assert min(read.abs().max(), written.abs().max()) > 1e-3
    assert_close(tied.decoder.weight.grad, read + written)


@pytest.mark.parametrize("embedding_size", [None, H - 1])
def test_weights_of_different_sizes_cannot_be_tied(embedding_size):
    with pytest.raises(ValueError, match=f"embedding_size={H}, .* got {embedding_size}"):
        LanguageModel(V, H, embedding_size=embedding_size, tie_weights=True)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_dropout_acts_on_embeddings_and_outputs_in_training_only(num_layers, implementation):
    sizes = {"embedding_size": 4, "num_layers": num_layers, "implementation": implementation}
    model, plain = model_of(dropout=1.0, **sizes), model_of(**sizes)
    logits, _ = model(TOKENS)
    assert_close(logits, model.decoder.bias.expand(T, B, V))  # all that nothing goes through
    assert not model.embed(TOKENS).any()
    assert plain.embed(TOKENS).all()
    assert_close(model.eval()(TOKENS), plain(TOKENS))  # the same seed
    assert model.recurrent.dropout == (0 if num_layers == 1 else 1)


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_layer_is_the_one_asked_for(cell):
    assert type(recurrent_layer(cell, V, H)) is getattr(scratch, cell.upper())
    theirs = recurrent_layer(cell, V, H, 2, implementation="torch", bidirectional=True)
    assert type(theirs) is getattr(nn, cell.upper())
    assert theirs.num_layers == 2
    assert theirs.bidirectional


@pytest.mark.parametrize("value", [1.0, -2.5])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("library", [scratch, nn])
def test_the_forget_bias_is_the_forget_gates_alone(library, num_layers, bidirectional, value):
    lstm = library.LSTM(3, H, num_layers, bidirectional=bidirectional).double()
    before = {name: p.detach().clone() for name, p in lstm.named_parameters()}
    set_forget_bias(lstm, value)
    after = dict(lstm.named_parameters())
    gate = torch.arange(4 * H) // H
    for name, old in before.items():
        kept = gate != 1 if name.startswith("bias") else gate >= 0
        assert torch.equal(after[name][kept], old[kept])
        if name.startswith("bias_ih"):
            total = after[name] + after[name.replace("_ih", "_hh")]
            assert torch.equal(total[gate == 1], torch.full((H,), value).double())
    # Where all else is 0, a cell keeps sigmoid(value) of what it had.
    for parameter in lstm.parameters():
        nn.init.zeros_(parameter)
    set_forget_bias(lstm, value)
    c = torch.ones(num_layers * (1 + bidirectional), 1, H).double()
    left = lstm(torch.zeros(1, 1, 3).double(), (torch.zeros_like(c), c))[1][1]
    assert_close(left, torch.sigmoid(torch.full_like(c, value)))
    assert all(p.requires_grad for p in lstm.parameters())


@pytest.mark.parametrize("library", [scratch, nn])
def test_only_an_lstm_with_biases_has_a_forget_bias(library):
    for other in (library.GRU(3, H), library.RNN(3, H), nn.Linear(3, 4 * H)):
        before = [p.clone() for p in other.parameters()]
        with pytest.raises(ValueError, match=f"an LSTM, got {type(other).__name__}"):
            set_forget_bias(other, 1)
        assert all(map(torch.equal, before, other.parameters()))
    with pytest.raises(ValueError, match="an LSTM with biases"):
        set_forget_bias(library.LSTM(3, H, bias=False), 1)


MODELS = {
    "language": (lambda **kw: LanguageModel(V, H, num_layers=2, **kw), (TOKENS,)),
    "classifier": (lambda **kw: SequenceClassifier(V, 2, H, embedding_size=3, **kw), (TOKENS,)),
    "tagger": (lambda **kw: Tagger(V, 2, H, embedding_size=3, **kw), (TOKENS,)),
    "generator": (lambda **kw: ConditionalGenerator(4, V, H, **kw), (torch.eye(3, 4), TOKENS)),
    "pairs": (
        lambda **kw: EncoderDecoder(V, V, H, bidirectional=True, **kw),
        (TOKENS, None, TOKENS),
    ),
}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", MODELS)
def test_weights_are_saved_and_loaded_by_either_implementation(name, cell):
    make, inputs = MODELS[name]
    for here, there in (("scratch", "torch"), ("torch", "scratch")):
        torch.manual_seed(0)
        written, read = (make(cell=cell, implementation=i).double() for i in (here, there))
        assert (tensors(written(*inputs))[0] - tensors(read(*inputs))[0]).abs().max() > 1e-4
        file = io.BytesIO()
        torch.save(written.state_dict(), file)
        file.seek(0)
        read.load_state_dict(torch.load(file, weights_only=True))
        assert_close(read(*inputs), written(*inputs))


@pytest.mark.parametrize("name", MODELS)
def test_an_unknown_cell_or_implementation_is_named(name):
    make, _ = MODELS[name]
    with pytest.raises(ValueError, match="'rnn', 'lstm' or 'gru', got 'mlp'"):
        make(cell="mlp")
    with pytest.raises(ValueError, match="'scratch' or 'torch', got 'keras'"):
        make(implementation="keras")


def test_bad_input_is_named():
    model = model_of()
    with pytest.raises(ValueError, match="at least one token"):
        model.complete(torch.tensor([], dtype=torch.long), 3)
    with pytest.raises(ValueError, match="at least 0, got -1"):
        model.complete(torch.tensor([0]), 3, temperature=-1)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        next(model.stream(torch.tensor([0]), top_k=0))
