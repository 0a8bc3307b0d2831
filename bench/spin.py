"""What waiting threads cost beside others: an epoch of a dense network, by how they wait and by how many there are.

python -m bench.spin [--quick] [--threads 2]

PyTorch's threads wait for one another in a loop and sleep after GOMP_SPINCOUNT turns, 300,000 where the environment
says nothing (GNU's OpenMP, which PyTorch's own builds for Linux use); one thread waits for none. Another program is a
loop that never ends, on whichever core it gets; another training is the same one, begun at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import latently

from .data import idx
from .epochs import timed
from .record import keep, options

WAYS: dict[str, dict[str, str]] = {
    "300,000 turns": {},
    "5,000 turns": {"GOMP_SPINCOUNT": "5000"},
    "2,000 turns": {"GOMP_SPINCOUNT": "2000"},
    "one thread": {"OMP_NUM_THREADS": "1"},
}
EPOCHS = 4  # the first is not counted
TIMES = 3  # alternating


def epoch(quick: bool) -> float:
    """Median seconds of an epoch of 784-32-784, batches of 256."""
    network: dict[str, Any] = {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}
    model = latently.AE(**network, likelihood="bernoulli", batch_size=256, validation=0, epochs=EPOCHS, device="cpu")
    fitting = model.begin(idx("train", quick=quick)[0])
    return median([seconds for seconds, _ in timed(fitting.training)][1:])


def training(way: str, given: Any) -> subprocess.Popen[str]:
    """The same in a process of its own, which waits in this way; begun."""
    around = {**os.environ, "OMP_NUM_THREADS": str(given.threads), **WAYS[way]}
    around.pop("OMP_WAIT_POLICY", None)  # which says how to wait in other words
    command = [sys.executable, "-m", "bench.spin", "--one", *(["--quick"] if given.quick else [])]
    return subprocess.Popen(command, env=around, stdout=subprocess.PIPE, text=True)


def program(_: str, __: Any) -> subprocess.Popen[str]:
    """A loop that never ends; begun."""
    return subprocess.Popen([sys.executable, "-c", "while True: pass"], text=True)


BESIDE: dict[str, Callable[[str, Any], subprocess.Popen[str]] | None] = {
    "alone": None,
    "beside another program": program,
    "beside another training": training,
}


def beside(way: str, place: str, given: Any) -> float:
    """Seconds of an epoch there."""
    begin = BESIDE[place]
    other = begin(way, given) if begin else None
    try:
        done = training(way, given)
        told, _ = done.communicate()
        if done.returncode:
            raise SystemExit(done.returncode)
        return float(told)
    finally:
        if other:
            other.kill()
            other.communicate()


def main() -> None:
    given = options(__doc__, one={"action": "store_true", "help": "one process: prints the seconds of an epoch"})
    if given.one:
        print(epoch(given.quick))
        return
    found: dict[str, list[float]] = {f"{way}, {place}: s an epoch": [] for place in BESIDE for way in WAYS}
    for _ in range(1 if given.quick else TIMES):
        for place in BESIDE:
            for way in WAYS:
                found[f"{way}, {place}: s an epoch"].append(beside(way, place, given))
    results = {name: round(median(each), 3) for name, each in found.items()}
    worst = {name.replace(": s", ", slowest: s"): round(max(each), 3) for name, each in found.items()}
    keep("spin", {**results, **worst}, "torch", quick=given.quick, threads=given.threads)


if __name__ == "__main__":
    main()
