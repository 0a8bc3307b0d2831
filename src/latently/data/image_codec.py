"""The codec of pictures: channels first, values in [0, 1], and back to the type and size they came in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Spec
from .blocks import block, blocks, place
from .codec import Codec, real
from .images import HUGE, MOST, ImageSource, converted, recoloured, resize, stored
from .source import Size, Source, other_kind

if TYPE_CHECKING:
    import torch

    from .on_disk import OnDisk

WIDEST = {"bool": 255.0, "uint8": 255.0, "uint16": 65535.0}  # what white is in files, which are stored so
TOGETHER = 2**20  # values that are restored at a time: a few times 4 MB of room
GREYS = 0.25  # share of values between black and white: MNIST has .09, Fashion-MNIST .40, photographs .91
BEYOND = 0.1  # of the range: values farther outside it are spoken of


@dataclass(frozen=True, slots=True)
class ImageCodec(Codec):
    r"""The scaling of pictures.

    .. math:: x = (v - low) / (high - low), \quad \text{clipped to } [0, 1]

    Pictures of 8 bits have the range 0 to 255. Others have the range seen in `fit`, or 0 to 1 where floating-point
    values lie within it.

    Parameters
    ----------
    shape
        Of one packed picture: (C, H, W).
    dtype, flat
        As in `ImageSource`.
    low, high
        The range of the values.
    size
        Height and width that restored pictures get where no other source says otherwise.
    binary
        Whether nearly all values are black or white.
    """

    shape: tuple[int, int, int]
    dtype: str
    flat: bool
    low: float
    high: float
    size: Size
    binary: bool

    @classmethod
    def fit(cls, source: ImageSource) -> Self:
        """Learns the range and the size."""
        _, height, width, channels = source.pixels.shape
        low, high = 0.0, 255.0
        if source.pixels.dtype != np.uint8:
            low, high = source.range
            if source.dtype.startswith("float") and low >= 0 and high <= 1:
                low, high = 0.0, 1.0
        same = source.sizes is not None and bool((source.sizes == source.sizes[0]).all())
        size = (
            (int(source.sizes[0, 0]), int(source.sizes[0, 1])) if same and source.sizes is not None else (height, width)
        )
        binary = _greys(source.pixels, low, high) < GREYS
        return cls((channels, height, width), source.dtype, source.flat, low, high, size, binary)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        shape, size = tuple(data["shape"]), tuple(data["size"])
        dtype, flat, low, high, binary = (data[key] for key in ("dtype", "flat", "low", "high", "binary"))
        sides = all(type(side) is int and side >= 1 for side in (*shape, *size)) and max(prod(shape), prod(size)) < MOST
        range_ = real(low) and real(high) and -HUGE <= low <= high <= HUGE
        typed = isinstance(dtype, str) and str(np.dtype(dtype)) == dtype and np.dtype(dtype).kind in "biuf"
        if not (
            len(shape) == 3 and len(size) == 2 and sides and range_ and typed and type(flat) is type(binary) is bool
        ):
            raise ValueError(f"pictures {data}")
        if flat and shape[0] != 1:
            raise ValueError(f"pictures without a channel axis, of {shape[0]} channels")
        return cls(shape, dtype, flat, float(low), float(high), size, binary)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "image",
            "shape": list(self.shape),
            "dtype": self.dtype,
            "flat": self.flat,
            "low": self.low,
            "high": self.high,
            "size": list(self.size),
            "binary": self.binary,
        }

    @property
    def spec(self) -> Spec:
        return Spec("image", self.shape, binary=self.binary)

    @property
    def asked(self) -> dict[str, Any]:
        return {"size": self.shape[1:]}

    @property
    def _span(self) -> float:
        return self.high - self.low or 1.0

    @property
    def _stored(self) -> np.dtype[Any]:
        return stored(self.dtype)

    @property
    def packs(self) -> str:
        return "uint8" if self._stored == np.uint8 else "float32"

    def pack(self, source: Source) -> torch.Tensor:
        import torch

        pixels = self._checked(source)
        as_they_are = pixels.dtype == self._stored == np.uint8 and self._given(pixels) == self.shape
        lying = pixels.transpose(0, 3, 1, 2)
        if as_they_are and lying.flags.c_contiguous and lying.flags.writeable:
            return torch.from_numpy(lying)
        packed = np.empty((len(pixels), *self.shape), np.uint8 if self._stored == np.uint8 else np.float32)
        for rows, part in blocks(pixels):
            packed[rows] = self._packed(part).transpose(0, 3, 1, 2)
        return torch.from_numpy(packed)

    def lying(self, source: Source) -> OnDisk | None:
        """The packed items where they lie in a file already: pictures of 8 bits that need no change."""
        pixels = self._checked(source)
        lying = pixels.transpose(0, 3, 1, 2)
        there = place(lying) if pixels.dtype == self._stored == np.uint8 else None
        if there is None or self._given(pixels) != self.shape or not there[0].exists():
            return None
        from .on_disk import OnDisk

        return OnDisk(there[0], len(pixels), self.shape, "uint8", there[1])

    @staticmethod
    def _given(pixels: NDArray[Any]) -> tuple[int, ...]:
        return (pixels.shape[3], *pixels.shape[1:3])

    def _checked(self, source: Source) -> NDArray[Any]:
        """The pixels as they are, where they fit or can be brought to fit, and a word about what is done to them."""
        if not isinstance(source, ImageSource):
            raise other_kind(source, "image")
        differ = f"the pictures are {source.dtype} and the model was fitted to {self.dtype} from {self.low:g} to "
        if source.pixels.dtype != self._stored:
            if source.origin is None or source.dtype not in WIDEST:
                raise InputError(
                    f'{differ}{self.high:g}; bring them to that range and convert them with X.astype("{self.dtype}").'
                )
            source.say(f"{differ}{self.high:g}: 0 to {WIDEST[source.dtype]:g} was brought to that range.")
        self._check_form(source)
        if source.pixels.dtype == self._stored != np.uint8:
            low, high = source.range
            if min(self.high - high, low - self.low) < -BEYOND * self._span:
                source.say(
                    f"the pictures hold values from {low:g} to {high:g}; those beyond the range that the model was "
                    f"fitted to, {self.low:g} to {self.high:g}, were clipped."
                )
        return source.pixels

    def _check_form(self, source: ImageSource) -> None:
        (channels, height, width), given = self.shape, source.pixels.shape[1:]
        if given == (height, width, channels):
            return
        differ = (
            f"the pictures are {given[0]} x {given[1]} with {_channels(given[2])} and the model was fitted to "
            f"{height} x {width} with {_channels(channels)}"
        )
        if source.origin is None and given[2] != channels:
            raise InputError(f"{differ}; give them {_channels(channels)}, as (n, {height}, {width}, {channels}).")
        if source.origin is None:
            raise InputError(f"{differ}; latently.open(X, size=({height}, {width})) resizes them.")
        source.say(f"{differ}: they were brought to that.")

    def _packed(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Some pictures (n, H, W, C) in the model's size and channels: uint8, or in [0, 1]."""
        channels, height, width = self.shape
        if pixels.dtype != self._stored:
            unit = pixels / np.float64(WIDEST[str(pixels.dtype)])
            pixels = converted(unit * self._span + self.low, str(self._stored))
        if pixels.shape[1:] != (height, width, channels):
            pixels = np.stack([resize(p, (height, width)) for p in recoloured(pixels, channels)])
        if pixels.dtype == np.uint8:
            return pixels
        return np.clip((pixels.astype(np.float64) - self.low) / self._span, 0, 1)

    def restore(self, x: NDArray[Any], like: Source | None = None) -> Any:
        shown = like if isinstance(like, ImageSource) else None
        sizes = self._sizes(len(x), shown)
        flat, dtype = (shown.flat, shown.dtype) if shown else (self.flat, self.dtype)
        channels = shown.pixels.shape[3] if shown else self.shape[0]
        if len(set(sizes)) > 1:
            return [self.values(x[i : i + 1], size, dtype, channels, flat)[0] for i, size in enumerate(sizes)]
        size = sizes[0] if sizes else self.size
        restored = np.empty((len(x), *size, *([] if flat else [channels])), dtype)
        for rows in slices(len(x), max(prod(self.shape), prod(size) * channels)):
            restored[rows] = self.values(x[rows], size, dtype, channels, flat)
        return restored

    def restored(self, parts: Iterable[tuple[Source, NDArray[Any]]], whole: Source) -> Any:
        found = deque[Any](self.restore(x, source) for source, x in parts)
        if len(found) == 1:
            return found[0]
        if any(isinstance(part, list) for part in found) or len({part.shape[1:] for part in found}) > 1:
            return [picture for part in found for picture in part]
        joined, done = np.empty((sum(map(len, found)), *found[0].shape[1:]), found[0].dtype), 0
        while found:  # let go of as they are copied
            part = found.popleft()
            joined[done : done + len(part)] = part
            done += len(part)
        return joined

    def _sizes(self, count: int, shown: ImageSource | None) -> list[Size]:
        """The size that each restored picture gets."""
        if shown is None:
            return [self.size] * count
        if shown.sizes is None:
            return [(shown.pixels.shape[1], shown.pixels.shape[2])] * count
        return [(int(h), int(w)) for h, w in shown.sizes]

    def unit(self, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Pictures (..., C) of any type as the networks read them, but not clipped: noise may lie beyond the range."""
        pixels = recoloured(pixels, self.shape[0])
        low, high = self._ends(str(pixels.dtype))
        return ((pixels.astype(np.float32) - np.float32(low)) / np.float32(high - low or 1.0)).astype(np.float32)

    def _ends(self, dtype: str) -> tuple[float, float]:
        """What black and white are in pictures of a type."""
        own = stored(dtype) == self._stored or dtype not in WIDEST
        return (self.low, self.high) if own else (0.0, WIDEST[dtype])

    def values(self, x: NDArray[Any], size: Size, dtype: str, channels: int, flat: bool) -> NDArray[Any]:
        """Packed pictures (n, C, H, W) in the range, type and size asked for, with a channel axis unless `flat`."""
        precise = np.float64 if np.dtype(dtype).kind in "iu" and np.dtype(dtype).itemsize > 3 else np.float32
        unit = x.astype(precise) / precise(255) if x.dtype == np.uint8 else np.clip(x.astype(precise), 0, 1)
        pictures = recoloured(unit.transpose(0, 2, 3, 1), channels)
        if pictures.shape[1:3] != size:
            pictures = np.stack([resize(p, size) for p in pictures])
        if flat:
            pictures = pictures[..., 0]
        if dtype == "bool":
            return pictures > 0.5
        low, high = self._ends(dtype)
        return converted(pictures * precise(high - low or 1.0) + precise(low), dtype)


def slices(count: int, each: int) -> Iterator[slice]:
    """Slices of `count` rows of `each` values, about a million values together."""
    rows = max(1, TOGETHER // max(1, each))
    return (slice(start, start + rows) for start in range(0, count, rows))


def _channels(count: int) -> str:
    return f"{count} channel{'s' * (count != 1)}"


def _greys(pixels: NDArray[Any], low: float, high: float) -> float:
    """The share of values that are neither nearly black nor nearly white, in a thousand pictures of the set."""
    margin, between, seen = 0.1 * (high - low), 0, 0
    for i in range(0, len(pixels), max(1, len(pixels) // 1000)):
        some = block(pixels, slice(i, i + 1)).astype(np.float32)
        between += int(((some > low + margin) & (some < high - margin)).sum())
        seen += some.size
    return between / seen
