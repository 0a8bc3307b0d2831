"""Photographs of any size, cleaned whole; gaps of tables, filled in."""

import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently

TINY = "keep:add conv4 res"


@pytest.fixture(scope="module")
def photo():
    rows, columns = np.mgrid[:70, :90] / 90
    return (255 * np.stack((rows, columns, 1 - rows), -1)).astype(np.uint8)


@pytest.fixture(scope="module")
def model(photo):
    X = latently.tiles(photo, 16, n=60)
    return latently.DenoisingAE(
        noise=0.1, encoder=TINY, likelihood="logmse", epochs=8, augment="hflip turns channels", lr=5e-3
    ).fit(X)


@pytest.mark.parametrize("cut", [(70, 90), (16, 16), (17, 40), (9, 50), (3, 2), (1, 1)])
def test_a_photograph_of_any_size_comes_back_in_it(model, photo, cut):
    some = photo[: cut[0], : cut[1]]
    cleaned = model.denoise(some, noise=0.1)
    assert cleaned.shape == some.shape and cleaned.dtype == np.uint8


def test_it_cleans_the_whole(model, photo):
    noisy = np.clip(photo + 25.5 * np.random.default_rng(1).normal(size=photo.shape), 0, 255).astype(np.uint8)
    cleaned = model.denoise(noisy, noise=0.1)
    error = np.square(cleaned.astype(float) - photo)
    assert error.mean() < 0.8 * np.square(noisy.astype(float) - photo).mean()


def test_forms_channels_and_types_come_back(model, photo):
    grey = photo[..., 0]
    assert model.denoise(grey, noise=0.1).shape == grey.shape
    assert model.denoise(np.stack([photo, photo]), noise=0.1).shape == (2, *photo.shape)
    found = model.denoise([photo, photo[:30]], noise=[0.1, 0.09])
    assert [one.shape for one in found] == [(70, 90, 3), (30, 90, 3)]
    wide = model.denoise(photo.astype(np.uint16) * 257, noise=0.1)
    assert wide.dtype == np.uint16 and abs(wide / 257 - model.denoise(photo, noise=0.1)).max() < 1
    floats = model.denoise(photo.astype(np.float64), noise=0.1)  # in the range of the bytes that were fitted
    assert floats.dtype == np.float64 and abs(floats - model.denoise(photo, noise=0.1)).max() < 1


def test_a_tile_is_restored_as_reconstruct_does(model, photo):
    X = latently.tiles(photo, 16, n=3)
    np.testing.assert_array_equal(model.denoise(X, noise=0.1), model.reconstruct(X))


def test_folders_and_files_are_read_at_their_own_size(model, photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "a.png")
    Image.fromarray(photo[:40, :20]).save(tmp_path / "b.png")
    (tmp_path / "note.txt").write_text("no picture")
    with pytest.warns(latently.LatentlyWarning, match=r"note\.txt was left out: not a picture"):
        found = dict(model.denoised(tmp_path, noise=0.1))
    assert {name: one.shape for name, one in found.items()} == {"a.png": (70, 90, 3), "b.png": (40, 20, 3)}
    np.testing.assert_array_equal(model.denoise(tmp_path / "a.png", noise=0.1), found["a.png"])


def test_strange_noise_is_spoken_of(model, photo):
    with pytest.warns(latently.LatentlyWarning, match=r"noise of about 0.0\d+ and the model was taught 0.1: details"):
        model.denoise(photo)
    with pytest.warns(latently.LatentlyWarning, match="noise of about 0.300 .* noise will be left"):
        model.denoise(photo, noise=0.3)


def test_noise_of_every_level_may_be_taught(photo):
    X = latently.tiles(photo, 16, n=40)
    model = latently.DenoisingAE(noise=0.3, least_noise=0.01, encoder=TINY, epochs=1).fit(X)
    assert model.denoise(photo, noise=0.05).shape == photo.shape
    with pytest.raises(latently.ParameterError, match=r"least_noise=0\.4 is more than noise=0\.3"):
        latently.DenoisingAE(least_noise=0.4).fit(X)


def test_what_cannot_be_cleaned_is_said(model, photo, tmp_path):
    with pytest.raises(latently.InputError, match="does not exist; give a picture's file"):
        model.denoise(tmp_path / "nothing.png")
    with pytest.raises(latently.InputError, match="array of 5 dimensions was given instead of a photograph"):
        model.denoise(np.zeros((1, 2, 3, 4, 5)))
    with pytest.raises(latently.InputError, match="empty list was given instead of photographs"):
        model.denoise([])
    with pytest.raises(latently.InputError, match="differ in channels or type"):
        model.denoise([photo, photo[..., 0]])
    with pytest.raises(latently.InputError, match="missing or infinite"):
        model.denoise(np.full((20, 20), np.nan))
    with pytest.raises(latently.ParameterError, match=r"noise=2 is not allowed; it is of 0 to 1"):
        model.denoise(photo, noise=2)
    with pytest.raises(latently.ParameterError, match="noise has 3 numbers for 1 photograph;"):
        model.denoise(photo, noise=[0.1, 0.1, 0.1])
    with pytest.raises(latently.ParameterError, match="overlap=16 is not allowed; it is a whole number from 0 to 15"):
        model.denoise(photo, overlap=16)
    table = latently.DenoisingAE(latent=2, epochs=1).fit(np.random.default_rng(0).normal(size=(30, 4)))
    with pytest.raises(latently.InputError, match="was fitted to tables and cannot clean photographs"):
        table.denoise(photo)
    with pytest.raises(latently.InputError, match="was fitted to pictures and cannot fill in a table"):
        model.impute(photo)


def test_quarter_turns_need_squares():
    X = np.zeros((20, 8, 12), np.uint8)
    with pytest.raises(latently.ParameterError, match="quarter turns are for square pictures and these are 8 x 12"):
        latently.DenoisingAE(augment="turns").fit(X)


def test_held_out_items_are_judged_as_they_are_spoiled(photo):
    X = latently.tiles(photo, 16, n=60)
    model = latently.DenoisingAE(noise=0.1, encoder=TINY, epochs=6, lr=5e-3).fit(X)
    assert model.untrained_["reconstruction"] > model.history_[-1]["validation"]["reconstruction"]


@pytest.mark.parametrize("container", ["numpy", "polars", "pandas", "pyarrow", "file"])
def test_gaps_alone_are_filled(container, tmp_path):
    rng = np.random.default_rng(0)
    a = rng.normal(size=300)
    whole = pl.DataFrame(
        {"a": a, "b": 2 * a + 1, "n": (10 * a).round().astype(int), "c": np.where(a > 0, "up", "down")}
    )
    hidden = whole.with_columns(
        [pl.when(pl.Series(rng.random(300) < 0.15)).then(None).otherwise(pl.col(c)).alias(c) for c in whole.columns]
    )
    model = latently.DenoisingAE(noise=0, mask=0.3, latent=4, epochs=60).fit(hidden)
    path = tmp_path / "gaps.csv"
    hidden.write_csv(path)
    given = {
        "numpy": lambda: hidden[:, :2].to_numpy(),
        "polars": lambda: hidden,
        "pandas": hidden.to_pandas,
        "pyarrow": hidden.to_arrow,
        "file": lambda: path,
    }[container]()
    if container == "numpy":
        model = latently.DenoisingAE(noise=0, mask=0.3, latent=2, epochs=60).fit(given)
        filled, known = model.impute(given), ~np.isnan(given)
        np.testing.assert_array_equal(filled[known], given[known])
        assert not np.isnan(filled).any()
        return
    filled = model.impute(given)
    assert isinstance(filled, type(given)) or container == "file"
    table = (
        filled
        if isinstance(filled, pl.DataFrame)
        else pl.from_pandas(filled)
        if container == "pandas"
        else pl.from_arrow(filled)
    )
    assert table.columns == hidden.columns and sum(table.null_count().row(0)) == 0
    for name in hidden.columns:
        known = hidden[name].is_not_null()
        assert (table[name].filter(known) == hidden[name].filter(known)).all()
    guessed = table["c"].filter(hidden["c"].is_null()) == whole["c"].filter(hidden["c"].is_null())
    assert guessed.mean() > 0.8


def test_the_index_of_a_frame_is_kept():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0)[::-1]}, index=np.arange(40) * 3)
    frame.loc[9, "a"] = np.nan
    filled = latently.DenoisingAE(noise=0, mask=0.2, latent=1, epochs=2).fit(frame).impute(frame)
    assert list(filled.index) == list(frame.index) and filled.notna().all().all()
