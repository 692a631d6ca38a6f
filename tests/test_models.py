"""Promise: a model gives the same numbers on scratch and on ``torch.nn`` layers."""

import pytest
import torch
from torch import nn
from twins import KINDS, assert_close, tensors

from rnnlab import scratch
from rnnlab.models import LanguageModel, recurrent_layer

V, H, T, B = 7, 6, 5, 3
CELLS = [kind.lower() for kind in KINDS]


def both(cell, **kwargs):
    """The same model on both implementations, with the same weights."""
    torch.manual_seed(0)
    ours = LanguageModel(V, H, cell, implementation="scratch", **kwargs).double()
    theirs = LanguageModel(V, H, cell, implementation="torch", **kwargs).double()
    with torch.no_grad():
        tokens = torch.randint(V, (T, B))
        assert (ours(tokens)[0] - theirs(tokens)[0]).abs().max() > 1e-3  # negative control
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
class TestLanguageModel:
    def test_scratch_equals_torch(self, cell, num_layers):
        ours, theirs = both(cell, num_layers=num_layers)
        tokens = torch.randint(V, (T, B))
        assert_close(ours(tokens), theirs(tokens))
        gradients = []
        for model in (ours, theirs):
            model(tokens)[0].square().sum().backward()
            gradients.append([p.grad for p in model.parameters()])
        assert_close(*gradients)

    def test_a_state_carries_on(self, cell, num_layers):
        model, _ = both(cell, num_layers=num_layers)
        tokens = torch.randint(V, (T, B))
        whole, final = model(tokens)
        first, state = model(tokens[:2])
        second, end = model(tokens[2:], state)
        assert_close(torch.cat([first, second]), whole)
        assert_close(tensors(end), tensors(final))

    def test_completion_is_what_reading_it_says(self, cell, num_layers):
        model, theirs = both(cell, num_layers=num_layers)
        prompt = torch.tensor([1, 2, 3])
        greedy = model.complete(prompt, 8, temperature=0)
        assert greedy[:3].tolist() == [1, 2, 3]
        logits, _ = model(greedy[:-1])  # one pass over the result chooses the same characters
        assert torch.equal(logits.argmax(dim=-1)[2:], greedy[3:])
        assert torch.equal(theirs.complete(prompt, 8, temperature=0), greedy)

    def test_sampling_follows_its_generator(self, cell, num_layers):
        model, _ = both(cell, num_layers=num_layers)
        prompt = torch.tensor([0])

        def sample(seed):
            return model.complete(prompt, 30, generator=torch.Generator().manual_seed(seed))

        assert torch.equal(sample(0), sample(0))
        assert not torch.equal(sample(0), sample(1))


def test_low_temperature_is_greedy_and_high_is_uniform():
    model, _ = both("lstm")
    prompt = torch.tensor([0])
    generator = torch.Generator().manual_seed(0)
    cold = model.complete(prompt, 20, temperature=1e-4, generator=generator)
    assert torch.equal(cold, model.complete(prompt, 20, temperature=0))
    hot = model.complete(prompt, 3000, temperature=1e6, generator=generator)
    shares = torch.bincount(hot[1:], minlength=V) / 3000
    assert (shares - 1 / V).abs().max() < 0.03  # over four standard deviations


def test_the_prediction_depends_on_no_later_character():
    model, _ = both("gru")
    tokens = torch.randint(V, (T, B))
    changed = tokens.clone()
    changed[3:] = (changed[3:] + 1) % V
    a, b = model(tokens)[0], model(changed)[0]
    assert torch.equal(a[:3], b[:3])
    assert (a[3:] - b[3:]).abs().min() > 0


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_layer_is_the_one_asked_for(cell):
    assert type(recurrent_layer(cell, V, H)) is getattr(scratch, cell.upper())
    theirs = recurrent_layer(cell, V, H, 2, implementation="torch", bidirectional=True)
    assert type(theirs) is getattr(nn, cell.upper())
    assert theirs.num_layers == 2
    assert theirs.bidirectional


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="'rnn', 'lstm' or 'gru', got 'mlp'"):
        LanguageModel(V, H, "mlp")
    with pytest.raises(ValueError, match="'scratch' or 'torch', got 'keras'"):
        LanguageModel(V, H, implementation="keras")
    model = LanguageModel(V, H)
    with pytest.raises(ValueError, match="at least one character"):
        model.complete(torch.tensor([], dtype=torch.long), 3)
    with pytest.raises(ValueError, match="at least 0, got -1"):
        model.complete(torch.tensor([0]), 3, temperature=-1)
