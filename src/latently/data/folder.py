"""Pictures in a folder or a zip of one: found, brought to one form, decoded in parallel and kept in a cache."""

from __future__ import annotations

import os
import stat
import warnings
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, OutputError
from ..progress import track
from . import cache, memory
from .decoding import BYTES, Entry, Look, Unusable, common, decode, look
from .images import ImageSource, commonest, resized_note
from .source import Asked, Size, say

MOST_BYTES = 1_000_000_000  # of one picture in a zip, unpacked
LONGEST = 256  # pixels of a side, where no size is asked for

T = TypeVar("T")
R = TypeVar("R")


def pictures(path: Path, asked: Asked) -> ImageSource:
    """The pictures of a folder, or of a zip of one; the folders they are in are their labels.

    Raises
    ------
    InputError
        There is no file, or none that can be read as a picture.
    """
    with _archive(path) if path.is_file() else nullcontext() as archive:
        entries = sorted(_in_folder(path) if archive is None else _in_zip(archive), key=lambda e: e.name)
        if not entries and archive is not None and any(map(_outside, archive.namelist())):
            raise InputError(f"{path} holds files whose paths lead outside of it (..), and none else; pack it again.")
        if not entries:
            raise InputError(f"{path} holds no file; give a folder with pictures in it.")
        key = cache.key(str(path.absolute()), [(e.name, *e.mark) for e in entries], asked.size)
        found = Decoded.of(cache.load(key)) or _decoded(path, entries, asked.size, key)
    kept = [e.name for i, e in enumerate(entries) if str(i) not in found.skipped]
    return ImageSource(
        found.pixels,
        sizes=found.sizes,
        labels=folders(kept),
        names=kept,
        notes=say(_notes(found, entries, asked)),
        origin=str(path.absolute()),
        size=asked.size,
    )


def picture(path: Path, size: Size) -> ImageSource:
    """A single file's picture, brought to that size.

    Raises
    ------
    InputError
        It cannot be read as a picture.
    """
    facts = path.stat()
    entry = Entry(path.name, (facts.st_size, facts.st_mtime_ns), lambda: path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = look(entry)
        found = seen if isinstance(seen, str) else decode(entry, seen, size, seen.form)
    if isinstance(found, str):
        raise InputError(f"{path} cannot be read as a picture ({found}); give another one.")
    height, width = found[1]
    other = f"{path.name} was resized from {height} x {width} to the {size[0]} x {size[1]} that the model reads."
    return ImageSource(
        found[0][None],
        sizes=np.array([found[1]], np.int64),
        names=[path.name],
        origin=str(path.absolute()),
        size=size,
        notes=say([other] if (height, width) != tuple(size) else []),
    )


def whole(path: Path) -> tuple[list[tuple[str, NDArray[Any]]], tuple[str, ...]]:
    """The pictures of a file or a folder by name, each of its own size (H, W, C), and what is to be said of the rest.

    Raises
    ------
    InputError
        There is none that can be read as a picture.
    """
    facts = path.stat()
    alone = Entry(path.name, (facts.st_size, facts.st_mtime_ns), lambda: path)
    entries = [alone] if path.is_file() else sorted(_in_folder(path), key=lambda e: e.name)
    if not entries:
        raise InputError(f"{path} holds no file; give a folder with pictures in it.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        looks = [look(entry) for entry in entries]
        form = common({seen.form for seen in looks if not isinstance(seen, str)})
        found = [
            seen if isinstance(seen, str) else decode(e, seen, seen.size, form)
            for e, seen in zip(entries, looks, strict=True)
        ]
    good = [(e.name, one[0]) for e, one in zip(entries, found, strict=True) if not isinstance(one, str)]
    left_out = {str(i): one for i, one in enumerate(found) if isinstance(one, str)}
    if not good:
        raise InputError(_none_good(path, entries, left_out))
    notes = [f"{entries[int(i)].name} was left out: {why}." for i, why in left_out.items()]
    return good, tuple(say(notes))


def _in_folder(root: Path) -> Iterator[Entry]:
    for folder, inner, files in os.walk(root, followlinks=False):
        inner[:] = [name for name in inner if not _hidden(name)]
        for name in files:
            path = Path(folder, name)
            if not _hidden(name):
                try:
                    facts = path.stat()
                except OSError:
                    continue  # a link to nowhere, or a file that went away meanwhile
                if stat.S_ISREG(facts.st_mode):
                    yield Entry(
                        path.relative_to(root).as_posix(), (facts.st_size, facts.st_mtime_ns), lambda path=path: path
                    )


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} cannot be read as a zip file: {error}; pack it again.") from error


def _in_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        if not info.is_dir() and not any(map(_hidden, PurePosixPath(info.filename).parts)):
            yield Entry(info.filename, (info.file_size, info.CRC), lambda info=info: _unpacked(archive, info))


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BytesIO:
    if info.file_size > MOST_BYTES:
        raise Unusable(f"more than {MOST_BYTES // 10**9} GB unpacked")
    return BytesIO(archive.read(info))


def _outside(name: str) -> bool:
    return ".." in PurePosixPath(name).parts


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def folders(names: Sequence[str]) -> NDArray[Any] | None:
    """Each file's folder below the one that all share; None where that is the only one.

    >>> folders(["a/cat/1.png", "a/dog/2.png"]).tolist(), folders(["a/1.png"])
    (['cat', 'dog'], None)
    """
    folders = [str(PurePosixPath(name).parent) for name in names]
    if len(set(folders)) == 1:
        return None
    common = os.path.commonpath(folders) if "." not in folders else "."
    return np.array([PurePosixPath(folder).relative_to(common).as_posix() for folder in folders])


@dataclass(slots=True)
class Decoded:
    """A folder's pixels (n, H, W, C), its sizes (n, 2) before any was resized, and why files were left out."""

    pixels: NDArray[Any]
    sizes: NDArray[Any] | None
    skipped: dict[str, str]  # by the file's place among all of them

    @classmethod
    def of(cls, stored: cache.Stored | None) -> Self | None:
        """What an entry of the cache holds; None where there is none, or it is not what it says."""
        try:
            if stored is None or len(stored.shape) != 4:
                return None
            told = stored.facts["sizes"]
            sizes = None if told is None else np.array(told, np.int64)
            skipped = {str(int(i)): str(reason) for i, reason in stored.facts["skipped"].items()}
            if sizes is not None and sizes.shape != (stored.shape[0], 2):
                return None
            return cls(stored.mapped().transpose(0, 2, 3, 1), sizes, skipped)
        except (OSError, KeyError, TypeError, ValueError, AttributeError):
            return None


def _decoded(path: Path, entries: list[Entry], size: Size | None, key: str) -> Decoded:
    """All pictures. Two passes: the headers decide the size and the form, then each is decoded, into the cache's file.

    They lie with their channels first, as they are packed, so that they need not be written a second time.
    """
    with warnings.catch_warnings():  # Pillow's words on odd but readable files
        warnings.simplefilter("ignore")
        looks = list(track(_parallel(look, entries), len(entries), "Looking at pictures"))
        skipped = {str(i): seen for i, seen in enumerate(looks) if isinstance(seen, str)}
        good = [(i, entries[i], seen) for i, seen in enumerate(looks) if isinstance(seen, Look)]
        if not good:
            raise InputError(_none_good(path, entries, skipped))
        target = size or _target([seen.size for *_, seen in good])
        form = common({seen.form for *_, seen in good})
        channels, dtype = BYTES[form]
        sizes: list[Size] = []

        def decoded() -> Iterator[NDArray[Any]]:
            sizes.clear()
            work = _parallel(lambda one: (one[0], decode(one[1], one[2], target, form)), good)
            for i, result in track(work, len(good), "Decoding pictures"):
                if isinstance(result, str):
                    skipped[str(i)] = result
                else:
                    sizes.append(result[1])
                    yield result[0].transpose(2, 0, 1)[None]
            if not sizes:
                raise InputError(_none_good(path, entries, skipped))

        def facts() -> dict[str, Any]:
            return {"sizes": sizes if any(s != target for s in sizes) else None, "skipped": skipped}

        shape = (len(good), channels, *target)
        try:
            found = Decoded.of(cache.keep(key, decoded(), shape, dtype, facts))
        except OutputError as error:  # a cache that cannot be written is done without, where memory has the room
            pixels = _room(shape, dtype, path, error)
            for i, picture in enumerate(decoded()):
                pixels[i] = picture
            known = facts()["sizes"]
            sized = None if known is None else np.array(known, np.int64)
            found = Decoded(pixels[: len(sizes)].transpose(0, 2, 3, 1), sized, skipped)
    assert found is not None
    return found


def _parallel(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`work` of each item in order, in threads, with only a few results waiting at any time."""
    workers = min(8, os.cpu_count() or 1)
    rest = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[R]] = deque(pool.submit(work, item) for item in islice(rest, 4 * workers))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(rest, 1))


def _target(sizes: Sequence[Size]) -> Size:
    """The commonest size, its longer side brought down to 256."""
    height, width = commonest(np.array(sizes))
    shrink = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


def _room(shape: tuple[int, ...], dtype: Any, path: Path, error: OutputError) -> NDArray[Any]:
    wanted = prod(shape) * np.dtype(dtype).itemsize
    try:
        if wanted > memory.free() // 2:
            raise MemoryError
        return np.empty(shape, dtype)
    except MemoryError:
        raise InputError(
            f"the {shape[0]} pictures of {path} would take {wanted / 2**30:.1f} GB at {shape[2]} x {shape[3]}, more "
            f"than memory has to spare, and cannot be decoded to disk: {str(error).rstrip('.')}; or choose a smaller "
            "size=(height, width)."
        ) from error


def _notes(found: Decoded, entries: list[Entry], asked: Asked) -> list[str]:
    notes: list[str] = []
    if found.skipped:
        shown = [f"{entries[int(i)].name} ({reason})" for i, reason in islice(found.skipped.items(), 3)]
        more = f" and {len(found.skipped) - 3} more" if len(found.skipped) > 3 else ""
        were = "was" if len(found.skipped) == 1 else "were"
        notes.append(f"{len(found.skipped)} of {len(entries)} files {were} left out: {', '.join(shown)}{more}.")
    if found.sizes is not None and asked.size is None:
        notes.append(resized_note(found.sizes, cast(Size, found.pixels.shape[1:3])))
    return notes


def _none_good(path: Path, entries: list[Entry], skipped: dict[str, str]) -> str:
    shown = [f"{entries[int(i)].name} ({reason})" for i, reason in islice(skipped.items(), 3)]
    return (
        f"{path} holds no picture that can be read among its {len(entries)} file(s): {', '.join(shown)}; give a folder "
        "of pictures or of .txt files, or the path of a table."
    )
