"""Models side by side, beside PCA and the untrained network; and a contest under one time budget."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

import latently
from latently import InputError, ParameterError
from latently.explore.judging.comparison import Comparison, Entry
from latently.explore.judging.contest import ranked
from latently.explore.judging.linear import Linear, untrained


@pytest.fixture(scope="module")
def ae(digits):
    return latently.AE(latent=3, epochs=2).fit(digits)


@pytest.fixture(scope="module")
def compared(picture_model, ae, digits):
    return latently.compare([picture_model, ae], digits)


def test_every_row_is_measured_on_what_was_held_out(compared, picture_model, digits):
    assert [e.name for e in compared.entries] == ["VAE", "AE", "PCA, 3 numbers", "VAE untrained"]
    assert [e.kind for e in compared.entries] == ["model", "model", "PCA", "untrained"]
    assert compared.items == 30 and compared.unseen and compared.notes == ()
    costs = ("latent", "encode", "fit", "parameters", "size")
    for entry in compared.entries:
        missing = {key for key in compared.columns if entry.numbers[key] is None}
        assert missing == ({"fit"} if entry.kind == "untrained" else set()), entry.name
    told = {"restored", "psnr", "ssim", "knn_accuracy", "silhouette", "frechet", "precision", "recall", *costs}
    assert set(compared.columns) == told
    vae = compared["VAE"].numbers
    assert vae["parameters"] == sum(p.numel() for p in picture_model.module_.parameters()) and vae["latent"] == 3
    with pytest.raises(InputError, match="there is no row 'GAN' in this comparison; it has VAE, AE"):
        _ = compared["GAN"]


def test_the_numbers_are_those_of_evaluate_and_of_pca(compared, picture_model, digits):
    seen, held, _ = latently.explore.judging.quality.halves(digits, 0.1, 0)
    told = latently.evaluate(picture_model, held, only=["restored", "knn_accuracy"])
    assert "frechet" not in told and "nll" not in told
    for key in ("restored", "psnr", "knn_accuracy"):
        assert compared["VAE"].numbers[key] == pytest.approx(told[key])
    beside = latently.explore.judging.quality.against_pca(picture_model, seen, held, unseen=True)
    assert compared["PCA, 3 numbers"].numbers["restored"] == pytest.approx(
        beside.pca, abs=0.02
    )  # values beyond black and white are clipped
    assert compared["VAE untrained"].numbers["restored"] < compared["VAE"].numbers["restored"]


def test_the_best_of_each_column_has_a_star(compared):
    column = {e.name: e.numbers["restored"] for e in compared.entries}
    (best,) = compared.best("restored")
    assert column[best] == max(column.values()) and compared.best("parameters") == ()
    assert not any("VAE untrained" in compared.best(key) for key in compared.columns), "it is there to be beaten"
    page = str(compared)
    assert page.startswith("Measured on 30 held-out items; * is the best of what was trained.")
    assert f"{column[best]:.3f}*" in page and "PCA, 3 numbers" in page


def test_it_is_kept_as_page_picture_and_table(compared, tmp_path: Path):
    compared.save(tmp_path / "c.json")
    kept = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert kept["items"] == 30 and [row["name"] for row in kept["rows"]] == [e.name for e in compared.entries]
    assert pl.read_csv(compared.save(tmp_path / "c.csv")).shape == (4, 2 + len(compared.columns))
    with Image.open(compared.save(tmp_path / "c.png")) as drawn:
        assert drawn.width > 1500 and drawn.height > 1500
    page = compared.save(tmp_path / "c.html").read_text("utf-8")
    assert page.count("data:image/png") == 2 and "http" not in page.replace("http-equiv", "")
    assert [p.name for p in compared.keep(tmp_path / "models")] == ["VAE.safetensors", "AE.safetensors"]
    with pytest.raises(InputError, match=r"c\.txt has an ending that is not known; a comparison goes to \.html"):
        compared.save(tmp_path / "c.txt")


@pytest.mark.filterwarnings("ignore:the pictures are 8 x 8")
def test_an_untrained_network_is_as_large_as_the_trained_one(ae, digits, tmp_path: Path):
    latently.write(tmp_path / "digits", digits.data[:60])
    large = latently.AE(latent=4, epochs=1).fit(latently.open(tmp_path / "digits", size=(16, 16)))
    found = latently.compare({"small": ae, "large": large}, tmp_path / "digits")
    for name in ("small", "large"):
        assert found[f"{name} untrained"].numbers["parameters"] == found[name].numbers["parameters"]


def test_a_detector_is_no_model():
    detector = latently.AnomalyDetector().fit(np.random.default_rng(0).normal(size=(60, 3)))
    with pytest.raises(InputError, match="AnomalyDetector is a detector, which makes no codes itself"):
        latently.compare(detector, np.zeros((9, 3)))


def test_names_that_are_markup_stay_names(ae, digits, tmp_path: Path):
    found = latently.compare({"<script>alert(1)</script>": ae}, digits)
    page = found.save(tmp_path / "c.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page


def test_odd_items_are_told_by_their_scores_and_count_in_nothing_else(ae, digits):
    mixed = digits[:120]
    found = latently.compare(ae, mixed, train=digits, odd="셋")
    assert found.items == int((mixed.labels != "셋").sum())
    for entry in found.entries:
        assert 0 <= entry.numbers["auroc"] <= 1
    told = latently.compare(ae, mixed, train=digits, odd=mixed.labels == "셋")
    assert told["AE"].numbers["auroc"] == found["AE"].numbers["auroc"]
    noise = np.concatenate([mixed.data, 255 - mixed.data[:20]])
    seen = latently.compare(ae, noise, train=digits, odd=np.arange(140) >= 120)
    assert seen["AE"].numbers["auroc"] > 0.95 and seen["PCA, 3 numbers"].numbers["auroc"] > 0.95


def test_tables_show_how_each_column_comes_back(table_model, table, tmp_path: Path):
    found = latently.compare({"mine": table_model}, table)
    assert [e.name for e in found.entries] == ["mine", "PCA, 3 numbers", "mine untrained"]
    (block,) = found.beside()
    assert block.lines[0][1:] == ["mine", "PCA, 3 numbers", "mine untrained", "by guessing"]
    assert block.lines[1][1].startswith("R² ") and "<town>" in {line[0] for line in block.lines}
    page = found.save(tmp_path / "c.html").read_text("utf-8")
    assert "&lt;town&gt;" in page and "<town>" not in page
    assert found.save(tmp_path / "c.png").stat().st_size > 1000
    assert any("no labels" in note for note in found.notes)


def test_texts_are_told_and_restored(tmp_path: Path):
    lines = ["the cat sat", "a dog ran", "the dog sat", "a cat ran home"] * 15
    models = {
        "writer": latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(lines),
        "coded": latently.TextVAE(latent=2, encoder="embed4 lstm8", epochs=1).fit(lines),
    }
    found = latently.compare(models, lines)
    assert [e.name for e in found.entries] == ["writer", "coded", "writer untrained", "coded untrained"]
    assert found["writer"].numbers["nll_token"] is not None and found["writer"].numbers["restored_words"] is None
    assert found["coded"].numbers["restored_words"] is not None and found["writer"].restored is None
    assert found.beside()[0].lines[0][0] == "original"
    assert found.save(tmp_path / "c.png").stat().st_size > 1000


def test_what_cannot_be_compared_is_one_sentence(ae, table_model, digits):
    with pytest.raises(InputError, match="there is nothing to compare; give at least one fitted model"):
        latently.compare([], digits)
    with pytest.raises(InputError, match=r"fitted to different kinds of data, AE to pictures and AE .2. to a table"):
        latently.compare([ae, table_model], digits)
    with pytest.raises(InputError, match="VAE is not fitted; compare takes fitted models"):
        latently.compare([latently.VAE()], digits)
    with pytest.raises(InputError, match="int is int; compare takes fitted models"):
        latently.compare([3], digits)
    with pytest.raises(InputError, match="no item has the label 'zebra' that is to be odd; labels there are"):
        latently.compare(ae, digits, odd="zebra")
    with pytest.raises(InputError, match="the data have no labels, so none of them says which items are odd"):
        latently.compare(ae, digits.data, odd="zebra")
    with pytest.raises(InputError, match="fewer than two items are left to measure"):
        latently.compare(ae, digits, odd=np.ones(300, bool))
    with pytest.raises(ParameterError, match="n=1 is not allowed"):
        latently.compare(ae, digits, n=1)
    with pytest.raises(latently.ModelFileError, match="nowhere does not exist"):
        latently.compare(["nowhere"], digits)


def test_models_that_see_other_columns_are_told_apart():
    drawn = np.random.default_rng(0)
    frame = pd.DataFrame({name: drawn.normal(size=80) for name in "abc"} | {"kind": drawn.choice(["x", "y"], 80)})
    known = {"epochs": 1, "latent": 2}
    whole = latently.AE(**known).fit(frame)
    fewer = latently.AE(**known).fit(latently.open(frame, kinds={"b": "ignored"}))
    assert any("see different columns" in note for note in latently.compare({"a": whole, "b": fewer}, frame).notes)
    labelled = latently.AE(**known).fit(latently.open(frame, labels="kind"))
    with pytest.raises(InputError, match="'kind' is the label of labelled and a column like others to whole"):
        latently.compare({"labelled": labelled, "whole": whole}, frame)


def test_models_that_lie_in_files_have_their_names(ae, digits, tmp_path: Path):
    ae.save(tmp_path / "small.safetensors")
    found = latently.compare([tmp_path / "small.safetensors", str(tmp_path / "small.safetensors")], digits, n=20)
    assert [e.name for e in found.entries][:2] == ["small", "small (2)"] and found.items == 20


def test_pca_stands_in_a_models_place(ae, digits):
    pca = Linear(ae, 5).fit(digits)
    assert pca.transform(digits).shape == (300, 5) and pca.latent_ == 5
    back = pca.reconstruct(digits)
    assert back.shape == digits.data.shape and back.dtype == np.uint8
    assert pca.sample(7, seed=0).shape == (7, 8, 8)
    from sklearn.decomposition import PCA

    flat = digits.data.reshape(300, -1) / 255
    errors = ((PCA(5).fit(flat).inverse_transform(PCA(5).fit_transform(flat)) - flat) ** 2).sum(1)
    assert np.allclose(-pca.score_samples(digits), errors, atol=2e-2)
    assert pca.principal_.parameters == 64 * 6


def test_the_untrained_network_has_learned_nothing(picture_model, digits):
    bare = untrained(picture_model, digits)
    assert bare.history_ == [] and bare.transform(digits).shape == (300, 3)
    conditional = latently.ConditionalVAE(latent=2, epochs=1).fit(digits.data, digits.labels)
    with pytest.raises(InputError, match="needs labels"):
        untrained(conditional, latently.open(digits.data))
    found = latently.compare(conditional, digits.data)
    assert [e.kind for e in found.entries] == ["model", "PCA"] and any("needs labels" in n for n in found.notes)


def test_a_contest_ranks_what_it_trained(digits):
    small = {"latent": 3, "epochs": 1}
    found = latently.bench_models(digits, [latently.AE(**small), latently.VAE(**small)], minutes=5, odd="셋")
    assert found.items == int((digits.labels[latently.explore.judging.quality.parted(digits, 0.1, 0)[1]] != "셋").sum())
    assert [e.rank for e in found.entries] == sorted(e.rank for e in found.entries) and found.entries[0].rank == 1
    assert found.entries[0].name not in ("AE untrained", "VAE untrained")
    assert found.notes[0] == "Ranked by restored, kNN accuracy, Frechet distance, AUROC, each counting the same."
    assert "rank" in str(found).splitlines()[2] and found.plain()["rows"][0]["rank"] == 1
    alone = latently.bench_models(digits, {"one": latently.AE(**small)}, minutes=5, by="psnr")
    assert alone.notes[0] == "Ranked by PSNR." and {e.name for e in alone.entries} == {
        "one",
        "PCA, 3 numbers",
        "one untrained",
    }


def test_the_time_is_shared(digits):
    model = latently.AE(latent=2, epochs=10_000, patience=0)
    found = latently.bench_models(digits, {"a": model, "b": model}, minutes=0.02)
    assert all(found[name].model.history_[-1].get("stopped") for name in "ab")
    assert model.max_minutes is None, "what was handed over stays as it is"


def test_ranks_are_means_of_ranks(digits):
    def entry(name, **numbers):
        return Entry(name, "model", None, numbers)

    found = ranked(
        Comparison(
            (
                entry("a", restored=0.5, frechet=2.0, auroc=None),
                entry("b", restored=0.9, frechet=1.0, auroc=0.6),
                entry("c", restored=0.7, frechet=3.0, auroc=0.9),
            ),
            3,
            True,
            digits[:3],
        ),
        ["restored", "frechet", "auroc"],
    )
    assert [(e.name, e.rank) for e in found.entries] == [("b", 1), ("c", 2), ("a", 3)]


def test_what_no_contest_can_be_is_one_sentence(digits, table):
    for how, sentence in (
        ({"minutes": 0}, "minutes=0 is not allowed"),
        ({"by": "parameters"}, "by='parameters' is not allowed; it is None or one of restored"),
        ({"models": ["vea"]}, r"model 'vea' is not known \(did you mean vae\?\)"),
        ({"models": [latently.AE(latent=0)]}, "latent=0 is not allowed"),
    ):
        with pytest.raises(ParameterError, match=sentence):
            latently.bench_models(digits, **how)
    for data, how, sentence in (
        (digits, {"models": []}, "there is nothing to compare; name at least one model"),
        (digits, {"models": [3]}, "3 is no model"),
        (digits[:50], {}, "50 items are too few"),
        (digits, {"models": "text-vae"}, "TextVAE cannot be trained on pictures"),
        (digits.data, {"models": "cvae"}, "ConditionalVAE is told of labels and the data have none"),
        (digits, {"odd": "zebra"}, "no item has the label 'zebra'"),
    ):
        with pytest.raises(InputError, match=sentence):
            latently.bench_models(data, **how)
    with pytest.raises(InputError, match="these data do not say what 'auroc' is"):
        latently.bench_models(digits, latently.AE(latent=2, epochs=1), by="auroc", minutes=1)
