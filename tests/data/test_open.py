"""What `open` takes, what it makes of it, and the sentence with which it refuses the rest."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
import torch
from PIL import Image

import latently
from latently import InputError, InputTypeError


@pytest.mark.parametrize(
    ("x", "kind", "summary"),
    [
        (np.zeros((3, 2)), "table", "3 rows, 2 columns, numpy"),
        ([[1, 2], [3, 4]], "table", "2 rows, 2 columns, numpy"),
        (np.zeros((1, 4, 5), np.uint8), "image", "1 picture, 4 x 5, uint8"),
        (np.zeros((2, 4, 5, 3), np.uint16), "image", "2 pictures, 4 x 5 x 3, uint16"),
        (torch.zeros(2, 4, 5), "image", "2 pictures, 4 x 5, float32"),
        (torch.zeros(2, 4, requires_grad=True), "table", "2 rows, 4 columns, numpy"),
        ([np.zeros((4, 5)), np.zeros((4, 5))], "image", "2 pictures, 4 x 5, float64"),
        ([Image.new("L", (5, 4))], "image", "1 picture, 4 x 5, uint8"),
        (["two words", "and three more"], "text", "2 texts, 2.5 words on average"),
        (("hi",), "text", "1 text, 1 word"),
        (np.array(["a b", "c d"]), "text", "2 texts, 2 words on average"),
        (np.array(["a b", "c d"], dtype=object), "text", "2 texts, 2 words on average"),
        (pd.Series(["a b"]), "text", "1 text, 2 words"),
        (pl.Series(["a b"]), "text", "1 text, 2 words"),
        (pa.chunked_array([["a b"]]), "text", "1 text, 2 words"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), "table", "1 row, 2 columns, pandas"),
        (pl.DataFrame({"a": [1]}), "table", "1 row, 1 column, polars"),
        (pl.LazyFrame({"a": [1]}), "table", "1 row, 1 column, polars"),
        (pa.table({"a": [1]}), "table", "1 row, 1 column, pyarrow"),
    ],
)
def test_what_is_understood(x, kind, summary):
    source = latently.open(x)
    assert (source.kind, source.summary) == (kind, summary)
    assert source.notes == []
    assert latently.open(source) is source


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.float64(1), InputError, "give a path, an array"),
        (np.zeros(3), InputError, "Reshape your data"),
        (np.zeros((1, 2, 2, 2, 2)), InputError, r"5 dimensions.*reshape"),
        (np.zeros((0, 3)), InputError, "0 sample"),
        (np.zeros((3, 0)), InputError, "0 feature"),
        (np.zeros((0, 4, 4)), InputError, "empty"),
        (np.zeros((2, 0, 4)), InputError, "empty"),
        ([], InputError, "the list is empty; give at least one item"),
        (np.array([[1.0, np.inf]]), InputError, "infinity"),
        (np.full((1, 4, 4), np.nan), InputError, "missing or infinite"),
        (np.array([["a", object()]], dtype=object), InputError, "string|number"),
        (np.array([[["a"]]], dtype=object), InputError, "Python objects"),
        (np.array([["a", "b"]]), InputError, "numeric|number|convert"),
        (np.zeros((2, 2), complex), InputError, "Complex"),
        (np.zeros((2, 4, 4), complex), InputTypeError, "complex"),
        (np.zeros((2, 4, 4), "M8[s]"), InputTypeError, "datetime"),
        (scipy.sparse.csr_matrix(np.eye(2)), InputTypeError, "[Ss]parse"),
        (np.zeros((2, 3, 32, 32)), InputError, r"X\.transpose\(0, 2, 3, 1\)"),
        (torch.zeros(2, 1, 28, 28), InputError, r"transpose\(0, 2, 3, 1\)"),
        ([np.zeros((4, 4)), np.zeros((4, 4, 3))], InputError, "differ in channels"),
        (pl.DataFrame({"a": []}), InputError, "0 rows"),
        (pd.DataFrame(index=[1, 2]), InputError, "0 columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), InputError, "must differ"),
        (3, InputError, "give a path, an array"),
        (None, InputError, "Expected 2D array|NoneType"),
    ],
)
def test_what_is_refused(x, error, words):
    with pytest.raises(error, match=words):
        latently.open(x)


def test_kind_decides_where_it_could_be_both():
    high = latently.open(np.zeros((2, 3, 32, 32), np.uint8), kind="image")
    assert high.summary == "2 pictures, 3 x 32 x 32, uint8"
    with pytest.raises(InputError, match="reshape it to"):
        latently.open(np.zeros((2, 3)), kind="image")
    with pytest.raises(InputError, match=r"reshape\(len\(X\), -1\)"):
        latently.open(np.zeros((2, 3, 3)), kind="table")
    with pytest.raises(InputError, match=r"^pictures must be given here, but the data are"):
        latently.open(pl.DataFrame({"a": [1]}), kind="image")
    with pytest.raises(InputError, match="is not known; it is 'image', 'table', 'text', 'series' or None"):
        latently.open(np.zeros((2, 3)), kind="sound")
    with pytest.raises(InputError, match="texts are wanted"):
        latently.open(np.zeros((2, 3)), kind="text")
    assert latently.open(pl.DataFrame({"a": ["hi"], "b": [1]}), kind="text").summary == "1 text, 1 word"


def test_options_that_do_not_fit_are_refused():
    pictures, table = np.zeros((2, 4, 4), np.uint8), pl.DataFrame({"town": ["a"]})
    with pytest.raises(InputError, match="leave it out"):
        latently.open(table, size=(4, 4))
    with pytest.raises(InputError, match="leave it out"):
        latently.open(pictures, kinds={"a": "number"})
    for size in [(0, 4), (4,), (4, -1), (1.5, 2)]:
        with pytest.raises(InputError, match="height, width"):
            latently.open(pictures, size=size)
    with pytest.raises(InputError, match="did you mean 'town'"):
        latently.open(table, kinds={"twon": "category"})
    with pytest.raises(InputError, match="names no column of the table; its only one is 'town'"):
        latently.open(table, kinds={"age": "number"})
    with pytest.raises(InputError, match="one of number, category"):
        latently.open(table, kinds={"town": "text"})
    with pytest.raises(InputError, match="once data are open"):
        latently.open(latently.open(table), kinds={"town": "ignored"})


def test_paths_that_lead_nowhere(tmp_path):
    (tmp_path / "digits.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"did you mean digits\.csv"):
        latently.open(tmp_path / "digit.csv")
    for name in ("nowhere/x", "people.csv"):
        with pytest.raises(InputError, match="not there; check the spelling"):
            latently.open(str(tmp_path / name))
    (tmp_path / "a.docx").write_bytes(b"x")
    with pytest.raises(InputError, match=r"ending that is not known.*\.csv"):
        latently.open(tmp_path / "a.docx")
    Image.new("L", (4, 4)).save(tmp_path / "one.png")
    with pytest.raises(InputError, match="single picture; give the folder"):
        latently.open(tmp_path / "one.png")


@pytest.mark.parametrize(
    "x", [np.arange(24.0).reshape(6, 4), np.arange(96, dtype=np.uint8).reshape(6, 4, 4), pd.DataFrame({"a": range(6)})]
)
def test_slices_keep_rows_and_names_together(x):
    source = latently.open(x)
    part = source[[4, 1]]
    assert (len(part), part.names, type(part)) == (2, ["4", "1"], type(source))
    assert np.array_equal(np.asarray(part.data), np.asarray(x)[[4, 1]])
    assert np.array_equal(np.asarray(source[2:].data), np.asarray(x)[2:])
    assert source[1:3].fingerprint() == source[[1, 2]].fingerprint() != source.fingerprint()


def test_the_fingerprint_is_of_the_content():
    frame = pl.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
    assert latently.open(frame).fingerprint() == latently.open(frame.clone()).fingerprint()
    for other in (frame.rename({"a": "c"}), frame.with_columns(a=pl.lit(2.0)), frame.with_columns(b=pl.lit("x"))):
        assert latently.open(other).fingerprint() != latently.open(frame).fingerprint()
    assert latently.open(np.zeros((2, 6))).fingerprint() != latently.open(np.zeros((3, 4))).fingerprint()
    assert latently.open(np.asfortranarray(np.eye(3)[:2])).fingerprint() == latently.open(np.eye(3)[:2]).fingerprint()


def test_a_list_of_mixed_pictures_is_brought_to_the_commonest_size():
    with pytest.warns(latently.LatentlyWarning, match="1 of 3 pictures were resized to 4 x 4"):
        source = latently.open([np.zeros((4, 4)), np.ones((8, 6)), np.zeros((4, 4))])
    assert source.pixels.shape == (3, 4, 4, 1)
    assert source.sizes.tolist() == [[4, 4], [8, 6], [4, 4]]
    assert len(source.notes) == 1


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ("", "the path is empty"),
        (" ", "the path is empty"),
        (Path(), "the path is empty"),
        ("x" * 5000, r"^x{60}\.\.\. is a path that cannot be opened"),
        ("~nobody-of-that-name/x", "cannot be opened"),
        ([[1, 2], [3]], "rows of the list differ in length"),
        ([[[1, 2], [3]], [[1], [2]]], "rows of the list differ in length"),
        ([[[1, 2], [3, 4]], [[1], [2, 3]]], "rows of the list differ in length"),
        *(
            (pd.DataFrame([[1, 2]], columns=names), "must all be texts or all whole numbers")
            for names in ([None, "a"], [1, "a"], [None, 1], [1.5, 2.5], [True, False])
        ),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), r"\('a', 'b'\) is among them; rename"),
        (np.full((1, 2, 2), 1e300), r"pictures hold 1e\+300; divide"),
        (np.array([[[-1e300, 0], [np.inf, 1]]]), "missing or infinite"),
    ],
)
def test_what_nobody_meant_ends_in_a_sentence(x, words):
    with pytest.raises(InputError, match=words):
        latently.open(x)


def test_the_folder_one_is_in_can_be_opened(tmp_path, monkeypatch):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    assert len(latently.open(".")) == 1


def test_options_of_another_type_end_in_a_sentence():
    pictures = np.zeros((2, 4, 4), np.uint8)
    for size in (8, 8.5, "ab", ("a", "b"), (None, 1), {4, 5}, (10**30, 4), (float("inf"), 4), (float("nan"), 4)):
        with pytest.raises(InputError, match="height, width"):
            latently.open(pictures, size=size)
    with pytest.raises(InputError, match="more than a picture can hold"):
        latently.open(pictures, size=(10**6, 10**6))
    assert latently.open(pictures, size=np.array([2, 3])).size == (2, 3)
    for kinds in (["a"], "a", 3, [("a", "number")]):
        with pytest.raises(InputError, match="is a dict such as"):
            latently.open(pd.DataFrame({"a": [1]}), kinds=kinds)
