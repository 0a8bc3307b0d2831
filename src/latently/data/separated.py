"""The form of a text with separators: told by one reading, before polars reads its cells."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, listed
from .encodings import remedy

if TYPE_CHECKING:
    from polars import DataFrame

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
LOOKED = 20  # lines from which the separator is told
NUMBER = re.compile(r"[+-]?[\d.,]*\d([eE][+-]?\d+)?")  # of any country
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What parts the fields, whether quotes may hold them, and whether there are a line of names and blank lines."""

    separator: str
    quoted: bool
    header: bool
    blank: bool
    names: tuple[str, ...] = ()  # of the first line, quotes within quotes read as one

    def renamed(self, columns: list[str]) -> dict[str, str]:
        """What polars calls otherwise than the first line does: of a name in quotes it keeps each quote twice."""
        pairs = zip(columns, self.names, strict=True) if self.header else ()
        return {column: name for column, name in pairs if '""' in column}

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


def layout_of(path: Path) -> Layout:
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
    return Layout(separator, quoted, header, blank, tuple(names))


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


def as_written(path: Path) -> tuple[DataFrame, Layout]:
    """The cells of a text as they stand there, all of them texts; null where one is missing."""
    import polars as pl

    layout = layout_of(path)
    there = pl.read_csv(path, infer_schema=False, **layout.options)
    if layout.blank and there.width > 1:
        there = there.filter(~pl.all_horizontal(pl.all().is_null()))
    return there, layout
