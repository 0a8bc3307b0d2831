"""The parts of a detector, one by one."""

import numpy as np
import pytest

from latently.detector.forest import Forest
from latently.detector.judging import Standing, together, trusted
from latently.detector.near import Beside, Near


@pytest.fixture
def cloud():
    return np.random.default_rng(0).normal(size=(400, 3))


def test_a_forest_finds_what_is_far_out_and_judges_its_own_rows_as_new_ones(cloud):
    forest = Forest.fit(np.vstack((cloud, np.full((1, 3), 8.0))), seed=0)
    assert forest.own.argmax() == 400
    fresh = np.random.default_rng(1).normal(size=(4000, 3))
    assert abs(np.median(forest.score(fresh)) - np.median(forest.own[:400])) < 0.01
    assert (forest.own > np.quantile(forest.score(fresh), 0.9)).mean() == pytest.approx(0.1, abs=0.04)


def test_a_forest_agrees_with_the_one_of_scikit_learn(cloud):
    from scipy.stats import spearmanr
    from sklearn.ensemble import IsolationForest

    theirs = -IsolationForest(n_estimators=300, random_state=0).fit(cloud).score_samples(cloud)
    assert spearmanr(Forest.fit(cloud, seed=0).score(cloud), theirs).statistic > 0.97


def test_a_forest_is_a_function_of_its_seed(cloud):
    one, same, other = (Forest.fit(cloud, seed).score(cloud) for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()


@pytest.mark.parametrize("rows", [np.zeros((5, 2)), np.zeros((1, 1)), np.array([[0.0], [1.0]])])
def test_a_forest_of_rows_that_nothing_parts_calls_none_odd(rows):
    forest = Forest.fit(rows, seed=0)
    assert np.isfinite(forest.own).all() and len(set(forest.own.round(6))) == 1


def test_a_column_without_a_difference_is_never_split():
    x = np.column_stack((np.zeros(300), np.random.default_rng(0).normal(size=300)))
    forest = Forest.fit(x, seed=0)
    assert (forest.columns[np.isfinite(forest.places)] == 1).all()


def test_distances_are_those_of_scikit_learn(cloud):
    from sklearn.neighbors import NearestNeighbors

    near, fresh = Near.fit(cloud, k=7), np.random.default_rng(1).normal(size=(50, 3))
    theirs = NearestNeighbors(n_neighbors=7).fit(cloud)
    np.testing.assert_allclose(near.score(fresh), theirs.kneighbors(fresh)[0].mean(1))
    np.testing.assert_allclose(near.own, theirs.kneighbors()[0].mean(1))


def test_distances_hold_far_from_the_middle():
    rows = 1e6 + np.arange(20.0)[:, None] * 1e-3
    np.testing.assert_allclose(Near.fit(rows, k=1).own, 1e-3, rtol=1e-5)


def test_rows_that_are_not_trusted_are_nobodys_neighbours():
    rows = np.array([[0.0], [1.0], [50.0], [50.0]])
    near = Near.fit(rows, k=1, trusted=np.array([True, True, False, False]))
    assert near.own.tolist() == [1.0, 1.0, 49.0, 49.0]
    assert Near.fit(rows, k=1).own.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_an_error_is_set_beside_those_of_the_neighbours_and_never_beside_its_own():
    rng = np.random.default_rng(0)
    codes, hard = rng.normal(size=(300, 2)), rng.normal(size=300)
    rows = np.column_stack((codes, codes[:, 0] + 0.5 * hard))  # what lies to the right is hard to restore
    near = Beside.fit(rows, k=5)
    np.testing.assert_allclose(near.score(rows), near.own)
    assert abs(np.corrcoef(np.log(near.own), codes[:, 0])[0, 1]) < 0.3 < np.corrcoef(np.log(near.own), hard)[0, 1]
    left, right = ([[side, 0.0, 1.5]] for side in (-1.5, 1.5))
    assert near.score(np.array(left)) > 5 * near.score(np.array(right))


def test_trimming_takes_the_upper_tail_and_no_more_than_allowed():
    scores = np.concatenate((np.random.default_rng(0).normal(size=900), np.full(100, 20.0)))
    kept = trusted(scores, 0.4)
    assert not kept[900:].any() and kept[:900].mean() > 0.85
    assert trusted(scores, 0.05).mean() >= 0.95
    assert trusted(scores, 0.0).all()


def test_standings_of_equal_scores_are_finite():
    same = np.ones(50)
    assert Standing.among(same).of(same).tolist() == pytest.approx([0.0] * 50)
    assert np.isfinite(Standing.among(np.zeros(50)).of(np.array([0.0, 1.0, 1e9]))).all()


def test_what_one_part_says_loudly_is_heard_without_a_bound():
    quiet = np.zeros(3)
    heard = together([quiet, quiet, np.array([0.0, 50.0, 5000.0])])
    assert heard[0] == pytest.approx(0.0)
    assert np.isfinite(heard).all() and heard[2] > 4900 and (np.diff(heard) > 0).all()
