"""Arrays a block at a time: what lies memory-mapped comes by plain reads, so that memory holds one block and no more.

A mapped page counts as memory of the process once it was touched, and a mapped file that is cut short kills it; a read
does neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import RawIOBase
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

BLOCK = 2**23  # bytes that are looked at together: beyond it a loop costs nothing, and its doubles take 64 MB


def blocks(array: NDArray[Any], most: int = BLOCK) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Slices of `array` of at most `most` bytes (at least one row), and what stands there.

    >>> [(rows.start, block.tolist()) for rows, block in blocks(np.arange(3, dtype=np.uint8), most=2)]
    [(0, [0, 1]), (2, [2])]
    """
    rows = max(1, most // max(1, array.nbytes // max(1, len(array))))
    for start in range(0, len(array), rows):
        chosen = slice(start, min(start + rows, len(array)))
        yield chosen, block(array, chosen)


def block(array: NDArray[Any], rows: slice) -> NDArray[Any]:
    """Those rows: a view of what lies in memory, a read of what lies in a file."""
    order = sorted(range(array.ndim), key=lambda axis: (axis > 0, -array.strides[axis]))
    lying = array.transpose(order)  # pictures may lie with their channels first
    there = place(lying)
    start, stop, step = rows.indices(len(array))
    if there is None or step != 1:
        return array[rows]
    found = np.empty((max(0, stop - start), *lying.shape[1:]), array.dtype)
    path, offset = there
    try:
        with path.open("rb", buffering=0) as file:
            fill(file, path, offset + start * (array.nbytes // max(1, len(array))), found)
    except FileNotFoundError:  # removed since, as the cache's oldest entries are; what is mapped is still there
        return array[rows]
    return found.transpose(np.argsort(order))


def place(array: NDArray[Any]) -> tuple[Path, int] | None:
    """The file that an array is mapped from and the byte at which it begins there; None for any other array."""
    root: Any = array
    while isinstance(root, np.ndarray) and not isinstance(root.base, mmap):
        root = root.base
    whole = array.flags.c_contiguous and array.size > 0
    if not (whole and isinstance(root, np.memmap)) or root.mode != "r" or root.filename is None:
        return None
    begin: int = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return Path(root.filename), root.offset + begin


def large(array: NDArray[Any], most: int) -> bool:
    """Whether it lies in a file, as it is, and is of more than `most` bytes."""
    return array.nbytes > most and place(array) is not None


def fill(file: RawIOBase, path: Path, offset: int, into: NDArray[Any]) -> None:
    """Reads as many bytes as `into` holds, from that byte on.

    Raises
    ------
    InputError
        The file cannot be read, or ends before.
    """
    view = into.reshape(-1).view(np.uint8).data
    try:
        file.seek(offset)
        while len(view):
            read = file.readinto(view)
            if not read:
                raise InputError(f"{path} was cut short while it was being read; make it again, then start once more.")
            view = view[read:]
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read ({error}); check the disk, then start once more.") from error


class Gathered:
    """Rows that come some at a time, in one array that doubles as it fills.

    A list of small arrays made between large ones leaves holes that the allocator cannot use again: encoding 75,000
    pictures of 64 x 64 read from disk left 350 MB of them.

    >>> gathered = Gathered()
    >>> gathered.add(np.ones((2, 1))); gathered.add(np.zeros((1, 1)))
    >>> gathered.rows.tolist()
    [[1.0], [1.0], [0.0]]
    """

    def __init__(self) -> None:
        self._held: NDArray[Any] = np.empty(0)
        self._count = 0

    def add(self, part: NDArray[Any]) -> None:
        if not self._count:
            self._held = np.empty((max(1024, len(part)), *part.shape[1:]), part.dtype)
        if self._count + len(part) > len(self._held):
            larger = np.empty((2 * (self._count + len(part)), *part.shape[1:]), part.dtype)
            larger[: self._count] = self.rows
            self._held = larger
        self._held[self._count : self._count + len(part)] = part
        self._count += len(part)

    @property
    def rows(self) -> NDArray[Any]:
        return self._held[: self._count]
