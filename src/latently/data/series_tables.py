"""Series from tables: which column says when, rows in order, and the windows that are cut from them."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .columns import Column, few, read
from .frames import numeric
from .series import SeriesSource
from .source import Name, Reading
from .tables import TableSource
from .texts import named
from .times import Steps, Times, spoken, ticks, times_of, written

WINDOW = 48  # steps of a window where nobody said, or a tenth of the rows where that is fewer, at least 4
SHARED = 0.1  # of the rows: where more share a time with another they are of several series
_LEAST = {"window": 2, "step": 1}
_EXAMPLE = {"time": "timestamp", "series": "shop"}


def source_of_table(table: TableSource, reading: Reading) -> SeriesSource:
    """The windows of a table whose rows are steps, one after the other or told by a column of times.

    Raises
    ------
    InputError
        A column is not there or holds no times, no column holds numbers, times are repeated, or no stretch between
        gaps is as long as a window.
    """
    if table.labels is not None:
        raise InputError(
            "labels of a series are one a window, not one a row; name the column of several series with series=COLUMN."
        )
    notes: list[str] = []
    reading = replace(reading, time=_time(table, reading.time))
    columns = _columns(table, reading, notes)
    steps, series = _steps(table, columns, reading, notes)
    window = reading.window or max(4, min(WINDOW, len(steps) // 10))
    begins, said = steps.begins(window), f"{spoken(steps.usual(), steps.times)}"
    if reading.resample and steps.uneven(begins):
        steps, begins = steps.resampled(begins)
        notes.append(f"The rows were brought to even steps of {said}; a step without a row is missing.")
    elif uneven := steps.uneven(begins, rhythm=True):
        notes.append(
            f"{uneven} of {len(steps) - 1} steps are not of {said} like the others; windows count rows, whatever the "
            "time between them, and resample=True brings them to even steps."
        )
    if gaps := len(begins) - max(1, len(series)):
        notes.append(
            f"{gaps} gap{'s' * (gaps > 1)} without rows part{'s' * (gaps == 1)} the series; no window spans one."
        )
    starts = _starts(steps, begins, window, reading.step or 1, notes)
    reading = replace(reading, window=window, step=reading.step or 1)
    common: dict[str, Any] = table.chosen(slice(0))
    common["container"] = table.container
    common["labels"] = np.array(series)[steps.group[starts]] if series else None
    source = SeriesSource(steps, starts, window, columns, series=series, reading=reading, **common)
    for note in notes:
        source.say(note)
    return source


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
        whole = isinstance(value, Integral) and value is not True and _LEAST[key] <= int(value) < 2**31
        if value is not None and not whole:
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
        raise InputError(
            f"the table has several columns of times ({', '.join(map(str, dated))}); say with time=NAME which."
        )
    return dated[0] if dated else None


def _columns(table: TableSource, reading: Reading, notes: list[str]) -> list[Name]:
    """The columns of numbers, but for those that say when and of which series."""
    names, dtypes = table.columns, table.dtypes
    if reading.series is not None:
        named(names, reading.series, "series", "the table", "column")
    apart = {str(name) for name in (reading.time, reading.series) if name is not None}
    there = [name for name in names if str(name) not in apart and table.kinds.get(str(name)) != "ignored"]
    used = [name for name in there if numeric(dtypes[name]) or dtypes[name].lower().startswith("bool")]
    if left := [repr(name) for name in there if name not in used]:
        notes.append(f"Column{'s' * (len(left) > 1)} {few(left)} left out: a series is of numbers.")
    if not used:
        beside = f" beside {few(sorted(apart))}" if apart else ""
        raise InputError(f"no column of the table holds numbers{beside}; give at least one.")
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
        notes.append(f"{_rows(int(gone.sum()))} without a time left out.")
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
            f"{reading.time!r}; name the column that tells several series apart with series=COLUMN, or give one row a "
            "time."
        )
    if repeated:
        notes.append(f"{_rows(repeated)} at the time of another; the means of each time were taken.")
    return one


def _starts(steps: Steps, begins: NDArray[np.intp], window: int, step: int, notes: list[str]) -> NDArray[np.intp]:
    """Where windows begin: every `step` rows of each stretch, and so that the last one ends where the stretch does."""
    ends = np.append(begins[1:], len(steps))
    longest = int((ends - begins).max())
    if longest < window:
        stretch = "the series has" if len(begins) == 1 else f"the longest of {len(begins)} stretches without a gap has"
        if longest < _LEAST["window"]:
            raise InputError(f"no window fits: {stretch} a single row and a window takes at least 2; give more rows.")
        raise InputError(f"{stretch} {longest} rows and a window takes {window}; choose a window of at most {longest}.")
    short = ends - begins < window
    if short.any():
        rows = int((ends - begins)[short].sum())
        notes.append(
            f"{_rows(rows)} left out: {int(short.sum())} of {len(begins)} stretches are shorter than a window."
        )
    kept = zip(begins[~short].tolist(), ends[~short].tolist(), strict=True)
    return np.concatenate([np.unique([*range(a, b - window + 1, step), b - window]) for a, b in kept])


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"
