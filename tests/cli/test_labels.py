"""Labels on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import Result

import latently

Call = Callable[..., Result]


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds: one is always long, the other short."""
    rng = np.random.default_rng(0)
    long = np.arange(200) % 2
    columns = {
        "length": 10 * long + rng.normal(size=200),
        "width": rng.normal(size=200),
        "town": ["x", "y", "x", "y"] * 50,
    }
    path = tmp_path_factory.mktemp("data") / "flowers.csv"
    return latently.write(path, pl.DataFrame({**columns, "species": np.array(["short", "long"])[long].tolist()}))


@pytest.fixture(scope="module")
def run(call: Call, flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "flowers"
    settings = ("--latent", 1, "--epochs", 60, "--lr", 0.01)
    done = call("fit", flowers, "-m", "cvae", "--label", "species", "-o", out, *settings)
    assert done.exit_code == 0, done.output
    return out


def test_a_conditional_model_draws_the_label_it_is_asked_for(call: Call, run: Path, tmp_path: Path) -> None:
    for label, low, high in (("long", 6, 14), ("short", -4, 4)):
        out = tmp_path / f"{label}.csv"
        done = call("sample", run, "-n", 100, "--seed", 0, "--label", label, "-o", out)
        assert done.exit_code == 0, done.output
        drawn = pl.read_csv(out)
        assert drawn.columns == ["length", "width", "town"]
        assert drawn["length"].is_between(low, high).mean() > 0.9


def test_a_label_that_is_not_known_or_not_asked_for_is_refused_in_words(
    call: Call, run: Path, table_run: Path, tmp_path: Path
) -> None:
    done = call("sample", run, "--label", "lang", "-o", tmp_path / "new.csv")
    assert done.exit_code == 2 and "was not seen in training; it is one of long, short" in done.stderr
    done = call("sample", table_run, "--label", "long", "-o", tmp_path / "new.csv")
    assert done.exit_code == 2 and "knows no labels" in done.stderr
    assert not (tmp_path / "new.csv").exists()


def test_codes_stand_beside_their_labels(call: Call, run: Path, flowers: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    assert call("encode", run, flowers, "-o", out).exit_code == 0
    codes = pl.read_csv(out)
    assert codes.columns == ["name", "label", "z0"]
    assert codes["label"].to_list() == pl.read_csv(flowers)["species"].to_list()
    other = latently.write(tmp_path / "more.csv", pl.read_csv(flowers).with_columns(pl.col("town").alias("city")))
    assert call("encode", run, other, "--label", "city", "-o", out).exit_code == 0
    assert pl.read_csv(out)["label"].to_list() == ["x", "y", "x", "y"] * 50


def test_pictures_have_their_sub_folders_beside_their_codes(
    call: Call, picture_run: Path, pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "codes.csv"
    assert call("encode", picture_run, pictures, "-o", out).exit_code == 0
    codes = pl.read_csv(out)
    assert codes.columns == ["name", "label", "z0", "z1"]
    assert (codes["name"].str.split("/").list.first() == codes["label"]).all()
    done = call("encode", picture_run, pictures, "--label", "kind", "-o", out)
    assert done.exit_code == 2 and "the sub-folders of pictures are their labels" in done.stderr.replace("\n", " ")


def test_a_wrong_column_is_named_before_anything_is_written(call: Call, flowers: Path, tmp_path: Path) -> None:
    done = call("fit", flowers, "--label", "specie", "-o", tmp_path / "run")
    assert done.exit_code == 2 and "--label specie names no column of the table; did you mean 'species'?" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_column_of_labels_is_no_feature_and_cannot_change(call: Call, flowers: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = call("fit", flowers, "-m", "ae", "--label", "species", "-o", out, "--latent", 1, "--epochs", 1)
    assert done.exit_code == 0, done.output
    assert latently.load(out).feature_names_in_.tolist() == ["length", "width", "town"]
    assert latently.Run(out).settings["labels"] == "species"
    done = call("fit", "--resume", "-o", out, "--label", "town")
    assert done.exit_code == 2 and "--label cannot change" in done.stderr


def test_codes_are_judged_by_the_column_of_labels(call: Call, flowers: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    call("fit", flowers, "-m", "ae", "--label", "species", "-o", out, "--latent", 2, "--epochs", 60)
    by_species = json.loads(call("evaluate", out, flowers, "--json").stdout)
    other = latently.write(
        tmp_path / "more.csv", pl.read_csv(flowers).with_columns(pl.Series("any", ["p", "q", "q"] * 66 + ["p", "q"]))
    )
    by_any = json.loads(call("evaluate", out, other, "--label", "any", "--json").stdout)
    assert by_species["knn_accuracy"] > 0.95 > by_any["knn_accuracy"] + 0.2


def test_a_report_takes_other_data_with_labels_or_without(call: Call, run: Path, flowers: Path, tmp_path: Path) -> None:
    bare = latently.write(tmp_path / "bare.csv", pl.read_csv(flowers).drop("species"))
    assert latently.Run(run).open(bare).labels is None
    for data in (flowers, bare):
        done = call("report", run, data)
        assert done.exit_code == 0, done.output
