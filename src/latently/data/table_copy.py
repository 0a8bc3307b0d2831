"""A table's columns copied once into the cache, in groups of rows that are quick to read and small to hold.

The text of a .csv is parsed once, a .parquet may lie in groups of any size, and either may change while a model trains:
what is read from is the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from . import cache
from .blocks import BLOCK

if TYPE_CHECKING:
    from polars import DataFrame, Expr, LazyFrame, Series

Rows = tuple[int, int]  # from, and up to but without
Column = Callable[[str], "Iterator[Series]"]  # the parts of a column of that name

GROUP = 4 * BLOCK  # bytes of a group of rows, about
FEWEST, MOST = 256, 65_536  # rows of a group


@dataclass(frozen=True, slots=True)
class Plan:
    """How an original is read.

    Parameters
    ----------
    scans
        Tried one after the other, where what was found in the first rows does not hold for all.
    types
        What is made of columns then, and what there is to say of it.
    layout
        What else there is to keep.
    """

    scans: Iterable[Callable[[], LazyFrame]]
    types: Callable[[DataFrame, Column], tuple[list[Expr], dict[str, Any]]] = lambda _, __: ([], {})
    layout: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Copy:
    """The copy of one table.

    Parameters
    ----------
    path
        The copy, Parquet.
    origin, mark
        The original, and what it was known by when it was copied.
    make
        Makes the copy again where the cache let go of it.
    height, group
        Rows in all, and in a group.
    weight
        Bytes of a row in memory, about.
    digest
        SHA-256 of the original.
    empty
        No row of it: the names and types of the columns.
    layout
        How its text was read.
    """

    path: Path
    origin: Path
    mark: list[int]
    make: Callable[[], cache.Stored]
    height: int
    group: int
    weight: float
    digest: str
    empty: DataFrame
    layout: dict[str, Any]

    def read(self, rows: Rows, columns: list[str] | None = None) -> DataFrame:
        """Those rows, of those columns."""
        import polars as pl

        try:
            return self._read(rows, columns)
        except (pl.exceptions.PolarsError, OSError):
            self._again()
        try:
            return self._read(rows, columns)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(f"{self.path}, the copy of {self.origin}, cannot be read ({error}); remove it.") from error

    def _read(self, rows: Rows, columns: list[str] | None) -> DataFrame:
        return _scan(self.path).select(columns or self.empty.columns).slice(rows[0], rows[1] - rows[0]).collect()

    def _again(self) -> None:
        """The cache may let go of the copy while it is in use."""
        if not self.origin.exists() or mark(self.origin) != self.mark:
            raise InputError(
                f"{self.path}, the copy of {self.origin}, is gone and the file was changed since; open it again."
            )
        self.path = self.make().path


def mark(path: Path) -> list[int]:
    """What a file is known by as long as nobody writes to it."""
    known = path.stat()
    return [known.st_size, known.st_mtime_ns]


def copied(path: Path, plan: Callable[[], Plan], wanted: float) -> Copy:
    """The copy of a table, made where it is not in the cache yet.

    Parameters
    ----------
    path
        The original.
    plan
        Looks at the original, where it has to be copied.
    wanted
        Bytes that its columns take in memory, about.

    Raises
    ------
    InputError
        The original cannot be read, or changes meanwhile.
    OutputError
        The cache folder cannot be written, or its disk is full.
    """
    import polars as pl

    known = mark(path)
    key = cache.key("table", str(path.absolute()), known, pl.__version__)

    def make() -> cache.Stored:
        planned = plan()
        return cache.keep_file(key, lambda part: _written(path, part, planned), int(wanted))

    stored = cache.load(key)
    if stored is None or not _sound(stored.facts):
        stored = make()
    if mark(path) != known:
        stored.path.unlink(missing_ok=True)
        raise InputError(f"{path} was changed while it was being read; open it again once it is whole.")
    facts = stored.facts
    empty = _scan(stored.path).head(0).collect()
    sizes: list[Any] = [facts[name] for name in ("height", "group", "weight", "digest")]
    return Copy(stored.path, path, known, make, *sizes, empty=empty, layout=facts["layout"])


def _sound(facts: Mapping[str, Any]) -> bool:
    kinds = {"height": int, "group": int, "weight": float, "digest": str, "layout": dict}
    return all(isinstance(facts.get(name), kind) for name, kind in kinds.items())


def _scan(path: Path) -> LazyFrame:
    import polars as pl

    return pl.scan_parquet(path, glob=False)


def _written(path: Path, part: Path, plan: Plan) -> dict[str, Any]:
    """Writes the copy at `part`; the facts to keep of it."""
    import polars as pl

    try:
        weight, group = _sunk(plan, part)
        some = _scan(part).head(1000).collect()
        found, more = plan.types(some, lambda name: _parts(part, group, name))
        if found:
            typed = part.with_name(part.name.replace(".part.", "-typed.part."))  # a name that the cache clears away
            try:
                _sink(_scan(part).with_columns(found), typed, group)
                typed.replace(part)
            finally:
                typed.unlink(missing_ok=True)
        height = _scan(part).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().split("\n")[0][:200]
        raise InputError(f"{path} cannot be read: {reason}; mend it, or save it again.") from error
    layout = {**plan.layout, **more}
    return {"height": height, "group": group, "weight": weight, "digest": _digest(path), "layout": layout}


def _sunk(plan: Plan, part: Path) -> tuple[float, int]:
    """Writes the columns as they are first read; the bytes of a row in memory, and the rows of a group."""
    import polars as pl

    failed: Exception | None = None
    for scan in plan.scans:
        try:
            table = scan()
            some = table.head(1000).collect()
            weight = max(1.0, some.estimated_size() / max(1, some.height))
            group = int(min(MOST, max(FEWEST, GROUP // weight)))
            _sink(table, part, group)
            return weight, group
        except pl.exceptions.ComputeError as error:  # a later row is of another type than the first ones
            failed = error
    assert failed is not None
    raise failed


def _parts(path: Path, group: int, name: str) -> Iterator[Series]:
    import polars as pl

    column = _scan(path).select(name)
    for start in range(0, column.select(pl.len()).collect().item(), group):
        yield column.slice(start, group).collect().to_series()


def _sink(table: LazyFrame, path: Path, group: int) -> None:
    table.sink_parquet(path, compression="lz4", statistics=False, row_group_size=group)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(BLOCK):
            digest.update(part)
    return digest.hexdigest()
