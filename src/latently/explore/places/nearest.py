"""The nearest items: their rows and distances, as a person reads them, and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import Source, TableSource, TextSource
from ...data.frames import in_library
from .. import look, tables

_CELLS = 8  # columns of a table that are shown
_WIDE = 100  # characters of a text that are shown

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest items, nearest first; of equally near ones the one that stands first in the data.

    Parameters
    ----------
    rows
        Their numbers in the data, counted from 0: (k,), or (m, k) where m codes were asked for.
    distances
        Their codes' distances, of the same shape.
    names
        Their names, of the same shape, where the data have names.
    queries, items
        What was asked for (m items), and what was found (m * k items), where `neighbors` was asked.
    """

    rows: Rows
    distances: NDArray[np.float64]
    names: NDArray[np.str_] | None = None
    queries: Source | None = None
    items: Source | None = None
    model: Any = None

    def __str__(self) -> str:
        return _told(self)

    def frame(self) -> Any:
        """One row a neighbour: query, row, name, distance, and the text or the cells.

        A DataFrame of pandas or pyarrow where a table of theirs was looked in, and else of polars.
        """
        return in_library(_frame(self), "numpy" if self.items is None else self.items.container)


def _told(found: Nearest) -> str:
    """A line for each neighbour: its row, its distance, and its text, its cells or its name; first what was asked."""
    rows, distances = np.atleast_2d(found.rows), np.atleast_2d(found.distances)
    count, k = rows.shape
    head, shown = _shown(found, found.items)
    lines: list[list[str]] = [["row", "distance", *head]]
    for place, row in enumerate(rows.reshape(-1).tolist()):
        lines.append([str(row), f"{distances.reshape(-1)[place]:.4g}", *shown[place]])
    asked = _asked(found)
    widths = [max(map(len, column)) for column in zip(*lines, *asked, strict=True)]
    written = [_line(line, widths) for line in lines]
    first = [[_line(line, widths)] for line in asked] or [list[str]()] * count
    blocks = [[written[0], *first[i], *written[1 + i * k :][:k]] for i in range(count)]
    if count > 1 and found.queries is not None:
        queries: Any = found.queries
        names = queries.data if isinstance(queries, TextSource) else queries.names
        blocks = [[f"nearest to {look.short(name, _WIDE)}", *block] for name, block in zip(names, blocks, strict=True)]
    elif count > 1:
        blocks = [written]
    page = "\n\n".join("\n".join(block) for block in blocks)
    return page + _left(found)


def _asked(found: Nearest) -> list[list[str]]:
    """A line for each item that was asked for, of a table; of texts where there is one: several are told by name."""
    table = isinstance(found.queries, TableSource)
    if not (table or (isinstance(found.queries, TextSource) and np.ndim(found.rows) == 1)):
        return []
    assert found.queries is not None
    return [["", "asked", *cells] for cells in _shown(found, found.queries)[1]]


def _left(found: Nearest) -> str:
    """What is not shown."""
    columns = len(tables.names(found.model)) if isinstance(found.items, TableSource) else 0
    return f"\n\n{_CELLS} of {columns} columns are shown; frame(), or a file, has all." if columns > _CELLS else ""


def _line(cells: list[str], widths: list[int]) -> str:
    numbers = [f"{cell:>{width}}" for cell, width in zip(cells[:2], widths[:2], strict=True)]
    rest = [f"{cell:<{width}}" for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join([*numbers, *rest]).rstrip()


def _shown(found: Nearest, items: Source | None) -> tuple[list[str], list[list[str]]]:
    """What stands behind the distances: its head, and its cells for each item."""
    count = found.rows.size
    if isinstance(items, TextSource):
        return ["text"], [[look.short(text, _WIDE)] for text in items]
    if isinstance(items, TableSource):
        cells = tables.rows(found.model, items.data, _CELLS)
        head = [look.short(name, 18) for name in tables.names(found.model)[:_CELLS]]
        return head, [[look.short(cell, 18) for cell in row] for row in cells]
    names = None if found.names is None else found.names.reshape(-1).tolist()
    if names is None or names == [str(row) for row in found.rows.reshape(-1).tolist()]:
        return [], [[] for _ in range(count)]
    return ["name"], [[name] for name in names]


def _frame(found: Nearest) -> Any:
    """The neighbours as a polars DataFrame, with their texts or their cells."""
    import narwhals as nw
    import polars as pl

    rows = np.atleast_2d(found.rows)
    columns: dict[str, Any] = {
        "query": np.repeat(np.arange(len(rows)), rows.shape[1]),
        "row": rows.reshape(-1),
        **({} if found.names is None else {"name": found.names.reshape(-1).tolist()}),
        "distance": found.distances.reshape(-1),
    }
    if found.queries is not None:
        columns["query"] = np.repeat(found.queries.names, rows.shape[1]).tolist()
    table, items = pl.DataFrame(columns), found.items
    if isinstance(items, TextSource):
        return table.with_columns(pl.Series("text", items.data))
    if not isinstance(items, TableSource):
        return table
    if isinstance(items.data, np.ndarray):
        cells = pl.DataFrame({name: items.cells(j) for j, name in enumerate(map(str, items.columns))})
    else:
        cells = nw.from_native(items.data, eager_only=True).to_polars()
    taken = {name: f"{name} of the row" for name in cells.columns if name in table.columns}
    return pl.concat([table, cells.rename(taken)], how="horizontal")
