"""Ours, the peer, ours, the peer, ...: each in a fresh process; what comes of the pairs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from .. import peers
from ..peak import share
from .protocol import Told
from .rows import Row

ROOT = Path(__file__).parent.parent.parent
BACKENDS = {"keras-tensorflow": "tensorflow", "keras-torch": "torch"}
EQUAL = 0.005  # qualities less than half a percent apart are equal: seeds of one side differ by .2 to 2 % (dense)
Side = dict[str, Any]


class SideError(Exception):
    """A side's process did not end well."""


def run(module: str, told: Told, peer: str | None = None) -> Side:
    """Runs one side in a process of its own; `peer` names its environment, None is ours. Gives what it said."""
    env = {**os.environ, "OMP_NUM_THREADS": str(told.threads)}
    if peer is not None:
        env |= {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": BACKENDS.get(peer, "")}
    python = sys.executable if peer is None else str(peers.python(peer))
    command = [python, "-m", f"bench.speed.{module}", json.dumps(asdict(told))]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SideError(f"{module} ({peer or 'ours'}) ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return read(done.stdout.splitlines())


def read(lines: Iterable[str]) -> Side:
    """A side's lines of JSON to one dict: `seconds`, `each`, and what the last line says.

    `seconds` is the median epoch without the first one, which makes ready; of tables the sum of all fits.
    """
    said = [json.loads(line) for line in lines if line.startswith("{")]
    *each, last = said
    times = [line["seconds"] for line in each]
    seconds = sum(times) if "table" in each[0] else median(times[1:] or times)
    return {"seconds": seconds, "each": each, **last}


def alternate(told: Iterable[Told], *, alone: bool) -> Iterator[tuple[Side, Side | None, float]]:
    """One pair for each of `told`: ours, the peer's, and how busy the machine was before."""
    for each in told:
        load = os.getloadavg()[0]
        ours = run(each.row.ours, each)
        yield ours, None if alone else run(each.row.theirs, each, each.row.peer), load


def summary(row: Row, pairs: list[tuple[Side, Side, float]]) -> dict[str, Any]:
    """What is kept of a row's pairs: medians, and the median of the pairs' ratios."""
    both = {"ours": [ours for ours, _, _ in pairs], "peer": [theirs for _, theirs, _ in pairs]}
    found: dict[str, Any] = {
        "what": row.what,
        "against": row.peer,
        "ratio": round(median(p["seconds"] / o["seconds"] for o, p, _ in pairs), 3),
        "target": row.target,
        "quality": row.quality,
        "pairs": len(pairs),
        "loads": [round(load, 2) for _, _, load in pairs],
    }
    for name, sides in both.items():
        found[f"{name}: s"] = round(median(side["seconds"] for side in sides), 4)
        found[f"{name}: quality"] = round(median(side["quality"] for side in sides), 6)
        found[f"{name}: each"] = [{key: side[key] for key in ("seconds", "quality", "encode")} for side in sides]
    found["worse"] = worse(row.quality, found["ours: quality"], found["peer: quality"])
    if row.encode:
        found["encode: ratio"] = round(median(p["encode"] / o["encode"] for o, p, _ in pairs), 3)
        found["encode: target"] = row.encode
        found |= {f"{name}: encode, s": median(side["encode"] for side in both[name]) for name in both}
    if "multiply_adds" in both["ours"][0]:
        shares = [share(o["multiply_adds"], o["items"], o["seconds"], o["peak"]) for o in both["ours"]]
        found["share of the float32 peak"] = round(median(shares), 3)
        found["peak, GFLOP/s"] = round(median(o["peak"] for o in both["ours"]), 1)
    if "parameters" in both["ours"][0]:
        found["parameters"] = {name: sides[0]["parameters"] for name, sides in both.items()}
    return found


def worse(quality: str, ours: float, theirs: float) -> bool:
    """Whether our test result is worse by more than the seeds of one side differ."""
    return ours < theirs * (1 - EQUAL) if quality == "auroc" else ours > theirs * (1 + EQUAL)
