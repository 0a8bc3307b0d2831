"""Densities of codes."""

import numpy as np
import pytest

from latently.prior import Mixture


def test_a_mixture_finds_its_clusters_and_draws_from_them():
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10]])
    codes = (centres[:, None] + rng.normal(size=(3, 300, 2))).reshape(-1, 2)
    drawn = Mixture.of(codes, seed=0).sample(3000, seed=1)
    near = np.linalg.norm(drawn[:, None] - centres, axis=2)
    assert (near.min(1) < 4).all()
    assert np.allclose(np.bincount(near.argmin(1)) / 3000, 1 / 3, atol=0.05)


@pytest.mark.parametrize(
    "codes", [np.ones((1, 3)), np.ones((2, 3)), np.zeros((50, 1)), np.eye(3), np.full((9, 2), 1e8)]
)
def test_degenerate_codes_still_give_a_density(codes):
    mixture = Mixture.of(codes, seed=0)
    drawn = mixture.sample(20, seed=0)
    assert np.isfinite(drawn).all()
    assert np.abs(drawn - codes.mean(0)).max() < 10 * max(1.0, codes.std(), 1e-3 * np.abs(codes).max())


def test_the_same_seed_draws_the_same():
    mixture = Mixture.of(np.random.default_rng(0).normal(size=(100, 4)), seed=0)
    assert np.array_equal(mixture.sample(5, 3), mixture.sample(5, 3))
    assert not np.array_equal(mixture.sample(5, 3), mixture.sample(5, 4))


def test_long_codes_are_drawn_number_by_number():
    codes = np.random.default_rng(0).normal(size=(50, 3000)) * np.linspace(0.1, 2, 3000) + 4
    prior = Mixture.of(codes, seed=0)
    assert prior.roots.shape == (1, 3000) and prior.fits(3000) and not prior.fits(2999)
    drawn = prior.sample(400, seed=1)
    assert np.abs(drawn.std(0) / codes.std(0) - 1).mean() < 0.1
    assert np.abs(drawn.mean() - 4) < 0.1
