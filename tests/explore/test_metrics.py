"""Each number against a library, a closed form, or a case whose answer is known."""

import math
import warnings

import numpy as np
import pytest
from scipy.linalg import sqrtm
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import calinski_harabasz_score, log_loss
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from latently.explore import metrics

RNG = np.random.default_rng


def test_restoration_is_that_of_the_libraries() -> None:
    x, y = RNG(0).random((4, 1, 16, 16)), RNG(1).random((4, 1, 16, 16))
    assert metrics.mse(x, y) == pytest.approx(((x - y) ** 2).mean())
    assert metrics.psnr(x, y) == pytest.approx(peak_signal_noise_ratio(x, y, data_range=1))
    white = x > 0.5
    assert metrics.bce(white, y) == pytest.approx(log_loss(white.reshape(-1), y.reshape(-1)))
    paper = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    each = [structural_similarity(a[0], b[0], data_range=1, **paper) for a, b in zip(x, y, strict=True)]
    assert metrics.ssim(x, y) == pytest.approx(np.mean(each))


def test_restoration_at_its_ends() -> None:
    x = RNG(0).random((2, 3, 8, 8))
    assert metrics.mse(x, x) == 0
    assert metrics.psnr(x, x) == math.inf
    assert metrics.ssim(x, x) == pytest.approx(1)
    assert math.isnan(metrics.ssim(x[..., :2], x[..., :2]))
    assert math.isfinite(metrics.bce(np.ones(3), np.zeros(3)))
    assert math.isnan(metrics.mse(np.full(3, np.nan), np.zeros(3)))
    assert 0 < metrics.ssim(x[..., :5], 0.9 * x[..., :5]) < 1


def test_frechet_is_the_closed_form_of_normal_densities() -> None:
    real, drawn = RNG(0).normal(size=(300, 4)), RNG(1).normal(size=(200, 4)) @ RNG(2).normal(size=(4, 4)) + 1
    ours, theirs = np.cov(real.T), np.cov(drawn.T)
    root = sqrtm(ours @ theirs).real
    expected = ((real.mean(0) - drawn.mean(0)) ** 2).sum() + np.trace(ours + theirs - 2 * root)
    assert metrics.frechet(real, drawn) == pytest.approx(expected)
    assert metrics.frechet(real, drawn) == pytest.approx(metrics.frechet(drawn, real))
    assert metrics.frechet(np.ones((5, 2)), np.zeros((5, 2))) == pytest.approx(2), "sets that do not vary"
    assert metrics.frechet(real[:, :1], real[:, :1] + 2) == pytest.approx(4), "a single feature"


def test_sets_of_one_density_are_near_and_those_apart_are_not() -> None:
    real, drawn = RNG(0).normal(size=(1000, 2)), RNG(1).normal(size=(1000, 2))
    precision, recall = metrics.precision_recall(real, drawn)
    density, coverage = metrics.density_coverage(real, drawn)
    assert min(precision, recall) > 0.9
    assert density == pytest.approx(1, abs=0.05)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.02)
    assert metrics.density_coverage(real, drawn + 50) == (0, 0)


def test_samples_of_one_mode_are_precise_and_cover_half() -> None:
    real = np.concatenate([RNG(0).normal(size=(500, 2)), RNG(1).normal(size=(500, 2)) + 40])
    precision, recall = metrics.precision_recall(real, real[:500])
    assert (precision, recall) == (1, 0.5)
    assert metrics.covered(real, real[:500]).tolist() == [True] * 500 + [False] * 500


def test_neighbourhoods_by_hand() -> None:
    real = np.array([[0.0], [1.0], [3.0], [7.0]])  # reach of the nearest other: 1, 1, 2, 4
    inside = metrics.density_coverage(real, np.array([[2.0], [2.0], [20.0], [20.0]]), k=1)
    assert inside == (4 / 4, 2 / 4)  # 2 lies within reach of 1 and of 3
    assert metrics.precision_recall(real, np.array([[2.0], [20.0]]), k=1) == (0.5, 1.0)


def test_equal_rows_lie_near_each_other() -> None:
    rows = np.repeat(np.array([[0.1], [0.2], [0.7]]), 10, 0)
    assert metrics.density_coverage(rows, rows)[1] == 1
    assert metrics.precision_recall(rows, rows) == (1, 1)
    assert metrics.density_coverage(np.ones((1, 2)), np.zeros((1, 2))) == (0, 0), "a single item reaches nowhere"


def test_neighbours_vote_as_in_leave_one_out() -> None:
    codes, labels = RNG(0).normal(size=(60, 2)), RNG(1).integers(0, 3, 60)
    left = cross_val_score(KNeighborsClassifier(5), codes, labels, cv=LeaveOneOut())
    assert metrics.knn_accuracy(codes, labels) == pytest.approx(left.mean())
    assert 0 <= metrics.knn_accuracy(codes[:3], labels[:3]) <= 1, "fewer items than neighbours"


def test_the_variance_ratio_is_calinski_and_harabaszs() -> None:
    labels = RNG(1).integers(0, 3, 90)
    codes = RNG(0).normal(size=(90, 4)) + labels[:, None]
    index = calinski_harabasz_score(codes, labels)
    assert metrics.variance_ratio(codes, labels) == pytest.approx((90 - 3) / (3 - 1) / index)
    assert metrics.variance_ratio(np.ones((4, 2)), np.array([0, 0, 1, 1])) == math.inf


def test_trustworthiness_falls_where_neighbours_are_torn_apart() -> None:
    x = RNG(0).normal(size=(80, 3))
    assert metrics.trustworthiness(x, x) == 1
    assert metrics.trustworthiness(x, RNG(1).normal(size=(80, 2))) < 0.7
    assert 0 <= metrics.trustworthiness(x[:5], x[:5]) <= 1


@pytest.mark.parametrize("measure", [metrics.mig, metrics.sap, lambda z, f: metrics.dci(z, f).disentanglement])
def test_factors_that_are_the_code_are_disentangled_and_those_turned_are_not(measure) -> None:
    factors = RNG(0).normal(size=(1500, 2))
    turned = factors @ np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    assert measure(factors, factors) > 0.8
    assert measure(turned, factors) < 0.15
    assert measure(RNG(1).normal(size=(1500, 2)), factors) < 0.15, "codes that know nothing"


def test_mig_of_a_code_that_is_the_factor_twice_is_none() -> None:
    factor = RNG(0).integers(0, 5, (2000, 1))
    assert metrics.mig(np.hstack([factor, factor]).astype(float), factor) == pytest.approx(0)
    assert metrics.mig(factor.astype(float), factor) == pytest.approx(1), "a code of one number has no second"
    assert metrics.mig(np.hstack([factor, 0 * factor]).astype(float), factor) == pytest.approx(1)


def test_dci_tells_completeness_from_disentanglement() -> None:
    factors = RNG(0).integers(0, 4, (3000, 2))
    spread = np.hstack([factors, factors]) + 0.01 * RNG(1).normal(size=(3000, 4))  # each factor in two numbers
    found = metrics.dci(spread, factors)
    assert found.disentanglement > 0.9
    assert found.completeness == pytest.approx(0.5, abs=0.1), "1 - log 2 / log 4"
    assert found.informativeness > 0.99


def test_factors_of_words_and_those_that_never_change() -> None:
    codes = np.repeat(np.eye(2), 200, 0) + 0.01 * RNG(0).normal(size=(400, 2))
    words = np.array([["round", "red"], ["long", "red"]], object).repeat(200, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.dci(codes, words).informativeness == 1
        assert 0 <= metrics.mig(codes, words) <= 1
        assert 0 <= metrics.sap(codes, words) <= 1
        for measure in (metrics.mig, metrics.sap, lambda z, f: metrics.dci(z, f).completeness):
            assert math.isnan(measure(codes, words[:, 1:])), "no factor changes"
