"""Tables that stay on disk: the same columns, rows and labels as those of a table in memory."""

import gzip
import os
import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import latently
from latently import InputError
from latently.data import cache, fit_codec, table_copy, tally
from latently.data import scanned as scanned_table
from latently.data.scanned import ScannedTable


@pytest.fixture(autouse=True)
def little(monkeypatch, tmp_path):
    """Groups of 7 rows, and a cache of its own."""
    monkeypatch.setattr(table_copy, "FEWEST", 7)
    monkeypatch.setattr(table_copy, "MOST", 7)
    monkeypatch.setattr(scanned_table, "HELD", 0)
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))


def frame(n=100):
    rng = np.random.default_rng(0)
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2030, 1, 1), eager=True)[:n]
    return pl.DataFrame(
        {
            "age": [None if i % 9 == 4 else i * 7 % 50 for i in range(n)],
            "height": [None if i % 11 == 0 else v for i, v in enumerate(rng.normal(170, 9, n).tolist())],
            "town": [None if i % 8 == 3 else ["Jeju", "Seoul", "Busan"][i * i % 3] for i in range(n)],
            "married": [None if i % 10 == 2 else i % 3 == 0 for i in range(n)],
            "born": days,
            "name": [f"person {i}" for i in range(n)],
            "nothing": pl.Series([None] * n, dtype=pl.String),
            "seen": days.cast(pl.Datetime("us")) + timedelta(hours=3, minutes=5),
        }
    )


@pytest.fixture
def both(tmp_path):
    """A file opened in memory, and on disk."""

    def opened(content, name="t.csv", **asked):
        path = tmp_path / name
        if isinstance(content, pl.DataFrame):
            content.write_csv(path) if name.endswith("csv") else content.write_parquet(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        held, scanned = (latently.open(path, memory=memory, **asked) for memory in (1, 0))
        assert isinstance(scanned, ScannedTable) and not isinstance(held, ScannedTable)
        return held, scanned

    return opened


def same(one, two):
    """Whether the codecs of two sources are, but for the last digits of sums."""
    assert [replace(c, mean=0.0, scale=1.0) for c in one.columns] == [
        replace(c, mean=0.0, scale=1.0) for c in two.columns
    ]
    for c, d in zip(one.columns, two.columns, strict=True):
        assert (d.mean, d.scale) == pytest.approx((c.mean, c.scale), rel=1e-12)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
@pytest.mark.filterwarnings("ignore:column")
def test_columns_are_told_and_packed_as_in_memory(both, name):
    held, scanned = both(frame(), name)
    assert scanned.columns == held.columns and len(scanned) == len(held)
    assert scanned.data.equals(held.data) and scanned.dtypes == held.dtypes
    one, two = fit_codec(held), fit_codec(scanned)
    assert {c.name: c.kind for c in two.columns}["born"] == "date"
    same(one, two)
    assert scanned.notes == held.notes and len(held.notes) == 2
    np.testing.assert_allclose(two.pack(scanned).numpy(), one.pack(held).numpy(), rtol=1e-6)
    rows = np.array([99, 3, 3, 50])
    assert scanned[rows].data.equals(held[rows].data) and scanned[rows].names == ["99", "3", "3", "50"]
    assert scanned[20:60][::-1][np.array([0, 39])].names == ["59", "20"]
    assert [len(part) for part in scanned.parts(30)] == [28, 28, 28, 16]  # whole groups
    assert [len(part) for part in scanned.parts(3)][:5] == [3, 3, 1, 3, 3]
    assert pl.concat([part.data for part in scanned.parts(30)]).equals(held.data)
    assert pl.concat([part.data for part in scanned[rows].parts(3)]).equals(held[rows].data)
    assert [name for part in scanned.parts(3) for name in part.names] == held.names


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("late text", "a,b\n" + "1,2\n" * 10_050 + "x,3\n"),
        ("late number", "a,b\n" + "1,2\n" * 10_050 + "1.5,\n"),
        ("late both", "a,b\n" + "1,true\n" * 10_050 + "2.5,3\nx,maybe\n"),
        ("commas", "x;town;n;y\n" + "1,5;a,b;1;1.234,5\n-2;c;2;NA\n;d;3;7\n" * 9),
        ("no commas after all", "x;y\n" + "1,5;2\n" * 20 + "1,5,5;2\n"),
        ("no names", "5.1,3.5\n4.9,3.0\n" * 9),
        ("blank", "a,b\n1,x\n\n2,y\n\n\n3,z\n"),
        ("one column", "a\n1\n\n3\n"),
        ("marked", "\ufeffa,b\n1,x\n2,y\n"),
        ("named", 'a,"b,""x"\n1,2\n3,y\n'),
        ("quoted", 'a,b\r\n1,"x\ny"\r\n2,"""z"", w"\r\n'),
        ("dates", "a,b\n" + "".join(f"2020-01-{i:02d},2020-01-{i:02d}T01:02:{i:02d}\n" for i in range(1, 29))),
        ("dates no more", "a,b\n" + "2020-01-02,1\n" * 20 + "soon,2\n"),
        ("dates with a gap first", "a,b\n" + ",1\n" * 20 + "2020-01-02T03:04:05Z,2\n"),
        ("dates of two forms", "a,b\n" + "2020-01-02T03:04:05,1\n" * 20 + "2020-01-02 03:04:06,2\n"),
    ],
)
def test_text_is_read_as_in_memory(both, name, content):
    held, scanned = both(content)
    assert scanned.dtypes == held.dtypes
    assert scanned.data.equals(held.data), (scanned.data, held.data)
    assert scanned.notes == held.notes


def test_packed_text(both):
    held, scanned = both(gzip.compress(b"a,b\n1,x\n2,y\n"), "t.csv.gz")
    assert scanned.data.equals(held.data)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n3,4,5\n", r"line 3: 3 fields where the first line has 2"),
        ("a,b\n", "no rows; give at least one row"),
        (
            "a,b\n1,caf\u00e9\n".encode("latin-1"),
            r"line 2: byte 6 of the line \(0xe9\) is not UTF-8; it looks like CP1252",
        ),
    ],
)
def test_a_broken_file_is_refused_with_the_line_and_leaves_nothing(tmp_path, content, words):
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=words):
        latently.open(path, memory=0)
    assert not [p for p in cache.folder().glob("*") if not p.name.endswith(("json", "raw")) or p.name[0] == "."]


def test_a_bad_cell_is_named_by_its_row(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [float(i) for i in range(50)], "b": [0.0] * 41 + [np.inf] + [1.0] * 8}).write_parquet(path)
    with pytest.raises(InputError, match=r"column 'b' holds inf in row 41"):
        fit_codec(latently.open(path, memory=0))
    (tmp_path / "u.parquet").write_bytes(b"plain")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        latently.open(tmp_path / "u.parquet", memory=0)


def test_labels(both):
    held, scanned = (source.labelled("town") for source in both(frame(), "t.parquet"))
    assert scanned.labels.tolist() == held.labels.tolist() and scanned.labels.dtype == held.labels.dtype
    assert scanned.columns == held.columns and scanned.label == "town"
    assert scanned.labelled("town") is scanned
    assert [label for part in scanned.parts(9) for label in part.labels] == held.labels.tolist()
    assert scanned.fingerprint() != both(frame(), "t.parquet")[1].fingerprint()
    for column in ("age", "married"):
        held, scanned = both(frame(), "t.parquet", labels=column)
        assert scanned.labels.tolist() == held.labels.tolist() and scanned.labels.dtype == held.labels.dtype
    handed = scanned.labelled([*range(100)])
    assert handed[np.array([5, 7])].labels.tolist() == [5, 7] and handed.fingerprint() != scanned.fingerprint()
    with pytest.raises(InputError, match="labels='twon' names no column of the table; did you mean 'town'"):
        scanned.labelled("twon")


@pytest.mark.filterwarnings("ignore:column")
def test_a_category_of_numbers_and_one_that_cannot_be(both):
    same(*(fit_codec(source) for source in both(frame(), "t.parquet", kinds={"age": "category", "name": "category"})))
    with pytest.raises(InputError, match="column 'born' cannot be a category"):
        fit_codec(both(frame(), "t.parquet", kinds={"born": "category"})[1])
    with pytest.raises(InputError, match="names no column of the table; did you mean 'born'"):
        both(frame(), "t.parquet", kinds={"brn": "category"})


def test_frequent_values_are_counted_exactly_and_many_different_ones_estimated(monkeypatch):
    rng = np.random.default_rng(0)
    values = np.concatenate([np.repeat(np.arange(20), 40), np.arange(1000, 3000)])
    series = pl.Series(rng.permutation(values).astype(str))
    parts = [series[i : i + 100] for i in range(0, len(series), 100)]
    assert tally.frequencies(lambda: parts) == dict(series.value_counts().iter_rows())
    found = tally.frequencies(lambda: parts, most=100)
    assert len(found) <= 100 and {str(i): 40 for i in range(20)}.items() <= found.items()
    assert tally.distinct(parts) == 2020
    monkeypatch.setattr(tally, "DIFFERENT", 500)
    assert tally.distinct(parts) == pytest.approx(2020, rel=0.15)  # three times the error of 500 hashes


def test_the_copy_is_made_once_and_again_where_the_file_is_another(tmp_path):
    path = tmp_path / "t.csv"
    frame().write_csv(path)
    first = latently.open(path, memory=0)
    (made,) = cache.folder().glob("*.raw")
    stamp = made.stat().st_ino
    again = latently.open(path, memory=0)
    assert made.stat().st_ino == stamp and again.fingerprint() == first.fingerprint()
    made.unlink()  # as where other data needed the room
    assert first[50:52].names == ["50", "51"] and first[50:52].data.equals(frame()[50:52])
    frame(90).write_csv(path)
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 10**9))
    assert first[50:52].data.height == 2  # what is open is as it was
    next(cache.folder().glob("*.raw")).unlink()
    with pytest.raises(InputError, match=r"was changed since; open it again"):
        _ = first[50:53].data
    assert len(latently.open(path, memory=0)) == 90


def test_what_has_no_room_at_once_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    frame().write_parquet(path)
    source = latently.open(path, memory=0)
    monkeypatch.setattr("latently.data.memory.free", lambda: 100)
    with pytest.raises(InputError, match=r"100 rows of .* take them a part at a time"):
        _ = source.data
    assert sum(len(part) for part in source.parts(7)) == 100


@pytest.mark.parametrize("memory", [-1, "1", True])
def test_memory_is_a_number_of_gigabytes(memory):
    with pytest.raises(InputError, match="is no size; it is a number of gigabytes"):
        latently.open([[1.0]], memory=memory)
