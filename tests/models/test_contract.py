"""The one contract of every model on every kind of data."""

import json
import subprocess
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris

import latently
from latently.estimator import Latent

DIGITS = (load_digits().images * 255 / 16).astype(np.uint8)[:600]


def big_digits():
    return DIGITS.repeat(2, 1).repeat(2, 2)[..., None].repeat(3, 3)[:200]


def mixed_table():
    iris = load_iris()
    frame = pd.DataFrame(iris.data, columns=["a", "b", "c", "d"])
    frame["kind"] = np.array(iris.target_names)[iris.target]
    frame["large"] = frame["c"] > 4
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(10 * frame["d"], unit="D").dt.round("D")
    frame["count"] = frame["a"].round().astype(int)
    frame.loc[::7, "b"] = np.nan
    frame.loc[::11, "kind"] = None
    return frame.sample(frac=1, random_state=0, ignore_index=True)


KINDS = {
    "digits": lambda: DIGITS,
    "colour": big_digits,
    "numbers": lambda: load_iris().data,
    "mixed": mixed_table,
}
LABELS = {
    "digits": lambda: load_digits().target[:600],
    "colour": lambda: load_digits().target[:200],
    "numbers": lambda: np.array(load_iris().target_names)[load_iris().target],
    "mixed": lambda: mixed_table()["large"].to_numpy(),
}
CASES = [  # a fitted model is made once, by the worker that runs all tests of it
    pytest.param(name, kind, id=f"{name}-{kind}", marks=pytest.mark.xdist_group(f"{name}-{kind}"))
    for name, cls in latently.MODELS.items()
    if {"image", "table"} <= {*cls.reads}  # models of texts have a contract of their own
    for kind in KINDS
]
pytestmark = pytest.mark.parametrize(("name", "kind"), CASES)


@cache
def fitted(name, kind):
    return latently.make(name, latent=3, epochs=30 if kind != "colour" else 4).fit(KINDS[kind](), LABELS[kind]())


def first_label(model):
    """What a conditional model must be told to decode a bare code, as keywords."""
    return {"label": model.classes_[0]} if model.conditional else {}


def weights(model):
    return {n: t.clone() for n, t in model.module_.state_dict().items()}


def test_learns_more_than_the_mean(name, kind):
    history = fitted(name, kind).history_
    assert history[-1]["watched"] < history[0]["watched"]


def test_every_parameter_receives_a_gradient(name, kind):
    X, y = KINDS[kind](), LABELS[kind]()
    training = latently.make(name, latent=3).begin(X, y).training
    for epoch in (1, 2):  # two epochs: what starts at zero may hide what lies before it in the first step
        for batch in training.train.shuffled(0, epoch):
            training.trainer.step(*batch)
    without = [n for n, p in training.model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without, f"no gradient: {without}"


def test_gives_codes_of_the_promised_shape(name, kind):
    X, model = KINDS[kind](), fitted(name, kind)
    codes = model.transform(X)
    grid = model.module_.bottleneck.positions
    assert codes.shape == (len(X), model.latent_) == (len(X), 3 * max(1, grid))
    assert codes.dtype == np.float32
    assert np.isfinite(codes).all()


def test_codes_are_deterministic_and_do_not_hang_on_the_batch(name, kind):
    X, model = KINDS[kind](), fitted(name, kind)
    codes = model.transform(X)
    assert np.array_equal(codes, model.transform(X))
    np.testing.assert_allclose(model.transform(X[:3]), codes[:3], atol=1e-4)


def test_gives_back_the_types_that_came_in(name, kind):
    X, model = KINDS[kind](), fitted(name, kind)
    codes = model.transform(X)
    for back in (model.reconstruct(X), model.inverse_transform(codes, **first_label(model)), model.sample(9, seed=0)):
        assert type(back) is type(X)
        assert back.shape[1:] == X.shape[1:]
        if isinstance(X, pd.DataFrame):
            assert list(back.columns) == list(X.columns)
            assert list(back.dtypes) == list(X.dtypes)
        else:
            assert back.dtype == X.dtype


@pytest.mark.filterwarnings("ignore:column .* that the model never saw")
def test_scores_anomalies_below_normal_items(name, kind):
    X, model = KINDS[kind](), fitted(name, kind)
    if isinstance(X, pd.DataFrame):
        odd = X.assign(c=X["c"].to_numpy()[::-1], a=12.0, kind="martian")
    else:
        rng = np.random.default_rng(0)
        odd = rng.uniform(X.min(), X.max(), X.shape).astype(X.dtype)
    scores, odd_scores = model.score_samples(X), model.score_samples(odd)
    assert scores.shape == (len(X),)
    assert np.median(odd_scores) < np.median(scores)
    assert set(np.unique(model.predict(odd))) <= {-1, 1}
    assert (model.predict(odd) == -1).mean() > (model.predict(X) == -1).mean()


def test_the_same_seed_gives_the_same_model_and_another_another(name, kind):
    X, y = KINDS[kind]()[:64], LABELS[kind]()[:64].copy()
    y[:2] = LABELS[kind]()[[0, -1]]
    one, two, other = (latently.make(name, latent=2, epochs=1, seed=s).fit(X, y) for s in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(two).values(), strict=True))
    assert not np.array_equal(one.transform(X), other.transform(X))


def test_samples_depend_on_their_seed_alone(name, kind):
    model = fitted(name, kind)
    one, two, other = (np.asarray(model.sample(5, seed=s)) for s in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_a_saved_model_gives_identical_codes_in_a_fresh_process(name, kind, tmp_path):
    X, model = KINDS[kind](), fitted(name, kind)
    path = model.save(tmp_path / "m.safetensors")
    again = latently.load(path)
    assert np.array_equal(again.transform(X), model.transform(X))
    assert np.array_equal(again.score_samples(X), model.score_samples(X))
    assert again.get_params() == model.get_params()
    assert again.offset_ == model.offset_
    assert np.array_equal(np.asarray(again.sample(5, seed=3)), np.asarray(model.sample(5, seed=3)))
    assert latently.describe(path)["model"] == name
    if kind == "digits":  # one kind is enough: a process takes seconds to load torch
        np.save(tmp_path / "x.npy", X)
        code = (
            "import sys, latently, numpy as np; import torch; torch.set_num_threads(1); "
            "print(latently.load(sys.argv[1]).transform(np.load(sys.argv[2])).tolist())"
        )
        found = subprocess.run(
            [sys.executable, "-c", code, path, tmp_path / "x.npy"], capture_output=True, text=True, check=True
        )
        assert np.array_equal(np.array(json.loads(found.stdout), np.float32), model.transform(X))


def test_every_parameter_is_declared_with_help_and_survives_cloning(name, kind):
    cls = latently.MODELS[name]
    declared = latently.parameters(cls)
    assert set(declared) == set(cls().get_params())
    assert all(p.help for p in declared.values())
    assert issubclass(cls, Latent) and cls.__doc__ and ">>>" in cls.__doc__ and ".. math::" in cls.__doc__
    model = latently.make(name, latent=5, seed=7)
    assert clone(model).get_params() == model.get_params()


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")  # a codebook is larger than so few items
def test_one_row_and_three_rows_can_be_fitted(name, kind):
    X, y = KINDS[kind](), LABELS[kind]()
    for n in (1, 3):
        model = latently.make(name, latent=2, epochs=2)
        if model.conditional and len(set(y[:n])) < 2:
            with pytest.raises(latently.InputError, match="to learn what labels mean takes at least two"):
                model.fit(X[:n], y[:n])
            continue
        assert model.fit(X[:n], y[:n]).transform(X[:n]).shape == (n, model.latent_)
        assert len(model.sample(2, seed=0)) == 2
