"""Codes and tables to one file, a part at a time, so that no more than a part is ever held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..store import atomic

if TYPE_CHECKING:
    from polars import DataFrame

Part = tuple[Any, Sequence[str] | None, Any]  # items, and their names and labels where they have some
Arrays = Iterable[NDArray[Any]]
Frames = Iterator["DataFrame"]


def write_parts(path: Path, parts: Iterator[Part], frame: Callable[..., DataFrame]) -> None:
    """Writes all parts, one behind the other; the file appears whole or not at all.

    Parameters
    ----------
    parts
        At least one.
    frame
        Makes a frame of a part.
    """
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        raise InputError(f"{path}: items that come in parts go to {', '.join(_WRITERS)}; choose one of them.")
    with atomic(path) as part:
        if ending == ".npy":
            _WRITERS[ending](part, (_array(items, frame) for items, _, _ in parts))
        else:
            _WRITERS[ending](part, (frame(*one) for one in parts))


def _array(items: Any, frame: Callable[..., DataFrame]) -> NDArray[Any]:
    given = cast(Any, items) if isinstance(items, np.ndarray) else frame(items, None, None).to_numpy()
    array: NDArray[Any] = np.asarray(given)
    if array.dtype == object:
        raise InputError("the table holds more than numbers; choose .csv or .parquet.")
    return array


def _npy(path: Path, parts: Arrays) -> None:
    """An array whose length is known at the end: its header leaves room for it."""
    shape, dtype = (0, 0), np.dtype(float)
    with path.open("wb") as file:
        for part in parts:
            if not shape[0]:
                dtype = part.dtype
                _header(file, (0, part.shape[1]), dtype)
            file.write(np.ascontiguousarray(part, dtype).data)
            shape = shape[0] + len(part), part.shape[1]
        file.seek(0)
        _header(file, shape, dtype)


def _header(file: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, cast(Any, described))


def _delimited(path: Path, frames: Frames, separator: str) -> None:
    with path.open("wb") as file:
        for i, frame in enumerate(frames):
            frame.write_csv(file, separator=separator, include_header=i == 0)


def _parquet(path: Path, frames: Frames) -> None:
    """Polars writes no file part by part: each part is one, and all of them are then made one."""
    import polars as pl

    with TemporaryDirectory(prefix=path.name, dir=path.parent) as folder:
        written: list[Path] = []
        schema: Any = None
        for i, frame in enumerate(frames):
            schema = schema or frame.schema  # a type that cannot hold a later part's cells is an error, not another
            written.append(Path(folder, str(i)))
            frame.cast(schema).write_parquet(written[-1], compression="lz4")
        pl.scan_parquet(written, glob=False).sink_parquet(path)


_WRITERS: dict[str, Callable[[Path, Any], None]] = {
    ".csv": lambda path, frames: _delimited(path, frames, ","),
    ".tsv": lambda path, frames: _delimited(path, frames, "\t"),
    ".parquet": _parquet,
    ".npy": _npy,
}
