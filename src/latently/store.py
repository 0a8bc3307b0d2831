"""One safe file: tensors as tensors, everything else a JSON header, a checksum over both. Nothing in it can run.

The file is a plain safetensors file whose metadata holds two texts: `latently`, the JSON header, and `sha256`.
Every write goes to a temporary file beside the target and is moved into place when complete.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .errors import ModelFileError, OutputError

FORMAT = 1

Tensors = Mapping[str, NDArray[Any]]


@contextmanager
def atomic(path: str | Path) -> Generator[Path]:
    """A temporary path that takes the place of `path` when the block ends well, and vanishes when it does not.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or the disk is full; what stood at `path` before is untouched.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "deep" / "note.txt"
    >>> with atomic(target) as part:
    ...     _ = part.write_text("whole or not at all")
    >>> target.read_text()
    'whole or not at all'
    """
    path = Path(path)
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=f".part{path.suffix}")
        os.close(handle)
        part = Path(name)
        yield part
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)  # mkstemp makes files that only their owner can read
        with part.open("r+b") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except OSError as error:
        raise OutputError(_why(path, error)) from error
    finally:
        if part:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _why(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{path} was not written: the disk is full; free some space or choose another place."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{path} was not written: no permission to write in {path.parent}; choose a folder of yours."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} was not written: a part of that path is a file, not a folder; choose another place."
        case _:
            return f"{path} was not written: {error.strerror or error}; choose another place."


def write(path: str | Path, header: Mapping[str, Any], tensors: Tensors) -> Path:
    """Writes one file, whole or not at all.

    Parameters
    ----------
    path
        Where to; missing folders are made.
    header
        Anything JSON can hold. `format` is added.
    tensors
        Arrays by name.
    """
    from safetensors import numpy as untyped

    path = Path(path)
    text = json.dumps({"format": FORMAT, **header}, ensure_ascii=False, sort_keys=True)
    solid = {
        name: np.array(tensor, order="C") for name, tensor in tensors.items()
    }  # ascontiguousarray lifts 0-d to 1-d
    content: bytes = cast(Any, untyped).save(solid, {"latently": text, "sha256": _checksum(text, solid)})
    with atomic(path) as part:
        part.write_bytes(content)  # not save_file, which tells of a full disk by an error of its own
    return path


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Reads what `write` wrote: the header and the tensors.

    Raises
    ------
    ModelFileError
        The file is missing, truncated, not Latently's, of a newer format, or was changed after it was written.
    """
    path = Path(path)
    header, tensors, text, checksum = _open(path)
    if checksum != _checksum(text, tensors):
        raise ModelFileError(f"{path} was changed or damaged after it was saved (its checksum differs); save it again.")
    return header, tensors


def _open(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], str, str]:
    import safetensors

    library: Any = safetensors  # untyped
    if not path.is_file():
        raise ModelFileError(f"{path} is not a file; give the path of a saved model or of a run folder.")
    try:
        with library.safe_open(path, framework="numpy") as file:
            metadata: dict[str, str] = file.metadata() or {}
            names: list[str] = file.keys()
            tensors: dict[str, NDArray[Any]] = {name: file.get_tensor(name) for name in names}
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise ModelFileError(
            f"{path} is no saved model, or is cut short ({error}); give a file that model.save or latently fit wrote."
        ) from error
    if "latently" not in metadata:
        raise ModelFileError(f"{path} was not saved by Latently; give a file that model.save or latently fit wrote.")
    text = metadata["latently"]
    try:
        header: dict[str, Any] = dict(json.loads(text))
        version = int(header["format"])
        if version < 1:
            raise ValueError(f"format {version}")
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ModelFileError(f"{path} has a header that cannot be read ({error}); save it again.") from error
    if version > FORMAT:
        raise ModelFileError(
            f"{path} has format {version} and this version of Latently reads up to {FORMAT}; update Latently."
        )
    return header, tensors, text, metadata.get("sha256", "")


def _checksum(text: str, tensors: Tensors) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\0{name}\0{tensor.dtype}\0{tensor.shape}\0".encode())
        digest.update(np.ascontiguousarray(tensor).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
