"""Pictures of any type made into ones that can be shown, and set in a grid, crisp at any scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pictures: TypeAlias = NDArray[Any] | Sequence[NDArray[Any]]  # (n, H, W[, C]), or one array (H, W[, C]) each

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def value_range(pictures: Pictures) -> tuple[float, float]:
    """Black and white of `pictures`: the type's own range, [0, 1] for numbers in it, else what they hold.

    >>> value_range(np.zeros((2, 4, 4), np.uint16))
    (0.0, 65535.0)
    """
    dtype = np.asarray(pictures[0]).dtype
    if dtype == np.bool_:
        return 0.0, 1.0
    if np.issubdtype(dtype, np.unsignedinteger):
        return 0.0, float(np.iinfo(dtype).max)
    low = min(float(np.min(p)) for p in pictures)
    high = max(float(np.max(p)) for p in pictures)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    return min(low, 0.0), max(high, low + 1e-9)


def shown(picture: NDArray[Any], low: float, high: float) -> Image.Image:
    """One picture as Pillow holds it, 8 bits a channel; the first channels where there are five or two."""
    scaled = (np.asarray(picture, np.float64) - low) / (high - low)
    values = np.clip(np.rint(scaled * 255), 0, 255).astype(np.uint8)
    values = values[:, :, None] if values.ndim == 2 else values
    values = values if values.shape[2] in _MODES else values[:, :, : 3 if values.shape[2] > 4 else 1]
    return Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values, _MODES[values.shape[2]])


def scaled(picture: Image.Image, side: int) -> Image.Image:
    """`picture` fitted into a square of `side`: enlarged by whole pixels, to stay crisp, or made smaller smoothly."""
    most = max(picture.size)
    if most > side:
        width, height = (max(1, round(edge * side / most)) for edge in picture.size)
        return picture.resize((width, height), Image.Resampling.LANCZOS)
    times = max(1, side // most)
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)


def picture_grid(pictures: Pictures, columns: int | None = None, *, side: int = 64) -> Image.Image:
    """Pictures set side by side in one, each as large as fits a square of `side` pixels.

    Parameters
    ----------
    pictures
        An array (n, H, W) or (n, H, W, C), or a list of such pictures of any sizes: 8 or 16 bits, or numbers.
    columns
        Pictures in a row; None makes the grid as square as it can be.
    side
        The square's side; small pictures are enlarged by whole pixels, large ones made smaller.

    Examples
    --------
    >>> picture_grid(np.zeros((6, 8, 8), np.uint8), columns=3).size
    (200, 132)
    """
    low, high = value_range(pictures)
    tiles = [scaled(shown(p, low, high), side) for p in pictures]
    columns = columns or ceil(sqrt(len(tiles)))
    rows = ceil(len(tiles) / columns)
    width, height = max(t.width for t in tiles), max(t.height for t in tiles)
    gap = max(2, max(width, height) // 16)
    grid = Image.new("RGBA", (columns * (width + gap) - gap, rows * (height + gap) - gap), (255, 255, 255, 0))
    for i, tile in enumerate(tiles):
        across, down = i % columns * (width + gap), i // columns * (height + gap)
        grid.paste(tile, (across + (width - tile.width) // 2, down + (height - tile.height) // 2))
    return grid
