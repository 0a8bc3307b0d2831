"""What is particular to the denoising autoencoder."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

import latently


def test_it_cleans_pictures_better_than_they_came():
    X = (load_digits().images * 255 / 16).astype(np.uint8)
    spoiled = np.clip(X + 70 * np.random.default_rng(0).normal(size=X.shape), 0, 255).astype(np.uint8)
    model = latently.DenoisingAE(latent=24, noise=0.3, epochs=60).fit(X[:1500])

    def off(given):
        return np.square(given[1500:].astype(float) - X[1500:]).mean()

    assert off(model.reconstruct(spoiled)) < 0.6 * off(spoiled)


def test_its_encoder_is_told_which_cells_are_hidden():
    spread = latently.DenoisingAE(mask=0.3, latent=2, epochs=1).fit(load_iris().data).module_.encoder[0]
    assert spread.width == 8
    assert latently.DenoisingAE(latent=2, epochs=1).fit(load_iris().data).module_.encoder[0].width == 4


def test_augmentation_is_for_pictures():
    with pytest.raises(latently.ParameterError, match="moves pictures and these data are a table"):
        latently.DenoisingAE(augment="rotate30").fit(load_iris().data)
    X = np.random.default_rng(0).integers(0, 255, (20, 12, 12, 3)).astype(np.uint8)
    model = latently.DenoisingAE(augment="rotate360 zoom0.1 shear0.1 shift0.1 hflip vflip", epochs=2).fit(X)
    assert model.reconstruct(X).shape == X.shape
