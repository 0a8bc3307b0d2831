"""The codec of series: standardised windows, the columns and windows it accepts, and its way to JSON and back."""

import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import latently
from latently.data import codec_from_json, fit_codec
from latently.errors import ModelFileError

HOURS = pd.date_range("2024-01-01", periods=60, freq="h")
FRAME = pd.DataFrame(
    {"when": HOURS, "a": np.arange(60.0), "b": np.where(np.arange(60) == 7, np.nan, 3.0 * np.arange(60))}
)


def opened(frame=FRAME, **how):
    return latently.open(frame, **{"time": "when", "window": 6, **how})


def test_columns_are_standardised_and_come_back():
    source = opened()
    codec = fit_codec(source)
    packed = codec.pack(source).numpy()
    assert packed.shape == (55, 6, 2)
    assert np.isnan(packed[2:8, :, 1]).sum() == 6 and not np.isnan(packed[:, :, 0]).any()
    np.testing.assert_allclose(codec.restore(packed), source.data, rtol=1e-5, atol=1e-4)
    assert codec.spec == latently.Spec("series", (6, 2), missing=(False, True))
    assert codec.spec.open == (6, 2) and codec.spec.width == 12 and np.isnan(codec.spec.blank)


def test_restored_values_stay_within_what_was_seen():
    codec = fit_codec(opened())
    assert codec.restore(np.full((1, 6, 2), 99.0))[0, 0].tolist() == [59, 177]


def test_other_data_are_matched_by_the_names_of_columns():
    codec = fit_codec(opened())
    other = opened(FRAME[["b", "when", "a"]].assign(c=1.0))
    with pytest.warns(latently.LatentlyWarning, match="Column 'c', unknown to the model, left out"):
        assert np.array_equal(codec.pack(other), codec.pack(opened()), equal_nan=True)
    with pytest.raises(latently.InputError, match=r"lacks column 'b' that the model was fitted to; it has 'a'"):
        codec.pack(opened(FRAME[["when", "a"]]))
    with pytest.raises(latently.InputError, match="steps of 1 numbers were given and the model was fitted to 2"):
        codec.pack(latently.open(np.zeros((3, 6, 1)), kind="series"))
    with pytest.raises(latently.InputError, match=r"windows of 7 rows were given .* windows of 6; open the data with"):
        codec.pack(opened(window=7))
    with pytest.raises(latently.InputError, match="a table was given and the model was fitted to a series"):
        codec.pack(latently.open(FRAME))


def test_steps_of_another_length_are_said():
    codec = fit_codec(opened())
    daily = FRAME.assign(when=pd.date_range("2024-01-01", periods=60, freq="D"))
    with pytest.warns(latently.LatentlyWarning, match="Rows are 1 day apart, and were 1 hour in the fit"):
        codec.pack(opened(daily))


def test_a_table_becomes_windows_cut_as_in_the_fit():
    codec = fit_codec(opened(step=4))
    again = codec.labelled(latently.open(FRAME))
    assert (again.kind, again.window, len(again)) == ("series", 6, 15)
    assert codec.asked == {"time": "when", "window": 6, "step": 4, "series": None, "resample": False}


def test_columns_of_a_person_keep_their_names_beside_ours():
    rows = np.arange(20.0)
    source = latently.open(pd.DataFrame({"step": rows, "window": rows + 100, "time": rows + 200}), window=4)
    frame = fit_codec(source).frame(source.data[::4])
    assert frame.columns == ["window of the model", "step of the model", "step", "window", "time"]
    assert frame["window"].to_list()[:2] == [100, 101] and frame["step of the model"].to_list()[:2] == [0, 1]
    joined = source.joined(source.data, source.columns)
    assert [*joined.columns] == ["time of the model", "step", "window", "time"]
    assert joined["time"].to_list() == (rows + 200).tolist()


def test_an_array_is_read_as_the_fitted_one_with_its_times_or_without():
    rows = np.stack([10 * np.arange(40.0), np.sin(np.arange(40)), np.cos(np.arange(40))], 1)
    rows = np.delete(rows, range(20, 25), axis=0)  # a gap, which only times tell
    with pytest.warns(latently.LatentlyWarning, match="1 gap"):
        codec = fit_codec(fitted := latently.open(rows, time=0, window=6))
    with pytest.warns(latently.LatentlyWarning, match="1 gap"):
        again = codec.labelled(latently.open(rows))
    assert np.array_equal(codec.pack(again), codec.pack(fitted)) and again.names == fitted.names
    bare = codec.labelled(latently.open(rows[:, 1:]))
    assert codec.pack(bare).shape == (30, 6, 2)


def test_windows_are_packed_in_little_more_memory_than_they_take():
    source = latently.open(np.random.default_rng(0).normal(size=(5000, 2)), window=64)
    codec = fit_codec(source)
    codec.pack(source[:1])  # PyTorch is loaded by now
    tracemalloc.start()
    packed = codec.pack(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * packed.numel() * 4
    mean, scale = (np.array([getattr(c, key) for c in codec.columns]) for key in ("mean", "scale"))
    assert np.array_equal(packed, ((source.data - mean) / scale).astype(np.float32))
    some = np.array([4000, 3, 777])
    assert np.array_equal(codec.pack(source[some]), packed[some])
    assert codec.pack(source[:0]).shape == (0, 64, 2)


def test_json_brings_it_back_and_what_is_wrong_is_refused():
    codec = fit_codec(opened(step=2))
    told = json.loads(json.dumps(codec.to_json()))
    assert codec_from_json(told) == codec
    for wrong in ({"window": 0}, {"step": "2"}, {"usual": -1.0}, {"columns": []}, {"resample": 1}, {"time": 2.5}):
        with pytest.raises(ModelFileError):
            codec_from_json({**told, **wrong})
    with pytest.raises(ModelFileError):
        codec_from_json({key: told[key] for key in told if key != "window"})


def test_an_empty_column_is_refused():
    with pytest.raises(latently.InputError, match="every cell of column 'b' is missing; leave it out"):
        fit_codec(opened(FRAME.assign(b=np.nan)))
