"""How long it takes to find the nearest of many codes, exactly, beside scikit-learn's brute force.

python -m bench.neighbors

Codes are standard normal, in single precision; a query is one of them, moved a little. Each time is the median over the
queries. Both are checked to give the same rows.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

import latently

from .record import Run, options


def milliseconds(ask: Callable[[Any], Any], queries: np.ndarray) -> float:
    """The median over the queries, after a first one."""
    ask(queries[0])
    times: list[float] = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        times.append(1000 * (time.perf_counter() - started))
    return round(median(times), 2)


def main() -> None:
    given = options(__doc__)
    sizes = ((2_000, 16),) if given.quick else ((10_000, 64), (100_000, 64), (1_000_000, 64), (1_000_000, 16))
    repeats, k = (3, 10) if given.quick else (15, 10)
    assert (
        latently.Neighbors
    )  # loaded before PyTorch, whose threads then wait for one another as in a person's own program
    import torch

    torch.set_num_threads(given.threads)
    run = Run("neighbors", given, "numpy", "scikit-learn", k=k, queries=repeats, cores=os.cpu_count())
    with threadpool_limits(given.threads):
        for n, size in sizes:
            rng = np.random.default_rng(given.seed)
            codes = rng.standard_normal((n, size), dtype=np.float32)
            queries = codes[:repeats] + rng.normal(0, 0.1, (repeats, size)).astype(np.float32)
            started = time.perf_counter()
            ours = latently.Neighbors(codes)
            built = 1000 * (time.perf_counter() - started)
            theirs: Any = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(codes)
            for query in queries:
                assert (ours.near(query, k).rows == theirs.kneighbors(query[None])[1][0]).all()
            what = f"{n:,} codes of {size}"
            many = codes[: 3 if given.quick else 100] + np.float32(0.01)
            found: dict[str, Any] = {
                "ours, ms a query": milliseconds(lambda q, o=ours: o.near(q, k), queries),
                "scikit-learn brute, ms a query": milliseconds(lambda q, t=theirs: t.kneighbors(q[None]), queries),
                "ours, ms a query, many together": round(
                    milliseconds(lambda q, o=ours: o.near(q, k), many[None]) / len(many), 3
                ),
                "ours, ms to set up": round(built, 1),
            }
            run.found(**{f"{what}: {name}": value for name, value in found.items()})
    run.finish()


if __name__ == "__main__":
    main()
