"""A source is data that was looked at but not yet turned into numbers: sliceable, its kind known, its rows named."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from inspect import currentframe
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import LatentlyWarning
from ..spec import Kind

Size = tuple[int, int]  # height, width
Rows = slice | NDArray[Any] | Sequence[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked of `open`, beside the data."""

    kind: Kind | None = None
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    size: Size | None = None


class Source(ABC):
    """Items that a model can be fitted to.

    Parameters
    ----------
    labels
        One label an item, shape (n,), or None. No model trains on them; they colour the maps.
    names
        One name an item: the file relative to its folder, or the row's number as text.
    notes
        What was done on the person's behalf while opening, each a sentence that was also warned of once.
    origin
        The absolute path that the data came from, or None.
    kinds, size
        What was asked of `open`: the kinds of columns, and the (height, width) of pictures.
    """

    kind: ClassVar[Kind]

    def __init__(
        self,
        count: int,
        labels: NDArray[Any] | None = None,
        names: list[str] | None = None,
        notes: Sequence[str] = (),
        origin: str | None = None,
        kinds: Mapping[str, str] | None = None,
        size: Size | None = None,
    ) -> None:
        self.labels = labels
        self.names = [str(i) for i in range(count)] if names is None else names
        self.notes = list(notes)
        self.origin = origin
        self.kinds = {str(name): kind for name, kind in (kinds or {}).items()}
        self.size = size

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary}>"

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
    def content(self) -> Sequence[tuple[str, NDArray[Any]]]:
        """What the fingerprint is taken of: named arrays."""

    def fingerprint(self) -> str:
        """SHA-256 of the content, in hex: the same for the same data, whatever path it came from.

        >>> import numpy as np
        >>> from latently import open
        >>> X = np.zeros((3, 2))
        >>> open(X).fingerprint() == open(X.copy()).fingerprint() != open(X + 1).fingerprint()
        True
        """
        digest = sha256()
        for name, array in self.content():
            digest.update(f"{name} {array.dtype.str} {array.shape};".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return digest.hexdigest()

    def say(self, note: str) -> None:
        """Keeps a note and warns of it, unless it was said before."""
        if note not in self.notes:
            self.notes.extend(say([note]))

    def chosen(self, rows: Rows) -> dict[str, Any]:
        """The attributes that every source has, for those rows: arguments of the constructor."""
        picked = np.arange(len(self))[rows]
        return {
            "labels": None if self.labels is None else self.labels[picked],
            "names": [self.names[i] for i in picked],
            "notes": self.notes,
            "origin": self.origin,
            "kinds": self.kinds,
            "size": self.size,
        }


def say(notes: Sequence[str]) -> list[str]:
    """Warns of each note as `LatentlyWarning`, at the caller's own line, and gives them back."""
    frame, level = currentframe(), 1
    while frame and frame.f_back and str(frame.f_globals.get("__name__")).startswith("latently."):
        frame, level = frame.f_back, level + 1
    for note in notes:
        warnings.warn(note, LatentlyWarning, stacklevel=level)
    return list(notes)
