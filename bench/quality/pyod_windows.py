"""What PyOD's detectors say of windows, for `nab`; runs in an environment of its own, which has PyOD and not Latently.

python bench/quality/pyod_windows.py FOLDER SEED DETECTOR ...

Reads each FOLDER/SERIES.npy, (n, T) standardised; writes FOLDER/scores/SERIES-DETECTOR.npy, (n,), higher for odder
windows, and FOLDER/about.json with versions and seconds. All at their defaults, fitted to the windows they judge.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from inspect import signature
from pathlib import Path

import numpy as np
import torch

MODULES = {
    "AutoEncoder": "auto_encoder",
    "ECOD": "ecod",
    "HBOS": "hbos",
    "IForest": "iforest",
    "KNN": "knn",
    "LOF": "lof",
    "PCA": "pca",
    "VAE": "vae",
}


def main(folder: Path, seed: int, detectors: list[str]) -> None:
    torch.set_num_threads(1)
    (folder / "scores").mkdir(exist_ok=True)
    about: dict[str, object] = {"versions": {name: version(name) for name in ("pyod", "torch")}}
    seconds = dict.fromkeys(detectors, 0.0)
    for name in detectors:
        make = getattr(import_module(f"pyod.models.{MODULES[name]}"), name)
        known = signature(make.__init__).parameters
        given = {"random_state": seed, "verbose": 0, "device": "cpu"}
        for path in sorted(folder.glob("*.npy")):
            X = np.load(path)
            started = time.perf_counter()
            model = make(**{key: value for key, value in given.items() if key in known})
            model.fit(X)
            seconds[name] += time.perf_counter() - started
            np.save(folder / "scores" / f"{path.stem}-{name}.npy", model.decision_scores_)
        print(f"{name}: {seconds[name]:.0f} s", flush=True)
    about["seconds"] = {name: round(spent) for name, spent in seconds.items()}
    (folder / "about.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
