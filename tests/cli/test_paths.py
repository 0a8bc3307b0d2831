"""`latently interpolate`, `traverse` and `classes`."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from PIL import Image

Call = Callable[..., Result]


def test_a_way_between_pictures_is_a_strip(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    ends = (pictures / "cat" / "0.png", pictures / "dog" / "1.png")
    done = call("interpolate", picture_run, *ends, "-n", 5, "-o", tmp_path / "strip.png")
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "strip.png") as strip:
        assert strip.width > 4.5 * strip.height
    done = call("interpolate", picture_run, f"{pictures}:0", f"{pictures}:1", "-n", 4, "-o", tmp_path / "way")
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "way").glob("*.png"))) == 4
    refused = call("interpolate", picture_run, *ends)
    assert refused.exit_code == 2 and "pictures cannot be printed; say with --out" in refused.stderr


def test_a_way_between_rows_is_printed(call: Call, table_run: Path, table: Path) -> None:
    done = call("interpolate", table_run, f"{table}:3", f"{table}:50", "-n", 3, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["items"]
    assert len(found) == 3 and set(found[0]) == {"zip", "age", "town"}
    rows = call("interpolate", table_run, 3, 50, "-n", 3, "--how", "data", "--data", table, "--json")
    assert json.loads(rows.stdout)["items"][0] == found[0]
    refused = call("interpolate", table_run, 3, 50)
    assert refused.exit_code == 2 and "3 is a row of no file; give FILE:3, or the file by --data" in refused.stderr
    refused = call("interpolate", table_run, f"{table}:3", f"{table}:60")
    assert refused.exit_code == 2 and "has no row 60; it has 60, from 0 to 59" in refused.stderr


def test_a_model_without_codes_knows_no_way(call: Call, text_run: Path) -> None:
    done = call("interpolate", text_run, "the cat", "a dog")
    assert done.exit_code == 2 and "has no codes" in done.stderr


def test_a_way_along_the_data_can_move(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    ends, out = (f"{pictures}:0", f"{pictures}:1"), tmp_path / "way.gif"
    done = call("interpolate", picture_run, *ends, "--how", "data", "--data", pictures, "-n", 5, "-o", out)
    assert done.exit_code == 0 and f"Wrote 5 items to {out}" in done.stdout, done.output
    with Image.open(out) as moving:
        assert moving.n_frames > 1
    refused = call("interpolate", picture_run, *ends, "--how", "data", "-o", out)
    assert refused.exit_code == 2 and "--how data needs --data" in refused.stderr


def test_axes_are_drawn_and_printed(
    call: Call, picture_run: Path, pictures: Path, table_run: Path, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "axes.png"
    done = call("traverse", picture_run, pictures / "cat" / "0.png", "--axis", 1, "--axis", "pc1", "-o", out, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["items"] == 18 and found["rows"][0] == "z1" and found["columns"][4] == "0σ"
    with Image.open(out) as drawn:
        assert drawn.width > 1500
    done = call("traverse", table_run, f"{table}:3", "--axis", "0", "-n", 3)
    assert done.exit_code == 0 and done.stdout.splitlines()[0] == "z0", done.output
    assert {line.split()[0] for line in done.stdout.splitlines()[2:]} == {"zip", "age", "town"}
    done = call("traverse", table_run, "--axis", "z7")
    assert done.exit_code == 2 and "--axis z7 is not allowed; it is a number of the code from 0 to 1" in done.stderr


def test_ideal_members_are_drawn(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    done = call("classes", picture_run, pictures, "-n", 2, "-o", tmp_path / "classes.png", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == ["cat", "dog"]
    done = call("classes", picture_run, pictures, "--of", "zebra", "-o", tmp_path / "no.png")
    assert done.exit_code == 2 and "no item has the label 'zebra'; labels there are cat, dog" in done.stderr
