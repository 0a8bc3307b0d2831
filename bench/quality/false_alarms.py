"""Whether a stated rate of false alarms is kept: on 20 tables of ADBench, at rates of .01, .05 and .1.

python -m bench.quality.false_alarms [--quick] [--splits 3]

Each model is fitted to normal rows, seven tenths of a table's; the others are fresh ones, of which a share of `rate` at
most should be flagged. Two things are drawn at random, the rows that calibrate (m) and the fresh ones (n), so the
share that is found differs from the rate with a standard error of

    sqrt(rate (1 - rate) (1 / n + 1 / m))

A rate that m rows cannot keep, below 1 / (m + 1), is left out. A table is within error where its share is at most two
standard errors above the rate.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import train_test_split

import latently

from ..data import tables
from ..record import keep_rows, options

RATES = (0.01, 0.05, 0.1)
MODELS: dict[str, Callable[..., Any]] = {"AnomalyDetector": latently.AnomalyDetector, "AE": latently.AE}


def main() -> None:
    given = options(__doc__, splits={"type": int, "default": 3}, models={"default": ",".join(MODELS)})
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    for name in given.models.split(","):
        found = {"splits": given.splits, **summary(list(shares(MODELS[name], given.splits, given.quick)))}
        print(name, found, flush=True)
        keep_rows("quality-false-alarms", {name: found}, "torch", quick=given.quick)


def shares(make: Callable[..., Any], splits: int, quick: bool) -> Any:
    """Table, rate, share of the fresh normal rows that is flagged, n, m: of each table and split."""
    for table, X, y, T, t in tables(quick=quick):
        normal = np.concatenate([X[y == 0], T[t == 0]])
        for seed in range(splits):
            known, fresh = train_test_split(normal, test_size=0.3, random_state=seed)
            model = make(seed=seed).fit(known)
            p = model.p_values(fresh)
            for rate in RATES:
                if rate * (len(model.calibration_) + 1) >= 1:
                    yield table, rate, float((p <= rate).mean()), len(fresh), len(model.calibration_)


def summary(found: list[tuple[str, float, float, int, int]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for rate in RATES:
        share, n, m = (np.array([row[at] for row in found if row[1] == rate]) for at in (2, 3, 4))
        error = np.sqrt(rate * (1 - rate) * (1 / n + 1 / m))
        of = np.array([row[0] for row in found if row[1] == rate])
        each = {name: round(float(share[of == name].mean()), 4) for name in dict.fromkeys(of.tolist())}
        result[f"rate {rate:g}"] = {
            "mean share": round(float(share.mean()), 4),
            "within two standard errors": f"{int((share <= rate + 2 * error).sum())} of {len(share)}",
            "most standard errors above": round(float(((share - rate) / error).max()), 2),
            "tables": each,
        }
    return result


if __name__ == "__main__":
    main()
