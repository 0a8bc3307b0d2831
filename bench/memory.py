"""The most memory that training holds: on 60,000 digits, against 1.5 times the data as floats and 300 MB for PyTorch.

python -m bench.memory [--quick]

Each training runs in a fresh process, which reads the file of digits itself, and whose peak of resident memory the
system tells. What PyTorch takes when it is only imported stands beside it. scikit-learn imports pandas and pyarrow
where they are installed, as they are for the tests: all is measured with them, and as if they were not there.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any

from .data import DATA, FEW, made_up
from .record import HERE, keep, options

ITEMS, NUMBERS = 60_000, 28 * 28
BATCH = 256
BESIDE = 300  # MB, for PyTorch itself
DENSE: dict[str, Any] = {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}


def _digits(quick: bool) -> Any:
    return made_up(FEW) if quick else DATA / "mnist" / "train-images-idx3-ubyte.gz"


def _train(name: str, quick: bool, **settings: Any) -> None:
    import latently

    model = getattr(latently, name)(**settings, epochs=1, batch_size=BATCH, device="cpu")
    model.fit(_digits(quick))


def nothing(quick: bool) -> None:
    import_module("torch")  # what it takes is what is measured


def imported(quick: bool) -> None:
    import latently

    assert latently.AE  # is loaded when it is named


def dense(quick: bool) -> None:
    _train("AE", quick, **DENSE)


def convolutional(quick: bool) -> None:
    _train("VAE", quick, latent=16)


# What is trained in the child process; a data set that is streamed from its files is one more entry.
WORKS: dict[str, Callable[[bool], None]] = {
    "PyTorch imported": nothing,
    "Latently's models imported": imported,
    "dense AE 784-32-784": dense,
    "convolutional VAE, default network": convolutional,
}


def peak_mb() -> float:
    """The most memory that this process held so far, MB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measured(name: str, given: Any, *, bare: bool) -> float:
    """The peak of a fresh process. This one stays small, without PyTorch, for Linux counts it to its children's."""
    told = json.dumps({"name": name, "quick": given.quick, "bare": bare})
    env = {**os.environ, "LATENTLY_BENCH_CHILD": told, "OMP_NUM_THREADS": str(given.threads)}
    command = [sys.executable, "-m", "bench.memory"]
    done = subprocess.run(command, cwd=HERE.parent, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


class Bare(PathFinder):
    """Finds everything but pandas and pyarrow, as if they were not installed."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
        return None if fullname in ("pandas", "pyarrow") else super().find_spec(fullname, path, target)


def child(told: dict[str, Any]) -> None:
    """Does one work and says the peak."""
    if told["bare"]:
        sys.meta_path[:] = [Bare if finder is PathFinder else finder for finder in sys.meta_path]
    WORKS[told["name"]](told["quick"])
    print(peak_mb())


def main() -> None:
    if told := os.environ.get("LATENTLY_BENCH_CHILD"):
        child(json.loads(told))
        return
    given = options(__doc__)
    floats = (FEW if given.quick else ITEMS) * NUMBERS * 4 / 1e6
    found: dict[str, Any] = {"data as float32, MB": round(floats), "allowed, MB": round(1.5 * floats + BESIDE)}
    for name in WORKS:
        for bare, where in ((True, "peak, MB"), (False, "peak with pandas installed, MB")):
            found[f"{name}: {where}"] = round(measured(name, given, bare=bare))
    settings = {"items": FEW if given.quick else ITEMS, "batch": BATCH, "threads": given.threads}
    keep("memory", found, "torch", quick=given.quick, settings=settings)


if __name__ == "__main__":
    main()
