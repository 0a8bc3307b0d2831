"""What the codes are worth on real data: restoration, classification on codes against the raw columns.

python bench/quality.py [adult] [dense] [digits]
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from record import DATA, keep
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import latently


def mnist(part: str) -> tuple[np.ndarray, np.ndarray]:
    images = latently.open(DATA / "mnist" / f"{part}-images-idx3-ubyte.gz").data
    with gzip.open(DATA / "mnist" / f"{part}-labels-idx1-ubyte.gz") as file:
        return images, np.frombuffer(file.read(), np.uint8, offset=8)


def dense() -> dict[str, Any]:
    """784-32-784, ten epochs of Adam, batch 256: binary cross-entropy a pixel of the 10,000 test digits."""
    X, T = mnist("train")[0], mnist("t10k")[0]
    started = time.perf_counter()
    model = latently.AE(
        latent=32, encoder="dense32 relu", decoder="dense784 sigmoid", epochs=10, batch_size=256, validation=0
    )
    model.fit(X)
    return {
        "MNIST dense 784-32-784, 10 epochs: test BCE a pixel": round(-model.score(T) / 784, 4),
        "MNIST dense 784-32-784: parameters": sum(p.numel() for p in model.module_.parameters()),
        "MNIST dense 784-32-784: fit, s": round(time.perf_counter() - started, 1),
    }


def digits() -> dict[str, Any]:
    """Logistic regression on 32 numbers a digit, trained on the codes of 60,000, accuracy on 10,000."""
    (X, y), (T, t) = mnist("train"), mnist("t10k")
    found: dict[str, Any] = {}
    for name, cls in {"AE": latently.AE, "VAE": latently.VAE}.items():
        model = cls(latent=32, epochs=10, batch_size=256).fit(X)
        learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        learner.fit(model.transform(X), y)
        found[f"MNIST {name}, 32 codes, default network: accuracy"] = round(learner.score(model.transform(T), t), 4)
        found[f"MNIST {name}, 32 codes: test BCE a pixel, restored"] = round(restoration(model, T), 4)
    return found


def restoration(model: latently.Latent, X: np.ndarray) -> float:
    """Binary cross-entropy a pixel of the restored pictures, without the bottleneck's price."""
    back = np.clip(model.reconstruct(X) / 255.0, 1e-3, 1 - 1e-3)
    X = X / 255.0
    return float(-(X * np.log(back) + (1 - X) * np.log(1 - back)).mean())


def adult() -> dict[str, Any]:
    """Income from 32 codes of a person's other columns, against all one-hot columns."""
    frame = pl.read_csv(DATA / "tables" / "adult.csv")
    y = (frame["income"] == ">50K").to_numpy()
    X = frame.drop("income")
    train, test = train_test_split(np.arange(len(y)), test_size=0.3, random_state=0, stratify=y)

    def accuracy(features: np.ndarray) -> float:
        learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        return learner.fit(features[train], y[train]).score(features[test], y[test])

    texts = [name for name, kind in X.schema.items() if kind == pl.String]
    hot = OneHotEncoder(sparse_output=False).fit_transform(X.select(texts).fill_null("?").to_numpy())
    wide = np.hstack([hot, X.drop(texts).to_numpy()])
    found: dict[str, Any] = {f"adult, {wide.shape[1]} one-hot columns: accuracy": round(accuracy(wide), 4)}
    for name, cls in {"AE": latently.AE, "VAE": latently.VAE}.items():
        started = time.perf_counter()
        model = cls(latent=32).fit(X[train])
        found[f"adult {name}, 32 codes: accuracy"] = round(accuracy(model.transform(X)), 4)
        found[f"adult {name}, 32 codes: fit, s"] = round(time.perf_counter() - started, 1)
    return found


PARTS: dict[str, Callable[[], dict[str, Any]]] = {"adult": adult, "dense": dense, "digits": digits}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    for name in chosen:
        keep(f"quality-{name}", PARTS[name](), "torch", "scikit-learn")


if __name__ == "__main__":
    main()
