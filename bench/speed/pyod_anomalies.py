"""PyOD's side of the anomaly tables, its detectors at their defaults; runs where PyOD is and Latently is not."""

from __future__ import annotations

import time
from typing import Any

import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.vae import VAE
from sklearn.metrics import roc_auc_score

from ..data import anomalies
from .protocol import say, told

DETECTORS: dict[str, Any] = {"AutoEncoder": AutoEncoder, "VAE": VAE}


def main() -> None:
    asked = told()
    torch.set_num_threads(asked.threads)
    make = DETECTORS[asked.row.peer_settings["detector"]]
    settings = {"verbose": 0, "random_state": asked.seed, "device": "cpu", **({"epoch_num": 1} if asked.quick else {})}
    _, ready, _, _ = next(anomalies(quick=True))
    make(**settings | {"epoch_num": 1}).fit(ready)  # what is loaded when first used
    found = list[float]()
    for name, X, T, t in anomalies(quick=asked.quick):
        model = make(**settings)
        started = time.perf_counter()
        model.fit(X)
        seconds = time.perf_counter() - started
        found.append(float(roc_auc_score(t, model.decision_function(T))))
        say(table=name, seconds=seconds, auroc=found[-1])
    say(quality=sum(found) / len(found), encode=None)


if __name__ == "__main__":
    main()
