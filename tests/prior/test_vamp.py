"""The mixture of posteriors."""

import numpy as np

from latently.prior import Coded, fit
from latently.prior.vamp import EXEMPLARS


def test_its_mean_and_covariance_are_those_of_the_aggregate_posterior(model):
    rng = np.random.default_rng(0)
    means = rng.normal(size=(300, 2)) @ [[2.0, 1.0], [0.0, 0.5]]
    spreads = np.tile([0.3, 1.5], (300, 1))
    drawn = fit("vamp", Coded(means, spreads), model("bare"), seed=0).sample(20_000, seed=1)
    assert np.allclose(drawn.mean(0), means.mean(0), atol=0.05)
    assert np.allclose(np.cov(drawn.T), np.cov(means.T) + np.diag([0.09, 2.25]), atol=0.15)


def test_it_takes_five_hundred_items_at_most_and_none_twice(model):
    means = np.arange(4000.0).reshape(2000, 2)
    prior = fit("vamp", Coded(means, np.ones((2000, 2))), model("bare"), seed=0)
    assert len(np.unique(prior.tensors()["means"], axis=0)) == EXEMPLARS
    assert {tuple(mean) for mean in prior.tensors()["means"]} <= {tuple(mean) for mean in means}


def test_learned_pseudo_inputs_come_before_training_items(model):
    codes = Coded(np.zeros((50, 2)), np.ones((50, 2)))
    drawn = fit("vamp", codes, model("pseudo"), seed=0).sample(3000, seed=0)
    shares = np.bincount((drawn.mean(1) / 50).round().astype(int)) / 3000
    assert np.allclose(shares, 1 / 3, atol=0.05)
    assert np.isclose((drawn[:, 0] - 50 * (drawn[:, 0] / 50).round()).std(), 0.5, atol=0.05)
