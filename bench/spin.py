"""What waiting threads cost beside others: an epoch of a dense network, by the turns that they wait.

python -m bench.spin [--quick] [--threads 2]

PyTorch's threads wait for one another in a loop and sleep after GOMP_SPINCOUNT turns; `latently` sets 5,000 where the
environment says nothing, and GNU's OpenMP, which PyTorch's own builds for Linux use, takes 300,000. Another program
is a loop that never ends, on whichever core it gets; another training is the same one, begun at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

import latently

from .data import idx
from .epochs import timed
from .record import keep, options

TURNS = {"2,000 turns": "2000", "5,000 turns": "5000", "300,000 turns": "300000"}
EPOCHS = 4  # the first is not counted
TIMES = 3  # alternating


def epoch(given: Any) -> float:
    """Median seconds of an epoch of 784-32-784, batches of 256."""
    torch.set_num_threads(given.threads)
    network: dict[str, Any] = {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}
    model = latently.AE(**network, likelihood="bernoulli", batch_size=256, validation=0, epochs=EPOCHS, device="cpu")
    fitting = model.begin(idx("train", quick=given.quick)[0])
    return median([seconds for seconds, _ in timed(fitting.training)][1:])


def alone(turns: str, given: Any) -> subprocess.Popen[str]:
    """The same in a process of its own, whose threads wait so many turns; begun."""
    told = ["--threads", str(given.threads), *(["--quick"] if given.quick else [])]
    around = {**os.environ, "GOMP_SPINCOUNT": turns}
    around.pop("OMP_WAIT_POLICY", None)  # which says how to wait in other words
    return subprocess.Popen(
        [sys.executable, "-m", "bench.spin", "--alone", *told], env=around, stdout=subprocess.PIPE, text=True
    )


def program(_: str, __: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", "while True: pass"], text=True)


BESIDE: dict[str, Callable[[str, Any], subprocess.Popen[str]] | None] = {
    "alone": None,
    "beside another program": program,
    "beside another training": alone,
}


def beside(turns: str, place: str, given: Any) -> float:
    """Seconds of an epoch there."""
    begin = BESIDE[place]
    other = begin(turns, given) if begin else None
    try:
        done = alone(turns, given)
        told, _ = done.communicate()
        if done.returncode:
            raise SystemExit(done.returncode)
        return float(told)
    finally:
        if other:
            other.kill()
            other.communicate()


def main() -> None:
    given = options(__doc__, alone={"action": "store_true", "help": "one process: prints the seconds of an epoch"})
    if given.alone:
        print(epoch(given))
        return
    found: dict[str, list[float]] = {f"{name}, {place}: s an epoch": [] for place in BESIDE for name in TURNS}
    for _ in range(1 if given.quick else TIMES):
        for place in BESIDE:
            for name, turns in TURNS.items():
                found[f"{name}, {place}: s an epoch"].append(beside(turns, place, given))
    results = {name: round(median(each), 3) for name, each in found.items()}
    keep("spin", results, "torch", quick=given.quick, threads=given.threads)


if __name__ == "__main__":
    main()
