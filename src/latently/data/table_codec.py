"""The codec of tables: every column becomes one number a cell, and every number is standardised by one formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Spec
from .blocks import BLOCK, large
from .codec import Codec
from .columns import CELLS, Column, Numbers, detect, few, read
from .frames import LIBRARIES, TEXTS, integral, numeric
from .scaling import Parts, learn, restored, standardised
from .scanned import ScannedTable
from .source import Name, Source, other_kind
from .tables import TableSource
from .times import written

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class TableCodec(Codec):
    r"""The scaling and the categories of a table's columns.

    .. math:: x_j = (v_j - \mathrm{mean}_j) / \mathrm{scale}_j

    where v is a number, the seconds since 1970 of a date, 0 or 1 of a boolean, or the place of a category among the
    known ones (mean 0, scale 1). A missing cell is NaN. Restored values stay within what was seen in `fit`. Cells so
    far off that all others would look alike are told, and put aside when scale and bounds are learned; of what lies
    far outside of what was seen the logarithm counts.

    Parameters
    ----------
    columns
        All columns of the fitted table in their order, ignored ones too; `spec` counts only the others.
    container
        numpy, pandas, polars or pyarrow: what restored tables are where no other source says otherwise.
    label
        The column that was each row's label and no feature, if any.

    Examples
    --------
    >>> import latently, polars
    >>> from latently.data import fit_codec
    >>> table = latently.open(polars.DataFrame({"age": [20, 40], "town": ["Jeju", None]}))
    >>> codec = fit_codec(table)
    >>> codec.pack(table)
    tensor([[-1.,  0.],
            [ 1., nan]])
    >>> codec.restore(codec.pack(table).numpy()).rows()
    [(20, 'Jeju'), (40, None)]
    """

    columns: tuple[Column, ...]
    container: str
    label: Name | None = None

    @property
    def used(self) -> list[Column]:
        """The columns that the model sees, one for each number of a sample."""
        return [c for c in self.columns if c.kind != "ignored"]

    @property
    def spec(self) -> Spec:
        used = self.used
        return Spec("table", (len(used),), tuple(c.levels for c in used), tuple(c.missing for c in used))

    @classmethod
    def fit(cls, source: TableSource) -> Self:
        """Learns kinds, scaling and categories."""
        columns, notes = detect(source)
        used = [j for j, c in enumerate(columns) if c.kind != "ignored"]
        if not used:
            raise InputError(f"no column of the table can be used: {'; '.join(note.rstrip('.') for note in notes)}.")
        for some, parts in _groups(source, columns, used):
            learned, strays = learn([columns[j] for j in some], parts)
            notes += strays
            for j, column in zip(some, learned, strict=True):
                columns[j] = column
        for note in notes:
            source.say(note)
        return cls(tuple(columns), source.container, None if source.label == "" else source.label)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        columns = tuple(Column.from_json(c) for c in data["columns"])
        container, names, label = data["container"], {c.name for c in columns}, data.get("label")
        if container not in ("numpy", *LIBRARIES) or all(c.kind == "ignored" for c in columns):
            raise ValueError(f"a {container} table of {len(columns)} columns")
        if len(names) < len(columns) or (container != "pandas" and not all(isinstance(name, str) for name in names)):
            raise ValueError(f"a {container} table of columns called {names}")
        if container == "numpy" and (
            len({c.dtype for c in columns}) > 1 or np.dtype(columns[0].dtype).kind not in "biuf"
        ):
            raise ValueError(f"an array of {columns[0].dtype}")
        if label in names or not isinstance(label, str | int | None):
            raise ValueError(f"a table of columns called {names} with the label {label!r}")
        return cls(columns, container, label)

    def to_json(self) -> dict[str, Any]:
        columns = [{**asdict(c), "categories": list(c.categories)} for c in self.columns]
        return {"kind": "table", "container": self.container, "columns": columns, "label": self.label}

    @property
    def packs(self) -> str:
        return "float32"

    def pack(self, source: Source) -> torch.Tensor:
        import torch

        if not isinstance(source, TableSource):
            raise other_kind(source, "table")
        used = self.used
        packed = np.empty((len(source), len(used)), np.float32)
        if source.scanned:
            done = 0
            for part in source.parts(max(1, BLOCK // (8 * len(used)))):
                packed[done : (done := done + len(part))] = self.pack(part).numpy()
            return torch.from_numpy(packed)  # pyright: ignore[reportUnknownMemberType]
        for group, values in read(source, used, self.places(source)):
            packed[:, group] = standardised(used[group], values)
        return torch.from_numpy(packed)  # pyright: ignore[reportUnknownMemberType]

    def labelled(self, source: Source) -> Source:
        if not isinstance(source, TableSource) or not self._by_name(source) or self.label not in source.columns:
            return source
        return source.labelled(self.label)

    def _by_name(self, source: TableSource) -> bool:
        """Whether columns are matched by name: frames are, but an array's columns have only a place."""
        return "numpy" not in (self.container, source.container)

    def places(self, source: TableSource) -> list[int]:
        """Where in `source` each used column stands."""
        if not self._by_name(source):
            width = len(source.columns)
            if width != len(self.columns):
                raise InputError(
                    f"X has {width} features, but the model was fitted to {len(self.columns)}; give the same columns."
                )
            named = [c.name for c in self.used if c.kind in ("category", "date")] if self.container != "numpy" else []
            if named:
                raise InputError(
                    f"an array was given, but the model was fitted to a table whose column {named[0]!r} is no number; "
                    f"give a DataFrame with the same columns."
                )
            return [j for j, c in enumerate(self.columns) if c.kind != "ignored"]
        there = {name: j for j, name in enumerate(source.columns)}
        absent = [repr(c.name) for c in self.used if c.name not in there]
        if repr(source.label) in absent:
            raise InputError(
                f"column {source.label!r} was named as the labels, and the model was fitted to it as a column like "
                "others; leave labels out."
            )
        if absent:
            raise InputError(
                f"the table lacks column{'s' * (len(absent) > 1)} {few(absent)} that the model was fitted to; "
                f"it has {few([repr(name) for name in there])}."
            )
        known = {*(c.name for c in self.columns), self.label}
        if extra := [repr(name) for name in there if name not in known]:
            source.say(f"column{'s' * (len(extra) > 1)} {few(extra)}, unknown to the model, left out.")
        return [there[c.name] for c in self.used]

    def restore(self, x: NDArray[Any], like: Source | None = None) -> Any:
        values = restored(self.used, x)
        shown = like if isinstance(like, TableSource) else None
        if (shown.container if shown else self.container) == "numpy":
            return self._array(values, shown)
        columns = self.columns
        if shown and not self._by_name(shown):
            columns = [replace(c, name=name) for c, name in zip(self.columns, shown.columns, strict=True)]
        return self._frame(columns, values, shown)

    def _frame(self, columns: Sequence[Column], values: Numbers, like: TableSource | None) -> Any:
        """The frame of `values` (n, F), in the library and with the types of `like`, or else the fitted ones."""
        library = LIBRARIES[like.container if like else self.container]
        dtypes = library.dtypes(like.native) if like else {}
        used = iter(values.T)
        built: dict[Name, Any] = {}
        for c in columns:
            own = c.dtype if library.name == self.container else library.plain[c.kind]
            dtype = dtypes.get(c.name, own)
            if c.kind != "ignored":
                cells = _cells(c, next(used), dtype)
                built[c.name] = library.built(c.name, cells, dtype, c.kind)
            elif like and c.name in dtypes:
                built[c.name] = like.native[c.name]
            else:
                built[c.name] = library.built(c.name, [None] * len(values), dtype, c.kind)
        return library.frame(built, like.native if like else None)

    def _array(self, values: Numbers, like: TableSource | None) -> NDArray[Any]:
        """(n, F) in the type of `like` or the fitted one; ignored columns are copied from `like`, or missing."""
        given = like.table if like and isinstance(like.table, np.ndarray) else None
        dtype = np.dtype(self.columns[0].dtype if given is None else given.dtype)
        full = np.full((len(values), len(self.columns)), np.nan)
        used = iter(values.T)
        for j, c in enumerate(self.columns):
            if c.kind != "ignored":
                full[:, j] = np.array(_cells(c, next(used), str(dtype)), np.float64)
            elif given is not None:
                full[:, j] = given[:, j]
        return full if dtype.kind != "f" and np.isnan(full).any() else full.astype(dtype)


def _groups(source: TableSource, columns: list[Column], used: list[int]) -> Iterator[tuple[list[int], Parts]]:
    """Columns that are learned together, and their values: all of a table that lies in a file, some rows at a time."""
    there = [columns[j] for j in used]
    if isinstance(source, ScannedTable):
        for j in used:
            if columns[j].kind == "category":  # of which nothing is to be learned but whether there are gaps
                yield [j], lambda j=j: [np.array([[np.nan if source.missing(j) else 0.0]])]
        used = [j for j in used if columns[j].kind != "category"]
        some = [columns[j] for j in used]

        def scanned() -> Iterator[Numbers]:
            for part in source.parts(max(1, BLOCK // (8 * len(used)))):
                yield np.concatenate([values for _, values in read(part, some, used)], axis=1)

        if used:
            yield used, scanned
        return
    plain = isinstance(source.table, np.ndarray) and not any(c.kind == "category" for c in there)
    if isinstance(source.table, np.ndarray) and plain and large(source.table, BLOCK):
        rows = max(1, BLOCK // (8 * source.table.shape[1]))

        def parts() -> Iterator[Numbers]:
            for part in source.parts(rows):
                yield np.concatenate([values for _, values in read(part, there, used)], axis=1)

        yield used, parts
        return
    for group, values in read(source, there, used):
        yield used[group], lambda values=values: [values]


def _cells(column: Column, values: Numbers, dtype: str) -> Any:
    """`values` as cells of a column of type `dtype`; a date that came as a number is one again, in seconds."""
    whole = integral(dtype)
    kind = "number" if column.kind == "date" and numeric(dtype) else column.kind
    cells = CELLS[kind](column, column.rounded(values, whole=whole is not None or dtype == "bool"), whole)
    if column.kind == "date" and dtype in TEXTS:
        return [None if text == "NaT" else text for text in written(cells).tolist()]
    return cells
