"""What waiting threads cost beside another program: an epoch of a dense network, by the turns that they wait.

python -m bench.spin [--quick] [--threads 2]

PyTorch's threads wait for one another in a loop and sleep after GOMP_SPINCOUNT turns; `latently` sets 10,000 where the
environment says nothing, and GNU's OpenMP, which PyTorch's own builds for Linux use, takes 300,000. The other program
is a loop that never ends, on whichever core it gets.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from typing import Any

import torch

import latently

from .data import idx
from .epochs import timed
from .record import keep, options

TURNS = {"10,000 turns": "10000", "300,000 turns": "300000"}
EPOCHS = 4  # the first is not counted
TIMES = 3  # alternating


def epoch(given: Any) -> float:
    """Median seconds of an epoch of 784-32-784, batches of 256."""
    torch.set_num_threads(given.threads)
    network: dict[str, Any] = {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}
    model = latently.AE(**network, likelihood="bernoulli", batch_size=256, validation=0, epochs=EPOCHS, device="cpu")
    fitting = model.begin(idx("train", quick=given.quick)[0])
    return median([seconds for seconds, _ in timed(fitting.training)][1:])


def beside(turns: str, programs: int, given: Any) -> float:
    """The same in a process of its own, whose threads wait so many turns, beside so many other programs."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)]
    try:
        told = ["--threads", str(given.threads), *(["--quick"] if given.quick else [])]
        command = [sys.executable, "-m", "bench.spin", "--alone", *told]
        around = {**os.environ, "GOMP_SPINCOUNT": turns}
        around.pop("OMP_WAIT_POLICY", None)  # which says how to wait in other words
        done = subprocess.run(command, env=around, check=True, capture_output=True, text=True)
        return float(done.stdout)
    finally:
        for other in others:
            other.kill()
            other.wait()


def main() -> None:
    given = options(__doc__, alone={"action": "store_true", "help": "one process: prints the seconds of an epoch"})
    if given.alone:
        print(epoch(given))
        return
    where = {"alone": 0, "beside another program": 1}
    found: dict[str, list[float]] = {f"{name}, {place}: s an epoch": [] for place in where for name in TURNS}
    for _ in range(1 if given.quick else TIMES):
        for place, programs in where.items():
            for name, turns in TURNS.items():
                found[f"{name}, {place}: s an epoch"].append(beside(turns, programs, given))
    results = {name: round(median(each), 3) for name, each in found.items()}
    keep("spin", results, "torch", quick=given.quick, threads=given.threads)


if __name__ == "__main__":
    main()
