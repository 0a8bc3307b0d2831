"""Tables: a frame of pandas, polars or pyarrow, or a 2-D array, behind one small face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from importlib import import_module
from numbers import Integral
from typing import Any, ClassVar, Self, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, InputTypeError, lacking
from ..spec import Kind
from .blocks import BLOCK, block, blocks, large
from .frames import LIBRARIES
from .source import IfThere, Name, Rows, Source, tidy

KINDS = ("number", "category", "boolean", "date", "ignored")

Frame = nw.DataFrame[Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells the kind of a column.

    Parameters
    ----------
    dtype
        As narwhals calls it.
    present
        Cells that are not missing.
    first
        The first of them; None where there is none.
    hollow
        Whether there is no cell but missing ones and NaN.
    distinct
        How many different cells there are.
    """

    dtype: Any
    present: int
    first: Any
    hollow: bool
    distinct: Callable[[], int]


class TableSource(Source):
    """Rows of a table.

    Parameters
    ----------
    table
        A narwhals frame, or an array of shape (n, F).
    native
        The frame as it was handed in, where `table` holds a cleaned view of it.
    """

    kind: ClassVar[Kind] = "table"

    def __init__(self, table: Frame | NDArray[Any], *, native: Any = None, **common: Any) -> None:
        super().__init__(len(table), **common)
        self._table = table
        self._native = native
        self._called: list[Name] | None = None
        self.container = "numpy" if isinstance(table, np.ndarray) else str(table.implementation.value)

    @property
    def table(self) -> Frame | NDArray[Any]:
        """A narwhals frame, or an array of shape (n, F)."""
        return self._table

    @property
    def native(self) -> Any:
        """The frame as it was handed in; None where it was an array."""
        return self._native

    @property
    def summary(self) -> str:
        rows, columns = self.table.shape
        return f"{rows} row{'s' * (rows != 1)}, {columns} column{'s' * (columns != 1)}, {self.container}"

    @property
    def data(self) -> Any:
        """The frame or array as it was handed in."""
        return self.table if isinstance(self.table, np.ndarray) else self.native

    @property
    def columns(self) -> list[Name]:
        """The columns' names; those of an array are "0", "1" and so on."""
        return [*self._names_of_columns()]

    def _names_of_columns(self) -> list[Name]:
        """Listed once: each look at one of 10,000 columns would list them all."""
        if self._called is None:
            table = self.table
            self._called = [*map(str, range(table.shape[1]))] if isinstance(table, np.ndarray) else [*table.columns]
        return self._called

    def series(self, place: int) -> nw.Series[Any]:
        """One column of a frame."""
        return cast(Frame, self.table).get_column(cast(str, self._names_of_columns()[place]))

    def numbers(self, places: Sequence[int]) -> NDArray[np.float64]:
        """Columns that are `numeric` as one array, (n, G), NaN where a cell is missing."""
        if isinstance(self.table, np.ndarray):
            return self.table[:, places].astype(np.float64)
        names = self._names_of_columns()
        return LIBRARIES[self.container].numbers(self.table.to_native(), [names[j] for j in places])

    def numeric(self, places: Sequence[int]) -> list[bool]:
        """Whether each of these columns is of numbers or booleans by its type; those of an array are."""
        if isinstance(self.table, np.ndarray):
            return [True] * len(places)
        types = [*self.table.schema.values()]
        return [types[j].is_numeric() or types[j] == nw.Boolean for j in places]

    def cells(self, place: int) -> NDArray[Any]:
        """One column of an array, (n,)."""
        table = cast(NDArray[Any], self.table)
        if not large(table, BLOCK):
            return table[:, place]
        return np.concatenate([part[:, place] for _, part in blocks(table)])

    def _part(self, rows: slice) -> Self:
        part = super()._part(rows)
        if isinstance(self.table, np.ndarray):
            part._table = block(self.table, rows)
        return part

    def __getitem__(self, rows: Rows) -> Self:
        chosen = self.chosen(rows)
        if isinstance(self.table, np.ndarray):
            return type(self)(self.table[rows], **chosen)
        picked = np.arange(len(self))[rows]
        native = LIBRARIES[self.container].take(self.native, picked)
        return type(self)(self.table[picked.tolist()], native=native, **chosen)

    @property
    def dtypes(self) -> dict[Name, str]:
        """Each column's type as its library writes it."""
        if isinstance(self.table, np.ndarray):
            return dict.fromkeys(self.columns, str(self.table.dtype))
        return LIBRARIES[self.container].dtypes(self.native)

    def seen(self, place: int) -> Seen:
        """What a column of a frame holds, as far as its kind hangs on it."""
        series = self.series(place)
        there = series.drop_nulls() if series.null_count() else series
        first = there[0] if len(there) else None
        hollow = first is None or bool(series.dtype.is_float() and first != first and there.is_nan().all())
        return Seen(series.dtype, len(there), first, hollow, lambda: there.n_unique())

    def values(self, place: int) -> list[Any]:
        """One column as plain Python values, None where missing."""
        if self.container == "numpy":
            column = self.cells(place)
            cells, gaps = column.tolist(), np.isnan(column)
        else:
            series = self.series(place)
            gaps = (series.is_null() | series.is_nan() if series.dtype.is_float() else series.is_null()).to_numpy()
            cells = series.to_list()
        return [None if gap else v for v, gap in zip(cells, gaps, strict=True)]

    def counted(self, place: int) -> Mapping[Any, int] | None:
        """The values of a column, and how often each of them occurs; None where JSON has no word for one of them."""
        cells = [v for v in self.values(place) if v is not None]
        return Counter(cells) if all(isinstance(v, str | int | float | bool) for v in cells) else None

    def labelled(self, labels: Any) -> Self:
        if self.container == "numpy" or not isinstance(labels, str | Integral):
            return super().labelled(labels)
        name = self._label(labels)
        if name is None:
            return self
        other = copy(self)
        frame: Any = self.table
        other._table, other._native = frame.drop(name), LIBRARIES[self.container].drop(self.native, name)
        other._called = None
        other.labels, other.label = self._tidied(name), name
        return other

    def _label(self, labels: Name | Integral) -> Name | None:
        """The column of that name, which can be the labels; None where it was taken out already."""
        if self.label is not None and str(labels) == str(self.label):
            return None
        found = [name for name in self.columns if str(name) == str(labels)]
        if not found and isinstance(labels, IfThere):
            return None
        if not found:
            raise InputError(lacking(f"{labels=}", labels, "column of the table", self.columns))
        if str(labels) in self.kinds:
            raise InputError(f"column {labels!r} is given in kinds and as labels, which no model sees; leave one out.")
        if len(self.columns) == 1:
            raise InputError(f"{labels!r} is the table's only column; give one with more columns than the labels.")
        return found[0]

    def _tidied(self, name: Name) -> NDArray[Any]:
        """That column as labels."""
        labels = tidy(self.series(self.columns.index(name)).to_list())
        if all(cell != cell or cell == "" for cell in labels.tolist()):
            raise InputError(f"column {name!r} holds no label in any row; name another one.")
        return labels

    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        if isinstance(self.table, np.ndarray):
            yield "table", self.table
            return
        for place in range(len(self.columns)):
            series = self.series(place)
            yield f"{series.name} {series.dtype}", _bytes(series)


def _bytes(series: nw.Series[Any]) -> NDArray[Any]:
    if series.dtype.is_numeric() and not series.null_count():
        numbers = series.to_numpy()
        if numbers.dtype != object:  # decimals have no type in NumPy
            return numbers
    text = "\0".join("\1" if v is None else str(v) for v in series.to_list())
    return np.frombuffer(text.encode(), dtype=np.uint8)


def source_of_matrix(array: Any, *, kinds: Mapping[str, str] | None = None, **common: Any) -> TableSource:
    """The source of an array of shape (n, F), or of what scikit-learn takes for one.

    Raises
    ------
    InputError
        The array has no row or no column, is not two-dimensional, or holds an infinite value.
    InputTypeError
        It is sparse, or of a type that is no number.
    """
    validation: Any = import_module("sklearn.utils.validation")

    def checked(given: Any) -> Any:
        return validation.check_array(given, dtype="numeric", ensure_all_finite="allow-nan", input_name="X")

    try:
        if _lies_in_a_file(array):
            for _, part in blocks(array):
                checked(part)
        table = array if _lies_in_a_file(array) else checked(array)
    except TypeError as error:
        raise InputTypeError(f"{error}") from error
    except ValueError as error:
        if dimensions(array) == 0:
            raise InputTypeError(
                f"data of type {type(array).__name__} were given; give a path, an array (n, columns) or a DataFrame."
            ) from error
        if dimensions(array) == 1:  # scikit-learn's own words fill four lines
            raise InputError(
                f"{np.size(array)} values in one dimension are no table of (n, columns). Reshape your data: "
                "X.reshape(-1, 1) where each value is an item, X.reshape(1, -1) where together they are one."
            ) from error
        raise InputError(f"{error}") from error
    if table.dtype.kind not in "biuf":
        raise InputTypeError(
            f"a table of type {table.dtype} was given; give numbers, or a DataFrame for other columns."
        )
    check_kinds([str(j) for j in range(table.shape[1])], kinds or {})
    return TableSource(table, kinds=kinds, **common)


def _lies_in_a_file(array: Any) -> bool:
    """Whether it is a table of numbers that is read a part at a time."""
    if not isinstance(array, np.ndarray):
        return False
    table = cast(NDArray[Any], array)
    return table.ndim == 2 and table.dtype.kind in "biuf" and large(table, BLOCK)


def source_of_frame(frame: Any, *, kinds: Mapping[str, str] | None = None, **common: Any) -> TableSource | None:
    """The source of a frame of pandas, polars or pyarrow; None where `frame` is no frame.

    Raises
    ------
    InputError
        There is no row or no column, names repeat, or a kind is given for a column that is not there.
    """
    try:
        wrapped = nw.from_native(frame, pass_through=True)
    except ValueError as error:  # narwhals' word on names that repeat
        raise InputError(f"the column names of the table must differ: {error}") from error
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = cast(nw.LazyFrame[Any], wrapped).collect()
    if not isinstance(wrapped, nw.DataFrame):
        return None
    view = cast(Frame, wrapped)
    _check_names([*cast(list[Any], view.columns)])
    library = str(view.implementation.value)
    if library not in LIBRARIES:
        raise InputTypeError(f"a frame of {library} was given; convert it to {', '.join(LIBRARIES)} first.")
    native = view.to_native()
    rows, columns = view.shape
    if not rows or not columns:
        raise InputError(f"the table has {rows} rows and {columns} columns; give at least one of each.")
    check_kinds([str(c) for c in view.columns], kinds or {})
    view = nw.from_native(LIBRARIES[library].clean(native), eager_only=True)
    return TableSource(view, kinds=kinds, native=native, **common)


def dimensions(values: Any) -> int:
    """As NumPy counts them, of an array or of nested lists."""
    try:
        return np.ndim(values)
    except ValueError as error:
        raise InputError("the rows of the list differ in length; give each row as many values.") from error


def _check_names(names: list[Any]) -> None:
    """Names are texts, or whole numbers, as JSON and scikit-learn can hold them."""
    if not (all(isinstance(name, str) for name in names) or all(type(name) is int for name in names)):
        odd = next((name for name in names if not isinstance(name, str)), names[0])
        raise InputError(
            f"the column names of the table must all be texts or all whole numbers, but {odd!r} is among them; rename "
            f"the columns, for instance with df.columns = [str(name) for name in df.columns]."
        )


def check_kinds(columns: list[str], kinds: Mapping[str, str]) -> None:
    """Refuses kinds of columns that are not there, and kinds that are none."""
    for name, kind in kinds.items():
        if str(name) not in columns:
            asked = f'kinds={{"{name}": "{kind}"}}'
            raise InputError(lacking(asked, name, "column of the table", columns))
        if kind not in KINDS:
            raise InputError(f"kinds says {kind!r} of column {name!r}; it is one of {', '.join(KINDS)}.")
