"""The flow, against densities that are known."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import norm
from sklearn.datasets import make_moons

from latently.prior import Flow, Mixture, restore


def energy(a, b):
    """The energy distance between two sets of points; 0 where they are of one density."""
    return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()


def test_flow_and_mixture_are_nearer_to_held_out_moons_than_one_normal():
    moons, _ = make_moons(3000, noise=0.05, random_state=0)
    train, held_out = 10 * moons[:2000] - 40, 10 * moons[2000:] - 40
    normal = np.random.default_rng(0).multivariate_normal(train.mean(0), np.cov(train.T), 2000)
    floor = energy(train, held_out)
    single = energy(normal, held_out) - floor
    assert energy(Flow.of(train, seed=0, steps=300).sample(2000, seed=1), held_out) - floor < single / 3
    assert energy(Mixture.of(train, seed=0).sample(2000, seed=1), held_out) - floor < single / 3


def test_its_quantiles_are_those_of_a_skewed_density():
    codes = np.random.default_rng(0).lognormal(sigma=0.5, size=(4000, 1))
    drawn = Flow.of(codes, seed=0, steps=400).sample(8000, seed=1)
    at = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    assert np.allclose(np.quantile(drawn, at), np.exp(0.5 * norm.ppf(at)), rtol=0.08)


def test_its_mean_and_covariance_are_those_of_a_normal():
    root = np.array([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 100.0]])
    codes = np.random.default_rng(0).normal(size=(4000, 3)) @ root.T + [5, 0, -1000]
    drawn = Flow.of(codes, seed=0, steps=300).sample(20_000, seed=1)
    assert np.allclose(drawn.mean(0), codes.mean(0), atol=0.1 * codes.std(0))
    assert np.allclose(np.corrcoef(drawn.T), np.corrcoef(codes.T), atol=0.08)
    assert np.allclose(drawn.std(0), codes.std(0), rtol=0.08)


def test_a_number_that_never_changes_stays_what_it_is():
    rng = np.random.default_rng(0)
    codes = np.column_stack((rng.normal(size=200), np.full(200, 1 / 3), np.zeros(200)))
    drawn = Flow.of(codes, seed=0, steps=50).sample(100, seed=0)
    assert np.allclose(drawn[:, 1], 1 / 3) and (drawn[:, 2] == 0).all() and drawn[:, 0].std() > 0.5


def test_a_single_number_is_saved_too(model):
    module = model("bare")
    flow = Flow.of(np.random.default_rng(0).normal(size=(100, 1)), seed=0, steps=20)
    again = restore("flow", flow.tensors(), module, 1)
    assert again.sample(5, seed=0).shape == (5, 1) and np.array_equal(again.sample(5, seed=0), flow.sample(5, seed=0))
    with pytest.raises((LookupError, ValueError, RuntimeError)):
        restore("flow", flow.tensors(), module, 2)


def test_few_codes_get_one_normal():
    codes = np.random.default_rng(0).normal(size=(19, 2)) * [1, 50]
    drawn = Flow.of(codes, seed=0).sample(20_000, seed=1)
    assert np.allclose(drawn.mean(0), codes.mean(0), atol=0.03 * codes.std(0))
    assert np.allclose(drawn.std(0), codes.std(0), rtol=0.03)


def test_codes_on_a_line_do_not_break_it():
    along = np.random.default_rng(0).normal(size=(500, 1))
    drawn = Flow.of(along @ [[1.0, -2.0]], seed=0, steps=200).sample(500, seed=0)
    assert np.isfinite(drawn).all() and np.median(np.abs(drawn @ [2.0, 1.0])) < 0.4
