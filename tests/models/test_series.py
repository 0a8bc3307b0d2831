"""Every model on windows of a series: learns, is deterministic, scores, is saved; and a run of one can go on."""

from functools import cache

import numpy as np
import polars as pl
import pytest

import latently

NAMES = [name for name, cls in latently.MODELS.items() if "series" in cls.reads]


def frame(rows=480, seed=0):
    """Two waves a day apart in phase, with noise and some missing cells."""
    rng = np.random.default_rng(seed)
    hour = np.arange(rows)
    load = np.sin(2 * np.pi * hour / 24) + 0.1 * rng.normal(size=rows)
    heat = 20 + 5 * np.cos(2 * np.pi * hour / 24) + 0.5 * rng.normal(size=rows)
    times = np.datetime64("2024-01-01", "us") + hour.astype("timedelta64[h]")
    gaps = rng.random(rows) < 0.02
    return pl.DataFrame({"when": times, "load": load, "heat": np.where(gaps, np.nan, heat)})


def opened(**how):
    return latently.open(frame(), **{"time": "when", "window": 24, **how})


@cache
def fitted(name):
    source = opened()
    y = np.where(source.starts % 24 < 12, "day", "night")
    return latently.make(name, latent=3, epochs=25).fit(source, y)


def told(model):
    return {"label": "day"} if model.conditional else {}


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_series_learns_scores_and_is_saved(name, tmp_path):
    source, model = opened(), fitted(name)
    assert model.history_[-1]["watched"] < model.history_[0]["watched"]
    codes = model.transform(source)
    assert codes.shape == (len(source), model.latent_) and np.isfinite(codes).all()
    np.testing.assert_allclose(model.transform(source[:3]), codes[:3], atol=1e-4)
    for back in (model.reconstruct(source), model.inverse_transform(codes, **told(model)), model.sample(5, seed=0)):
        assert back.shape[1:] == (24, 2) and np.isfinite(back).all()
    odd = latently.open(frame().with_columns(load=3 * pl.col("load").reverse() - 2), time="when", window=24)
    assert np.median(model.score_samples(odd)) < np.median(model.score_samples(source))
    again = latently.load(model.save(tmp_path / "m.safetensors"))
    assert np.array_equal(again.transform(source), codes)
    assert np.array_equal(again.transform(frame()), codes)  # a table is cut as in the fit
    assert again.transform(model.reconstruct(source)).shape == codes.shape  # and windows are taken as they are


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_receives_a_gradient(name):
    source = opened()
    training = latently.make(name, latent=3).begin(source, np.where(source.starts % 24 < 12, "day", "night")).training
    for epoch in (1, 2):
        for batch in training.train.shuffled(0, epoch):
            training.trainer.step(*batch)
    without = [n for n, p in training.model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without, f"no gradient: {without}"


def test_restores_missing_cells_and_joins_windows_to_a_series():
    source, model = opened(), fitted("ae")
    joined = source.joined(model.reconstruct(source), source.columns)
    assert joined.columns == ["when", "load", "heat"]
    assert joined.null_count().sum_horizontal().item() == 0
    known = frame().with_row_index().drop_nans()
    away = joined["heat"].to_numpy()[known["index"]] - known["heat"].to_numpy()
    assert np.abs(away).mean() < 1.5


def test_recurrent_and_convolutional_networks_can_be_spelled():
    for encoder in ("gru8 flatten dense16 silu", "reshape24x3x1 conv4:k4:s2 silu flatten dense16 silu"):
        model = latently.AE(latent=2, encoder=encoder, epochs=3).fit(opened())
        assert model.reconstruct(opened()).shape == (457, 24, 2)


def test_several_series_are_labels_that_a_conditional_model_is_told():
    both = pl.concat([frame().with_columns(shop=pl.lit("a")), frame(seed=1).with_columns(shop=pl.lit("b"))])
    source = latently.open(both, time="when", window=24, series="shop")
    model = latently.ConditionalVAE(latent=2, epochs=2).fit(source)
    assert model.classes_.tolist() == ["a", "b"]
    assert model.sample(3, seed=0, label="b").shape == (3, 24, 2)


def test_a_run_is_resumed_to_the_same_weights_and_reports(tmp_path):
    path = tmp_path / "x.csv"
    frame().write_csv(path)
    how = {"time": "when", "window": 24, "step": 2}
    whole = latently.Run(tmp_path / "whole")
    events = list(whole.fit(latently.AE(latent=2, epochs=4), path, **how))
    part = latently.Run(tmp_path / "part")
    list(part.fit(latently.AE(latent=2, epochs=2), path, **how))
    events += list(part.resume(epochs=4))
    source = whole.open()
    assert (source.window, len(source)) == (24, 229)
    assert np.array_equal(whole.load().transform(source), part.load().transform(source))
    page = latently.report(whole).read_text("utf-8")
    assert "When it was odd" in page and "229 windows of 24 steps, 2 numbers each" in page
    assert "the mean over the columns" in page
    assert {p.name for p in whole.pictures.iterdir()} == {
        "latent-map.png",
        "loss.png",
        "odd.png",
        "originals-restored.png",
        "samples.png",
    }
    assert latently.report(whole, path) == whole.report_file


def test_models_of_other_data_refuse_a_series_and_the_other_way_round():
    with pytest.raises(latently.InputError, match=r"reads texts, but the data are 457 windows of 24 steps"):
        latently.LanguageModel().fit(opened())
    with pytest.raises(latently.InputError, match="texts were given and the model was fitted to a series"):
        fitted("ae").transform(["a text"])
    with pytest.raises(latently.ParameterError, match=r"augment='hflip' moves pictures and these data are a series"):
        latently.DenoisingAE(augment="hflip").fit(opened())
