"""Series: numbers over time, cut into windows of equally many steps, each of which is an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self

import narwhals as nw
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Kind
from .columns import Column, few, read
from .frames import numeric
from .source import Name, Reading, Rows, Source
from .tables import TableSource
from .texts import named
from .times import Steps, Times, spoken, ticks, times_of, written

if TYPE_CHECKING:
    from torch import Tensor

WINDOW = 48  # steps of a window where nobody said, or a tenth of the rows where that is fewer, at least 4
SHARED = 0.1  # of the rows: where more share a time with another they are of several series
BLOCKS = 10  # stretches of windows that are held out at most
_LEAST = {"window": 2, "step": 1}
_EXAMPLE = {"time": "timestamp", "series": "shop"}


class SeriesSource(Source):
    """Windows of a series.

    All windows share the one array of steps, whether they overlap or not; slices pick windows.

    Parameters
    ----------
    steps
        The rows that windows are cut from.
    starts
        (n,) the row at which each window begins.
    window
        T, how many rows each takes.
    columns
        The names of the F numbers of a row.
    series
        The names of the series, where there are several.
    timed
        Whether the rows have times.
    reading
        What was asked of `open`.
    """

    kind: ClassVar[Kind] = "series"

    def __init__(
        self,
        steps: Steps,
        starts: NDArray[np.intp],
        window: int,
        columns: Sequence[Name],
        *,
        series: Sequence[str] = (),
        timed: bool = True,
        reading: Reading | None = None,
        **common: Any,
    ) -> None:
        super().__init__(len(starts), **common | {"names": starts})
        self.steps, self.starts, self.window, self.columns = steps, starts, window, [*columns]
        self.series, self.timed, self.reading = [*series], timed, reading or Reading()

    @property
    def summary(self) -> str:
        n, F = len(self), len(self.columns)
        of = f", of {len(self.series)} series" if self.series else ""
        return f"{n} window{'s' * (n != 1)} of {self.window} steps, {F} number{'s' * (F != 1)} each{of}"

    @property
    def data(self) -> NDArray[np.float64]:
        """The windows, (n, T, F), NaN where a cell is missing."""
        return sliding_window_view(self.steps.values, self.window, axis=0)[self.starts].transpose(0, 2, 1)

    @property
    def names(self) -> list[str]:
        """The first and the last time of each window; behind the name of its series where there are several."""
        first, last = (written(self.steps.times[self.starts + at]) for at in (0, self.window - 1))
        if not self.timed:  # windows that were handed over: nobody knows when they were
            return [str(i) for i in range(len(self))]
        spans = [f"{a} to {b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        if not self.series:
            return spans
        return [f"{self.series[g]}: {s}" for g, s in zip(self.steps.group[self.starts].tolist(), spans, strict=True)]

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        raise AttributeError("the names of windows are their times")

    def name(self, row: int) -> str:
        return self[row : row + 1].names[0]

    def _picked(self, rows: Rows, picked: NDArray[Any]) -> NDArray[Any]:
        return picked

    def __getitem__(self, rows: Rows) -> Self:
        return type(self)(
            self.steps,
            self.starts[rows],
            self.window,
            self.columns,
            series=self.series,
            timed=self.timed,
            reading=self.reading,
            **self.chosen(rows),
        )

    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        yield "values", self.steps.values
        yield "times", self.steps.times.view(np.int64)
        yield f"windows of {self.window}", self.starts

    def split(self, share: float, seed: int) -> tuple[Tensor, Tensor]:
        """Held-out windows stand together in a few stretches, and none that is trained on has a step of theirs.

        Windows overlap: of windows drawn one by one each would have neighbours among those that the model learned by
        heart, and held-out ones would seem as normal as those.
        """
        import torch

        n = len(self)
        order = np.argsort(self.starts, kind="stable")
        blocks = int(np.clip(share * n / self._apart(order) / 3, 1, BLOCKS)) if n >= 10 and share > 0 else 0
        parts = np.array_split(order, max(2, round(blocks / share))) if blocks else [order]
        chosen = np.random.default_rng(seed).permutation(len(parts))[:blocks]
        held = np.sort(np.concatenate([order[:0], *(parts[i] for i in chosen)]))
        before = np.concatenate([[0], np.cumsum(self.cover(held) > 0)])
        free = before[self.starts + self.window] == before[self.starts]
        if not free.any():  # so few that none would be left
            return torch.arange(n), torch.arange(0)
        return torch.from_numpy(np.flatnonzero(free)), torch.from_numpy(held)  # pyright: ignore[reportUnknownMemberType]

    def _apart(self, order: NDArray[np.intp]) -> float:
        """How many windows share a step with one."""
        hops = np.diff(self.starts[order])
        return max(1.0, self.window / max(1.0, float(np.median(hops)))) if len(hops) else 1.0

    def cover(self, windows: Any = slice(None)) -> NDArray[np.int64]:
        """How many of those windows cover each step: (N,)."""
        change = np.zeros(len(self.steps) + 1, np.int64)
        np.add.at(change, self.starts[windows], 1)
        np.add.at(change, self.starts[windows] + self.window, -1)
        return np.cumsum(change[:-1])

    def averaged(self, parts: Iterable[tuple[SeriesSource, NDArray[Any]]]) -> NDArray[np.float64]:
        """What is said of the steps of windows (n, T, ...), of each step: (N, ...), the mean over those that cover it.

        NaN where none does. `parts` are this source's, each with what is said of its windows.
        """
        total: Any = 0.0
        for part, said in parts:
            if isinstance(total, float):
                total = np.zeros((len(self.steps), *said.shape[2:]))
            for at in range(self.window):  # no two windows begin at one row
                total[part.starts + at] += said[:, at]
        with np.errstate(invalid="ignore"):
            return total / self.cover().reshape(-1, *[1] * (total.ndim - 1))

    def joined(self, windows: NDArray[Any]) -> Any:
        """Windows (n, T, F) such as `reconstruct` gives as one series again, each step the mean of what the windows
        that cover it say of it: a polars DataFrame of the times and the columns; missing where no window is.

        >>> import latently
        >>> source = latently.open(np.arange(6.0)[:, None], window=4)
        >>> source.joined(source.data)["0"].to_list()
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
        """
        import polars as pl

        found = self.averaged([(self, np.asarray(windows, np.float64))]).T
        return pl.DataFrame(self.when() | {str(name): v for name, v in zip(self.columns, found, strict=True)}).fill_nan(
            None
        )

    def when(self, rows: Any = slice(None)) -> dict[str, Any]:
        """The columns that say when, and of which series, those rows of the steps are."""
        times = self.steps.times[rows]
        given = {str(self.reading.time or "time"): times}
        if not self.series:
            return given
        return {str(self.reading.series or "series"): [self.series[g] for g in self.steps.group[rows]], **given}


def source_of_table(table: TableSource, reading: Reading) -> SeriesSource:
    """The windows of a table whose rows are steps, one after the other or told by a column of times.

    Raises
    ------
    InputError
        A column is not there or holds no times, no column holds numbers, times are repeated, or no stretch between
        gaps is as long as a window.
    """
    if table.labels is not None:
        raise InputError("labels of a series are one a window, not one a row; name the column of several series with series=COLUMN.")
    notes: list[str] = []
    reading = replace(reading, time=_time(table, reading.time))
    columns = _columns(table, reading, notes)
    steps, series = _steps(table, columns, reading, notes)
    window = reading.window or max(4, min(WINDOW, len(steps) // 10))
    begins, said = steps.begins(window), f"{spoken(steps.usual(), steps.times)}"
    if reading.resample and steps.uneven(begins):
        steps, begins = steps.resampled(begins)
        notes.append(f"The rows were brought to even steps of {said}; a step without a row is missing.")
    elif uneven := steps.uneven(begins):
        notes.append(
            f"{uneven} of {len(steps) - 1} steps are not of {said} like the others; windows count rows, whatever the "
            "time between them, and resample=True brings them to even steps."
        )
    if gaps := len(begins) - max(1, len(series)):
        notes.append(f"{gaps} gap{'s' * (gaps > 1)} without rows part{'s' * (gaps == 1)} the series; no window spans one.")
    starts = _starts(steps, begins, window, reading.step or 1, notes)
    reading = replace(reading, window=window, step=reading.step or 1)
    common = table.chosen(slice(0)) | {"labels": np.array(series)[steps.group[starts]] if series else None}
    source = SeriesSource(steps, starts, window, columns, series=series, reading=reading, **common)
    for note in notes:
        source.say(note)
    return source


def source_of_windows(windows: Any, reading: Reading, **common: Any) -> SeriesSource:
    """The source of windows (n, T, F), such as models restore and draw."""
    given = np.asarray(windows, np.float64)
    if not given.size or np.isinf(given).any():
        raise InputError(
            f"windows of shape {' x '.join(map(str, given.shape))} were given; give finite numbers (windows, steps, "
            "columns), NaN where one is missing."
        )
    n, window = given.shape[:2]
    values = given.reshape(n * window, -1)
    names = [str(j) for j in range(values.shape[1])]
    steps = Steps(np.tile(np.arange(float(window)), n), values, np.repeat(np.arange(n), window))
    return SeriesSource(steps, np.arange(n) * window, window, names, timed=False, reading=reading, **common)


def asked(time: Any, window: Any, step: Any, series: Any, resample: Any) -> dict[str, Any]:
    """How a series is to be read, checked: fields of `Reading`.

    Raises
    ------
    InputError
        One of the options is not allowed; the message says what is.
    """
    for key, value in (("time", time), ("series", series)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | Integral)):
            raise InputError(f"{key}={value!r} is not the name of a column; give one, such as {key}='{_EXAMPLE[key]}'.")
    for key, value in (("window", window), ("step", step)):
        if value is not None and not (
            isinstance(value, Integral) and not isinstance(value, bool) and _LEAST[key] <= value < 2**31
        ):
            raise InputError(f"{key}={value!r} is not allowed; it is a whole number of rows, at least {_LEAST[key]}.")
    if not isinstance(resample, bool):
        raise InputError(f"resample={resample!r} is not allowed; it is True or False.")
    counts = {key: None if value is None else int(value) for key, value in (("window", window), ("step", step))}
    return {"time": time, "series": series, "resample": resample or None, **counts}


def _time(table: TableSource, asked: Name | None) -> Name | None:
    """The column of times: the one that was asked for, else the only one of dates, if there is one."""
    if asked is not None:
        return named(table.columns, asked, "time", "the table", "column")
    if table.container == "numpy":
        return None
    dated = [name for j, name in enumerate(table.columns) if isinstance(table.seen(j).dtype, nw.Date | nw.Datetime)]
    if len(dated) > 1:
        raise InputError(f"the table has several columns of times ({', '.join(map(str, dated))}); say with time=NAME which.")
    return dated[0] if dated else None


def _columns(table: TableSource, reading: Reading, notes: list[str]) -> list[Name]:
    """The columns of numbers, but for those that say when and of which series."""
    names, dtypes = table.columns, table.dtypes
    if reading.series is not None:
        named(names, reading.series, "series", "the table", "column")
    apart = {str(reading.time), str(reading.series)} if reading.time is not None else {str(reading.series)}
    there = [name for name in names if str(name) not in apart and table.kinds.get(str(name)) != "ignored"]
    used = [name for name in there if numeric(dtypes[name]) or dtypes[name].lower().startswith("bool")]
    if left := [repr(name) for name in there if name not in used]:
        notes.append(f"Column{'s' * (len(left) > 1)} {few(left)} left out: a series is of numbers.")
    if not used:
        raise InputError(f"no column of the table holds numbers beside {few(sorted(apart))}; give at least one.")
    return used


def _steps(table: TableSource, columns: list[Name], reading: Reading, notes: list[str]) -> tuple[Steps, list[str]]:
    """The rows in order, one a time, and the names of the series."""
    names, dtypes = [*table.columns], table.dtypes
    places = [names.index(name) for name in columns]
    wanted = [Column(name, "number", dtypes[name]) for name in columns]
    values: list[NDArray[np.float64]] = []
    times: list[Times] = []
    group: list[str] = []
    for part in table.parts():
        values.append(np.concatenate([found for _, found in read(part, wanted, places)], axis=1))
        if reading.time is not None:
            at = next(j for j, name in enumerate(names) if str(name) == str(reading.time))
            times.append(part.cells(at).astype(np.float64) if part.container == "numpy" else times_of(part.series(at)))
        if reading.series is not None:
            at = next(j for j, name in enumerate(names) if str(name) == str(reading.series))
            group += ["" if value is None else str(value) for value in part.values(at)]
    series = [*dict.fromkeys(group)]
    place = {name: i for i, name in enumerate(series)}
    steps = Steps(
        np.concatenate(times) if times else np.arange(float(len(table))),
        np.concatenate(values),
        np.array([place[name] for name in group]) if series else np.zeros(len(table), np.intp),
    )
    gone = np.isnan(ticks(steps.times))
    if gone.all():
        raise InputError(f"column {reading.time!r} holds no time in any row; name another one with time=.")
    if gone.any():
        steps = steps.picked(~gone)
        notes.append(f"{int(gone.sum())} rows have no time and were left out.")
    steps, moved = steps.ordered()
    if moved:
        notes.append("The rows were not in the order of their times and were sorted.")
    return _single(steps, reading, notes), series


def _single(steps: Steps, reading: Reading, notes: list[str]) -> Steps:
    """One row a time; where most times are shared nobody knows which rows follow each other."""
    one, repeated = steps.single()
    if repeated > SHARED * len(steps):
        first = written(steps.times[:-1][steps.lengths == 0][:1])[0]
        raise InputError(
            f"{repeated} of {len(steps)} rows share their time with another, such as {first} in column "
            f"{reading.time!r}; name the column that tells several series apart with series=COLUMN, or give one row a time."
        )
    if repeated:
        notes.append(f"{repeated} rows share{'s' * (repeated == 1)} a time with another; their means were taken.")
    return one


def _starts(steps: Steps, begins: NDArray[np.intp], window: int, step: int, notes: list[str]) -> NDArray[np.intp]:
    """Where windows begin: every `step` rows of each stretch, and the last one so that it ends where the stretch does."""
    ends = np.append(begins[1:], len(steps))
    longest = int((ends - begins).max())
    if longest < window:
        stretch = "the series has" if len(begins) == 1 else f"the longest of {len(begins)} stretches without a gap has"
        raise InputError(f"{stretch} {longest} rows and a window takes {window}; choose a window of at most {longest}.")
    short = ends - begins < window
    if short.any():
        rows = int((ends - begins)[short].sum())
        notes.append(f"{int(short.sum())} stretches are shorter than a window; their {rows} rows are left out.")
    kept = zip(begins[~short].tolist(), ends[~short].tolist(), strict=True)
    return np.concatenate([np.unique([*range(a, b - window + 1, step), b - window]) for a, b in kept])
