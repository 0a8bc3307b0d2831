import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

import latently
from latently.explore import write_report
from latently.explore.judging.quality import AgainstPCA
from latently.explore.pages.report import verdict

PICTURES = {"originals-restored.png", "samples.png", "latent-map.png", "loss.png"}
_VOID = {"img", "meta", "br", "link"}


class Checked(HTMLParser):
    """Reads a page and complains about tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [] if tag in _VOID else [tag]
        self.sources += [v or "" for k, v in attrs if k in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(path: Path) -> str:
    page = Checked()
    text = path.read_text("utf-8")
    page.feed(text)
    assert page.open == []
    assert all(s.startswith("data:image/png;base64,") for s in page.sources), "the report must need no other file"
    assert not re.search(r"https?:", text), "the report must work offline"
    return text


def test_a_report_of_pictures(picture_model: Any, digits: Any, tmp_path: Path) -> None:
    path = write_report(picture_model, digits, tmp_path)
    text = read(path)
    assert path == tmp_path / "report.html"
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == PICTURES
    assert "PCA" in text
    assert "held-out" in text


def test_a_report_of_a_table(table_model: Any, table: pl.DataFrame, tmp_path: Path) -> None:
    text = read(write_report(table_model, latently.open(table), tmp_path))
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == PICTURES
    assert "&lt;town&gt;" in text
    assert "<town>" not in text
    assert "서울" in text


@pytest.mark.parametrize("X", [np.zeros((12, 3)), np.arange(3.0)[:, None], np.zeros((4, 5, 5), np.uint8)])
def test_data_too_small_or_too_plain_to_compare(X: Any, tmp_path: Path) -> None:
    model = latently.AE(latent=1, epochs=1).fit(X)
    read(write_report(model, latently.open(X), tmp_path))


def test_pictures_of_mixed_sizes_are_compared_at_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, size, np.uint8) for size in [(9, 9), (12, 10), (9, 9)] * 10]
    with pytest.warns(latently.LatentlyWarning, match="resized"):
        source = latently.open(pictures)
    model = latently.AE(latent=2, epochs=1).fit(source)
    read(write_report(model, source, tmp_path))
    assert source.sizes.tolist()[1] == [12, 10], "the caller's source stays as it is"
    assert [p.shape for p in model.reconstruct(source)] == [p.shape for p in pictures]


def test_frames_and_arrays_of_every_library(table: pl.DataFrame, tmp_path: Path) -> None:
    for data in (table.to_pandas(), table.to_arrow(), table.select("크기", "gaps").to_numpy()):
        model = latently.AE(latent=1, epochs=1).fit(data)
        read(write_report(model, latently.open(data), tmp_path))


@pytest.mark.parametrize(
    ("model", "pca", "latent", "head"),
    [
        (0.9, 0.8, 4, "Restores more than PCA"),
        (0.8, 0.802, 4, "Restores as much as PCA"),
        (0.5, 0.8, 4, "PCA restores more"),
        (0.5, 1.0, 9, "Nothing is compressed"),
        (float("nan"), float("nan"), 4, "Nothing to compare"),
    ],
)
def test_the_verdict_is_plain(picture_model: Any, model: float, pca: float, latent: int, head: str) -> None:
    found = verdict(picture_model, AgainstPCA(30, True, latent, 9, model, pca, 100))
    assert found["head"] == head
    assert bool(found["hints"]) == (head == "PCA restores more")


def test_a_run_is_reported_on_its_own_data(table: pl.DataFrame, tmp_path: Path) -> None:
    table.with_columns(number=pl.Series([f"n{i}" for i in range(len(table))])).write_csv(tmp_path / "people.csv")
    run = latently.Run(tmp_path / "run")
    with pytest.warns(latently.LatentlyWarning, match="column 'number' left out"):
        list(run.fit(latently.AE(latent=2, epochs=1), tmp_path / "people.csv"))
    text = latently.report(run).read_text("utf-8")
    assert "people.csv" in text and "column &#39;number&#39; left out" in text
    with pytest.raises(latently.ModelFileError):
        latently.report(latently.Run(tmp_path / "nothing"))


@pytest.mark.parametrize("name", [name for name, cls in latently.MODELS.items() if "table" in cls.reads])
def test_every_model_has_a_report(name, tmp_path):
    """Some terms of a loss are training's alone; none may be missed on the page."""
    run = latently.Run(tmp_path / "run")
    labelled = latently.open(load_digits().images[:120], labels=load_digits().target[:120])
    model = latently.make(name, latent=2, epochs=2)
    if name == "vqvae":
        model.set_params(codes=16)
    list(run.fit(model, labelled))
    page = latently.report(run, labelled).read_text("utf-8")
    terms = model.history_[0]["train"]
    assert len(terms) <= 2 or all(term in page for term in terms)  # of one term there is nothing to tell apart
