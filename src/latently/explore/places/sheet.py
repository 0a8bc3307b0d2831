"""Items that codes were decoded to, in rows and columns: printed, drawn, moving, or as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...data import open, write
from ...errors import InputError
from .. import look, tables
from ..figures import blocks
from ..figures.blocks import Block
from ..figures.lines import windows
from ..figures.saving import save, save_grid
from ..figures.strips import gallery, moving, save_moving
from ..judging.quality import packed

_WIDE = 100  # characters of a text that are shown
_CELL = 12  # and of a cell
_MOVERS = 12  # columns of a table that are shown, those that change most

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Items decoded from codes, in rows and columns: one way a row, or one label.

    Printed, it shows rows of a table and texts. `save` writes all of it, `figure` draws it.

    Parameters
    ----------
    model
        What decoded them.
    codes
        (R, C, D): R rows of C codes of D numbers.
    items
        R x C of them, row by row, in the types that `fit` saw: an array of pictures, a table, a list of texts.
    rows, columns
        Their names; none where there is nothing to be named.

    Examples
    --------
    >>> import latently
    >>> lines = ["the cat sat", "a dog ran", "the dog sat"] * 20
    >>> model = latently.TextVAE(latent=2, encoder="embed4 lstm8", epochs=1).fit(lines)
    >>> sheet = latently.interpolate(model, "the cat sat", "a dog ran", 3)
    >>> sheet.codes.shape, len(sheet.items)
    ((1, 3, 2), 3)
    """

    model: Any
    codes: Floats
    items: Any
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, model: Any, codes: Floats, rows: Sequence[str] = (), columns: Sequence[str] = (), label: Any = None
    ) -> Sheet:
        """What `model` decodes codes (R, C, D) to.

        Parameters
        ----------
        model, codes, rows, columns
            See `Sheet`.
        label
            Of a conditional model: one label for all, or R x C.

        Raises
        ------
        InputError
            The model decodes nothing from a code, or the label is not known to it.
        """
        told: dict[str, Any] = {} if label is None else {"label": label}
        items = model.inverse_transform(codes.reshape(-1, codes.shape[2]), **told)
        return cls(model, codes, items, tuple(rows), tuple(columns))

    def __len__(self) -> int:
        return self.codes.shape[0] * self.codes.shape[1]

    def __getitem__(self, row: int | str) -> Any:
        """The items of one row, by its place or its name."""
        if isinstance(row, str) and row not in self.rows:
            raise InputError(f"there is no row {row!r} in this sheet; it has {', '.join(self.rows) or 'no names'}.")
        i = range(len(self.codes))[self.rows.index(row) if isinstance(row, str) else row]
        count = self.codes.shape[1]
        return self._source[i * count : (i + 1) * count].data

    def __str__(self) -> str:
        if self._kind in _BLOCKS:
            return blocks.text(_BLOCKS[self._kind](self))
        rows, count = self.codes.shape[:2]
        named = [
            f" {what}: {', '.join(names)}." for what, names in (("Rows", self.rows), ("Columns", self.columns)) if names
        ]
        return f"{rows} row{'s' * (rows != 1)} of {count}: {self._source.summary}.{''.join(named)}"

    def figure(self) -> Figure:
        """All of it as a figure: pictures beside one another, or tables and texts as they are printed."""
        if self._kind in _BLOCKS:
            return blocks.drawn(_BLOCKS[self._kind](self))
        if self._kind == "series":
            rows, across = self.codes.shape[:2]
            ways, steps = self.rows or ("",) * rows, self.columns or ("",) * across
            titles = [f"{way}  {step}".strip() for way in ways for step in steps]
            return windows(self.items, names=tables.names(self.model), titles=titles, across=across)
        return gallery(self.items, self.codes.shape[1], self._row_names, self.columns)

    def frame(self) -> Any:
        """One row an item, as a polars DataFrame: row, column, and the cells or the text; of pictures the code.

        Of windows of a series: one row a step.
        """
        import polars as pl

        if self._kind == "series":
            return self.model.codec_.frame(self.items)
        rows, count = self.codes.shape[:2]
        names: dict[str, Any] = {}
        if self.rows:
            names["row"] = np.repeat(self.rows, count).tolist()
        if self.columns:
            names["column"] = [*self.columns] * rows
        if self._kind == "text":
            return pl.DataFrame({**names, "text": [*self.items]})
        if self._kind == "table":
            cells = _cells(self._source)
        else:
            cells = pl.DataFrame({f"z{j}": column for j, column in enumerate(self.codes.reshape(len(self), -1).T)})
        taken = {name: f"{name} of the item" for name in cells.columns if name in names}
        return pl.concat([pl.DataFrame(names), cells.rename(taken)], how="horizontal") if names else cells

    def save(self, path: str | Path) -> Path:
        """Writes it, whole or not at all; the ending says as what.

        Parameters
        ----------
        path
            `.png`: drawn, with names where there are any; `.jpg` and `.webp`: the pictures alone, as a grid. `.gif`:
            pictures that go through the columns, forth and back. A folder (no ending), `.npy` or `.npz`: each picture;
            `.csv`, `.tsv` or `.parquet`: a table; `.txt` or `.jsonl`: texts.

        Raises
        ------
        InputError
            Such a file cannot hold these items.
        OutputError
            The place cannot be written.
        """
        path = Path(path)
        ending, across = path.suffix.lower(), self.codes.shape[1]
        if ending == ".gif":
            self._needs_pictures(path)
            return save_moving(path, moving(self.items, across, self._row_names, self.columns))
        if ending in (".jpg", ".jpeg", ".webp") or (ending == ".png" and self._kind == "image" and not self.columns):
            self._needs_pictures(path)
            return save_grid(path, self.items, columns=across)
        if ending == ".png":
            return save(path, self.figure())
        if self._kind in ("table", "series") and ending not in (".npy", ".npz"):
            return write(path, self.frame())
        return write(path, self.items)

    def plain(self) -> list[dict[str, Any]]:
        """The rows of `frame`, as JSON can hold them."""
        rows = self.frame().to_dicts()
        return [{k: v if isinstance(v, _JSON) else str(v) for k, v in row.items()} for row in rows]

    def _needs_pictures(self, path: Path) -> None:
        if self._kind != "image":
            raise InputError(
                f"{path} would be a picture of pictures, and these are {self._source.summary}; choose "
                f"{'.txt or .jsonl' if self._kind == 'text' else '.csv or .parquet'}, or .png for a drawing of them."
            )

    @property
    def _row_names(self) -> tuple[str, ...]:
        return self.rows if any(self.rows) else ()

    @property
    def _kind(self) -> str:
        return self.model.codec_.spec.kind

    @property
    def _source(self) -> Any:
        return open(self.items, kind=self.model.codec_.spec.kind)


_JSON = (str, int, float, bool, type(None))


def _cells(source: Any) -> Any:
    """The rows of a table as a polars DataFrame."""
    import narwhals as nw
    import polars as pl

    if isinstance(source.data, np.ndarray):
        return pl.DataFrame({str(name): source.cells(j) for j, name in enumerate(source.columns)})
    return nw.from_native(source.data, eager_only=True).to_polars()


def _text_blocks(sheet: Sheet) -> list[Block]:
    """Every text on a line of its own."""
    across = sheet.codes.shape[1]
    texts = [look.short(text, _WIDE) for text in sheet.items]
    parts = [texts[i : i + across] for i in range(0, len(texts), across)]
    named = [
        [*zip(sheet.columns or [""] * across, part, strict=True)] if sheet.columns else [(t,) for t in part]
        for part in parts
    ]
    return [
        Block(title, lines, headed=False) for title, lines in zip(sheet.rows or [""] * len(parts), named, strict=True)
    ]


def _table_blocks(sheet: Sheet) -> list[Block]:
    """The columns that change most downwards, the steps across."""
    across = sheet.codes.shape[1]
    names = tables.names(sheet.model)
    cells = tables.rows(sheet.model, sheet.items, len(names))  # (R x C, F)
    values = packed(sheet.model, open(sheet.items, kind="table"))
    categories = np.array(sheet.model.codec_.spec.levels) > 0
    head = ["", *(sheet.columns or map(str, range(1, across + 1)))]
    found: list[Block] = []
    for i, title in enumerate(sheet.rows or [""] * len(sheet.codes)):
        mine = slice(i * across, (i + 1) * across)
        spread: Floats = np.ptp(values[mine], axis=0).astype(np.float64)
        spread[categories] = 2.0 * (spread[categories] > 0)  # another level is as much as two standard deviations
        movers: list[int] = np.sort(np.argsort(-spread, kind="stable")[:_MOVERS]).tolist()
        lines = [[look.short(names[j], 18), *(look.short(row[j], _CELL) for row in cells[mine])] for j in movers]
        found.append(Block(title, [head, *lines]))
    left = len(names) - _MOVERS
    less = "1 more column changes less" if left == 1 else f"{left} more columns change less"
    return [*found, Block("", [[less]], headed=False)] if left > 0 else found


_BLOCKS: dict[str, Callable[[Sheet], list[Block]]] = {"table": _table_blocks, "text": _text_blocks}
