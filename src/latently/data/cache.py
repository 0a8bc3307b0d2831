"""Arrays kept between runs: raw numbers in a file, and a few facts beside it that make the entry valid."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..store import atomic
from . import memory

FORMAT = 2
_OURS = re.compile(r"[0-9a-f]{64}")  # LATENTLY_CACHE may name a folder in which a person's own .raw pictures lie
_LEFT = re.compile(r"\.[0-9a-f]{64}-.+\.part\.(raw|json)")  # half-written, and left by a process that was killed
_DAY = 24 * 3600
MOST_BYTES = 5 * 2**30  # of all entries together; the ones used longest ago go first


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry.

    Parameters
    ----------
    path
        The file of raw numbers.
    shape, dtype
        Of the array in it.
    facts
        What else was kept.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: str
    facts: dict[str, Any]

    def mapped(self) -> NDArray[Any]:
        """The array, memory-mapped and not to be written to."""
        return np.memmap(self.path, self.dtype, "r", shape=self.shape)


def key(*what: Any) -> str:
    """The name of an entry: other for anything else, as JSON says it.

    >>> key("a", 1) == key("a", 1) != key("a", 2)
    True
    """
    return sha256(json.dumps([FORMAT, *what]).encode()).hexdigest()


def folder() -> Path:
    """Where entries lie: the user's cache folder, or what the environment variable LATENTLY_CACHE says."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("LATENTLY_CACHE") or user_cache_dir("latently")) / "pictures"


def load(key: str) -> Stored | None:
    """The entry; None where there is none, or it is not what it says."""
    facts_file, file = _files(key)
    try:
        told: dict[str, Any] = json.loads(facts_file.read_text("utf-8"))
        shape, dtype, facts = tuple(int(side) for side in told["shape"]), str(told["dtype"]), dict(told["facts"])
        if file.stat().st_size != prod(shape) * np.dtype(dtype).itemsize or min(shape, default=0) < 1:
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    for touched in (file, facts_file):
        with suppress(OSError):
            touched.touch()
    return Stored(file, shape, dtype, facts)


def keep(
    key: str,
    parts: Iterable[NDArray[Any]],
    shape: Sequence[int],
    dtype: Any,
    facts: Callable[[], dict[str, Any]] = dict,
    beside: Collection[str] = (),
) -> Stored:
    """Writes an entry part by part, whole or not at all.

    Parameters
    ----------
    parts
        Rows, some at a time; fewer than `shape` says where some turned out to be unusable.
    shape, dtype
        Of all parts together.
    facts
        Asked for once all parts are written.
    beside
        Entries that stay however large this one is, because it is made of them.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is too small.
    """

    def written(part: Path) -> tuple[tuple[int, ...], dict[str, Any]]:
        rows = 0
        with part.open("wb") as out:
            for values in parts:
                out.write(np.ascontiguousarray(values, dtype).data)
                rows += len(values)
        return (rows, *shape[1:]), facts()

    return _kept(key, written, prod(shape) * np.dtype(dtype).itemsize, np.dtype(dtype).str, beside)


def keep_file(key: str, write: Callable[[Path], dict[str, Any]], wanted: int) -> Stored:
    """Writes an entry that is a file of any form, its bytes being the array: whole or not at all.

    Parameters
    ----------
    write
        Writes the file at a path and gives the facts to keep beside it.
    wanted
        Bytes that it may take.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is too small.
    """

    def written(part: Path) -> tuple[tuple[int, ...], dict[str, Any]]:
        facts = write(part)
        return (part.stat().st_size,), facts

    return _kept(key, written, wanted, np.dtype(np.uint8).str, ())


def _kept(
    key: str,
    write: Callable[[Path], tuple[tuple[int, ...], dict[str, Any]]],
    wanted: int,
    dtype: str,
    beside: Collection[str],
) -> Stored:
    """The entry that `write` makes at a path, giving its shape and its facts."""
    facts_file, file = _files(key)
    there = memory.room(folder())
    if wanted > there:
        raise OutputError(
            f"{wanted / 1e9:.1f} GB are needed in {folder()}, where {there / 1e9:.1f} GB are free; make room, or set "
            "LATENTLY_CACHE to a folder on a larger disk."
        )
    try:
        with atomic(file) as part:
            shape, facts = write(part)
        stored = Stored(file, shape, dtype, facts)
        told = {"shape": stored.shape, "dtype": stored.dtype, "facts": stored.facts}
        with atomic(facts_file) as part:  # last: it makes the entry valid
            part.write_text(json.dumps(told), "utf-8")
    except OutputError as error:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        raise OutputError(f"{str(error).rstrip('.')}; LATENTLY_CACHE names another folder.") from error
    _trim({key, *beside})
    return stored


def _files(key: str) -> tuple[Path, Path]:
    return folder() / f"{key}.json", folder() / f"{key}.raw"


def _trim(stay: Collection[str]) -> None:
    """Removes the entries used longest ago, until the rest fit."""
    with suppress(OSError):
        found = [(p.stat().st_mtime, p.stat().st_size, p) for p in _entries(".raw")]
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total > MOST_BYTES and path.stem not in stay:
                path.with_suffix(".json").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
                total -= size
        for old in _entries(".npy"):  # of format 1, which nothing reads any more
            old.with_suffix(".json").unlink(missing_ok=True)
            old.unlink(missing_ok=True)
        for left in folder().iterdir():
            if _LEFT.fullmatch(left.name) and time.time() - left.stat().st_mtime > _DAY:
                left.unlink(missing_ok=True)


def _entries(ending: str) -> list[Path]:
    return [path for path in folder().glob(f"*{ending}") if _OURS.fullmatch(path.stem)]
