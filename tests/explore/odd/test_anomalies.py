"""Anomalies: p-values that hold, and reasons that name what is odd."""

import re

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import latently
from latently.errors import InputError, ParameterError
from latently.estimator.calibration import p_values, threshold
from latently.explore.given import read
from latently.explore.odd import reasons
from latently.explore.odd.ranges import PLAIN


def people(n, seed=0):
    drawn = np.random.default_rng(seed)
    age = drawn.integers(18, 90, n)
    job = np.where(age < 25, "student", np.where(age > 66, "retired", "worker"))
    return pd.DataFrame({"age": age, "hours": np.where(job == "worker", 40, 5) + drawn.normal(0, 3, n), "job": job})


@pytest.fixture(scope="module")
def model():
    return latently.AE(latent=2, epochs=40, validation=0.3).fit(people(1200))


@pytest.fixture(scope="module")
def digits():
    images = load_digits().images.astype(np.uint8) * 15
    return latently.VAE(latent=8, epochs=20).fit(images), images


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_the_rate_of_false_alarms_holds(model, rate):
    found = latently.anomalies(model, people(4000, seed=1), rate=rate, explained=0)
    error = np.sqrt(rate * (1 - rate) * (1 / 4000 + 1 / len(model.calibration_)))  # of the items, and of the threshold
    assert abs(found.flagged.mean() - rate) < 3 * error


def test_predict_flags_those_whose_p_value_is_at_most_the_rate(model):
    fresh = people(500, seed=2)
    for rate in (0.02, 0.2):
        model.set_params(false_alarms=rate)  # without fitting again
        assert np.array_equal(model.predict(fresh) == -1, model.p_values(fresh) <= rate)
    model.set_params(false_alarms=0.05)


def test_the_odd_row_is_first_with_its_columns_named(model):
    rows = people(300, seed=3)
    rows.loc[7, ["age", "hours"]] = [300, -60]
    found = latently.anomalies(model, rows)
    assert found.ranking[0] == 7
    assert found.flagged[7]
    assert "age 300" in found.why[7]
    assert "hours −60" in found.why[7] or "hours -60" in found.why[7]
    reasons = latently.explain(model, rows[7:8])
    assert reasons.surprise.shape == (1, 3)
    assert 10 < reasons.expected["age"].iloc[0] < 100, "what was expected is possible"


def test_a_cell_that_cannot_be_does_not_make_the_others_look_odd(model):
    rows = people(200, seed=3)
    usual = (latently.explain(model, rows).surprise[:, 1:] >= PLAIN).mean()
    spoiled = latently.explain(model, rows.assign(age=300)).surprise
    assert (spoiled[:, 0] >= PLAIN).all()
    assert (spoiled[:, 1:] >= PLAIN).mean() < usual + 0.2


def test_a_category_that_does_not_go_with_the_others_is_named(model):
    odd = pd.DataFrame({"age": [45], "hours": [40.0], "job": ["retired"]})
    assert "job retired" in latently.explain(model, odd).sentences[0]


def test_a_category_that_was_never_seen_is_said_and_is_odd(model):
    odd = pd.DataFrame({"age": [30, 40], "hours": [40.0, 41.0], "job": ["astronaut", "worker"]})
    note = r"column 'job' holds 1 category that the model never saw \('astronaut'\), all read as one other"
    with pytest.warns(latently.LatentlyWarning, match=note):
        said = latently.explain(model, odd).sentences
    assert said == ["job astronaut, never seen in the training", ""]


def test_a_table_on_disk_is_explained_a_part_at_a_time(model, tmp_path, monkeypatch):
    monkeypatch.setattr("latently.explore.odd.reasons.PART", 16)
    rows = people(50, seed=5)
    rows.loc[40, "age"] = 300
    pl.from_pandas(rows).write_csv(tmp_path / "people.csv")
    there, here = (latently.explain(model, latently.open(tmp_path / "people.csv", memory=m)) for m in (0, None))
    assert there.sentences == here.sentences and "age 300" in there.sentences[40]
    np.testing.assert_allclose(there.surprise, here.surprise, atol=1e-6)
    assert len(there.expected) == 50


def test_missing_cells_surprise_nobody(model):
    gaps = pd.DataFrame({"age": [np.nan], "hours": [np.nan], "job": [None]})
    assert latently.explain(model, gaps).surprise.sum() == 0


def test_a_row_of_which_only_gaps_are_unusual_says_so(model):
    gaps = pd.DataFrame({"age": [np.nan, 40], "hours": [np.nan, 40], "job": ["worker", None]})
    assert latently.explain(model, gaps).sentences == ["age, hours missing", "job missing"]


def test_what_is_flagged_always_has_a_reason():
    """On a ring around nothing each number by itself is usual in the middle, and no row is near."""
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 400)
    ring = np.stack((np.cos(angle), np.sin(angle)), 1)
    found = latently.anomalies(latently.AnomalyDetector().fit(ring), np.vstack((ring[:50], [[0.0, 0.0]])), rate=0.05)
    assert found.flagged[50] and all(found.why[i] for i in np.flatnonzero(found.flagged))


def test_the_rows_of_the_fit_are_judged_as_they_were_in_it():
    """Each stands exactly where one that is known does, and is no neighbour of itself."""
    X = np.random.default_rng(0).normal(size=(500, 4))
    detector = latently.AnomalyDetector().fit(X)
    p = detector.p_values(X)
    for rate in (0.05, 0.2, 0.5):
        assert abs((p <= rate).mean() - rate) < 0.02


def test_the_surprise_of_a_picture_is_where_it_was_changed(digits):
    model, images = digits
    odd = images[:5].copy()
    odd[:, :2, :2] = 255  # a corner that is always black
    found = latently.explain(model, odd)
    assert found.surprise.shape == (5, 8, 8)
    assert found.expected.shape == odd.shape
    assert (found.surprise[:, :2, :2].mean((1, 2)) > 3 * found.surprise[:, 2:].mean((1, 2))).all()
    assert found.sentences[0].startswith("around row ")
    figure = latently.figures.oddest(model, odd, n=3)
    assert len(figure.axes) == 9
    first = model.score_samples(odd).argmin()
    assert figure.axes[0].get_title() == f"{first}\np {model.p_values(odd)[first]:.2g}"


def test_the_words_of_a_text_that_nobody_expects_are_named():
    lines = ["the cat sat on the mat", "the dog sat on the rug"] * 40 + ["a zebra ran"]
    model = latently.LanguageModel(network="embed8 lstm16", epochs=30, lr=0.01, validation=0).fit(lines)
    found = latently.explain(model, ["the cat sat on the zebra"])
    assert found.sentences[0].startswith("zebra (1 in ")
    assert found.expected == ["the cat sat on the zebra"]


def test_discoveries_keep_their_share():
    model = latently.AE(latent=1, epochs=2, validation=0.5).fit(np.random.default_rng(0).normal(size=(1000, 3)))
    drawn = np.random.default_rng(1)
    X = np.vstack((drawn.normal(size=(900, 3)), drawn.normal(9, 1, size=(100, 3))))
    found = latently.anomalies(model, X, rate=0.1, control="discoveries")
    assert found.flagged[900:].all()
    assert found.flagged[:900].sum() / found.flagged.sum() < 0.2
    none = latently.anomalies(model, X[:1], rate=0.01, control="discoveries")
    assert not none.flagged.any()


def test_too_few_held_out_items_for_discoveries_or_for_p_values_are_said():
    X = np.random.default_rng(0).normal(size=(400, 3))
    model = latently.AE(latent=1, epochs=1, validation=0.25).fit(X)
    assert model.held_out_ == len(model.calibration_) == 100
    told = r"with 100 held-out items no p-value is below 0.0099, so of 50 items none is flagged unless 10 or more are"
    with pytest.warns(
        latently.LatentlyWarning, match=told + " that odd, and for a single one the rate must be 0.496 or"
    ):
        assert not latently.anomalies(model, X[:50], rate=0.05, control="discoveries", explained=0).flagged.any()
    with pytest.warns(latently.LatentlyWarning, match="40 or more are that odd, and a single one never is"):
        latently.anomalies(model, X[:200], rate=0.05, control="discoveries", explained=0)
    few = latently.AE(latent=1, epochs=1).fit(X[:100])
    with pytest.warns(latently.LatentlyWarning, match="10 items were held out in the fit, and p-values need 20"):
        latently.anomalies(few, X[:5], rate=0.1, explained=0)


def test_identical_items_are_all_alike(model):
    same = pd.concat([people(1)] * 30, ignore_index=True)
    found = latently.anomalies(model, same, explained=0)
    assert len(set(found.p_values.tolist())) == 1


def test_of_texts_the_table_shows_the_text():
    lines = ["the cat sat on the mat", "the dog sat on the rug"] * 100
    model = latently.LanguageModel(network="embed8 lstm16", epochs=2, lr=0.02).fit(lines)
    first = latently.anomalies(model, [*lines[:8], "xyzzy sat"], rate=0.1).table().row(0, named=True)
    assert (first["item"], first["text"]) == ("8", "xyzzy sat") and "xyzzy, unknown to the model" in first["why"]


@pytest.mark.parametrize("unit", ["character", "bpe"])
def test_what_a_text_holds_and_no_token_stands_for_is_named(unit):
    if unit == "bpe":
        pytest.importorskip("tokenizers")
    lines = latently.open(["the cat sat on the mat", "the dog sat on the rug"] * 40, unit=unit, length=60)
    model = latently.LanguageModel(network="embed8 lstm16", epochs=1).fit(lines)
    said = latently.explain(model, ["the cat sat on the Ω"]).sentences[0]
    assert "Ω, unknown to the model (1 in" in said


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_the_table_is_the_ranking_in_the_library_of_the_data(model, library):
    rows = pl.from_pandas(people(50, seed=4))
    given = {"pandas": rows.to_pandas, "polars": lambda: rows, "pyarrow": rows.to_arrow}[library]()
    found = latently.anomalies(model, given, rate=0.1, explained=3)
    assert type(found.table()) is type(given)
    assert type(latently.neighbors(model, given, 0).frame()) is type(latently.latent_map(model, given).frame())
    assert type(latently.latent_map(model, given).frame()) is type(given)
    table = nw.from_native(found.table()).to_polars()
    assert table.columns == ["rank", "item", "score", "p_value", "flagged", "why"]
    assert table["score"].is_sorted() and table["flagged"].dtype == pl.Boolean
    assert table["item"].to_list() == [str(i) for i in found.ranking.tolist()], "names of a pandas index"
    assert set(found.why) == set(found.ranking[:3].tolist())


def test_without_a_rate_the_usual_one_is_kept_or_the_least_there_is(model):
    assert latently.anomalies(model, people(10), explained=0).rate == 0.01
    small = latently.AE(latent=1, epochs=1, validation=0.4).fit(people(100))
    with pytest.warns(latently.LatentlyWarning, match=r"40 items calibrated .* rate of 0\.0244 and more"):
        found = latently.anomalies(small, people(10), explained=0)
    assert found.rate == 0.0244 == small.least_rate_ >= 1 / 41, "as it is said"
    assert np.array_equal(found.flagged, found.p_values <= 1 / 41)


def test_a_rate_that_is_named_can_be_kept():
    for n in (40, 45, 60, 75):
        small = latently.AE(latent=1, epochs=1, validation=0.5).fit(people(n))
        with pytest.raises(InputError, match="choose a rate of") as refused:
            latently.anomalies(small, people(10), rate=0.001)
        named = float(re.search(r"a rate of ([\d.]+) or more", str(refused.value))[1])
        assert latently.anomalies(small, people(10), rate=named, explained=0).rate == named


def test_what_cannot_be_is_refused_in_a_sentence(model, digits):
    small = latently.AE(latent=1, epochs=1).fit(people(100))
    with pytest.raises(InputError, match=r"a rate of 0\.001 needs 999 .* calibrated by 100; choose a rate of 0"):
        latently.anomalies(small, people(10), rate=0.001)
    for rate in (0, 1, -0.5, True, "much"):
        with pytest.raises(ParameterError, match="a number above 0 and below 1"):
            latently.anomalies(model, people(10), rate=rate)
    for explained in (-1, 2.0, True):
        with pytest.raises(ParameterError, match="a whole number, at least 0"):
            latently.anomalies(model, people(10), explained=explained)
    with pytest.raises(NotFittedError):
        latently.anomalies(latently.AE(), people(10))
    with pytest.raises(ParameterError, match="one of alarms, discoveries"):
        latently.anomalies(model, people(10), control="fdr")
    with pytest.raises(InputError, match="fitted to a table; give a table"):
        latently.explain(model, ["a text"])
    with pytest.raises(InputError, match="no picture can be made"):
        latently.figures.oddest(model, people(10))


def test_copies_of_an_item_are_as_odd_one_by_one_as_together():
    calibration = np.repeat([-7.0, -2.0, 0.5], 33)  # few different items, as of a table of categories
    rounded = calibration - 1e-7 * np.array([-1, 0, 1] * 33)  # as other batches add them up
    assert np.array_equal(p_values(rounded, calibration), p_values(calibration, calibration))
    assert not (rounded < threshold(calibration, 0.2)).any(), "33 of 99 score so: a fifth of the normal ones is below"


@pytest.mark.parametrize("rate", [0.29, 0.57, 1.0])
def test_the_threshold_and_the_p_values_round_alike(rate):
    calibration = np.arange(99.0)
    scores = calibration + 0.5
    flagged = scores < threshold(calibration, rate)
    assert np.array_equal(flagged[:-1], (p_values(scores, calibration) <= rate)[:-1])


def test_files_are_read_as_in_training(tmp_path):
    """A path is enough: which column holds the texts, to what size pictures were brought, what stays on disk."""
    lines = ["the cat sat", "the dog ran"] * 30
    pl.DataFrame({"stars": range(60), "review": lines}).write_csv(tmp_path / "reviews.csv")
    texts = latently.LanguageModel(network="embed4 lstm8", epochs=1, validation=0.5)
    texts.fit(latently.open(tmp_path / "reviews.csv", text="review"))
    frame = pl.read_csv(tmp_path / "reviews.csv")
    for data in (tmp_path / "reviews.csv", frame):
        assert len(latently.anomalies(texts, data, rate=0.2).scores) == 60
        assert len(latently.explain(texts, data).sentences) == 60
        assert latently.neighbors(texts, data, "the cat sat", k=2).rows.shape == (2,)
        assert latently.evaluate(texts, data)["items"] == 60

    pl.from_pandas(people(200)).write_csv(tmp_path / "people.csv")
    rows = latently.AE(latent=2, epochs=1, memory=0).fit(tmp_path / "people.csv")
    assert read(rows, tmp_path / "people.csv").scanned
    found = latently.anomalies(rows, tmp_path / "people.csv", rate=0.1, explained=2)
    assert len(found.scores) == 200 and len(found.why) == 2
    assert latently.neighbors(rows, tmp_path / "people.csv", 3, k=2).items.scanned is False


def test_one_of_many_levels_that_are_as_likely_is_not_odd():
    towns = [f"town {i}" for i in range(200)] * 3
    frame = pd.DataFrame({"town": towns, "size": np.random.default_rng(0).normal(size=600)})
    model = latently.AE(latent=1, epochs=1).fit(frame)
    assert not any("town" in said for said in latently.explain(model, frame[:50]).sentences)


@pytest.mark.parametrize(
    "how", [latently.LanguageModel(network="embed8 lstm8"), latently.TextVAE(encoder="embed8 gru8")]
)
def test_the_surprise_of_words_is_the_score_of_the_text(how):
    model = how.set_params(epochs=1).fit(["the cat sat on the mat", "the dog ran"] * 20)
    texts = ["the cat sat", "the zebra ran on the mat"]
    found = latently.explain(model, texts)
    assert "zebra, unknown to the model (1 in " in found.sentences[1], "what is unknown makes the text odd"
    if isinstance(how, latently.LanguageModel):
        told = (found.surprise > 0).sum(1)
        np.testing.assert_allclose(-found.surprise.sum(1) / told, model.score_samples(texts), rtol=1e-4)


def test_places_are_those_of_the_pictures_that_were_given():
    drawn = np.random.default_rng(0)
    large = [drawn.integers(0, 40, (8, 8)).astype(np.uint8) for _ in range(60)]
    model = latently.AE(latent=2, epochs=40).fit(np.stack(large))
    odd = np.zeros((80, 40), np.uint8)
    odd[60:, 30:] = 255
    said = latently.explain(model, latently.open([odd], size=(8, 8))).sentences[0]
    row, column = (int(part.split()[-1]) for part in said.split(", "))
    assert row >= 60 and column >= 30


def test_of_a_wide_row_the_cells_that_stand_out_are_hidden(monkeypatch):
    drawn = np.random.default_rng(0)
    rows = drawn.normal(size=(400, 3)) @ drawn.normal(size=(3, 60)) + 0.4 * drawn.normal(size=(400, 60))
    model = latently.AE(latent=3, epochs=60, seed=0).fit(rows)
    odd = rows[:12].copy()
    odd[np.arange(12), np.arange(12)] += np.where(np.arange(12) % 2, 8, -300)
    whole = latently.explain(model, odd)
    monkeypatch.setattr(reasons, "HIDDEN", 12)
    some = latently.explain(model, odd)
    assert [one.split(" ")[0] for one in whole.sentences] == [str(i) for i in range(12)]
    assert some.sentences == whole.sentences
    assert (some.surprise == whole.surprise).sum(1).min() >= 12
