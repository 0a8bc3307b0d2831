import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import Result

import latently

Call = Callable[..., Result]


def test_a_page_of_numbers_with_units(call: Call, picture_run: Path, pictures: Path) -> None:
    done = call("evaluate", picture_run, pictures, "--draws", 4)
    assert done.exit_code == 0, done.output
    page = done.stdout
    assert page.startswith("vae on 40 items\n")
    for key in ("mse", "psnr", "ssim", "nll", "frechet", "coverage", "knn_accuracy"):
        assert f"\n{latently.MEASURES[key].title} " in page, key
    assert "dB: signal over error; higher is better" in page
    assert "nats an item: minus the log-likelihood" in page
    assert "principal components of the items as the network sees them" in page


def test_a_program_reads_the_same_numbers(call: Call, picture_run: Path, pictures: Path) -> None:
    done = call("evaluate", picture_run, pictures, "--draws", 4, "-n", 30, "--seed", 1, "--json")
    found = json.loads(done.stdout)
    assert (found["items"], found["nll_draws"]) == (30, 4)
    source = latently.open(pictures, kind="image", size=(8, 8))
    assert found == latently.evaluate(latently.load(picture_run), source, draws=4, n=30, seed=1)


def test_rows_are_judged_column_by_column(call: Call, table_run: Path, table: Path) -> None:
    page = call("evaluate", table_run, table).stdout
    assert "\nage     R² " in page
    assert "% of cells; " in page
    assert "PSNR" not in page
    assert "The likelihood cannot be estimated" in page
    assert "There are no labels" in page


def test_factors_come_from_a_file(call: Call, table_run: Path, table: Path, tmp_path: Path) -> None:
    pl.DataFrame({"shape": np.arange(60) % 3}).write_csv(tmp_path / "factors.csv")
    found = json.loads(call("evaluate", table_run, table, "--factors", tmp_path / "factors.csv", "--json").stdout)
    assert 0 <= found["mig"] <= 1
    pl.DataFrame({"shape": np.arange(7) % 3}).write_csv(tmp_path / "short.csv")
    refused = call("evaluate", table_run, table, "--factors", tmp_path / "short.csv")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "factors for 7 items" in refused.stderr


@pytest.mark.parametrize("flags", [("-n", 0), ("--draws", 0), ("--draws", "many"), ("--seed", -1)])
def test_a_wrong_count_is_one_sentence(call: Call, table_run: Path, table: Path, flags: tuple[object, ...]) -> None:
    refused = call("evaluate", table_run, table, *flags)
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_data_that_do_not_fit_are_one_sentence(call: Call, table_run: Path, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n3,4\n", "utf-8")
    refused = call("evaluate", table_run, tmp_path / "other.csv")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "lacks columns 'zip'" in refused.stderr


def test_a_fit_says_what_is_worst_and_keeps_its_health(call: Call, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(200, 6))
    np.save(tmp_path / "noise.npy", noise)
    flags = ("--model", "vae", "--beta", 50, "--epochs", 5, "--latent", 2)
    done = call("fit", tmp_path / "noise.npy", *flags, "--out", tmp_path / "collapsed", "--json")
    found = json.loads(done.stdout)["health"]
    assert "It learned nothing" in found["worst"]
    assert found["active_units"] == 0
    assert any(f["text"].startswith("Posterior collapse") for f in found["findings"])
    run = latently.Run(tmp_path / "collapsed")
    assert json.loads(run.health_file.read_text("utf-8")) == found
    assert "Posterior collapse" in run.report_file.read_text("utf-8")
    said = call("fit", tmp_path / "noise.npy", *flags, "--out", tmp_path / "again").stdout
    assert said.count(found["worst"]) == 1


def test_a_fit_that_is_well_says_nothing_of_it(call: Call, tmp_path: Path) -> None:
    line = np.random.default_rng(0).normal(size=(300, 1)) @ np.array([[1.0, 2, -1, 0.5, 3]])
    np.save(tmp_path / "line.npy", line + 0.05 * np.random.default_rng(1).normal(size=line.shape))
    done = call("fit", tmp_path / "line.npy", "--model", "ae", "--latent", 1, "--out", tmp_path / "run")
    assert json.loads(latently.Run(tmp_path / "run").health_file.read_text("utf-8"))["worst"] is None
    assert "learned" not in done.stdout
