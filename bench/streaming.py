"""What it costs to train on data that are read from disk: rows a second and peak memory, beside data held in memory.

Of tables the peak alone, of a whole fit and its codes written part by part, at one, four and sixteen times the rows.

python -m bench.streaming
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

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

ROWS = 100_000  # of the smallest table
FIT = """
import pathlib, sys, torch, latently
data, memory, threads, epochs = sys.argv[1:]
torch.set_num_threads(int(threads))
source = latently.open(data, memory=float(memory))
model = latently.AE(latent=4, encoder="dense32 relu", epochs=int(epochs), batch_size=256, memory=float(memory))
model.fit(source)
parts = source.parts() if source.scanned else [source]
latently.write(data + "-codes.parquet", ((model.transform(part), part.names, None) for part in parts))
lines = pathlib.Path("/proc/self/status").read_text().splitlines()  # not ru_maxrss, which a parent process raises
print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""


def table(path: Path, rows: int) -> None:
    """A table of twenty numbers, two categories and gaps, as text or Parquet, written a part at a time."""
    import polars as pl

    rng = np.random.default_rng(0)

    def part(start: int) -> pl.DataFrame:
        mixed = rng.normal(size=(ROWS // 10, 4)) @ rng.normal(size=(4, 20)) + start
        mixed[::9, 3] = np.nan
        towns = rng.choice(["Jeju", "Seoul", "Busan", "Daegu"], (2, ROWS // 10))
        numbers = {f"x{j}": pl.Series(mixed[:, j]).fill_nan(None) for j in range(20)}
        return pl.DataFrame({**numbers, "home": towns[0], "work": towns[1]})

    text = path.with_suffix(".csv")
    with text.open("wb") as file:
        for start in range(0, rows, ROWS // 10):
            part(start // rows).write_csv(file, include_header=start == 0)
    if path.suffix == ".parquet":
        pl.scan_csv(text).sink_parquet(path)
        text.unlink()


def peak(path: Path, memory: float, threads: int, epochs: int) -> float:
    command = [sys.executable, "-c", FIT, str(path), str(memory), str(threads), str(epochs)]
    with tempfile.TemporaryDirectory(dir=path.parent) as cache:  # its own: the copy is made in each
        given = {**os.environ, "LATENTLY_CACHE": cache}
        return float(subprocess.run(command, check=True, capture_output=True, text=True, env=given).stdout)


def tables(run: Run, threads: int, quick: bool) -> None:
    """The peak of a table's fit, at growing sizes."""
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("csv", "parquet"):
            for times in (1, 2) if quick else (1, 4, 16):
                path = Path(folder, f"table.{ending}")
                table(path, times * ROWS)
                size = f"{times * ROWS:,} rows of {ending} ({path.stat().st_size / 1e6:.0f} MB)"
                for place, memory in (("disk", 0.0), ("memory", 100.0)):
                    found: dict[str, Any] = {f"{size} from {place}, peak MB": round(peak(path, memory, threads, 1))}
                    run.found(**found)


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
    tables(run, given.threads, given.quick)
    run.finish()


if __name__ == "__main__":
    main()
