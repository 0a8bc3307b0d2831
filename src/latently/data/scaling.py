"""The scale of a column: mean, spread, bounds and step of its values, learned some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .columns import Column, Numbers
from .frames import integral

STEPS = (86400.0, 3600.0, 60.0, 1.0, 1e-6)  # seconds: a column of whole days is restored as whole days
RARE = 0.01  # a value that more of the cells hold is no stray one
STRETCH = 10  # times as large a scale as without them, from which stray cells are told


def learn(columns: Sequence[Column], parts: Callable[[], Iterable[Numbers]]) -> tuple[list[Column], list[str]]:
    """The columns with mean, scale, bounds and step of their values, and what is to be said of those that have strays.

    Parameters
    ----------
    parts
        Gives the values, (n, G) some rows at a time; asked twice: for the means, then for how far off them values are.
    """
    width = len(columns)
    count, gaps, total = np.zeros(width), np.zeros(width), np.zeros(width)
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    whole = np.ones(width, bool)
    steps: dict[int, list[float]] = {j: [*STEPS] for j, c in enumerate(columns) if c.kind == "date"}
    for values in parts():
        there = ~np.isnan(values)
        count, gaps = count + there.sum(axis=0), gaps + (~there).sum(axis=0)
        low = np.minimum(low, np.min(values, axis=0, where=there, initial=np.inf))
        high = np.maximum(high, np.max(values, axis=0, where=there, initial=-np.inf))
        total += np.sum(values, axis=0, where=there)
        whole &= np.all((values == np.rint(values)) | ~there, axis=0)
        for j in steps:
            seconds = values[there[:, j], j]
            steps[j] = [s for s in steps[j] if s == STEPS[-1] or not np.any(seconds % s)]
    count = np.maximum(count, 1)
    mean: Numbers = total / count
    squares, ends = np.zeros(width), np.zeros((2, width))
    for values in parts():
        squares += np.sum((values - mean) ** 2, axis=0, where=~np.isnan(values))
        ends += [np.sum(values == end, axis=0) for end in (low, high)]
    spread: Numbers = np.sqrt(squares / count)
    constant: NDArray[np.bool_] = low == high
    scale = np.where(spread > 0, spread, high - low)  # the squares of tiny values vanish
    mean, scale = np.where(constant, low, mean), np.where(constant, 1.0, scale)
    learned: list[Column] = []
    for j, c in enumerate(columns):
        c = replace(c, missing=bool(gaps[j]))
        if c.levels:
            learned.append(replace(c, low=0.0, high=float(c.levels - 1), step=1.0))
            continue
        # pandas makes floats of whole numbers where a cell is missing: what comes back is whole all the same
        step = steps[j][0] if j in steps else float(integral(c.dtype) is not None or (c.missing and bool(whole[j])))
        facts = {key: float(v[j]) for key, v in (("mean", mean), ("scale", scale), ("low", low), ("high", high))}
        learned.append(replace(c, **facts, step=step))
    return learned, _strays(learned, count, squares, ends)


def _strays(columns: Sequence[Column], count: Numbers, squares: Numbers, ends: Numbers) -> list[str]:
    """A sentence on each column whose scale comes from its lowest or its highest value, which few cells hold.

    Parameters
    ----------
    count, squares
        How many cells there are, and the sum of their squared distances from the mean, (F,).
    ends
        How many of them hold the lowest value, and the highest one, (2, F).
    """
    said: list[str] = []
    for j, c in enumerate(columns):
        for end, many in zip((c.low, c.high), ends[:, j].tolist(), strict=True):
            if c.kind != "number" or not 0 < many <= max(1, RARE * count[j]) or many == count[j]:
                continue
            others = count[j] - many
            rest = squares[j] - many * (end - c.mean) ** 2 * count[j] / others  # about a mean of their own
            if 1e-12 * squares[j] < rest < others * (c.scale / STRETCH) ** 2:
                cells = "one cell holds" if many == 1 else f"{many:.0f} cells hold"
                said.append(
                    f"column {c.name!r}: {cells} {end:g}, so far from the others that these look alike to a model; "
                    "where it is no true value, leave the cell empty."
                )
    return said
