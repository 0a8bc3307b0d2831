"""What every model of texts promises: few texts, half the precision, one seed, a training that was killed."""

import itertools
import warnings

import numpy as np
import pytest
import torch

import latently

LINES = [f"the {a} {v} on the {p}." for a, v, p in itertools.product(("cat", "dog"), ("sat", "ran"), ("mat", "road"))]
TEXTS = LINES * 20
SMALL = {
    "language-model": {"network": "embed4 drop0.2 lstm8"},
    "text-vae": {"latent": 3, "encoder": "embed4 drop0.2 gru8", "cycles": 2, "word_dropout": 0.4},
}


@pytest.fixture(params=SMALL)
def make(request):
    """Makes a small model of each class."""
    return lambda **settings: latently.make(request.param, **SMALL[request.param], **settings)


def weights(model):
    return model.module_.state_dict().values()


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


def test_the_seed_decides_everything(make):
    one, two, other = (make(epochs=2, seed=seed).fit(TEXTS) for seed in (1, 1, 2))
    assert same(one, two) and not same(one, other)
    assert one.sample(9, seed=1) == two.sample(9, seed=1)


def test_a_killed_training_goes_on_to_the_same_weights(make, tmp_path):
    whole, broken = latently.Run(tmp_path / "whole"), latently.Run(tmp_path / "broken")
    assert len(list(whole.fit(make(epochs=6), TEXTS))) == 6
    events = broken.fit(make(epochs=6), TEXTS)
    next(events), next(events)
    events.close()
    assert len(list(broken.resume(TEXTS))) >= 4
    assert same(whole.load(), broken.load())


@pytest.mark.parametrize("n", [1, 3])
def test_one_text_and_three_can_be_fitted(make, n):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", latently.LatentlyWarning)
        model = make(epochs=2).fit(LINES[:n])
    assert len(model.transform(LINES[:n])) == n
    assert len(model.sample(2, seed=0)) == 2
    assert np.isfinite(model.score_samples(LINES[:n])).all()


def test_half_precision_trains(make):
    model = make(epochs=4, lr=0.02, precision="bf16").fit(TEXTS)
    assert model.history_[-1]["train"]["reconstruction"] < model.history_[0]["train"]["reconstruction"]


def test_other_data_than_texts_are_refused_in_one_sentence(make):
    with pytest.raises(latently.InputError, match=f"{type(make()).__name__} reads texts, but the data are"):
        make().fit(np.zeros((20, 4)))
    with pytest.raises(latently.InputError, match="AE reads pictures, tables and series, but the data are"):
        latently.AE().fit(LINES)
