"""A table's columns as arrays that figures and reports can read, whatever library the table came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cells:
    """The known cells of one column: numbers (dates as seconds since 1970), or words."""

    values: NDArray[Any]
    numeric: bool
    date: bool = False

    def written(self, ticks: NDArray[np.float64]) -> list[str]:
        """Numbers of this column as text, as short as tells them apart.

        >>> Cells(np.array([0.0]), True).written(np.array([0, 2500, 5e6]))
        ['0', '2,500', '5e6']
        """
        if self.date:
            return [str(np.datetime64(int(t), "s").astype("datetime64[D]")) for t in ticks]
        texts = (f"{t:,.0f}" if 100 <= abs(t) < 1e6 else f"{t:.3g}" for t in ticks)
        return [text.replace("e+0", "e").replace("-", "−") for text in texts]


def names(model: Any) -> list[str]:
    """The names of the columns that `model` sees, in the order of its tensors."""
    return [str(column.name) for column in model.codec_.used]


def cells(model: Any, items: Any, among: Container[str] | None = None) -> Iterator[tuple[str, Cells]]:
    """The columns of `items` that `model` sees, or those of them named: a frame of any library, or a 2-D array."""
    for column, at in _matched(model, items):
        if among is None or str(column.name) in among:
            yield str(column.name), _cells(column, _array(column, at()))


def rows(model: Any, items: Any, most: int) -> list[list[str]]:
    """The rows of `items` as text, their first `most` columns; an empty text for a missing cell."""
    columns = [[text(v) for v in _listed(cells())] for _, cells in islice(_matched(model, items), most)]
    return [list(row) for row in zip(*columns, strict=True)]


def texts(model: Any, items: Any, among: Container[int]) -> dict[int, list[str]]:
    """The columns of `items` that stand at those places among the ones that `model` sees, as text."""
    there = ((j, at) for j, (_, at) in enumerate(_matched(model, items)) if j in among)
    return {j: [text(v) for v in _listed(at())] for j, at in there}


def _matched(model: Any, items: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
    """Each column that `model` sees and how to get its cells in `items`: by name in frames, else by place."""
    codec = model.codec_
    array = isinstance(items, np.ndarray)
    frame: Any = cast(Any, items) if array else nw.from_native(items, eager_only=True)
    given = list(range(frame.shape[1])) if array else frame.columns
    if array or codec.container == "numpy":
        places = [(c, name) for c, name in zip(codec.columns, given, strict=True) if c.kind != "ignored"]
    else:
        places = [(c, c.name) for c in codec.used]
    take: Callable[[Any], Any] = partial(_across, frame) if array else frame.get_column
    return ((c, partial(take, at)) for c, at in places)


def _across(array: NDArray[Any], place: int) -> NDArray[Any]:
    return array[:, place]


def _listed(cells: Any) -> list[Any]:
    return cast(Any, cells).tolist() if isinstance(cells, np.ndarray) else cells.to_list()


def text(value: Any) -> str:
    """A cell as people read it; empty where it is missing."""
    if value is None or str(value) in ("nan", "NaT"):
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.4g}"
    return " ".join(str(value).split())


def _array(column: Any, cells: Any) -> NDArray[Any]:
    if isinstance(cells, np.ndarray):
        return cast(NDArray[Any], cells)
    cells = cells.drop_nulls()
    if column.kind == "date" and cells.dtype == nw.String:
        cells = cells.str.to_datetime()
    if cells.dtype == nw.Date or cells.dtype == nw.Datetime:
        return cells.to_numpy().astype("datetime64[s]")
    return cells.to_numpy()


def _cells(column: Any, values: NDArray[Any]) -> Cells:
    if column.levels:
        return Cells(np.array([word(column, v) for v in values.tolist() if v == v], object), numeric=False)
    if np.issubdtype(values.dtype, np.datetime64):
        values = values[~np.isnat(values)].astype("datetime64[s]").astype(np.float64)
        return Cells(values, True, True)
    values = values.astype(np.float64)
    return Cells(values[np.isfinite(values)], True)


def word(column: Any, value: Any) -> str:
    """A category as text, the same in every container: an array holds true as 1.0, and 3 as 3.0."""
    if column.kind == "boolean":
        return str(bool(float(value)))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def commonest(values: NDArray[Any], most: int) -> list[Any]:
    """The distinct values, most frequent first.

    >>> commonest(np.array(["b", "a", "b"]), 5)
    ['b', 'a']
    """
    distinct, counts = np.unique(values.astype(str) if values.dtype == object else values, return_counts=True)
    return distinct[np.argsort(-counts, kind="stable")][:most].tolist()


def natural(value: object) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts 2 before 10, in text too.

    >>> sorted(["item 10", "item 2", "apple"], key=natural)
    ['apple', 'item 2', 'item 10']
    """
    parts = re.split(r"(\d+)", str(value))
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p)
