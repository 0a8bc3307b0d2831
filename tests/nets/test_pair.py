"""Networks that fit the data and the bottleneck: grids of codes, labels, pictures as codes, layers as objects."""

import pytest
import torch

import latently
from latently import nets
from latently.errors import ParameterError
from latently.nets import Activation, Conv, Dense, Flatten, Pool, Up, natural, network, pair, spelled
from latently.parts import Bottleneck, Code, Gaussian, Plain
from latently.spec import Spec

DIGIT = Spec("image", (1, 28, 28))
SMALL = Spec("image", (1, 8, 8))
ROW = Spec("table", (4,), levels=(0, 0, 3, 0), missing=(False, False, True, False))


class Grid(Bottleneck):
    """A grid of entries: what comes in is what goes out."""

    def __init__(self, features, positions):
        super().__init__(features, features)
        self.positions = positions

    def forward(self, h):
        return Code(z=h, mean=h)


def restored(spec, bottleneck, encoder=None, decoder=None, classes=0):
    """The pair, after a batch has gone through it."""
    networks = pair(spec, bottleneck, encoder, decoder, "auto")
    z = bottleneck.eval()(networks.encoder(torch.rand(2, *spec.shape))).z
    assert z.shape == (2, bottleneck.features * max(1, bottleneck.positions))
    z = torch.cat((z, torch.zeros(2, spec.classes)), 1)
    assert networks.decoder(z).shape == (2, *spec.open)
    return networks


def test_a_grid_on_pictures_has_an_entry_for_each_pixel_the_encoder_ends_in():
    bottleneck = Grid(6, positions=3)
    spelling = restored(DIGIT, bottleneck).spelling
    assert bottleneck.positions == 7 * 7
    assert spelling["encoder"].endswith("conv32:k4:s2:same silu conv6:k1:s1:same flatten")
    assert spelling["decoder"].startswith("reshape7x7x6 convt32:k1")


def test_a_spelled_encoder_that_ends_in_pictures_makes_the_grid():
    bottleneck = Grid(4, positions=1)
    spelling = restored(DIGIT, bottleneck, "conv8:s4 relu conv4:s2", "conv8 up4:to14 up2 conv1").spelling
    assert bottleneck.positions == 16 and "conv4:k1" not in spelling["encoder"]
    again = Grid(4, positions=1)
    assert restored(DIGIT, again, spelling["encoder"], spelling["decoder"]).spelling == spelling
    assert again.positions == 16


@pytest.mark.parametrize("spec", [SMALL, ROW])
def test_a_grid_of_flat_networks_has_the_positions_that_were_asked_for(spec):
    bottleneck = Grid(5, positions=3)
    restored(spec, bottleneck)
    assert bottleneck.positions == 3


@pytest.mark.parametrize("bottleneck", [Plain(5), Gaussian(5), Grid(5, 2)], ids=lambda b: type(b).__name__)
@pytest.mark.parametrize("spec", [DIGIT, SMALL, ROW], ids=["convolutional", "dense", "table"])
def test_a_conditional_decoder_reads_the_label_behind_the_code(spec, bottleneck):
    spec = Spec(spec.kind, spec.shape, spec.levels, spec.missing, classes=10)
    networks = restored(spec, bottleneck)
    numbers = bottleneck.features * max(1, bottleneck.positions)
    z = torch.zeros(2, numbers + 10)
    z[1, numbers + 3] = 1
    out = networks.decoder(z)
    assert not torch.equal(out[0], out[1])


def test_labels_are_led_into_the_picture_that_a_code_is():
    spec = Spec("image", (1, 28, 28), classes=10)
    networks = restored(spec, Plain(64), "conv16 pool2 conv8 pool2 conv4 pool2", "conv4 up2:to7 up2 up2 conv1")
    assert networks.spelling["decoder"].startswith("dense64 reshape4x4x4 conv4")
    networks = restored(spec, Plain(8), "dense8", "reshape2x2x2 up2 up7 conv1")
    assert networks.spelling["decoder"].startswith("dense8 reshape2x2x2 up2")


def test_half_of_a_gaussian_s_picture_is_the_code():
    networks = restored(DIGIT, Gaussian(64), "conv16 pool2 conv16 pool2 conv8 pool2", "conv4 up2:to7 up2 up2 conv1")
    assert networks.spelling["decoder"].startswith("reshape4x4x4 conv4")


@pytest.mark.parametrize(
    ("spec", "encoder", "size"),
    [
        (DIGIT, "conv16 pool2 conv8 pool2 conv4 pool2", 64),
        (DIGIT, [Conv(2, stride=4), Activation("elu")], 98),
        (DIGIT, "conv16 pool2 flatten dense32", None),
        (DIGIT, "dense32", None),
        (DIGIT, "residual", None),
        (DIGIT, None, None),
        (ROW, "dense3", None),
    ],
)
def test_the_natural_size_of_a_code_is_that_of_the_picture_it_is(spec, encoder, size):
    assert natural(spec, encoder) == size


def test_layers_as_objects_are_the_same_as_words():
    objects = [Conv(8, kernel=4, stride=2), Activation("relu"), Pool(), Flatten(), Dense(12)]
    words = "conv8:k4:s2 relu pool2 flatten dense12"
    back = [Dense(8 * 49), nets.Reshape((7, 7, 8)), Up(), Up(), Conv(1, nobias=True)]
    assert spelled(objects) == "conv8:k4:s2:same relu pool2 flatten dense12"
    assert (
        restored(DIGIT, Plain(12), objects, back).spelling == restored(DIGIT, Plain(12), words, spelled(back)).spelling
    )
    assert spelled(words) == words and spelled(None) is None


def test_what_is_no_layer_in_a_list_is_named():
    with pytest.raises(ParameterError, match=r"encoder, layer 2: 'relu' is not a layer.*nets.Conv\(16"):
        pair(DIGIT, Plain(2), [Conv(8), "relu"], None, "auto")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(-3), "Conv: channels=-3 is not allowed; it is a whole number from 1"),
        (lambda: Conv(3, kernel=0), "kernel=0"),
        (lambda: Conv(3, padding="full"), "padding='full' is not allowed; it is same or valid"),
        (lambda: Dense(2.5), "size=2.5"),
        (lambda: Dense(True), "size=True"),
        (lambda: Dense(3, nobias="yes"), "nobias='yes'"),
        (lambda: Activation("rely"), "name='rely' is not allowed; it is relu or elu"),
        (lambda: nets.Drop(1.0), "rate=1.0 is not allowed; it is a number from 0 to below 1"),
        (lambda: nets.Reshape((3,)), "2 or 3 whole numbers"),
        (lambda: Up(2, to=(3, 0)), "to="),
        (lambda: nets.Embed(8, vocabulary=0), "vocabulary=0"),
    ],
)
def test_an_object_checks_what_it_is_given(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


@pytest.mark.parametrize("shape", [(7,), (3, 20, 20), (1, 5, 5), (12, 3)])
@pytest.mark.parametrize("given", [None, "flatten dense8 leaky"])
def test_a_network_of_its_own_ends_in_so_many_numbers(shape, given):
    assert network(shape, 2, given)(torch.rand(4, *shape)).shape == (4, 2)


def test_a_network_of_its_own_says_whose_spelling_does_not_fit():
    with pytest.raises(ParameterError, match=r"discriminator, layer 1 of 1 \(conv8"):
        network((7,), 1, "conv8", where="discriminator")


def test_a_decoder_without_its_last_convolution_gets_it():
    networks = restored(DIGIT, Plain(49), "conv1:s4", "up4 conv8 relu")
    assert networks.spelling["decoder"].endswith("relu conv1:k3:s1:same")


def test_the_layers_are_public():
    assert latently.nets.Conv(16, kernel=3) == nets.parse("conv16:k3")[0]
