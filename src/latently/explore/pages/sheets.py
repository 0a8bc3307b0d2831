"""Small pictures side by side in one, as many as a page can hold: those of the items, and those of decoded places."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...data import ImageSource, Source
from ..figures.pictures import shown, value_range

if TYPE_CHECKING:
    from ..places.maps import LatentMap

MOST_BYTES = 9_000_000  # of all sheets of items' pictures
SIDE = 64  # pixels of the longer side, at most
ACROSS = 32  # pictures in a row of a sheet, and rows
CRISP = 32  # pixels up to which grey pictures are kept exactly but for their 16 shades
GRID = 40  # decoded places along the longer side of a map
FADE = (1.2, 3.0)  # usual distances from an item at which a decoded place begins to fade, and is gone
BLOCK = 16  # pixels that WebP's lossy form computes together

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture of pictures as the page holds it."""

    uri: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The items' pictures in sheets, how they lie there, and the order of items that goes with them."""

    order: NDArray[np.intp]
    sheets: list[str] = field(default_factory=list[str])
    about: dict[str, Any] = field(default_factory=dict[str, Any])


def thumbnails(source: Source | None, order: NDArray[np.intp]) -> Thumbnails:
    """The pictures of items in the order of drawing; none of other data.

    Where all are too many, an even choice of the items comes first and has pictures; the others have none.
    """
    if not isinstance(source, ImageSource):
        return Thumbnails(order)
    each = ACROSS * ACROSS
    first = _sheet(_small(source, order[:each]))
    most = max(1, MOST_BYTES * min(each, len(order)) // len(first) // each) * each
    if most < len(order):
        chosen = np.zeros(len(order), bool)
        chosen[np.random.default_rng(0).permutation(len(order))[:most]] = True
        order = np.concatenate([order[chosen], order[~chosen]])
    count = min(len(order), most)
    parts = [order[start : min(start + each, count)] for start in range(0, count, each)]

    def sheet(rows: NDArray[np.intp]) -> str:
        return _uri(_sheet(_small(source, rows)))

    with ThreadPoolExecutor(2) as pool:
        sheets = list(pool.map(sheet, parts))
    height, width = _small(source, order[:1]).shape[1:3]
    about = {"count": count, "each": each, "columns": ACROSS, "width": width, "height": height}
    return Thumbnails(order, sheets, {**about, "cell": _cell(width, height, _crisp(source))})


def background(found: LatentMap) -> Sheet | None:
    """What the decoder makes of places all over a map of pictures in two dimensions; None of other maps."""
    source = found.source
    if not isinstance(source, ImageSource) or found.dimensions != 2 or found.codes_.shape[1] < 2:
        return None
    low, high = found.points_.min(0), found.points_.max(0)
    side = float((high - low).max()) / GRID
    if not side:
        return None
    counts: list[int] = np.maximum(1, np.ceil((high - low) / side)).astype(int).tolist()
    start = (low + high) / 2 - (np.array(counts) - 1) / 2 * side
    places: NDArray[np.float64] = start + side * np.argwhere(np.ones(counts, bool))
    far = found.distances(places)
    alphas = np.clip((FADE[1] - far) / (FADE[1] - FADE[0]), 0, 1)
    places, alphas = places[alphas > 0], alphas[alphas > 0]
    pictures = _pixels(found.items(places)[0])
    little = [_fitted(picture, 48) for picture in _shades(pictures, *value_range(pictures))]
    tiles = np.stack(little)
    height, width = tiles.shape[1:3]
    sheet = _joined(tiles, (width, height))
    about = {
        "columns": ACROSS,
        "width": width,
        "height": height,
        "side": side,
        "centres": {"type": "f4", "data": b64encode(places.astype("<f4").tobytes()).decode()},
        "alphas": {"type": "u1", "data": b64encode(np.rint(alphas * 255).astype(np.uint8).tobytes()).decode()},
    }
    return Sheet(_uri(_webp(sheet, 82)), about)


def _pixels(pictures: Any) -> NDArray[Any]:
    return np.stack(pictures)


def _shades(pictures: Any, low: float, high: float) -> list[Image.Image]:
    return [shown(picture, low, high) for picture in pictures]


def _crisp(source: ImageSource) -> bool:
    return source.pixels.shape[3] == 1 and max(source.pixels.shape[1:3]) <= CRISP


def _small(source: ImageSource, rows: NDArray[np.intp]) -> Bytes:
    """Items as small pictures (n, h, w, c) of 8 bits."""
    low, high = value_range(source[:1].data) if source.pixels.dtype.kind == "u" else source.range
    if source.pixels.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    shades = _shades(source[rows].data, low, max(high, low + 1e-9))
    return np.stack([_fitted(picture, SIDE) for picture in shades])


def _fitted(picture: Image.Image, most: int) -> Bytes:
    """A picture (h, w, c) of 1 or 3 channels, made smaller where it is larger than a square."""
    picture = picture.convert("RGB") if picture.mode == "RGBA" else picture
    if max(picture.size) > most:
        picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    values = np.asarray(picture)
    return values[:, :, None] if values.ndim == 2 else values


def _cell(width: int, height: int, crisp: bool) -> list[int]:
    """What a picture takes in a sheet: lossy ones stand in whole blocks, so that none colours its neighbour."""
    return [width, height] if crisp else [-(-width // BLOCK) * BLOCK, -(-height // BLOCK) * BLOCK]


def _sheet(pictures: Bytes) -> bytes:
    height, width, channels = pictures.shape[1:]
    crisp = channels == 1 and max(height, width) <= CRISP
    if crisp:
        pictures = (np.rint(pictures / 17) * 17).astype(np.uint8)
    cell = _cell(width, height, crisp)
    return _webp(_joined(pictures, (cell[0], cell[1])), None if crisp else 72)


def _joined(pictures: Bytes, cell: tuple[int, int]) -> Image.Image:
    """Pictures (n, h, w, c) in rows of `ACROSS`, each at the upper left of its cell, whose rest repeats its edge."""
    n, height, width, channels = pictures.shape
    padded = np.pad(pictures, ((0, 0), (0, cell[1] - height), (0, cell[0] - width), (0, 0)), "edge")
    rows = -(-n // ACROSS)
    whole = np.zeros((rows * ACROSS, cell[1], cell[0], channels), np.uint8)
    whole[:n] = padded
    sheet = whole.reshape(rows, ACROSS, cell[1], cell[0], channels).swapaxes(1, 2)
    sheet = sheet.reshape(rows * cell[1], ACROSS * cell[0], channels)
    return Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet)


def _webp(sheet: Image.Image, quality: int | None) -> bytes:
    """In a lossy quality, or exactly."""
    written = BytesIO()
    how: dict[str, Any] = {"lossless": True, "quality": 20, "method": 1} if quality is None else {"quality": quality}
    sheet.save(written, "webp", **how)
    return written.getvalue()


def _uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{b64encode(webp).decode()}"
