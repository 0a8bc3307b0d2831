"""The parameter `prior` of models: each density draws, is saved, and is refused in time."""

import numpy as np
import pytest

import latently
from latently import MODELS, ParameterError

X = np.random.default_rng(0).random((60, 8, 8)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "prior", "found"),
    [
        ("ae", "auto", "mixture"),
        ("ae", "flow", "flow"),
        ("ae", "standard", "standard"),
        ("vae", "vamp", "vamp"),
        ("vamp", "auto", "vamp"),
        ("gan", "auto", "standard"),
        ("vqvae", "auto", "sequence"),
        ("vqvae", "mixture", "mixture"),
        ("fsq", "auto", "sequence"),
    ],
)
@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
def test_every_density_draws_the_same_once_saved(name, prior, found, tmp_path):
    model = latently.make(name, latent=2, epochs=1, prior=prior).fit(X)
    loaded = latently.load(model.save(tmp_path / "model.safetensors"))
    assert model.prior_.name == loaded.prior_.name == found
    drawn = model.sample(5, seed=1)
    assert drawn.shape == (5, 8, 8) and np.isfinite(drawn).all()
    assert np.allclose(drawn, loaded.sample(5, seed=1), atol=1e-5)


@pytest.mark.parametrize(("name", "prior"), [("ae", "vamp"), ("ae", "sequence"), ("vamp", "standard"), ("ae", "norm")])
def test_a_density_that_does_not_suit_is_refused_before_training(name, prior, monkeypatch):
    monkeypatch.setattr("latently.train.Training.events", lambda _: pytest.fail("it trained"))
    with pytest.raises(ParameterError, match="prior"):
        latently.make(name, latent=2, epochs=1, prior=prior).fit(X)


def test_every_model_declares_it():
    assert all("prior" in latently.parameters(cls) for cls in MODELS.values())


def test_what_is_drawn_has_nothing_of_the_draw_before_it():
    """Code, label and noise come of one seed, and must not be the same numbers."""
    X = np.random.default_rng(0).normal(size=(400, 4))
    model = latently.VAE(latent=4, epochs=2, prior="standard").fit(X)
    noisy = model.codec_.pack(latently.open(model.sample(2000, seed=3))).numpy()
    codes = model.prior_.sample(2000, np.random.SeedSequence(3).generate_state(3).tolist()[0])
    noise = noisy - model.codec_.pack(latently.open(model.inverse_transform(codes))).numpy()
    assert np.abs(np.corrcoef(noise.T, codes.T)[:4, 4:]).max() < 0.1


def test_labels_are_drawn_without_regard_to_the_code():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 3)) + 5 * rng.integers(0, 3, (600, 1)), rng.integers(0, 3, 600)
    model = latently.ConditionalVAE(latent=2, epochs=20).fit(X, y)
    seeds = np.random.SeedSequence(0).generate_state(3).tolist()
    codes, labels = model.prior_.sample(3000, seeds[0]), model.known_.draw(3000, seeds[1])
    means = np.array([codes[labels == label].mean(0) for label in range(3)])
    assert np.ptp(means, axis=0).max() < 0.2 * codes.std()


def test_pseudo_inputs_begin_all_over_sorted_data():
    X = np.repeat(np.arange(10.0), 50)[:, None] + np.zeros(3)
    begun = latently.VampVAE(latent=2, inputs=32, epochs=1).begin(X)
    assert len(begun.training.model.bottleneck.inputs[:, 0].unique()) >= 8


@pytest.mark.parametrize("name", [name for name, cls in latently.MODELS.items() if "table" in cls.reads])
def test_half_precision_trains_every_model(name):
    X, y = np.random.default_rng(0).normal(size=(80, 6)).astype("float32"), np.arange(80) % 2
    model = latently.make(name, latent=2, epochs=2, precision="bf16")
    if name == "vqvae":
        model.set_params(codes=8)
    fitting = model.begin(X, y)
    for event in fitting.training.events():
        assert np.isfinite(event["train"]["loss"]) and "note" not in event


def test_a_critic_that_ends_in_a_sigmoid_is_read_before_it():
    X = np.random.default_rng(0).normal(size=(60, 4))
    for words in ("dense8 leaky dense1 sigmoid", "dense8 leaky dense1"):
        critic = latently.GAN(latent=2, critic=words).begin(X).training.model.adversaries[0].critic
        assert [type(m).__name__ for m in critic] == ["Linear", "LeakyReLU", "Linear"]


@pytest.mark.parametrize("name", ["gan", "vaegan", "wgan"])
def test_a_generator_with_skips_is_refused_before_training(name):
    pictures = np.random.default_rng(0).integers(0, 255, (40, 16, 16)).astype(np.uint8)
    with pytest.raises(latently.ParameterError, match="decodes drawn codes, and a decoder with skips"):
        latently.make(name, latent=2, encoder="unet", decoder="unet").begin(pictures)


@pytest.mark.parametrize("name", ["vqvae", "fsq"])
def test_a_spelled_picture_is_a_grid_whose_channels_are_an_entry(name):
    pictures = np.random.default_rng(0).integers(0, 255, (40, 16, 16)).astype(np.uint8)
    model = latently.make(name, encoder="conv16 relu pool2 conv8 relu pool2", epochs=1, lr=1e-4)
    module = model.begin(pictures).training.model
    assert (model.entry_, module.bottleneck.positions, module.bottleneck.features) == (8, 16, 8)
