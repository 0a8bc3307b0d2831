"""One door for all data: `open` looks at what it is handed and passes it to the reader that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import InputError
from ..spec import Kind
from . import array_files, folder, images, table_files, tables
from .array_files import of_array
from .source import Asked, Size, Source


def open(
    x: Any,
    *,
    kind: Kind | None = None,
    kinds: Mapping[str, str] | None = None,
    size: Size | None = None,
    labels: Any = None,
) -> Source:
    """Looks at data and tells what they are, without turning them into numbers yet.

    Parameters
    ----------
    x
        A path: a folder of pictures (sub-folders are labels) or a zip of one, `.npy`, `.npz`, IDX (`.gz` too, or a
        folder of MNIST's four files), `.csv`, `.tsv`, `.parquet`.
        An array: (n, F) is a table of numbers, (n, H, W) grey pictures, (n, H, W, C) pictures with C channels.
        A DataFrame of pandas, polars or pyarrow, a list of rows or of pictures, a torch tensor, or a `Source`.
    kind
        "image" or "table": what `x` is to be taken for where it could be both.
    kinds
        Tables: what columns are, where that is not what they look like: number, category, boolean, date or ignored.
    size
        Pictures: (height, width) to resize them to.
    labels
        The name of the table's column that is no feature but each item's label, or the labels themselves, (n,).

    Returns
    -------
    Source
        With `kind`, `labels`, `names`, `notes`, `len()` and slices.

    Raises
    ------
    InputError
        The data cannot be used; the message says why and what to do.

    Examples
    --------
    >>> import latently, numpy as np
    >>> latently.open(np.zeros((5, 28, 28), np.uint8))
    <ImageSource: 5 pictures, 28 x 28, uint8>
    >>> latently.open([[1.0, 2.0], [3.0, 4.0]])
    <TableSource: 2 rows, 2 columns, numpy>
    >>> latently.open([[1.0, 2.0], [3.0, 4.0]], labels=["good", "bad"]).labels.tolist()
    ['good', 'bad']
    """
    if kind not in (None, "image", "table"):
        raise InputError(f'kind={kind!r} is not known; it is "image", "table" or None for either.')
    if kinds is not None and not isinstance(cast(Any, kinds), Mapping):
        raise InputError(
            f'kinds={kinds!r} does not say which column is what; it is a dict such as {{"town": "category"}}.'
        )
    asked = Asked(kind, dict(kinds or {}), None if size is None else _size(size))
    source = _opened(x, asked)
    if kind and source.kind != kind:
        raise InputError(
            f"{'pictures' if kind == 'image' else 'a table'} (kind={kind!r}) are wanted here, but the data are "
            f"{source.summary}; give other data."
        )
    if source.kind == "table" and size:
        raise InputError(f"size={size!r} is for pictures, but the data are {source.summary}; leave it out.")
    if source.kind == "image" and kinds:
        raise InputError(f"kinds is for the columns of a table, but the data are {source.summary}; leave it out.")
    return source if labels is None else source.labelled(labels)


def _size(size: Any) -> Size:
    try:
        given = list(cast(Sequence[Any], size)) if isinstance(size, Sequence | np.ndarray) else []
        height, width = (int(side) for side in given)
        if [height, width] == given and min(height, width) >= 1 and max(height, width) < images.MOST:
            return height, width
    except (TypeError, ValueError, OverflowError):  # OverflowError: infinity
        pass
    raise InputError(
        f"size={size!r} is not a size; it is (height, width), two whole numbers of at least 1 and "
        f"less than {images.MOST}."
    )


def _opened(x: Any, asked: Asked) -> Source:
    if isinstance(x, Source):
        if (asked.kinds, asked.size) not in (({}, None), (x.kinds, x.size)):
            raise InputError("kinds and size cannot be changed once data are open; open the data themselves with them.")
        return x
    if isinstance(x, str | Path):
        return _of_path(_path(x), asked)
    if hasattr(x, "detach"):  # a torch tensor
        x = x.detach().cpu().numpy()
    if isinstance(x, np.ndarray):
        return of_array(cast(NDArray[Any], x), asked)
    if isinstance(x, Sequence) and len(cast(Sequence[Any], x)) and not isinstance(x, bytes):
        first = cast(Any, x[0])
        if isinstance(first, Image.Image) or tables.dimensions(first) > 1:
            return images.source_of_list([_picture(item) for item in cast(Sequence[Any], x)], asked)
    table = tables.source_of_frame(x, kinds=asked.kinds)
    return tables.source_of_matrix(x, kinds=asked.kinds) if table is None else table


def _picture(item: Any) -> NDArray[Any]:
    tables.dimensions(item)
    return array_files.unmasked(np.asanyarray(item))


def _path(x: str | Path) -> Path:
    """The path, where it can be one at all."""
    if not str(x).strip() or (isinstance(x, Path) and x == Path()):  # Path("") and Path(".") are one
        raise InputError('the path is empty; give the path of a file or a folder, "." for the folder you are in.')
    try:
        path = Path(x).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:
        short = f"{str(x)[:60]}..." if len(str(x)) > 60 else x
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{short} is a path that cannot be opened ({reason}); give one of a file or folder."
        ) from error
    return path


_READERS: dict[str, Callable[[Path, Asked], Source]] = {
    ".npy": array_files.npy,
    ".npz": array_files.npz,
    ".csv": table_files.delimited,
    ".tsv": table_files.delimited,
    ".parquet": table_files.parquet,
    ".pq": table_files.parquet,
    ".zip": folder.pictures,
}


def _of_path(path: Path, asked: Asked) -> Source:
    if not path.exists():
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = get_close_matches(path.name, there, 1)
        hint = f"did you mean {near[0]}?" if near else "check the spelling."
        raise InputError(f"{path} is not there; {hint}")
    if path.is_dir():
        return array_files.idx_folder(path, asked) or folder.pictures(path, asked)
    if array_files.is_idx(path):
        return array_files.idx(path, asked)
    ending = path.name.lower().removesuffix(".gz")
    for known, reader in _READERS.items():
        if ending.endswith(known):
            return reader(path, asked)
    if path.suffix.lower() in Image.registered_extensions():
        raise InputError(f"{path} is a single picture; give the folder it is in, or a zip of one.")
    raise InputError(
        f"{path} has an ending that is not known; allowed are folders of pictures, {', '.join(_READERS)}, .csv.gz and "
        f"IDX files (...-ubyte, .gz too)."
    )
