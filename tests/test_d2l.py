"""Promise: D2L's own training loop trains our layers, on the text that we read as D2L does."""

import re
import subprocess
import sys
from importlib.util import find_spec

import matplotlib as mpl
import pytest
import torch
from torch import nn

from rnnlab import d2l as bridge
from rnnlab import scratch
from rnnlab.data import load_time_machine, time_machine
from rnnlab.data.files import VARIABLE, RemoteFile, find, sha1_of

CPU = torch.device("cpu")
TEXT = """The Time Machine, by H. G. Wells [1898]\n\n\nI\n
The Time Traveller (for so it will be convenient to speak of him)
was expounding a recondite matter to us. His grey eyes shone and
twinkled, and his usually pale face was flushed and animated.\n"""
BOOK = (TEXT * 60).encode()
LAYERS = {
    f"{library.__name__}.{name}": getattr(library, name)
    for library in (scratch, nn)
    for name in ("RNN", "LSTM", "GRU")
}

# D2L's Accumulator turns a loss that wants a gradient into a float.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Converting a tensor with requires_grad=True to a scalar:UserWarning"
)


@pytest.fixture(autouse=True)
def book(monkeypatch, tmp_path):
    """*The Time Machine* where it is at hand, else a text that stands for it."""
    mpl.use("agg")
    if find(time_machine.FILE) is None:
        file = RemoteFile("timemachine.txt", "http://nowhere.invalid", sha1_of(BOOK))
        (tmp_path / file.name).write_bytes(BOOK)
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        monkeypatch.setattr(time_machine, "FILE", file)
        monkeypatch.setattr(bridge, "FILE", file)


@pytest.fixture
def d2l():
    """D2L, without what it shows on the side."""
    module = bridge.load()
    yield module
    module.plt.close("all")


@pytest.fixture
def data(d2l):
    torch.manual_seed(0)
    return d2l.load_data_time_machine(8, 20, max_tokens=3000)


def test_d2l_is_loaded_once(d2l):
    assert d2l is bridge.load()
    assert d2l.__name__ == "d2l.torch"


STANDS_IN = find_spec("torchvision") is None


@pytest.mark.skipif(not STANDS_IN, reason="torchvision is installed")
def test_what_stands_for_torchvision_does_nothing(d2l):
    with pytest.raises(AttributeError):
        d2l.load_data_fashion_mnist(8)


@pytest.mark.skipif(not STANDS_IN, reason="torchvision is installed")
def test_torchvision_does_not_seem_to_be_installed_afterwards(d2l):
    assert find_spec("torchvision") is None


@pytest.mark.parametrize("characters", [10_000, 77])
def test_the_corpus_is_ours(d2l, characters):
    corpus, vocabulary = d2l.load_corpus_time_machine(characters)
    text = load_time_machine(characters)
    assert len(text) == characters
    assert corpus == [vocabulary[character] for character in text]
    assert "".join(vocabulary.idx_to_token[k] for k in corpus) == text
    assert 0 not in corpus  # D2L's unknown


def test_other_downloads_are_d2ls(d2l, monkeypatch):
    asked = []

    def nothing(url, **_):
        asked.append(url)
        raise OSError("no network in tests")

    monkeypatch.setattr(d2l.requests, "get", nothing)
    monkeypatch.setattr(d2l.os, "makedirs", lambda *_, **__: None)
    with pytest.raises(OSError, match="no network in tests"):
        d2l.download("fra-eng", cache_dir="nowhere")
    assert asked == [d2l.DATA_HUB["fra-eng"][0]]
    d2l.read_time_machine()
    assert len(asked) == 1


def perplexity(output):
    """What train_ch8 prints at its end."""
    return float(re.search(r"perplexity (\d+\.\d), \d+\.\d tokens/sec on cpu", output)[1])


def train(d2l, model, data, capsys, epochs=6, lr=1.0):
    """D2L's own training: the perplexity it prints, and what it predicts."""
    batches, vocabulary = data
    d2l.train_ch8(model, batches, vocabulary, lr, epochs, CPU)
    output = capsys.readouterr().out
    predicted = output.splitlines()[-2:]
    assert predicted[0].startswith("time traveller")
    assert len(predicted[0]) == len("time traveller") + 50
    assert predicted[1].startswith("traveller")
    return perplexity(output)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_scratch_model_learns(d2l, data, capsys, cell):
    vocabulary = data[1]
    torch.manual_seed(0)
    model = bridge.scratch_model(cell, len(vocabulary), 32, CPU)
    assert isinstance(model, d2l.RNNModelScratch)
    before = [parameter.detach().clone() for parameter in model.params]
    d2l.train_ch8(model, data[0], vocabulary, 1e-9, 1, CPU)
    untrained = perplexity(capsys.readouterr().out)
    assert untrained == pytest.approx(len(vocabulary), rel=0.15)
    assert train(d2l, model, data, capsys) < 0.75 * len(vocabulary)
    pairs = zip(model.params, before, strict=True)
    assert all(not torch.equal(after, was) for after, was in pairs)


@pytest.mark.parametrize("name", LAYERS)
def test_the_concise_model_learns(d2l, data, capsys, name):
    vocabulary = data[1]
    torch.manual_seed(0)
    model = bridge.concise_model(LAYERS[name](len(vocabulary), 32), len(vocabulary))
    assert isinstance(model, d2l.RNNModel)
    assert train(d2l, model, data, capsys) < 0.75 * len(vocabulary)


def test_training_draws_a_curve(d2l, data, capsys):
    model = bridge.concise_model(nn.GRU(len(data[1]), 4), len(data[1]))
    train(d2l, model, data, capsys, epochs=20)
    (axes,) = d2l.plt.gcf().axes
    assert axes.get_ylabel() == "perplexity"
    assert [line.get_xdata().tolist() for line in axes.lines] == [[10, 20]]


def concise_twin(cell, model, vocabulary_size, library):
    """The concise model with the weights of a scratch model."""
    layer = getattr(library, cell.upper())(vocabulary_size, model.num_hiddens)
    twin = bridge.concise_model(layer, vocabulary_size)
    assert [p.shape for p in twin.parameters()] == [p.shape for p in model.params]
    with torch.no_grad():
        for mine, theirs in zip(twin.parameters(), model.params, strict=True):
            mine.copy_(theirs)
    return twin


@pytest.mark.parametrize("library", [scratch, nn], ids=lambda library: library.__name__)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_scratch_and_concise_models_are_one_function(d2l, cell, library):
    torch.manual_seed(0)
    V, H, B, T = 9, 6, 3, 7
    model, other = (bridge.scratch_model(cell, V, H, CPU) for _ in range(2))
    twin = concise_twin(cell, model, V, library)
    tokens = torch.randint(V, (B, T))
    state, twin_state = model.begin_state(B, CPU), twin.begin_state(CPU, B)
    assert isinstance(twin_state, tuple) == (cell == "lstm")
    different, _ = other(tokens, state)
    for _ in range(2):  # the second time with a state that was carried on
        logits, state = model(tokens, state)
        expected, twin_state = twin(tokens, twin_state)
        assert logits.shape == (T * B, V)
        assert not torch.allclose(logits, different, atol=1e-3)
        torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    theirs = twin_state if isinstance(twin_state, tuple) else (twin_state,)
    torch.testing.assert_close(state, tuple(h[0] for h in theirs), rtol=1e-5, atol=1e-5)
    gradients = torch.autograd.grad(logits.square().sum(), model.params)
    expected = torch.autograd.grad(expected.square().sum(), list(twin.parameters()))
    torch.testing.assert_close(gradients, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_states_have_layers_and_directions(d2l, kind):
    layer = getattr(scratch, kind)(9, 6, 2, bidirectional=True)
    model = bridge.concise_model(layer, 9)
    state = model.begin_state(CPU, 3)
    for h in state if kind == "LSTM" else (state,):
        assert h.shape == (4, 3, 6)
        assert not h.any()
    assert model.linear.in_features == 12
    logits, _ = model(torch.randint(9, (3, 5)), state)
    assert logits.shape == (15, 9)


def test_an_epoch_over_our_layer_is_an_epoch_over_torchs(d2l, data, monkeypatch):
    V = len(data[1])
    torch.manual_seed(1)
    models = [bridge.concise_model(LSTM(V, 8), V) for LSTM in (scratch.LSTM, nn.LSTM, nn.LSTM)]
    models[1].load_state_dict(models[0].state_dict())
    monkeypatch.setattr(d2l.random, "randint", lambda *_: 3)  # the offset of an epoch
    found = []
    for model in models:
        updater = torch.optim.SGD(model.parameters(), 1.0)
        loss = nn.CrossEntropyLoss()
        found.append(d2l.train_epoch_ch8(model, data[0], loss, updater, CPU, False)[0])
    ours, theirs, other = found
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert ours != pytest.approx(other, rel=1e-5)


def test_nothing_else_imports_d2l():
    source = """
import importlib, pkgutil, sys
from importlib.util import find_spec
import rnnlab
heavy = {"d2l", "torchvision", "matplotlib", "IPython", "pandas", "sklearn", "babel"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
for module in pkgutil.walk_packages(rnnlab.__path__, "rnnlab."):
    kernels = module.name.startswith("rnnlab.gpu.kernels")  # which are written in triton
    if module.name != "rnnlab.__main__" and not (kernels and find_spec("triton") is None):
        importlib.import_module(module.name)
assert "rnnlab.d2l" in sys.modules and "rnnlab.cli.train" in sys.modules
assert not {"d2l", "d2l.torch", "torchvision"} & set(sys.modules)
rnnlab.d2l.load()
assert "d2l.torch" in sys.modules
"""
    subprocess.run([sys.executable, "-c", source], check=True)
