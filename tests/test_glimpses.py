"""What a run keeps of its items from epoch to epoch: of every kind of data, bounded, and nothing the training feels."""

import numpy as np
import pytest
import torch

import latently
from latently import glimpses, store

WORDS = ["the cat sat", "the dog ran", "a cat ran", "the bird sang a song", "a dog sat"] * 12
RNG = np.random.default_rng(0)
DATA = {
    "pictures": (RNG.random((60, 8, 8)) * 255).astype("uint8"),
    "table": RNG.normal(size=(60, 4)),
    "texts": WORDS,
    "series": RNG.normal(size=(60, 12, 2)),
}


def trained(folder, kind, name="ae", **how):
    asked = {"kind": "series"} if kind == "series" else {}
    run = latently.Run(folder / "run")
    epochs = how.pop("epochs", 3)
    list(run.fit(latently.make(name, epochs=epochs, latent=3, **how), latently.open(DATA[kind], **asked)))
    return run


@pytest.mark.parametrize(
    ("kind", "name"), [("pictures", "ae"), ("table", "vae"), ("texts", "text-vae"), ("series", "ae"), ("table", "gan")]
)
def test_a_glimpse_shows_items_restored_and_drawn(tmp_path, kind, name):
    found = trained(tmp_path, kind, name).glimpses()
    assert found.epochs[0] == 0 and found.epochs[-1] == 3
    first, last = found.at(0), found.at(3)
    assert first.places.shape == last.places.shape and np.isfinite(last.places).all()
    for items in (found.items, last.restored, last.drawn):
        assert len(items) == len(found.items) <= glimpses.SHOWN
    original = DATA[kind]
    if kind == "texts":
        assert set(found.items) <= set(original)
    else:
        assert np.shape(found.items)[1:] == np.shape(original)[1:]
        assert any(np.allclose(found.items[0], one, atol=1e-3) for one in original)


def test_the_last_glimpse_is_what_the_model_restores(tmp_path):
    run = trained(tmp_path, "table", "ae", validation=0.0)
    last = run.glimpses()
    assert np.allclose(last.at(3).restored, run.load().reconstruct(last.items), atol=1e-4)


def test_labels_come_along(tmp_path):
    run = latently.Run(tmp_path / "run")
    labels = np.array(["good", "", "bad"] * 20)
    list(
        run.fit(
            latently.ConditionalVAE(epochs=2, latent=2),
            latently.open(DATA["table"], labels=np.array(["a", "b", "c"] * 20)),
        )
    )
    assert set(run.glimpses().labels) == {"a", "b", "c"}
    other = latently.Run(tmp_path / "other")
    list(other.fit(latently.AE(epochs=2, latent=2, validation=0.0), latently.open(DATA["table"], labels=labels)))
    assert set(other.glimpses().labels) == {"good", None, "bad"}


def test_a_model_without_codes_keeps_none(tmp_path):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.LanguageModel(network="embed4 lstm4", epochs=2), WORDS))
    with pytest.raises(latently.ModelFileError):
        run.glimpses()


def test_large_items_are_left_out_and_the_map_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(glimpses, "NUMBERS", 100)
    found = trained(tmp_path, "pictures").glimpses()
    assert len(found.items) == 1
    monkeypatch.setattr(glimpses, "NUMBERS", 10)
    other = trained(tmp_path / "other", "pictures").glimpses()
    assert other.items is None and other.at(3).restored is None and len(other.at(3).places)


def test_a_long_run_keeps_few_and_its_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(glimpses, "EVERY", 0.0)
    monkeypatch.setattr(glimpses, "SHARE", 1e9)
    monkeypatch.setattr(glimpses, "KEPT", 8)
    epochs = trained(tmp_path, "table", epochs=45, patience=0).glimpses().epochs
    assert len(epochs) <= 9 and epochs[0] == 0 and epochs[-1] == 45
    assert max(np.diff(epochs)) <= 16


def test_watching_changes_nothing_of_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr(glimpses, "EVERY", 0.0)
    monkeypatch.setattr(glimpses, "SHARE", 1e9)
    weights = {}
    for name in ("watched", "blind"):
        torch.manual_seed(1)
        run = trained(tmp_path / name, "table", "vae", epochs=4)
        weights[name] = run.load().module_.state_dict()
        monkeypatch.setattr(glimpses.Watcher, "look", lambda self, last=False: None)
    assert all(torch.equal(weights["watched"][key], weights["blind"][key]) for key in weights["watched"])


def test_a_resumed_run_goes_on_with_its_glimpses(tmp_path):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(epochs=2, latent=3), DATA["table"]))
    list(run.resume(DATA["table"], epochs=5))
    assert run.glimpses().epochs[0] == 0 and run.glimpses().epochs[-1] == 5


@pytest.mark.parametrize("broken", [False, True])
def test_the_map_of_a_resumed_run_does_not_flip(tmp_path, broken):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(epochs=2, latent=3), DATA["table"]))
    file = run.path / glimpses.FOLDER / "0000002.safetensors"
    header, tensors = store.read(file)
    store.write(file, header, {**tensors, "places": -tensors["places"]})  # as near, and the other way round
    if broken:
        file.write_bytes(file.read_bytes()[:-1])
    list(run.resume(DATA["table"], epochs=3))
    if not broken:
        before, after = (run.glimpses().at(epoch).places for epoch in (2, 3))
        assert np.abs(after - before).mean() < np.abs(after + before).mean()
