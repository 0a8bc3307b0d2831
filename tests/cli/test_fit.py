import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

import latently
from latently.cli.flags import fitted, generated

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


def test_a_run_that_goes_on_says_why_it_does_not(call: Call, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    call("fit", table, "--epochs", 2, "--out", out)
    done = call("fit", "--resume", "--out", out)
    assert done.exit_code == 0
    assert "No further epoch was trained: the run is complete, 2 of 2" in done.stderr
    assert "No further" not in call("fit", "--resume", "--out", out, "--epochs", 3).stderr


def test_an_early_end_is_said(call: Call, tmp_path: Path) -> None:
    np.save(tmp_path / "noise.npy", np.random.default_rng(0).normal(size=(60, 3)))
    out = tmp_path / "run"
    done = call("fit", tmp_path / "noise.npy", "--lr", 0.3, "--epochs", 900, "--patience", 2, "--out", out)
    assert done.stdout.splitlines()[1] == "It stopped early: no better held-out loss for 2 epochs."
    assert "stopped early: no better held-out loss for 2 epochs" in done.stderr
    assert f"Now writing the pictures and the report to {out}" in done.stderr
    assert "stopped early" in (out / "report.html").read_text("utf-8")
    again = call("fit", "--resume", "--out", out)
    assert "No further epoch was trained: the run stopped early: no better held-out loss for 2" in again.stderr


def test_the_end_of_the_time_is_said(call: Call, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = call("fit", table, "--max-minutes", 1e-6, "--out", out, "--json")
    assert json.loads(done.stdout)["early"] == "stopped early: max_minutes=1e-06 is over"
    done = call("fit", "--resume", "--out", out)
    assert f"max_minutes=1e-06 is over; latently fit --resume --out {out} goes on." in done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--model", "ae"], "--model cannot change"),
        (["--kind", "zip=number"], "--kind cannot change"),
        (["--size", "8"], "--size cannot change"),
        (["--beta", "2"], "--beta is no setting of ae"),
        (["--name", "mine"], "--name has no effect beside --out"),
        (["--epochs", "1"], "--epochs 1 is fewer than the 2"),
    ],
)
def test_what_a_run_keeps_is_refused(call: Call, table_run: Path, args: list[str], words: str) -> None:
    before = {path: path.read_bytes() for path in table_run.iterdir() if path.is_file()}
    done = call("fit", "--resume", "--out", table_run, *args)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr
    assert {path: path.read_bytes() for path in table_run.iterdir() if path.is_file()} == before


def test_the_name_or_the_data_and_the_model_lead_to_the_run(
    call: Call, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for more in (["--name", "mine"], []):
        assert call("fit", table, "--model", "ae", "--kind", "zip=category", "--epochs", 1, *more).exit_code == 0
    for args in (["--name", "mine"], [table, "--model", "ae"]):
        done = call("fit", *args, "--resume", "--epochs", 2)
        assert done.exit_code == 0, done.stderr
    assert [len(latently.describe(f"runs/{name}")["history"]) for name in ("mine", "people-ae")] == [2, 2]


@pytest.mark.parametrize("text", ["{}", '{"model": "magic", "params": {}}', "[]", "{"])
def test_a_run_that_names_no_known_model_is_one_sentence(call: Call, tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    done = call("fit", "--resume", "--out", tmp_path)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "start a new run" in done.stderr


def _drawn(folder: Path, sizes: list[tuple[int, int]], mode: str = "L") -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i, (height, width) in enumerate(sizes):
        shape = (height, width, 3) if mode == "RGB" else (height, width)
        Image.fromarray(rng.integers(0, 256, shape, np.uint8)).save(folder / f"{i}.png")
    return folder


@pytest.mark.parametrize(
    ("sizes", "more"),
    [
        ([(9, 9), (12, 10), (9, 9)] * 12, []),
        ([(300, 300)] * 3, ["--encoder", "flatten dense4"]),
        ([(280, 300), (300, 280)] * 2, ["--encoder", "flatten dense4"]),
        ([(12, 10)] * 30, ["--size", "8x8"]),
    ],
)
def test_pictures_that_are_resized(
    call: Call, pictures: Path, tmp_path: Path, sizes: list[tuple[int, int]], more: list[str]
) -> None:
    out = tmp_path / "run"
    done = call("fit", _drawn(tmp_path / "data", sizes), "--out", out, "--epochs", 1, "--latent", 2, *more)
    assert done.exit_code == 0, done.stderr
    others = [pictures, _drawn(tmp_path / "rgb", [(7, 9), (9, 7)] * 15, "RGB")]
    for other in others:
        done = call("report", out, other)
        assert done.exit_code == 0, done.stderr


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
    names = {name for cls in fitted().values() for name in latently.parameters(cls)} - {"verbose"}
    assert {flag.name for flag in generated()} == names
    for name in names:
        assert f"--{name.replace('_', '-')}" in page
    assert "Every model:" in page
    assert "Only vae, betavae, cvae, text-vae:" in " ".join(page.split())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--latent", "0"], "--latent 0 is not allowed; it is a whole number"),
        (["--epochs", "0"], "--epochs 0"),
        (["--epochs", "-3"], "--epochs -3 is not allowed; it is a whole number or none, at least 1"),
        (["--epochs", "many"], "--epochs many"),
        (["--optimizer", "magic"], "'adam'"),
        (["--model", "ae", "--beta", "2"], "--beta is no setting of ae, only of vae"),
        (["--model", "magic"], "one of ae, denoising, sparse"),
        (["--model", "magic"], "text-vae, anomaly-detector."),
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


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            (),
            "VAE reads pictures, tables and series, but the data are 2 texts, 3 words on average; for texts choose",
        ),
        (("--unit", "sentence"), "--unit sentence is not known"),
        (("--vocabulary", 1), "--vocabulary 1 is not allowed"),
        (("--clean", "latin", "--length", 2), "--length 2 is not allowed"),
    ],
)
def test_texts_and_how_they_are_read(call: Call, tmp_path: Path, flags: tuple[str, ...], words: str) -> None:
    (tmp_path / "lines.txt").write_text("I love you.\nYou love me.\n")
    done = call("fit", tmp_path / "lines.txt", "--out", tmp_path / "run", *flags)
    assert done.exit_code == 2 and words in done.stderr and not (tmp_path / "run").exists()


def test_flags_of_texts_do_not_fit_a_table(call: Call, table: Path, tmp_path: Path) -> None:
    done = call("fit", table, "--unit", "word", "--out", tmp_path / "run")
    assert done.exit_code == 2 and "or name the column of texts with --text COLUMN" in done.stderr


def test_the_page_says_what_differs_from_model_to_model(call: Call) -> None:
    page = " ".join(call("fit", "--help").stdout.split())
    for sentence in (
        "--free-nats X Nats of the whole code that cost nothing. [default: 0.0] Of text-vae: [default: 8.0]",
        "Of text-vae: by default so many that half of each cycle rises.",
        "or half as many as an item has where that is fewer. Of",
        "Of text-vae: by default 32.",
        "Only gan, lsgan, wgan, cgan:",
    ):
        assert sentence in page, sentence


def test_none_is_taken_where_the_model_takes_it_and_others_do_not(call: Call, table: Path, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("a cat\na dog\n" * 20, "utf-8")
    flags = ["--warmup", "none", "--epochs", 1, "--encoder", "embed4 gru4"]
    done = call("fit", tmp_path / "lines.txt", "-m", "text-vae", *flags, "-o", tmp_path / "run")
    assert done.exit_code == 0, done.output
    done = call("fit", table, "-m", "vae", "--warmup", "none", "-o", tmp_path / "other")
    assert done.exit_code == 2 and "--warmup None is not allowed; it is a whole number, at least 0" in done.stderr


def test_rows_that_do_not_differ_are_told_where_one_looks(call: Call, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("\n".join(["a,b", *["1.5,x"] * 150]))
    done = call("fit", tmp_path / "same.csv", "--model", "ae", "--epochs", 1, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    assert "There is nothing to learn: the items do not differ from each other" in done.stdout
    assert "the items do not differ from each other" in (tmp_path / "run" / "report.html").read_text("utf-8")
