"""Data that a person brings: files into a folder beside the runs, bounded in size, pixels and number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import narwhals as nw
import numpy as np
from PIL import Image

import latently

FOLDER = "uploads"
FILES = (".csv", ".tsv", ".parquet", ".txt", ".jsonl", ".npy", ".zip")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
MANY = 20_000  # pictures in a folder or a zip
LARGE = 2**30  # bytes of what a zip holds, unpacked
PIXELS = 2**26  # of one picture
LONG = 200  # bytes of a name; disks take 255


def place(folder: Path, name: str) -> Path:
    """Where an upload goes: a file, or a picture in a folder of the person's choice, at most two names.

    Raises
    ------
    InputError
        The name leads elsewhere, or is of a kind that is not read.
    """
    parts = [_clean(part) for part in name.split("/")]
    ending = Path(parts[-1]).suffix.lower()
    allowed = PICTURES if len(parts) in (2, 3) else FILES
    if len(parts) > 1 and ending in FILES:
        raise latently.InputError(f"{name[:80]!r} cannot be used; give a {ending} by its name alone, without folders.")
    if not 1 <= len(parts) <= 3 or not all(parts) or ending not in allowed:
        raise latently.InputError(
            f"{name[:80]!r} cannot be used; give a table, texts or an array ({', '.join(FILES)}), or pictures "
            f"({', '.join(PICTURES)})."
        )
    path = folder.joinpath(FOLDER, *parts)
    if len(parts) > 1 and path.parent.is_dir() and sum(1 for _ in path.parent.iterdir()) >= MANY:
        raise latently.InputError(f"{parts[0]} holds {MANY:,} pictures already; put the others into a zip elsewhere.")
    return path


def keep(folder: Path, name: str, body: bytes) -> dict[str, Any]:
    """Writes an upload once it is found to be what it says.

    Raises
    ------
    InputError
        It is no picture, no table, or too large when unpacked.
    OutputError
        There is no room for it, or a file stands where its folder would be.
    """
    path = place(folder, name)
    part = path.with_name(f".{uuid4().hex}.part")  # two pages may bring files of one name at once
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(body)
            _checked(part, path)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise latently.OutputError(
            f"{path} cannot be written ({error.strerror or error}); make room, or choose another name."
        ) from error
    return {"data": str(path if path.suffix.lower() in FILES else path.parent), "bytes": len(body)}


def listed(folder: Path) -> list[dict[str, str]]:
    """What was brought: files, and folders of pictures."""
    try:
        found = sorted((folder / FOLDER).iterdir(), key=lambda path: path.name.casefold())
    except OSError:
        return []
    return [{"name": path.name, "data": str(path)} for path in found if not path.name.startswith(".")]


def looked(path: str, reading: Mapping[str, Any]) -> dict[str, Any]:
    """What data hold, in a few words, and which columns a table has, those of dates apart."""
    table: Any = latently.open(path)
    columns = [str(name) for name in getattr(table, "columns", ())]
    dated = _dated(table[:1].data) if table.kind == "table" else []
    source = latently.open(path, **reading) if reading else table
    return {"kind": source.kind, "summary": source.summary, "columns": columns[:500], "dates": dated}


def _dated(table: Any) -> list[str]:
    """The columns of dates and times."""
    if isinstance(table, np.ndarray):
        return []
    frame: Any = nw.from_native(table, eager_only=True)
    kinds: dict[str, Any] = dict(frame.schema)
    return [str(name) for name, kind in kinds.items() if kind in (nw.Date, nw.Datetime)]


def _clean(part: str) -> str:
    """A name that a disk takes, and whose ending is still the same.

    >>> _clean(f" ../{'가' * 100}.csv").encode()[-7:]
    b'\\xea\\xb0\\x80.csv'
    """
    whole = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]", "_", part).strip(" .")
    ending = Path(whole).suffix
    ending = ending if ending.lower() in (*FILES, *PICTURES) else ""
    stem = whole.removesuffix(ending).encode("utf-8", "ignore")[: LONG - len(ending)]
    return stem.decode("utf-8", "ignore").strip(" .") + ending


def _checked(part: Path, path: Path) -> None:
    if path.suffix.lower() in PICTURES:
        try:
            with Image.open(part) as image:
                if image.width * image.height > PIXELS:
                    raise latently.InputError(
                        f"{path.name} has {image.width} x {image.height} pixels; {PIXELS:,} at most are read."
                    )
                image.verify()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            if isinstance(error, latently.InputError):
                raise
            raise latently.InputError(f"{path.name} is no picture that can be read; leave it out.") from error
    elif path.suffix.lower() == ".zip":
        try:
            inside = zipfile.ZipFile(part).infolist()
        except zipfile.BadZipFile as error:
            raise latently.InputError(f"{path.name} is no zip that can be read; pack it again.") from error
        if len(inside) > MANY or sum(one.file_size for one in inside) > LARGE:
            raise latently.InputError(
                f"{path.name} holds {len(inside):,} files; {MANY:,} and {LARGE // 2**30} GiB unpacked at most are read."
            )
