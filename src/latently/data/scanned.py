"""A table that memory has no room for: a copy in the cache, of which a part at a time becomes a table in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import memory
from .frames import LIBRARIES
from .source import Name, Rows, Source, tidy
from .table_copy import Copy
from .tables import Frame, Seen, TableSource
from .tally import distinct, frequencies

if TYPE_CHECKING:
    from polars import DataFrame, Series

HELD = 10_000  # rows that are sooner held than read again: as many as a report looks at
Picked = range | NDArray[np.int64]


class ScannedTable(TableSource):
    """Rows of a table that lies on disk.

    Which rows and columns are meant is all that it holds; `parts` reads them, and whatever asks for all of them at once
    is refused where memory has no room for them.

    Parameters
    ----------
    table
        The copy.
    rows
        Which of its rows; None for all.
    columns
        Which of its columns; None for all.
    """

    scanned: ClassVar = True

    def __init__(
        self, table: Copy, rows: Picked | None = None, columns: list[str] | None = None, **common: Any
    ) -> None:
        picked = range(table.height) if rows is None else rows
        Source.__init__(self, len(picked), **common)
        self._names = cast(Any, picked)  # a row is called by its number
        self.copy, self.picked = table, picked
        self._columns = table.empty.columns if columns is None else columns
        self._held: DataFrame | None = None
        self.container = "polars"

    @property
    def table(self) -> Frame:
        return cast(Frame, nw.from_native(self.native, eager_only=True))

    @property
    def native(self) -> DataFrame:
        if self._held is None:
            self._held = self._read(self.picked, self._columns)
        return self._held

    @property
    def data(self) -> DataFrame:
        """All rows as one frame of polars, where memory has room for it."""
        return self.native

    @property
    def summary(self) -> str:
        columns = len(self._columns)
        rows = f"{len(self)} row{'s' * (len(self) != 1)}"
        return f"{rows}, {columns} column{'s' * (columns != 1)}, polars, read from disk"

    @property
    def columns(self) -> list[Name]:
        return [*self._columns]

    @property
    def dtypes(self) -> dict[Name, str]:
        return LIBRARIES["polars"].dtypes(self.copy.empty.select(self._columns))

    def series(self, place: int) -> nw.Series[Any]:
        frame = self._read(self.picked, [self._columns[place]])
        return cast(Frame, nw.from_native(frame, eager_only=True)).get_column(self._columns[place])

    def seen(self, place: int) -> Seen:
        """As of a table in memory, but that many different texts are estimated: see `tally.distinct`."""
        empty = nw.from_native(self.copy.empty, eager_only=True)
        dtype, present, first, hollow = empty.schema[self._columns[place]], 0, None, True
        for part in self._cells(place):
            first = part[0] if not present and len(part) else first
            present += len(part)
            hollow = hollow and (not len(part) or (dtype.is_float() and bool(part.is_nan().all())))
        return Seen(dtype, present, first, hollow, lambda: distinct(self._cells(place)))

    def counted(self, place: int) -> Mapping[Any, int] | None:
        """As of a table in memory, but that the rarest of very many values may be left out: see `tally.frequencies`."""
        import polars as pl

        dtype = self.copy.empty.schema[self._columns[place]]
        listed = isinstance(dtype, pl.Categorical | pl.Enum)
        if dtype.is_decimal() or not (dtype.is_numeric() or listed or isinstance(dtype, pl.String | pl.Boolean)):
            return None

        def parts() -> Iterator[Series]:
            for part in self._cells(place):
                known = part.filter(part.is_not_nan()) if dtype.is_float() else part
                yield known.cast(pl.String) if listed else known

        return frequencies(parts)

    def missing(self, place: int) -> bool:
        """Whether a cell of that column is not known."""
        for part in self._chunks([self._columns[place]]):
            column = part.to_series()
            if column.null_count() or (column.dtype.is_float() and bool(column.is_nan().any())):
                return True
        return False

    def parts(self, rows: int | None = None) -> Iterator[TableSource]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The rows, at most so many at a time, as tables in memory; by default as many as are read together."""
        done = 0
        for frame in self._chunks(self._columns, rows):
            some = slice(done, done := done + frame.height)
            common = self._common(some) | {"names": self._names[some]}
            part = TableSource(cast(Frame, nw.from_native(frame, eager_only=True)), native=frame, **common)
            part.whole, part.notes = self.whole or self, self.notes
            yield part

    def __getitem__(self, rows: Rows) -> TableSource:  # pyright: ignore[reportIncompatibleMethodOverride]
        picked = _of(self.picked, rows)
        common = self._common(rows)
        if len(picked) > HELD:
            return type(self)(self.copy, picked, self._columns, **common)
        frame = self._read(picked, self._columns)
        names = [str(row) for row in picked]
        return TableSource(cast(Frame, nw.from_native(frame, eager_only=True)), native=frame, names=names, **common)

    def chosen(self, rows: Rows) -> dict[str, Any]:
        return self._common(rows) | {"names": [str(row) for row in _of(self.picked, rows)]}

    def labelled(self, labels: Any) -> Self:
        if not isinstance(labels, str | Integral):
            return super().labelled(labels)
        name = self._label(labels)
        if name is None:
            return self
        other = copy(self)
        other._columns, other._held = [column for column in self._columns if column != name], None
        other.labels, other.label = self._tidied(name), name
        return other

    def _tidied(self, name: Name) -> NDArray[Any]:
        """That column as labels: one an item, all of them in memory."""
        places: dict[Any, int] = {}
        found: list[NDArray[np.int32]] = []
        for part in self._chunks([str(name)]):
            cells = [None if cell != cell else cell for cell in part.to_series().to_list()]
            found.append(np.array([places.setdefault(cell, len(places)) for cell in cells], np.int32))
        labels = tidy([*places])  # of what differs alone: what labels are hangs on which there are
        if all(label != label or label == "" for label in labels.tolist()):
            raise InputError(f"column {name!r} holds no label in any row; name another one.")
        return labels[np.concatenate(found)]

    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        """The bytes of the original, by their hash."""
        yield f"file {self.copy.digest} without {self.label or ''}", np.empty(0, np.uint8)
        if not isinstance(self.picked, range) or len(self.picked) != self.copy.height:
            yield "rows", np.asarray(self.picked)

    def _common(self, rows: Rows) -> dict[str, Any]:
        """What the source of those rows has in common with this one."""
        labels = None if self.labels is None else self.labels[rows]
        kept = {key: getattr(self, key) for key in ("notes", "origin", "kinds", "size", "label")}
        return {"labels": labels, **kept}

    def _cells(self, place: int) -> Iterator[Series]:
        """The cells of one column that are not missing, some at a time."""
        for part in self._chunks([self._columns[place]]):
            yield part.to_series().drop_nulls()

    def _chunks(self, columns: list[str], rows: int | None = None) -> Iterator[DataFrame]:
        """The rows in their order, so many at a time: read by whole groups, and cut."""
        group = self.copy.group
        most = group if rows is None else rows
        together = max(group, most // group * group)
        for first in range(0, len(self), together):
            read = self._read(self.picked[first : first + together], columns)
            for start in range(0, read.height, most):
                yield read.slice(start, most)

    def _read(self, picked: Picked, columns: list[str]) -> DataFrame:
        """Those rows of the copy, in that order."""
        self._refuse_what_has_no_room(len(picked))
        if isinstance(picked, range) and picked.step == 1:
            return self.copy.read((picked.start, picked.stop), columns)
        import polars as pl

        wanted, back = np.unique(np.asarray(picked), return_inverse=True)
        size = self.copy.group
        found: list[DataFrame] = [self.copy.read((0, 0), columns)]
        for group in np.unique(wanted // size).tolist():
            start = group * size
            inside = wanted[np.searchsorted(wanted, start) : np.searchsorted(wanted, start + size)] - start
            read = self.copy.read((start, min(start + size, self.copy.height)), columns)
            found.append(read[inside])
        return pl.concat(found, rechunk=True)[back]

    def _refuse_what_has_no_room(self, rows: int) -> None:
        wanted = rows * self.copy.weight
        if rows > self.copy.group and wanted > (free := memory.free()):
            raise InputError(
                f"{rows:,} rows of {self.copy.origin} take about {wanted / 1e9:.1f} GB and {free / 1e9:.1f} GB of "
                "memory are free; take them a part at a time, as in: for part in source.parts(100_000)."
            )


def _of(picked: Picked, rows: Rows) -> Picked:
    """Those of the rows that were picked before."""
    if isinstance(rows, slice):
        return picked[rows]
    chosen = np.asarray(rows)
    if chosen.dtype == bool:
        chosen = np.flatnonzero(chosen)
    chosen = chosen.astype(np.int64)
    if not isinstance(picked, range):
        return picked[chosen]
    if len(chosen) and not -len(picked) <= chosen.min() <= chosen.max() < len(picked):
        raise IndexError(f"row {chosen.max()} of {len(picked)}")
    return picked.start + picked.step * np.where(chosen < 0, chosen + len(picked), chosen)
