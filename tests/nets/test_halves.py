"""Large matrices read in half precision: nearly the same numbers, only where that was asked, and never stale."""

import platform

import pytest
import torch
from torch import nn

import latently
from latently.nets import halved
from latently.nets.halves import linear, suits
from latently.nets.stepwise import read_on

SIZE = 1024

x86 = pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="FBGEMM is for x86")


@pytest.fixture
def layer() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(SIZE, SIZE)


@x86
def test_a_product_is_nearly_the_same_and_not_quite(layer):
    x = torch.randn(3, SIZE)
    with torch.inference_mode():
        with halved():
            quick = linear(x, layer.weight, layer.bias)
        exact = linear(x, layer.weight, layer.bias)
    assert torch.equal(exact, layer(x))
    assert 0 < (quick - exact).abs().max() < 2e-3


@x86
def test_weights_that_changed_are_read_again(layer):
    x = torch.randn(1, SIZE)
    with torch.no_grad(), halved():
        before = linear(x, layer.weight, layer.bias)
        layer.weight.mul_(2)
        after = linear(x, layer.weight, layer.bias)
    torch.testing.assert_close(after - layer.bias, 2 * (before - layer.bias), rtol=1e-3, atol=1e-3)


def test_only_large_matrices_without_slopes_are_halved(layer):
    with halved():
        assert not suits(layer.weight, 1)  # slopes are wanted
        with torch.inference_mode():
            assert not suits(nn.Linear(8, 8).weight, 1)
            with halved(False):
                assert not suits(layer.weight, 1)
            assert not suits(layer.weight, 64)  # there the products take the time
    with torch.inference_mode():
        assert not suits(layer.weight, 1)


@x86
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_a_step_of_recurrent_cells_is_the_layer_s_own(kind):
    torch.manual_seed(0)
    cells = kind(SIZE, SIZE, batch_first=True)
    x = torch.randn(2, 3, SIZE)
    with torch.inference_mode():
        whole, _ = cells(x)
        state, steps = None, []
        for t in range(3):
            with halved():
                h, state = read_on(cells, x[:, t : t + 1], state)
            steps.append(h)
    torch.testing.assert_close(torch.cat(steps, 1), whole, rtol=0, atol=2e-3)


@x86
def test_single_precision_can_be_asked_for(monkeypatch):
    lines = ["the sun is bright", "the moon is cold", "a day without rain"] * 30
    settings = {"network": "embed8 lstm16", "epochs": 20, "validation": 0, "seed": 0}
    seen = list[bool]()
    monkeypatch.setattr("latently.nets.halves._LEAST", 1)
    monkeypatch.setattr("latently.nets.halves._able", lambda: seen.append(True) or True)
    model = latently.LanguageModel(precision="float32", **settings).fit(lines)
    exact = model.write("the", max_words=5, temperature=0)
    assert not seen
    model.precision = "auto"
    assert model.write("the", max_words=5, temperature=0) == exact
    assert seen
