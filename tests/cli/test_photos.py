"""`latently tiles` and `denoise`, and `impute`."""

import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("photos")
    for i, size in enumerate([(40, 50), (30, 90)]):
        picture = np.random.default_rng(i).integers(0, 255, (*size, 3)).astype(np.uint8)
        Image.fromarray(picture).save(place / f"{i}.png")
    return place


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory):
    fitted = latently.DenoisingAE(encoder="keep:add conv4", epochs=1).fit(latently.tiles(folder, 16, n=30))
    return str(fitted.save(tmp_path_factory.mktemp("model") / "clean.safetensors"))


def size(path):
    with Image.open(path) as picture:
        return picture.size


def test_tiles_are_cut(call, folder, tmp_path):
    done = call("tiles", folder, "--side", 16, "-n", 12, "-o", tmp_path / "tiles.npy")
    assert done.exit_code == 0 and "Wrote 12 tiles of 16 x 16" in done.stdout
    assert np.load(tmp_path / "tiles.npy").shape == (12, 16, 16, 3)


def test_a_photograph_smaller_than_the_tile_is_one_sentence(call, folder, tmp_path):
    done = call("tiles", folder, "--side", 64, "-o", tmp_path / "tiles.npy")
    assert done.exit_code == 2 and "photograph 0.png is 40 x 50 and a tile has 64 x 64" in done.stderr


def test_photographs_are_cleaned_at_their_size(call, folder, model, tmp_path):
    done = call("denoise", model, folder, "--noise", 0.3, "-o", tmp_path / "clean")
    assert done.exit_code == 0 and "Wrote 2 cleaned photographs" in done.stdout
    assert [size(tmp_path / "clean" / f"{i}.png") for i in (0, 1)] == [(50, 40), (90, 30)]
    done = call("denoise", model, folder / "1.png", "--noise", 0.3, "-o", tmp_path / "one.png")
    assert done.exit_code == 0 and size(tmp_path / "one.png") == (90, 30)


def test_photographs_are_never_written_over(call, folder, model):
    done = call("denoise", model, folder / "1.png", "-o", folder / "1.png")
    assert done.exit_code == 2 and "choose another --out" in done.stderr


def test_another_model_is_refused(call, folder, tmp_path):
    other = latently.AE(latent=2, epochs=1).fit(np.zeros((20, 8, 8), np.uint8)).save(tmp_path / "ae.safetensors")
    done = call("denoise", other, folder, "-o", tmp_path / "clean")
    assert done.exit_code == 2 and "the model is of AE; photographs are cleaned by a DenoisingAE" in done.stderr


def test_gaps_of_a_table_are_filled(call, tmp_path):
    table = pl.DataFrame({"a": [*np.arange(40.0), None], "b": [*np.arange(40), 7]})
    table.write_csv(tmp_path / "gaps.csv")
    fitted = latently.DenoisingAE(noise=0, mask=0.2, latent=1, epochs=2).fit(tmp_path / "gaps.csv")
    path = fitted.save(tmp_path / "model.safetensors")
    done = call("impute", path, tmp_path / "gaps.csv", "-o", tmp_path / "whole.csv")
    assert done.exit_code == 0 and "Wrote 41 rows, their gaps filled in" in done.stdout
    whole = pl.read_csv(tmp_path / "whole.csv")
    assert whole["a"].null_count() == 0 and whole["b"].to_list() == table["b"].to_list()
