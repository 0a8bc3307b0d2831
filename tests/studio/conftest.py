"""Runs on digits, on a table, on texts and on a series, a shelf of them, and the application over it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.studio.browsing import address, browser, visit

import latently

__all__ = ["address", "browser", "visit"]  # fixtures
pytest.importorskip("nicegui", reason="the studio needs its extra: pip install 'latently[studio]'")

HOSTILE = "<img src=x onerror=alert(1)>"
WORDS = ["the cat sat", "the dog ran", "a cat ran", "the bird sang a song", "a dog sat"]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of each kind, one that was not ended, and one that is broken."""
    from sklearn.datasets import load_digits

    folder = tmp_path_factory.mktemp("shelf")
    data = folder.parent / f"{folder.name}-data"
    bunch = load_digits()
    pictures = (bunch.images[:200] * 255 / 16).round().astype("uint8")
    names = [f"{label}/{i:04}.png" for i, label in enumerate(bunch.target[:200])]
    latently.write(data / "digits", pictures, names=names)
    _run(folder / "digits", latently.AE(latent=6, epochs=8, lr=3e-3), data / "digits")
    _run(folder / "twin", latently.VAE(latent=4, epochs=4, lr=3e-3), data / "digits")

    rng = np.random.default_rng(0)
    size = rng.normal(size=150)
    town = [HOSTILE if i % 5 == 0 else ["Jeju", "서울"][i % 2] for i in range(150)]
    table = pl.DataFrame({"size": size, "weight": 60 + 5 * size, HOSTILE: town})
    table[3, "weight"] = None
    table.write_csv(data / "people.csv")
    _run(folder / "people", latently.VAE(latent=2, epochs=8, lr=1e-2), data / "people.csv")

    lines = WORDS * 12 + [HOSTILE]
    (data / "lines.txt").write_text("\n".join(lines), "utf-8")
    _run(folder / "lines", latently.LanguageModel(network="embed8 lstm16", epochs=6, lr=1e-2), data / "lines.txt")
    _run(folder / "verses", latently.TextVAE(latent=4, epochs=2), data / "lines.txt")

    hour = np.arange(460)
    load = 50 + 10 * np.sin(2 * np.pi * hour / 24) + rng.normal(size=460)
    load[200] = 120
    when = np.datetime64("2024-01-01", "us") + hour.astype("timedelta64[h]")
    series = pl.DataFrame({"when": when, "load": load, HOSTILE: load[::-1] / 10})
    series[90, HOSTILE] = None
    series.write_csv(data / "load.csv")
    cut = {"time": "when", "window": 24, "step": 2}
    _run(folder / "load", latently.AE(latent=3, epochs=20, lr=1e-2), data / "load.csv", **cut)

    (folder / "begun").mkdir()
    (folder / "begun" / "run.json").write_text((folder / "people" / "run.json").read_text("utf-8"), "utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "run.json").write_text("{", "utf-8")
    (folder / "cut.safetensors").write_bytes(b"1234")
    return folder


@pytest.fixture
def unlabelled(runs: Path):
    """The shelf; labels that a test gives are taken away."""
    yield runs
    for path in runs.glob("*/studio-labels.csv"):
        path.unlink()


def _run(path: Path, model: latently.Latent, data: Path, **reading: object) -> None:
    for _ in latently.Run(path).fit(model, data, **reading):
        pass


@pytest.fixture(scope="session")
def client(runs: Path):
    from starlette.testclient import TestClient

    from latently.studio.application import application

    with TestClient(application(runs), base_url="http://127.0.0.1:8420") as asking:
        yield asking


@pytest.fixture(scope="session")
def hostile() -> str:
    """What stands in the data as a column's name, a category and a text."""
    return HOSTILE
