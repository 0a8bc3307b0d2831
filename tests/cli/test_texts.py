"""The command line on a model that gives texts codes: fit, encode, reconstruct, sample, evaluate, report."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import Result

import latently

Call = Callable[..., Result]


def test_fit_ends_with_a_model_its_health_and_a_report(coded_run: Path) -> None:
    model = latently.load(coded_run)
    assert (model.name, model.latent_) == ("text-vae", 3)
    assert (model.cycles, model.warmup, model.beta) == (2, 20, 1.0)
    health = json.loads((coded_run / "health.json").read_text("utf-8"))
    assert health["latent"] == 3 and len(health["kl"]) == 3
    assert "Through the code and back" in (coded_run / "report.html").read_text("utf-8")


def test_codes_of_a_column_are_written_beside_its_rows(call: Call, coded_run: Path, tmp_path: Path) -> None:
    data = coded_run.parent / "said.csv"
    done = call("encode", coded_run, data, "--label", "who", "-o", tmp_path / "codes.csv")
    assert done.exit_code == 0, done.output
    codes = pl.read_csv(tmp_path / "codes.csv")
    assert codes.shape[0] == 160 and codes.columns[-3:] == ["z0", "z1", "z2"]
    said = pl.read_csv(data)["said"].to_list()
    np.testing.assert_allclose(codes[:, -3:].to_numpy(), latently.load(coded_run).transform(said), atol=1e-5)


@pytest.mark.parametrize("ending", [".txt", ".jsonl"])
def test_texts_come_back(call: Call, coded_run: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"restored{ending}"
    data = coded_run.parent / "said.csv"
    done = call("reconstruct", coded_run, data, "-o", out)
    assert done.exit_code == 0, done.output
    assert latently.open(out).data == latently.load(coded_run).reconstruct(pl.read_csv(data)["said"].to_list())


def test_samples_are_drawn_and_the_model_is_measured(call: Call, coded_run: Path, tmp_path: Path) -> None:
    done = call("sample", coded_run, "-n", 5, "--seed", 1, "-o", tmp_path / "new.txt")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new.txt").read_text("utf-8").splitlines() == latently.load(coded_run).sample(5, seed=1)
    done = call("evaluate", coded_run, coded_run.parent / "said.csv", "--draws", 5)
    assert done.exit_code == 0, done.output
    assert "mutual information" in done.stdout and "words restored" in done.stdout and "perplexity" in done.stdout


def test_report_info_and_anatomy_know_it(call: Call, coded_run: Path) -> None:
    assert call("report", coded_run).exit_code == 0
    told = call("info", coded_run).stdout
    assert "text-vae" in told and "3 numbers" in told and "embed8:v" in told
    assert "gru16" in call("anatomy", coded_run).stdout
    assert "text-vae (TextVAE)" in call("models").stdout


def test_a_model_with_codes_says_how_it_makes_texts(call: Call, coded_run: Path) -> None:
    done = call("write", coded_run, "--prompt", "the")
    assert done.exit_code == 2 and "text-vae, which goes on with no prompt" in done.stderr
    assert f"latently sample {coded_run} -o new.txt" in done.stderr and "latently interpolate" in done.stderr
