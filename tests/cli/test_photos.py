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


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
@pytest.mark.parametrize("separator", [",", ";"])
def test_cells_that_are_there_stay_as_they_are_written(call, tmp_path, separator):
    point = "," if separator == ";" else "."
    rows = [[f"0{i}", f"{i}{point}50", f"{i % 2 == 0}", f"2024-01-{i + 10}", "abc"[i % 3]] for i in range(15)]
    gap = [*rows[4]]
    rows[4][1], rows[5][2], rows[6][4] = "", "NA", ""
    lines = [["id", "price", "big", "day", "kind"], *rows]
    (tmp_path / "gaps.csv").write_text("\n".join(separator.join(line) for line in lines) + "\n")
    fitted = latently.DenoisingAE(noise=0, mask=0.2, latent=1, epochs=2)
    path = fitted.fit(latently.open(tmp_path / "gaps.csv", labels="kind")).save(tmp_path / "model.safetensors")
    done = call("impute", path, tmp_path / "gaps.csv", "-o", tmp_path / "whole.tsv")
    assert done.exit_code == 0, done.stderr
    whole = [line.split("\t") for line in (tmp_path / "whole.tsv").read_text().splitlines()]
    assert whole[0] == lines[0] and whole[5][:1] + whole[5][2:] == gap[:1] + gap[2:]
    assert len(whole[5][1].split(point)[1]) == 1 and whole[6][2] in ("True", "False") and whole[7][4] == ""
    assert [line for i, line in enumerate(whole[1:]) if i not in (4, 5, 6)] == [*rows[:4], *rows[7:]]
    assert call("impute", path, tmp_path / "gaps.csv", "-o", tmp_path / "whole.csv").exit_code == 0
    assert (tmp_path / "whole.csv").read_text().splitlines()[1] == separator.join(rows[0])


@pytest.mark.parametrize("zone", ["", "Z", "+09:00"])
def test_what_is_filled_in_is_spelled_like_the_rest(tmp_path, zone):
    texts = {"big": ["TRUE", None, "FALSE"], "when": [f"2024-01-01T07:30{zone}", f"2024-01-02T08:00{zone}", None]}
    path = tmp_path / "t.csv"
    pl.DataFrame(texts).write_csv(path)
    source = latently.open(path)
    table = source.data
    whole = table.with_columns(pl.col("big").fill_null(True), pl.col("when").fill_null(strategy="forward"))
    latently.write(tmp_path / "w.csv", whole, like=source)
    _, second, third = (line.split(",") for line in (tmp_path / "w.csv").read_text().splitlines()[1:])
    filled = {"": "2024-01-02T08:00", "Z": "2024-01-02T08:00Z", "+09:00": "2024-01-01T23:00+00:00"}
    assert second[0] == "TRUE" and third[1] == filled[zone]
    with pytest.raises(latently.InputError, match="2 rows are to be written like a table of 3"):
        latently.write(tmp_path / "x.csv", whole[:2], like=source)
