"""scikit-learn's own checks, whole and without exceptions, and its tools around our models."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import latently


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")  # the checks warn of their own making
@parametrize_with_checks(
    [
        *(latently.make(name, epochs=2) for name in ("ae", "vae", "vqvae", "factorvae", "gan")),
        latently.AnomalyDetector(over=latently.DenoisingAE(epochs=2)),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_a_pipeline_classifies_codes_and_reaches_into_the_model():
    X, y = load_digits(return_X_y=True)
    pipe = make_pipeline(latently.VAE(latent=8, epochs=10, beta=0.1), LogisticRegression(max_iter=500))
    assert pipe.fit(X[:1200], y[:1200]).score(X[1200:], y[1200:]) > 0.7
    assert pipe.set_params(vae__beta=4.0).get_params()["vae__beta"] == 4.0


def test_grid_search_chooses_by_the_score():
    search = GridSearchCV(latently.AE(epochs=20), {"latent": np.array([1, 3]), "lr": [1e-2]}, cv=2)
    search.fit(load_iris().data)
    assert search.best_params_["latent"] == 3


def test_codes_come_as_a_frame_when_asked():
    X = pd.DataFrame(load_iris().data, columns=list("abcd"), index=np.arange(150) + 7)
    codes = latently.AE(latent=2, epochs=2).set_output(transform="pandas").fit(X).transform(X)
    assert list(codes.columns) == ["ae0", "ae1"]
    assert codes.index.equals(X.index)


def test_an_unfitted_model_says_so():
    with pytest.raises(NotFittedError):
        latently.VAE().transform(np.zeros((2, 2)))
    with pytest.raises(NotFittedError):
        latently.VAE().save("never.safetensors")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "epochs=0 is not allowed; it is a whole number or None, at least 1"),
        ({"latent": -3}, "latent=-3 is not allowed"),
        ({"latent": 2.5}, "latent=2.5 is not allowed"),
        ({"latent": True}, "latent=True is not allowed"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"lr": float("nan")}, "lr=nan"),
        ({"lr": "fast"}, "lr='fast' is not allowed; it is a number"),
        ({"device": "abacus"}, "device='abacus' is not allowed; it is 'auto', 'cpu'"),
        ({"validation": 1.5}, "validation=1.5 is not allowed; it is a number, from 0 to 0.9"),
        ({"encoder": "dense0"}, "'dense0' is not a layer"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(given, message):
    model = latently.AE(**given)
    assert clone(model).get_params() == model.get_params() or given.get("lr") != given.get("lr")
    with pytest.raises(latently.ParameterError, match=message):
        model.fit(np.random.default_rng(0).normal(size=(30, 4)))


def test_more_latent_than_data_is_said():
    with pytest.warns(
        latently.LatentlyWarning, match="latent=9 is more than the 4 numbers in an item and compresses nothing"
    ):
        latently.AE(latent=9, epochs=1).fit(load_iris().data)


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
def test_networks_that_no_memory_holds_are_refused():
    with pytest.raises(
        latently.ParameterError, match=r"size=1000000000000 is not allowed; it is a whole number from 1"
    ):
        latently.AE(latent=10**12, epochs=1).fit(load_iris().data)


@pytest.mark.parametrize("given", [None, 5, {"a": [1, 2, 3]}, object()])
def test_what_is_no_data_is_named_by_its_type(given):
    with pytest.raises(latently.InputError, match=f"data of type {type(given).__name__} were given; give a path"):
        latently.AE().fit(given)


def test_another_width_is_refused_with_both():
    model = latently.AE(epochs=1).fit(load_iris().data)
    with pytest.raises(latently.InputError, match="X has 3 features, but AE is expecting 4"):
        model.transform(load_iris().data[:, :3])
    with pytest.raises(latently.InputError, match="codes of 5 numbers were given and this AE has codes of 2"):
        model.inverse_transform(np.zeros((1, 5)))


def test_constant_columns_and_one_column_are_no_trouble():
    X = np.column_stack([np.ones(40), np.arange(40.0)])
    for data in (X, X[:, :1], X[:, 1:]):
        back = latently.AE(latent=1, epochs=2).fit(data).reconstruct(data)
        assert np.isfinite(back).all()
    np.testing.assert_allclose(latently.AE(epochs=2).fit(X).reconstruct(X)[:, 0], 1)


@pytest.mark.parametrize("n", [0, -1, 2.5, "many"])
def test_a_nonsensical_number_of_samples_is_refused(n):
    with pytest.raises(latently.ParameterError, match="sample: n="):
        latently.AE(epochs=1).fit(load_iris().data).sample(n)
