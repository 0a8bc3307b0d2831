"""What a network starts from: what goes through keeps its size, what comes out is small, and sums do not grow."""

import pytest
import torch
from torch import nn

from latently.nets import build, parse
from latently.nets.start import terms


def began(spelling, shape):
    torch.manual_seed(0)
    network = build(parse(spelling), shape, "encoder")
    return network, [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]


def largest(layer):
    return layer.weight.detach().abs().max().item()


@pytest.mark.parametrize(
    ("spelling", "shape"),
    [
        ("dense512 dense64 dense300 dense3", (40,)),
        ("conv32:k3 conv8:k5 conv1:k3", (4, 24, 24)),
        ("convt16:k4:s2 convt24:k4:s2 convt1:k3", (12, 8, 8)),
    ],
)
def test_what_goes_through_the_hidden_layers_keeps_its_variance(spelling, shape):
    network, _ = began(spelling, shape)
    x = torch.randn(64, *shape)
    with torch.inference_mode():
        for layer in list(network)[:-1]:
            x = layer(x)
    inner = x[..., 2:-2, 2:-2] if x.dim() == 4 else x  # padding lets less in
    assert 0.6 < inner.var() < 1.6


def test_the_last_layer_begins_as_glorot_would_and_none_has_biases():
    _, (first, last) = began("dense100 relu dense50", (10,))
    assert largest(first) == pytest.approx((3 / 10) ** 0.5, rel=0.02)
    assert largest(last) == pytest.approx((6 / 150) ** 0.5, rel=0.02)
    assert not first.bias.any() and not last.bias.any()


def test_before_a_curve_that_is_flat_far_from_zero_a_layer_begins_small():
    _, (first, last) = began("dense100 tanh dense50 sigmoid", (10,))
    assert largest(first) == pytest.approx((6 / 110) ** 0.5, rel=0.02)
    assert largest(last) == pytest.approx((6 / 150) ** 0.5, rel=0.02)


def test_where_sums_carry_pictures_on_all_layers_begin_small():
    _, (first, inside, change, last) = began("conv8:k3 res relu conv4:k3", (3, 16, 16))
    for layer in (first, inside, last):
        o, i = layer.weight.shape[0] * 9, terms(layer)
        assert largest(layer) == pytest.approx((6 / (i + o)) ** 0.5, rel=0.05)
    assert largest(change) < 0.2 * largest(inside)
    _, layers = began("keep:add conv8:k3 relu conv8:k3", (3, 16, 16))
    assert largest(layers[0]) < (3 / 27) ** 0.5


def test_a_stride_parts_the_terms_of_a_transposed_convolution():
    assert terms(nn.ConvTranspose2d(3, 5, 2, stride=2)) == 3
