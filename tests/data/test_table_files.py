"""CSV and Parquet: what is read, and where a broken file is said to be broken."""

import gzip
from decimal import Decimal

import polars as pl
import pytest

import latently
from latently import InputError, LatentlyWarning


@pytest.fixture
def csv(tmp_path):
    """Writes a file and opens it."""

    def opened(content: str | bytes, name: str = "a.csv", **options):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return latently.open(tmp_path / name, **options)

    return opened


def test_types_are_found(csv):
    frame = csv("n,x,t,b,d,z\n1,.5,a,true,2020-01-02,2020-01-02T03:04:05Z\n2,NA,,false,,\n").data
    assert [str(t) for t in frame.dtypes[:5]] == ["Int64", "Float64", "String", "Boolean", "Date"]
    assert frame["z"].dtype == pl.Datetime("us", "UTC")
    assert frame.row(1)[:5] == (2, None, None, False, None)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "\ufeffa,b\n1,x\n2,y\n",
        "a,b\r\n1,x\r\n2,y",
        'a,b\n1,"x"\n\n2,y\n',
    ],
)
def test_dialects(csv, content):
    source = csv(content)
    assert source.data.rows() == [(1, "x"), (2, "y")]
    assert source.notes == []


def test_one_column(csv):
    assert csv("a\n1\n\n3\n").data["a"].to_list() == [1, None, 3]


def test_quotes_are_letters_where_a_tab_separated_file_means_them_so(csv):
    assert csv('a\tb\n1\t"x" and y\n2\t5" disk\n', "a.tsv").data["b"].to_list() == ['"x" and y', '5" disk']
    assert csv('a,b\n1,5" disk\n', "a.csv").data["b"].to_list() == ['5" disk']


def test_quotes_in_names_are_read_as_the_cells_are(csv):
    source = csv('a,"b,""x"\n1,2\n1,"5"" disk"\n')
    assert source.columns == ["a", 'b,"x'] and source.data['b,"x'].to_list() == ["2", '5" disk']


def test_packed_and_typed_late(csv):
    text = "a\n" + "1\n" * 20_000 + "x\n"
    assert csv(gzip.compress(text.encode()), "a.csv.gz").data["a"].dtype == pl.String


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n3,4,5\n", r"line 3: 3 fields where the first line has 2"),
        ("a,b\n1,2\n3\n", r"line 3: 1 fields where the first line has 2"),
        ('a,b\n"1\n1",2\n3\n', r"line 4: 1 fields"),
        ('a,b\n1,"2\n', r"line 2: .*close the double quotes"),
        ("a,b\n", "no rows; give at least one row"),
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b,a\n1,2,3\n", r"'a' more than once \(columns 1 and 3\)"),
        (
            "a,b\n1,caf\u00e9\n".encode("latin-1"),
            r"line 2: byte 6 of the line \(0xe9\) is not UTF-8; it looks like CP1252",
        ),
        ("이름,나이\n하나,3\n".encode("cp949"), "line 1: .* it looks like CP949, so convert it with: iconv -f CP949"),
        ("a,b\n1,2\n".encode("utf-16"), r"line 1: byte 1 of the line \(0xff\)"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(csv, content, words):
    with pytest.raises(InputError, match=words):
        csv(content)


def test_a_file_without_names_is_read_with_a_word(csv):
    with pytest.warns(LatentlyWarning, match="no line of names"):
        source = csv("5.1,3.5\n4.9,3.0\n")
    assert source.data.shape == (2, 2)
    assert csv("0,1\n4.9,3.0\n").columns == ["0", "1"]


def test_not_a_table_inside(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(b"plain")
    with pytest.raises(InputError, match="cannot be read"):
        latently.open(tmp_path / "a.csv.gz")
    (tmp_path / "a.parquet").write_bytes(b"plain")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        latently.open(tmp_path / "a.parquet")


def test_parquet(tmp_path):
    pl.DataFrame({"a": [1, 2], "b": ["x", None]}).write_parquet(tmp_path / "a.parquet")
    assert latently.open(tmp_path / "a.parquet").data.rows() == [(1, "x"), (2, None)]
    pl.DataFrame({"a": []}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match="no rows"):
        latently.open(tmp_path / "b.parquet")


def test_the_real_tables(shared):
    adult = latently.open(shared / "tables" / "adult.csv").data
    assert adult.shape == (32561, 15)
    assert sum(adult.null_count().row(0)) == 4262
    penguins = latently.open(shared / "tables" / "penguins.csv").data
    assert sum(penguins.null_count().row(0)) == 19
    with pytest.warns(LatentlyWarning, match="'text' left out"):
        latently.data.fit_codec(latently.open(shared / "text" / "korean-sentiment.tsv"))
    taxi = latently.open(shared / "nab" / "realKnownCause" / "nyc_taxi.csv").data
    assert taxi["timestamp"].dtype == pl.Datetime("us")


def test_a_name_is_no_pattern(csv, tmp_path):
    csv("a,b\n1,2\n", "g_1.csv")
    assert csv("a,b\n3,4\n", "g_?.csv").data.rows() == [(3, 4)]
    assert csv("a,b\n5,6\n", "d[1].csv").data.rows() == [(5, 6)]
    assert csv(gzip.compress(b"a,b\n7,8\n"), "d[2]*.csv.gz").data.rows() == [(7, 8)]
    for name, value in (("g_1.parquet", 1), ("g_?.parquet", 2), ("d[1].parquet", 3)):
        pl.DataFrame({"a": [value]}).write_parquet(tmp_path / "plain")
        (tmp_path / "plain").rename(tmp_path / name)
        assert latently.open(tmp_path / name).data.rows() == [(value,)]


@pytest.mark.parametrize(
    ("content", "word"),
    [("a;b\n1;x\n2;y\n", "semicolons"), ("a\tb\n1\tx\n2\ty\n", "tabs"), ("a|b\n1|x\n2|y\n", "vertical bars")],
)
def test_another_separator_is_found_and_said(csv, content, word):
    with pytest.warns(LatentlyWarning, match=f"a.csv is separated by {word}"):
        source = csv(content)
    assert source.data.rows() == [(1, "x"), (2, "y")]
    assert len(source.notes) == 1


def test_the_separator_is_the_one_of_all_lines(csv):
    with pytest.warns(LatentlyWarning, match="semicolons"):
        assert csv("price, in euro, net;n\n1;2\n").columns == ["price, in euro, net", "n"]
    with pytest.warns(LatentlyWarning, match="semicolons|decimal comma"):
        assert csv("height, cm;weight, kg\n1,5;2,5\n").data.rows() == [(1.5, 2.5)]
    assert csv('a,"b;c;d"\n1,2\n').columns == ["a", "b;c;d"]
    with pytest.warns(LatentlyWarning, match="semicolons"):
        assert csv("a ; b\n1;2\n").data.rows() == [(1, 2)]


def test_decimal_commas_are_numbers_in_a_file_of_semicolons(csv):
    with pytest.warns(LatentlyWarning) as warned:
        source = csv("x;town;n;y\n1,5;a,b;1;1.234,5\n-2;c;2;NA\n;d;3;7\n")
    assert "decimal comma (columns 'x', 'y')" in str(warned[1].message)
    assert source.data.rows() == [(1.5, "a,b", 1, 1234.5), (-2.0, "c", 2, None), (None, "d", 3, 7.0)]
    assert csv("x\ty\n1,5\t2\n", "a.tsv").data["x"].dtype == pl.String
    with pytest.warns(LatentlyWarning, match="semicolons|decimal comma|no line of names"):
        assert csv("5,1;3,5\n4,9;3,0\n").data.rows() == [(5.1, 3.5), (4.9, 3.0)]


def test_a_parquet_of_decimals(tmp_path):
    cells = [Decimal("1.25"), None, Decimal("-3.75")]
    pl.DataFrame({"a": cells}).write_parquet(tmp_path / "a.parquet")
    source = latently.open(tmp_path / "a.parquet")
    assert source.fingerprint() == latently.open(tmp_path / "a.parquet").fingerprint()
    codec = latently.data.fit_codec(source)
    assert codec.restore(codec.pack(source).numpy())["a"].to_list() == cells


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_that_is_to_be_held_and_has_no_room_is_refused_before_it_is_read(tmp_path, monkeypatch, ending):
    frame = pl.DataFrame({"a": [float(i) for i in range(2000)]})
    path = tmp_path / f"t.{ending}"
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    monkeypatch.setattr("latently.data.memory.free", lambda: 1000)
    with pytest.raises(InputError, match=r"GB as a table and 0.0 GB of memory are free; choose a smaller memory"):
        latently.open(path, memory=1)
