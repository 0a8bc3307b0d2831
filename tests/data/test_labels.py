"""Labels: a column of a table, or handed over beside the data."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import latently
from latently import InputError
from latently.data import fit_codec
from latently.data.source import tidy

ROWS = {"age": [1.5, 2.5, 3.5, 4.5], "town": ["x", "y", "x", "y"], "species": ["cat", "dog", "cat", "dog"]}
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


@pytest.mark.parametrize("library", FRAMES)
def test_a_column_of_any_library_becomes_the_labels_and_is_no_feature(library):
    frame = FRAMES[library](ROWS)
    source = latently.open(frame, labels="species")
    assert source.labels.tolist() == ROWS["species"] and source.label == "species"
    assert source.columns == ["age", "town"] and list(source.data.columns if library != "pyarrow" else
                                                      source.data.column_names) == ["age", "town"]  # fmt: skip
    assert len(list(frame.columns)) == 3  # the person's own frame is as it was
    assert source[1:].labels.tolist() == ["dog", "cat", "dog"] and source[[3, 0]].labels.tolist() == ["dog", "cat"]
    assert source[:2].label == "species" and fit_codec(source).spec.shape == (2,)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_a_column_of_a_file_becomes_the_labels(ending, tmp_path):
    path = latently.write(tmp_path / f"table{ending}", pl.DataFrame(ROWS))
    source = latently.open(path, labels="species")
    assert source.labels.tolist() == ROWS["species"] and source.columns == ["age", "town"]
    assert source.origin == str(path)


def test_names_that_are_numbers_can_be_labels():
    source = latently.open(pd.DataFrame({3: [1, 2, 3], 4: [7, 8, 7]}), labels=4)
    assert source.labels.tolist() == [7, 8, 7] and source.columns == [3]
    assert latently.open(pd.DataFrame({3: [1, 2, 3], 4: [7, 8, 7]}), labels="4").label == 4


def test_a_column_called_zero_is_remembered_too():
    source = latently.open(pd.DataFrame({0: ["a", "b"], 1: [1, 2], 2: [3, 4]}), labels=0)
    assert source.label == 0 and fit_codec(source).label == 0


def test_labels_can_be_handed_over_beside_any_data():
    pictures = latently.open(np.zeros((3, 8, 8)), labels=[3, 1, 2])
    assert pictures.labels.tolist() == [3, 1, 2] and pictures[1:].labels.tolist() == [1, 2]
    table = latently.open(np.zeros((2, 5)), labels=pd.Series(["a", "b"], dtype="category"))
    assert table.labels.tolist() == ["a", "b"] and table.columns == ["0", "1", "2", "3", "4"]
    opened = latently.open(np.zeros((2, 5)))
    assert latently.open(opened, labels=["a", "b"]).labels.tolist() == ["a", "b"] and opened.labels is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1.0, 2.0], [1, 2]),
        ([1.0, None, 3.0], ["1", "", "3"]),
        (["a", None, "b"], ["a", "", "b"]),
        (["a", float("nan"), " "], ["a", "", ""]),
        ([True, False], [True, False]),
        ([True, None], ["True", ""]),
        ([pd.NA, "a"], ["", "a"]),
        ([1, "a"], ["1", "a"]),
    ],
)
def test_labels_are_of_one_type_and_a_missing_one_is_empty(given, expected):
    found = tidy(pd.Series(given, dtype=object)).tolist()
    assert found == expected and [type(one) for one in found] == [type(one) for one in expected]


def test_a_missing_measurement_stays_nan():
    assert np.array_equal(tidy([0.5, np.nan]), [0.5, np.nan], equal_nan=True)


def test_rows_without_a_label_are_kept_and_other_models_do_not_mind(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("a,kind\n1,x\n2,\n3,y\n4,NA\n5,x\n")
    source = latently.open(path, labels="kind")
    assert source.labels.tolist() == ["x", "", "y", "", "x"]
    assert latently.AE(epochs=1, latent=1).fit(source).transform(source).shape == (5, 1)
    with pytest.raises(InputError, match="2 of 5 items have no label"):
        latently.make("cvae", epochs=1, latent=1).fit(source)


@pytest.mark.parametrize(
    ("labels", "kinds", "words"),
    [
        ("specie", None, "labels='specie' names no column of the table; did you mean 'species'"),
        ("weight", None, "names no column of the table; it has 'age', 'town' and 'species'"),
        ("species", {"species": "category"}, "'species' is given in kinds and as labels"),
        (["cat", "dog"], None, "labels .2. were given for 4 items"),
        ([["cat"]] * 4, None, "labels .4 x 1. were given for 4 items"),
        (3.5, None, "a single value. were given for 4 items"),
    ],
)
def test_what_cannot_be_labels_is_refused(labels, kinds, words):
    with pytest.raises(InputError, match=words):
        latently.open(pl.DataFrame(ROWS), labels=labels, kinds=kinds)


def test_a_column_that_is_all_there_is_or_holds_nothing_is_refused():
    with pytest.raises(InputError, match="only column"):
        latently.open(pl.DataFrame({"kind": ["a", "b"]}), labels="kind")
    with pytest.raises(InputError, match="no label in any row"):
        latently.open(pl.DataFrame({"a": [1, 2], "kind": [None, ""]}), labels="kind")


@pytest.mark.parametrize("data", [np.zeros((3, 8, 8)), np.zeros((3, 4))])
def test_a_columns_name_is_refused_where_there_are_no_names(data):
    with pytest.raises(InputError, match=r"names a column of a table, but the data are 3 .*sub-folders"):
        latently.open(data, labels="kind")


def test_labels_asked_for_are_part_of_the_fingerprint():
    frame = pl.DataFrame(ROWS)
    named = latently.open(frame, labels="species")
    assert named.fingerprint() == latently.open(frame, labels="species").fingerprint()
    assert named.fingerprint() != latently.open(frame).fingerprint()
    assert named.fingerprint() != latently.open(frame.drop("species")).fingerprint()
    other = frame.with_columns(species=pl.Series(["dog", "cat", "cat", "dog"]))
    assert named.fingerprint() != latently.open(other, labels="species").fingerprint()


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.filterwarnings("error")
def test_a_model_leaves_its_label_column_out_of_later_tables(library, tmp_path):
    rng = np.random.default_rng(0)
    rows = {"a": rng.normal(size=40), "b": rng.normal(size=40), "kind": ["x", "y"] * 20}
    frame = FRAMES[library](rows)
    model = latently.AE(epochs=1, latent=1).fit(latently.open(frame, labels="kind"))
    loaded = latently.load(model.save(tmp_path / "model.safetensors"))
    bare = FRAMES[library]({k: rows[k] for k in "ab"})
    for one in (model, loaded):
        assert np.array_equal(one.transform(frame), one.transform(bare))
        assert np.allclose(one.score_samples(frame), one.score_samples(bare))
    path = latently.write(tmp_path / "rows.csv", frame)
    assert np.allclose(loaded.transform(path), model.transform(frame), atol=1e-5)
    assert loaded.codec_.label == "kind"


def test_a_codec_saved_before_there_were_labels_still_opens():
    codec = fit_codec(latently.open(pl.DataFrame(ROWS)))
    old = {key: value for key, value in json.loads(json.dumps(codec.to_json())).items() if key != "label"}
    assert latently.data.codec_from_json(old) == codec
    with pytest.raises(latently.ModelFileError):
        latently.data.codec_from_json({**old, "label": "age"})
