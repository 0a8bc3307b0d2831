"""The scale of a column: mean, spread, bounds and step of its values, learned some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .columns import Column, Numbers
from .frames import integral

FARTHEST = np.finfo(np.float64).max
Parts = Callable[[], Iterable[Numbers]]

STEPS = (86400.0, 3600.0, 60.0, 1.0, 1e-6)  # seconds: a column of whole days is restored as whole days
RARE = 0.1  # of the cells: values that more of them hold are no stray ones
FEWEST = 10  # others, without which nothing is known about what is usual
STRETCH = 3  # times as large a scale as without them, from which stray cells are told
BEYOND = 10  # scales outside of what was seen; of what lies farther off only the logarithm counts
EQUAL = 1e-12  # of their size: numbers that differ by less differ by rounding
KINDS = ("number", "date")  # of columns that have a scale


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a group's columns, (F,) each: of the values within the bounds that were set.

    Parameters
    ----------
    count, gaps
        How many cells hold such a value, and how many none at all.
    low, high, mean
        Of the values; a column without any has infinite ones.
    squares
        The sum of squared distances from the mean.
    ends, inner
        How many cells hold the lowest value, and how many the highest; and the bounds of all others, (2, F) each.
    whole
        Whether all are whole numbers.
    steps
        Of the dates, by their place: those of `STEPS` whose multiples all are.
    """

    count: Numbers
    gaps: Numbers
    low: Numbers
    high: Numbers
    mean: Numbers
    squares: Numbers
    ends: Numbers
    inner: Numbers
    whole: NDArray[np.bool_]
    steps: dict[int, list[float]]

    @classmethod
    def among(cls, columns: Sequence[Column], parts: Parts, within: Numbers) -> Self:
        """Looks at all values twice: for the means, then for how far off them values are."""
        width = len(columns)
        count, gaps, total = np.zeros(width), np.zeros(width), np.zeros(width)
        low, high = np.full(width, np.inf), np.full(width, -np.inf)
        whole = np.ones(width, bool)
        steps: dict[int, list[float]] = {j: [*STEPS] for j, c in enumerate(columns) if c.kind == "date"}
        for values in parts():
            there = (within[0] <= values) & (values <= within[1])  # where a cell is missing neither holds
            count, gaps = count + there.sum(axis=0), gaps + np.isnan(values).sum(axis=0)
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
        inner = np.stack((np.full(width, np.inf), np.full(width, -np.inf)))
        for values in parts():
            there = (within[0] <= values) & (values <= within[1])
            squares += np.sum((values - mean) ** 2, axis=0, where=there)
            ends += [np.sum(values == end, axis=0) for end in (low, high)]
            between = (low < values) & (values < high)
            inner[0] = np.minimum(inner[0], np.min(values, axis=0, where=between, initial=np.inf))
            inner[1] = np.maximum(inner[1], np.max(values, axis=0, where=between, initial=-np.inf))
        return cls(count, gaps, low, high, mean, squares, ends, inner, whole, steps)

    def column(self, j: int, c: Column) -> Column:
        """A column with mean, scale, bounds and step of its values."""
        low, high = float(self.low[j]), float(self.high[j])
        c = replace(c, missing=bool(self.gaps[j]))
        if c.levels:
            return replace(c, low=0.0, high=float(c.levels - 1), step=1.0)
        spread = float(np.sqrt(self.squares[j] / self.count[j]))
        mean, scale = (low, 1.0) if low == high else (float(self.mean[j]), spread or high - low)  # tiny squares vanish
        # pandas makes floats of whole numbers where a cell is missing: what comes back is whole all the same
        whole = integral(c.dtype) is not None or (c.missing and bool(self.whole[j]))
        step = self.steps[j][0] if j in self.steps else float(whole)
        return replace(c, mean=mean, scale=scale, low=low, high=high, step=step)

    def strays(self, j: int, aside: int) -> tuple[bool, bool]:
        """Whether few cells hold a column's lowest, or highest, value, and its scale comes from them.

        `aside` is the number of those that were put aside before.
        """
        count, squares, mean = self.count[j], self.squares[j], self.mean[j]
        ends = np.array([self.low[j], self.high[j]])
        for tried in ((True, False), (False, True), (True, True)):
            many = self.ends[:, j] * tried
            others = count - many.sum()
            kept = ends[~np.array(tried)].tolist()
            low, high = min([self.inner[0, j], *kept]), max([self.inner[1, j], *kept])
            few = aside + many.sum() <= max(sum(tried), RARE * (aside + count))
            if not few or others < FEWEST or not high - low > EQUAL * max(abs(low), abs(high)):
                continue
            moved = (many * (mean - ends)).sum() / others  # their mean, from that of all
            rest = squares - (many * (ends - mean) ** 2).sum() - others * moved**2
            if rest < others * squares / count / STRETCH**2:
                return tried
        return False, False


def learn(columns: Sequence[Column], parts: Parts) -> tuple[list[Column], list[str]]:
    """The columns with mean, scale, bounds and step of their values, and what is to be said of those that have strays.

    The scale is that of the other cells where some few hold a value so far off that all others would look alike.

    Parameters
    ----------
    parts
        Gives the values, (n, G) some rows at a time; asked for twice, and twice more where cells were put aside.
    """
    within = np.stack((np.full(len(columns), -np.inf), np.full(len(columns), np.inf)))
    aside, told = [0] * len(columns), dict[int, list[str]]()
    while True:
        seen = Seen.among(columns, parts, within)
        found = {j: seen.strays(j, aside[j]) for j, c in enumerate(columns) if c.kind in KINDS}
        found = {j: which for j, which in found.items() if any(which)}
        if not found:
            break
        for j, (lowest, highest) in found.items():
            ends = ((lowest, seen.low[j], seen.ends[0, j]), (highest, seen.high[j], seen.ends[1, j]))
            cells = [(end, int(many)) for stray, end, many in ends if stray]
            told.setdefault(j, []).extend(_held(columns[j], *one) for one in cells)
            aside[j] += sum(many for _, many in cells)
            within[0, j] = np.nextafter(seen.low[j], np.inf) if lowest else within[0, j]
            within[1, j] = np.nextafter(seen.high[j], -np.inf) if highest else within[1, j]
    said = [
        f"column {columns[j].name!r}: {' and '.join(cells)}, so far from the others that the scale is learned without; "
        "where it is no true value, leave the cell empty."
        for j, cells in told.items()
    ]
    return [seen.column(j, c) for j, c in enumerate(columns)], said


def _held(column: Column, value: float, many: int) -> str:
    told = str(np.datetime64(int(value), "s")).partition("T")[0] if column.kind == "date" else f"{value:g}"
    return f"{'one cell holds' if many == 1 else f'{many:,} cells hold'} {told}"


def standardised(columns: Sequence[Column], values: Numbers) -> Numbers:
    r"""Cells (n, F) of these columns as numbers of one scale.

    .. math:: x = (v - \mathrm{mean}) / \mathrm{scale}

    and of what lies more than `BEYOND` scales outside of what was seen in the fit the logarithm: how much farther one
    is than another still counts, and a loss stays finite.

    >>> age = Column("age", "number", "Float64", mean=40.0, scale=10.0, low=20.0, high=60.0)
    >>> standardised([age], np.array([[50.0], [160.0], [1e6], [np.nan]])).round(1).ravel().tolist()
    [1.0, 12.0, 23.5, nan]
    """
    mean, scale, low, high = _facts(columns)
    x = (values - mean) / scale
    near = np.clip(x, (low - mean) / scale - BEYOND, (high - mean) / scale + BEYOND)
    far = np.clip(x - near, -FARTHEST, FARTHEST)
    return near + np.sign(far) * np.log1p(np.abs(far)) if np.any(np.abs(far) > 0) else x


def restored(columns: Sequence[Column], x: NDArray[Any]) -> Numbers:
    """The cells (n, F) that `standardised` made numbers, (..., F), kept within what was seen in the fit."""
    mean, scale, low, high = _facts(columns)
    return np.clip(np.asarray(x, np.float64) * scale + mean, low, high)


def _facts(columns: Sequence[Column]) -> Numbers:
    """Mean, scale and bounds of each: (4, F)."""
    return np.array([(c.mean, c.scale, c.low, c.high) for c in columns]).T
