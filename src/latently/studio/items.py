"""Items as a page or another program reads them, and back: pictures as PNG, rows by column, texts as they are."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import latently

_PNG = "data:image/png;base64,"
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_ACROSS = 16  # tiles in a line of a sheet
PIXELS = 2**24  # of a picture that is handed in, at most
HEAT = ((255, 200, 60), (230, 60, 20))  # a little odd, very odd

Array = NDArray[Any]


def told(model: Any, items: Any) -> list[Any]:
    """Items in the types that a model gives, as JSON can hold them.

    Pictures are `data:` addresses, rows objects by column, windows objects of lists by column, texts themselves.
    """
    match model.codec_.spec.kind:
        case "image":
            return [address(picture(model, one)) for one in items]
        case "table":
            return _rows(model, items)
        case "series":
            return windows(model, items)
        case _:
            return [str(text) for text in items]


def windows(model: Any, values: Array) -> list[dict[str, list[float | None]]]:
    """Numbers of the steps of windows, (n, T, F): by column, None where one is missing."""
    names = [str(column.name) for column in model.codec_.used]
    columns = np.moveaxis(np.asarray(values, np.float64), 2, 1).tolist()
    return [{name: [_cell(v) for v in steps] for name, steps in zip(names, one, strict=True)} for one in columns]


def read(model: Any, items: Sequence[Any]) -> latently.Source:
    """Items that another program sent, in the form that `told` gives; pictures as nested lists of numbers too.

    Raises
    ------
    InputError
        One is not of the model's kind.
    """
    if not items:
        raise latently.InputError("no item was sent; send at least one.")
    kind = model.codec_.spec.kind
    if kind == "image":
        asked = model.codec_.asked
        return latently.open([_picture(model, one, i) for i, one in enumerate(items)], kind="image", **asked)
    if kind == "table":
        return _table(model, items)
    if kind == "series":
        return latently.open(np.stack([_window(model, one, i) for i, one in enumerate(items)]), kind="series")
    if not all(isinstance(one, str) for one in items):
        raise latently.InputError("items of this model are texts; send strings.")
    return latently.open([*items], **model.codec_.asked)


def picture(model: Any, pixels: Array) -> Image.Image:
    """A picture (H, W) or (H, W, C) in the range that the model's pictures have."""
    codec = model.codec_
    low, high = (0.0, 1.0) if codec.dtype == "bool" else (codec.low, codec.high)
    scaled = (np.asarray(pixels, np.float64) - low) / ((high - low) or 1.0)
    values = np.clip(np.rint(scaled * 255), 0, 255).astype(np.uint8)
    values = values[:, :, None] if values.ndim == 2 else values
    if values.shape[2] not in _MODES:
        values = values[:, :, : 3 if values.shape[2] > 4 else 1]
    return Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values, _MODES[values.shape[2]])


def heat(surprise: Array) -> Image.Image:
    """Where a picture is odd, to be laid over it: nothing where the surprise (H, W) is small."""
    most = max(float(surprise.max()), 4.5)  # nats, from which a part is odd
    share = np.clip(np.asarray(surprise, np.float64) / most, 0, 1)
    little, much = (np.array(colour, np.float64) for colour in HEAT)
    colours = little + (much - little) * share[..., None]
    whole = np.dstack([colours, 255 * np.sqrt(share)])
    return Image.fromarray(np.rint(whole).astype(np.uint8), "RGBA")


def gap(model: Any, before: Array, after: Array) -> Image.Image:
    """How far off each pixel is, as a share of black to white, laid open as heat."""
    a, b = (np.asarray(picture(model, one).convert("RGB"), np.float64) for one in (before, after))
    return heat(np.abs(a - b).mean(2) / 255 * 9)  # half of the range is the full colour


def png(image: Image.Image) -> bytes:
    """A picture as a file."""
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def address(image: Image.Image) -> str:
    """A picture as an address that holds it whole."""
    return _PNG + b64encode(png(image)).decode()


def sheet(model: Any, pictures: Sequence[Array], side: int) -> bytes:
    """Pictures in lines of sixteen, each in the middle of a square of `side` pixels, as one PNG."""
    lines = -(-len(pictures) // _ACROSS)
    whole = Image.new("RGBA", (_ACROSS * side, max(1, lines) * side))
    for i, pixels in enumerate(pictures):
        tile = _fitted(picture(model, pixels), side)
        left, top = (side - tile.width) // 2, (side - tile.height) // 2
        whole.paste(tile, (i % _ACROSS * side + left, i // _ACROSS * side + top))
    return png(whole)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    most = max(image.size)
    size = max(1, round(image.width * side / most)), max(1, round(image.height * side / most))
    return image.resize(size, Image.Resampling.NEAREST if most < side else Image.Resampling.LANCZOS)


def _rows(model: Any, items: Any) -> list[dict[str, Any]]:
    columns = model.codec_.columns
    if isinstance(items, np.ndarray):
        seen = [(str(c.name), items[:, j].tolist()) for j, c in enumerate(columns)]
    else:
        frame: Any = nw.from_native(items, eager_only=True)
        there = {str(name): name for name in frame.columns}
        seen = [(str(c.name), frame.get_column(there[str(c.name)]).to_list()) for c in columns if str(c.name) in there]
    used = {str(c.name) for c in model.codec_.used}
    seen = [(name, [_cell(value) for value in cells]) for name, cells in seen if name in used]
    return [dict(zip((name for name, _ in seen), row, strict=True)) for row in zip(*(c for _, c in seen), strict=True)]


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bool | int | str):
        return value
    return float(f"{value:.6g}") if isinstance(value, float) else str(value)


def _table(model: Any, items: Sequence[Any]) -> latently.Source:
    columns = model.codec_.columns
    names = [str(c.name) for c in columns]
    rows: list[Any] = []
    for item in items:
        if isinstance(item, dict):
            given = cast(dict[str, Any], item)
            if strange := [name for name in given if name not in names]:
                raise latently.InputError(
                    f"there is no column {strange[0]!r}; the model knows {', '.join(names[:12])}."
                )
            rows.append([given.get(name) for name in names])
        elif isinstance(item, list) and len(cast(list[Any], item)) == len(names):
            rows.append(item)
        else:
            raise latently.InputError(
                f"items of this model are rows; send objects by column, or lists of {len(names)} cells."
            )
    if model.codec_.container == "numpy":
        try:
            return latently.open(np.array([[np.nan if v is None else v for v in row] for row in rows], np.float64))
        except (TypeError, ValueError) as error:
            raise latently.InputError("items of this model are rows of numbers; send numbers or null.") from error
    import polars as pl

    cells = {name: [row[j] for row in rows] for j, name in enumerate(names)}
    try:
        frame = pl.DataFrame({name: _series(name, column) for name, column in cells.items()})
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise latently.InputError("a column holds cells of several types; send numbers, or texts, or null.") from error
    return latently.open(frame, kind="table")


def _series(name: str, cells: list[Any]) -> Any:
    import polars as pl

    known = [cell for cell in cells if cell is not None]
    if known and all(isinstance(cell, bool | int | float) for cell in known) and any(type(c) is float for c in known):
        return pl.Series(name, [None if cell is None else float(cell) for cell in cells], pl.Float64)
    return pl.Series(name, cells)


def _window(model: Any, item: Any, place: int) -> Array:
    """A window (T, F) that was sent: an object of lists by column, or a list of steps."""
    names = [str(column.name) for column in model.codec_.used]
    shape = model.codec_.spec.shape
    given = cast(dict[str, Any], item)
    steps = [given.get(name, []) for name in names] if isinstance(item, dict) else item
    try:
        found = np.array(steps, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    found = found.T if isinstance(item, dict) else found
    if found.shape != shape:
        raise latently.InputError(
            f"item {place} is no window of this model; send an object of {shape[0]} numbers or null by each of "
            f"{', '.join(names[:12])}."
        )
    return found


def _picture(model: Any, item: Any, place: int) -> Any:
    codec = model.codec_
    if isinstance(item, str):
        _, _, data = item.rpartition(",")
        try:
            image = Image.open(BytesIO(b64decode(data, validate=True)))
            if image.width * image.height > PIXELS:
                raise latently.InputError(
                    f"picture {place} has {image.width} x {image.height} pixels; send one of {PIXELS:,} at most."
                )
            image = image.convert(_MODES.get(codec.shape[0], "RGB"))
        except (NoBase64, OSError, ValueError, Image.DecompressionBombError) as error:
            if isinstance(error, latently.InputError):
                raise
            raise latently.InputError(f"item {place} is no picture; send a PNG or JPEG as base64.") from error
        array = np.asarray(image)
        if codec.dtype != "uint8":
            low, high = (0.0, 1.0) if codec.dtype == "bool" else (codec.low, codec.high)
            array = (array / 255 * (high - low) + low).astype(codec.dtype if codec.dtype != "bool" else np.float32)
            array = array > 0.5 if codec.dtype == "bool" else array
        return array
    try:
        return np.asarray(item, codec.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise latently.InputError(f"item {place} is no picture; send a PNG as base64, or lists of numbers.") from error
