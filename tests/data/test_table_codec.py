"""Tables to tensors and back: the same library, columns, order, types and values."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest

import latently
from latently import InputError, LatentlyWarning, ModelFileError
from latently.data import codec_from_json, columns, fit_codec
from latently.data.tables import TableSource

SEOUL = ZoneInfo("Asia/Seoul")
DECIMALS = [Decimal("1.25"), None, Decimal("-3.75")]
DAYS = [date(2024, 2, 28), date(1999, 12, 31), date(2030, 1, 1)]
TIMES = [datetime(2024, 2, 28, 13, 30), datetime(2024, 2, 28, 9, 0), datetime(2024, 3, 1)]
CELLS = {
    "whole": [3, -5, 40],
    "real": [0.5, 2.25, -7.0],
    "text": ["b", "a", "b"],
    "yes": [True, False, True],
    "day": DAYS,
    "time": TIMES,
    "zoned": [t.replace(tzinfo=UTC) for t in TIMES],
    "constant": [7, 7, 7],
}


def with_gaps(cells):
    return {name: [*values[:1], None, *values[2:]] for name, values in cells.items()}


def pandas_frame(cells):
    frame = pd.DataFrame({k: pd.Series(v, dtype=object if k == "day" else None) for k, v in cells.items()})
    frame.index = [f"row {i}" for i in range(len(frame))]
    frame["zoned"] = pd.to_datetime(frame["zoned"]).dt.tz_convert(SEOUL)
    frame["cat"] = pd.Categorical(cells["text"], categories=["c", "b", "a"])
    frame["Int64"] = pd.array(cells["whole"], dtype="Int64")
    frame["small"] = frame["real"].astype("float32")
    frame["word"] = pd.array(cells["text"], dtype="string")
    return frame


def polars_frame(cells):
    return pl.DataFrame(cells).with_columns(
        pl.col("zoned").dt.convert_time_zone("Asia/Seoul"),
        pl.col("text").cast(pl.Categorical).alias("cat"),
        pl.col("text").cast(pl.Enum(["c", "b", "a"])).alias("enum"),
        pl.col("whole").cast(pl.Int8).alias("small"),
        pl.col("time").cast(pl.Datetime("ms")).alias("ms"),
    )


def pyarrow_frame(cells):
    zoned = pa.array(cells["zoned"], pa.timestamp("us", "Asia/Seoul"))
    text = pa.array(cells["text"])
    table = pa.table({**{k: pa.array(v) for k, v in cells.items() if k != "zoned"}, "zoned": zoned})
    return table.append_column("cat", text.dictionary_encode()).append_column("large", text.cast(pa.large_string()))


def same(a, b):
    """Whether two frames are equal, to the seventh digit, types and order included."""
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, rtol=1e-6)
    elif isinstance(a, pl.DataFrame):
        polars.testing.assert_frame_equal(a, b, rel_tol=1e-6)
    else:
        assert a.schema.equals(b.schema)
        polars.testing.assert_frame_equal(pl.from_arrow(a), pl.from_arrow(b), rel_tol=1e-6)


BUILD = {"pandas": pandas_frame, "polars": polars_frame, "pyarrow": pyarrow_frame}


@pytest.mark.parametrize("library", BUILD)
@pytest.mark.parametrize(
    "cells", [CELLS, with_gaps(CELLS), {k: v[:1] for k, v in CELLS.items()}], ids=["full", "gaps", "one row"]
)
def test_what_goes_in_comes_out(library, cells):
    frame = BUILD[library](cells)
    source = latently.open(frame)
    codec = fit_codec(source)
    assert source.notes == []
    assert codec_from_json(json.loads(json.dumps(codec.to_json()))) == codec
    x = codec.pack(source).numpy()
    assert (x.dtype, x.shape) == (np.float32, (len(frame), *codec.spec.shape))
    same(codec.restore(x, source), frame)
    again = codec_from_json(codec.to_json()).restore(x)
    same(again, frame.reset_index(drop=True) if library == "pandas" else frame)
    missing = np.isnan(x).any(axis=0)
    assert missing.tolist() == list(codec.spec.missing)


def test_numbers_are_standardised_and_categories_counted():
    frame = pl.DataFrame({"a": [1.0, 3.0, None], "b": ["x", "y", "x"], "c": [False, True, None], "d": ["x", None, "z"]})
    codec = fit_codec(latently.open(frame))
    assert codec.spec.levels == (0, 3, 2, 3)
    assert codec.spec.missing == (True, False, True, True)
    x = codec.pack(latently.open(frame)).numpy()
    np.testing.assert_array_equal(x, np.array([[-1, 0, 0, 0], [1, 1, 1, np.nan], [np.nan, 0, np.nan, 1]], np.float32))


def test_unseen_categories_are_other_and_come_back_as_the_commonest():
    codec = fit_codec(latently.open(pl.DataFrame({"a": ["x", "y", "x"]})))
    new = latently.open(pl.DataFrame({"a": ["z", "y", None]}))
    with pytest.warns(LatentlyWarning, match=r"'a' holds 1 category that the model never saw \('z'\), all read as one"):
        x = codec.pack(new).numpy()
    np.testing.assert_array_equal(x[:, 0], [2, 1, np.nan])
    assert codec.restore(x)["a"].to_list() == ["x", "y", None]


def test_rare_categories_beyond_255_are_other():
    frame = pl.DataFrame({"a": [str(i // 2) for i in range(600)]})
    codec = fit_codec(latently.open(frame))
    assert codec.spec.levels == (256,)
    assert codec.pack(latently.open(frame)).max() == 255


def test_restored_values_stay_within_what_was_seen():
    codec = fit_codec(latently.open(pl.DataFrame({"a": [0, 10], "b": [True, False], "c": ["x", "y"]})))
    back = codec.restore(np.array([[-9.0, -1.0, -1.0], [9.0, 7.0, 9.0], [0.13, 0.6, 0.4]], np.float32))
    assert back.rows() == [(0, False, "x"), (10, True, "x"), (6, True, "x")]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
def test_arrays_keep_their_type(dtype):
    given = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 9, (70, 130)).astype(dtype)
    source = latently.open(given)
    codec = fit_codec(source)
    x = codec.pack(source).numpy()
    back = codec.restore(x, source)
    assert back.dtype == given.dtype
    np.testing.assert_allclose(back, given, atol=1e-5 if np.dtype(dtype).kind == "f" else 0)
    assert codec_from_json(json.loads(json.dumps(codec.to_json()))) == codec
    assert set(codec.spec.levels) == ({2} if dtype == "bool" else {0})


def test_arrays_with_gaps_constants_and_empty_columns():
    given = np.array([[1.0, np.nan, 5.0, np.nan], [3.0, np.nan, 5.0, 2.0]])
    source = latently.open(given)
    with pytest.warns(LatentlyWarning, match="column '1' left out: every cell is missing"):
        codec = fit_codec(source)
    x = codec.pack(source).numpy()
    np.testing.assert_array_equal(x, [[-1, 0, np.nan], [1, 0, 0]])
    np.testing.assert_allclose(codec.restore(x, source), given)
    np.testing.assert_allclose(codec.restore(x), given)
    outlier = codec.pack(latently.open(np.array([[1e30, 0, 5, 2]])))
    np.testing.assert_allclose(outlier[0], [11 + np.log1p(1e30), 0, 0], rtol=1e-6)


def test_scales_of_every_size():
    given = np.array([[1e-300, 1e16, 0.1, 1e140], [3e-300, 1e16 + 4, 0.1, -1e140], [2e-300, 1e16 + 2, 0.1, 0]])
    codec = fit_codec(latently.open(given))
    x = codec.pack(latently.open(given)).numpy()
    assert np.isfinite(x).all()
    assert (x[:, 2] == 0).all()
    np.testing.assert_allclose(codec.restore(x), given, rtol=1e-5, atol=1e134)
    with pytest.raises(InputError, match=r"column '0' holds 1e\+200 in row 0"):
        fit_codec(latently.open(np.array([[1e200]])))


def test_columns_left_out_are_said_and_copied():
    frame = pl.DataFrame(
        {
            "name": [f"n{i}" for i in range(60)],
            "x": range(60),
            "nothing": [None] * 60,
            "list": [[1]] * 60,
            "skip": range(60),
        }
    )
    source = latently.open(frame, kinds={"skip": "ignored"})
    with pytest.warns(LatentlyWarning) as warned:
        codec = fit_codec(source)
    assert [str(w.message).split(":")[0] for w in warned] == [
        "column 'name' left out",
        "column 'nothing' left out",
        "column 'list' left out",
    ]
    assert source.notes == [str(w.message) for w in warned]
    fit_codec(source)  # said once
    assert codec.spec.shape == (1,)
    x = codec.pack(source).numpy()
    same(codec.restore(x, source), frame)
    sampled = codec_from_json(json.loads(json.dumps(codec.to_json()))).restore(x[:2])
    assert sampled.columns == frame.columns
    assert sampled["x"].to_list() == [0, 1]
    assert sampled["name"].null_count() == 2
    with pytest.raises(InputError, match="no column of the table can be used: column 'a' left out: every cell"):
        fit_codec(latently.open(pl.DataFrame({"a": [None]})))


def test_a_column_of_the_model_that_is_named_as_labels_is_said():
    frame = pl.DataFrame({"n": [1.0, 2.0, 3.0], "town": ["a", "b", "a"]})
    codec = fit_codec(latently.open(frame))
    with pytest.raises(InputError, match="column 'town' was named as the labels, and the model was fitted to it"):
        codec.pack(latently.open(frame, labels="town"))


def test_kinds_can_be_told():
    frame = pl.DataFrame(
        {
            "zip": [101, 202, 101],
            "flag": [0, 1, 0],
            "n": ["1", "2.5", "3"],
            "when": ["2020-01-01", "2020-01-02", "2020-01-05"],
        }
    )
    kinds = {"zip": "category", "flag": "boolean", "n": "number", "when": "date"}
    source = latently.open(frame, kinds=kinds)
    codec = fit_codec(source)
    assert codec.spec.levels == (3, 2, 0, 0)
    back = codec.restore(codec.pack(source).numpy(), source)
    assert back["zip"].to_list() == [101, 202, 101]
    assert back["flag"].to_list() == [0, 1, 0]
    np.testing.assert_allclose(back["n"].cast(float), [1, 2.5, 3], rtol=1e-6)
    assert back["when"].str.slice(0, 10).to_list() == frame["when"].to_list()
    array = latently.open(np.array([[7.0, 1], [9, 2], [7, 3]]), kinds={"0": "category"})
    codec = fit_codec(array)
    assert codec.spec.levels == (3, 0)
    np.testing.assert_allclose(codec.restore(codec.pack(array).numpy(), array), array.data)
    names = pl.DataFrame({"name": [f"n{i}" for i in range(60)]})
    assert fit_codec(latently.open(names, kinds={"name": "category"})).spec.levels == (61,)


@pytest.mark.parametrize("text", ["2024-01-31", "2024-01-31 12:00", "31.01.2024", "1/31/2024", "31-1-2024"])
def test_dates_that_stay_texts_are_told(text):
    with pytest.warns(latently.LatentlyWarning, match=f"column 'when' read as categories: '{text}' looks like a date"):
        fit_codec(latently.open(pl.DataFrame({"when": [text, text, None]})))
    many = pl.DataFrame({"when": [f"2024-01-{i:02} 10:00" for i in range(60)], "n": range(60)})
    with pytest.warns(latently.LatentlyWarning, match="column 'when' left out: '2024-01-00 10:00' looks like a date"):
        fit_codec(latently.open(many))
    fit_codec(latently.open(pl.DataFrame({"code": ["10-20-30", "1.2.3"]})))  # warnings are errors here


def test_numbers_with_commas_between_thousands_are_told():
    with pytest.raises(InputError, match=r"can be used: column 'n' left out: '1,000.50' looks like a number.*\w\.$"):
        fit_codec(latently.open(pl.DataFrame({"n": [f"{i},000.50" for i in range(1, 60)]})))


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({3: 99999.0}, "one cell holds 99999"),
        ({3: 99999.0, 4: 99999.0, 5: 99999.0}, "3 cells hold 99999"),
        ({3: 99999.0, 9: -99999.0}, "one cell holds -99999 and one cell holds 99999"),
        ({3: 1e12, 9: 1e6}, r"one cell holds 1e\+12 and one cell holds 1e\+06"),
        ({3: 1e100}, r"one cell holds 1e\+100"),
    ],
)
def test_a_few_stray_cells_are_told_and_do_not_stretch_the_scale(cells, said, parts, tmp_path):
    rng = np.random.default_rng(0)
    usual = {"km": rng.normal(50, 20, 1500), "rare": (rng.random(1500) < 0.004) * 1.0, "heavy": rng.pareto(3, 1500)}
    without = pl.DataFrame(usual).with_columns(pl.Series("km", usual["km"]).scatter([*cells], [None] * len(cells)))
    known = fit_codec(latently.open(without)).columns
    table = pl.DataFrame(usual).with_columns(pl.Series("km", usual["km"]).scatter([*cells], [*cells.values()]))
    table.write_csv(tmp_path / "t.csv")
    source = latently.open(tmp_path / "t.csv", memory=0 if parts else 1)
    with pytest.warns(latently.LatentlyWarning, match=f"column 'km': {said}, so far from the others"):
        codec = fit_codec(source)
    for found, wanted in zip(codec.columns, known, strict=True):
        figures = [(c.mean, c.scale, c.low, c.high) for c in (found, wanted)]
        np.testing.assert_allclose(*figures, rtol=1e-6)
    packed = codec.pack(source).numpy()[:, 0]
    oddest = np.argsort(-np.abs(packed))[: len(cells)]
    assert {*oddest.tolist()} == {*cells} and np.abs(packed).max() < 300, "odd, and finite"
    assert len({float(packed[i]) for i in cells}) == len({*cells.values()}), "how much farther off one is still counts"
    restored = codec.restore(codec.pack(source).numpy())["km"].to_numpy()
    kept = np.delete(np.arange(1500), [*cells])
    np.testing.assert_allclose(restored[kept], usual["km"][kept], atol=1e-3)
    assert restored.max() == usual["km"][kept].max()


def test_what_is_no_stray_cell_stays():
    rng = np.random.default_rng(0)
    for column in (
        np.append(np.zeros(400), 1.0),  # a flag that is rarely set
        np.append(np.full(400, 0.1), [0.1 + 1e-16, 5]),  # the others differ by rounding
        np.array([-1.0, *[0] * 400, 1]),
        np.array([1.0, 2, 3, 1e6]),  # of so few nobody knows
        np.append(np.arange(400.0), [9e9] * 60),  # many hold it
        rng.standard_t(2, 2000),  # heavy tails
        rng.lognormal(size=2000),
    ):
        (found,) = fit_codec(latently.open(column[:, None])).columns
        assert (found.low, found.high) == (column.min(), column.max())


def test_a_date_far_off_is_told_as_a_date():
    days = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 6, 1), "1d", eager=True)
    table = pl.DataFrame({"when": [*days, pl.Series([253402214400000], dtype=pl.Datetime("ms"))[0]]})
    with pytest.warns(latently.LatentlyWarning, match="column 'when': one cell holds 9999-12-31, so far"):
        (found,) = fit_codec(latently.open(table)).columns
    assert found.high == days[-1].timestamp() - days[0].timestamp() + found.low


@pytest.mark.parametrize(
    ("cells", "kind", "words"),
    [
        (["1", "b"], "number", "'c' holds 'b' in row 1, which cannot be read as a number; mend the cell"),
        (["a", "b"], "date", "'c' holds 'a' in row 0, which cannot be read as a date"),
        ([1, 5], "boolean", "'c' holds 5 in row 1; allowed are 0, 1"),
        ([[1], [2]], "category", "cannot be a category"),
        ([1.0, float("inf")], "number", "'c' holds inf in row 1"),
    ],
)
def test_kinds_that_do_not_fit_are_refused(cells, kind, words):
    with pytest.raises(InputError, match=words):
        fit_codec(latently.open(pl.DataFrame({"c": cells}), kinds={"c": kind}))


def test_whole_numbers_come_back_whole_where_a_cell_is_missing():
    frame = pd.DataFrame({"age": [31, None, 40, 22], "size": [1.0, 2.0, 3.0, 4.0], "share": [0.5, None, 0.25, 1.0]})
    codec = fit_codec(latently.open(frame))
    assert [c.step for c in codec.columns] == [1.0, 0.0, 0.0], "measurements may happen to be whole"
    back = codec.restore(np.full((2, 3), 0.123, np.float32))
    assert back["age"].tolist() == [32.0, 32.0] and back["size"][0] % 1 > 0
    gaps = latently.open(pl.DataFrame({"age": [31, None, 40, 22]}))
    assert fit_codec(gaps).restore(np.full((1, 1), 0.123, np.float32))["age"].to_list() == [32]


@pytest.mark.parametrize("bad", [0, 1, 62, 99])
def test_a_bad_cell_is_found_whatever_its_row(bad):
    codec = fit_codec(latently.open(pl.DataFrame({"n": [1.0, 2.0], "d": [date(2026, 1, 1), date(2026, 2, 1)]})))
    cells = ["3", None] * 50
    cells[bad] = "three"
    days = ["2026-01-01"] * 100
    with pytest.raises(InputError, match=f"'n' holds 'three' in row {bad}, which cannot be read as a number"):
        codec.pack(latently.open(pl.DataFrame({"n": cells, "d": days})))
    days[bad] = "soon"
    with pytest.raises(InputError, match=f"'d' holds 'soon' in row {bad}, which cannot be read as a date"):
        codec.pack(latently.open(pl.DataFrame({"n": [1.0] * 100, "d": days})))


def test_columns_are_matched_by_name():
    codec = fit_codec(latently.open(pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})))
    shuffled = latently.open(pl.DataFrame({"b": ["y"], "more": [0], "a": [2.0]}))
    with pytest.warns(LatentlyWarning, match=r"'more', unknown to the model, left out"):
        x = codec.pack(shuffled).numpy()
    assert x.tolist() == [[1.0, 1.0]]
    assert codec.restore(x, shuffled).columns == ["a", "b"]
    with pytest.raises(InputError, match=r"lacks column 'a' .* it has 'b'"):
        codec.pack(latently.open(pl.DataFrame({"b": ["y"]})))
    with pytest.raises(InputError, match="pictures were given"):
        codec.pack(latently.open(np.zeros((1, 2, 2))))


def test_arrays_are_matched_by_place():
    array = np.array([[1.0, 5.0], [3.0, 6.0]])
    codec = fit_codec(latently.open(array))
    with pytest.raises(InputError, match="X has 3 features, but the model was fitted to 2"):
        codec.pack(latently.open(np.zeros((2, 3))))
    frame = pd.DataFrame(array, columns=["u", "v"])
    x = codec.pack(latently.open(frame)).numpy()
    same(codec.restore(x, latently.open(frame)), frame)
    np.testing.assert_allclose(fit_codec(latently.open(frame)).pack(latently.open(array)).numpy(), x)
    mixed = fit_codec(latently.open(pl.DataFrame({"a": ["x", "y"], "b": [1, 2]})))
    with pytest.raises(InputError, match="column 'a' is no number; give a DataFrame"):
        mixed.pack(latently.open(array))


@pytest.mark.parametrize("fitted", BUILD)
@pytest.mark.parametrize("given", BUILD)
def test_the_callers_library_comes_back(fitted, given):
    codec = fit_codec(latently.open(_plain(fitted)))
    frame = _plain(given)
    same(codec.restore(codec.pack(latently.open(frame)).numpy(), latently.open(frame)), frame)


def _plain(library):
    cells = {k: CELLS[k] for k in ("whole", "real", "text", "yes", "time")}
    return {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[library](cells)


def test_pandas_columns_may_have_numbers_for_names():
    frame = pd.DataFrame({0: [1.0, 2.0], 7: ["a", "b"]})
    source = latently.open(frame, kinds={7: "category"})
    codec = codec_from_json(json.loads(json.dumps(fit_codec(source).to_json())))
    same(codec.restore(codec.pack(source).numpy()), frame)


def _there_and_back(frame):
    codec = fit_codec(latently.open(frame))
    return codec.restore(codec.pack(latently.open(frame)).numpy())


def test_loose_pandas_columns_get_a_type():
    frame = pd.DataFrame(
        {"b": pd.Series([True, None, False], dtype=object), "n": pd.Series([1, None, 3], dtype=object)}
    )
    codec = fit_codec(latently.open(frame))
    assert [c.kind for c in codec.columns] == ["boolean", "number"]
    words = pd.DataFrame({"w": pd.Series(["a", None, "b"], dtype=object), "x": [1, 2, 3]})
    same(_there_and_back(words), words)
    mixed = latently.open(pd.DataFrame({"m": pd.Series([1, "a"], dtype=object), "x": [1, 2]}))
    with pytest.warns(LatentlyWarning, match="'m' left out: values of type Object"):
        assert fit_codec(mixed).spec.shape == (1,)


def test_a_zone_that_is_no_utc_keeps_its_instants():
    zone = timezone(timedelta(hours=9))
    frame = pl.DataFrame(
        {"t": pl.Series([datetime(2024, 1, 1, 1, tzinfo=zone)] * 2).dt.convert_time_zone("Asia/Seoul")}
    )
    codec = fit_codec(latently.open(frame))
    same(codec.restore(codec.pack(latently.open(frame)).numpy()), frame)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"container": "excel"},
        {"columns": [{"name": "a"}]},
        {"columns": None},
        {"columns": [{"name": "a", "kind": "number", "dtype": "Int64", "scale": 0.0}]},
        {"columns": [{"name": "a", "kind": "number", "dtype": "Int64", "mean": float("nan")}]},
    ],
)
def test_nonsense_is_no_codec(change):
    good = fit_codec(latently.open(pl.DataFrame({"a": [1, 2]}))).to_json()
    with pytest.raises(ModelFileError, match="save the model again"):
        codec_from_json({**good, **change})


def test_the_real_tables(shared):
    for name, width in (("adult", 15), ("penguins", 7)):
        source = latently.open(shared / "tables" / f"{name}.csv")
        codec = fit_codec(source)
        assert codec.spec.shape == (width,)
        same(codec.restore(codec.pack(source).numpy(), source), source.data)


NONSENSE = ["abc", None, [], {}, float("nan"), float("inf"), -1, 10**30, 10**400]


@pytest.mark.parametrize("library", [*BUILD, "numpy"])
def test_a_codec_of_nonsense_is_refused_or_restores(library):
    source = latently.open(BUILD[library](CELLS) if library in BUILD else np.arange(6.0).reshape(3, 2))
    codec = fit_codec(source)
    x, good = codec.pack(source).numpy(), codec.to_json()
    columns = good["columns"]
    changed = [{**good, key: value} for key in good for value in NONSENSE]
    for j, column in enumerate(columns):
        changed += [
            {**good, "columns": [*columns[:j], {**column, key: value}, *columns[j + 1 :]]}
            for key in column
            for value in [*NONSENSE, [[]], [None], "number", "category", True]
        ]
    for data in changed:
        try:
            codec = codec_from_json(data)
        except ModelFileError:
            continue
        if codec.spec.shape == x.shape[1:]:  # a column that is said to be ignored is none
            assert len(codec.restore(x)) == 3
    assert codec_from_json(good) == fit_codec(source)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": DECIMALS}),
        pd.DataFrame({"a": pd.Series(DECIMALS, dtype=pd.ArrowDtype(pa.decimal128(10, 2)))}),
        pl.DataFrame({"a": DECIMALS}),
        pa.table({"a": DECIMALS}),
    ],
)
def test_decimals_come_back(frame):
    source = latently.open(frame)
    codec = fit_codec(source)
    assert [c.kind for c in codec.columns] == ["number"]
    assert source.fingerprint() == latently.open(frame).fingerprint()
    for restored in (codec.restore(codec.pack(source).numpy(), source), _there_and_back(frame)):
        cells = restored["a"].to_pylist() if isinstance(restored, pa.Table) else restored["a"].to_list()
        assert cells[::2] == DECIMALS[::2]
        assert cells[1] is None or cells[1] is pd.NA


def test_numbers_told_to_be_dates_come_back_in_seconds():
    given = np.array([[1.0], [2.5], [np.nan]])
    frame = pl.DataFrame({"0": [0, 86400, 7]})
    for x in (given, frame):
        source = latently.open(x, kinds={"0": "date"})
        codec = fit_codec(source)
        for restored in (codec.restore(codec.pack(source).numpy(), source), codec.restore(codec.pack(source).numpy())):
            np.testing.assert_allclose(np.asarray(restored), np.asarray(x), atol=1e-2)


@pytest.mark.parametrize(
    "column",
    [
        pd.cut([1, 2, 3], 3),
        pd.Categorical(pd.to_datetime(["2020-01-01", "2021-01-01", "2020-01-01"])),
        pd.arrays.IntervalArray.from_breaks([1, 2, 3, 4]),
        pd.arrays.SparseArray([0, 0, 1]),
        pd.period_range("2020", periods=3, freq="D"),
        pd.to_timedelta([1, 2, 3]),
        [[1], [2], [3]],
        [1j, 2j, 3j],
    ],
)
def test_columns_of_odd_types_are_left_out(column):
    frame = pd.DataFrame({"odd": column, "x": [1, 2, 3]})
    source = latently.open(frame)
    with pytest.warns(LatentlyWarning, match="column 'odd' left out: "):
        codec = fit_codec(source)
    x = codec.pack(source).numpy()
    same(codec.restore(x, source), frame)
    assert codec.restore(x)["odd"].isna().all()
    assert source.fingerprint()


@pytest.mark.parametrize("cells", [CELLS, with_gaps(CELLS)], ids=["full", "gaps"])
@pytest.mark.parametrize("library", BUILD)
def test_numbers_read_together_are_those_read_one_by_one(library, cells, monkeypatch):
    many = {f"{name} {i}": cells[name] for i in range(3) for name in ("whole", "real", "yes", "text", "real")}
    source = latently.open(BUILD[library]({**cells, **many}))
    fitted, packed = [], []
    for together in (1, 2, 64):
        monkeypatch.setattr(columns, "TOGETHER", together)
        codec = fit_codec(source)
        fitted.append(codec)
        packed.append(codec.pack(source).numpy())
    monkeypatch.setattr(TableSource, "numeric", lambda _, places: [False] * len(places))
    fitted.append(fit_codec(source))
    packed.append(fitted[-1].pack(source).numpy())
    assert all(codec == fitted[0] for codec in fitted)
    for found in packed:
        np.testing.assert_array_equal(found, packed[0])


def test_a_number_too_large_for_its_group_is_found_in_its_column():
    table = pa.table({"a": pa.array([1, 2], pa.uint64()), "b": pa.array([1, 2**64 - 1], pa.uint64())})
    with pytest.raises(InputError, match="column 'b' holds 18446744073709551615 in row 1"):
        fit_codec(latently.open(table))


def test_columns_taken_out_are_not_among_the_names():
    source = latently.open(pl.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}))
    assert source.columns == ["a", "b", "c"]
    assert source.labelled("b").columns == ["a", "c"] and source.columns == ["a", "b", "c"]
    assert source.labelled("b").series(1).to_list() == [3.0]
