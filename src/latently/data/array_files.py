"""Arrays on disk: NumPy's .npy and .npz, and IDX, the format of MNIST."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import images, series, tables
from .blocks import BLOCK
from .source import Asked, Source

_ITEMS = ("X", "x", "images", "data", "x_train")
_LABELS = ("y", "labels", "label", "target", "y_train")
_IDX = re.compile(r"idx\d-u?byte(\.gz)?$")
_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def of_array(array: NDArray[Any], asked: Asked, **common: Any) -> Source:
    """The source of an array: two dimensions are a table, three or four are pictures, three may also be windows."""
    if array.dtype == object:
        array = _numeric(array)
    array = unmasked(array)
    if asked.kind == "series" and array.ndim == 3:
        return series.source_of_windows(array, asked.reading, **common)
    if asked.reading.about("series") and array.ndim == 1:  # one number a step
        array = array[:, None]
    if array.ndim <= 2:
        if asked.kind == "image":
            raise InputError(
                f"an array of {array.ndim} dimensions was given for pictures; reshape it to (n, height, width) or "
                f"(n, height, width, channels)."
            )
        return tables.source_of_matrix(array, kinds=asked.kinds, **common)
    if asked.kind == "table":
        raise InputError(
            f"an array of {array.ndim} dimensions was given for a table; reshape it with X.reshape(len(X), -1)."
        )
    return images.source_of_array(array, asked, **common)


def unmasked(array: NDArray[Any]) -> NDArray[Any]:
    """A masked array as a plain one, NaN where it is masked.

    >>> unmasked(np.ma.masked_array([1, 2], mask=[True, False])).tolist()
    [nan, 2.0]
    """
    if not isinstance(array, np.ma.MaskedArray):
        return array
    masked = cast(Any, array)
    if not np.ma.getmaskarray(masked).any() or masked.dtype.kind not in "biuf":
        return masked.data
    return (masked if masked.dtype.kind == "f" else masked.astype(np.float64)).filled(np.nan)


def npy(path: Path, asked: Asked) -> Source:
    """One array, left on disk until it is needed."""
    with _readable(path):
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # so that what is read of the file is what is there
    return of_array(array, asked, origin=str(path.absolute()))


def npz(path: Path, asked: Asked) -> Source:
    """The items and, where there are such, their labels."""
    with _readable(path), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        found: dict[str, NDArray[Any]] = {name: archive[name] for name in archive.files}
    if not found:
        raise InputError(f"{path} holds no array; save one in it under the name X.")
    dimensions = {"image": (3, 4), "table": (2,), "series": (2, 3)}.get(asked.kind or "", (2, 3, 4))
    named = [found[name] for name in _ITEMS if name in found and found[name].ndim in dimensions]
    items = named[0] if named else max(found.values(), key=lambda a: (a.ndim in dimensions, a.size))
    matching = (found[name] for name in _LABELS if name in found and found[name].shape[:1] == items.shape[:1])
    labels = next((a.ravel() for a in matching if a.size == len(a) and a is not items), None)
    return of_array(items, asked, labels=labels, origin=str(path.absolute()))


@contextmanager
def _readable(path: Path) -> Generator[None]:
    """Says what is wrong with a file of NumPy's that cannot be read."""
    try:
        yield
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if re.search("object array|python objects", str(error).lower()):
            raise InputError(
                f"{path} holds Python objects (a pickle), which are never loaded because they can run code; save an "
                f"array of numbers instead, such as X.astype(float)."
            ) from error
        reason = "it is no file of NumPy's" if "pickle" in str(error).lower() else str(error) or "it is cut short"
        raise InputError(f"{path} cannot be read: {reason}; save it again with numpy.save or numpy.savez.") from error


def is_idx(path: Path) -> bool:
    """Whether the name is one of an IDX file.

    >>> is_idx(Path("train-images-idx3-ubyte.gz")), is_idx(Path("digits.csv"))
    (True, False)
    """
    return bool(_IDX.search(path.name.lower()))


def idx_folder(path: Path, asked: Asked) -> Source | None:
    """The training images of a folder like MNIST's; None where it holds no IDX file of images."""
    found = [p for p in sorted(path.iterdir()) if is_idx(p) and "idx1" not in p.name.lower()]
    train = [p for p in found if "train" in p.name.lower()] or found
    return idx(train[0], asked, origin=str(path.absolute())) if train else None


def idx(path: Path, asked: Asked, origin: str | None = None) -> Source:
    """The items of one IDX file, with the labels that lie beside it."""
    items = _read_idx(path)
    beside = path.with_name(re.sub(r"idx\d", "idx1", path.name).replace("images", "labels"))
    labels = _read_idx(beside) if beside != path and beside.is_file() else None
    if labels is not None and labels.shape != items.shape[:1]:
        raise InputError(
            f"{beside} holds {len(labels)} labels for {len(items)} items of {path.name}; give a matching pair."
        )
    return of_array(items, asked, labels=labels, origin=origin or str(path.absolute()))


def _read_idx(path: Path) -> NDArray[Any]:
    """Four bytes (0, 0, type, dimensions), each dimension as a big-endian 32-bit number, then the values."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            head = file.read(4)
            dtype = _IDX_TYPES.get(head[2] if len(head) == 4 and head[:2] == b"\0\0" else 0)
            if dtype is None:
                raise InputError(f"{path} is no IDX file (it begins with {head.hex(' ')}); download it again.")
            shape = tuple(np.frombuffer(file.read(4 * head[3]), ">u4").tolist())
            values = np.empty(shape, dtype)
            body, there = values.reshape(-1).view(np.uint8).data, 0
            while part := file.read(BLOCK):  # gzip would make a second copy of what is read at once
                if there + len(part) <= len(body):
                    body[there : there + len(part)] = part
                there += len(part)
    except (OSError, EOFError, zlib.error, ValueError, MemoryError) as error:  # the last two: of sides that cannot be
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read: {error}; download it again.") from error
    if len(shape) != head[3] or there != values.nbytes:
        raise InputError(f"{path} is cut short: {there} bytes of values instead of {values.nbytes}; download it again.")
    order = values.dtype.newbyteorder("=")  # this machine's
    return values if order == values.dtype else values.byteswap(inplace=True).view(order)


def _numeric(array: NDArray[Any]) -> NDArray[Any]:
    """An array of Python objects as numbers, where all of them are."""
    if array.ndim < 3:
        return array  # scikit-learn's check says it in the words its users know
    try:
        return cast(NDArray[Any], np.asarray(array.tolist(), dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the array holds Python objects that are no numbers ({error}); make an array of numbers of them."
        ) from error
