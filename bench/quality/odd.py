"""PyOD's detectors on the same rows as ours: what the measurements of odd items share."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..peers import python

SETS = Mapping[str, tuple[np.ndarray, np.ndarray]]  # rows to fit to (n, F) and rows to score (m, F), by name


def pyod(sets: SETS, detectors: tuple[str, ...], seed: int) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, Any]]:
    """The scores (m,) of each detector on each set, and its seconds there, on one thread; nothing without PyOD."""
    theirs = python("pyod")
    if theirs is None:
        print("PyOD is not installed; its rows are left out: python -m bench.peers pyod", flush=True)
        return {}, {}
    script = Path(__file__).parent / "pyod_scores.py"
    with tempfile.TemporaryDirectory() as there:
        folder = Path(there)
        for name, (X, T) in sets.items():
            np.savez(folder / f"{name}.npz", X=X, T=T)
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [str(theirs), str(script), there, str(seed), *detectors]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **one})
        found = {d: {name: np.load(folder / f"{name}-{d}.npy") for name in sets} for d in detectors}
        return found, json.loads((folder / "about.json").read_text())["seconds"]
