"""The one file: whole or not at all, and refused with a sentence when it cannot be trusted."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from latently import store
from latently.errors import ModelFileError, OutputError

TENSORS = {"a": np.arange(6.0).reshape(2, 3), "scalar": np.array(3), "empty": np.zeros((0, 4), np.float32)}


@pytest.fixture
def saved(tmp_path):
    return store.write(tmp_path / "m.safetensors", {"model": "ae", "word": "빨강"}, TENSORS)


def test_what_is_written_is_read(saved):
    header, tensors = store.read(saved)
    assert header == {"format": store.FORMAT, "model": "ae", "word": "빨강"}
    assert {n: (t.shape, t.dtype) for n, t in tensors.items()} == {n: (t.shape, t.dtype) for n, t in TENSORS.items()}
    assert np.array_equal(tensors["a"], TENSORS["a"])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(saved, share):
    saved.write_bytes(saved.read_bytes()[: int(share * saved.stat().st_size)])
    with pytest.raises(ModelFileError, match="cut short"):
        store.read(saved)


def test_a_changed_weight_is_noticed(saved):
    data = bytearray(saved.read_bytes())
    data[-3] ^= 1
    saved.write_bytes(data)
    with pytest.raises(ModelFileError, match="checksum differs"):
        store.read(saved)


def test_a_changed_header_is_noticed(saved):
    data = saved.read_bytes()
    saved.write_bytes(data.replace(b'\\"ae\\"', b'\\"xe\\"'))
    with pytest.raises(ModelFileError, match="checksum differs"):
        store.read(saved)


def test_a_foreign_file_is_refused(tmp_path):
    save_file({"w": np.ones(3)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelFileError, match="not saved by Latently"):
        store.read(tmp_path / "other.safetensors")
    (tmp_path / "text.safetensors").write_text("hello, this is no model at all")
    with pytest.raises(ModelFileError, match="no saved model"):
        store.read(tmp_path / "text.safetensors")


def test_a_newer_format_asks_for_an_update(tmp_path):
    save_file({}, tmp_path / "m.safetensors", {"latently": json.dumps({"format": 99}), "sha256": ""})
    with pytest.raises(ModelFileError, match=r"format 99 .* update Latently"):
        store.read(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"format": "x"}', '{"format": Infinity}', '{"format": -1}', "{}", "[" * 100_000]
)
def test_a_header_that_is_nonsense_is_refused(tmp_path, text):
    save_file({}, tmp_path / "m.safetensors", {"latently": text, "sha256": ""})
    with pytest.raises(ModelFileError, match="header that cannot be read"):
        store.read(tmp_path / "m.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match="is not a file"):
        store.read(tmp_path / "nothing")


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(saved, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = saved.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="the disk is full"):
        store.write(saved, {}, TENSORS)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_an_interrupted_write_leaves_no_rubbish(tmp_path):
    with pytest.raises(KeyboardInterrupt), store.atomic(tmp_path / "x"):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_of_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"), store.atomic(tmp_path / "file" / "m"):
        pass
