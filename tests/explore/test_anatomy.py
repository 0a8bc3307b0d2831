"""`latently.anatomy` of models and spelled networks, and its figures."""

import importlib
import resource
from itertools import pairwise

import numpy as np
import pytest

import latently
from latently.explore.figures.hourglass import slabs, tiles

room = importlib.import_module("latently.explore.figures.hourglass")

POOLING = "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2"
UP = "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid"
DIGITS = np.random.default_rng(0).integers(0, 255, (60, 8, 8), np.uint8)


@pytest.fixture(scope="module")
def model():
    return latently.VAE(latent=3, epochs=1, encoder="conv4 relu pool2 flatten dense8").fit(DIGITS)


@pytest.mark.parametrize(
    ("what", "input", "decoder", "parameters"),
    [
        ("dense1:nobias flatten dense1:nobias", "4x2", None, 2 + 4),
        ("dense3:nobias dense1:nobias flatten dense1:nobias", (4, 2), None, 6 + 3 + 4),
        ("conv16:k5:s5:nobias flatten dense1:nobias", "1920x1080x3", None, 1_200 + 1_327_104),
        ("dense32 relu", (28, 28, 1), "dense784 sigmoid", 50_992),
        (POOLING, "28x28x1", UP, 3_369),
        ("dense2 elu", "3", "dense3 elu", 17),
        ([latently.nets.Dense(2)], (3,), [latently.nets.Dense(3)], 17),
        ("embed32:v1000", "5", None, 32_000),
        ("embed32:v1000 lstm8", "5", "dense1000", 32_000 + 4 * 8 * (32 + 8 + 2) + 9_000),
    ],
)
def test_parameters_of_spelled_networks(what, input, decoder, parameters):
    found = latently.anatomy(what, input=input, decoder=decoder)
    assert found.parameters == found.to_dict()["parameters"] == parameters
    assert sum(layer["parameters"] for layer in found.to_dict()["layers"]) == parameters


def test_a_batch_of_large_pictures_is_listed_without_its_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = latently.anatomy("conv16:k5:s5:nobias flatten dense1:nobias", input="1920x1080x3", batch=64)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert found.memory == 4 * 64 * (2 * 1_327_104 + 1)
    assert grown < 20 * 2**20 < found.memory


def test_a_fitted_model_is_listed_with_its_code_in_the_middle(model):
    found = latently.anatomy(model)
    assert found.input == (8, 8, 1)
    assert found.parameters == sum(p.numel() for p in model.module_.parameters())
    assert [row.part for row in found.rows].count("code") == 1
    assert [row.name for row in found.rows if row.part == "encoder"] == model.networks_["encoder"].split()
    assert [row.name for row in found.rows if row.part == "decoder"] == model.networks_["decoder"].split()
    assert next(row for row in found.rows if row.part == "code").shape == (3,)


def test_an_unfitted_model_is_listed_for_the_data_it_would_get():
    model = latently.VAE(latent=3, encoder="dense8")
    found = latently.anatomy(model, input="8x8x1")
    assert found.parameters == sum(p.numel() for p in model.fit(DIGITS).module_.parameters())
    table = latently.anatomy(latently.AE(latent=2, encoder="dense4"), input="5")
    assert table.rows[-1].shape == (5,)
    assert not hasattr(latently.AE(latent=2), "networks_")


@pytest.mark.parametrize("name", sorted(name for name, cls in latently.MODELS.items() if "image" in cls.reads))
@pytest.mark.parametrize("input", ["16x16x1", "6"])
def test_every_model_has_an_anatomy(name, input):
    found = latently.anatomy(latently.MODELS[name](latent=3), input=input)
    assert found.parameters > 0 and found.rows[-1].part in ("decoder", "beside")


def test_activations_are_those_of_the_model(model):
    found = latently.anatomy(model, item=DIGITS[:1])
    assert [a.shape for a in found.activations] == [row.shape for row in found.rows]
    code = found.activations[[row.part for row in found.rows].index("code")]
    assert np.allclose(code, model.transform(DIGITS[:1])[0], atol=1e-6)
    restored = (found.activations[-1] * 255).round().clip(0, 255)[..., 0]
    assert np.abs(restored - model.reconstruct(DIGITS[:1])[0].reshape(8, 8)).max() <= 1
    assert found.item.shape == (8, 8, 1) and found.item.max() <= 1


@pytest.mark.parametrize("name", sorted(name for name, cls in latently.MODELS.items() if "image" in cls.reads))
def test_every_fitted_model_shows_what_an_item_becomes(name):
    model = latently.MODELS[name](latent=3, epochs=1, batch_size=64)
    model.fit(DIGITS, np.arange(60) % 2 if model.conditional else None)
    found, listed = latently.anatomy(model, item=DIGITS[:1]), latently.anatomy(model)
    assert found.rows == listed.rows
    assert found.parameters == sum(p.numel() for p in model.module_.parameters())
    restored = found.activations[-1] if found.rows[len(found.activations) - 1].part == "decoder" else None
    assert restored is not None and restored.shape == (8, 8, 1)


def test_an_opponent_stands_beside():
    found = latently.anatomy(latently.VAEGAN(latent=3, critic="dense5"), input="8x8x1")
    (beside,) = [row for row in found.rows if row.part == "beside"]
    assert (beside.name, beside.parameters) == ("sampleadversary", 65 * 5 + 6)
    assert "331 beside what is drawn" in latently.figures.hourglass(found).axes[0].get_title("left")


def test_an_item_passes_a_spelled_network():
    found = latently.anatomy("pool2 flatten", input="4x4x2", item=np.arange(32.0).reshape(4, 4, 2))
    assert found.activations[0][..., 0].tolist() == [[10, 14], [26, 30]]
    assert found.activations[1].tolist() == [10, 14, 26, 30, 11, 15, 27, 31]


def test_the_table_is_for_people():
    text = str(latently.anatomy(POOLING, input="28x28x1", decoder=UP))
    assert "conv16:k3:s1:valid  14 x 14 x 16       1,168        225,792" in text
    assert text.splitlines()[-1].split()[:3] == ["total", "3,369", "712,224"]
    assert len({line.index("28 x 28 x 1") for line in text.splitlines() if "28 x 28 x 1 " in line}) == 1
    assert latently.anatomy("dense3", input="2")._repr_html_().count("<tr>") == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"what": "dense3"}, "what a network reads has to be said"),
        ({"what": "dense3", "input": "28x0x1"}, "input='28x0x1' is no shape"),
        ({"what": "dense3", "input": "a"}, "input='a' is no shape"),
        ({"what": "dense3", "input": "1x2x3x4"}, "is no shape"),
        ({"what": "dense3", "input": (3, "a")}, "is no shape"),
        ({"what": "dense3", "input": "99999999x9999999x3"}, "is no shape"),
        ({"what": "dense3", "input": "3", "batch": 0}, "batch=0"),
        ({"what": "dense3", "input": "3", "item": [1.0, 2]}, "the item has the shape"),
        ({"what": "lstm3", "input": "3"}, "layer 1 of 1 .lstm3.*needs a sequence"),
        ({"what": "conv3", "input": "9x9x1", "decoder": "conv2:k11:valid"}, "11 x 11 kernel is larger"),
        ({"what": latently.AE()}, "does not know its data"),
        ({"what": latently.AE(), "input": "3", "item": [[1.0]]}, "fit it first"),
    ],
)
def test_what_cannot_be_listed_says_why(arguments, message):
    with pytest.raises(latently.LatentlyError, match=message):
        latently.anatomy(**arguments)


def test_another_shape_than_the_model_s_is_refused(model):
    with pytest.raises(latently.ParameterError, match="9 x 9 x 1 was given and the model reads 8 x 8 x 1"):
        latently.anatomy(model, input="9x9x1")


@pytest.mark.parametrize("spelling", ["dense8", "unet", "residual", "conv4 pool2 conv8 pool2"])
def test_the_hourglass_is_as_tall_as_its_layers_and_its_words_do_not_overlap(spelling):
    decoder = {"conv4 pool2 conv8 pool2": "unpool2 convt4 unpool2"}.get(spelling, spelling)
    found = latently.anatomy(spelling, input="28x28x1", decoder=decoder)
    figure = latently.figures.hourglass(found)
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = [t.get_window_extent() for t in [*axes.texts, axes.title] if t.get_text()]
    assert not [
        (a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.shrunk(0.9, 0.9).overlaps(b.shrunk(0.9, 0.9))
    ]
    made = slabs(found)
    heights = room._heights(made)
    assert [a < b for a, b in pairwise(heights)] == [a.numbers < b.numbers for a, b in pairwise(made)]
    assert [slab.part for slab in made].count("code") == 1


def test_what_travels_beside_the_code_is_drawn():
    found = latently.anatomy("unet", input="28x28x1", decoder="unet")
    made = slabs(found)
    lines = room._skips(found, made)
    assert [(made[a].name.split()[-1], made[b].name.split()[0]) for a, b in lines] == [
        ("keep", "join32"),
        ("keep", "join16"),
    ]


def test_activations_are_drawn(model, tmp_path):
    found = latently.anatomy(model, item=DIGITS[:1])
    figure = latently.figures.activations(found)
    assert len([a for a in figure.axes if a.images]) == len(slabs(found))
    assert latently.figures.save(tmp_path / "a.png", figure).read_bytes()[:4] == b"\x89PNG"


def test_tiles_keep_every_number_where_it_belongs():
    vector = tiles(np.arange(7.0))
    assert vector.ravel()[:7].tolist() == list(range(7)) and np.isnan(vector.ravel()[7:]).all()
    picture = tiles(np.arange(8.0).reshape(2, 2, 2))
    assert picture[:, :2].tolist() == [[0, 2], [4, 6]] and picture[:, 3:].tolist() == [[1, 3], [5, 7]]
