"""The systems that people know from books and papers, spelled out: their shapes and the number of their parameters."""

import pytest
import torch

from latently import nets
from latently.nets import pair, parse, people, shapes
from latently.nets.spelling import build, parameters
from latently.parts import Plain
from latently.spec import Spec

DIGIT = Spec("image", (1, 28, 28))
ROLL = Spec("table", (3,), levels=(0, 0, 0), missing=(False,) * 3)
PHOTOGRAPH = Spec("image", (3, 63, 63))


def count(module):
    return sum(p.numel() for p in module.parameters())


def each(network):
    """The parameters of each layer that has some."""
    return [n for n in map(count, network) if n]


def checked(spec, code, encoder, decoder, likelihood="auto"):
    """The pair, after one item went through it and came back in the shape of the data."""
    networks = pair(spec, Plain(code), encoder, decoder, likelihood)
    x = torch.rand(2, *spec.shape)
    z = networks.encoder(x)
    assert z.shape == (2, code)
    assert networks.decoder(z).shape == (2, *spec.open)
    assert count(networks.likelihood) == 0
    return networks


def test_row_1_a_dense_autoencoder():
    networks = checked(DIGIT, 32, "dense32 relu", "dense784 sigmoid", "bernoulli")
    assert count(networks.encoder) + count(networks.decoder) == 50_992


def test_row_2_a_swiss_roll_to_the_plane():
    networks = checked(ROLL, 2, "dense2 elu", "dense3 elu")
    assert (count(networks.encoder), count(networks.decoder)) == (8, 9)


def test_row_3_a_deep_autoencoder():
    networks = checked(ROLL, 2, "dense2 elu dense2 elu dense2 elu", "dense2 elu dense2 elu dense3 elu")
    assert (count(networks.encoder), count(networks.decoder)) == (20, 21)


def test_row_4_image_compression_dense():
    networks = checked(DIGIT, 64, "dense64 elu dense64 elu dense64 elu", "dense64 elu dense64 elu dense784 elu")
    assert (count(networks.encoder), count(networks.decoder)) == (58_560, 59_280)
    assert count(networks.encoder) + count(networks.decoder) == 117_840


CONVOLUTIONS = "conv16:k3:valid elu conv16:k3:valid elu flatten dense{} elu"
AND_BACK = "dense9216 elu reshape24x24x16 convt16:k3:valid elu convt1:k3:valid elu"


@pytest.mark.parametrize("decoder", [AND_BACK, None])
def test_row_5_image_compression_convolutional(decoder):
    networks = checked(DIGIT, 64, CONVOLUTIONS.format(64), decoder)
    assert (count(networks.encoder), count(networks.decoder)) == (592_368, 601_505)
    assert count(networks.encoder) + count(networks.decoder) == 1_193_873


def test_row_6_class_representatives():
    networks = checked(DIGIT, 100, CONVOLUTIONS.format(100), AND_BACK)
    assert each(networks.encoder) == [160, 2_320, 921_700]
    assert each(networks.decoder) == [930_816, 2_320, 145]
    assert (count(networks.encoder), count(networks.decoder)) == (924_180, 933_281)


def test_row_7_denoising_photographs():
    encoder = "conv16:k3:s3 elu conv8:k3:valid elu flatten dense1024 elu"
    decoder = "dense2888 elu reshape19x19x8 convt16:k3:valid elu convt3:k3:s3 elu"
    networks = checked(PHOTOGRAPH, 1024, encoder, decoder)
    assert (count(networks.encoder), count(networks.decoder)) == (2_959_944, 2_961_803)


POOLING = "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2"
UP = "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid"


def test_row_8_a_pooling_autoencoder_whose_code_is_a_picture():
    assert nets.natural(DIGIT, POOLING) == 64
    networks = checked(DIGIT, 64, POOLING, UP, "bernoulli")
    assert [people(s) for s in shapes(parse(POOLING), DIGIT.shape, "encoder")[::3]] == [
        "28 x 28 x 1",
        "14 x 14 x 16",
        "7 x 7 x 8",
        "4 x 4 x 4",
    ]
    assert each(networks.encoder) == [160, 1_160, 292]
    assert each(networks.decoder) == [148, 296, 1_168, 145]
    assert count(networks.encoder) + count(networks.decoder) == 3_369
    assert networks.spelling["encoder"].endswith("pool2 flatten")
    assert networks.spelling["decoder"].startswith("reshape4x4x4 conv4")


def test_row_8_mirrored_begins_from_the_same_picture():
    networks = checked(DIGIT, 64, POOLING, None)
    assert networks.spelling["decoder"].startswith("reshape4x4x4 up2:to7x7")


VALID = "conv16:valid relu pool2:valid conv8:valid relu pool2:valid conv4:valid relu"
TRANSPOSED = "convt4 relu up2 convt8 relu up2 convt16:valid relu up2 convt1 sigmoid"


def test_row_9_a_transposed_convolution_autoencoder():
    assert nets.natural(DIGIT, VALID) == 36
    networks = checked(DIGIT, 36, VALID, TRANSPOSED, "bernoulli")
    assert people(shapes(parse(VALID), DIGIT.shape, "encoder")[-1]) == "3 x 3 x 4"
    assert (count(networks.encoder), count(networks.decoder)) == (1_612, 1_757)


def test_row_9_mirrored_reaches_the_sides_that_a_valid_pool_left_out():
    assert "up2:to11x11" in checked(DIGIT, 36, VALID, None).spelling["decoder"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("up2", [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]),
        ("nails2", [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]),
        ("unpool2", [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]),  # of a bare code
    ],
)
def test_row_10_upsamplings_without_weights(word, expected):
    small = torch.tensor([[[[1.0, 2], [3, 4]]]])
    assert build(parse(word), (1, 2, 2), "decoder")(small)[0, 0].tolist() == expected


def test_row_10_a_transposed_convolution_adds_up_its_kernels():
    network = build(parse("convt1:k2:s2:nobias"), (1, 2, 2), "decoder")
    kernel = torch.tensor([[1.0, 10], [100, 1000]])
    network[0].weight.data = kernel[None, None]
    small = torch.tensor([[1.0, 2], [3, 4]])
    assert torch.equal(network(small[None, None])[0, 0], torch.kron(small, kernel))


@pytest.mark.parametrize(
    ("shape", "spelling", "counts"),
    [
        ((4, 2), "dense1:nobias flatten dense1:nobias", [2, 4]),
        ((4, 2), "dense3:nobias dense1:nobias flatten dense1:nobias", [6, 3, 4]),
        ((3, 1920, 1080), "conv16:k5:s5:nobias flatten dense1:nobias", [1_200, 1_327_104]),
    ],
)
def test_row_11_layers_shapes_parameters(shape, spelling, counts):
    layers = parse(spelling)
    found = [parameters(layer, s) for layer, s in zip(layers, shapes(layers, shape, "network")[:-1], strict=True)]
    assert [n for n in found if n] == counts
    assert shapes(layers, shape, "network")[-1] == (1,)
