"""Texts: lines, cells and documents in one buffer of UTF-8, and the source that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from numbers import Integral
from typing import Any, ClassVar, Self, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, InputTypeError, lacking
from ..spec import Kind
from .cleaning import RULES
from .source import Name, Reading, Rows, Source, say
from .tables import TableSource
from .vocabulary import SPECIAL, UNITS

LOOKED = 10_000  # texts whose words are counted for the summary
_LEAST = {"vocabulary": len(SPECIAL), "length": 3}
_WHY = {
    "vocabulary": "<start>, <end> and <unk> are three of them",
    "length": "<start> and <end> are two of them",
}
_STRINGS = (nw.String, nw.Categorical, nw.Enum)


class TextSource(Source):
    """Texts of any length.

    They lie end to end as UTF-8, as in the file they came from: a list of a million lines would take three times the
    room and a third of it in headers, and slices share the one buffer.

    Parameters
    ----------
    buffer
        (bytes,) uint8, in which every text is a stretch.
    starts, ends
        (n,) int64: where each text begins and ends in it.
    reading
        What was asked of `open`: unit, vocabulary, rule of cleaning, length, column.
    """

    kind: ClassVar[Kind] = "text"

    def __init__(
        self,
        buffer: NDArray[np.uint8],
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        *,
        reading: Reading | None = None,
        **common: Any,
    ) -> None:
        super().__init__(len(starts), **common)
        self.buffer, self.starts, self.ends = buffer, starts, ends
        self.reading = reading or Reading()

    @property
    def summary(self) -> str:
        n = len(self)
        words = [len(self.text(i).split()) for i in range(0, n, max(1, -(-n // LOOKED)))]
        mean = sum(words) / max(1, len(words))
        often = f"{mean:.0f}" if mean >= 9.95 else f"{mean:.1f}".removesuffix(".0")
        return f"{n} text{'s' * (n != 1)}, {often} word{'s' * (often != '1')}{' on average' * (n != 1)}"

    @property
    def data(self) -> list[str]:
        """The texts."""
        return [*self]

    def __iter__(self) -> Iterator[str]:
        return map(self.text, range(len(self)))

    def text(self, place: int) -> str:
        """One text."""
        return self.buffer[self.starts[place] : self.ends[place]].tobytes().decode()

    def __getitem__(self, rows: Rows) -> Self:
        chosen = self.chosen(rows)
        return type(self)(self.buffer, self.starts[rows], self.ends[rows], reading=self.reading, **chosen)

    def content(self) -> Sequence[tuple[str, NDArray[Any]]]:
        stretches = [self.buffer[start:end] for start, end in zip(self.starts, self.ends, strict=True)]
        together = np.concatenate(stretches) if stretches else self.buffer[:0]
        return [("texts", together), ("lengths", self.ends - self.starts)]


def source_of_texts(texts: Iterable[Any], reading: Reading, **common: Any) -> TextSource:
    """The source of strings; one that is missing is an empty text.

    Raises
    ------
    InputError
        There is none, none holds a word, or one cannot be written as UTF-8.
    InputTypeError
        One is no string.
    """
    pieces = [_bytes(place, text) for place, text in enumerate(texts)]
    if not pieces:
        raise InputError("the list of texts is empty; give at least one text.")
    ends = np.array([*accumulate(map(len, pieces))], np.int64)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    source = TextSource(np.frombuffer(b"".join(pieces), np.uint8), starts, ends, reading=reading, **common)
    empty = sum(not piece.decode().strip() for piece in pieces)
    if empty == len(pieces):
        raise InputError(f"none of the {len(pieces)} texts holds a word; give at least one that does.")
    if empty:
        source.say(f"{empty} of {len(pieces)} texts are empty.")
    return cleaned(source)


def _bytes(place: int, text: Any) -> bytes:
    if text is None or text != text:  # NaN
        return b""
    if not isinstance(text, str):
        raise InputTypeError(f"item {place} of the list is {text!r} and no text; give a list of strings.")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"item {place} of the list has half a character at place {error.start} (U+{ord(text[error.start]):04X}); "
            "decode the text with its own encoding."
        ) from error


def cleaned(source: TextSource) -> TextSource:
    """The source without the lines that the asked rule of cleaning leaves out, and a note that counts them."""
    rule = RULES[source.reading.clean or "unicode"]
    kept = [i for i, text in enumerate(source) if rule.keeps(text)] if source.reading.clean else [*range(len(source))]
    if not kept:
        raise InputError(
            f"no line is left after cleaning with clean={source.reading.clean!r}, of {len(source)}; give others, or "
            'clean="unicode".'
        )
    if len(kept) < len(source):
        left = len(source) - len(kept)
        counted = source.names == [*map(str, range(len(source)))]
        source = source[kept]
        if counted:  # an item's name is then its row, whatever was left out
            source.names = [*map(str, range(len(source)))]
        source.notes = [*source.notes, *say([f"{left} lines were left out by clean={source.reading.clean!r}."])]
    return source


def source_of_column(table: TableSource, reading: Reading) -> TextSource:
    """The source of a table's column of texts, with the table's labels and names.

    Raises
    ------
    InputError
        No such column is there, it holds no texts, or it is not said which of several is meant.
    """
    if isinstance(table.table, np.ndarray):
        raise InputError(f"texts are wanted, but the data are {table.summary}; give strings.")
    there = [name for name, series in zip(table.columns, table.table.iter_columns(), strict=True) if _texts(series)]
    name = chosen([*table.columns], there, reading.text, "the table", "column")
    series = table.series(table.columns.index(name))
    common = table.chosen(slice(None)) | {"kinds": None}
    return source_of_texts(series.to_list(), replace(reading, text=name), **common)


def _texts(series: nw.Series[Any]) -> bool:
    return isinstance(series.dtype, _STRINGS)


def chosen(names: Sequence[Name], texts: Sequence[Name], asked: Name | None, what: str, part: str) -> Name:
    """The asked one of `names`; where none is asked for, `text`, or the only one that holds texts."""
    if asked is not None:
        name = named(names, asked, "text", what, part)
        if name not in texts:
            raise InputError(f"{part} {asked!r} of {what} holds no texts; name one that does.")
        return name
    if "text" in texts or len(texts) == 1:
        return "text" if "text" in texts else texts[0]
    some = f"more than one {part} of texts ({', '.join(map(str, texts[:8]))})" if texts else f"no {part} of texts"
    raise InputError(f"{what} has {some}; say with text=NAME which {part} is meant.")


def named(names: Sequence[Name], asked: Name, keyword: str, what: str, part: str) -> Name:
    """The one of `names` that is written like `asked`."""
    for name in names:
        if str(name) == str(asked):
            return name
    raise InputError(lacking(f"{keyword}={asked!r}", asked, f"{part} of {what}", names))


def strings(x: Any) -> Iterable[Any] | None:
    """The items of a list, an array or a Series of strings; None where `x` is none of them."""
    if isinstance(x, np.ndarray):
        cells = cast(NDArray[Any], x)
        return cells.tolist() if cells.ndim == 1 and (cells.dtype.kind in "UT" or _some(cells.tolist())) else None
    if isinstance(x, Sequence):
        items = cast(Sequence[Any], x)
        return None if isinstance(x, str | bytes) or not _some(items) else items
    series: Any = nw.from_native(x, series_only=True, pass_through=True)
    if not isinstance(series, nw.Series):
        return None
    cells = cast("nw.Series[Any]", series)
    return cells.to_list() if _texts(cells) or (cells.dtype == nw.Object and _some(cells.to_list())) else None


def _some(items: Sequence[Any]) -> bool:
    """Whether the first item that is there is a text."""
    return isinstance(next((item for item in items if item is not None and item is item), None), str)


def read_as(text: str | int | None, unit: Any, vocabulary: Any, clean: Any, length: Any) -> Reading:
    """How texts are to be read, checked.

    Raises
    ------
    InputError
        One of the options is not allowed; the message says what is.
    """
    for key, value, known in (("unit", unit, UNITS), ("clean", clean, RULES)):
        if value is not None and value not in [*known]:
            raise InputError(f"{key}={value!r} is not known; it is one of {', '.join(known)}.")
    for key, value in (("vocabulary", vocabulary), ("length", length)):
        if value is not None and not (type(value) is int and _LEAST[key] <= value < 2**31):
            raise InputError(
                f"{key}={value!r} is not allowed; it is a whole number of tokens, at least {_LEAST[key]}: {_WHY[key]}."
            )
    if text is not None and not isinstance(text, str | Integral):
        raise InputError(f"text={text!r} is not the name of a column; give one, such as text='review'.")
    return Reading(text, unit, vocabulary, clean, length)
