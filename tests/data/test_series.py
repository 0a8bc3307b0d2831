"""Series: rows put in the order of their times, parted at gaps, cut into windows; and what cannot be one."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

import latently
from latently.data.series import SeriesSource
from latently.data.times import Steps

HOURS = pd.date_range("2024-01-01", periods=60, freq="h")


def table(times=HOURS, **more):
    return pd.DataFrame({"when": times, "value": np.arange(float(len(times))), **more})


def opened(frame, **how):
    """The source, and what was said of it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        source = latently.open(frame, **{"time": "when", "window": 6, **how})
    assert [str(one.message) for one in said] == source.notes
    return source, " ".join(source.notes)


def test_windows_overlap_by_step_and_are_named_by_their_first_and_last_time():
    source, said = opened(table())
    assert isinstance(source, SeriesSource) and source.kind == "series" and not said
    assert source.data.shape == (55, 6, 1)
    assert source.data[3, :, 0].tolist() == [3, 4, 5, 6, 7, 8]
    assert source.names[3] == source.name(3) == "2024-01-01 03:00 to 2024-01-01 08:00"
    every_fourth, _ = opened(table(), step=4)
    assert every_fourth.starts.tolist() == [*range(0, 54, 4), 54]  # the last one ends where the series does
    assert every_fourth[2:4].data[:, 0, 0].tolist() == [8, 12]
    assert every_fourth[[3, 1]].names == [every_fourth.name(3), every_fourth.name(1)]


def test_the_only_column_of_dates_is_taken_for_the_times_and_other_texts_are_left_out():
    source, said = opened(table(town=["Jeju"] * 60, on=[True, False] * 30), time=None)
    assert source.columns == ["value", "on"]
    assert source.reading.time == "when"
    assert "'town' left out: a series is of numbers" in said
    with pytest.raises(latently.InputError, match=r"several columns of times \(when, then\)"):
        latently.open(table(then=HOURS), window=6)


@pytest.mark.parametrize("container", ["pandas", "polars", "pyarrow", "csv", "scanned"])
def test_every_container_gives_the_same_windows(container, tmp_path):
    frame = table(other=np.arange(60)[::-1])
    given = {"pandas": lambda: frame, "polars": lambda: pl.from_pandas(frame)}
    given["pyarrow"] = lambda: pl.from_pandas(frame).to_arrow()
    frame.to_csv(tmp_path / "x.csv", index=False)
    memory = {"scanned": 0}.get(container)
    source, _ = opened(given[container]() if container in given else tmp_path / "x.csv", memory=memory)
    wanted, _ = opened(frame)
    assert np.array_equal(source.data, wanted.data)
    assert source.names == wanted.names


def test_rows_out_of_order_are_sorted_and_repeated_times_averaged_with_a_note():
    source, said = opened(table().sample(frac=1, random_state=0))
    assert "not in the order of their times and were sorted" in said
    assert source.data[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]
    twice = HOURS.to_series().reset_index(drop=True)
    twice[10] = twice[9]
    source, said = opened(table(twice))
    assert "1 row at the time of another; the means of each time were taken." in said
    assert source.steps.values[9, 0] == 9.5


def test_times_that_mostly_repeat_are_of_several_series():
    frame = pd.concat([table(shop="a"), table(shop="b")], ignore_index=True)
    with pytest.raises(latently.InputError, match=r"60 of 120 rows share their time .* series=COLUMN"):
        latently.open(frame, time="when", window=6)
    source, said = opened(frame, series="shop")
    assert len(source) == 110 and not said
    assert source.labels.tolist() == ["a"] * 55 + ["b"] * 55
    assert source.names[60] == "b: 2024-01-01 05:00 to 2024-01-01 10:00"
    assert np.diff(source.data[:, :, 0], axis=1).tolist() == [[1] * 5] * 110  # none begins in one and ends in the other


def test_no_window_spans_a_gap():
    source, said = opened(table(HOURS.delete(range(20, 30))))
    assert "1 gap without rows parts the series; no window spans one." in said
    hours = source.steps.times[source.starts + 5] - source.steps.times[source.starts]
    assert set(hours.astype("timedelta64[h]").astype(int).tolist()) == {5}
    assert len(source) == 15 + 25


def test_weekends_and_months_are_no_gaps():
    for times in (pd.bdate_range("2024-01-01", periods=60), pd.date_range("2020-01-01", periods=60, freq="MS")):
        source, said = opened(table(times))
        assert len(source) == 55
        assert not said  # months have 28 to 31 days
    every_day, said = opened(table(pd.bdate_range("2024-01-01", periods=60)), resample=True)
    assert "brought to even steps of 1 day" in said and len(every_day.steps) == 82


def test_uneven_steps_are_reported_or_resampled_when_asked():
    frame = table(HOURS.delete([20]))
    source, said = opened(frame, window=24)
    assert "1 of 58 steps are not of 1 hour like the others" in said
    source, said = opened(frame, window=24, resample=True)
    assert "brought to even steps of 1 hour" in said
    assert np.isnan(source.steps.values[20, 0])
    assert len(source.steps) == 60
    assert np.array_equal(np.delete(source.steps.values[:, 0], 20), np.arange(59.0))


@pytest.mark.parametrize("steps", ["random", "few kinds", "even"])
def test_steps_of_no_rhythm_are_counted_as_one_by_one(steps):
    rng = np.random.default_rng(0)
    lengths = {
        "random": rng.exponential(size=2000) + 1e-3,
        "few kinds": rng.choice([1.0, 1.05, 2.5, 3.0, 7.0], 2000, p=[0.8, 0.1, 0.05, 0.03, 0.02]),
        "even": np.ones(2000),
    }[steps]
    times = np.concatenate([[0.0], np.cumsum(lengths)])
    given = Steps(times, np.zeros((2001, 1)), np.zeros(2001, np.intp))
    inside, usual = given.lengths, given.usual()
    odd = [one for one in inside if abs(one - usual) > 0.1 * usual]
    alone = sum((np.abs(inside - one) <= 0.1 * one).sum() < 0.05 * len(inside) for one in odd)
    assert given.uneven(np.array([0]), rhythm=True) == alone


def test_the_rhythm_of_many_steps_is_found_without_comparing_each_with_each(monkeypatch):
    times = np.cumsum(np.random.default_rng(0).exponential(size=100_000))
    given = Steps(times, np.zeros((100_000, 1)), np.zeros(100_000, np.intp))
    passes = []
    plain = np.abs
    monkeypatch.setattr("latently.data.times.np.abs", lambda x: passes.append(len(x)) or plain(x))
    assert given.uneven(np.array([0]), rhythm=True) > 0
    assert sum(passes) < 10 * len(times)


def test_even_steps_that_would_nearly_all_be_missing_are_refused():
    lengths = np.where(np.arange(300) % 8 == 7, 86400, 1)
    times = np.datetime64("2024-01-01", "us") + np.cumsum(lengths).astype("timedelta64[s]")
    with pytest.raises(
        latently.InputError, match=r"make 3,197,\d\d\d steps of 1 second of 300 rows.* 1 day apart"
    ) as e:
        latently.open(table(times), time="when", window=6, resample=True)
    assert str(e.value).endswith("leave resample out.")


def test_a_column_called_none_is_a_column():
    source = latently.open(pl.DataFrame({"a": np.arange(60.0), "None": np.arange(60.0)}), window=6)
    assert source.columns == ["a", "None"]
    with pytest.raises(latently.InputError, match="no column of the table holds numbers; give at least one"):
        latently.open(pl.DataFrame({"town": ["Jeju"] * 60}), window=6)
    with pytest.raises(latently.InputError, match="no column of the table holds numbers beside when; give"):
        latently.open(table()[["when"]], time="when", window=6)


def test_where_no_window_fits_none_is_asked_for():
    frame = pd.DataFrame({"when": HOURS, "value": np.arange(60.0), "shop": [f"s{i}" for i in range(60)]})
    for given, how in ((frame, {"time": "when", "series": "shop"}), (np.zeros((1, 2)), {})):
        with pytest.raises(
            latently.InputError, match=r"no window fits: the .* has a single row and .* at least 2; give"
        ):
            latently.open(given, window=6, **how)


def test_a_missing_cell_stays_missing_and_a_row_without_a_time_is_left_out():
    frame = table()
    frame.loc[3, "value"], frame.loc[50, "when"] = np.nan, pd.NaT
    source, said = opened(frame)
    assert np.isnan(source.data[0, 3, 0])
    assert "1 row without a time left out" in said
    assert len(source.steps) == 59


def test_numbers_texts_and_no_times_at_all_will_do():
    years = latently.open(pd.DataFrame({"year": range(1900, 1960), "value": range(60)}), time="year", window=5)
    assert years.names[0] == "1900 to 1904"
    texts = latently.open(table(HOURS.strftime("%Y-%m-%d %H:%M:%S")), time="when", window=6)
    assert texts.names[0] == "2024-01-01 00:00 to 2024-01-01 05:00"
    for given in (np.arange(60.0), np.arange(60.0)[:, None], np.arange(60.0)[:, None].tolist()):
        rows = latently.open(given, window=6)
        assert (len(rows), rows.names[1]) == (55, "1 to 6")
    handed = latently.open(rows.data, kind="series")
    assert np.array_equal(handed.data, rows.data)
    assert handed.names[:2] == ["0", "1"]


def test_the_default_window_is_48_rows_or_a_tenth():
    assert latently.open(np.zeros((1000, 1)), kind="series").window == 48
    assert latently.open(np.zeros((100, 1)), kind="series").window == 10
    assert latently.open(np.zeros((12, 1)), kind="series").window == 4


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"time": "whem"}, "time='whem' names no column of the table; did you mean 'when'"),
        ({"time": True}, "time=True is not the name of a column"),
        ({"time": "value", "series": "x"}, "series='x' names no column of the table; it has"),
        ({"window": 61}, "the series has 60 rows and a window takes 61; choose a window of at most 60"),
        ({"window": 1}, "window=1 is not allowed; it is a whole number of rows, at least 2"),
        ({"step": 0}, "step=0 is not allowed; it is a whole number of rows, at least 1"),
        ({"window": 4.5}, r"window=4.5 is not allowed"),
        ({"resample": "yes"}, "resample='yes' is not allowed; it is True or False"),
        ({"labels": "value"}, "labels of a series are one a window, not one a row"),
        ({"kinds": {"value": "ignored"}}, "no column of the table holds numbers beside"),
        ({"unit": "word"}, "unit='word' is for texts, but the data are 55 windows of 6 steps"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(how, said):
    with pytest.raises(latently.InputError, match=said) as found:
        latently.open(table(), **{"time": "when", "window": 6, **how})
    assert "\n" not in str(found.value)


def test_columns_that_hold_no_times_are_refused():
    with pytest.raises(latently.InputError, match=r"column 'town' .* cannot be read as times"):
        latently.open(table(town=["Jeju"] * 60), time="town", window=6)
    with pytest.raises(latently.InputError, match="column 'when' holds no time in any row"):
        latently.open(table(pd.DatetimeIndex([pd.NaT] * 60)), time="when", window=6)
    with pytest.raises(latently.InputError, match=r"window=6 is for series, but the data are 3 pictures"):
        latently.open(np.zeros((3, 8, 8)), window=6)


def test_held_out_windows_share_no_step_with_those_that_are_trained_on():
    source, _ = opened(table(pd.date_range("2024-01-01", periods=2000, freq="h")), window=24)
    train, held = (rows.numpy() for rows in source.split(0.1, 0))
    assert abs(len(held) / len(source) - 0.1) < 0.02
    steps = [{row for start in source.starts[some] for row in range(start, start + 24)} for some in (train, held)]
    assert not steps[0] & steps[1]
    assert len(train) + len(held) > 0.8 * len(source)  # each of eight stretches costs the windows that reach into it
    assert np.array_equal(source.split(0.1, 0)[1], held)
    assert not np.array_equal(source.split(0.1, 1)[1], held)
    assert len(source.split(0.0, 0)[1]) == 0
    few, _ = opened(table(), window=50)
    assert len(few.split(0.1, 0)[0]) == 11  # all overlap: none can be held out


def test_windows_become_a_series_again():
    source, _ = opened(table(HOURS.delete(range(20, 30))), step=4)
    joined = source.joined(source.data, source.columns)
    assert isinstance(joined, pd.DataFrame) and [*joined.columns] == ["when", "value"], "as the rows came"
    assert np.array_equal(joined["value"].to_numpy(), source.steps.values[:, 0])
    part = source[:2].joined(source[:2].data, source.columns)
    assert part["value"].isna().sum() == 50 - 10


def test_windows_that_a_model_gives_keep_the_names_of_its_columns():
    both = table(other=np.arange(60.0) + 1000)
    model = latently.AE(latent=2, epochs=1).fit(opened(both)[0])
    turned, _ = opened(both[["when", "other", "value"]].assign(more=1.0))
    with pytest.warns(latently.LatentlyWarning, match="'more', unknown to the model"):
        joined = turned.joined(model.reconstruct(turned), ["value", "other"])
    assert [*joined.columns] == ["when", "value", "other"]
    assert joined["value"].max() < 100 < 900 < joined["other"].min()


def test_the_fingerprint_hangs_on_values_times_and_windows():
    one = opened(table())[0].fingerprint()
    assert one == opened(table())[0].fingerprint()
    later = table(HOURS + pd.Timedelta("1h"))
    for other, how in ((later, {}), (table(), {"window": 7}), (table(), {"step": 2})):
        assert opened(other, **how)[0].fingerprint() != one
