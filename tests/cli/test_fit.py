import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

import latently
from latently.cli import fit as fit_module
from latently.cli.flags import generated

Call = Callable[..., Result]


def test_a_fit_leaves_a_model_pictures_and_a_report(call: Call, picture_run: Path) -> None:
    run = latently.Run(picture_run)
    assert run.model_file.is_file()
    assert run.report_file.is_file()
    assert len(list(run.pictures.iterdir())) == 4
    assert latently.load(picture_run).latent == 2


def test_what_is_said_of_a_column_is_kept(table_run: Path) -> None:
    assert latently.Run(table_run).settings["kinds"] == {"zip": "category"}


def test_the_summary_can_be_read_by_a_program(call: Call, table: Path, tmp_path: Path) -> None:
    done = call("fit", table, "--model", "ae", "--epochs", 1, "--out", tmp_path / "run", "--json")
    summary = json.loads(done.stdout)
    assert (summary["model"], summary["epochs"]) == ("ae", 1)
    assert Path(summary["report"]).is_file()


def test_the_summary_says_where_and_what_next(call: Call, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "a run"
    done = call("fit", table, "--epochs", 1, "--out", out)
    assert str(out / "report.html") in done.stdout
    assert f"latently encode '{out}' {table} -o codes.csv" in done.stdout


def test_without_out_the_run_has_a_place_and_it_is_said(
    call: Call, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("people-ae", "people-ae-2"):
        done = call("fit", table, "--model", "ae", "--epochs", 1)
        assert latently.Run(Path("runs", name)).model_file.is_file()
        assert str(Path("runs", name)) in done.stderr
    assert call("fit", table, "--epochs", 1, "--name", "mine").exit_code == 0
    assert Path("runs", "mine").is_dir()


def test_a_folder_with_something_in_it_is_refused(call: Call, table: Path, table_run: Path) -> None:
    before = latently.Run(table_run).model_file.read_bytes()
    done = call("fit", table, "--out", table_run)
    assert done.exit_code == 2
    assert done.stderr.count("\n") <= 2
    assert "not empty" in done.stderr
    assert latently.Run(table_run).model_file.read_bytes() == before


def test_a_run_goes_on(call: Call, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    call("fit", table, "--epochs", 1, "--out", out)
    assert call("fit", "--resume", "--out", out, "--epochs", 3).exit_code == 0
    assert len(latently.describe(out)["history"]) == 3
    refused = call("fit", "--resume", "--out", out, "--latent", 3)
    assert refused.exit_code == 2
    assert "--latent cannot change" in refused.stderr


def test_ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on(
    call: Call, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(events: Iterator[Any]) -> Iterator[Any]:
        yield next(events)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(latently, "follow", pressed)
    out = tmp_path / "a run"
    done = call("fit", table, "--epochs", 5, "--out", out)
    monkeypatch.undo()
    assert done.exit_code == 130
    assert f"latently fit --resume --out '{out}'" in done.stderr
    assert call("fit", "--resume", "--out", out).exit_code == 0
    assert len(latently.describe(out)["history"]) == 5


def test_every_hyper_parameter_is_a_flag_with_a_help(call: Call) -> None:
    page = call("fit", "--help").stdout
    names = {name for cls in latently.MODELS.values() for name in latently.parameters(cls)} - {"verbose"}
    assert {flag.name for flag in generated()} == names
    for name in names:
        assert f"--{name.replace('_', '-')}" in page
    assert "Every model:" in page
    assert "Only vae:" in page


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--latent", "0"], "latent=0 is not allowed; it is a whole number"),
        (["--epochs", "0"], "epochs=0"),
        (["--epochs", "many"], "epochs='many'"),
        (["--optimizer", "magic"], "'adam'"),
        (["--model", "ae", "--beta", "2"], "--beta is no setting of ae, only of vae"),
        (["--model", "magic"], "one of ae, denoising, sparse"),
        (["--kind", "zip"], "is not COLUMN=KIND"),
        (["--kind", "zipp=category"], "zipp"),
        (["--size", "0x3"], "is no size"),
        (["--latnt", "3"], "--latent"),
        (["--size", "8"], "is for pictures"),
    ],
)
def test_a_mistake_is_one_sentence(call: Call, table: Path, tmp_path: Path, args: list[str], words: str) -> None:
    done = call("fit", table, "--out", tmp_path / "run", *args)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_values_are_read_as_what_they_are(call: Call, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = call("fit", table, "--out", out, "--epochs", 1, "--lr", "1e-2", "--latent", "none", "--free-bits", 1)
    assert done.exit_code == 0, done.output
    params = latently.describe(out)["params"]
    assert (params["lr"], params["latent"], params["free_bits"]) == (0.01, None, 1)


def test_data_or_a_run_to_go_on_with_is_needed(call: Call) -> None:
    assert "DATA is missing" in call("fit").stderr
    assert "--resume needs the run" in call("fit", "--resume").stderr
    assert isinstance(fit_module.fit, click.Command)
