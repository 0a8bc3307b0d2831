"""Tables on disk: text with separators, and Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from . import memory
from .scanned import ScannedTable
from .separated import SEPARATORS, Layout, layout_of
from .source import Asked, say
from .table_copy import Copy, Plan, copied
from .tables import TableSource, check_kinds, source_of_frame
from .text_columns import dated, read_as, with_points

if TYPE_CHECKING:
    from polars import DataFrame, Expr, LazyFrame, Series

FIRST = 10_000  # rows from which the types are told, where they hold for all
PACKED = 5  # times as large as a packed text it may be unpacked


def parquet(path: Path, asked: Asked) -> TableSource:
    """The rows of a Parquet file."""
    import polars as pl

    try:
        scan = pl.scan_parquet(path, glob=False)
        some = scan.head(1000).collect()
        rows = scan.select(pl.len()).collect().item()
        wanted = rows * some.estimated_size() / max(1, some.height)
        if not rows or not some.width:
            raise _without_rows(path)
        if _stays_on_disk(path, wanted, asked):
            plan = Plan([lambda: pl.scan_parquet(path, glob=False)])
            return _of_copy(copied(path, lambda: plan, wanted), path, asked)
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {_line(error)}; save it again.") from error
    return _of_file(frame, path, asked)


def delimited(path: Path, asked: Asked) -> TableSource:
    """The rows of a text file with one line of names, separated by commas, semicolons, tabs or vertical bars.

    Raises
    ------
    InputError
        A line has more or fewer fields than the first, names repeat, there is no row, or the text is not UTF-8.
    """
    import polars as pl

    packed = PACKED if path.name.lower().endswith(".gz") else 1
    if _stays_on_disk(path, wanted := packed * path.stat().st_size, asked):
        copy = copied(path, lambda: _plan(path), wanted)
        return _of_copy(copy, path, asked, say(_notes(path, **copy.layout, columns=copy.empty.columns)))
    layout = layout_of(path)
    try:
        try:
            frame = pl.read_csv(path, infer_schema_length=FIRST, **layout.options)
        except pl.exceptions.ComputeError:  # a later row is of another type than the first ones: look at all of them
            frame = pl.read_csv(path, infer_schema_length=None, **layout.options)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path} cannot be read: {_line(error)}; mend that line.") from error
    frame = dated(frame.rename(layout.renamed(frame.columns)))
    commas: list[str] = []
    if layout.separator == ";":
        frame, commas = with_points(frame)
    if layout.blank and frame.width > 1:
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    notes = _notes(path, layout.separator, layout.header, commas, frame.columns)
    return _of_file(frame, path, asked, say(notes))


def _notes(path: Path, separator: str, header: bool, commas: list[str], columns: list[str]) -> list[str]:
    """What was found of a text that may surprise."""
    notes: list[str] = []
    if separator not in ("\t" if ".tsv" in path.name.lower() else ",", ","):
        notes.append(f"{path.name} is separated by {SEPARATORS[separator]} and was read so.")
    if commas:
        notes.append(f"{path.name} writes numbers with a decimal comma (column{_named(commas)}); they were read so.")
    if not header:
        notes.append(
            f"{path.name} has no line of names (its first line holds numbers); its columns are called "
            f"{columns[0]} and so on."
        )
    return notes


def _stays_on_disk(path: Path, wanted: float, asked: Asked) -> bool:
    """Whether a table takes more memory than it may; what may take it and has no room would end the process."""
    if wanted > memory.allowed(asked.memory):
        return True
    free = memory.free()
    if wanted > free:
        raise InputError(
            f"{path} takes about {wanted / 1e9:.1f} GB as a table and {free / 1e9:.1f} GB of memory are free; choose a "
            "smaller memory, so that it is read from disk."
        )
    return False


def _plan(path: Path) -> Plan:
    """How a text is read a part at a time, to what `read_csv` and the functions of `text_columns` make of all of it."""
    import polars as pl

    layout = layout_of(path)

    def scanned(**types: Any) -> LazyFrame:
        table = pl.scan_csv(path, **layout.options, **types)
        names = table.collect_schema().names()
        table = table.rename(layout.renamed(names))
        return table.filter(~pl.all_horizontal(pl.all().is_null())) if layout.blank and len(names) > 1 else table

    def types(some: DataFrame, column: Callable[[str], Iterator[Series]]) -> tuple[list[Expr], dict[str, Any]]:
        found, commas = read_as(some, column, commas=layout.separator == ";")
        return found, {"commas": commas}

    scans = [lambda: scanned(infer_schema_length=FIRST), lambda: scanned(schema_overrides=_wider(path, layout))]
    return Plan(scans, types, {"separator": layout.separator, "header": layout.header})


def _wider(path: Path, layout: Layout) -> dict[str, Any]:
    """The types that hold all cells of a text: a whole number where all are, else a number, else a text.

    Polars tells them only of as many rows as it holds in memory. A type is right where it loses no cell.
    """
    import polars as pl

    def missing(scan: LazyFrame) -> dict[str, int]:
        return scan.select(pl.all().null_count()).collect(engine="streaming").row(0, named=True)

    gaps = missing(pl.scan_csv(path, infer_schema=False, **layout.options))
    schema: dict[str, Any] = dict(pl.scan_csv(path, infer_schema_length=FIRST, **layout.options).collect_schema())
    while True:
        read = missing(pl.scan_csv(path, schema_overrides=schema, ignore_errors=True, **layout.options))
        lost = [name for name, count in read.items() if count > gaps[name]]
        if not lost:
            return schema
        schema |= {name: pl.Float64 if schema[name].is_integer() else pl.String for name in lost}


def _named(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if names[5:] else ""
    return f"{'s' * (len(names) > 1)} {', '.join(map(repr, names[:5]))}{more}"


def _without_rows(path: Path) -> InputError:
    return InputError(f"{path} has a header and no rows; give at least one row.")


def _of_copy(copy: Copy, path: Path, asked: Asked, notes: list[str] | None = None) -> TableSource:
    if not copy.height or not copy.empty.width:
        raise _without_rows(path)
    check_kinds(copy.empty.columns, asked.kinds)
    return ScannedTable(copy, kinds=asked.kinds, notes=notes or [], origin=str(path.absolute()))


def _of_file(frame: Any, path: Path, asked: Asked, notes: list[str] | None = None) -> TableSource:
    if not frame.height or not frame.width:
        raise _without_rows(path)
    source = source_of_frame(frame, kinds=asked.kinds, notes=notes or [], origin=str(path.absolute()))
    assert source is not None
    return source


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
