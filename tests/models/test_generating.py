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
