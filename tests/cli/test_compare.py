"""`latently compare` and `bench-models`."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Call = Callable[..., Result]


def test_runs_are_compared(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    done = call("compare", picture_run, picture_run, "--data", pictures, "-n", 30, "-o", tmp_path / "c.html")
    assert done.exit_code == 0, done.output
    assert "pictures (2)" in done.stdout and "PCA, 2 numbers" in done.stdout
    assert f"Wrote {tmp_path / 'c.html'}" in done.stdout and (tmp_path / "c.html").stat().st_size > 10_000
    done = call("compare", picture_run, "--data", pictures, "--odd", "dog", "--train", pictures, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["items"] == 20 and 0 <= found["rows"][0]["auroc"] <= 1


def test_nothing_and_different_kinds_are_one_sentence(
    call: Call, picture_run: Path, table_run: Path, pictures: Path
) -> None:
    done = call("compare", "--data", pictures)
    assert done.exit_code == 2 and "there is nothing to compare" in done.stderr
    done = call("compare", picture_run, table_run, "--data", pictures)
    assert done.exit_code == 2 and "different kinds of data, pictures to pictures and table to a table" in done.stderr
    done = call("compare", picture_run, "--data", pictures, "-o", "c.txt")
    assert done.exit_code == 2 and "comparisons go to .html, .png" in done.stderr


def test_models_are_trained_and_ranked(call: Call, tmp_path: Path) -> None:
    rows = [f"{i % 7},{i * 1.5},{'red' if i % 3 else 'blue'}" for i in range(240)]
    (tmp_path / "people.csv").write_text("\n".join(["zip,age,town", *rows]), "utf-8")
    flags = ["-m", "ae", "--minutes", "0.05", "--label", "town", "--keep", tmp_path / "models", "--by", "restored"]
    done = call("bench-models", tmp_path / "people.csv", *flags, "-o", tmp_path / "ranked.csv", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["rows"][0]["rank"] == 1 and found["notes"][0] == "Ranked by restored."
    assert (tmp_path / "models" / "AE.safetensors").exists() and len(found["wrote"]) == 2
    done = call("info", tmp_path / "models" / "AE.safetensors")
    assert done.exit_code == 0, done.output
    done = call("bench-models", tmp_path / "people.csv", "--minutes", "-1")
    assert done.exit_code == 2 and "--minutes -1.0 is not allowed" in done.stderr
