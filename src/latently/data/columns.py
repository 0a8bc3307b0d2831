"""What a column of a table is, and how its cells become numbers and numbers cells, one function for each kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .codec import real
from .frames import Name
from .tables import KINDS, TableSource

LEVELS = 255  # categories that are told apart; one more stands for all others
UNIQUE = 0.9  # from this share of distinct texts on, a column holds names or identifiers
FEW = 50  # up to so many rows distinct texts may yet be categories
THOUSANDS = re.compile(r"\s*[-+]?\d{1,3}(,\d{3})+(\.\d+)?\s*")
DATE = re.compile(r"\s*(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4})\b.*")  # of any country
TAKEN = {"ignored": "left out", "category": "read as categories"}
HUGE = 1e150  # a number beyond this is no measurement, and its square would overflow
TOGETHER = 64  # columns of numbers that are read at a time: 60,000 rows of them take 30 MB

Numbers = NDArray[np.float64]
Series = nw.Series[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is, and the line between its cells and numbers.

    Parameters
    ----------
    name, dtype
        As in the fitted table; the type is that of its library, as text.
    kind
        number, category, boolean, date or ignored.
    mean, scale
        A number, or a date in seconds, becomes (v - mean) / scale. 0 and 1 for the other kinds.
    low, high
        What was seen in `fit`.
    step
        Restored values are whole multiples of it; 0 where they are left as they are.
    categories
        The known values, the most frequent first.
    missing
        Whether cells were missing in `fit`.
    """

    name: Name
    kind: str
    dtype: str
    mean: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    categories: tuple[Any, ...] = ()
    missing: bool = False

    @property
    def levels(self) -> int:
        """As in `Spec.levels`: the categories, and one for any other.

        >>> Column("town", "category", "String", categories=("Jeju", "Seoul")).levels
        3
        """
        return {"boolean": 2, "category": len(self.categories) + 1}.get(self.kind, 0)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The column that `asdict` described; a ValueError where it described none."""
        given: dict[str, Any] = {**data, "categories": tuple(data.get("categories", ()))}
        column: Any = cls(**given)  # of any types yet
        levels = column.levels
        numbers = (column.mean, column.scale, column.low, column.high, column.step)
        most = 9e12 if column.kind == "date" else 2 * HUGE  # 9e12 seconds are as many microseconds as 64 bits hold
        good = (
            isinstance(column.name, str) or type(column.name) is int,
            isinstance(column.dtype, str) and isinstance(column.missing, bool) and column.kind in KINDS,
            all(real(v) and abs(v) <= most for v in numbers),
            column.scale > 0 and column.step >= 0 and column.low <= column.high,
            not levels or numbers == (0, 1, 0, levels - 1, 1),
            isinstance(data.get("categories", []), list | tuple) and all(map(_flat, column.categories)),
            bool(column.categories) == (column.kind == "category"),
        )
        if not all(good):
            raise ValueError(f"{column}")
        mean, scale, low, high, step = map(float, numbers)
        return replace(column, mean=mean, scale=scale, low=low, high=high, step=step)

    def rounded(self, values: Numbers, *, whole: bool) -> Numbers:
        """`values` at the column's step, or at whole numbers where they have to be."""
        step = self.step or float(whole)
        return np.rint(values / step) * step if step else values


def _flat(value: object) -> bool:
    return isinstance(value, str | bool) or real(value)


def detect(source: TableSource) -> tuple[list[Column], list[str]]:
    """The columns of `source` with their kinds and categories, and what is to be said about those left out."""
    dtypes = source.dtypes
    columns: list[Column] = []
    reasons: dict[tuple[str, str], list[str]] = {}
    for j, name in enumerate(source.columns):
        wanted = source.kinds.get(str(name))
        kind, reason = _kind(source, j, wanted)
        levels = _levels(source, j) if kind == "category" else ()
        if levels is None:
            if wanted:
                raise InputError(f"column {name!r} cannot be a category; make texts or numbers of its values.")
            kind, reason = "ignored", "its categories are neither texts nor numbers; make texts of them"
        if reason:
            reasons.setdefault((kind, reason), []).append(repr(name))
        columns.append(Column(name, kind, dtypes[name], categories=levels or ()))
    notes = [
        f"column{'s' * (len(names) > 1)} {few(names)} {TAKEN[kind]}: {reason}."
        for (kind, reason), names in reasons.items()
    ]
    return columns, notes


def _kind(source: TableSource, place: int, wanted: str | None) -> tuple[str, str]:
    """A column's kind, and the reason where it is one that may surprise."""
    if wanted == "ignored":
        return "ignored", ""
    empty = "ignored", "every cell is missing"
    if source.container == "numpy":
        table = cast(NDArray[Any], source.table)
        kind = "boolean" if table.dtype == bool else "number"
        hollow = table.dtype.kind == "f" and np.isnan(table[0, place])
        hollow = hollow and bool(np.isnan(source.cells(place)).all())
        return empty if hollow else (wanted or kind, "")
    seen = source.seen(place)
    dtype = seen.dtype
    if seen.hollow:
        return empty
    if wanted:
        return wanted, ""
    if dtype.is_numeric():
        return "number", ""
    if dtype == nw.Boolean:
        return "boolean", ""
    if isinstance(dtype, nw.Date | nw.Datetime):
        return "date", ""
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        names = dtype == nw.String and seen.present > FEW and seen.distinct() >= UNIQUE * seen.present
        kind = "ignored" if names else "category"
        if dtype == nw.String and DATE.fullmatch(seen.first):
            return kind, f'{seen.first!r} looks like a date, and kinds={{"COLUMN": "date"}} reads the form 2024-12-31'
        if dtype == nw.String and THOUSANDS.fullmatch(seen.first):
            return kind, f"{seen.first!r} looks like a number, which is read without commas between its thousands"
        return kind, 'nearly every text differs, as names do; kinds={"COLUMN": "category"} keeps it' if names else ""
    return "ignored", f"values of type {dtype} are not understood; make numbers, texts, dates or booleans of them"


def _levels(source: TableSource, place: int) -> tuple[Any, ...] | None:
    """The known categories: the most frequent first, of equals in the order of their text; None where JSON has none."""
    counts = source.counted(place)
    if counts is None:
        return None
    return tuple(sorted(counts, key=lambda v: (-counts[v], str(v)))[:LEVELS])


def read(source: TableSource, columns: Sequence[Column], places: Sequence[int]) -> Iterator[tuple[slice, Numbers]]:
    """Groups of neighbouring columns as numbers, (n, G): which of `columns`, and the values, NaN where missing.

    Raises
    ------
    InputError
        A value is infinite, huge, or not of the column's kind.
    """
    stamped = ("date",) if source.container == "numpy" else ()  # of an array dates are seconds already
    typed = source.numeric(places)
    plain = [c.kind in ("number", "boolean", *stamped) and one for c, one in zip(columns, typed, strict=True)]
    for group in _runs(plain):
        some = columns[group]
        values = _together(some, source, places[group]) if plain[group.start] else _each(some, source, places[group])
        yield group, _checked(some, values, source)


def _runs(plain: Sequence[bool]) -> Iterator[slice]:
    """Neighbours that are plain, some at a time, and each of the others by itself.

    >>> [*_runs([False, False, True, True])]
    [slice(0, 1, None), slice(1, 2, None), slice(2, 4, None)]
    """
    start = 0
    while start < len(plain):
        end = start + 1
        while plain[start] and end < min(len(plain), start + TOGETHER) and plain[end]:
            end += 1
        yield slice(start, end)
        start = end


def _together(columns: Sequence[Column], source: TableSource, places: Sequence[int]) -> Numbers:
    try:
        return source.numbers(places)
    except Exception:  # each library has errors of its own; one by one the cell is found that cannot be read
        return _each(columns, source, places)


def _each(columns: Sequence[Column], source: TableSource, places: Sequence[int]) -> Numbers:
    return np.stack([_READ[c.kind](c, source, place) for c, place in zip(columns, places, strict=True)], axis=1)


def _checked(columns: Sequence[Column], values: Numbers, source: TableSource) -> Numbers:
    with np.errstate(invalid="ignore"):
        bad = np.abs(values) > HUGE
        for j, c in enumerate(columns):
            if c.kind == "boolean":
                bad[:, j] |= (values[:, j] != 0) & (values[:, j] != 1) & ~np.isnan(values[:, j])
    if bad.any():
        row, j = (int(place) for place in np.argwhere(bad)[0])
        allowed = "0, 1, True and False" if columns[j].kind == "boolean" else f"finite numbers up to {HUGE:g}"
        raise InputError(
            f"column {columns[j].name!r} holds {values[row, j]:g} in row {source.name(row)}; allowed are {allowed}, "
            "and empty cells where nothing is known."
        )
    return values


def _numbers(column: Column, source: TableSource, place: int) -> Numbers:
    if source.container == "numpy":
        return source.cells(place).astype(np.float64)
    return _as(source, source.series(place), column, lambda some: some.cast(nw.Float64))


def _seconds(column: Column, source: TableSource, place: int) -> Numbers:
    if source.container == "numpy":
        return source.cells(place).astype(np.float64)
    return _as(source, source.series(place), column, _stamps) / 1e6


def _stamps(series: Series) -> Series:
    """Microseconds since 1970."""
    if series.dtype == nw.String:
        series = series.str.to_datetime()
    dates = isinstance(series.dtype, nw.Date | nw.Datetime)
    return (series.dt.timestamp("us") if dates else series.cast(nw.Float64) * 1e6).cast(nw.Float64)


def _as(source: TableSource, series: Series, column: Column, made: Callable[[Series], Series]) -> Numbers:
    """The cells of a column as numbers; one of which no number can be made is named with its row."""

    def read(some: Series) -> Numbers:
        return np.asarray(made(some).to_numpy(), dtype=np.float64)

    try:
        return read(series)
    except Exception as error:  # each library has errors of its own
        low, high = 0, len(series)
        while high - low > 1:  # a bad cell is among those from low to high
            middle = (low + high) // 2
            try:
                read(series[low:middle])
            except Exception:
                high = middle
            else:
                low = middle
        kind = {"date": "a date", "boolean": "true or false"}.get(column.kind, "a number")
        raise InputError(
            f"column {column.name!r} holds {series[low]!r} in row {source.name(low)}, which cannot be read as {kind}; "
            "mend the cell, leave it empty, or give the column another kind."
        ) from error


def _indices(column: Column, source: TableSource, place: int) -> Numbers:
    index = {value: float(i) for i, value in enumerate(column.categories)}
    values, other = source.values(place), float(len(index))
    new = [*dict.fromkeys(v for v in values if v is not None and v not in index)]
    if new and len(index) < LEVELS:
        some = "categories" if source.whole is not None else f"{len(new):,} categor{'ies' if len(new) > 1 else 'y'}"
        shown = f" ({', '.join(map(repr, new[:5]))}{' and others' if new[5:] else ''})" if source.whole is None else ""
        source.say(f"column {column.name!r} holds {some} that the model never saw{shown}, all read as one other.")
    return np.array([np.nan if v is None else index.get(v, other) for v in values], np.float64)


_READ: dict[str, Callable[[Column, TableSource, int], Numbers]] = {
    "number": _numbers,
    "boolean": _numbers,
    "date": _seconds,
    "category": _indices,
}


def number(column: Column, source: TableSource, place: int) -> Numbers:
    """The cells of a column of numbers or dates, which are seconds since 1970: (n,), NaN where missing."""
    return _READ[column.kind](column, source, place)


def _number_cells(_: Column, values: Numbers, whole: np.iinfo[Any] | None) -> Any:
    if whole is not None:
        most = np.nextafter(float(whole.max), 0) if whole.bits > 32 else whole.max  # 2^63 - 1 has no double of its own
        values = np.clip(values, whole.min, most)
    if np.isnan(values).any():
        return [None if np.isnan(v) else v if whole is None else int(v) for v in values.tolist()]
    return values if whole is None else values.astype(whole.dtype)


def _boolean_cells(_: Column, values: Numbers, __: object) -> Any:
    return [None if np.isnan(v) else bool(v) for v in values.tolist()] if np.isnan(values).any() else values > 0.5


def _date_cells(_: Column, values: Numbers, __: object) -> Any:
    gaps = np.isnan(values)
    stamps = np.rint(np.where(gaps, 0, values) * 1e6).astype(np.int64).astype("datetime64[us]")
    stamps[gaps] = np.datetime64("NaT")
    return stamps


def _category_cells(column: Column, values: Numbers, _: object) -> list[Any]:
    known = len(column.categories)
    return [None if np.isnan(v) else column.categories[int(v) if v < known else 0] for v in values.tolist()]


CELLS: dict[str, Callable[[Column, Numbers, np.iinfo[Any] | None], Any]] = {
    "number": _number_cells,
    "boolean": _boolean_cells,
    "date": _date_cells,
    "category": _category_cells,
}


def free(name: str, taken: Container[str]) -> str:
    """What a column of ours is called beside those of a person: `name`, or more words where one of theirs has it.

    >>> free("score", {"age"}), free("score", {"age", "score"})
    ('score', 'score of the model')
    """
    while name in taken:
        name += " of the model"
    return name


def few(words: Sequence[str]) -> str:
    """The first five, and how many more there are."""
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
