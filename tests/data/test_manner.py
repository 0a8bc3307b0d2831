"""In what manner cells are written: as those of the table they come from, or in as many digits as tell."""

import numpy as np
import polars as pl
import pytest

import latently
from latently.data import fit_codec
from latently.data.manner import in_manner, telling


def lines(path):
    return path.read_text("utf-8").splitlines()


def test_cells_that_changed_are_written_in_the_manner_of_their_column(tmp_path):
    rows = [("id", "price", "big", "when"), ("007", "1.50", "TRUE", "2024-01-01 07:30"), ("008", "12.25", "FALSE", "")]
    (tmp_path / "t.csv").write_text("\n".join(map(",".join, rows)))
    source = latently.open(tmp_path / "t.csv")
    changed = source.data.with_columns(
        pl.Series("price", [1.5, 3.14159]), pl.Series("big", [True, True]), pl.col("when").forward_fill()
    )
    latently.write(tmp_path / "w.csv", changed, like=source)
    told = [*rows[:2], ("008", "3.14", "TRUE", "2024-01-01 07:30")]
    assert lines(tmp_path / "w.csv") == [",".join(row) for row in told]
    latently.write(tmp_path / "w.tsv", changed.select("big", "price"), like=source)
    assert lines(tmp_path / "w.tsv") == ["big\tprice", "TRUE\t1.50", "TRUE\t3.14"], "columns may be left out"


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
def test_a_decimal_comma_stays(tmp_path):
    (tmp_path / "t.csv").write_text("name;price\na;1.234,5\nb;2,25\n")
    source = latently.open(tmp_path / "t.csv")
    latently.write(tmp_path / "w.csv", source.data.with_columns(price=pl.Series([1234.5, 0.98765])), like=source)
    assert lines(tmp_path / "w.csv") == ["name;price", "a;1.234,5", "b;0,99"]


def test_numbers_that_were_never_rounded_get_digits_that_tell(tmp_path):
    X = np.random.default_rng(0).normal(size=(50, 2)) * [1.0, 1e5]
    latently.write(tmp_path / "w.csv", X * 1.001, like=latently.open(X))
    small, large = zip(*(line.split(",") for line in lines(tmp_path / "w.csv")[1:]), strict=True)
    assert max(len(cell.partition(".")[2]) for cell in small) == telling(X[:, 0].std()) < 5
    assert {cell.partition(".")[2] for cell in large} == {"0"}


def test_a_codec_knows_the_scale_alone(tmp_path):
    frame = pl.DataFrame({"a": np.linspace(0, 1, 40), "b": [0.123456789] * 40, "c": range(40), "d": ["x", "y"] * 20})
    codec = fit_codec(latently.open(frame))
    drawn = codec.restore(np.full((2, 4), 0.123456), None)
    written, separator = in_manner(drawn, codec)
    assert written["a"].to_list() == drawn["a"].round(telling(frame["a"].std())).to_list() and separator == ""
    assert written.drop("a").equals(drawn.drop("a")), "what never changes is known to the last digit"
    latently.write(tmp_path / "w.csv", iter([(drawn, None, None)] * 2), like=codec)
    assert lines(tmp_path / "w.csv")[1].split(",")[0] == str(written["a"][0])
    with pytest.raises(latently.InputError, match=r"in parts are written like a model's codec"):
        latently.write(tmp_path / "w.csv", iter([(drawn, None, None)]), like=latently.open(frame))
    with pytest.raises(latently.InputError, match=r"give like=latently\.open"):
        latently.write(tmp_path / "w.csv", drawn, like="people.csv")


def test_a_series_is_written_as_it_was(tmp_path):
    when = [f"2024-01-{day:02}T06:30" for day in range(1, 21)]
    pl.DataFrame({"when": when, "load": [i / 4 for i in range(20)]}).write_csv(tmp_path / "s.csv")
    source = latently.open(tmp_path / "s.csv", window=4)
    latently.write(tmp_path / "w.csv", source.joined(source.data / 3, source.columns), like=source)
    assert lines(tmp_path / "w.csv")[:3] == ["when,load", f"{when[0]},0.0", f"{when[1]},0.08"]
