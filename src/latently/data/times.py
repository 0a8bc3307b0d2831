"""The times of a series: read, put in order, parted at gaps, brought to even steps, written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

EVEN = 0.1  # a step that differs by less from the usual one is one like it: months have 28 to 31 days
USUAL = 95  # per cent of the steps that are no gap, whatever their length: markets rest at weekends
QUARTER = 4  # a gap takes more than a fourth of a window, so that a single missing row parts nothing
GRID = 10  # times as many even steps as rows, at most: of more nearly all are missing
_UNITS = (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0))

Times = NDArray[Any]  # (N,) datetime64[us], or float64 where times are plain numbers
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The rows of one series, or of several one after the other.

    Parameters
    ----------
    times
        (N,) in the order of the data.
    values
        (N, F) what was measured, NaN where it is not known.
    group
        (N,) which series each row is of, counted from 0.
    """

    times: Times
    values: Numbers
    group: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.times)

    def picked(self, rows: Any) -> Self:
        """Those rows."""
        return replace(self, times=self.times[rows], values=self.values[rows], group=self.group[rows])

    @property
    def lengths(self) -> Numbers:
        """(N - 1,) from each row to the next, in seconds or as the numbers are; NaN between two series."""
        return np.where(np.diff(self.group) == 0, np.diff(ticks(self.times)), np.nan)

    def ordered(self) -> tuple[Self, bool]:
        """Series after series, each in the order of its times; and whether that changed the order of any."""
        order = np.lexsort((ticks(self.times), self.group))
        moved = bool((self.picked(np.argsort(self.group, kind="stable")).lengths < 0).any())
        return self.picked(order), moved

    def single(self) -> tuple[Self, int]:
        """One row a time, the mean of what is known of those that share it; and how many rows had shared one.

        >>> both = Steps(np.array([0.0, 1.0, 1.0]), np.array([[5.0], [2.0], [4.0]]), np.zeros(3, int))
        >>> both.single()[0].values.tolist(), both.single()[1]
        ([[5.0], [3.0]], 1)
        """
        again = np.concatenate([[False], self.lengths == 0])
        if not again.any():
            return self, 0
        return self.merged(np.cumsum(~again) - 1, self.times[~again], self.group[~again]), int(again.sum())

    def merged(self, place: NDArray[np.intp], times: Times, group: NDArray[np.intp]) -> Self:
        """Rows of `times`, each the mean of what is known of the rows whose `place` (N,) it is; NaN where none is."""
        known = ~np.isnan(self.values)
        total, count = np.zeros((2, len(times), self.values.shape[1]))
        np.add.at(total, place, np.where(known, self.values, 0.0))
        np.add.at(count, place, known)
        with np.errstate(invalid="ignore"):
            return replace(self, times=times, values=total / count, group=group)

    def usual(self) -> float:
        """The median step, in seconds or as the numbers are; 0 where there is no step at all."""
        lengths = self.lengths
        return float(np.nanmedian(lengths)) if np.isfinite(lengths).any() else 0.0

    def begins(self, window: int) -> NDArray[np.intp]:
        """The first row of each stretch without a gap: behind a step that is longer than a fourth of a window of usual
        ones, and than twice what 95 in 100 steps keep to."""
        lengths = self.lengths
        most = 0.0
        if np.isfinite(lengths).any():
            most = max(window / QUARTER * self.usual(), 2 * float(np.nanpercentile(lengths, USUAL)))
        parted = np.isnan(lengths) | (lengths > most)
        return np.flatnonzero(np.concatenate([[True], parted]))

    def uneven(self, begins: NDArray[np.intp], *, rhythm: bool = False) -> int:
        """How many steps inside stretches are not like the usual one; with `rhythm` nor like one in twenty others.

        >>> week = Steps(np.cumsum([0.0, 1, 1, 1, 1, 3, 1, 1, 1, 1, 3, 1]), np.zeros((12, 1)), np.zeros(12, int))
        >>> week.uneven(np.array([0])), week.uneven(np.array([0]), rhythm=True)
        (2, 0)
        """
        inside = np.delete(self.lengths, begins[1:] - 1)
        odd = inside[np.abs(inside - self.usual()) > EVEN * self.usual()]
        if not rhythm:
            return len(odd)
        rising = np.sort(inside)
        alike = np.searchsorted(rising, odd * (1 + EVEN), "right") - np.searchsorted(rising, odd * (1 - EVEN), "left")
        return int((alike < len(inside) * (100 - USUAL) / 100).sum())

    def resampled(self, begins: NDArray[np.intp]) -> tuple[Self, NDArray[np.intp]]:
        """Each stretch at even steps of the usual length, the mean of the rows nearest to each, NaN where none is; and
        where stretches begin.

        >>> steps = Steps(np.array([0.0, 1.0, 2.1, 4.0]), np.array([[1.0], [2], [3], [4]]), np.zeros(4, int))
        >>> even, _ = steps.resampled(np.array([0]))
        >>> even.times.tolist(), even.values[:, 0].tolist()
        ([0.0, 1.1, 2.2, 3.3000000000000003, 4.4], [1.0, 2.0, 3.0, nan, 4.0])

        Raises
        ------
        InputError
            There would be more than ten times as many steps as rows.
        """
        step, places = self.usual(), np.empty(len(self), np.intp)
        self._check_grid(begins, step)
        times: list[Times] = []
        group: list[NDArray[np.intp]] = []
        starts, done = list[int](), 0
        for first, last in zip(begins, [*begins[1:], len(self)], strict=True):
            away = np.rint((ticks(self.times[first:last]) - ticks(self.times[first : first + 1])) / step).astype(int)
            places[first:last] = done + away
            grid = np.arange(int(away[-1]) + 1, dtype=np.float64) * step
            starts.append(done)
            times.append(self.times[first] + (grid if self.times.dtype.kind == "f" else _micros(grid)))
            group.append(np.full(len(grid), self.group[first]))
            done += len(grid)
        return self.merged(places, np.concatenate(times), np.concatenate(group)), np.array(starts)

    def _check_grid(self, begins: NDArray[np.intp], step: float) -> None:
        """Refuses steps so short beside some that nearly all would be missing, and have no room in memory."""
        stamps = ticks(self.times)
        count = float(((stamps[np.append(begins[1:], len(self)) - 1] - stamps[begins]) / step + 1).sum())
        if count > GRID * len(self):
            usual, longest = (spoken(s, self.times) for s in (step, np.delete(self.lengths, begins[1:] - 1).max()))
            raise InputError(
                f"resample=True would make {count:,.0f} steps of {usual} of {len(self):,} rows, for some are {longest} "
                f"apart; at most {GRID} times as many steps as rows are made: leave resample out."
            )


def ticks(times: Times) -> Numbers:
    """Times as seconds since 1970, or as the numbers they are; NaN where one is missing."""
    if times.dtype.kind == "f":
        return times
    return np.where(np.isnat(times), np.nan, times.astype("datetime64[us]").astype(np.float64) / 1e6)


def _micros(seconds: Numbers) -> NDArray[Any]:
    return np.rint(seconds * 1e6).astype(np.int64).astype("timedelta64[us]")


def times_of(series: nw.Series[Any]) -> Times:
    """A column as times, NaT or NaN where a cell is missing: dates, times of day with their dates, texts of them, or
    plain numbers such as years; times with a zone as UTC.

    Raises
    ------
    InputError
        The column holds none of them.
    """
    dtype = series.dtype
    try:
        if dtype == nw.String:
            series = series.str.to_datetime()
        if isinstance(series.dtype, nw.Date | nw.Datetime):
            missing = series.is_null().to_numpy()
            stamps = np.asarray(series.dt.timestamp("us").fill_null(0).to_numpy()).astype("datetime64[us]")
            return np.where(missing, np.datetime64("NaT"), stamps)
        if dtype.is_numeric():
            return np.asarray(series.cast(nw.Float64).to_numpy(), np.float64)
    except Exception as error:  # each library has errors of its own
        reason = f" ({str(error).strip().splitlines()[0][:120]})"
        raise InputError(
            f"column {series.name!r} ({dtype}) cannot be read as times{reason}; write them as 2024-05-31 14:30:00."
        ) from error
    raise InputError(
        f"column {series.name!r} ({dtype}) holds no times; name one of dates, times or numbers with time=."
    )


def written(times: Times) -> NDArray[np.str_]:
    """Times as text, all as exact as the most exact of them.

    >>> written(np.array(["2024-05-01T00:00", "2024-05-01T12:30"], "M8[us]")).tolist()
    ['2024-05-01 00:00', '2024-05-01 12:30']
    >>> written(np.array([3.0, 2.5])).tolist()
    ['3', '2.5']
    """
    if times.dtype.kind == "f":
        return np.array([f"{time:.12g}" for time in times.tolist()])
    for unit in ("D", "m", "s"):
        shorter = times.astype(f"datetime64[{unit}]")
        if (shorter == times).all():
            times = shorter
            break
    return np.strings.replace(np.datetime_as_string(times), "T", " ")


def spoken(length: float, times: Times) -> str:
    """How long a step is, in words.

    >>> spoken(5400, np.array(["2024"], "M8[us]")), spoken(86400, np.array(["2024"], "M8[us]")), spoken(2, np.zeros(1))
    ('1.5 hours', '1 day', '2')
    """
    if times.dtype.kind == "f":
        return f"{length:.4g}"
    unit, size = next(((u, s) for u, s in _UNITS if length >= s and round(length / s, 1) * s == length), _UNITS[-1])
    count = f"{length / size:.4g}"
    return f"{count} {unit}{'s' * (count != '1')}"
