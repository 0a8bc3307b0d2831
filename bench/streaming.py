"""What it costs to train on data that are read from disk: rows a second and peak memory, beside data held in memory.

python -m bench.streaming
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from .record import Run, options

SIDE = 32
EPOCH = """
import json, resource, sys, torch, latently
data, memory, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # loads what any training loads
model = latently.AE(latent=16, encoder="dense128 relu", epochs=2, batch_size=256, memory=float(memory))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
source = latently.open(data)
fitting = model.begin(source)
events = list(fitting.training.events())
seconds = min(event["seconds"] for event in events)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"streams": fitting.streams, "rate": len(source) / seconds, "peak": peak / 1024}))
"""


def made(path: Path, gigabytes: float) -> None:
    """Grey pictures of that many bytes in all, written a thousand at a time."""
    count = int(gigabytes * 1e9 / SIDE**2)
    file = np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIDE, SIDE))
    rng = np.random.default_rng(0)
    for start in range(0, count, 1000):
        file[start : start + 1000] = rng.integers(0, 256, file[start : start + 1000].shape, np.uint8)


def measured(path: Path, memory: float, threads: int) -> dict[str, float]:
    command = [sys.executable, "-c", EPOCH, str(path), str(memory), str(threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    given = options(__doc__)
    sizes = (0.02, 0.04) if given.quick else (0.2, 0.5, 1.0)
    run = Run("streaming", given, side=SIDE, network="dense128 relu", batch=256)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder, "pictures.npy")
            made(path, size)
            pairs = [
                [measured(path, memory, given.threads) for memory in (100, 0)] for _ in range(1 if given.quick else 3)
            ]
            for place, found in zip(("memory", "disk"), zip(*pairs, strict=True), strict=True):
                assert all(one["streams"] == (place == "disk") for one in found)
                rate, peak = (median(one[key] for one in found) for key in ("rate", "peak"))
                run.found(**{f"{size} GB from {place}, rows a second": round(rate)})
                run.found(**{f"{size} GB from {place}, peak MB beyond the libraries": round(peak)})
    run.finish()


if __name__ == "__main__":
    main()
