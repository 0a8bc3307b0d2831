import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from click.testing import Result

import latently
from latently.cli.flags import fitted

Call = Callable[..., Result]


def test_info(call: Call, picture_run: Path, table_run: Path) -> None:
    page = call("info", picture_run).stdout
    assert "pictures, 8 x 8, 1 channel" in page
    assert "latent=2" in page
    assert "a table, 3 columns" in call("info", table_run / "model.safetensors").stdout
    assert json.loads(call("info", table_run, "--json").stdout)["model"] == "ae"


def test_a_model_reports_on_a_table_in_the_other_container(call: Call, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3)).round(3)
    rows[::7, 1] = np.nan
    np.save(tmp_path / "rows.npy", rows)
    pl.DataFrame(rows, schema=["a", "b", "c"]).with_columns(pl.all().fill_nan(None)).write_csv(tmp_path / "rows.csv")
    np.save(tmp_path / "narrow.npy", rows[:, :2])
    for first, other in (("rows.csv", "rows.npy"), ("rows.npy", "rows.csv")):
        run = tmp_path / f"{first}.run"
        assert call("fit", tmp_path / first, "--epochs", 1, "--out", run).exit_code == 0
        done = call("report", run, tmp_path / other)
        assert done.exit_code == 0, done.stderr
        refused = call("report", run, tmp_path / "narrow.npy")
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_models(call: Call) -> None:
    page = call("models").stdout
    assert all(f"{name} ({cls.__name__})\n" in page for name, cls in fitted().items())
    assert [m["model"] for m in json.loads(call("models", "--json").stdout)] == list(fitted())
    assert "so many that half of each cycle rises\n" in page and "by default None" not in page


def test_report_is_written_again(call: Call, picture_run: Path, pictures: Path) -> None:
    latently.Run(picture_run).report_file.unlink()
    assert call("report", picture_run).exit_code == 0
    assert latently.Run(picture_run).report_file.is_file()
    done = call("report", picture_run, pictures / "cat", "--json")
    assert Path(json.loads(done.stdout)["report"]).is_file()
