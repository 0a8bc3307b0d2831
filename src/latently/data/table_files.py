"""Tables on disk: text with separators, and Parquet."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, listed
from . import memory
from .encodings import remedy
from .scanned import ScannedTable
from .source import Asked, say
from .table_copy import Copy, Plan, copied
from .tables import TableSource, check_kinds, source_of_frame
from .text_columns import dated, read_as, with_points

if TYPE_CHECKING:
    from polars import DataFrame, Expr, LazyFrame, Series

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
FIRST = 10_000  # rows from which the types are told, where they hold for all
PACKED = 5  # times as large as a packed text it may be unpacked
LOOKED = 20  # lines from which the separator is told
NUMBER = re.compile(r"[+-]?[\d.,]*\d([eE][+-]?\d+)?")  # of any country
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]


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
    layout = _layout(path)
    try:
        try:
            frame = pl.read_csv(path, infer_schema_length=FIRST, **layout.options)
        except pl.exceptions.ComputeError:  # a later row is of another type than the first ones: look at all of them
            frame = pl.read_csv(path, infer_schema_length=None, **layout.options)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path} cannot be read: {_line(error)}; mend that line.") from error
    frame = dated(frame)
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

    layout = _layout(path)

    def scanned(**types: Any) -> LazyFrame:
        table = pl.scan_csv(path, **layout.options, **types)
        names = table.collect_schema().names()
        return table.filter(~pl.all_horizontal(pl.all().is_null())) if layout.blank and len(names) > 1 else table

    def types(some: DataFrame, column: Callable[[str], Iterator[Series]]) -> tuple[list[Expr], dict[str, Any]]:
        found, commas = read_as(some, column, commas=layout.separator == ";")
        return found, {"commas": commas}

    scans = [lambda: scanned(infer_schema_length=FIRST), lambda: scanned(schema_overrides=_wider(path, layout))]
    return Plan(scans, types, {"separator": layout.separator, "header": layout.header})


def _wider(path: Path, layout: _Layout) -> dict[str, Any]:
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


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    quoted: bool
    header: bool
    blank: bool

    @property
    def options(self) -> dict[str, Any]:
        """For polars."""
        return {
            "separator": self.separator,
            "quote_char": '"' if self.quoted else None,
            "has_header": self.header,
            "null_values": MISSING,
            "glob": False,  # a name may hold * ? [ ]
        }


def _layout(path: Path) -> _Layout:
    """Reads the text once: polars fills short lines without a word, and does not say which line is too long."""
    if not any(line.strip() for line in _lines(path)):
        raise InputError(f"{path} is empty; give a line of column names and at least one row.")
    separator = _separator(path)
    quoted = any(line.startswith('"') or f'{separator}"' in line for line in _lines(path))
    try:
        blank, names = _regular(path, separator, quoted=quoted)
    except InputError:
        if not (quoted and separator == "\t"):
            raise
        quoted = False  # in tab-separated text a quote may be a letter
        blank, names = _regular(path, separator, quoted=quoted)
    header = not _all_numbers([name.replace(",", ".") for name in names] if separator == ";" else names)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if header and repeated:
        places = listed([str(j + 1) for j, name in enumerate(names) if name == repeated[0]])
        raise InputError(f"{path} has the column name {repeated[0]!r} more than once (columns {places}); rename them.")
    return _Layout(separator, quoted, header, blank)


def _separator(path: Path) -> str:
    """Of those that part the first lines into equally many fields the one with most numbers, then with most fields."""
    lines = list(islice((line for line in _lines(path) if line.strip()), LOOKED))

    def fitness(separator: str) -> tuple[bool, float, int]:
        try:
            header, *rows = csv.reader(lines, delimiter=separator)
        except csv.Error:
            return False, 0.0, lines[0].count(separator) + 1
        if len(header) < 2 or {len(row) for row in rows} - {len(header)}:
            return False, 0.0, len(header)
        numbers = sum(NUMBER.fullmatch(field.strip()) is not None for row in rows for field in row)
        return True, numbers / (len(header) * len(rows) or 1), len(header)

    return max(SEPARATORS, key=fitness)  # of equals the first


def _regular(path: Path, separator: str, *, quoted: bool) -> tuple[bool, list[str]]:
    """Whether there are blank lines, and the first line's fields, of which each other line has as many."""
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    rows = csv.reader(_lines(path), delimiter=separator, quoting=quoting, strict=True)
    names: list[str] = []
    blank = False
    try:
        for row in rows:
            if not row:
                blank = True
            elif not names:
                names = row
            elif len(row) != len(names):
                raise InputError(
                    f"{path}, line {rows.line_num}: {len(row)} fields where the first line has {len(names)}; mend the "
                    f"line, or put a field that holds {separator!r} in double quotes."
                )
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}; close the double quotes.") from error
    return blank, names


def _lines(path: Path) -> Iterator[str]:
    """The lines as text; a byte that is not UTF-8 is named with its line."""
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise InputError(
                        f"{path}, line {number}: byte {error.start + 1} of the line (0x{line[error.start]:02x}) is "
                        f"not UTF-8; {remedy(path, line)}"
                    ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}; check the file and its permissions.") from error


def _all_numbers(names: list[str]) -> bool:
    """Whether the first line looks like data: numbers alone, and not just 0, 1, 2 and so on, counted from 0 or 1.

    >>> _all_numbers(["5.1", "3.5"]), _all_numbers(["0", "1", "2"]), _all_numbers(["age", "1"])
    (True, False, False)
    """
    try:
        values = [float(name) for name in names]
    except ValueError:
        return False
    return values not in (list(range(len(values))), list(range(1, len(values) + 1)))


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
