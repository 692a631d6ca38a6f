"""Promise: training learns, repeats, is the same on both implementations, and fails loudly."""

import math

import pytest
import torch
from torch import nn

from rnnlab.models import LanguageModel
from rnnlab.training import default_device, evaluate, fit, loss_of

V = 5
PATTERN = torch.tensor([0, 1, 2, 0, 3, 4] * 60)


def model_of(cell="lstm", implementation="scratch"):
    torch.manual_seed(0)
    return LanguageModel(V, 12, cell, implementation=implementation).double()


def test_a_repeating_text_is_learned():
    model = model_of()
    before = evaluate(model, PATTERN)
    losses = fit(model, PATTERN, steps=120, batch_size=8, num_steps=12, learning_rate=0.03)
    after = evaluate(model, PATTERN)
    assert before == pytest.approx(math.log(V), abs=0.2)
    assert after < 0.05  # a character alone leaves 1/3 · ln 2 = 0.23 open: what follows a 0
    assert len(losses) == 120
    assert losses[-1] < 0.1 * losses[0]


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    runs = [fit(model_of(), PATTERN, steps=5, batch_size=2, num_steps=4, seed=s) for s in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_both_implementations_train_alike(cell):
    runs = [fit(model_of(cell, i), PATTERN, steps=20, num_steps=8) for i in ("scratch", "torch")]
    assert runs[0] == pytest.approx(runs[1], abs=1e-9)


def test_clipping_bounds_the_step():
    model = model_of()
    with torch.no_grad():
        model.decoder.weight.mul_(100)
    norms = []
    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(lambda p: norms.append(p.grad.norm().item()))
    clipped = []
    original = nn.utils.clip_grad_norm_

    def spy(parameters, clip):
        result = original(parameters := list(parameters), clip)
        clipped.append(torch.stack([p.grad.norm() for p in parameters]).norm().item())
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.utils, "clip_grad_norm_", spy)
        fit(model, PATTERN, steps=3, num_steps=8, clip=0.25)
    assert max(norms) > 0.25
    assert all(norm <= 0.25 + 1e-9 for norm in clipped)


def test_a_loss_that_is_not_finite_stops_the_run():
    model = model_of()
    with torch.no_grad():
        model.decoder.bias[0] = math.nan
    with pytest.raises(FloatingPointError, match="finite loss, got nan at step 0"):
        fit(model, PATTERN, steps=2)


def test_loss_is_the_mean_over_characters():
    logits = torch.randn(3, 2, V, dtype=torch.float64)
    targets = torch.randint(V, (3, 2))
    each = [-logits[t, b].log_softmax(0)[targets[t, b]] for t in range(3) for b in range(2)]
    torch.testing.assert_close(loss_of(logits, targets), torch.stack(each).mean())


def test_evaluation_carries_the_state_and_weighs_every_character_alike():
    model = model_of("gru")
    whole = evaluate(model, PATTERN, batch_size=1, num_steps=1000)
    assert evaluate(model, PATTERN, batch_size=1, num_steps=7) == pytest.approx(whole, abs=1e-12)
    logits, _ = model(PATTERN[:-1, None])
    assert whole == pytest.approx(loss_of(logits, PATTERN[1:, None]).item(), abs=1e-12)


def test_evaluation_leaves_the_model_as_it_was():
    model = model_of().train()
    evaluate(model, PATTERN)
    assert model.training
    evaluate(model.eval(), PATTERN)
    assert not model.training


def test_default_device_is_the_gpu_where_there_is_one():
    assert default_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gpu_trains_like_the_cpu(cell):
    on_cpu = fit(model_of(cell), PATTERN, steps=20, num_steps=8)
    on_gpu = fit(model_of(cell).cuda(), PATTERN.cuda(), steps=20, num_steps=8)
    assert on_gpu == pytest.approx(on_cpu, abs=1e-9)
