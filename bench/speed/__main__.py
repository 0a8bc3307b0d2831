"""How fast we train and encode beside Keras, pythae and PyOD, at which test loss; one table, and results/speed.json.

python -m bench.speed [ROW ...] [--pairs 3] [--epochs N] [--threads 2] [--quick] [--alone]

Both sides have the same network, data, batches of 256, Adam at 1e-3, epochs and threads, each in a process of its own;
the processes alternate: ours, the peer's, ours, ... The first epoch of each is a warm-up and not counted. A pair's
ratio is the peer's median epoch over ours; the row's is the median over the pairs. The test result is computed by the
same formula on the same 10,000 test digits; where ours is worse by more than half a percent, the row says so and does
not count as won. Rows with a squared error: Keras minimises it as it is, ours is judged by a normal distribution whose
sigma follows the errors, and both are compared by their squared error after equally many epochs. `encode` is
`transform` of the bytes against Keras' `predict` of ready floats in batches of 4,096. The share of the peak counts
three forward passes of multiply-adds a step, against a product of two float32 matrices in the same process.

The anomaly tables are fitted on one thread, ours at its defaults and as long as PyOD's, and compared by the mean AUROC.

A row is kept as soon as it is measured, with date, versions and load; the others stay. Peers: python -m bench.peers
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

import latently

from .. import peers
from ..record import keep_rows
from .pairs import SideError, alternate, summary
from .protocol import Told
from .rows import ROWS
from .table import plain


def available() -> list[str]:
    """The rows whose model there is."""
    return [name for name, row in ROWS.items() if hasattr(latently, row.model)]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(available())}; all where none is named")
    parser.add_argument("--pairs", type=int, default=3, help="how often both sides run")
    parser.add_argument("--epochs", type=int, help="of each side; by default what suits the row")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="few items, one pair: only to see that it runs")
    parser.add_argument("--alone", action="store_true", help="our side alone; prints its seconds and keeps nothing")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(available()):
        parser.error(f"{', '.join(sorted(unknown))}: a row is one of {', '.join(available())}")
    return given


def measure(name: str, given: argparse.Namespace) -> dict[str, Any] | None:
    """One row, said as it comes; None where our side ran alone."""
    row = ROWS[name]
    epochs = given.epochs or (2 if given.quick else row.epochs)
    threads = row.threads or given.threads
    told = [Told(name, epochs, threads, seed, given.quick) for seed in range(1 if given.quick else given.pairs)]
    pairs = list[Any]()
    for ours, theirs, load in alternate(told, alone=given.alone):
        beside = "" if theirs is None else f", {row.peer} {theirs['seconds']:.4g} s, {theirs['quality']:.5g}"
        print(f"{name}: ours {ours['seconds']:.4g} s, {ours['quality']:.5g}{beside} (load {load:.1f})", flush=True)
        pairs.append((ours, theirs, load))
    if given.alone:
        return None
    conditions = {"epochs": epochs, "threads": threads, "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY")}
    return {**summary(row, pairs), **conditions, "peer versions": peers.versions(row.peer)}


def main() -> None:
    given = options()
    kept, failed = dict[str, Any](), list[str]()
    for name in given.rows or available():
        peer = ROWS[name].peer
        if not given.alone and peers.python(peer) is None:
            failed.append(f"{name}: left out, for {peer} is not installed; python -m bench.peers {peer}")
            continue
        try:
            found = measure(name, given)
        except SideError as error:
            failed.append(f"{name}: {error}")
            continue
        if found:
            kept = keep_rows("speed", {name: found}, "torch", quick=given.quick)
    if kept:
        print(f"\n{plain(kept)}")
    for reason in failed:
        print(reason, file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
