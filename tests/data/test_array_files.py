"""NumPy's files and IDX."""

import gzip
import struct

import numpy as np
import pytest

import latently
from latently import InputError


def write_idx(path, array):
    head = struct.pack(f">HBB{array.ndim}I", 0, {"u1": 8, "i4": 12}[array.dtype.str[1:]], array.ndim, *array.shape)
    data = head + array.astype(array.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_npy(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(32, dtype=np.uint8).reshape(2, 4, 4))
    source = latently.open(tmp_path / "a.npy")
    assert source.summary == "2 pictures, 4 x 4, uint8"
    assert source.origin == str(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"Python objects .*never loaded because they can run code; save an array of"):
        latently.open(tmp_path / "b.npy")
    (tmp_path / "d.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match="no file of NumPy's"):
        latently.open(tmp_path / "d.npy")
    (tmp_path / "c.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:140])
    with pytest.raises(InputError, match="cannot be read"):
        latently.open(tmp_path / "c.npy")


@pytest.mark.parametrize(
    ("arrays", "kind", "summary", "labels"),
    [
        ({"X": np.zeros((2, 3)), "y": np.array([4, 5])}, None, "2 rows, 3 columns, numpy", [4, 5]),
        (
            {"images": np.zeros((2, 3, 3)), "labels": np.array(["a", "b"])},
            None,
            "2 pictures, 3 x 3, float64",
            ["a", "b"],
        ),
        ({"what": np.zeros((2, 3)), "y": np.zeros(5)}, None, "2 rows, 3 columns, numpy", None),
        ({"small": np.zeros((2, 3)), "large": np.zeros((9, 3))}, None, "9 rows, 3 columns, numpy", None),
        ({"X": np.zeros((2, 3)), "images": np.zeros((2, 3, 3))}, "image", "2 pictures, 3 x 3, float64", None),
    ],
)
def test_npz(tmp_path, arrays, kind, summary, labels):
    np.savez(tmp_path / "a.npz", **arrays)
    source = latently.open(tmp_path / "a.npz", kind=kind)
    assert source.summary == summary
    assert (source.labels if labels is None else source.labels.tolist()) == labels


def test_npz_that_cannot_be_read(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.zeros((20, 30)))
    (tmp_path / "b.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:200])
    np.savez(tmp_path / "c.npz")
    np.savez(tmp_path / "d.npz", X=np.array([[{}]], dtype=object), allow_pickle=True)
    for name, words in (("b", "cannot be read"), ("c", "no array"), ("d", "Python objects")):
        with pytest.raises(InputError, match=words):
            latently.open(tmp_path / f"{name}.npz")


def test_idx(tmp_path):
    images = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", np.array([7, 8, 9], np.uint8))
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", images[:1])
    for path in (tmp_path, tmp_path / "train-images-idx3-ubyte.gz"):
        source = latently.open(path)
        assert np.array_equal(source.data, images)
        assert source.labels.tolist() == [7, 8, 9]
        assert source.origin == str(path)
    assert latently.open(tmp_path / "t10k-images-idx3-ubyte.gz").labels is None
    write_idx(tmp_path / "table-idx2-ubyte", np.array([[1, 70000]], np.int32))
    assert latently.open(tmp_path / "table-idx2-ubyte").data.tolist() == [[1, 70000]]


def test_idx_that_cannot_be_read(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    write_idx(path, np.zeros((3, 4, 4), np.uint8))
    whole = path.read_bytes()
    for data, words in ((whole[:-5], "cut short: 43 bytes of values instead of 48"), (b"PNG", "no IDX file")):
        path.write_bytes(data)
        with pytest.raises(InputError, match=words):
            latently.open(path)
    packed = tmp_path / "x-idx3-ubyte.gz"
    packed.write_bytes(gzip.compress(whole)[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        latently.open(packed)
    path.write_bytes(whole)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    with pytest.raises(InputError, match="2 labels for 3 items"):
        latently.open(path)


def test_the_real_digits(shared):
    source = latently.open(shared / "mnist")
    assert source.summary == "60000 pictures, 28 x 28, uint8"
    assert source.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_masked_cells_are_missing():
    cells = np.ma.masked_array([[0, 1], [2, 3]], mask=[[0, 1], [0, 0]])
    np.testing.assert_array_equal(latently.open(cells).data, [[0, np.nan], [2, 3]])
    assert latently.open(np.ma.masked_array([[0, 1]], mask=False)).data.dtype == np.int64
    small = np.ma.masked_array(np.ones((2, 2), np.float32), mask=[[1, 0], [0, 0]])
    assert latently.open(small).data.dtype == np.float32
    for pictures in (np.ma.masked_array(np.zeros((1, 2, 2)), mask=True), [np.ma.masked_array(np.eye(2), mask=True)]):
        with pytest.raises(InputError, match="missing or infinite"):
            latently.open(pictures)
