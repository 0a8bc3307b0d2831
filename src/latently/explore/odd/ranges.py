"""When a series was odd: what its windows say of each step, and the stretches of time that flagged windows cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from ...data import SeriesSource
from ...data.columns import free
from ...data.frames import in_library
from ...data.packed import packed
from ...data.spill import rows
from ...estimator import passes
from .. import tables

BESIDE = 0.1  # of the surprise of the oddest step within a window: what is less may be its doing
PLAIN = 4.5  # nats from which a part is odd: three standard deviations, a level a ninetieth as likely as the likeliest

Array = NDArray[Any]
_FILTERS: Any = ndimage  # SciPy carries no types


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time that flagged windows cover.

    Parameters
    ----------
    first, last
        Its rows in the series, both among them.
    oddest
        The place of the oddest window that covers it.
    score, p_value
        Of that window.
    """

    first: int
    last: int
    oddest: int
    score: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A series beside what a model expected of it.

    Parameters
    ----------
    source
        Its windows.
    columns
        The F columns that the model sees.
    found, expected
        (N, F) in the units of the data: what is there, and the mean of what is restored by the windows that cover a
        step; NaN where none does.
    surprise
        (N, F) in nats, their mean likewise.
    ranges
        When it was odd, the oddest first.
    """

    source: SeriesSource
    columns: Sequence[str]
    found: NDArray[np.float64]
    expected: NDArray[np.float64]
    surprise: NDArray[np.float64]
    ranges: Sequence[Range]

    @classmethod
    def of(cls, model: Any, source: SeriesSource) -> Self:
        """What a model says of each step; nothing is flagged yet."""
        surprise, expected = np.moveaxis(source.averaged(_seen(model, source)), 1, 0)
        return cls(
            source,
            tables.names(model),
            source.steps.values[:, model.codec_.places(source)],
            model.codec_.restore(expected[None])[0],
            surprise,
            [],
        )

    def flagged(self, scores: Array, p: Array, flagged: Array) -> Self:
        """The same with the ranges of the flagged ones of its windows."""
        odd = self.surprise.sum(1)
        ranges = [
            _range(self.source, begin + first, begin + last, scores, p, flagged)
            for begin, end in _runs(self.source, flagged)
            for first, last in _parted(odd[begin : end + 1], self.source.window)
        ]
        return replace(self, ranges=sorted(ranges, key=lambda one: one.score))

    @property
    def oddest(self) -> list[int]:
        """The oddest window of each range."""
        return [one.oddest for one in self.ranges]

    def outline(self, values: Array, group: int, parts: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Through which rows of series `group` a line of `values` (N,) is drawn, and at which of them it begins anew.

        All of them; of more than two for each of `parts` the least and the most of each part, in their order, and a
        missing one of a part where nothing is known.
        """
        rows = np.flatnonzero(self.source.steps.group == group)
        stretch = np.cumsum(np.isin(rows, self.source.steps.begins(self.source.window)))
        if len(rows) > 2 * parts:
            missing = np.isnan(values[rows])
            ends = [
                part[pick(np.where(missing[part], never, values[rows[part]]))]
                for part in np.array_split(np.arange(len(rows)), parts)
                for pick, never in ((np.argmin, np.inf), (np.argmax, -np.inf))
            ]
            kept = np.unique(ends)
            rows, stretch = rows[kept], stretch[kept]
        return rows, np.diff(stretch, prepend=stretch[:1]) > 0

    def table(self, why: Mapping[int, str]) -> Any:
        """The ranges: rank, series if there are several, start, end, score, p_value, why.

        A DataFrame of the library that the series came in, of polars where it was an array or in a file. The names of
        ours stay, which programs read by them: a column of series that has one is told as "score series".
        """
        import polars as pl

        steps, series = self.source.steps, self.source.series
        first, last = ([getattr(one, name) for one in self.ranges] for name in ("first", "last"))
        told = {
            "start": steps.times[first],
            "end": steps.times[last],
            "score": [one.score for one in self.ranges],
            "p_value": [one.p_value for one in self.ranges],
            "why": [why.get(one.oddest, "") for one in self.ranges],
        }
        rank: dict[str, Any] = {"rank": range(1, len(self.ranges) + 1)}
        if series:
            name = str(self.source.reading.series)
            of = f"{name} series" if name in told | rank else name
            rank |= {of: [series[g] for g in steps.group[first]]}
        types = {"rank": pl.Int64, "score": pl.Float64, "p_value": pl.Float64, "why": pl.String}
        return in_library(pl.DataFrame(rank | told, schema_overrides=types), self.source.container)

    def points(self) -> Any:
        """Every step: its time, what was found and expected, and the surprise in nats; a frame as `table` gives."""
        import polars as pl

        columns = self.source.when(beside=self.columns)
        taken = {*columns, *self.columns}
        for j, name in enumerate(self.columns):
            columns[name] = self.found[:, j]
            for what, said in (("expected", self.expected), ("surprise", self.surprise)):
                columns[free(f"{name} {what}", taken)] = said[:, j]
        return in_library(pl.DataFrame(columns).fill_nan(None), self.source.container)


def surprises(model: Any, source: SeriesSource) -> Array:
    """What each step of each window was to the model: (n, T, 2, F), its surprise in nats and what was expected.

    The latter standardised, as the network writes it.
    """
    model = getattr(model, "over_", model)  # of a detector: to its model

    def use(x: Tensor, label: Tensor | None) -> Tensor:
        module = model.module_
        code = module.encode(x)
        out = module.write(code.mean, module.label(x, code) if label is None else label, code.memory)
        return torch.stack((module.likelihood.surprise(x, out), module.likelihood.mean(out)), 2)

    return passes.run(model.module_, packed(model.codec_.pack(source)), use)


def _seen(model: Any, source: SeriesSource) -> Any:
    for part in source.parts(rows(model.codec_)):
        yield part, surprises(model, part)


def _runs(source: SeriesSource, flagged: Array) -> list[tuple[int, int]]:
    """The first and last row of each stretch that flagged windows cover without a break."""
    covered = source.cover(flagged) > 0
    parted = np.zeros(len(covered), bool)
    parted[source.steps.begins(source.window)] = True
    inside = np.concatenate([[False], covered[1:] & covered[:-1] & ~parted[1:]])  # goes on from the row before
    return [
        (int(run[0]), int(run[-1]))
        for run in np.split(np.arange(len(covered)), np.flatnonzero(~inside)[1:])
        if covered[run[0]]
    ]


def _parted(surprise: Array, window: int) -> list[tuple[int, int]]:
    """The first and last odd steps of a run of flagged windows, (n,) nats; where some lie a window apart, each part's.

    One odd step spoils what is restored of all windows that it is in: beside it a tenth as much is none of its own.

    >>> odd = np.zeros(40); odd[[3, 5, 30]] = 90.0, 20.0, 8.0; odd[4] = 6.0
    >>> _parted(odd, 8), _parted(np.ones(9), 8)
    ([(3, 5), (30, 30)], [(0, 8)])
    """
    most: Array = _FILTERS.maximum_filter1d(surprise, 2 * window - 1, mode="constant")
    odd = np.flatnonzero(surprise >= np.maximum(PLAIN, BESIDE * most))
    parts = np.split(odd, np.flatnonzero(np.diff(odd) >= window) + 1) if len(odd) else [np.arange(len(surprise))]
    return [(int(part[0]), int(part[-1])) for part in parts]


def _range(source: SeriesSource, first: int, last: int, scores: Array, p: Array, flagged: Array) -> Range:
    """Those rows, with the oddest flagged window that has one of them."""
    within = np.flatnonzero(flagged & (source.starts <= last) & (source.starts + source.window > first))
    oddest = int(within[scores[within].argmin()])
    return Range(first, last, oddest, float(scores[oddest]), float(p[oddest]))
