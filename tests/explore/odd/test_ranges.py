"""When a series was odd: ranges of time, the steps and columns that are named, and the figure."""

from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest

import latently
from latently.explore.odd.ranges import Line, Range

pytestmark = pytest.mark.filterwarnings("ignore:the .* held-out windows overlap")  # 1,000 hours are few
HOUR = np.timedelta64(1, "h")
SPIKE, SHIFT = 300, range(700, 730)


def frame(odd=True):
    rng = np.random.default_rng(0)
    hour = np.arange(1000)
    value = 10 * np.sin(2 * np.pi * hour / 24) + rng.normal(size=1000)
    other = rng.normal(size=1000)
    if odd:
        value[SPIKE] = 60
        value[[*SHIFT]] += 25
    times = np.datetime64("2024-01-01", "us") + hour.astype("timedelta64[h]")
    return pl.DataFrame({"when": times, "value": value, "other": other})


def test_windows_that_overlap_are_told_as_few():
    fitted = latently.AE(latent=2, epochs=2).fit(opened(frame(odd=False)))
    with pytest.warns(latently.LatentlyWarning, match=r"tell as much as \d that share no step.*choose a rate of 0\.\d"):
        latently.anomalies(fitted, opened(frame()), rate=0.02)


def opened(table):
    return latently.open(table, time="when", window=24)


@cache
def model():
    return latently.AE(latent=4, epochs=40).fit(opened(frame(odd=False)))


@cache
def found():
    return latently.anomalies(model(), opened(frame()), rate=0.02)


def test_flagged_windows_become_ranges_of_time():
    ranges = found().ranges()
    assert ranges.columns == ["rank", "start", "end", "score", "p_value", "why"]
    hour = pl.datetime(2024, 1, 1)
    rows = ranges.select(
        first=((pl.col("start") - hour).dt.total_hours()), last=((pl.col("end") - hour).dt.total_hours())
    ).rows()
    assert {(first, last) for first, last in rows} >= {(SPIKE, SPIKE)}
    spoiled = 12  # steps of windows that hold both
    assert any(abs(first - SHIFT[0]) <= spoiled and abs(last - SHIFT[-1]) <= spoiled for first, last in rows)
    assert ranges["score"].is_sorted()
    assert (ranges["p_value"] <= 0.02).all()
    assert found().flagged[SPIKE - 23 : SPIKE + 1].all()


def test_why_names_column_time_and_what_was_expected():
    ranges = found().ranges()
    spike = ranges.filter(pl.col("start") == pl.datetime(2024, 1, 13, 12))["why"][0]
    assert spike.startswith("value 60 at 2024-01-13 12:00, expected ")
    assert "other" not in spike
    assert latently.explain(model(), opened(frame(odd=False))[:3]).surprise.shape == (3, 24, 2)


def test_every_step_has_the_mean_of_the_windows_that_cover_it():
    line = found().line
    points = line.points()
    assert len(points) == 1000
    assert points["value surprise"].arg_max() == SPIKE
    assert points["value expected"].null_count() == 0
    by_hand = [model().reconstruct(line.source[start : start + 1])[0, 100 - start, 0] for start in range(77, 101)]
    assert points["value expected"][100] == pytest.approx(np.mean(by_hand), rel=1e-3, abs=1e-3)


@cache
def long():
    """A series of 50,000 steps around 100 with a tenth missing, a gap, one dip and one peak."""
    rng = np.random.default_rng(0)
    values = 100 + rng.normal(size=(50_000, 1))
    values[rng.random(50_000) < 0.1] = np.nan
    values[20_000:21_000] = np.nan
    values[31_234], values[41_234] = 20, 180
    hours = np.datetime64("2000-01-01", "us") + (np.arange(50_000) + 999 * (np.arange(50_000) >= 10_000)) * HOUR
    with pytest.warns(latently.LatentlyWarning, match="1 gap"):
        source = latently.open(pl.DataFrame({"when": hours, "v": values[:, 0]}), time="when", window=24, step=24)
    return Line(source, ["v"], values, np.full_like(values, 100.0), np.zeros_like(values), [])


def test_a_long_line_keeps_its_extremes_its_gaps_and_what_is_missing():
    values = long().found[:, 0]
    rows, anew = long().outline(values, 0, 700)
    assert len(rows) <= 1400 and (np.diff(rows) > 0).all()
    assert {31_234, 41_234} <= {*rows.tolist()}
    assert rows[anew].min() == rows[anew].max() == rows[rows >= 10_000][0]
    assert np.isnan(values[rows[(rows > 20_100) & (rows < 20_900)]]).all()
    assert np.isnan(values[rows]).sum() < 20
    whole, anew = long().outline(values, 0, 25_000)
    assert np.array_equal(whole, np.arange(50_000)) and np.flatnonzero(anew).tolist() == [10_000]


def test_a_long_line_is_drawn_with_its_extremes_and_its_gaps():
    found = latently.Anomalies(*np.zeros((3, 1)), {}, ["0"], 0.01, line=long())
    drawn = latently.figures.ranges(found).axes[0].lines[1].get_ydata()
    assert (np.nanmin(drawn), np.nanmax(drawn)) == (20, 180)
    expected = latently.figures.ranges(found).axes[0].lines[0].get_ydata()
    assert np.isnan(expected).sum() == 1


def test_a_series_without_anything_odd_has_no_ranges_but_a_table_of_them():
    source = opened(frame(odd=False))
    calm = latently.anomalies(model(), source[np.argsort(-model().score_samples(source))[:40]], rate=0.02)
    assert len(calm.ranges()) == 0
    assert calm.ranges().columns == found().ranges().columns
    assert latently.figures.ranges(calm).axes


def test_ranges_of_other_items_are_refused():
    X = np.random.default_rng(0).normal(size=(600, 3))
    rows = latently.anomalies(latently.AE(latent=1, epochs=2).fit(X), X[:5], rate=0.05)
    with pytest.raises(latently.InputError, match=r"these items are no windows of a series .* table\(\) ranks them"):
        rows.ranges()
    with pytest.raises(latently.InputError, match=r"no windows of a series .* figures\.oddest draws pictures"):
        latently.figures.ranges(rows)


def test_a_series_is_judged_once_for_all_rates(monkeypatch):
    known, anew = found(), latently.anomalies(model(), opened(frame()), rate=0.1, explained=3)
    monkeypatch.setattr("latently.explore.odd.ranges.surprises", None)
    again = known.at(model(), 0.1, explained=3)
    assert again.ranges().equals(anew.ranges()) and again.rate == 0.1 and len(again.why) == len(anew.why)
    assert np.array_equal(again.flagged, anew.flagged)
    with pytest.raises(latently.ParameterError, match="rate=1 is not allowed"):
        known.at(model(), 1)
    with pytest.raises(latently.InputError, match="held-out"):
        known.at(model(), 1e-6)


def test_several_series_are_told_apart():
    both = pl.concat([frame(odd=False).with_columns(of=pl.lit("calm")), frame().with_columns(of=pl.lit("odd"))])
    source = latently.open(both, time="when", window=24, series="of")
    told = latently.anomalies(latently.AE(latent=4, epochs=25).fit(source), source, rate=0.02)
    assert told.ranges().columns[:4] == ["rank", "of", "start", "end"]
    assert told.ranges()["of"][0] == "odd"
    assert latently.figures.ranges(told).axes[0].get_title("left").startswith("odd ")


def test_columns_of_a_person_keep_their_names_beside_ours():
    times = pd.date_range("2024-01-01", periods=40, freq="h").tolist() * 2
    rows = {"when": times, "v": np.arange(80.0), "v expected": np.arange(80.0) + 500, "score": ["a"] * 40 + ["b"] * 40}
    source = latently.open(pd.DataFrame(rows), time="when", window=8, series="score")
    seen, zero = source.steps.values, np.zeros((80, 2))
    line = Line(source, ["v", "v expected"], seen, zero - 1, zero, [Range(50, 52, 40, -3.0, 0.01)])
    points = line.points()
    assert isinstance(points, pd.DataFrame) and points["v expected"].to_list() == seen[:, 1].tolist()
    assert set(points["v expected of the model"]) == set(points["v expected expected"]) == {-1.0}
    ranges = line.table({})
    assert (ranges["score"][0], ranges["score series"][0]) == (-3.0, "b")
    assert [*ranges.columns] == ["rank", "score series", "start", "end", "score", "p_value", "why"]


def test_figures_of_series_show_every_part():
    source = opened(frame())
    ranges = latently.figures.ranges(found(), n=3)
    assert [axes.get_title("left") for axes in ranges.axes] == ["value", "other"]
    assert [text.get_text() for text in ranges.axes[0].texts] == [
        str(i + 1) for i in range(min(3, len(found().ranges())))
    ]
    restored = latently.figures.restored(model(), source, n=4)
    assert sum(bool(axes.lines) for axes in restored.axes) == 8  # two columns
    assert len(latently.figures.samples(model()).axes) == 40
    near = latently.neighbors(model(), source, 5, k=3)
    assert sum(bool(axes.lines) for axes in latently.figures.neighbors(near).axes) == 6
    assert latently.figures.oddest(model(), source).axes
    assert latently.figures.latent_map(model(), source).axes


def test_numbers_and_health_of_series_are_those_of_their_columns():
    source = opened(frame(odd=False))
    measured = latently.evaluate(model(), source, n=300)
    assert set(measured["columns"]) == {"value", "other"}
    assert measured["columns"]["value"]["r2"] > 0.8
    assert measured["mse"] == pytest.approx(1 - np.mean([c["r2"] for c in measured["columns"].values()]), abs=0.1)
    assert latently.health(model(), source).numbers["restored"] > 0.3
    assert latently.health(model(), frame(odd=False)).numbers["restored"] > 0.3


def test_ways_lead_from_window_to_window():
    source = opened(frame(odd=False))
    way = latently.interpolate(model(), source[:1], source[6:7], 5).items
    assert way.shape == (5, 24, 2)
    np.testing.assert_allclose(way[0], model().reconstruct(source[:1])[0], atol=1e-4)
    assert np.array_equal(latently.interpolate(model(), source[:1].data[0], source[6:7].data[0], 5).items, way)
    with pytest.raises(latently.InputError, match="holds 977 items, and one is wanted"):
        latently.interpolate(model(), source, source[:1])
