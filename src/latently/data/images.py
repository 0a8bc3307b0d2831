"""Pictures as arrays: what counts as one, how they are resized, and the source that holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import InputError, InputTypeError
from ..spec import Kind
from . import cache
from .blocks import blocks, large, place
from .source import Asked, Rows, Size, Source, say

_STORED = {"bool": np.uint8, "uint8": np.uint8, "uint16": np.uint16}  # every other number is held as float32
MOST = 2**31  # values of one picture: Pillow cannot hold more
LARGE = 2**28  # bytes of a file from which what is made of it goes to the cache instead of memory
HUGE = 1e37  # beyond it the range of a set may overflow float32


class ImageSource(Source):
    """Pictures of one size.

    Parameters
    ----------
    pixels
        Shape (n, H, W, C): uint8 or uint16 as they are, true and false as 255 and 0, anything else as float32.
        May lie on disk, memory-mapped: `blocks` reads them without taking memory for all.
    dtype
        What the pictures came as, such as `"uint8"`, `"bool"`, `"float64"`.
    flat
        Whether they came without a channel axis, as (n, H, W).
    sizes
        Shape (n, 2): height and width of each picture before it was resized, or None where none was.
    """

    kind: ClassVar[Kind] = "image"

    def __init__(
        self,
        pixels: NDArray[Any],
        *,
        dtype: str | None = None,
        flat: bool = False,
        sizes: NDArray[Any] | None = None,
        **common: Any,
    ) -> None:
        super().__init__(len(pixels), **common)
        self.pixels = pixels
        self.dtype = dtype or str(pixels.dtype)
        self.flat = flat
        self.sizes = sizes

    @property
    def summary(self) -> str:
        n, height, width, channels = self.pixels.shape
        depth = "" if channels == 1 else f" x {channels}"
        return f"{n} picture{'s' * (n != 1)}, {height} x {width}{depth}, {self.dtype}"

    @cached_property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value; of a part, those of the whole."""
        if self.whole is not None:
            return self.whole.range
        ends = [(float(part.min()), float(part.max())) for _, part in blocks(self.pixels)]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def data(self) -> NDArray[Any]:
        """Shape (n, H, W, C), or (n, H, W) where they came so, in the dtype they came in."""
        pixels = self.pixels[..., 0] if self.flat else self.pixels
        return pixels > 0 if self.dtype == "bool" else converted(pixels, self.dtype)

    def __getitem__(self, rows: Rows) -> Self:
        sizes = None if self.sizes is None else self.sizes[rows]
        return type(self)(self.pixels[rows], dtype=self.dtype, flat=self.flat, sizes=sizes, **self.chosen(rows))

    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        return [("pixels", self.pixels)]


def stored(dtype: str) -> np.dtype[Any]:
    """The type in which pictures that came as `dtype` are held.

    >>> stored("bool"), stored("float64")
    (dtype('uint8'), dtype('float32'))
    """
    return np.dtype(_STORED.get(dtype, np.float32))


def converted(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """`values` in another type; whole numbers are rounded, and what a type cannot hold becomes its least or greatest.

    >>> converted(np.array([-3.0, 1.6, 2.0**64], np.float32), "uint64").tolist()
    [0, 2, 18446744073709551615]
    """
    target = np.dtype(dtype)
    if values.dtype == target:
        return values
    if target.kind == "f":
        narrower = target.itemsize < values.dtype.itemsize
        bounds = np.finfo(target)
        return (np.clip(values, bounds.min, bounds.max) if narrower else values).astype(target)
    bounds = np.iinfo(target)
    whole = np.rint(values)
    if values.dtype.kind != "f" or int(values.dtype.type(bounds.max)) == bounds.max:
        return np.clip(whole, bounds.min, bounds.max).astype(target)
    beyond = values.dtype.type(bounds.max)  # 2^64 - 1 has no float of its own: this one is 2^64
    cast = np.clip(whole, bounds.min, np.nextafter(beyond, values.dtype.type(0))).astype(target)
    cast[whole >= beyond] = bounds.max
    return cast


def source_of_array(array: NDArray[Any], asked: Asked, **common: Any) -> ImageSource:
    """The source of an array of pictures.

    Parameters
    ----------
    array
        Shape (n, H, W) for grey pictures, (n, H, W, C) for C channels, of any type of real number.
    asked
        With the size to bring them to; kind="image" vouches for (n, H, W, C) where (n, C, H, W) seems meant.

    Raises
    ------
    InputError
        There is no picture, the channels stand first, or a value is missing or infinite.
    """
    shape = " x ".join(map(str, array.shape))
    if array.ndim not in (3, 4):
        raise InputError(
            f"an array of {array.ndim} dimensions ({shape}) was given; pictures are (n, height, width) "
            f"or (n, height, width, channels), and tables (rows, columns): reshape it."
        )
    if not array.size:
        raise InputError(f"the array of pictures is empty ({shape}); give at least one picture of at least one pixel.")
    if array.dtype.kind not in "biuf":
        raise InputTypeError(f"pictures of type {array.dtype} were given; they must be real numbers or True and False.")
    if array.ndim == 4 and array.shape[1] in (1, 3, 4) and min(array.shape[2:]) > 4 and asked.kind != "image":
        raise InputError(
            f"the pictures ({shape}) seem to have their channels first; put them last with X.transpose(0, 2, 3, 1), "
            f'or pass kind="image" if they really are {array.shape[1]} pixels high.'
        )
    if array.dtype.kind == "f":
        _check_range(array)
    size = asked.size or array.shape[1:3]
    if size != array.shape[1:3] and prod(size) >= MOST:
        raise InputError(f"size={size} is more than a picture can hold; choose fewer than {MOST} pixels.")
    sizes = np.tile(np.array([array.shape[1:3]], dtype=np.int64), (len(array), 1)) if size != array.shape[1:3] else None
    pixels = _held(array if array.ndim == 4 else array[..., None], size)
    return ImageSource(pixels, dtype=str(array.dtype), flat=array.ndim == 3, sizes=sizes, size=asked.size, **common)


def _held(array: NDArray[Any], size: Size) -> NDArray[Any]:
    """Pictures (n, H, W, C) in the type they are held in and of that size; those of a large file go to the cache's."""
    target = stored(str(array.dtype))
    if array.dtype == target and array.shape[1:3] == size:
        return array

    def held() -> Iterator[NDArray[Any]]:
        for _, part in blocks(array):
            values = part.astype(target, copy=False)
            values = values * np.uint8(255) if array.dtype == bool else values
            yield values if size == values.shape[1:3] else np.stack([resize(p, size) for p in values])

    shape = (len(array), *size, array.shape[3])
    if not large(array, LARGE):
        whole = np.empty(shape, target)
        for (rows, _), values in zip(blocks(array), held(), strict=True):
            whole[rows] = values
        return whole
    path, offset = cast(tuple[Path, int], place(array))
    facts = path.stat()
    key = cache.key(str(path.absolute()), facts.st_size, facts.st_mtime_ns, offset, array.dtype.str, shape)
    return (cache.load(key) or cache.keep(key, held(), shape, target)).mapped()


def _check_range(array: NDArray[Any]) -> None:
    ends = [(abs(float(part.min())), abs(float(part.max()))) for _, part in blocks(array)]
    worst = max((end for pair in ends for end in pair), key=lambda v: (np.isnan(v), v))
    if not np.isfinite(worst):
        raise InputError("the pictures hold values that are missing or infinite; replace them by numbers first.")
    if worst > HUGE:
        raise InputError(f"the pictures hold {worst:g}; divide them by that, so that they lie within {HUGE:g}.")


def source_of_list(arrays: Sequence[NDArray[Any]], asked: Asked) -> ImageSource:
    """The source of separate arrays of pictures, (H, W) or (H, W, C) each, which are brought to one size."""
    if len({(a.ndim, a.shape[2:], a.dtype) for a in arrays}) > 1:
        raise InputError("the pictures of the list differ in channels or type; bring all to the first one's, or save "
                         "them as a folder of image files, which are brought to one form.")  # fmt: skip
    sizes = np.array([a.shape[:2] for a in arrays], dtype=np.int64)
    target = asked.size or commonest(sizes)
    first, *rest = (source_of_array(a[None], replace(asked, size=target)) for a in arrays)
    mixed = bool((sizes != target).any())
    notes = say([resized_note(sizes, target)]) if mixed and not asked.size else []
    pixels = np.concatenate([first.pixels, *(source.pixels for source in rest)])
    return ImageSource(
        pixels, dtype=first.dtype, flat=first.flat, sizes=sizes if mixed else None, size=asked.size, notes=notes
    )


def commonest(sizes: NDArray[Any]) -> Size:
    """The size that most pictures have; of several, the largest.

    >>> commonest(np.array([[2, 2], [3, 3], [2, 2]]))
    (2, 2)
    """
    counts = Counter((int(h), int(w)) for h, w in sizes)
    return max(counts, key=lambda size: (counts[size], size[0] * size[1], size))


def resized_note(sizes: NDArray[Any], target: Size) -> str:
    """The sentence about pictures that were resized."""
    changed = int((sizes != target).any(axis=1).sum())
    return (
        f"{changed} of {len(sizes)} pictures were resized to {target[0]} x {target[1]} (height x width), stretched "
        f"where their shape differs; size=(height, width) chooses another size."
    )


def resize(picture: NDArray[Any], size: Size) -> NDArray[Any]:
    """One picture (H, W, C), resized with antialiasing to `size`, in its own type.

    >>> resize(np.full((4, 4, 1), 7, np.uint8), (2, 3)).shape
    (2, 3, 1)
    """
    if picture.shape[:2] == size:
        return picture
    target = (size[1], size[0])
    channels = [
        np.asarray(Image.fromarray(np.asarray(channel, dtype=np.float32)).resize(target, Image.Resampling.LANCZOS))
        for channel in np.moveaxis(picture, -1, 0)
    ]
    resized = np.stack(channels, axis=-1)
    low, high = float(picture.min()), float(picture.max())  # Lanczos overshoots at edges
    resized = np.clip(resized, low, high)
    return resized.astype(picture.dtype) if picture.dtype.kind == "f" else np.rint(resized).astype(picture.dtype)


def recoloured(pixels: NDArray[Any], channels: int) -> NDArray[Any]:
    """Grey, RGB or RGBA pictures (..., C) as another of these; grey is the luma of ITU-R BT.601.

    >>> recoloured(np.full((1, 1, 1), 7, np.uint8), 4).tolist()
    [[[7, 7, 7, 255]]]
    """
    given = pixels.shape[-1]
    if given == channels:
        return pixels
    if {given, channels} - {1, 3, 4}:
        raise InputError(
            f"pictures of {given} channels cannot be made pictures of {channels}; give {channels} channels."
        )
    colours = pixels[..., :3]
    if channels == 1:
        grey = np.einsum("...c,c->...", colours, [0.299, 0.587, 0.114])[..., None]
        return (grey if pixels.dtype.kind == "f" else np.rint(grey)).astype(pixels.dtype)
    colours = np.repeat(colours, 3, axis=-1) if given == 1 else colours
    if channels == 3:
        return colours
    opaque = 1.0 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    return np.concatenate([colours, np.full_like(colours[..., :1], opaque)], axis=-1)
