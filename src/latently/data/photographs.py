"""Photographs of any size, each at its own: read, drawn from as tiles, and laid together from tiles that overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ParameterError
from . import folder
from .images import recoloured, resize, source_of_array
from .source import Asked

Array = NDArray[Any]
Draw = tuple[int, int, int, int]  # photograph, first row, first column, side


@dataclass(frozen=True, slots=True)
class Photographs:
    """Pictures (H, W, C) each of its own size, of one type, and how they came.

    Parameters
    ----------
    pictures
        As they are.
    names
        What they are called: their files, or their numbers.
    flat
        Whether they came without a channel axis.
    form
        What they came in: "one" picture, a "list" of them, or a "stack" of equal ones, (n, H, W) or (n, H, W, C).
    dtype
        The type they came in, such as "float64" of pictures that are held as float32.
    notes
        What was left out, in sentences.
    """

    pictures: list[Array]
    names: list[str]
    flat: bool
    form: str
    dtype: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, x: Any) -> Photographs:
        """A path of a picture or a folder, one picture (H, W) or (H, W, C), a list or a stack of them.

        Raises
        ------
        InputError
            There is nothing that can be read as a picture.
        """
        if isinstance(x, str | Path):
            return cls._at(Path(x))
        if isinstance(x, list | tuple):
            given = cast(Sequence[Any], x)
            if not given:
                raise InputError("an empty list was given instead of photographs; give at least one.")
            each = [cls.of(one) for one in given]
            pictures = [picture for one in each for picture in one.pictures]
            if len({(picture.dtype, picture.shape[2]) for picture in pictures}) > 1:
                raise InputError(
                    "the photographs of the list differ in channels or type; bring all to the first one's, or give a "
                    "folder of image files."
                )
            return cls(pictures, [str(i) for i in range(len(pictures))], each[0].flat, "list", each[0].dtype)
        array = np.asarray(x)
        if array.ndim not in (2, 3, 4):
            raise InputError(
                f"an array of {array.ndim} dimensions was given instead of a photograph; give (height, width), "
                "(height, width, channels), a list of these, or a path."
            )
        one = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
        source = source_of_array(array[None] if one else array, Asked(kind="image"))
        values = source.pixels
        flat = array.ndim == 2 or (array.ndim == 3 and not one)
        return cls(list(values), [str(i) for i in range(len(values))], flat, "one" if one else "stack", source.dtype)

    @classmethod
    def _at(cls, path: Path) -> Photographs:
        if not path.exists():
            raise InputError(f"{path} does not exist; give a picture's file, or a folder of them.")
        found, notes = folder.whole(path)
        form = "one" if path.is_file() else "list"
        return cls(
            [picture for _, picture in found], [name for name, _ in found], False, form, str(found[0][1].dtype), notes
        )

    def gathered(self, pictures: list[Array]) -> Any:
        """Other pictures in place of these, in the form that these came in."""
        bare = [picture[..., 0] if self.flat else picture for picture in pictures]
        match self.form:
            case "one":
                return bare[0]
            case "stack":
                return np.stack(bare)
            case _:
                return bare


def tiles(photos: Any, side: int = 64, *, n: int = 10_000, shrink: float = 1.0, seed: int = 0) -> Array:
    r"""Square tiles from random places of photographs, to train on: (n, side, side, C).

    A photograph is chosen as often as its number of pixels says.

    Parameters
    ----------
    photos
        A path of a picture or a folder, one picture (H, W) or (H, W, C), a list or a stack of them.
    side
        Of a tile, in pixels.
    n
        How many.
    shrink
        Each tile is cut from the photograph as it is brought to a share of its size, drawn from `shrink` to 1; 1: as it
        is. Shows things at more sizes than a few photographs have.
    seed
        Of the draw.

    Raises
    ------
    InputError
        A photograph is smaller than a tile.
    ParameterError
        `side`, `n` or `shrink` is out of bounds.

    Examples
    --------
    >>> photo = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype("uint8")
    >>> tiles(photo, 32, n=5).shape
    (5, 32, 32, 3)
    """
    for name, value, allowed in (("side", side, side >= 1), ("n", n, n >= 1), ("shrink", shrink, 0 < shrink <= 1)):
        if not allowed:
            what = "above 0 and at most 1" if name == "shrink" else "a whole number, at least 1"
            raise ParameterError(f"tiles: {name}={value!r} is not allowed; it is {what}.")
    found = Photographs.of(photos)
    channels = found.pictures[0].shape[2]
    for name, picture in zip(found.names, found.pictures, strict=True):
        if min(picture.shape[:2]) < side:
            raise InputError(
                f"photograph {name} is {picture.shape[0]} x {picture.shape[1]} and a tile has {side} x {side}; choose "
                f"a smaller side, at most {min(picture.shape[:2])}, or leave it out."
            )
    pictures = [recoloured(picture, channels) for picture in found.pictures]
    cut = np.empty((n, side, side, channels), pictures[0].dtype)
    for at, (i, row, column, wide) in enumerate(_draws([p.shape[:2] for p in pictures], side, n, shrink, seed)):
        cut[at] = resize(pictures[i][row : row + wide, column : column + wide], (side, side))
    return cut[..., 0] if found.flat else cut


def _draws(sizes: Sequence[tuple[int, ...]], side: int, n: int, shrink: float, seed: int) -> Iterator[Draw]:
    drawn = np.random.default_rng(seed)
    areas = np.array([height * width for height, width in sizes], np.float64)
    chosen = drawn.choice(len(sizes), n, p=areas / areas.sum())
    for i, share, down, across in zip(
        chosen.tolist(), drawn.uniform(shrink, 1, n), drawn.random(n), drawn.random(n), strict=True
    ):
        height, width = sizes[int(i)]
        wide = min(round(side / float(share)), height, width)
        yield int(i), int(down * (height - wide + 1)), int(across * (width - wide + 1)), wide


def mosaic(
    picture: Array, side: tuple[int, int], overlap: int, use: Callable[[Array], Array], batch: int = 16
) -> Array:
    r"""What `use` makes of a picture (H, W, C), tile by tile, laid together without seams: (H, W, C'), float32.

    .. math:: y(p) = \frac{\sum_t w(p - p_t)\, f(x_t)(p - p_t)}{\sum_t w(p - p_t)}

    The weight w of a tile falls from its middle part to nearly nothing at its border, as a raised cosine over the
    overlap, so that where two tiles meet the one gives way to the other smoothly. A picture smaller than a tile is
    continued as if in mirrors.

    Parameters
    ----------
    picture
        Of any size.
    side
        Height and width of a tile, as `use` wants it.
    overlap
        How many pixels neighbouring tiles share at least.
    use
        Tiles (n, h, w, C) to (n, h, w, C').
    batch
        Tiles that `use` is given at a time.

    Examples
    --------
    >>> picture = np.random.default_rng(0).random((70, 41, 3), np.float32)
    >>> bool(np.allclose(mosaic(picture, (32, 32), 8, lambda tiles: tiles), picture, atol=1e-6))
    True
    """
    height, width = picture.shape[:2]
    beyond = [(0, max(0, least - there)) for least, there in zip(side, (height, width), strict=True)]
    wide = np.pad(picture, [*beyond, (0, 0)], mode="symmetric") if np.any(beyond) else picture
    down, across = (_starts(there, tile, overlap) for there, tile in zip(wide.shape[:2], side, strict=True))
    places = [(row, column) for row in down for column in across]
    weight = (_ramp(side[0], overlap)[:, None] * _ramp(side[1], overlap))[..., None]
    whole, sums = np.zeros(0, np.float32), np.zeros((*wide.shape[:2], 1), np.float32)
    for first in range(0, len(places), batch):
        some = places[first : first + batch]
        made = use(np.stack([wide[row : row + side[0], column : column + side[1]] for row, column in some]))
        whole = whole if whole.size else np.zeros((*wide.shape[:2], made.shape[-1]), np.float32)
        for (row, column), tile in zip(some, made, strict=True):
            here = (slice(row, row + side[0]), slice(column, column + side[1]))
            whole[here] += weight * tile
            sums[here] += weight
    return (whole / sums)[:height, :width]


def _starts(there: int, tile: int, overlap: int) -> NDArray[np.int64]:
    """Where tiles begin along a side, evenly, the first at its beginning and the last at its end.

    >>> _starts(100, 40, 8).tolist()
    [0, 30, 60]
    """
    count = max(0, -(-(there - tile) // max(1, tile - overlap))) + 1
    return np.linspace(0, there - tile, count).round().astype(np.int64)


def _ramp(tile: int, overlap: int) -> NDArray[np.float32]:
    """The weight along a side, (tile,): 1 in the middle, a raised cosine over the overlap at either end."""
    away = np.minimum(np.arange(tile), np.arange(tile)[::-1]) + 0.5  # from the nearer border
    share = np.minimum(away / max(1, min(overlap, tile // 2)), 1)
    return (0.5 - 0.5 * np.cos(np.pi * share)).astype(np.float32)


def noise_level(photos: Any) -> float | list[float]:
    r"""The standard deviation of a photograph's noise, in the range of 0 to 1, where nobody says it.

    .. math:: \hat\sigma = \frac{\operatorname{median} |d|}{0.6745}

    with d the finest diagonal details of the Haar wavelet, in which a photograph has little and white noise as much as
    everywhere; of several channels the mean. Where values are clipped at black and white the noise is less there, and
    so is the estimate; fine textures count as noise.

    Parameters
    ----------
    photos
        A path, one picture, a list or a stack of them; 8 bits are 0 to 255, 16 bits 0 to 65,535, others as they are.

    References
    ----------
    "Ideal Spatial Adaptation by Wavelet Shrinkage" (Donoho & Johnstone, 1994).

    Examples
    --------
    >>> grey = 0.5 + 0.1 * np.random.default_rng(0).normal(size=(200, 200))
    >>> round(noise_level(grey), 2)
    0.1
    """
    found = Photographs.of(photos)
    levels = [level(picture) for picture in found.pictures]
    return levels[0] if found.form == "one" else levels


def level(picture: Array) -> float:
    """The noise's standard deviation of one picture (H, W, C), in the range of 0 to 1."""
    x = picture.astype(np.float32) / {"uint8": 255, "uint16": 65535}.get(str(picture.dtype), 1)
    x = x[: x.shape[0] // 2 * 2, : x.shape[1] // 2 * 2]
    if not x.size:
        return 0.0
    details = (x[::2, ::2] - x[1::2, ::2] - x[::2, 1::2] + x[1::2, 1::2]) / 2
    return float(np.median(np.abs(details), axis=(0, 1)).mean() / 0.67448975)
