"""How the cells of a table stand in a text: in the manner of the table that they come from, or in digits that tell."""

from __future__ import annotations

import re
from math import ceil, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .codec import Codec
from .separated import as_written
from .series import SeriesSource
from .series_codec import SeriesCodec
from .source import Source
from .table_codec import TableCodec
from .tables import TableSource
from .text_columns import with_points

if TYPE_CHECKING:
    from polars import DataFrame, Series

PLACES = 9  # digits behind the point up to which the numbers of a column are taken for rounded ones
TOLD = 1e-3  # of a column's scale: what is finer no model tells
SEPARATED = (".csv", ".tsv")
CLOCK = re.compile(r"\d{4}-\d\d-\d\d(?P<between>.)(?P<clock>[\d:.]+)(?P<zone>Z|[+-]\d\d:?\d\d)?")
SECONDS = {5: "%H:%M", 8: "%H:%M:%S"}  # by the letters of a time of day; longer ones have fractions


def in_manner(frame: DataFrame, like: Source | Codec) -> tuple[DataFrame, str]:
    """The cells of a table as they are to stand in a text, and what parts them there, "" where nothing tells.

    Parameters
    ----------
    frame
        The rows.
    like
        What they were made of. A cell that is as it was is written as it stands in the text that `like` was read from,
        every other one in the manner of its column there. Of a codec only the scales of columns are known.

    Raises
    ------
    InputError
        `frame` has other rows than the table it is to be written like, or `like` is neither of the two.
    """
    if not isinstance(cast(Any, like), Source | Codec):
        raise InputError(f"like={like!r} is no table that was opened; give like=latently.open(path).")
    if isinstance(like, Codec):
        return _rounded(frame, _told(like, frame.columns)), ""
    if isinstance(like, TableSource) and len(like) != frame.height:
        raise InputError(
            f"{frame.height:,} rows are to be written like a table of {len(like):,}; give the one they were made of."
        )
    short = _rounded(frame, {name: _digits_of(numbers) for name, numbers in _numbers(like).items()})
    path = Path(like.origin or "")
    if not path.name.lower().removesuffix(".gz").endswith(SEPARATED):
        return short, ""
    there, layout = as_written(path)
    commas = with_points(there)[1] if layout.separator == ";" else []
    given: dict[str, Series] = {}
    if isinstance(like, TableSource) and there.height == len(like):
        given = {column.name: column for column in like.native.get_columns()}
    spelled: list[Series] = []
    for name in {*frame.columns} & {*there.columns}:
        cells = _spelled(short[name], there[name], name in commas)
        if name in given and given[name].dtype == frame[name].dtype:
            cells = there[name].zip_with(given[name].eq_missing(frame[name]), cells)
        spelled.append(cells.alias(name))
    return short.with_columns(spelled), layout.separator


def digits(there: NDArray[Any]) -> int | None:
    """How many digits behind the point such numbers have; None where there are none or they are not rounded.

    >>> digits(np.array([1.5, 3.25])), digits(np.array([1 / 3])), digits(np.array([]))
    (2, None, None)
    """
    if not len(there):
        return None
    return next((places for places in range(PLACES) if np.array_equal(np.round(there, places), there)), None)


def telling(scale: float) -> int:
    """Digits behind the point that tell a thousandth of a scale.

    >>> telling(15.0), telling(1.0), telling(1e6)
    (2, 3, 0)
    """
    return max(0, ceil(-log10(scale * TOLD)))


def _digits_of(numbers: NDArray[Any]) -> int | None:
    """As the numbers of a column have, or as tell its scale where those were not rounded."""
    places, scale = digits(numbers), float(np.std(numbers)) if len(numbers) else 0.0
    return telling(scale) if places is None and scale > 0 else places


def _told(codec: Codec, names: list[str]) -> dict[str, int | None]:
    """By column, as tell the scale of a codec's; one that never changed stays as it is."""
    columns = codec.columns if isinstance(codec, TableCodec | SeriesCodec) else ()
    named = zip(names if len(names) == len(columns) else [str(c.name) for c in columns], columns, strict=True)
    return {name: telling(c.scale) for name, c in named if c.kind == "number" and c.low < c.high}


def _numbers(like: Source) -> dict[str, NDArray[np.float64]]:
    """The numbers of each column that are no whole ones by their type, the missing ones left out."""
    if isinstance(like, SeriesSource):
        columns = {str(name): like.steps.values[:, j] for j, name in enumerate(like.columns)}
    elif not isinstance(like, TableSource):
        columns = {}
    elif like.container == "numpy":
        columns = {f"z{j}": like.cells(j) for j in range(len(like.columns))}  # as `write` calls them
    else:
        series = (like.series(j) for j in range(len(like.columns)))
        columns = {str(one.name): one.drop_nulls().to_numpy() for one in series if one.dtype.is_float()}
    cells = {name: np.asarray(some, np.float64) for name, some in columns.items()}
    return {name: some[np.isfinite(some)] for name, some in cells.items()}


def _rounded(frame: DataFrame, places: dict[str, int | None]) -> DataFrame:
    import polars as pl

    floats = {name for name, dtype in frame.schema.items() if dtype.is_float()}
    known = {name: count for name, count in places.items() if count is not None and name in floats}
    return frame.with_columns(pl.col(name).round(count) for name, count in known.items())


def _spelled(told: Series, cells: Series, pointed: bool) -> Series:
    """`told` as texts in the form of other cells of its column."""
    import polars as pl

    like: str = next(iter(cells.drop_nulls().head(1)), "")
    texts = told.cast(pl.String)
    if told.dtype == pl.Boolean and like != like.lower():
        return texts.str.to_uppercase() if like.isupper() else texts.str.to_titlecase()
    clock = CLOCK.fullmatch(like) if isinstance(told.dtype, pl.Datetime) else None
    if clock is not None:
        seconds = SECONDS.get(len(clock["clock"]), "%H:%M:%S%.f")
        zone = clock["zone"] and ("Z" if clock["zone"] == "Z" else "%:z")
        return told.dt.strftime(f"%Y-%m-%d{clock['between']}{seconds}{zone or ''}")
    return texts.str.replace(".", ",", literal=True) if pointed else texts
