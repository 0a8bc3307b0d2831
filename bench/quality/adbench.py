"""The default detector on 20 tables of ADBench, beside PyOD's: AUROC of the test rows, seconds of all fits.

python -m bench.quality.adbench [--quick] [--detectors AutoEncoder,IForest]

Two settings: fitted to the training rows as they are, anomalies among them (unsupervised), or to the normal ones of
them. PyOD's detectors are at their defaults and in an environment of their own: `python -m bench.peers pyod`. All on
one thread.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

import latently

from ..data import anomalies
from ..record import Run, options
from .odd import pyod

SETTINGS = {"unsupervised": False, "normals": True}
DETECTORS = "AutoEncoder,IForest,KNN,ECOD,LOF,VAE"


def main() -> None:
    given = options(__doc__, detectors={"default": DETECTORS, "help": "PyOD's detectors that are measured too"})
    torch.set_num_threads(1)
    given.threads = 1
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    run = Run("quality-adbench", given, "scikit-learn")
    latently.AnomalyDetector().fit(np.random.default_rng(0).normal(size=(50, 3)))  # what is loaded when first used
    for setting, normals in SETTINGS.items():
        tables = {name: (X, T, t) for name, X, T, t in anomalies(quick=given.quick, normals=normals)}
        truth = {name: t for name, (_, _, t) in tables.items()}
        scores, seconds = {}, {}
        for name, (X, T, _) in tables.items():
            started = time.perf_counter()
            detector = latently.AnomalyDetector(seed=given.seed).fit(X)
            seconds[name] = time.perf_counter() - started
            scores[name] = -detector.score_samples(T)
        run.found(**{f"Latently, {setting}": summary(truth, scores, seconds)})
        for peer in filter(None, given.detectors.split(",")):
            found, spent = pyod({name: (X, T) for name, (X, T, _) in tables.items()}, (peer,), given.seed)
            if peer in found:
                run.found(**{f"PyOD {peer}, {setting}": summary(truth, found[peer], spent[peer])})
    run.finish()


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
