import importlib
import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import latently
from latently.explore.judging.features import feature_space
from latently.explore.judging.quality import packed

room = importlib.import_module("latently.explore.judging.evaluate")
SETS = ("frechet", "precision", "recall", "density", "coverage")
CLASSES = ("knn_accuracy", "commonest", "silhouette", "variance_ratio")
TEXTS = ("nll_token", "perplexity", "bits_per_character", "unknown")
CODED_TEXTS = ("kl", "mutual_information", "active_units", "restored_words", "restored_words_guess")
FACTORS = ("mig", "dci_disentanglement", "dci_completeness", "dci_informativeness", "sap")


@pytest.fixture(scope="module")
def found(picture_model: Any, digits: latently.Source) -> dict[str, Any]:
    return latently.evaluate(picture_model, digits, draws=8)


def test_pictures_have_every_number_but_those_of_factors(found: dict[str, Any]) -> None:
    assert set(latently.MEASURES) - {*FACTORS, *TEXTS, *CODED_TEXTS} <= set(found)
    assert all(math.isfinite(found[key]) for key in latently.MEASURES if key in found)
    assert found["notes"] == []
    assert (found["model"], found["items"], found["samples"], found["nll_draws"]) == ("vae", 300, 300, 8)
    assert found["feature_space"].startswith("64 principal components")
    assert json.loads(json.dumps(found)) == found


def test_every_number_is_in_the_table_of_measures(found: dict[str, Any]) -> None:
    told = {"model", "items", "notes", "feature_space", "samples"}
    assert set(found) - set(latently.MEASURES) == told
    assert latently.MEASURES["psnr"].unit == "dB"
    assert latently.MEASURES["nll"].unit == "nats an item"


def test_the_same_seed_gives_the_same_numbers(picture_model: Any, digits: latently.Source) -> None:
    first, again, other = (latently.evaluate(picture_model, digits, draws=2, n=50, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert (first["items"], first["nll"], first["frechet"]) != (other["items"], other["nll"], other["frechet"])


def test_restoration_is_measured_as_the_network_sees_it(picture_model: Any, digits: latently.Source) -> None:
    found = latently.evaluate(picture_model, digits, draws=1)
    x = torch.from_numpy(packed(picture_model, digits))
    with torch.inference_mode():
        back = picture_model.module_.restore(x).clamp(0, 1)
    assert found["mse"] == pytest.approx(float((x - back).square().mean()), rel=1e-4)


def test_the_likelihood_is_the_log_mean_of_the_weights(
    picture_model: Any, digits: latently.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weights(x: torch.Tensor, draws: int, label: Any = None) -> torch.Tensor:
        del label
        return torch.log(torch.tensor([1.0, 3.0]).repeat(draws // 2))[:, None] - x.flatten(1).sum(1)

    monkeypatch.setattr(picture_model.module_, "log_weights", weights)
    for at_once in (2**22, 4 * 64, 10 * 64):  # all draws of an item at once, and in parts
        monkeypatch.setattr(room, "_AT_ONCE", at_once)
        found = latently.evaluate(picture_model, digits, draws=8)
        sums = packed(picture_model, digits).reshape(300, -1).sum(1, dtype=float)
        assert found["nll"] == pytest.approx(sums.mean() - math.log(2), rel=1e-5)  # the mean weight is 2
        assert found["nll_error"] == pytest.approx(sums.std(ddof=1) / math.sqrt(300), rel=1e-4)


def test_more_draws_tighten_the_likelihood(picture_model: Any, digits: latently.Source) -> None:
    one, many = (latently.evaluate(picture_model, digits, draws=draws)["nll"] for draws in (1, 200))
    bound = -picture_model.score_samples(digits).mean()
    assert many < one
    assert many < bound + 1, "an importance-weighted likelihood is no worse than the bound"


@pytest.mark.parametrize("name", ["ae", "vqvae", "gan"])
def test_a_model_without_a_density_says_so(name: str, digits: latently.Source) -> None:
    found = latently.evaluate(latently.make(name, epochs=1, latent=2).fit(digits[:60]), digits[:60])
    assert found["nll"] is found["nll_error"] is None
    assert any("likelihood cannot be estimated" in note and "density" in note for note in found["notes"])
    assert 0 <= found["coverage"] <= 1


def test_a_conditional_model_is_told_the_labels(digits: latently.Source) -> None:
    model = latently.ConditionalVAE(latent=2, epochs=8).fit(digits)
    names, index = np.unique(digits.labels, return_inverse=True)
    given = latently.evaluate(model, digits, draws=4)["nll"]
    wrong = latently.evaluate(model, digits, draws=4, labels=names[(index + 1) % 4])
    assert given < wrong["nll"], "other labels explain the items worse"
    with pytest.raises(latently.InputError, match="was not seen in training"):
        latently.evaluate(model, digits, labels=np.arange(300) % 2)


def test_rows_get_what_makes_sense_for_them(table_model: Any, table: pl.DataFrame) -> None:
    found = latently.evaluate(table_model, table, labels=table["<town>"].to_list(), n=100)
    assert not {"bce", "psnr", "ssim"} & set(found)
    assert found["items"] == 100
    assert set(found["columns"]["크기"]) == {"r2", "guess"}
    assert set(found["columns"]["paid"]) == {"accuracy", "guess"}
    assert "constant" not in found["columns"]
    assert 0 <= found["knn_accuracy"] <= 1
    json.dumps(found)


def test_rows_with_gaps_have_a_likelihood(table: pl.DataFrame) -> None:
    found = latently.evaluate(latently.VAE(latent=2, epochs=1).fit(table), table, draws=3)
    assert math.isfinite(found["nll"]) and math.isfinite(found["frechet"])


@pytest.mark.parametrize("of", ["array", "frame", "file"])
def test_factors_are_found_in_a_code_that_is_them(of: str, tmp_path: Any) -> None:
    factors = np.random.default_rng(0).integers(0, 4, (600, 2))
    X = factors @ np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]])
    model = latently.AE(latent=2, encoder="dense2", epochs=1).fit(X)
    with torch.no_grad():
        model.module_.encoder[-1].weight.copy_(torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]]))
    frame = pl.DataFrame(factors, schema=["a", "b"])
    frame.write_csv(tmp_path / "factors.csv")
    given = {"array": factors, "frame": frame, "file": tmp_path / "factors.csv"}[of]
    found = latently.evaluate(model, X, factors=given)
    assert all(found[key] > 0.8 for key in FACTORS if key != "sap")
    assert found["sap"] > 0.15


def test_features_may_be_handed_over(picture_model: Any, digits: latently.Source) -> None:
    other = latently.AE(latent=5, epochs=1).fit(digits)

    def brightness(pictures: Any) -> Any:
        return np.asarray(pictures, float).mean((1, 2))[:, None]

    assert latently.evaluate(picture_model, digits, features=brightness)["feature_space"] == "1 numbers of brightness"
    assert latently.evaluate(picture_model, digits, features=other.transform)["frechet"] >= 0
    for wrong in (lambda x: np.zeros(len(x)), lambda x: np.zeros((3, 2)), lambda x: np.full((len(x), 2), np.nan)):
        with pytest.raises(latently.InputError, match="one row an item"):
            latently.evaluate(picture_model, digits, features=wrong)


def test_drawn_rows_fill_no_gaps_of_the_items(table_model: Any, table: pl.DataFrame) -> None:
    source = latently.open(table)
    compared = feature_space(table_model, source, None, packed(table_model, source), 0)
    assert compared.real.shape == compared.drawn.shape
    assert np.isfinite(compared.real).all() and np.isfinite(compared.drawn).all()


def test_one_item_has_what_one_item_can_have(picture_model: Any, digits: latently.Source) -> None:
    found = latently.evaluate(picture_model, digits[:1], draws=4)
    assert found["items"] == 1
    assert math.isfinite(found["mse"]) and math.isfinite(found["nll"])
    assert all(found[key] is None for key in (*SETS, *CLASSES, "restored", "trustworthiness", "nll_error"))
    assert any("One item is too few" in note for note in found["notes"])
    json.dumps(found)


@pytest.mark.parametrize(
    ("labels", "why"),
    [(None, "no labels"), (np.zeros(240), "same label"), (np.arange(240) / 7, "240 different labels")],
)
def test_labels_that_tell_nothing(table_model: Any, table: pl.DataFrame, labels: Any, why: str) -> None:
    found = latently.evaluate(table_model, table, labels=labels)
    assert all(found[key] is None for key in CLASSES)
    assert any(why in note for note in found["notes"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": [1, 2]}, "labels for 2 items were given and there are 240"),
        ({"labels": 3}, "labels for one value"),
        ({"labels": [None] * 240}, "labels are missing"),
        ({"labels": np.zeros((240, 2))}, "2 labels were given for each item"),
        ({"factors": np.zeros((7, 2))}, "factors for 7 items"),
        ({"factors": np.full((240, 2), np.nan)}, "factors hold values that are missing"),
    ],
)
def test_what_does_not_fit_the_items_is_refused(
    table_model: Any, table: pl.DataFrame, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(latently.InputError, match=message):
        latently.evaluate(table_model, table, **given)


@pytest.mark.parametrize("given", [{"n": 0}, {"draws": 0}, {"draws": 1.5}, {"n": "all"}, {"n": True}])
def test_counts_are_whole_numbers(table_model: Any, table: pl.DataFrame, given: dict[str, Any]) -> None:
    with pytest.raises(latently.ParameterError, match="whole number, at least 1"):
        latently.evaluate(table_model, table, **given)


def test_data_of_another_width_are_refused(picture_model: Any) -> None:
    with pytest.raises(latently.InputError, match="8 x 8"):
        latently.evaluate(picture_model, np.zeros((5, 9, 9), np.uint8))
    model = latently.AE(latent=1, epochs=1).fit(np.random.default_rng(0).normal(size=(30, 3)))
    with pytest.raises(latently.InputError, match="fitted to 3"):
        latently.evaluate(model, np.zeros((5, 4)))


def test_items_that_do_not_differ() -> None:
    X = np.zeros((30, 4, 4), np.uint8)
    found = latently.evaluate(latently.AE(latent=1, epochs=1).fit(X), X)
    assert found["restored"] is None
    assert found["feature_space"].endswith("do not differ")
    json.dumps(found, allow_nan=False)
