"""The long measurements cannot run here; what they have kept must be whole, and what they reached must not be lost."""

import json
from pathlib import Path

import pytest

RESULTS = Path(__file__).parent.parent / "bench" / "results"
LONG = ("conv", "denoise", "dress", "nll", "vqvae", "frechet")


def measured(name):
    return json.loads((RESULTS / f"quality-{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", LONG)
def test_a_long_measurement_says_how_it_was_made(name):
    kept = measured(name)
    assert kept["finished"]
    assert kept["seconds"] > 60, "this is no quick run"
    assert {"date", "machine", "versions", "seed", "settings", "results"} <= set(kept)
    assert kept["settings"]["epochs"] > 1


def test_the_convolutional_autoencoder_restores_as_well_as_its_model_in_keras():
    found = measured("conv")["results"]
    assert found["parameters"] == 28_353
    assert found["test BCE a pixel"] <= 0.0622


def test_variations_of_a_dress_are_dresses_and_differ():
    found = measured("dress")["results"]
    assert (found["parameters, encoder"], found["parameters, decoder"]) == (924_180, 933_281)
    assert found["the mean code's picture: called a dress"] == 1
    assert found["variations, s = 1.0: share called dresses"] >= 0.95
    assert found["variations, s = 1.0: mean distance between two"] > 5


def test_the_codebook_restores_as_well_as_its_model_in_keras_and_is_used():
    found = measured("vqvae")["results"]
    assert found["test MSE / train variance"] <= 0.0444
    assert found["share of the entries used by the test digits"] > 0.8


def test_drawn_digits_are_nearer_to_real_ones_than_pythaes_best():
    found = measured("frechet")["results"]
    ours = [d for name, d in found.items() if name.startswith("Latently VAE")]
    theirs = [d for name, d in found.items() if name.startswith("pythae")]
    assert found["classifier: accuracy"] > 0.98
    assert min(ours) < min(theirs)
