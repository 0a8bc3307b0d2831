"""Packed items in a file, read ahead of the step by one thread, so that data of any size train in constant memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from copy import copy
from math import ceil, prod
from pathlib import Path
from queue import Queue
from threading import Lock, Thread
from typing import Any, Self, cast
from weakref import finalize

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import InputError
from .blocks import fill
from .packed import Packed, as_float, there

STRETCH = 2**20  # bytes of items that are always read together: a disk that turns reads them in the time it seeks
STRETCHES = 64  # that are mixed together: a pool of 64 MB, of which two are in memory, one served and one read
GAP = 2**15  # bytes that are sooner read over than left out by a read of their own

Rows = NDArray[np.int64]


class OnDisk(Packed):
    """Items of a file, one after the other as raw bytes.

    An epoch takes stretches of neighbouring items in shuffled order, mixes some of them at a time in a pool, and cuts
    batches from it: nearly as good as mixing all, and read at the speed of the disk.

    Parameters
    ----------
    path
        The file; it is kept open.
    count
        How many items there are.
    shape, dtype
        Of one item; uint8 stands for x / 255.
    offset
        The byte at which the first begins.
    device
        Where batches are put.

    Raises
    ------
    InputError
        The file cannot be opened or is shorter than that; from `take` and `serve` too, where it is so by then.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "items"
    >>> _ = path.write_bytes(bytes([0, 255, 255, 0]))
    >>> OnDisk(path, 2, (2,), "uint8").take(torch.tensor([1])).tolist()
    [[1.0, 0.0]]
    """

    def __init__(
        self,
        path: Path,
        count: int,
        shape: tuple[int, ...],
        dtype: str,
        offset: int = 0,
        device: torch.device | None = None,
    ) -> None:
        super().__init__(shape, device or torch.device("cpu"))
        self.path, self.count, self.dtype, self.offset = path, count, np.dtype(dtype), offset
        self.each = prod(shape) * self.dtype.itemsize  # bytes of an item
        self._file = _Opened(path)
        if path.stat().st_size < offset + count * self.each:
            raise InputError(f"{path} is shorter than its {count} items; remove it, then start once more.")

    def __len__(self) -> int:
        return self.count

    def to(self, device: torch.device) -> Self:
        other = copy(self)
        other.device = device
        return other

    def take(self, rows: Tensor) -> Tensor:
        return self._served(self._read(np.unique(rows.numpy())), rows)

    def shuffled(self, rows: Tensor, size: int, order: torch.Generator) -> Iterator[Tensor]:
        """Batches as of any `Packed`, mixed within a pool of stretches instead of all together."""
        stretches: Sequence[Tensor] = cast(Any, rows).split(max(1, STRETCH // self.each))
        places: list[int] = cast(Any, torch.randperm(len(stretches), generator=order)).tolist()
        batches = ceil(len(rows) / size)
        waiting, done, begun = [torch.empty(0, dtype=torch.int64)], 0, 0
        for first in range(0, len(places), STRETCHES):
            pool = torch.cat([stretches[i] for i in places[first : first + STRETCHES]])
            waiting.append(pool[torch.randperm(len(pool), generator=order)])
            begun += len(pool)
            mixed, used = torch.cat(waiting), 0
            while done < batches and (end := _end(len(rows), batches, done)) <= begun:
                cut = used + end - (_end(len(rows), batches, done - 1) if done else 0)
                yield mixed[used:cut]
                used, done = cut, done + 1
            waiting = [mixed[used:]]

    def serve(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """The rows of each batch, and its items, read ahead by a thread that ends with the iterator."""
        with closing(_ahead(self._windows(batches))) as windows:
            for chosen, found in windows:
                for rows in chosen:
                    yield rows, self._served(found, rows)
                del found  # before the next is asked for: no more than two are ever held

    def _windows(self, batches: Iterable[Tensor]) -> Iterator[tuple[list[Tensor], tuple[Rows, Tensor]]]:
        """The batches of a pool at a time, with their items; the last may reach into the next pool."""
        pool = STRETCHES * max(1, STRETCH // self.each)
        waiting, total = list[Tensor](), 0
        for rows in batches:
            before, total = total, total + len(rows)
            waiting.append(rows)
            if total // pool > before // pool:
                yield waiting, self._read(np.unique(torch.cat(waiting).numpy()))
                waiting = []
        if waiting:
            yield waiting, self._read(np.unique(torch.cat(waiting).numpy()))

    def _read(self, rows: Rows) -> tuple[Rows, Tensor]:
        """Items of those rows, in ascending order; what lies close together is read together."""
        found = np.empty((len(rows), *self.shape), self.dtype)
        near = max(1, GAP // self.each)
        most = max(1, STRETCH // self.each)
        start = 0
        scratch = np.empty((most, *self.shape), self.dtype)
        while start < len(rows):
            first = int(rows[start])
            within = rows[start : start + most] - first
            apart = np.flatnonzero(np.diff(within) > near)  # where the run ends
            run = within[: int(apart[0]) + 1] if len(apart) else within
            run = run[run < most]
            read = scratch[: int(run[-1]) + 1]
            self._file.fill(self.offset + first * self.each, read)
            found[start : start + len(run)] = read[run]
            start += len(run)
        return rows, torch.from_numpy(found)

    def _served(self, found: tuple[Rows, Tensor], rows: Tensor) -> Tensor:
        at = torch.from_numpy(np.searchsorted(found[0], rows.numpy()))
        return as_float(there(found[1][at], self.device))


class _Opened:
    """A file that is open as long as anything reads it, also where it is removed from its folder meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path, self._one_reads = path, Lock()  # seeking and reading are two calls
        try:
            self.file = path.open("rb", buffering=0)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error}); check the disk, then start once more.") from error
        finalize(self, self.file.close)

    def fill(self, offset: int, into: NDArray[Any]) -> None:
        with self._one_reads:
            fill(self.file, self.path, offset, into)


def _end(count: int, batches: int, batch: int) -> int:
    """How many rows the batches up to that one hold, where the first ones get what is left over: as `tensor_split`."""
    return (batch + 1) * (count // batches) + min(batch + 1, count % batches)


def _ahead(windows: Iterator[Any]) -> Generator[Any]:
    """The same, each made by a thread while the one before it is in use; what fails there is raised here."""
    made: Queue[tuple[Any, BaseException | None] | None] = Queue()
    wanted: Queue[bool] = Queue()

    def make() -> None:
        try:
            while wanted.get():
                made.put((next(windows), None))
        except StopIteration:
            made.put(None)
        except BaseException as error:
            made.put((None, error))

    thread = Thread(target=make, name="latently reads ahead", daemon=True)
    thread.start()
    try:
        wanted.put(True)
        while (window := made.get()) is not None:
            if window[1]:
                raise window[1]
            wanted.put(True)
            yield window[0]
            del window
    finally:
        wanted.put(False)
        thread.join()
