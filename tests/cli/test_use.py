import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import Result
from PIL import Image

import latently
from latently.cli import use

Call = Callable[..., Result]


def picture_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.mark.parametrize("ending", ["csv", "npy", "parquet"])
def test_codes_are_written(call: Call, picture_run: Path, pictures: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"codes.{ending}"
    done = call("encode", picture_run, pictures, "-o", out, "--json")
    assert json.loads(done.stdout) == {"codes": str(out), "items": 40, "latent": 2}
    readers = {"csv": pl.read_csv, "npy": np.load, "parquet": pl.read_parquet}
    assert len(readers[ending](out)) == 40


def test_pictures_come_back_under_their_names(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "restored"
    assert call("reconstruct", picture_run, pictures, "-o", out).exit_code == 0
    assert picture_size(out / "cat" / "0.png") == (8, 8)
    assert len(list(out.rglob("*.png"))) == 40


def test_pictures_of_another_size_are_fitted(call: Call, picture_run: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    Image.fromarray(np.zeros((20, 16), np.uint8)).save(tmp_path / "new" / "a.png")
    done = call("reconstruct", picture_run, tmp_path / "new", "-o", tmp_path / "restored")
    assert done.exit_code == 0, done.output
    assert picture_size(tmp_path / "restored" / "a.png") == (16, 20)


def test_a_table_comes_back_with_its_columns(call: Call, table_run: Path, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "restored.csv"
    assert call("reconstruct", table_run, table, "-o", out).exit_code == 0
    assert pl.read_csv(out).columns == ["zip", "age", "town"]


def test_numbers_are_written_as_the_data_write_them(call: Call, table_run: Path, table: Path, tmp_path: Path) -> None:
    for verb, *flags in (("reconstruct", table), ("sample", "-n", 40, "--seed", 0)):
        assert call(verb, table_run, *flags, "-o", tmp_path / "t.csv").exit_code == 0
        ages = [line.split(",")[1] for line in (tmp_path / "t.csv").read_text("utf-8").splitlines()[1:]]
        assert max(len(age.partition(".")[2]) for age in ages) == (1 if verb == "reconstruct" else 2)


def test_samples(call: Call, picture_run: Path, table_run: Path, tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        assert call("sample", picture_run, "-n", 9, "--seed", 3, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert call("sample", picture_run, "-n", 3, "-o", tmp_path / "folder").exit_code == 0
    assert len(list((tmp_path / "folder").rglob("*.png"))) == 3
    assert call("sample", table_run, "-n", 5, "-o", tmp_path / "new.csv").exit_code == 0
    assert len(pl.read_csv(tmp_path / "new.csv")) == 5


@pytest.mark.parametrize(
    "args",
    [
        ("encode", "{run}", "nowhere", "-o", "{tmp}/codes.csv"),
        ("encode", "nowhere", "{data}", "-o", "{tmp}/codes.csv"),
        ("encode", "{run}", "{table}", "-o", "{tmp}/codes.csv"),
        ("encode", "{run}", "{data}", "-o", "{tmp}/codes.txt"),
        ("encode", "{run}", "{data}"),
        ("encode", "{table}", "{data}", "-o", "{tmp}/codes.csv"),
        ("sample", "{run}", "-n", "0", "-o", "{tmp}/grid.png"),
        ("sample", "{run}", "-n", "many", "-o", "{tmp}/grid.png"),
        ("sample", "{table_run}", "-o", "{tmp}/grid.png"),
        ("sample", "{table_run}", "-o", "{tmp}/folder"),
        ("reconstruct", "{run}", "{data}", "-o", "{tmp}/restored.csv"),
        ("reconstruct", "{table_run}", "{table}", "-o", "{tmp}/restored"),
        ("encode", "{run}", "{data}", "-o", "{tmp}"),
        ("encode", "{run}", "{data}", "-o", "{table}/codes.csv"),
        ("sample", "{run}", "-o", "{table}/new/grid.png"),
        ("sample", "{run}", "-o", "{tmp}/grid.tiff"),
        ("info", "{tmp}"),
        ("report", "{tmp}/nowhere"),
    ],
)
def test_mistakes(
    call: Call, args: tuple[str, ...], picture_run: Path, table_run: Path, pictures: Path, table: Path, tmp_path: Path
) -> None:
    places = {"run": picture_run, "table_run": table_run, "data": pictures, "table": table, "tmp": tmp_path}
    done = call(*(a.format(**places) for a in args))
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["encode", "reconstruct", "sample"])
@pytest.mark.parametrize("name", ["out.txt", "file/out.npy", "folder.npy", "locked/out.npy"])
def test_the_place_is_checked_before_the_work(
    call: Call, command: str, name: str, picture_run: Path, pictures: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    def worked(*_: Any, **__: Any) -> Any:
        raise AssertionError("the place must be checked first")

    for work in ("transform", "reconstruct", "sample"):
        monkeypatch.setattr(latently.Latent, work, worked)
    monkeypatch.setattr(latently, "open", worked)
    monkeypatch.setattr("os.access", lambda place, _: Path(place).name != "locked")  # root may write anywhere
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.npy").mkdir()
    (tmp_path / "locked").mkdir()
    done = call(command, picture_run, *([] if command == "sample" else [pictures]), "-o", tmp_path / name)
    assert done.exit_code == 2, done.output
    assert "--out" in done.stderr or "folder of yours" in done.stderr


def test_every_ending_that_is_let_through_can_be_written(
    call: Call, picture_run: Path, table_run: Path, pictures: Path, tmp_path: Path
) -> None:
    for ending in use.TABLES:
        assert call("encode", picture_run, pictures, "-o", tmp_path / f"codes{ending}").exit_code == 0
    for ending in (*use.GRIDS, *use.PICTURES):
        assert call("sample", picture_run, "-n", 2, "-o", tmp_path / f"new{ending}").exit_code == 0


def test_rows_go_to_a_table(call: Call, table_run: Path, tmp_path: Path) -> None:
    assert "rows of a table go to .csv, .parquet" in call("sample", table_run, "-o", tmp_path / "s.png").stderr


@pytest.mark.parametrize("place", ["{data}", "{run}", "{run}/model.safetensors", "{data}/inside"])
def test_nothing_is_written_over_what_was_given(call: Call, picture_run: Path, place: str) -> None:
    data = Path(latently.Run(picture_run).settings["data"])
    before = sorted(p.name for p in data.rglob("*"))
    out = place.format(data=data, run=picture_run)
    for done in (call("reconstruct", picture_run, data, "-o", out), call("sample", picture_run, "-o", out)):
        assert done.exit_code == 2
        assert "Error: " in done.stderr
    assert sorted(p.name for p in data.rglob("*")) == before


def test_a_table_is_not_replaced_by_what_comes_of_it(call: Call, table_run: Path) -> None:
    data = Path(latently.Run(table_run).settings["data"])
    before = data.read_bytes()
    for args in (("encode", table_run, data), ("reconstruct", table_run, data), ("sample", table_run)):
        done = call(*args, "-o", data)
        assert done.exit_code == 2
        assert "holds data or a model of yours" in done.stderr
    assert data.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("neighbors", "RUN", "DATA", "-q", 0, "-k", 0), "'-k': 0 is not in the range x>=1"),
        (("neighbors", "RUN", "DATA", "-q", 0, "-o", "near.xlsx"), "neighbours go to .csv, .parquet, .tsv, .png"),
        (("interpolate", "RUN", "A", "B", "-n", 1, "-o", "way"), "'-n': 1 is not in the range x>=2"),
        (("interpolate", "RUN", "A", "B", "-o", "way.xlsx"), "way.xlsx: items go to"),
        (("words", "RUN", "-k", 0), "'-k': 0 is not in the range x>=1"),
        (("words", "RUN", "-o", "v.csv"), "word vectors go to .txt, .vec"),
        (("sample", "RUN", "-n", 0, "-o", "new.csv"), "'-n': 0 is not in the range x>=1"),
        (("sample", "RUN", "-o", "new.xlsx"), "new.xlsx: new items go to"),
        (("reconstruct", "RUN", "DATA", "-o", "new.xlsx"), "new.xlsx: restored items go to"),
        (("encode", "RUN", "DATA", "-o", "new.xlsx"), "new.xlsx: codes go to"),
        (("anomalies", "RUN", "DATA", "--rate", 1), "'--rate': 1.0 is not in the range 0<x<1"),
        (("evaluate", "RUN", "DATA", "--draws", 0), "'--draws': 0 is not in the range x>=1"),
        (("anatomy", "RUN", "--batch", 0), "'--batch': 0 is not in the range x>=1"),
    ],
)
def test_what_can_be_known_before_a_model_is_read_is_said_before(
    call: Call, args: tuple[object, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> Any:
        raise AssertionError("this needs no model")

    monkeypatch.setattr(latently, "load", read)
    done = call(*args)
    assert done.exit_code == 2 and sentence in done.stderr and done.stderr.count("\n") == 1, done.output


def test_what_is_replaced_is_said(call: Call, table_run: Path, picture_run: Path, tmp_path: Path) -> None:
    rows, folder = tmp_path / "rows.csv", tmp_path / "new"
    for run, out, said in (
        (table_run, rows, "is there already and will be replaced"),
        (picture_run, folder, "not empty"),
    ):
        assert "Note:" not in call("sample", run, "-n", 3, "-o", out).stderr
        done = call("sample", run, "-n", 2, "-o", out)
        assert done.exit_code == 0 and f"Note: {out} " in done.stderr and said in done.stderr
    assert len(rows.read_text("utf-8").splitlines()) == 3 and len(list(folder.iterdir())) == 3
