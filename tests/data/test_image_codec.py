"""Pictures to tensors and back: exactly, in their own type, shape and size."""

import json
import tracemalloc

import numpy as np
import pytest
import torch

import latently
from latently import InputError, LatentlyWarning, ModelFileError
from latently.data import codec_from_json, fit_codec

RNG = np.random.default_rng(0)


def pictures(shape, dtype):
    if dtype == "bool":
        return RNG.random(shape) > 0.5
    if np.dtype(dtype).kind == "f":
        return RNG.normal(size=shape).astype(dtype)
    bounds = {"uint8": (0, 256), "uint16": (0, 65536), "int16": (-1000, 3000), "int64": (0, 300)}[dtype]
    return RNG.integers(*bounds, size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int64", "float32", "float64", "bool"])
@pytest.mark.parametrize(
    "shape", [(3, 4, 5), (3, 4, 5, 1), (2, 5, 4, 3), (2, 4, 4, 4), (1, 1, 1), (2, 1, 1, 5), (2, 4, 4, 5)]
)
def test_what_goes_in_comes_out(shape, dtype):
    given = pictures(shape, dtype)
    source = latently.open(given)
    codec = fit_codec(source)
    assert codec_from_json(json.loads(json.dumps(codec.to_json()))) == codec
    packed = codec.pack(source)
    assert packed.dtype == (torch.uint8 if dtype in ("uint8", "bool") else torch.float32)
    assert packed.shape == (len(given), *codec.spec.shape)
    as_read = packed.float() / 255 if packed.dtype == torch.uint8 else packed
    assert as_read.min() >= 0
    assert as_read.max() <= 1
    for x in (packed.numpy(), as_read.numpy()):
        for like in (source, None):
            back = codec.restore(x, like)
            assert (back.dtype, back.shape) == (given.dtype, given.shape)
            np.testing.assert_allclose(back, given, atol=1e-5 if np.dtype(dtype).kind == "f" else 0)
    assert np.array_equal(source.data, given.astype(np.float32) if dtype == "float64" else given)


def test_channels_come_first_in_the_tensor():
    given = pictures((2, 4, 5, 3), "uint8")
    packed = fit_codec(latently.open(given)).pack(latently.open(given))
    assert np.array_equal(packed.numpy(), given.transpose(0, 3, 1, 2))


def test_unit_floats_keep_their_scale_and_others_learn_theirs():
    codec = fit_codec(latently.open(np.full((2, 3, 3), 0.5)))
    assert (codec.low, codec.high) == (0, 1)
    assert fit_codec(latently.open(np.full((2, 3, 3), 7.0))).pack(latently.open(np.full((1, 3, 3), 7.0))).max() == 0
    wide = fit_codec(latently.open(np.linspace(-2, 6, 18).reshape(2, 3, 3)))
    with pytest.warns(LatentlyWarning, match="from 60 to 60; those beyond .* -2 to 6, were clipped"):
        assert wide.pack(latently.open(np.full((1, 3, 3), 60.0))).min() == 1
    assert wide.pack(latently.open(np.full((1, 3, 3), 6.1))).max() == 1  # a little beyond is nothing to speak of


def test_predictions_outside_the_range_are_clipped():
    codec = fit_codec(latently.open(np.zeros((1, 1, 2), np.uint8)))
    assert codec.restore(np.array([[[[-3.0, 9.0]]]], np.float32)).tolist() == [[[0, 255]]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros((2, 5, 5), np.uint8), r"5 x 5 with 1 channel .* 4 x 4 with 1 channel; .*size=\(4, 4\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), r"4 x 4 with 3 channels .* give them 1 channel, as \(n, 4, 4, 1\)"),
        (np.zeros((2, 4, 4)), r'float64 .* uint8 from 0 to 255; .*astype\("uint8"\)'),
        (np.zeros((2, 4, 4), np.uint16), "uint16"),
        (np.zeros((2, 16)), "a table was given"),
    ],
)
def test_what_does_not_fit_is_refused(given, words):
    codec = fit_codec(latently.open(np.zeros((2, 4, 4), np.uint8)))
    with pytest.raises(InputError, match=words):
        codec.pack(latently.open(given))


def test_pictures_of_files_are_brought_in_line(tmp_path):
    latently.write(tmp_path / "grey", np.full((2, 6, 6), 100, np.uint8))
    codec = fit_codec(latently.open(np.zeros((2, 4, 4, 3), np.uint8)))
    source = latently.open(tmp_path / "grey")
    with pytest.warns(LatentlyWarning, match="6 x 6 with 1 channel .* they were brought to that"):
        packed = codec.pack(source)
    assert packed.shape == (2, 3, 4, 4)
    assert (packed == 100).all()
    back = codec.restore(packed.numpy(), source)
    assert back.shape == (2, 6, 6, 1)
    assert (back == 100).all()
    assert codec.pack(source).shape == (2, 3, 4, 4)  # said once


def test_a_size_that_was_asked_for_is_undone():
    given = np.full((2, 6, 8, 3), 50, np.uint8)
    source = latently.open(given, size=(3, 4))
    codec = fit_codec(source)
    assert codec.spec.shape == (3, 3, 4)
    for like in (source, None):
        assert np.array_equal(codec.restore(codec.pack(source).numpy(), like), given)


@pytest.mark.parametrize(
    "change", [{"shape": [0, 1, 1]}, {"dtype": "what"}, {"dtype": "O"}, {"low": 9, "high": 1}, {"size": 3}]
)
def test_nonsense_is_no_codec(change):
    good = fit_codec(latently.open(np.zeros((1, 2, 2), np.uint8))).to_json()
    with pytest.raises(ModelFileError, match="save the model again"):
        codec_from_json({**good, **change})


@pytest.mark.parametrize("data", [{}, {"kind": "text"}, {"kind": "image"}, {"kind": "table"}, {"kind": ["image"]}])
def test_nothing_is_no_codec(data):
    with pytest.raises(ModelFileError):
        codec_from_json(data)


NONSENSE = ["abc", None, [], {}, float("nan"), float("inf"), -1, 10**30, 10**400]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64", "float32", "bool"])
def test_a_codec_of_nonsense_is_refused_or_restores(dtype):
    source = latently.open(pictures((2, 3, 3), "uint16").astype(dtype))
    good = fit_codec(source)
    x = good.pack(source).numpy()
    for key in good.to_json():
        for value in NONSENSE:
            try:
                codec = codec_from_json({**good.to_json(), key: value})
            except ModelFileError:
                continue
            assert codec.restore(x).shape == (2, 3, 3)
    for change in ({"shape": [10**30, 1, 1]}, {"flat": 1}, {"low": True}, {"size": [2.5, 2]}, {"shape": [3, 3, 3]}):
        with pytest.raises(ModelFileError):
            codec_from_json({**good.to_json(), **change})


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        ("uint64", 0, 2**64 - 1),
        ("int64", -(2**63), 2**63 - 1),
        ("uint32", 0, 2**32 - 1),
        ("float16", -6e4, 6e4),
        ("float32", -9e36, 9e36),
    ],
)
def test_the_ends_of_a_type_come_back(dtype, low, high):
    given = np.array([[[low, high]], [[high, low]]], dtype)
    source = latently.open(given)
    codec = fit_codec(source)
    assert np.array_equal(codec.restore(codec.pack(source).numpy(), source), given)
    assert np.array_equal(source.data, given)


def test_restoring_needs_little_more_room_than_the_result():
    x = RNG.random((3000, 3, 32, 32), np.float32)
    codec = fit_codec(latently.open(np.zeros((1, 32, 32, 3), np.uint8)))
    tracemalloc.start()
    try:
        restored = codec.restore(x)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(restored, np.rint(x.transpose(0, 2, 3, 1) * 255).astype(np.uint8))
    assert most < restored.nbytes + 32 * 2**20  # a block of 2^20 values, a few times


def test_files_of_another_depth_are_brought_to_the_models_range(tmp_path):
    narrow, wide = np.array([[[0, 100, 255]]], np.uint8), np.array([[[0, 25700, 65535]]], np.uint16)
    latently.write(tmp_path / "8", narrow)
    latently.write(tmp_path / "16", wide)
    for fitted, place, own in ((narrow, "16", wide), (wide, "8", narrow)):
        codec, source = fit_codec(latently.open(fitted)), latently.open(tmp_path / place)
        with pytest.warns(LatentlyWarning, match=f"0 to {own.max()} was brought to that range"):
            x = codec.pack(source)
        assert torch.equal(x, codec.pack(latently.open(fitted)))
        assert np.array_equal(codec.restore(x.numpy(), source)[..., 0], own)


@pytest.mark.parametrize(("share", "binary"), [(0.0, True), (0.1, True), (0.5, False), (1.0, False)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_whether_pictures_are_black_and_white_is_learned(share, binary, dtype):
    rng = np.random.default_rng(0)
    x = rng.choice([0.0, 1.0], (50, 8, 8))
    grey = rng.random(x.shape) < share
    x[grey] = rng.uniform(0.2, 0.8, grey.sum())
    x = (x * {"uint8": 255, "uint16": 60000, "float32": 1}[dtype]).astype(dtype)
    codec = fit_codec(latently.open(x))
    assert codec.spec.binary is binary
    assert codec_from_json(json.loads(json.dumps(codec.to_json()))) == codec


def test_parts_of_which_some_are_of_one_size_come_back_together(tmp_path, monkeypatch):
    monkeypatch.setattr("latently.data.spill.PART", 2 * 8 * 8)  # two pictures a part
    sides = [8, 8, 8, 6]  # the first part of one size, the second not
    for i, side in enumerate(sides):
        latently.write(tmp_path / f"{i}", RNG.integers(0, 256, (1, side, side), np.uint8))
    with pytest.warns(LatentlyWarning, match="8 x 8"):
        source = latently.open(tmp_path)
    restored = latently.AE(latent=1, epochs=1).fit(source).reconstruct(source)
    assert [picture.shape[:2] for picture in restored] == [(side, side) for side in sides]
