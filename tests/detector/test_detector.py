"""The default detector: what it finds, what it promises, what it takes and keeps."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

import latently


@pytest.fixture(scope="module")
def rows():
    """Two clouds of normal rows, and a tight bunch of 20 odd ones that vouch for one another."""
    random = np.random.default_rng(0)
    normal = np.concatenate([random.normal(at, 1.0, (300, 4)) for at in (-3.0, 3.0)])
    return np.vstack((normal, random.normal((9.0, -9.0, 9.0, -9.0), 0.05, (20, 4))))


@pytest.fixture(scope="module")
def detector(rows):
    return latently.AnomalyDetector().fit(rows)


def test_it_finds_a_bunch_of_odd_rows_among_those_it_was_fitted_to(detector, rows):
    odd = np.arange(620) >= 600
    assert roc_auc_score(odd, -detector.score_samples(rows)) > 0.99
    assert (detector.predict(rows[600:]) == -1).all()


def test_the_stated_rate_is_kept_on_fresh_normal_rows():
    random = np.random.default_rng(1)
    flagged = []
    for seed in range(5):
        detector = latently.AnomalyDetector(seed=seed).fit(random.normal(size=(400, 5)))
        flagged.append(detector.p_values(random.normal(size=(2000, 5))))
    p = np.concatenate(flagged)
    for rate in (0.01, 0.05, 0.1):
        error = np.sqrt(rate * (1 - rate) * (1 / len(p) + 1 / 2000))
        assert (p <= rate).mean() == pytest.approx(rate, abs=3 * error)


def test_the_rate_may_change_after_the_fit(rows):
    detector = latently.AnomalyDetector().fit(rows)
    flagged = []
    for rate in (0.01, 0.2):
        detector.false_alarms = rate
        flagged.append((detector.predict(rows) == -1).sum())
        assert ((detector.predict(rows) == -1) == (detector.p_values(rows) <= rate)).all()
    assert flagged[0] < flagged[1]


def test_a_rate_that_the_items_cannot_keep_is_refused_with_the_one_they_can():
    detector = latently.AnomalyDetector().fit(np.random.default_rng(0).normal(size=(40, 2)))
    with pytest.raises(
        latently.InputError, match=r"a rate of 0.01 needs 99 held-out items .* by 40; choose a rate of 0.0244 or"
    ):
        latently.anomalies(detector, np.zeros((2, 2)), rate=0.01)


def test_scores_are_never_clamped_and_do_not_hang_on_the_rows_beside(detector, rows):
    far = detector.score_samples(np.outer([1e2, 1e3, 1e4, 1e5], np.ones(4)))
    assert (np.diff(far) < 0).all()
    some = rows[::37]
    np.testing.assert_allclose(
        detector.score_samples(some), np.concatenate([detector.score_samples(row[None]) for row in some]), rtol=1e-7
    )


def test_it_is_a_function_of_its_seed(detector, rows):
    again, other = latently.AnomalyDetector().fit(rows), latently.AnomalyDetector(seed=1).fit(rows)
    assert (again.score_samples(rows) == detector.score_samples(rows)).all()
    assert (other.score_samples(rows) != detector.score_samples(rows)).any()


def test_a_rare_word_of_the_fit_is_no_news():
    rng = np.random.default_rng(0)
    town = np.where(np.arange(200) == 7, "Atlantis", np.where(rng.random(200) < 0.5, "Seoul", "Jeju"))
    rows = pd.DataFrame({"size": np.where(np.arange(200) == 7, 9.0, rng.normal(size=200)), "town": town})
    fitted = latently.AnomalyDetector().fit(rows)  # warnings are errors here
    assert fitted.score_samples(rows).argmin() == 7
    with pytest.warns(latently.LatentlyWarning, match="'town' holds 1 category that the model never saw \\('Mu'\\)"):
        fitted.score_samples(pd.DataFrame({"size": [0.0], "town": ["Mu"]}))


def test_it_is_saved_whole_and_judges_the_same(detector, rows, tmp_path):
    path = detector.save(tmp_path / "odd.safetensors")
    loaded = latently.load(path)
    assert isinstance(loaded, latently.AnomalyDetector)
    assert (loaded.score_samples(rows) == detector.score_samples(rows)).all()
    assert (loaded.p_values(rows) == detector.p_values(rows)).all()
    assert latently.describe(path)["over"]["model"] == "denoising"
    with pytest.raises(latently.InputError, match="X has 3 features, but AnomalyDetector is expecting 4"):
        loaded.score_samples(rows[:, :3])


@pytest.mark.filterwarnings("ignore:column .* that the model never saw")
def test_categories_dates_and_missing_cells_are_read(tmp_path):
    random = np.random.default_rng(0)
    kinds = random.choice(["cat", "dog"], 400)
    frame = pd.DataFrame({"animal": kinds, "weight": np.where(kinds == "cat", 4.0, 30.0) + random.normal(size=400)})
    frame.loc[::17, "weight"] = np.nan
    detector = latently.AnomalyDetector().fit(frame)
    asked = pd.DataFrame({"animal": ["cat", "cat", "horse"], "weight": [4.0, 30.0, np.nan]})
    usual, heavy, strange = detector.score_samples(asked)
    assert usual > heavy and usual > strange
    found = latently.anomalies(detector, asked[:2], rate=0.05)
    assert found.ranking[0] == 1 and found.flagged.tolist() == [False, True]
    assert "expected" in found.why[1]
    loaded = latently.load(detector.save(tmp_path / "animals.safetensors"))
    assert (loaded.score_samples(asked) == detector.score_samples(asked)).all()


def test_pictures_are_judged_by_codes_and_calibrated_by_those_held_out():
    X, y = load_digits(return_X_y=True)
    pictures = X.reshape(-1, 8, 8)
    model = latently.AE(latent=8, epochs=40, validation=0.2)
    detector = latently.AnomalyDetector(over=model).fit(pictures[(y != 0)][:1000])
    assert not hasattr(model, "module_"), "what was handed over is not fitted itself"
    assert len(detector.calibration_) == 200
    fresh, zeros = pictures[y != 0][1000:], pictures[y == 0]
    scores = detector.score_samples(np.concatenate((fresh, zeros)))
    assert roc_auc_score(np.arange(len(scores)) >= len(fresh), -scores) > 0.8
    assert len(latently.explain(detector, zeros[:2]).sentences) == 2
    spoiled = np.where(np.random.default_rng(0).random(fresh.shape) < 0.1, 16 - fresh, fresh)
    assert np.median(detector.score_samples(spoiled)) < np.quantile(scores[: len(fresh)], 0.02), "it is restored badly"


def test_texts_are_judged_too():
    texts = ["the cat sat on the mat .", "the dog sat on the road ."] * 40
    detector = latently.AnomalyDetector(over=latently.TextVAE(epochs=2)).fit(texts)
    assert np.isfinite(detector.score_samples(["a cat ate", "the dog sat"])).all()


def test_a_model_is_chosen_by_its_name(rows):
    detector = latently.AnomalyDetector(over="ae").fit(rows[:100])
    assert type(detector.over_) is latently.AE
    assert clone(detector).over == "ae"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"over": "vqva"}, r"model 'vqva' is not known \(did you mean vqvae\?\)"),
        ({"over": 3}, "over=3 is not allowed; it is a text, a model or None"),
        ({"trim": 1.0}, "trim=1.0 is not allowed; it is a number, from 0 to 0.9"),
        ({"false_alarms": -0.1}, "false_alarms=-0.1 is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed"),
    ],
)
def test_a_wrong_parameter_is_named(given, message, rows):
    with pytest.raises(latently.ParameterError, match=message):
        latently.AnomalyDetector(**given).fit(rows)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_items_are_refused(count):
    with pytest.raises(latently.InputError, match=f"was given n_samples={count}; give at least 3"):
        latently.AnomalyDetector().fit(np.random.default_rng(0).normal(size=(count, 2)))


def test_identical_items_are_all_as_normal_and_any_other_is_odd():
    detector = latently.AnomalyDetector().fit(np.ones((50, 3)))
    same, other = detector.p_values(np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 1.0]]))
    assert same == 1.0 and other == pytest.approx(1 / 51)


def test_unfitted_it_says_so():
    with pytest.raises(NotFittedError):
        latently.AnomalyDetector().score_samples(np.zeros((2, 2)))
    with pytest.raises(NotFittedError):
        latently.AnomalyDetector().save("never.safetensors")


def test_cells_that_are_missing_by_chance_make_no_row_odd():
    """Beside ten numbers of one source, one of a hundred rows has nothing to do with the others."""
    drawn = np.random.default_rng(0)
    X = drawn.normal(size=(1500, 1)) + 0.3 * drawn.normal(size=(1500, 10))
    odd = np.arange(1500) % 100 == 0
    X[odd] = drawn.normal(size=(15, 10)) * 1.5
    X[drawn.random(X.shape) < 0.15] = np.nan
    gaps = np.isnan(X).sum(1)
    p = latently.AnomalyDetector().fit(X).p_values(X)
    few, many = p[~odd & (gaps <= 1)].mean(), p[~odd & (gaps >= 3)].mean()
    assert abs(few - many) < 0.3 and np.median(p[odd]) < 0.05


def test_a_fit_that_fails_leaves_no_old_detector(rows):
    detector = latently.AnomalyDetector().fit(rows[:50])
    with pytest.raises(latently.InputError):
        detector.fit(rows[:1])
    with pytest.raises(NotFittedError):
        detector.predict(rows)


def test_files_that_do_not_fit_together_are_refused(detector, tmp_path):
    from latently import store

    header, tensors = store.read(detector.save(tmp_path / "whole.safetensors"))
    for name, lacking in {
        "near": {key: value for key, value in tensors.items() if key != "near.0.known"},
        "width": {**tensors, "near.0.known": tensors["near.0.known"][:, :-1]},
        "calibration": {**tensors, "calibration": np.array([np.nan])},
        "over": {key: value for key, value in tensors.items() if not key.startswith("over.module")},
    }.items():
        path = store.write(tmp_path / f"{name}.safetensors", header, lacking)
        with pytest.raises(latently.ModelFileError, match="is incomplete or does not fit together"):
            latently.load(path)


def test_a_series_is_left_to_a_model_for_its_windows_would_vouch_for_each_other():
    series = latently.open(np.sin(np.arange(300) / 10), window=24)
    with pytest.raises(latently.InputError, match="AnomalyDetector reads pictures"):
        latently.AnomalyDetector().fit(series)
