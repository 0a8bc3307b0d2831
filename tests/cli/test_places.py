"""`latently neighbors` and `words`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from PIL import Image

import latently

Call = Callable[..., Result]


def test_pictures_near_a_picture(
    call: Call, picture_run: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "alike.png"
    done = call("neighbors", picture_run, pictures, "--query", "cat/2.png", "-k", 3, "-o", out)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].split() == ["row", "distance", "name"] and f"Wrote {out}" in done.stdout
    with Image.open(out) as drawn:
        assert drawn.width > 400
    by_name, by_path, (new, *_) = (
        json.loads(call("neighbors", picture_run, pictures, "--query", query, "-k", 3, "--json").stdout)["items"]
        for query in ("cat/2.png", pictures / "cat" / "2.png", shutil.copy(pictures / "cat" / "2.png", tmp_path))
    )
    assert [one["name"] for one in by_name] == [one["name"] for one in by_path] != ["cat/2.png", *by_name[:2]]
    assert new["name"] == "cat/2.png" not in [one["name"] for one in by_path], "a copy is something new"
    monkeypatch.chdir(pictures)
    here = call("neighbors", picture_run, ".", "--query", "cat/2.png", "-k", 3, "--json")
    assert json.loads(here.stdout)["items"] == by_name, "wherever one stands"


def test_rows_near_a_row(call: Call, table_run: Path, table: Path, tmp_path: Path) -> None:
    done = call("neighbors", table_run, table, "-q", 3, "-k", 2, "--json", "-o", tmp_path / "near.csv")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["items"]
    assert [one["query"] for one in found] == ["3", "3"] and {"row", "distance", "zip", "age", "town"} <= set(found[0])
    assert pl.read_csv(tmp_path / "near.csv")["row"].to_list() == [one["row"] for one in found]
    page = call("neighbors", table_run, table, "-q", 3, "-k", 2).stdout.splitlines()
    assert page[0].split() == ["row", "distance", "zip", "age", "town"] and len(page) == 4
    assert page[1].split() == ["asked", "3", "4.5", "부산"], "what was asked for stands first"


def test_texts_near_a_text_and_those_of_a_file(call: Call, text_run: Path, tmp_path: Path) -> None:
    data = text_run.parent / "lines.txt"
    done = call("neighbors", text_run, data, "-q", "the dog ran on the a.", "-k", 2)
    assert done.exit_code == 0, done.output
    asked, *near = done.stdout.splitlines()[1:]
    assert asked.split(maxsplit=1) == ["asked", "the dog ran on the a."]
    assert [line.split(maxsplit=2)[2] for line in near] == ["the dog ran on the a."] * 2
    (tmp_path / "new.txt").write_text("the cat sat on the b.\nthe dog sat on the a.\n", "utf-8")
    done = call("neighbors", text_run, data, "-q", tmp_path / "new.txt", "-k", 1)
    assert [line for line in done.stdout.splitlines() if line.startswith("nearest to")] == [
        "nearest to the cat sat on the b.",
        "nearest to the dog sat on the a.",
    ]


@pytest.mark.parametrize(
    ("query", "flags", "sentence"),
    [
        ("40", [], "there is no row 40 in the data; it has 40, from 0 to 39"),
        ("-1", [], "there is no row -1 in the data; it has 40, from 0 to 39"),
        ("nowhere.png", [], "'nowhere.png' is neither an item of the data nor a file; give a row from 0 to 39, or"),
        ("cat/02.png", [], "'cat/02.png' is neither an item of the data nor a file; did you mean cat/"),
        ("0", ["-k", 40], "k=40 is not allowed; it is a whole number from 1 to 39"),
        ("0", ["-o", "near.txt"], "neighbours go to .csv, .parquet, .tsv, .png"),
    ],
)
def test_what_cannot_be_found_is_one_sentence(
    call: Call, picture_run: Path, pictures: Path, query: str, flags: list[object], sentence: str
) -> None:
    done = call("neighbors", picture_run, pictures, "--query", query, *flags)
    assert done.exit_code == 2 and sentence in done.stderr and done.stderr.count("\n") == 1


def test_words_are_shown_kept_and_drawn(call: Call, text_run: Path, tmp_path: Path) -> None:
    assert "9 words, a vector of 8 numbers each; the commonest: " in call("words", text_run).stdout
    out = (tmp_path / "v.txt", tmp_path / "map.png")
    done = call("words", text_run, "--nearest", "cat", "-k", 3, "-o", out[0], "--map", out[1], "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    vectors = latently.WordVectors.load(out[0])
    assert [one["word"] for one in found["nearest"]] == [word for word, _ in vectors.nearest("cat", 3)]
    assert out[1].stat().st_size > 5000


def test_words_that_are_not_there_are_said(call: Call, text_run: Path, table_run: Path) -> None:
    done = call("words", text_run, "--nearest", "dogg")
    assert done.exit_code == 2 and "'dogg' is not among the 9 words; did you mean 'dog'?" in done.stderr
    done = call("words", table_run)
    assert done.exit_code == 2 and "knows no words" in done.stderr


def test_a_map_is_written_as_what_its_ending_says(
    call: Call, picture_run: Path, pictures: Path, table_run: Path, table: Path, tmp_path: Path
) -> None:
    done = call("map", picture_run, pictures, "-o", tmp_path / "map.html", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["items"] == found["of"] == 40 and found["how"] == "pca"
    assert "pointmap" in (tmp_path / "map.html").read_text("utf-8")
    done = call("map", table_run, table, "--by", "age", "--most", 30, "--dimensions", 3, "-o", tmp_path / "map.png")
    assert done.exit_code == 0, done.output
    assert f"Wrote a map of 30 of 60 items to {tmp_path / 'map.png'}" in done.stdout


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["-o", "map.txt"], "maps go to .html, .png, .svg, .csv, .parquet"),
        (["--how", "mds", "-o", "map.png"], "is not known; it is one of pca, tsne, umap, localmap"),
        (["--dimensions", 5, "-o", "map.png"], "it is 2 or 3"),
        (["--by", "wage", "-o", "map.png"], "is not known of these items; known is score, zip, age, town"),
    ],
)
def test_a_map_that_cannot_be_is_one_sentence(
    call: Call, table_run: Path, table: Path, tmp_path: Path, flags: list[Any], sentence: str
) -> None:
    flags[-1] = tmp_path / str(flags[-1])
    flags[-1].write_text("a map of before, which nothing replaces yet")
    done = call("map", table_run, table, *flags)
    assert done.exit_code == 2 and sentence in done.stderr and done.stderr.count("\n") == 1
