"""Items to files: pictures to a folder of PNGs, tables and codes to text, Parquet or NumPy's formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import InputError
from ..store import atomic
from .codec import Codec
from .export_parts import Part, write_parts
from .export_texts import TEXTS, write_texts
from .manner import SEPARATED, in_manner
from .source import Source
from .texts import strings

Array = NDArray[Any]


def write(
    path: str | Path,
    items: Any,
    names: Sequence[str] | None = None,
    labels: Any = None,
    *,
    like: Source | Codec | None = None,
) -> Path:
    """Writes codes, a table, pictures or texts; each file appears whole or not at all.

    Parameters
    ----------
    path
        `.npy`, `.npz`, `.csv`, `.tsv` or `.parquet`. A path without an ending is a folder, for pictures; a single
        one also goes to `.png`, `.jpg`, `.jpeg` or `.webp`. Texts go to `.txt`, one a line, or
        `.jsonl`, one a line as JSON, with their names and labels where given.
    items
        Codes or a table (n, F), a DataFrame, pictures (n, H, W) or (n, H, W, C), or a list of pictures; a list of
        strings. In a folder, pictures that are neither true and false nor of 8 or 16 bits get one scale for all of
        them, so that values of 0 to 1 become 0 to 255, as do those of 0 to 16; see `shown`.
        An iterator gives codes or rows of a table in parts, each with its names and labels or None: (items, names,
        labels). No more than one part is held; they go to `.csv`, `.tsv`, `.parquet` or `.npy`.
    names
        One an item: the files' names, sub-folders kept, in a folder; a first column "name" beside codes.
    labels
        One an item, (n,): a column "label" beside codes, in a file that has names for its columns.
    like
        For a text of a table's rows: what they were made of, as `latently.open` gives it. A cell that is as it was is
        written as it stands in the file, others in the manner of their column: digits, a decimal comma, TRUE or true,
        times. Or the `codec_` of the model that made them, for as many digits as tell a thousandth of a column's scale.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        The ending is not known, or the items cannot be held by such a file.
    OutputError
        The place cannot be written, or the disk is full.

    Examples
    --------
    >>> import latently, tempfile, numpy as np
    >>> path = latently.write(tempfile.mkdtemp() + "/codes.csv", np.array([[0.5, 1.0]], np.float32))
    >>> path.read_text()
    'z0,z1\\n0.5,1.0\\n'
    """
    path = Path(path)
    if isinstance(items, Iterator):
        write_parts(path, cast(Iterator[Part], items), _framed(path, like))
        return path
    count = len(items)
    if names is not None and len(names) != count:
        raise InputError(f"{len(names)} names were given for {count} items; give one for each.")
    texts = strings(items)
    if texts is not None or path.suffix.lower() in TEXTS:
        write_texts(path, texts, names, labels)
        return path
    pictures = _pictures(items)
    if path.suffix.lower() in _ARRAYS:
        _ARRAYS[path.suffix.lower()](path, _array(items, pictures))
    elif path.suffix.lower() in _TABLES:
        if pictures is not None:
            raise InputError(f"pictures cannot be written to {path}; choose a folder (no ending), .npy or .npz.")
        frame, separator = _frame(items, names, labels), ""
        if like is not None and path.suffix.lower() in SEPARATED:
            frame, separator = in_manner(frame, like)
        with atomic(path) as part:
            _TABLES[path.suffix.lower()](frame, part, separator)
    elif path.suffix.lower() in _PICTURES and pictures is not None and count == 1:
        with atomic(path) as part:
            to_image(pictures[0], shown(pictures)).save(part, format=_PICTURES[path.suffix.lower()])
    elif path.suffix and not path.is_dir():
        known = ", ".join([*_ARRAYS, *_TABLES])
        raise InputError(
            f"{path} has an ending that is not known; choose {known}, or a folder (no ending) for pictures."
        )
    elif pictures is None:
        raise InputError(
            f"{path} has no ending, so it is a folder of pictures, but a table was given; choose {', '.join(_TABLES)}."
        )
    else:
        _folder(path, pictures, names)
    return path


def _pictures(items: Any) -> Sequence[Array] | None:
    """The pictures, or None where `items` are a table."""
    if isinstance(items, np.ndarray):
        return cast(Sequence[Array], items) if items.ndim in (3, 4) else None
    if isinstance(items, list) and items and all(np.ndim(item) in (2, 3) for item in cast(list[Any], items)):
        return [np.asarray(item) for item in cast(list[Any], items)]
    return None


def _array(items: Any, pictures: Sequence[Array] | None) -> Array:
    if pictures is not None and len({p.shape for p in pictures}) > 1:
        raise InputError(
            "the pictures differ in size and no array holds them; choose a folder (a path with no ending)."
        )
    if not isinstance(items, np.ndarray) and pictures is None:
        items = _frame(items, None).to_numpy()
    array: Array = np.asarray(cast(Any, items))
    if array.dtype == object:
        raise InputError("the table holds more than numbers; choose .csv or .parquet.")
    return array


def _frame(items: Any, names: Sequence[str] | None, labels: Any = None) -> Any:
    """A polars frame of a table: any library's frame as it is, the columns of an array called z0, z1 and so on."""
    import polars as pl

    given: Any = nw.from_native(items, pass_through=True)
    if isinstance(given, nw.DataFrame):
        return given.to_polars()
    array: Array = np.asarray(items)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise InputError(
            f"an array of shape {array.shape} and type {array.dtype} is no table; give one of numbers, (n, F)."
        )
    frame = pl.DataFrame({f"z{j}": np.ascontiguousarray(column) for j, column in enumerate(array.T)})
    if labels is not None:
        frame.insert_column(0, pl.Series("label", np.asarray(labels).tolist()))
    return frame if names is None else frame.insert_column(0, pl.Series("name", list(names)))


def _framed(path: Path, like: Any) -> Callable[..., Any]:
    """What makes a frame of a part of a table, as it is to stand in the file."""
    if like is None or path.suffix.lower() not in SEPARATED:
        return _frame
    if not isinstance(like, Codec):
        raise InputError("rows that come in parts are written like a model's codec; give like=model.codec_.")
    return lambda *part: in_manner(_frame(*part), like)[0]


def _save_npy(path: Path, array: Array) -> None:
    with atomic(path) as part, part.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _save_npz(path: Path, array: Array) -> None:
    with atomic(path) as part, part.open("wb") as file:
        np.savez_compressed(file, X=array)


_ARRAYS: dict[str, Callable[[Path, Array], None]] = {".npy": _save_npy, ".npz": _save_npz}
_TABLES: dict[str, Callable[[Any, Path, str], None]] = {  # with what parts the fields of the text that it is like
    ".csv": lambda frame, path, separator: frame.write_csv(path, separator=separator or ","),
    ".tsv": lambda frame, path, _: frame.write_csv(path, separator="\t"),
    ".parquet": lambda frame, path, _: frame.write_parquet(path),
}
_PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def _folder(path: Path, pictures: Sequence[Array], names: Sequence[str] | None) -> None:
    digits = len(str(len(pictures) - 1))
    files = _files(names or [f"{i:0{digits}d}" for i in range(len(pictures))])
    bounds = shown(pictures)
    for name, picture in zip(files, pictures, strict=True):
        image = to_image(picture, bounds)
        with atomic(path / name) as part:
            image.save(part, format="PNG")


def _files(names: Sequence[str]) -> list[PurePosixPath]:
    """A PNG for each name, all different and all inside the folder.

    >>> [str(f) for f in _files(["cat/1.jpg", "cat/1.png", "7"])]
    ['cat/1.png', 'cat/1.png.png', '7.png']
    """
    known = set(Image.registered_extensions())
    taken: set[PurePosixPath] = set()
    files: list[PurePosixPath] = []
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.name or ":" in path.parts[0]:
            raise InputError(f"the name {name!r} leads out of the folder; give names of files inside it.")
        file = path.with_suffix(".png") if path.suffix.lower() in known else path.with_name(f"{path.name}.png")
        while file in taken:
            file = (
                path.with_name(f"{path.name}.png")
                if file.name != f"{path.name}.png"
                else file.with_name(f"_{file.name}")
            )
        taken.add(file)
        files.append(file)
    return files


def shown(pictures: Sequence[Array]) -> tuple[float, float]:
    """The values that become black and white: 0 to 1 or 0 to 255 where all lie within it, or else what was seen.

    Values from 0 to something between 1 and 128 would all be dark as bytes: they have a range of their own.

    >>> shown([np.array([[0.0, 0.2]])]), shown([np.array([[0.0, 16.0]])]), shown([np.array([[0.0, 200.0]])])
    ((0.0, 1.0), (0.0, 16.0), (0.0, 255.0))
    """
    scaled = [p for p in pictures if _scaled(p) and p.size]
    if not scaled:
        return 0.0, 1.0
    low, high = float(min(p.min() for p in scaled)), float(max(p.max() for p in scaled))
    if low < 0:
        return low, high
    return 0.0, 1.0 if high <= 1 else 255.0 if 128 < high <= 255 else high


def _scaled(picture: Array) -> bool:
    return picture.dtype.kind in "iuf" and str(picture.dtype) not in ("uint8", "uint16")


def to_image(picture: Array, bounds: tuple[float, float]) -> Image.Image:
    """One picture (H, W) or (H, W, C) as Pillow's: bytes as they are, other numbers scaled from `bounds` to 0 to 255.

    Raises
    ------
    InputError
        A PNG cannot hold such a picture.
    """
    flat = picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture
    if flat.dtype == bool:
        flat = flat.astype(np.uint8) * np.uint8(255)
    elif _scaled(flat) and np.isfinite(bounds).all():
        low, high = bounds
        unit = (flat.astype(np.float64) - low) / (high - low or 1.0)
        flat = np.rint(unit * 255).astype(np.uint8)
    grey = flat.ndim == 2
    if str(flat.dtype) not in ("uint8", "uint16") or not (
        grey or (flat.dtype == np.uint8 and flat.shape[-1] in (2, 3, 4))
    ):
        raise InputError(
            f"a picture of shape {picture.shape} and type {picture.dtype} fits no PNG; "
            f"choose a path that ends in .npy or .npz."
        )
    return Image.fromarray(np.ascontiguousarray(flat))
