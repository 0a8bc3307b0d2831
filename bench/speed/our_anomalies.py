"""Our side of the anomaly tables: seconds of each fit, and the test rows' AUROC."""

from __future__ import annotations

import time
import warnings

import torch
from sklearn.metrics import roc_auc_score

import latently

from ..data import anomalies
from .protocol import say, told


def main() -> None:
    asked = told()
    torch.set_num_threads(asked.threads)
    warnings.simplefilter("ignore", latently.LatentlyWarning)  # a table on which little is learned
    settings = {**asked.row.settings, "device": "cpu", "seed": asked.seed, **({"epochs": 1} if asked.quick else {})}
    make = getattr(latently, asked.row.model)
    _, ready, _, _ = next(anomalies(quick=True))
    make(**settings | {"epochs": 1}).fit(ready)  # what is loaded when first used
    found = list[float]()
    for name, X, T, t in anomalies(quick=asked.quick):
        model = make(**settings)
        started = time.perf_counter()
        model.fit(X)
        seconds = time.perf_counter() - started
        found.append(float(roc_auc_score(t, -model.score_samples(T))))
        say(table=name, seconds=seconds, auroc=found[-1])
    say(quality=sum(found) / len(found), encode=None)


if __name__ == "__main__":
    main()
