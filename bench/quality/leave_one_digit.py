"""A digit that was never seen: AUROC of telling it from the nine that were, each digit left out in turn.

python -m bench.quality.leave_one_digit [--quick] [--items 3000] [--digits 0123456789] [--detectors IForest,KNN]

Fitted to the first training digits of MNIST without the one left out; scored are as many test digits. Beside it
PyOD's detectors at their defaults on the 784 pixels, 0 to 1. All on one thread.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

import latently

from ..data import idx
from ..record import Run, options
from .odd import pyod


def main() -> None:
    given = options(
        __doc__,
        items={"type": int, "default": 3000},
        digits={"default": "0123456789"},
        detectors={"default": "IForest,KNN,AutoEncoder"},
    )
    torch.set_num_threads(1)
    given.threads = 1
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    run = Run("quality-leave-one-digit", given, "scikit-learn", items=given.items)
    X, y = idx("train", quick=given.quick)
    T, t = idx("t10k", quick=given.quick)
    X, y, T, t = X[: given.items], y[: given.items], T[: given.items], t[: given.items]
    found: dict[str, dict[str, float]] = {}
    spent: dict[str, float] = {}
    peers = tuple(filter(None, given.detectors.split(",")))
    for digit in map(int, given.digits):
        known, strange = X[y != digit], t == digit
        started = time.perf_counter()
        scores = {"Latently": -latently.AnomalyDetector(seed=given.seed).fit(known).score_samples(T)}
        spent["Latently"] = spent.get("Latently", 0.0) + time.perf_counter() - started
        if peers:
            theirs, seconds = pyod({"digits": (flat(known), flat(T))}, peers, given.seed)
            scores |= {f"PyOD {name}": of["digits"] for name, of in theirs.items()}
            for name, of in seconds.items():
                spent[f"PyOD {name}"] = spent.get(f"PyOD {name}", 0.0) + of["digits"]
        for name, of in scores.items():
            found.setdefault(name, {})[str(digit)] = round(float(roc_auc_score(strange, of)), 4)
        run.found(**{name: _summary(of, spent[name]) for name, of in found.items()})
    run.finish()


def flat(pictures: np.ndarray) -> np.ndarray:
    """Pictures (n, H, W) of 0 to 255 as rows of numbers from 0 to 1: (n, H * W)."""
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255


def _summary(auroc: dict[str, float], seconds: float) -> dict[str, Any]:
    return {"auroc": round(float(np.mean(list(auroc.values()))), 4), "seconds": round(seconds, 1), "digits": auroc}


if __name__ == "__main__":
    main()
