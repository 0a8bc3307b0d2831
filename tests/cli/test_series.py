import json

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    hour = np.arange(400)
    rng = np.random.default_rng(0)
    value = 50 + 10 * np.sin(2 * np.pi * hour / 24) + rng.normal(size=400)
    value[200] = 300
    times = np.datetime64("2024-01-01", "us") + hour.astype("timedelta64[h]")
    path = tmp_path_factory.mktemp("series") / "load.csv"
    pl.DataFrame({"when": times, "load": value}).write_csv(path)
    return path


@pytest.fixture(scope="module")
def run(call, series):
    folder = series.parent / "run"
    flags = ["--time", "when", "--window", 24, "--step", 2, "-m", "ae", "--latent", 3, "--epochs", 15]
    done = call("fit", series, *flags, "--out", folder)
    assert done.exit_code == 0, done.output
    assert "latently anomalies" in done.stdout and "--picture odd.png" in done.stdout
    return folder


def test_what_was_asked_is_kept(call, run):
    assert json.loads((run / "run.json").read_text())["reading"] == {"time": "when", "window": 24, "step": 2}
    assert "a series, 1 column, in windows of 24 rows" in call("info", run).stdout
    done = call("fit", "--resume", "--out", run, "--window", 12)
    assert done.exit_code == 2 and "--window cannot change in a run that goes on" in done.output


def test_anomalies_are_ranges_of_time(call, run, series, tmp_path):
    done = call(
        "anomalies", run, series, "--rate", 0.1, "-o", tmp_path / "when.csv", "--picture", tmp_path / "when.png"
    )
    assert done.exit_code == 0, done.output
    first = pl.read_csv(tmp_path / "when.csv", try_parse_dates=True).row(0, named=True)
    assert str(first["start"]) == str(first["end"]) == "2024-01-09 08:00:00"
    assert first["why"].startswith("load 300 at 2024-01-09 08:00, expected ")
    assert "2024-01-09 08:00:00" in done.stdout and "of 189 windows are flagged" in done.stdout
    assert (tmp_path / "when.png").stat().st_size > 5000
    found = json.loads(call("anomalies", run, series, "--rate", 0.1, "--json").stdout)
    assert found["oddest"][0]["start"] == "2024-01-09 08:00:00"


def test_nothing_odd_is_said_too(call, run, series, tmp_path):
    calm = pl.read_csv(series, try_parse_dates=True).slice(0, 60).with_columns(pl.col("load").fill_null(50))
    calm.write_csv(tmp_path / "calm.csv")
    done = call("anomalies", run, tmp_path / "calm.csv", "--rate", 0.03)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("0 of 19 windows are flagged") and "counted" not in done.stdout


def test_of_several_series_the_odd_one_is_named(call, series, tmp_path):
    one = pl.read_csv(series, try_parse_dates=True)
    calm = one.with_columns(pl.when(pl.col("load") > 100).then(50).otherwise(pl.col("load")).alias("load"))
    pl.concat([calm.with_columns(shop=pl.lit("Jeju")), one.with_columns(shop=pl.lit("Busan"))]).write_csv(
        tmp_path / "shops.csv"
    )
    flags = ["--time", "when", "--series", "shop", "--window", 24, "-m", "ae", "--latent", 3, "--epochs", 5]
    assert call("fit", tmp_path / "shops.csv", *flags, "--out", tmp_path / "run").exit_code == 0
    done = call("anomalies", tmp_path / "run", tmp_path / "shops.csv", "--rate", 0.05)
    assert "shop" in done.stdout and "Busan" in done.stdout, done.output


def test_what_it_makes_is_written_as_rows_arrays_and_lines(call, run, series, tmp_path):
    for name, *words in (
        ("codes.csv", "encode", run, series),
        ("restored.csv", "reconstruct", run, series),
        ("restored.npy", "reconstruct", run, series),
        ("new.csv", "sample", run, "-n", 3),
        ("new.png", "sample", run, "-n", 3),
        ("way.csv", "interpolate", run, f"{series}:0", f"{series}:9"),
        ("near.png", "neighbors", run, series, "--query", 7, "-k", 4),
        ("near.csv", "neighbors", run, series, "--query", "2024-01-01 04:00 to 2024-01-02 03:00", "-k", 4),
    ):
        done = call(*words, "-o", tmp_path / name)
        assert done.exit_code == 0, f"{name}: {done.output}"
    codes = pl.read_csv(tmp_path / "codes.csv")
    assert codes.columns == ["name", "z0", "z1", "z2"] and codes["name"][1] == "2024-01-01 02:00 to 2024-01-02 01:00"
    assert pl.read_csv(tmp_path / "restored.csv").shape == (400, 2)
    assert np.load(tmp_path / "restored.npy").shape == (189, 24, 1)
    assert pl.read_csv(tmp_path / "new.csv").columns == ["window", "step", "load"]
    assert pl.read_csv(tmp_path / "way.csv").shape == (7 * 24, 3)
    assert pl.read_csv(tmp_path / "near.csv").shape[0] == 4
    evaluated = call("evaluate", run, series, "-n", 50)
    assert evaluated.exit_code == 0 and "load" in evaluated.stdout


def test_restored_columns_stand_under_their_names_whatever_their_order(call, run, series, tmp_path):
    frame = pl.read_csv(series)
    frame.select("when", (pl.col("load") - 5000).alias("more"), "load").write_csv(tmp_path / "turned.csv")
    for data, out in ((series, tmp_path / "one.csv"), (tmp_path / "turned.csv", tmp_path / "two.csv")):
        done = call("reconstruct", run, data, "-o", out)
        assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "two.csv").equals(pl.read_csv(tmp_path / "one.csv"))


def test_wrong_flags_are_said_in_one_sentence(call, series, tmp_path):
    for flags, said in (
        (["--time", "wen"], "--time wen names no column of the table; did you mean 'when'"),
        (["--time", "when", "--window", 500], "choose a window of at most 400"),
        (["--time", "when", "--step", 0], "it is a whole number of rows, at least 1"),
    ):
        done = call("fit", series, *flags, "--out", tmp_path / "run")
        assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output
    done = call("reconstruct", series.parent / "run", series, "-o", tmp_path / "x.txt")
    assert done.exit_code == 2 and "windows of a series go to .csv, .parquet" in done.output
