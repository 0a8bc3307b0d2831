"""Spelled networks: the words, their shapes, and what they say when they do not fit."""

import numpy as np
import pytest
import torch

from latently.errors import ParameterError
from latently.nets.pair import Spread, default, pair
from latently.nets.spelling import build, mirror, parse, shapes, spell
from latently.parts import Gaussian, Plain
from latently.spec import Spec

DIGIT = Spec("image", (1, 28, 28))


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("encoder", "decoder", "code", "counts"),
    [
        ("dense32 relu", "dense784 sigmoid", 32, (25_120, 25_872)),
        ("dense32 relu", None, 32, (25_120, 25_872)),
        ("dense64 elu dense64 elu dense64 elu", "dense64 elu dense64 elu dense784 elu", 64, (58_560, 59_280)),
        (
            "conv16:valid elu conv16:valid elu flatten dense64 elu",
            "dense9216 elu reshape24x24x16 convt16:valid elu convt1:valid elu",
            64,
            (592_368, 601_505),
        ),
        ("conv16:valid elu conv16:valid elu flatten dense64 elu", None, 64, (592_368, 601_505)),
    ],
)
def test_written_networks_have_the_published_number_of_parameters(encoder, decoder, code, counts):
    networks = pair(DIGIT, Plain(code), encoder, decoder, "auto")
    likelihood = count(networks.likelihood)
    assert (count(networks.encoder), count(networks.decoder) + likelihood) == counts


def test_a_row_of_three_through_two_and_back():
    spec = Spec("table", (3,), levels=(0, 0, 0), missing=(False,) * 3)
    networks = pair(spec, Plain(2), "dense2 elu", "dense3 elu", "auto")
    assert (count(networks.encoder), count(networks.decoder)) == (8, 9)


@pytest.mark.parametrize("sides", [(1, 1), (3, 5), (8, 8), (16, 16), (17, 33), (28, 28), (31, 100), (96, 96)])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_the_default_networks_fit_every_size(sides, channels):
    shape = (channels, *sides)
    networks = pair(Spec("image", shape), Gaussian(4), None, None, "auto")
    assert networks.encoder(torch.rand(2, *shape)).shape == (2, 8)
    assert networks.decoder(torch.rand(1, 4)).shape == (1, *shape)


def test_small_pictures_are_dense_and_large_ones_convolutional():
    assert "conv" not in default((1, 8, 8))
    assert "conv" in default((1, 28, 28))
    assert max(s[1] for s in shapes(parse(default((3, 256, 256))), (3, 256, 256), "encoder") if len(s) == 3) == 256


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("side", [5, 8, 13])
def test_shapes_are_foretold_and_mirrors_lead_back(kernel, stride, padding, side):
    layers = parse(f"conv2:k{kernel}:s{stride}:{padding}")
    before = (3, side, side + 1)
    after = shapes(layers, before, "encoder")[-1]
    assert build(layers, before, "encoder")(torch.rand(2, *before)).shape == (2, *after)
    back = mirror(layers, before, "encoder")
    assert parse(spell(back)) == back
    assert build(back, after, "decoder")(torch.rand(2, *after)).shape == (2, *before)


@pytest.mark.parametrize("side", [7, 8])
def test_pools_round_up_and_their_mirrors_crop(side):
    layers = parse("pool2")
    after = shapes(layers, (1, side, side), "encoder")[-1]
    assert after == (1, 4, 4)
    assert build(mirror(layers, (1, side, side), "e"), after, "d")(torch.rand(1, *after)).shape == (1, 1, side, side)


def test_every_word_is_read_back_as_it_was_spelled():
    text = "conv8:k4:s2:same relu norm pool2 drop0.2 flatten dense12 elu reshape2x2x3 up2 convt4:k3:s1:valid sigmoid"
    assert spell(parse(text)) == text


def test_an_activation_of_the_code_is_not_done_twice():
    assert spell(mirror(parse("dense32 relu"), (1, 28, 28), "e")) == "dense784 reshape28x28x1"


def test_a_last_sigmoid_becomes_logits():
    networks = pair(DIGIT, Plain(32), "dense32 relu", "dense784 sigmoid", "bernoulli")
    assert "sigmoid" not in networks.spelling["decoder"]
    assert "sigmoid" in pair(DIGIT, Plain(32), "dense32 relu", "dense784 sigmoid", "normal").spelling["decoder"]


@pytest.mark.parametrize(
    ("encoder", "decoder", "message"),
    [
        ("dens3", None, "encoder, word 1: 'dens3' is not a layer"),
        ("dense", None, "'dense' is not a layer"),
        ("conv0", None, "'conv0' is not a layer"),
        ("relu3", None, "'relu3' is not a layer"),
        ("conv8:q3", None, "'conv8:q3' is not a layer"),
        ("reshape3", None, "'reshape3' is not a layer"),
        ("dense8 conv4", None, "layer 2 of 2 .conv4.*needs a picture"),
        ("conv4:k40:valid", None, "the 40 x 40 kernel is larger"),
        ("reshape9x9x1", None, "81 numbers and 784 come in"),
        ("drop1", None, "'drop1' is not a layer: its rate is 1"),
        ("dense8", "dense49 reshape7x7x1 up2", "ends in 14 x 14 x 1 and the data are 28 x 28 x 1"),
        ("dense8", "reshape2x2x2 convt1:to99x99", "cannot reach 99 x 99 x 1"),
    ],
)
def test_what_does_not_fit_says_where_and_why(encoder, decoder, message):
    with pytest.raises(ParameterError, match=message):
        pair(DIGIT, Plain(8), encoder, decoder, "auto")


def test_a_likelihood_for_pictures_is_refused_for_a_table():
    with pytest.raises(ParameterError, match="is for pictures"):
        pair(Spec("table", (1,), levels=(0,), missing=(False,)), Plain(1), None, None, "bernoulli")


def test_a_row_is_spread_into_numbers_flags_and_one_hot_categories():
    spec = Spec("table", (4,), levels=(0, 3, 0, 2), missing=(True, True, False, False))
    rows = torch.tensor([[torch.nan, 1.0, 0.5, 1.0], [2.0, torch.nan, -1.0, 0.0]])
    spread = Spread(spec)
    assert spread.width == 8
    expected = [[0, 0.5, 1, 0, 1, 0, 0, 1], [2, -1, 0, 0, 0, 0, 1, 0]]
    assert np.array_equal(spread(rows), np.array(expected, np.float32))


@pytest.mark.parametrize("law", ["bernoulli", "normal"])
def test_nothing_is_put_behind_a_last_sigmoid(law):
    with pytest.raises(ParameterError, match="its last sigmoid gives 100 and an item is 28 x 28 x 1"):
        pair(DIGIT, Plain(32), "dense32 relu", "dense100 sigmoid", law)
