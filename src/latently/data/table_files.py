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
from typing import Any

from ..errors import InputError
from . import memory
from .source import Asked, say
from .tables import TableSource, source_of_frame

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
LOOKED = 20  # lines from which the separator is told
NUMBER = re.compile(r"[+-]?[\d.,]*\d([eE][+-]?\d+)?")  # of any country
COMMA = r"^[+-]?(\d*|\d{1,3}(\.\d{3})+),\d+$"  # 1.234,5
WHOLE = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)$"
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]


def parquet(path: Path, asked: Asked) -> TableSource:
    """The rows of a Parquet file."""
    import polars as pl

    try:
        scan = pl.scan_parquet(path, glob=False)
        some = scan.head(1000).collect()
        if some.height:
            _refuse_what_is_larger_than_memory(
                path, scan.select(pl.len()).collect().item() * some.estimated_size() / some.height
            )
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

    _refuse_what_is_larger_than_memory(path, path.stat().st_size)
    layout = _layout(path)
    options: dict[str, Any] = {
        "separator": layout.separator,
        "quote_char": '"' if layout.quoted else None,
        "has_header": layout.header,
        "null_values": MISSING,
        "glob": False,  # a name may hold * ? [ ]
    }
    try:
        try:
            frame = pl.read_csv(path, infer_schema_length=10_000, **options)
        except pl.exceptions.ComputeError:  # a later row is of another type than the first ones: look at all of them
            frame = pl.read_csv(path, infer_schema_length=None, **options)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path} cannot be read: {_line(error)}; mend that line.") from error
    frame = _dated(frame)
    notes: list[str] = []
    if layout.separator not in ("\t" if ".tsv" in path.name.lower() else ",", ","):
        notes.append(f"{path.name} is separated by {SEPARATORS[layout.separator]} and was read so.")
    if layout.separator == ";":
        frame, commas = _with_points(frame)
        if commas:
            notes.append(
                f"{path.name} writes numbers with a decimal comma (column{_named(commas)}); they were read so."
            )
    if layout.blank and frame.width > 1:
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    if not layout.header:
        notes.append(
            f"{path.name} has no line of names (its first line holds numbers); its columns are called "
            f"{frame.columns[0]} and so on."
        )
    return _of_file(frame, path, asked, say(notes))


def _refuse_what_is_larger_than_memory(path: Path, wanted: float) -> None:
    """A table is read whole, and takes about as much as its text; what has no room would end the process."""
    free = memory.free()
    if wanted > free:
        raise InputError(
            f"{path} takes about {wanted / 1e9:.1f} GB as a table and {free / 1e9:.1f} GB of memory are free; train on "
            "a part of its rows, or save its numbers as an array with numpy.save, which is read a part at a time."
        )


def _dated(frame: Any) -> Any:
    """Columns of ISO dates or times as such. Polars' own try_parse_dates tries each text: 0.9 s for 300,000 of them."""
    import polars as pl

    parsers: list[Callable[[Any], Any]] = [
        lambda texts: texts.str.to_date("%Y-%m-%d"),
        lambda texts: texts.str.to_datetime(),
        lambda texts: texts.str.to_datetime(time_zone="UTC"),
    ]
    for texts in frame.select(pl.col(pl.String)).iter_columns():
        first = texts.drop_nulls().head(1).to_list()
        for parse in parsers if first and re.match(r"\d{4}-\d\d-\d\d", first[0]) else ():
            try:
                frame = frame.with_columns(parse(texts))
                break
            except pl.exceptions.PolarsError:
                continue
    return frame


def _with_points(frame: Any) -> tuple[Any, list[str]]:
    """Columns of numbers with decimal commas as numbers, and their names: how Excel writes them in half of Europe."""
    import polars as pl

    found: list[str] = []
    for texts in frame.select(pl.col(pl.String)).iter_columns():
        cells = texts.drop_nulls().str.strip_chars()
        commas = cells.str.contains(COMMA)
        if commas.any() and (commas | cells.str.contains(WHOLE)).all():
            plain = texts.str.strip_chars().str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
            frame = frame.with_columns(plain.cast(pl.Float64))
            found.append(texts.name)
    return frame, found


def _named(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if names[5:] else ""
    return f"{'s' * (len(names) > 1)} {', '.join(map(repr, names[:5]))}{more}"


def _of_file(frame: Any, path: Path, asked: Asked, notes: list[str] | None = None) -> TableSource:
    if not frame.height or not frame.width:
        raise InputError(f"{path} has a header and no rows; give at least one row.")
    source = source_of_frame(frame, kinds=asked.kinds, notes=notes or [], origin=str(path.absolute()))
    assert source is not None
    return source


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    quoted: bool
    header: bool
    blank: bool


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
        places = " and ".join(str(j + 1) for j, name in enumerate(names) if name == repeated[0])
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
                        f"not UTF-8; save the file again with the encoding UTF-8."
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
