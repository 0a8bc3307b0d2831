"""The composition: labels beside the code, memory beside the code, frozen decoders."""

import math

import pytest
import torch
from torch import nn

from latently.autoencoder import Autoencoder
from latently.errors import ParameterError
from latently.nets import pair
from latently.parts import Columns, Gaussian, Normal, Plain
from latently.spec import Spec


def told(classes=3):
    torch.manual_seed(0)
    return Autoencoder(nn.Linear(4, 2), Plain(2), nn.Linear(2 + classes, 4), Normal(), classes=classes)


def unpooling(bottleneck):
    networks = pair(Spec("image", (1, 4, 4)), bottleneck, "pool2", "unpool2", "normal")
    return Autoencoder(networks.encoder, bottleneck, networks.decoder, networks.likelihood).eval()


def test_the_label_stands_behind_the_code_one_hot():
    model, z, label = told(), torch.randn(5, 2), torch.tensor([0, 1, 2, 2, 0])
    weight, bias = model.decoder.weight, model.decoder.bias
    torch.testing.assert_close(model.decode(z, label), z @ weight[:, :2].T + weight[:, 2:].T[label] + bias)


def test_without_a_label_the_likeliest_is_taken():
    model, x = told().eval(), torch.randn(6, 4)
    costs = torch.stack([model(x, torch.full((6,), c)).cost for c in range(3)])
    assert torch.equal(model(x).label, costs.argmin(0))
    torch.testing.assert_close(model(x).cost, costs.min(0).values)
    torch.testing.assert_close(model.restore(x), model.decode(model.encode(x).z, costs.argmin(0)))


def test_what_the_encoder_remembers_reaches_the_decoder():
    model, x = unpooling(Plain(4)), torch.rand(3, 1, 4, 4)
    restored = model.restore(x)
    kept = restored != 0
    assert kept.flatten(1).sum(1).tolist() == [4, 4, 4] and torch.equal(restored[kept], x[kept])
    bare = model.decode(model.encode(x).z)
    assert (bare[:, 0, 1::2] == 0).all() and (bare[:, 0, :, 1::2] == 0).all()


def test_an_item_that_is_partly_handed_on_has_no_likelihood():
    assert unpooling(Plain(4)).handed and not told().handed
    with pytest.raises(ParameterError, match="handed parts of the item itself beside its code"):
        unpooling(Gaussian(4)).log_weights(torch.rand(3, 1, 4, 4), draws=5)


def test_the_likelihood_without_a_label_is_the_mean_over_labels():
    torch.manual_seed(0)
    model = Autoencoder(nn.Linear(4, 4), Gaussian(2), nn.Linear(5, 4), Normal(), classes=3).eval()
    x = torch.randn(2, 4)
    each = []
    for label in range(3):
        torch.manual_seed(1)
        each.append(model.log_weights(x, 7, torch.full((2,), label)))
    torch.manual_seed(1)
    torch.testing.assert_close(model.log_weights(x, 7), torch.stack(each).logsumexp(0) - math.log(3))


def test_a_frozen_decoder_says_the_same_and_learns_nothing():
    model, z, label = told(), torch.randn(5, 2, requires_grad=True), torch.tensor([0, 1, 2, 2, 0])
    frozen = model.write(z, label, frozen=True)
    torch.testing.assert_close(frozen, model.write(z, label))
    frozen.sum().backward()
    assert z.grad is not None and model.decoder.weight.grad is None


@pytest.mark.parametrize("frozen", [True, False])
def test_bf16_is_written_in_full_precision(frozen):
    model = Autoencoder(nn.Linear(4, 2), Plain(2), nn.Linear(2, 4), Normal()).bfloat16()
    assert model.write(torch.randn(3, 2, dtype=torch.bfloat16), frozen=frozen).dtype == torch.float32


def test_likelihoods_are_exact_where_layers_compute_in_bf16():
    spec = Spec("table", (3,), levels=(0, 0, 0), missing=(False,) * 3)
    model = Autoencoder(nn.Identity(), Plain(3), nn.Identity(), Columns(spec)).eval()
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(model(x).cost, model(x).terms["reconstruction"])
        half = model(x).cost
    assert half.dtype == torch.float32 and torch.allclose(half, model(x).cost)
