import json

import polars as pl


def test_anomalies_are_ranked_with_reasons(call, table_run, table, tmp_path):
    odd = tmp_path / "new.csv"
    odd.write_text(table.read_text("utf-8") + "\n3,90000,서울\n", "utf-8")
    done = call("anomalies", table_run, odd, "--rate", 0.1, "-o", tmp_path / "odd.csv")
    assert done.exit_code == 0, done.output
    assert "of 61 items are flagged; at most 0.1 of the normal ones" in done.stdout
    assert "age 90" in done.stdout
    ranked = pl.read_csv(tmp_path / "odd.csv")
    first = ranked.row(0, named=True)
    assert (first["rank"], first["item"], first["flagged"]) == (1, 60, True)
    assert first["why"].startswith("age 90")
    assert len(ranked) == 61
    found = json.loads(call("anomalies", table_run, odd, "--rate", 0.1, "--control", "discoveries", "--json").stdout)
    assert found["oddest"][0]["item"] == "60"


def test_odd_texts_are_shown_with_the_word(call, text_run, tmp_path):
    (tmp_path / "new.txt").write_text("the cat sat on the a.\n\nthe xyzzy sat on the b.\n", "utf-8")
    done = call("anomalies", text_run, tmp_path / "new.txt", "--rate", 0.1)
    assert done.exit_code == 0, done.output
    assert "1 of 2 items are flagged" in done.stdout and "; items are counted from 0\n" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "xyzzy, unknown to the model (1 in" in line)
    assert row.split()[0] == "1" and row.endswith("the xyzzy sat on the b.")


def test_odd_pictures_are_drawn(call, picture_run, pictures, tmp_path):
    done = call("anomalies", picture_run, pictures, "--rate", 0.2, "--picture", tmp_path / "odd.png")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "odd.png").stat().st_size > 5000
    assert "cat/" in done.stdout or "dog/" in done.stdout


def test_a_rate_that_cannot_be_is_refused(call, table_run, table, tmp_path):
    done = call("anomalies", table_run, table, "--rate", 0.00001)
    assert done.exit_code == 2
    assert "choose a rate of" in done.output
    done = call("anomalies", table_run, table, "-o", tmp_path / "odd.txt")
    assert done.exit_code == 2
    assert "rankings go to .csv, .parquet" in done.output
    assert call("anomalies", table_run, table, "-o", table).exit_code == 2, "data are not written over"
