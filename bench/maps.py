"""Maps of 60,000 digits: what each way takes and keeps, where new digits come to lie, what the page weighs and how soon
a browser has drawn it.

python -m bench.maps                 all ways, then the page
python -m bench.maps --way umap      one; `page` is the page alone

Seconds are those of the clock; on a machine that others use, processor time says more. Codes are 16 numbers of a VAE,
fitted once and kept in the folder for temporary files. Trustworthiness, with 10 neighbours, and triplets (how often of
two items the nearer one is also nearer on the map) are of the same 5,000 and 200,000 drawn at random. kNN accuracy is
that of 10 neighbours on the map, the digit itself left out; "placed" that of the 10,000 test digits among the 60,000.
"restored" is the share of the codes' variance that the way back brings: of 2,000 digits that the map was not told of,
from where they were placed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from sklearn.manifold import trustworthiness

import latently
from latently.explore.pages import sheets
from latently.explore.places import blending
from latently.explore.places.projections import WAYS

from .data import idx
from .record import keep_rows, options

KEPT = Path(tempfile.gettempdir()) / "latently-bench-maps"


def coded(quick: bool) -> dict[str, Any]:
    """The digits, their codes and those of the test digits; the model."""
    (images, labels), (others, true) = idx("train", quick=quick), idx("t10k", quick=quick)
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"model{len(images)}.safetensors"
    if not path.exists():
        latently.VAE(latent=16, epochs=1 if quick else 6, seed=0).fit(images).save(path)
    model = latently.load(path)
    codes, new = model.transform(images), model.transform(others)
    return {"images": images, "labels": labels, "codes": codes, "new": new, "true": true, "model": model}


def accuracy(points: np.ndarray, labels: np.ndarray, at: np.ndarray, true: np.ndarray, leave: bool) -> float:
    near = cKDTree(points).query(at, 10 + leave)[1][:, int(leave) :]
    guessed = [np.bincount(row).argmax() for row in labels[near]]
    return round(float(np.mean(guessed == true)), 4)


def judged(points: np.ndarray, given: dict[str, Any], seed: int) -> dict[str, Any]:
    codes, labels = given["codes"], given["labels"]
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(codes))[:5_000]
    i, j, k = rng.integers(0, len(codes), (3, 200_000))

    def nearer(where: np.ndarray) -> np.ndarray:
        return np.linalg.norm(where[i] - where[j], axis=1) < np.linalg.norm(where[i] - where[k], axis=1)

    return {
        "kNN accuracy": accuracy(points, labels, points, labels, True),
        "trustworthiness": round(float(trustworthiness(codes[some], points[some], n_neighbors=10)), 4),
        "triplets": round(float((nearer(points) == nearer(codes)).mean()), 4),
    }


def theirs(way: str, given: dict[str, Any], seed: int) -> dict[str, Any]:
    """New digits placed by the way's own package, beside ours; PCA has no other."""
    if way not in WAYS or way == "localmap":
        return {}
    if way == "tsne":
        fitted = import_module("openTSNE").TSNE(random_state=seed, n_jobs=-1).fit(given["codes"])
    else:
        fitted = import_module("umap").UMAP(init="pca", random_state=seed, n_jobs=1).fit(given["codes"])
    started = time.perf_counter()
    placed = np.asarray(fitted.transform(given["new"]))
    points = np.asarray(fitted if way == "tsne" else fitted.embedding_)
    return {
        "placed by the package, s": round(time.perf_counter() - started, 1),
        "placed by the package: kNN accuracy": accuracy(points, given["labels"], placed, given["true"], False),
    }


def measured(way: str, given: dict[str, Any], seed: int, peer: bool) -> dict[str, Any]:
    warm = latently.LatentMap(way, seed=seed).fit(given["codes"][:512])  # compiles what has to be
    started, worked = time.perf_counter(), time.process_time()
    found = latently.LatentMap(way, seed=seed).fit(given["codes"])
    spent, worked = time.perf_counter() - started, time.process_time() - worked
    started = time.perf_counter()
    placed = found.transform(given["new"])
    placing = time.perf_counter() - started
    np.save(KEPT / f"{way}{len(given['codes'])}.npy", found.points_)
    some = slice(0, 2_000)
    off = found.codes(placed[some]) - given["new"][some]
    spread = given["new"][some] - given["new"][some].mean(0)
    again = latently.LatentMap(way, seed=seed).fit(given["codes"][:512])
    return {
        "fit, s": round(spent, 1),
        "fit, s of processor time": round(worked, 1),
        "load of the machine": round(os.getloadavg()[0], 1),
        **judged(found.points_, given, seed),
        "placed, s": round(placing, 1),
        "placed: kNN accuracy": accuracy(found.points_, given["labels"], placed, given["true"], False),
        "restored": round(1 - float(np.square(off).sum() / np.square(spread).sum()), 4),
        "the same again": bool((again.points_ == warm.points_).all()),
        **(theirs(way, given, seed) if peer else {}),
    }


def page(given: dict[str, Any], way: str) -> dict[str, Any]:
    """The map as a page, drawn by Chromium without a graphics card; the median of five."""
    found = latently.LatentMap("pca").fit(given["codes"])
    points = KEPT / f"{way}{len(given['codes'])}.npy"
    if points.exists():  # laid out before: only the page is measured here
        found = kept_map(way, given, np.load(points))
    model, source = given["model"], latently.open(given["images"], labels=given["labels"])
    found.model, found.source, found.total = model, source, len(source)
    found.rows, found.scores = np.arange(len(source)), model.score_samples(source)
    path = KEPT / "map.html"
    started = time.perf_counter()
    found.save(path)
    about: dict[str, Any] = {"written, s": round(time.perf_counter() - started, 1)}
    about["MB"] = round(path.stat().st_size / 1e6, 2)
    text = path.read_text("utf-8")
    about["pictures in it"] = int(re.search(r'"sheets":\{"count":(\d+)', text)[1])  # pyright: ignore
    times = [time_ for time_ in (drawn(path) for _ in range(5)) if time_ is not None]
    return about | {"first drawn, ms": float(np.median(times)) if times else "no Chromium"}


def kept_map(way: str, given: dict[str, Any], points: np.ndarray) -> Any:
    """The map whose points were kept, as `fit` would make it."""
    found: Any = latently.LatentMap(way)
    original = WAYS[way]
    WAYS[way] = replace(original, package="numpy", layout=lambda *_: points)
    try:
        return found.fit(given["codes"])
    finally:
        WAYS[way] = original


def widths(given: dict[str, Any], way: str) -> dict[str, Any]:
    """The share of the codes' variance that the way back brings, by the width of its Gaussian; as `restored`."""
    found = kept_map(way, given, np.load(KEPT / f"{way}{len(given['codes'])}.npy"))
    new = given["new"][:2_000]
    placed, spread = found.transform(new), np.square(new - new.mean(0)).sum()
    chosen, shares = blending.WIDTH, dict[str, float]()
    for blending.WIDTH in (0.15, 0.25, 0.35, 0.5, 1.0, 2.0):
        shares[f"{blending.WIDTH:g}"] = round(1 - float(np.square(found.codes(placed) - new).sum() / spread), 4)
    blending.WIDTH = chosen
    return {f"restored on {way}, by width": shares}


def weights(given: dict[str, Any]) -> dict[str, float]:
    """Bytes a digit in a sheet, as it is kept and exactly."""
    some = given["images"][: sheets.ACROSS**2, :, :, None]
    exact = sheets._webp(sheets._joined(some, (28, 28)), None)  # pyright: ignore[reportPrivateUsage]
    kept = sheets._sheet(some)  # pyright: ignore[reportPrivateUsage]
    return {"bytes a digit": round(len(kept) / len(some), 1), "exactly": round(len(exact) / len(some), 1)}


def drawn(path: Path) -> int | None:
    """Milliseconds from opening the page to the first drawn frame, as the page itself says."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-quic", "--disable-background-networking"]
        flags += ["--no-first-run", f"--user-data-dir={profile}", "--window-size=1280,800", "--timeout=6000"]
        done = subprocess.run(
            [browser, *flags, "--dump-dom", f"file://{path}"], capture_output=True, text=True, timeout=120, check=False
        )
    said = re.search(r'data-drawn="(\d+)"', done.stdout)
    return int(said[1]) if said else None


def main() -> None:
    given_options = options(
        __doc__, way={"default": "all"}, peer={"action": "store_true", "help": "also place by the package"}
    )
    given = coded(given_options.quick)
    ways = ["pca", *WAYS] if given_options.way == "all" else [given_options.way]
    rows: dict[str, Any] = {}
    for way in ways:
        if way != "page":
            rows = {way: measured(way, given, given_options.seed, given_options.peer)}
            keep_rows("maps", rows, "scikit-learn", "umap-learn", "openTSNE", "pacmap", quick=given_options.quick)
            print(rows, f"{os.cpu_count()} cores", flush=True)
    if given_options.way in ("all", "page"):
        rows = {"page": page(given, "tsne") | weights(given), "way back": widths(given, "tsne")}
        keep_rows("maps", rows, "pillow", quick=given_options.quick)
        print(rows, flush=True)


if __name__ == "__main__":
    main()
