"""What differs between pandas, polars and pyarrow: their types as text, and building a frame out of plain values."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from ast import literal_eval
from collections.abc import Callable, Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingPackageError
from .source import Name

Cells = NDArray[Any] | Sequence[Any]  # None, or NaT among dates, where a cell is missing

_LISTED = 1000  # categories up to which the type's text lists them


TEXTS = ("String", "str", "string", "large_string")  # types of columns of texts, by library; objects may be dates


def integral(dtype: str) -> np.iinfo[Any] | None:
    """The bounds of a type of whole numbers, as any of the libraries writes it; None for every other type.

    >>> integral("UInt8").max, integral("int64[pyarrow]").bits, integral("double")
    (255, 64, None)
    """
    word = dtype.lower().partition("[")[0]
    return np.iinfo(word) if re.fullmatch(r"u?int(8|16|32|64)", word) else None


def numeric(dtype: str) -> bool:
    """Whether it is a type of numbers, as any of the libraries writes it.

    >>> [numeric(dtype) for dtype in ("Int64", "double", "decimal128(4, 2)", "String", "date32[day]")]
    [True, True, True, False, False]
    """
    return bool(re.match(r"(u?int\d|float|double|half|decimal)", dtype.lower()))


class Library(ABC):
    """One DataFrame library."""

    name: ClassVar[str]
    plain: ClassVar[dict[str, str]]  # the type of each kind of column, where another library was fitted

    @property
    def module(self) -> Any:
        """The library itself, imported when first needed."""
        try:
            return import_module(self.name)
        except ImportError as error:
            raise MissingPackageError(
                f"the model was fitted to a frame of {self.name}, which is not installed; pip install {self.name}"
            ) from error

    def clean(self, frame: Any) -> Any:
        """A view of `frame` in which every column has a type of its own."""
        return frame

    @abstractmethod
    def dtypes(self, frame: Any) -> dict[Name, str]:
        """Each column's type as text."""

    @abstractmethod
    def numbers(self, frame: Any, names: list[Name]) -> NDArray[np.float64]:
        """Columns of numbers or booleans as one array, (n, G), NaN where a cell is missing."""

    @abstractmethod
    def take(self, frame: Any, rows: NDArray[Any]) -> Any:
        """The frame of those rows."""

    def drop(self, frame: Any, name: Name) -> Any:
        """The frame without that column."""
        return frame.drop(name)

    @abstractmethod
    def column(self, name: Name, cells: Cells, dtype: str, /) -> Any:
        """A column in the type that `dtype` says."""

    def built(self, name: Name, cells: Cells, dtype: str, kind: str) -> Any:
        """A column of type `dtype`, or of the plain type of its kind where that cannot hold the cells."""
        try:
            return self.column(name, cells, dtype)
        except Exception:  # each library has errors of its own; intervals, for one, have no missing cell
            return self.column(name, cells, self.plain[kind])

    @abstractmethod
    def frame(self, columns: dict[Name, Any], like: Any, /) -> Any:
        """The frame of such columns, with the index of `like` where that is a frame of this library."""

    @abstractmethod
    def told(self, frame: Any, /) -> Any:
        """A frame of polars, such as results are made as, in this library."""


class Pandas(Library):
    name: ClassVar = "pandas"
    plain: ClassVar = {
        "number": "float64",
        "boolean": "boolean",
        "category": "object",
        "date": "datetime64[us]",
        "ignored": "object",
    }

    def clean(self, frame: Any) -> Any:
        pd = self.module
        loose = [j for j, dtype in enumerate(frame.dtypes) if str(dtype) == "object"]
        typed = frame.copy(deep=False) if loose else frame
        for j in loose:
            column = frame.iloc[:, j]
            found = pd.api.types.infer_dtype(column, skipna=True)
            typed.isetitem(j, self._LOOSE[found](pd, column) if found in self._LOOSE else column.convert_dtypes())
        return typed

    _LOOSE: ClassVar[dict[str, Callable[[Any, Any], Any]]] = {
        "date": lambda pd, column: pd.to_datetime(column),
        "datetime": lambda pd, column: pd.to_datetime(column),
        "decimal": lambda _, column: column.astype("float64"),
    }

    def dtypes(self, frame: Any) -> dict[Name, str]:
        return {name: self._places(frame[name]) or self._text(dtype) for name, dtype in frame.dtypes.items()}

    def _places(self, column: Any) -> str:
        """The type of a column of Python's decimals, with its places after the point; empty for any other."""
        if str(column.dtype) != "object" or self.module.api.types.infer_dtype(column, skipna=True) != "decimal":
            return ""
        exponents = (value.as_tuple().exponent for value in column.dropna())
        return f"decimal[{max((-e for e in exponents if isinstance(e, int) and e < 0), default=0)}]"

    def _text(self, dtype: Any) -> str:
        """As pandas writes it; a category with its values and whether they are ordered."""
        values: list[Any] = dtype.categories.tolist() if isinstance(dtype, self.module.CategoricalDtype) else []
        listed = 0 < len(values) <= _LISTED and all(isinstance(v, str | int | float) for v in values)
        return f"category{json.dumps([values, bool(dtype.ordered)])}" if listed else str(dtype)

    def numbers(self, frame: Any, names: list[Name]) -> NDArray[np.float64]:
        return frame[names].to_numpy(np.float64, na_value=np.nan)

    def take(self, frame: Any, rows: NDArray[Any]) -> Any:
        return frame.iloc[rows]

    def drop(self, frame: Any, name: Name) -> Any:
        return frame.drop(columns=[name])

    def column(self, name: Name, cells: Cells, dtype: str) -> Any:
        pd = self.module
        if dtype.startswith("category"):
            known, ordered = json.loads(dtype[len("category") :] or "[[], false]")
            known += sorted({v for v in cells if v is not None} - set(known), key=str)
            return pd.Series(cells, name=name, dtype=pd.CategoricalDtype(known, ordered))
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
            if dtype == "object":
                whole_days = bool((cells == cells.astype("datetime64[D]"))[~np.isnat(cells)].all())
                return pd.Series(
                    cells.astype("datetime64[D]" if whole_days else cells.dtype).astype(object), name=name, dtype=object
                )
            stamps = pd.Series(cells, name=name)
            return (stamps.dt.tz_localize("UTC") if "," in dtype else stamps).astype(dtype)
        if found := re.fullmatch(r"decimal\[(\d+)\]", dtype):
            exact = [None if v is None else Decimal(f"{v:.{found[1]}f}") for v in cells]
            return pd.Series(exact, name=name, dtype=object)
        if dtype.startswith("decimal") and dtype.endswith("[pyarrow]"):  # pandas does not read its own text
            arrow = LIBRARIES["pyarrow"]
            array = arrow.column(name, cells, dtype.removesuffix("[pyarrow]"))
            return pd.Series(array.to_pylist(), name=name, dtype=pd.ArrowDtype(array.type))
        target = pd.api.types.pandas_dtype(dtype)
        if isinstance(target, np.dtype) and target.kind in "iub" and any(v is None for v in cells):
            target = "boolean" if target.kind == "b" else "Int64"  # NumPy's types have no missing value
        return pd.Series(cells, name=name, dtype=target)

    def frame(self, columns: dict[Name, Any], like: Any) -> Any:
        if like is None:
            return self.module.DataFrame(columns)
        return self.module.DataFrame({name: c.set_axis(like.index) for name, c in columns.items()}, index=like.index)

    def told(self, frame: Any) -> Any:
        return self.module.DataFrame({column.name: column.to_numpy() for column in frame})


class Polars(Library):
    name: ClassVar = "polars"
    plain: ClassVar = {
        "number": "Float64",
        "boolean": "Boolean",
        "category": "String",
        "date": "Datetime",
        "ignored": "Null",
    }

    def dtypes(self, frame: Any) -> dict[Name, str]:
        return {name: str(dtype) for name, dtype in frame.schema.items()}

    def numbers(self, frame: Any, names: list[Name]) -> NDArray[np.float64]:
        return frame[names].cast(self.module.Float64).to_numpy()

    def take(self, frame: Any, rows: NDArray[Any]) -> Any:
        return frame[rows]

    def column(self, name: Name, cells: Cells, dtype: str) -> Any:
        pl = self.module
        target = self._parsed(dtype)
        series = pl.Series(name, cells, strict=False)
        if isinstance(target, pl.Datetime) and target.time_zone:
            series = series.dt.replace_time_zone("UTC").dt.convert_time_zone(target.time_zone)
        if isinstance(target, pl.Enum):
            known = target.categories.to_list()
            target = pl.Enum(known + sorted({v for v in cells if v is not None} - set(known)))
        return series.cast(target, strict=False)

    def _parsed(self, dtype: str) -> Any:
        """The type that polars writes as `dtype`; text where that cannot be built from words alone."""
        pl = self.module
        word, _, rest = dtype.partition("(")
        values = re.findall(r"(\w+)=(\[.*\]|'[^']*'|\w+)", rest)
        if (word not in ("Decimal", "Datetime", "Duration", "Enum") and rest) or not hasattr(pl, word):
            return pl.String()
        return getattr(pl, word)(**{key: literal_eval(value) for key, value in values})

    def frame(self, columns: dict[Name, Any], _: Any) -> Any:
        return self.module.DataFrame(columns)

    def told(self, frame: Any) -> Any:
        return frame


class PyArrow(Library):
    name: ClassVar = "pyarrow"
    plain: ClassVar = {
        "number": "double",
        "boolean": "bool",
        "category": "string",
        "date": "timestamp[us]",
        "ignored": "null",
    }

    def dtypes(self, frame: Any) -> dict[Name, str]:
        return {field.name: str(field.type) for field in frame.schema}

    def numbers(self, frame: Any, names: list[Name]) -> NDArray[np.float64]:
        return np.stack([frame.column(name).cast("double").to_numpy() for name in names]).T

    def take(self, frame: Any, rows: NDArray[Any]) -> Any:
        return frame.take(rows)

    def drop(self, frame: Any, name: Name) -> Any:
        return frame.drop_columns([name])

    def column(self, _: Name, cells: Cells, dtype: str) -> Any:
        target = self._parsed(dtype)
        array = self.module.array(cells)
        zoned = self.module.types.is_timestamp(target) and target.tz
        return array.cast(self.module.timestamp("us", "UTC") if zoned else array.type).cast(target, safe=False)

    def _parsed(self, dtype: str) -> Any:
        """The type that pyarrow writes as `dtype`; text where that cannot be built from words alone."""
        pa = self.module
        if found := re.fullmatch(r"dictionary<values=(.+), indices=(\w+), ordered=(\d)>", dtype):
            return pa.dictionary(self._parsed(found[2]), self._parsed(found[1]), found[3] == "1")
        if found := re.fullmatch(r"timestamp\[(\w+), tz=(.+)\]", dtype):
            return pa.timestamp(found[1], found[2])
        if found := re.fullmatch(r"decimal(\d+)\((\d+), (-?\d+)\)", dtype):
            return getattr(pa, f"decimal{found[1]}")(int(found[2]), int(found[3]))
        try:
            return pa.type_for_alias(dtype)
        except ValueError:
            return pa.string()

    def frame(self, columns: dict[Name, Any], _: Any) -> Any:
        return self.module.table({str(name): c for name, c in columns.items()})

    def told(self, frame: Any) -> Any:
        return frame.to_arrow()


LIBRARIES: dict[str, Library] = {library.name: library for library in (Pandas(), Polars(), PyArrow())}


def in_library(frame: Any, container: str) -> Any:
    """A frame of polars in the library of a person's data; as it is where those were an array, or no table."""
    return LIBRARIES[container].told(frame) if container in LIBRARIES else frame
