"""Decoded pictures kept between runs: an array to be memory-mapped and a few facts beside it, or nothing at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..store import atomic
from .source import Size

FORMAT = 1
MOST_BYTES = 5 * 2**30  # of all entries together; the ones used longest ago go first


@dataclass(frozen=True, slots=True)
class Decoded:
    """The pictures of a folder.

    Parameters
    ----------
    pixels
        Shape (n, H, W, C).
    sizes
        Shape (n, 2), the sizes before any was resized; None where none was.
    skipped
        Why files were left out, by their place among all of them.
    """

    pixels: NDArray[Any]
    sizes: NDArray[Any] | None
    skipped: dict[str, str]


def key(root: Path, files: Sequence[tuple[str, int, int]], size: Size | None) -> str:
    """The name of an entry: it changes with the place, any file's name, length or time, and what was asked for."""
    return sha256(json.dumps([FORMAT, str(root.absolute()), files, size]).encode()).hexdigest()


def folder() -> Path:
    """Where entries lie: the user's cache folder, or what the environment variable LATENTLY_CACHE says."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("LATENTLY_CACHE") or user_cache_dir("latently")) / "pictures"


def load(key: str) -> Decoded | None:
    """The entry, memory-mapped; None where there is none, or it is not what it says."""
    facts_file, pixels_file = _files(key)
    try:
        facts: dict[str, Any] = json.loads(facts_file.read_text("utf-8"))
        pixels = np.load(pixels_file, mmap_mode="c", allow_pickle=False)  # "c": changes stay in memory
        sizes = None if facts["sizes"] is None else np.array(facts["sizes"], np.int64)
        skipped = {str(int(i)): str(reason) for i, reason in facts["skipped"].items()}
        whole = [list(pixels.shape), str(pixels.dtype)] == facts["array"]
        if not whole or pixels.ndim != 4 or (sizes is not None and sizes.shape != (len(pixels), 2)):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None
    for file in (pixels_file, facts_file):
        with suppress(OSError):
            file.touch()
    return Decoded(pixels, sizes, skipped)


def save(key: str, decoded: Decoded) -> Decoded:
    """Writes an entry and gives it back memory-mapped; as it was where it cannot be written."""
    facts_file, pixels_file = _files(key)
    facts = {
        "array": [list(decoded.pixels.shape), str(decoded.pixels.dtype)],
        "sizes": None if decoded.sizes is None else decoded.sizes.tolist(),
        "skipped": decoded.skipped,
    }
    try:
        with atomic(pixels_file) as part, part.open("wb") as file:
            np.save(file, decoded.pixels, allow_pickle=False)
        with atomic(facts_file) as part:  # last: it makes the entry valid
            part.write_text(json.dumps(facts), "utf-8")
        _trim(keep=key)
    except (OutputError, OSError):
        return decoded
    return load(key) or decoded


def _files(key: str) -> tuple[Path, Path]:
    return folder() / f"{key}.json", folder() / f"{key}.npy"


def _trim(keep: str) -> None:
    """Removes the entries used longest ago, until the rest fit."""
    found = [(p.stat().st_mtime, p.stat().st_size, p) for p in folder().glob("*.npy")]
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total > MOST_BYTES and path.stem != keep:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            total -= size
