"""A saved model that was tampered with, checksum and all, is refused with a sentence."""

import numpy as np
import pytest

import latently
from latently import store


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "m.safetensors"
    latently.AE(latent=2, epochs=1, encoder="dense4 silu").fit(np.random.default_rng(0).normal(size=(40, 3))).save(path)
    return path


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "gan"),
        ("model", []),
        ("params", {"latent": -1}),
        ("params", {"nonsense": 1}),
        ("params", 3),
        ("params", {"encoder": "dense1000000000 silu"}),
        ("params", {"encoder": "dense5 silu"}),
        ("latent", "abc"),
        ("latent", 7),
        ("features", "abc"),
        ("codec", {}),
        ("codec", None),
        ("history", 3),
    ],
)
def test_a_header_that_does_not_fit(saved, tmp_path, key, value):
    header, tensors = store.read(saved)
    path = store.write(tmp_path / "m.safetensors", {**header, key: value}, tensors)
    with pytest.raises(latently.ModelFileError) as told:
        latently.load(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("prior.means", np.zeros((1, 9))),
        ("prior.weights", np.array([np.nan])),
        ("module.encoder.0.weight", np.full((4, 3), np.nan, np.float32)),
        ("module.encoder.0.weight", np.zeros((4, 9), np.float32)),
        ("calibration", np.zeros(0)),
        ("calibration", np.full(3, np.nan)),
        ("module.surprise", np.zeros(3, np.float32)),
    ],
)
def test_tensors_that_do_not_fit(saved, tmp_path, name, tensor):
    header, tensors = store.read(saved)
    assert latently.load(saved)
    path = store.write(tmp_path / "m.safetensors", header, {**tensors, name: tensor})
    with pytest.raises(latently.ModelFileError):
        latently.load(path)


def test_a_changed_file_is_not_described_either(saved, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(saved.read_bytes().replace(b'\\"latent\\": 2', b'\\"latent\\": 9'))
    with pytest.raises(latently.ModelFileError, match="checksum"):
        latently.describe(path)


def test_a_model_of_a_device_that_is_not_here_is_loaded_on_the_cpu(saved, tmp_path):
    header, tensors = store.read(saved)
    header["params"]["device"] = "mps"
    path = store.write(tmp_path / "m.safetensors", header, tensors)
    assert next(latently.load(path).module_.parameters()).device.type == "cpu"
