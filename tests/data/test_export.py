"""Items to files, and files back to the same items."""

import errno
import os

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

import latently
from latently import InputError, OutputError

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "pictures",
    [
        RNG.integers(0, 256, (3, 4, 5), np.uint8),
        RNG.integers(0, 256, (3, 4, 5, 3), np.uint8),
        RNG.integers(0, 256, (3, 4, 5, 4), np.uint8),
        RNG.integers(0, 65536, (3, 4, 5), np.uint16),
        RNG.random((3, 4, 5)) > 0.5,
    ],
)
def test_a_folder_of_pictures_can_be_opened_again(tmp_path, pictures):
    latently.write(tmp_path / "out", pictures, ["cat/b.jpg", "cat/a.png", "c"])
    source = latently.open(tmp_path / "out")
    assert source.names == ["c.png", "cat/a.png", "cat/b.png"]
    written = pictures.astype(np.uint8) * 255 if pictures.dtype == bool else pictures
    assert np.array_equal(source.pixels.reshape(pictures.shape), written[[2, 1, 0]])
    assert not [p for p in (tmp_path / "out").rglob("*") if "part" in p.name]


def test_pictures_without_names_are_counted(tmp_path):
    latently.write(tmp_path, [np.zeros((2, 2), np.uint8)] * 11)
    assert sorted(p.name for p in tmp_path.iterdir())[:2] == ["00.png", "01.png"]


def test_floating_point_pictures_are_shown(tmp_path):
    latently.write(tmp_path, np.array([[[0.0, 1.0]]]))
    assert np.asarray(Image.open(tmp_path / "0.png")).tolist() == [[0, 255]]


def test_arrays(tmp_path):
    codes = RNG.normal(size=(4, 3)).astype(np.float32)
    assert np.array_equal(np.load(latently.write(tmp_path / "a.npy", codes)), codes)
    assert np.array_equal(np.load(latently.write(tmp_path / "a.npz", codes))["X"], codes)
    for ending, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet)):
        frame = read(latently.write(tmp_path / f"deep/a{ending}", codes, names=list("abcd")))
        assert frame.columns == ["name", "z0", "z1", "z2"]
        np.testing.assert_allclose(frame.drop("name").to_numpy(), codes, rtol=1e-6)
    pictures = np.zeros((2, 3, 3), np.uint8)
    assert np.array_equal(np.load(latently.write(tmp_path / "p.npy", pictures)), pictures)


@pytest.mark.parametrize("frame", [pl.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"a": [1], "b": ["x"]})])
def test_frames(tmp_path, frame):
    assert latently.write(tmp_path / "a.csv", frame).read_text() == "a,b\n1,x\n"
    assert latently.write(tmp_path / "a.tsv", frame).read_text() == "a\tb\n1\tx\n"
    assert pl.read_parquet(latently.write(tmp_path / "a.parquet", frame)).rows() == [(1, "x")]
    with pytest.raises(InputError, match="more than numbers"):
        latently.write(tmp_path / "a.npy", frame)
    assert np.load(latently.write(tmp_path / "b.npy", frame[["a"]])).tolist() == [[1]]


@pytest.mark.parametrize(
    ("name", "items", "names", "words"),
    [
        ("a.xlsx", np.zeros((2, 2)), None, r"ending that is not known; choose \.npy"),
        ("a", np.zeros((2, 2)), None, "a table was given"),
        ("a.csv", np.zeros((2, 2, 2)), None, "choose a folder"),
        ("a.csv", np.zeros(3), None, "no table"),
        ("a", np.zeros((1, 2, 2, 5), np.uint8), None, "fits no PNG"),
        ("a", np.full((1, 2, 2), np.nan), None, "fits no PNG"),
        ("a", np.zeros((1, 2, 2, 3), np.uint16), None, "fits no PNG"),
        ("a", np.zeros((1, 2, 2), np.uint8), ["../b"], "leads out of the folder"),
        ("a", np.zeros((1, 2, 2), np.uint8), ["/b"], "leads out of the folder"),
        ("a", np.zeros((1, 2, 2), np.uint8), ["b", "c"], "2 names were given for 1 items"),
        ("a.npy", [np.zeros((2, 2)), np.zeros((3, 3))], None, "differ in size"),
    ],
)
def test_what_cannot_be_written(tmp_path, name, items, names, words):
    with pytest.raises(InputError, match=words):
        latently.write(tmp_path / name, items, names)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize("name", ["a.npy", "a.csv", "a.parquet", "a.npz"])
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, name):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full; free some space"):
        latently.write(tmp_path / name, np.zeros((2, 2)))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    for name in ("file/a.npy", "file/a.csv", "file/out"):
        with pytest.raises(OutputError, match="choose another place"):
            latently.write(tmp_path / name, np.zeros((2, 2) if "." in name else (1, 2, 2)))


@pytest.mark.parametrize(
    ("pictures", "grey"),
    [
        ([[[0.0, 0.5]], [[0.0, 1.0]]], [[0, 128], [0, 255]]),
        ([[[0.0, 0.4]], [[0.0, 0.8]]], [[0, 102], [0, 204]]),
        ([[[0.0, 8.0]], [[0.0, 16.0]]], [[0, 128], [0, 255]]),  # scikit-learn's digits
        ([[[0, 1]], [[0, 16]]], [[0, 16], [0, 255]]),
        ([[[0.0, 0.9]], [[3.0, 250.0]]], [[0, 1], [3, 250]]),
        ([[[-1.0, 0.0]], [[1.0, 0.5]]], [[0, 128], [255, 191]]),
    ],
)
def test_the_pictures_of_one_call_share_a_scale(tmp_path, pictures, grey):
    for items in (np.array(pictures), [np.array(p) for p in pictures]):
        latently.write(tmp_path / "out", items)
        assert [np.asarray(Image.open(tmp_path / f"out/{i}.png"))[0].tolist() for i in range(2)] == grey
