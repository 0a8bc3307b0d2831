"""What the codes are worth on real data: restoration, classification on codes against the raw columns.

python -m bench.quality.codes [adult] [dense] [digits] [--quick]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import latently

from ..data import DATA, FEW, idx
from ..record import keep
from .training import few


def dense(quick: bool) -> dict[str, Any]:
    """784-32-784, ten epochs of Adam, batch 256: binary cross-entropy a pixel of the 10,000 test digits."""
    X, T = idx("train", quick=quick)[0], idx("t10k", quick=quick)[0]
    started = time.perf_counter()
    networks = {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}
    model = latently.AE(**networks, **few(quick, epochs=10, batch_size=256, validation=0))
    model.fit(X)
    return {
        "MNIST dense 784-32-784, 10 epochs: test BCE a pixel": round(-model.score(T) / 784, 4),
        "MNIST dense 784-32-784: parameters": sum(p.numel() for p in model.module_.parameters()),
        "MNIST dense 784-32-784: fit, s": round(time.perf_counter() - started, 1),
    }


def digits(quick: bool) -> dict[str, Any]:
    """Logistic regression on 32 numbers a digit, trained on the codes of 60,000, accuracy on 10,000."""
    (X, y), (T, t) = idx("train", quick=quick), idx("t10k", quick=quick)
    found: dict[str, Any] = {}
    for name, cls in {"AE": latently.AE, "VAE": latently.VAE}.items():
        model = cls(latent=32, **few(quick, epochs=10, batch_size=256)).fit(X)
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


def adult(quick: bool) -> dict[str, Any]:
    """Income from 32 codes of a person's other columns, against all one-hot columns."""
    frame = pl.read_csv(DATA / "tables" / "adult.csv", n_rows=FEW if quick else None)
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
        model = cls(latent=32, **few(quick)).fit(X[train])
        found[f"adult {name}, 32 codes: accuracy"] = round(accuracy(model.transform(X)), 4)
        found[f"adult {name}, 32 codes: fit, s"] = round(time.perf_counter() - started, 1)
    return found


PARTS: dict[str, Callable[[bool], dict[str, Any]]] = {"adult": adult, "dense": dense, "digits": digits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--quick", action="store_true", help="few items and one epoch: only to see that it runs")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: a part is one of {', '.join(PARTS)}")
    for name in given.parts:
        keep(f"quality-{name}", PARTS[name](given.quick), "torch", "scikit-learn", quick=given.quick)


if __name__ == "__main__":
    main()
