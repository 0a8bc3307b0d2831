import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

import latently
from latently.explore import Comparison

FAIR = Comparison(30, True, 3, 64, 0.9, 0.8, 100)  # restores more than PCA


def said(found: latently.Health, topic: str) -> Any:
    (finding,) = [f for f in found.findings if f.topic == topic]
    return finding


def stand_in(base: Any, **changed: Any) -> Any:
    """A fitted model with some of its attributes, or of its module's, replaced."""
    from copy import copy

    model = copy(base)
    module = {key[7:]: changed.pop(key) for key in list(changed) if key.startswith("module_")}
    if module:
        whole = base.module_
        model.module_ = SimpleNamespace(
            parameters=whole.parameters, encode=whole.encode, bottleneck=whole.bottleneck, write=whole.write,
            likelihood=whole.likelihood, restore=whole.restore, handed=whole.handed,
        )  # fmt: skip
        for name, value in module.items():
            setattr(model.module_, name, value)
    for name, value in changed.items():
        setattr(model, name, value)
    return model


def test_a_model_that_learned_is_well(picture_model: Any, digits: latently.Source) -> None:
    model = latently.VAE(latent=8, epochs=40).fit(digits)
    found = latently.health(model, digits)
    assert found.worst is None, str(found)
    assert found.numbers["active_units"] >= 6
    assert len(found.numbers["kl"]) == 8
    assert found.numbers["coverage"] > 0.5
    assert found.numbers["missed"] == []
    assert set(found.numbers["labels"]) == {"영", "하나", "둘", "셋"}
    assert sum(row["samples"] for row in found.numbers["labels"].values()) == pytest.approx(1)
    assert json.loads(json.dumps(found.plain()))["worst"] is None


def test_active_units_and_kl_are_those_of_the_formulas(picture_model: Any, digits: latently.Source) -> None:
    found = latently.health(picture_model, digits)
    codes = picture_model.transform(digits)
    assert found.numbers["active_units"] == int((codes.var(0) > 0.01).sum())
    with torch.inference_mode():
        x = picture_model.codec_.pack(digits).float() / 255
        code = picture_model.module_.encode(x)
    assert code.spread is not None
    mean, variance = code.mean.double(), code.spread.double() ** 2
    kl = 0.5 * (mean**2 + variance - variance.log() - 1).mean(0)
    assert found.numbers["kl"] == pytest.approx(kl.tolist(), rel=1e-3)


def test_posterior_collapse_is_said() -> None:
    noise = np.random.default_rng(0).normal(size=(300, 6))
    found = latently.health(latently.VAE(latent=3, beta=100.0, epochs=10).fit(noise), noise)
    assert found.numbers["active_units"] == 0
    code = said(found, "code")
    assert code.level == "bad"
    assert code.text.startswith("Posterior collapse: no number of the code depends on the item (0 of 3 numbers")
    assert "a smaller beta (it is 100)" in code.text
    assert "It learned nothing" in found.worst.text


def test_the_loss_is_set_beside_that_of_the_untrained_network(picture_model: Any, digits: latently.Source) -> None:
    loss = latently.kept(picture_model.history_)["validation"]["loss"]
    better = latently.health(stand_in(picture_model, untrained_={"loss": loss + 5}), digits, comparison=FAIR)
    assert said(better, "learning").level == "good"
    assert better.numbers["untrained_loss"] == loss + 5
    worse = latently.health(stand_in(picture_model, untrained_={"loss": loss - 5}), digits, comparison=FAIR)
    assert worse.worst is said(worse, "learning")
    assert worse.worst.text.startswith("It learned nothing: the held-out loss is")
    assert "before the training" in worse.worst.text


def test_what_restores_better_at_a_higher_price_has_learned(picture_model: Any, digits: latently.Source) -> None:
    held = latently.kept(picture_model.history_)["validation"]
    before = {"loss": held["loss"] - 5, "reconstruction": held["reconstruction"] + 5}
    found = said(latently.health(stand_in(picture_model, untrained_=before), digits, comparison=FAIR), "learning")
    assert found.level == "good" and found.text.startswith("It learned: the held-out reconstruction is")


def test_few_items_are_said_first() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 6))
    few = latently.health(latently.AE(latent=2, epochs=2).fit(rows), rows)
    assert few.findings[0].topic == "data" and few.findings[0].level == "fair"
    assert "only 60 items" in few.findings[0].text and "the 6 that were held out; give 100" in few.findings[0].text
    least = latently.health(latently.AE(latent=2, epochs=2).fit(rows[:12]), rows[:12])
    assert least.worst is least.findings[0] and "only 12 items" in least.worst.text


def test_restoring_the_mean_item_is_learning_nothing(picture_model: Any, digits: latently.Source) -> None:
    nothing = Comparison(30, True, 3, 64, 0.004, 0.8, 100)
    found = latently.health(picture_model, digits, comparison=nothing)
    assert "no closer than the mean item" in found.worst.text
    assert said(found, "PCA").level == "fair"


@pytest.mark.parametrize(
    ("model", "pca", "latent", "level", "text"),
    [
        (0.9, 0.8, 3, "good", "It restores more than PCA: 90.0%"),
        (0.8, 0.802, 3, "fair", "as much as PCA"),
        (0.5, 0.8, 3, "fair", "PCA restores more"),
        (0.5, 1.0, 64, "fair", "Nothing is compressed"),
    ],
)
def test_pca_is_set_beside_it(
    picture_model: Any, digits: latently.Source, model: float, pca: float, latent: int, level: str, text: str
) -> None:
    compared = Comparison(30, True, latent, 64, model, pca, 100)
    finding = said(latently.health(picture_model, digits, comparison=compared), "PCA")
    assert finding.level == level
    assert text in finding.text


def test_numbers_that_never_change_are_dead(digits: latently.Source) -> None:
    model = latently.AE(latent=4, encoder="dense4", epochs=1).fit(digits)
    last = next(m for m in model.module_.encoder.modules() if isinstance(m, torch.nn.Linear))
    with torch.no_grad():
        last.weight[2:] = 0
    found = latently.health(model, digits, comparison=FAIR)
    assert said(found, "code").text.startswith("2 of 4 numbers of the code vary with the item; the other 2 hardly")
    assert "kl" not in found.numbers
    with torch.no_grad():
        last.weight.zero_()
    found = latently.health(model, digits, comparison=FAIR)
    assert said(found, "code").text.startswith("All items have the same code.")


def test_use_of_a_codebook_is_counted(digits: latently.Source) -> None:
    model = latently.VQVAE(latent=2, codes=8, positions=4, encoder="dense32 relu", epochs=2).fit(digits)
    found = latently.health(model, digits, comparison=FAIR)
    with torch.inference_mode():
        indices = model.module_.encode(model.codec_.pack(digits).float() / 255).indices
    assert indices is not None
    shares = np.bincount(indices.flatten().numpy(), minlength=8) / indices.numel()
    book = found.numbers["codebook"]
    assert book["shares"] == pytest.approx(shares.tolist())
    assert (book["codes"], book["used"]) == (8, int((shares > 0).sum()))
    assert book["perplexity"] == pytest.approx(np.exp(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()))
    assert "kl" not in found.numbers and "active_units" not in found.numbers


def test_a_codebook_of_which_one_entry_is_used_has_collapsed(digits: latently.Source) -> None:
    model = latently.VQVAE(latent=2, codes=16, positions=2, encoder="dense32 relu", epochs=1).fit(digits)

    def encode(x: torch.Tensor) -> Any:
        code = model.module_.encode(x)
        code.indices = torch.zeros_like(code.indices)
        return code

    found = latently.health(stand_in(model, module_encode=encode), digits, comparison=FAIR)
    finding = said(found, "codebook")
    assert finding.level == "bad"
    assert finding.text.startswith("Codebook collapse: 1 of 16 entries")
    assert found.numbers["codebook"]["perplexity"] == pytest.approx(1)


def test_samples_that_are_one_item_are_a_collapse(picture_model: Any, digits: latently.Source) -> None:
    class Stuck(type(picture_model)):
        def sample(self, n: int = 1, seed: int | None = None, label: Any = None) -> Any:
            del seed, label
            return self.codec_.restore(np.repeat(packed_one, n, 0))

    packed_one = digits.data[:1][:, None].astype(np.float32) / 255
    model = Stuck(**picture_model.get_params())
    vars(model).update(vars(picture_model))
    found = latently.health(model, digits, comparison=FAIR)
    finding = said(found, "samples")
    assert finding.level == "bad"
    assert finding.text.startswith("Mode collapse")
    assert found.numbers["precision"] == 1
    assert len(found.numbers["missed"]) >= 3, "the labels that no sample is of"


def test_labels_that_no_sample_falls_into_are_named(picture_model: Any, digits: latently.Source) -> None:
    class Half(type(picture_model)):
        def sample(self, n: int = 1, seed: int | None = None, label: Any = None) -> Any:
            del label
            rows = np.random.default_rng(seed).choice(np.flatnonzero(np.isin(digits.labels, ["영", "하나"])), n)
            return self.codec_.restore(digits.data[rows][:, None].astype(np.float32) / 255)

    model = Half(**picture_model.get_params())
    vars(model).update(vars(picture_model))
    found = latently.health(model, digits, comparison=FAIR)
    assert set(found.numbers["missed"]) == {"둘", "셋"}
    assert said(found, "labels").level == "bad"
    assert said(found, "labels").text.startswith("Hardly any sample is near the items of 2 of 4 labels: ")
    assert found.numbers["labels"]["영"]["coverage"] > 0.5


@pytest.mark.parametrize("name", sorted(name for name, cls in latently.MODELS.items() if "image" in cls.reads))
def test_every_model_can_be_looked_at(name: str, digits: latently.Source) -> None:
    model = latently.make(name, epochs=1, latent=2).fit(digits[:60])
    found = latently.health(model, digits[:60])
    assert {"learning", "samples"} <= {f.topic for f in found.findings}
    assert all(f.level in ("good", "fair", "bad") and f.text.endswith(".") for f in found.findings)
    json.dumps(found.plain(), allow_nan=False)
    figure = latently.figures.health(found)
    assert isinstance(figure, Figure)
    figure.canvas.draw()


def test_a_generators_encoder_is_no_failure(digits: latently.Source) -> None:
    model = latently.GAN(latent=2, epochs=1).fit(digits[:60])
    found = latently.health(model, digits[:60], comparison=Comparison(60, False, 2, 64, -0.5, 0.4, 60))
    assert said(found, "learning").level == "fair"
    assert "inverting the generator" in said(found, "learning").text


def test_a_table_and_what_is_too_small_or_too_plain(table_model: Any, table: Any) -> None:
    found = latently.health(table_model, table)
    assert found.numbers["coverage"] > 0
    assert latently.figures.health(found) is None, "an AE of a table without labels has nothing to draw"
    for X in (np.zeros((12, 3)), np.arange(3.0)[:, None], np.zeros((4, 5, 5), np.uint8)):
        model = latently.VAE(latent=1, epochs=1).fit(X)
        found = latently.health(model, X)
        assert not [f for f in found.findings if f.topic == "samples"]
        json.dumps(found.plain(), allow_nan=False)


def test_data_of_another_width_are_refused(picture_model: Any) -> None:
    with pytest.raises(latently.InputError):
        latently.health(picture_model, np.zeros((30, 9, 9), np.uint8))


@pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")
def test_a_network_with_skips_restores_and_draws_nothing(digits: latently.Source, tmp_path: Any) -> None:
    from latently.explore import write_report

    model = latently.AE(latent=4, encoder="unet", epochs=1).fit(digits[:60])
    finding = said(latently.health(model, digits[:60]), "samples")
    assert finding.level == "fair"
    assert "bare code" in finding.text
    found = latently.evaluate(model, digits[:60])
    assert found["mse"] > 0 and found["coverage"] is None
    assert any("bare code" in note for note in found["notes"])
    assert "None can be drawn" in write_report(model, digits[:60], tmp_path).read_text("utf-8")
    assert not (tmp_path / "pictures" / "samples.png").exists()
