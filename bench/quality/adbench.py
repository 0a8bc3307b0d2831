"""The default detector on 20 tables of ADBench, beside PyOD's: AUROC of the test rows, seconds of all fits.

python -m bench.quality.adbench [--quick] [--rows Latently,AutoEncoder] [--gaps 0.1]

Two settings: fitted to the training rows as they are, anomalies among them (unsupervised), or to the normal ones of
them. PyOD's detectors are at their defaults and in an environment of their own: `python -m bench.peers pyod`. All on
one thread, whose seconds are the processor's: other programs do not count. `--gaps` leaves out that share of all cells
by chance, which PyOD's detectors do not take.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

import latently

from ..data import anomalies
from ..record import keep_rows, options
from .odd import pyod

SETTINGS = {"unsupervised": False, "normals": True}
ROWS = "Latently,AutoEncoder,IForest,KNN,ECOD,LOF,VAE"
Sets = dict[str, tuple[np.ndarray, np.ndarray]]


def main() -> None:
    given = options(
        __doc__,
        rows={"default": ROWS, "help": "who is measured; kept beside the rows of earlier runs"},
        gaps={"type": float, "default": 0.0},
    )
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    latently.AnomalyDetector().fit(np.random.default_rng(0).normal(size=(50, 3)))  # what is loaded when first used
    for row in given.rows.split(","):
        for setting, normals in SETTINGS.items():
            tables = list(anomalies(quick=given.quick, normals=normals))
            hidden = np.random.default_rng(given.seed)
            sets = {name: (holed(X, given.gaps, hidden), holed(T, given.gaps, hidden)) for name, X, T, _ in tables}
            scores, seconds = ours(sets, given.seed) if row == "Latently" else theirs(row, sets, given.seed)
            if not scores:
                continue
            who = row if row == "Latently" else f"PyOD {row}"
            found = summary({name: t for name, _, _, t in tables}, scores, seconds)
            print(f"{who}, {setting}", found["auroc"], found["seconds"], flush=True)
            gaps = f", {given.gaps:g} of the cells missing" if given.gaps else ""
            keep_rows("quality-adbench", {f"{who}, {setting}{gaps}": found}, "scikit-learn", "torch", quick=given.quick)


def holed(X: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    return np.where(random.random(X.shape) < share, np.nan, X) if share else X


def ours(sets: Sets, seed: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    scores, seconds = dict[str, np.ndarray](), dict[str, float]()
    for name, (X, T) in sets.items():
        started = time.process_time()
        detector = latently.AnomalyDetector(seed=seed).fit(X)
        seconds[name] = time.process_time() - started
        scores[name] = -detector.score_samples(T)
    return scores, seconds


def theirs(detector: str, sets: Sets, seed: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    scores, seconds = pyod(sets, (detector,), seed)
    return scores.get(detector, {}), seconds.get(detector, {})


def summary(
    truth: dict[str, np.ndarray], scores: dict[str, np.ndarray], seconds: dict[str, float]
) -> dict[str, object]:
    auroc = {name: round(float(roc_auc_score(t, scores[name])), 4) for name, t in truth.items()}
    return {
        "auroc": round(float(np.mean(list(auroc.values()))), 4),
        "seconds": round(sum(seconds.values()), 1),
        "tables": auroc,
    }


if __name__ == "__main__":
    main()
