"""The promises on real data: train, encode, restore, draw; and what the codes are worth."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import latently

pytestmark = pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")


@pytest.fixture(scope="module")
def dense(shared):
    """The dense 784-32-784 network after ten epochs of Adam at batch 256."""
    network = {"encoder": "dense32 relu", "decoder": "dense784 sigmoid", "likelihood": "bernoulli"}
    return latently.AE(latent=32, **network, epochs=10, batch_size=256, validation=0).fit(shared / "mnist")


def test_the_dense_network_restores_mnist(dense, shared):
    unseen = latently.open(shared / "mnist" / "t10k-images-idx3-ubyte.gz")
    assert sum(p.numel() for p in dense.module_.parameters()) == 50_992
    assert -dense.score(unseen) / 784 <= 0.098


def test_its_codes_tell_the_digits_apart(dense, shared):
    source = latently.open(shared / "mnist")
    codes = dense.transform(source)
    learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    learner.fit(codes[:10_000], source.labels[:10_000])
    assert learner.score(codes[50_000:], source.labels[50_000:]) >= 0.88  # .92 when fitted to all 60,000


def test_adults_codes_hold_what_their_columns_say_of_income(shared):
    frame = pl.read_csv(shared / "tables" / "adult.csv")[:12_000]
    y, X = (frame["income"] == ">50K").to_numpy(), frame.drop("income")
    texts = [name for name, kind in X.schema.items() if kind == pl.String]
    hot = OneHotEncoder(sparse_output=False).fit_transform(X.select(texts).fill_null("?").to_numpy())
    codes = latently.AE(latent=32, epochs=15).fit(X[:8000]).transform(X)

    def accuracy(features):
        learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        return learner.fit(features[:8000], y[:8000]).score(features[8000:], y[8000:])

    assert accuracy(codes) >= accuracy(np.hstack([hot, X.drop(texts).to_numpy()])) - 0.02


def test_penguins_come_back_with_their_gaps_filled(shared):
    path = shared / "tables" / "penguins.csv"
    frame = pl.read_csv(path)
    model = latently.VAE(latent=4, epochs=200).fit(path)
    back = model.reconstruct(path)
    assert back.schema == frame.schema
    assert back.null_count().sum_horizontal().item() == 0
    assert (back["species"] == frame["species"]).mean() > 0.9
    drawn = model.sample(200, seed=0)
    assert set(drawn["island"]) <= set(frame["island"])
    assert drawn["body_mass_g"].min() >= frame["body_mass_g"].min()


def test_a_zip_of_pictures_is_restored_in_their_sizes(shared):
    path = shared / "mnist-folder.zip"
    source = latently.open(path)
    model = latently.AE(latent=16, encoder="dense64 silu", epochs=40).fit(source)
    back = model.reconstruct(source)
    assert back.shape == source.data.shape
    assert back.dtype == np.uint8
    left = ((back.astype(float) - source.data) ** 2).mean() / source.data.var(axis=0).mean()
    assert left < 0.6
    assert len(set(source.labels)) == 10
