"""PyOD's detectors at their defaults; runs in an environment of its own, which has PyOD and not Latently.

python bench/quality/pyod_scores.py FOLDER SEED DETECTOR ...

Reads each FOLDER/NAME.npz, which holds rows X (n, F) to fit to and rows T (m, F) to score; writes
FOLDER/NAME-DETECTOR.npy, (m,) scores, higher is odder, and FOLDER/about.json with versions and the processor's
seconds of each fit.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

DETECTORS = {  # its module, and what is not the same for all
    "AutoEncoder": ("auto_encoder", {"verbose": 0, "random_state": None, "device": "cpu"}),
    "VAE": ("vae", {"verbose": 0, "random_state": None, "device": "cpu"}),
    "IForest": ("iforest", {"random_state": None}),
    "KNN": ("knn", {}),
    "ECOD": ("ecod", {}),
    "LOF": ("lof", {}),
}


def main(folder: Path, seed: int, detectors: list[str]) -> None:
    torch.set_num_threads(1)
    seconds: dict[str, dict[str, float]] = {}
    for name in detectors:
        module, settings = DETECTORS[name]
        made = getattr(import_module(f"pyod.models.{module}"), name)
        settings = {key: seed if key == "random_state" else value for key, value in settings.items()}
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as file:
                X, T = file["X"], file["T"]
            started = time.process_time()
            detector = made(**settings).fit(X)
            seconds.setdefault(name, {})[path.stem] = time.process_time() - started
            np.save(folder / f"{path.stem}-{name}.npy", detector.decision_function(T))
    about = {"versions": {name: version(name) for name in ("pyod", "torch")}, "seconds": seconds}
    (folder / "about.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
