"""Pictures that are spoiled, told from those that are not: AUROC, and the share that is flagged at a rate of .05.

python -m bench.quality.spoiled [--quick] [--items 3000] [--detectors IForest,KNN]

Fitted to training digits of MNIST that are chosen by chance; judged are as many others, by the same writers, and 200
more that are spoiled in four ways. Beside it PyOD's detectors at their defaults on the 784 pixels, 0 to 1. All on one
thread.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

import latently

from ..data import idx
from ..record import Run, options
from .leave_one_digit import flat
from .odd import pyod

EACH, RATE = 200, 0.05
Pictures = NDArray[np.uint8]


def spoiled(digits: Pictures, seed: int) -> dict[str, Pictures]:
    """Digits (n, H, W), spoiled."""
    rng = np.random.default_rng(seed)
    cut = digits.copy()
    cut[:, digits.shape[1] // 2 :] = 0
    return {
        "noise alone": rng.integers(0, 256, digits.shape, np.uint8),
        "a tenth of the pixels inverted": np.where(rng.random(digits.shape) < 0.1, 255 - digits, digits),
        "upside down": digits[:, ::-1],
        "the lower half left out": cut,
    }


def main() -> None:
    given = options(
        __doc__,
        items={"type": int, "default": 3000},
        detectors={"default": "IForest,KNN,AutoEncoder"},
    )
    torch.set_num_threads(1)
    given.threads = 1
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    run = Run("quality-spoiled", given, "scikit-learn", items=given.items, each=EACH)
    digits = np.random.default_rng(given.seed).permutation(idx("train", quick=given.quick)[0])
    items = min(given.items, (len(digits) - EACH) // 2)
    known, others, fresh = np.split(digits[: 2 * items + EACH], [items, items + EACH])
    ways = spoiled(others, given.seed)
    asked = np.concatenate((fresh, *ways.values()))
    detector = latently.AnomalyDetector(seed=given.seed).fit(known)
    scores = {"Latently": -detector.score_samples(asked)}
    if peers := tuple(filter(None, given.detectors.split(","))):
        theirs, _ = pyod({"digits": (flat(known), flat(asked))}, peers, given.seed)
        scores |= {f"PyOD {name}": of["digits"] for name, of in theirs.items()}
    ends = len(fresh) + EACH * np.arange(len(ways))
    for name, each in scores.items():
        normal, *odd = np.split(each, ends)
        aurocs = {way: round(_auroc(normal, part), 4) for way, part in zip(ways, odd, strict=True)}
        run.results[name] = aurocs
    flagged = np.split(latently.anomalies(detector, asked, rate=RATE, explained=0).flagged, ends)
    shares = [round(float(part.mean()), 4) for part in flagged]
    run.results[f"Latently, flagged at a rate of {RATE}"] = dict(zip(("none of these", *ways), shares, strict=True))
    run.finish()


def _auroc(normal: NDArray[np.float64], odd: NDArray[np.float64]) -> float:
    return float(roc_auc_score(np.repeat([0, 1], [len(normal), len(odd)]), np.concatenate((normal, odd))))


if __name__ == "__main__":
    main()
