"""A source is data that was looked at but not yet turned into numbers: sliceable, its kind known, its rows named."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from hashlib import sha256
from inspect import currentframe
from itertools import chain
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, LatentlyWarning
from ..spec import Kind
from .blocks import blocks

if TYPE_CHECKING:
    from torch import Tensor

Size = tuple[int, int]  # height, width
Name = str | int  # of a column
Rows = slice | NDArray[Any] | Sequence[int]


class IfThere(str):
    """The name of the column that holds the labels, where the data have one: other data may come without labels."""

    __slots__ = ()


KINDS: dict[Kind, str] = {  # as a person calls them
    "image": "pictures",
    "table": "a table",
    "text": "texts",
    "series": "a series",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts and series are to be read, as `open` was asked; None where that is left to what knows them."""

    text: Name | None = None
    unit: str | None = None
    vocabulary: int | None = None
    clean: str | None = None
    length: int | None = None
    time: Name | None = None
    window: int | None = None
    step: int | None = None
    series: Name | None = None
    resample: bool | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What was asked, by its keyword.

        >>> Reading(unit="word").given
        {'unit': 'word'}
        """
        return {key: value for key, value in asdict(self).items() if value is not None}

    def about(self, kind: Kind) -> dict[str, Any]:
        """What was asked of that kind of data: texts or series."""
        return {key: value for key, value in self.given.items() if (key in OF_SERIES) == (kind == "series")}


OF_SERIES = ("time", "window", "step", "series", "resample")  # what of `Reading` is about series; the rest is of texts


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked of `open`, beside the data."""

    kind: Kind | None = None
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    size: Size | None = None
    reading: Reading = Reading()
    label: Name | None = None
    memory: float | None = None  # gigabytes that a table may take


class Source(ABC):
    """Items that a model can be fitted to.

    Parameters
    ----------
    labels
        One label an item, shape (n,), or None; "" or NaN where one is missing. They colour the maps, and conditional
        models are told them; no other model learns from them.
    names
        One name an item: the file relative to its folder, or the row's number as text.
    notes
        What was done on the person's behalf while opening, each a sentence that was also warned of once.
    origin
        The absolute path that the data came from, or None.
    kinds, size
        What was asked of `open`: the kinds of columns, and the (height, width) of pictures.
    label
        The name of the column that the labels were, "" where they were handed over, None where neither was asked.
    """

    kind: ClassVar[Kind]
    reading: Reading = Reading()  # of texts and series alone
    container: str = "numpy"  # what a table was handed in as: numpy, pandas, polars (files too) or pyarrow
    scanned: ClassVar[bool] = False  # whether items are read from a copy in the cache as they are asked for

    def __init__(
        self,
        count: int,
        labels: NDArray[Any] | None = None,
        names: Sequence[str] | range | None = None,
        notes: Sequence[str] = (),
        origin: str | None = None,
        kinds: Mapping[str, str] | None = None,
        size: Size | None = None,
        label: Name | None = None,
    ) -> None:
        self.labels = labels
        self.label = label
        self.whole: Self | None = None  # what this is one of the `parts` of
        self._names: Sequence[str] | range = range(count) if names is None else names
        self.notes = list(notes)
        self.origin = origin
        self.kinds = {str(name): kind for name, kind in (kinds or {}).items()}
        self.size = size

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary}>"

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self._names]

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        self._names = names

    def name(self, row: int) -> str:
        """One of the names."""
        return str(self._names[row])

    @property
    @abstractmethod
    def summary(self) -> str:
        """What it holds, in a few words: `60000 pictures, 28 x 28, uint8`."""

    @property
    @abstractmethod
    def data(self) -> Any:
        """The items in the types they came in."""

    @abstractmethod
    def __getitem__(self, rows: Rows) -> Self:
        """The source of those rows: a slice, or whole numbers in any order."""

    @abstractmethod
    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        """What the fingerprint is taken of: named arrays."""

    def labelled(self, labels: Any) -> Self:
        """The same items with these labels, (n,), or with those in the column of that name.

        Raises
        ------
        InputError
            There is no such column, or the labels are not one an item.
        """
        if isinstance(labels, IfThere):
            return self
        if isinstance(labels, str | Integral):
            raise InputError(
                f"labels={labels!r} names a column of a table, but the data are {self.summary}; pass one label an "
                "item, or leave it out: the sub-folders of pictures are their labels."
            )
        tidied = tidy(labels)
        if tidied.shape != (len(self),):
            shape = " x ".join(map(str, tidied.shape)) or "a single value"
            raise InputError(f"labels ({shape}) were given for {len(self)} items; give one label an item.")
        other = copy(self)
        other.labels, other.label = tidied, ""
        return other

    def fingerprint(self) -> str:
        """SHA-256 of the content and of labels asked for, in hex: the same for the same data, whatever path it is at.

        >>> import numpy as np
        >>> from latently import open
        >>> X = np.zeros((3, 2))
        >>> open(X).fingerprint() == open(X.copy()).fingerprint() != open(X + 1).fingerprint()
        True
        """
        digest = sha256()
        asked = None if self.labels is None or self.label is None else ("labels", self.labels.astype("U"))
        for name, array in chain(self.content(), [asked] if asked else ()):
            digest.update(f"{name} {array.dtype.str} {array.shape};".encode())
            for _, part in blocks(array):
                digest.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        return digest.hexdigest()

    def parts(self, rows: int | None = None) -> Iterator[Self]:
        """The source, at most so many rows at a time; what is said of one part is said of all.

        By default all of what lies in memory, and as much of what lies on disk as is quick to hold.

        >>> from latently import open
        >>> [len(part) for part in open([[1.0], [2.0], [3.0]]).parts(2)]
        [2, 1]
        """
        if rows is None or len(self) <= rows:
            yield self
            return
        for start in range(0, len(self), rows):
            part = self._part(slice(start, min(start + rows, len(self))))
            part.whole, part.notes = self.whole or self, self.notes
            yield part

    def _part(self, rows: slice) -> Self:
        return self[rows]

    def split(self, share: float, seed: int) -> tuple[Tensor, Tensor]:
        """Rows to train on and rows to hold out: of items that have nothing in common, drawn one by one."""
        from .loader import split

        return split(len(self), share, seed)

    def say(self, note: str) -> None:
        """Keeps a note and warns of it, unless it was said before."""
        if note not in self.notes:
            self.notes.extend(say([note]))

    def _picked(self, rows: Rows, picked: NDArray[Any]) -> Sequence[str] | range:
        if isinstance(rows, slice):
            return self._names[rows]
        return [self.name(i) for i in picked.tolist()]

    def chosen(self, rows: Rows) -> dict[str, Any]:
        """The attributes that every source has, for those rows: arguments of the constructor."""
        picked = np.arange(len(self))[rows]
        return {
            "labels": None if self.labels is None else self.labels[picked],
            "names": self._picked(rows, picked),
            "notes": self.notes,
            "origin": self.origin,
            "kinds": self.kinds,
            "size": self.size,
            "label": self.label,
        }


def other_kind(source: Source, fitted: Kind) -> InputError:
    """The error where a model is handed another kind of data than it was fitted to.

    >>> from latently import open
    >>> print(other_kind(open([[1.0]]), "image"))
    a table was given and the model was fitted to pictures; give pictures, a single one as [picture].
    """
    given, wanted = KINDS[source.kind], KINDS[fitted]
    was = "was" if given.startswith("a ") else "were"
    single = ", a single one as [picture]" if (source.kind, fitted) == ("table", "image") else ""  # both are of 2 axes
    return InputError(f"{given} {was} given and the model was fitted to {wanted}; give {wanted}{single}.")


def tidy(labels: Any) -> NDArray[Any]:
    """Labels as one array (n,) of whole numbers, true and false, texts, or measurements that are no whole numbers.

    A missing one is "", and makes texts of the others, or NaN among measurements.

    >>> tidy([1.0, 2.0]), tidy(["a", None]), tidy([1, float("nan")]), tidy([0.5, None])
    (array([1, 2]), array(['a', ''], dtype='<U1'), array(['1', ''], dtype='<U1'), array([0.5, nan]))
    """
    array = np.asarray(labels)
    if array.dtype.kind in "biuU" or array.ndim != 1:
        return array
    cells = [None if _missing(cell) else cell for cell in array.tolist()]
    there = [cell for cell in cells if cell is not None]
    whole = False
    if (
        there
        and all(isinstance(cell, Real | Decimal) for cell in there)
        and not {type(cell) for cell in there} & {bool}
    ):
        numbers = np.array([np.nan if cell is None else float(cell) for cell in cells])
        whole = bool((numbers == np.rint(numbers))[~np.isnan(numbers)].all() and np.nanmax(np.abs(numbers)) < 2**53)
        if not whole:
            return numbers
    if whole and len(there) == len(cells):
        return np.array([int(cell) for cell in there])
    if len(there) == len(cells) and all(isinstance(cell, bool) for cell in there):
        return np.array(there)
    return np.array(["" if cell is None else str(int(cell) if whole else cell) for cell in cells])


def _missing(cell: Any) -> bool:
    """Whether it is None, NaN, NaT, pandas' NA or an empty text."""
    try:
        return cell is None or bool(cell != cell) or (isinstance(cell, str) and not cell.strip())
    except TypeError:  # NA says neither yes nor no
        return True


def say(notes: Sequence[str]) -> list[str]:
    """Warns of each note as `LatentlyWarning`, at the caller's own line, and gives them back."""
    frame, level = currentframe(), 1
    while frame and frame.f_back and str(frame.f_globals.get("__name__")).startswith("latently."):
        frame, level = frame.f_back, level + 1
    for note in notes:
        warnings.warn(note, LatentlyWarning, stacklevel=level)
    return list(notes)
