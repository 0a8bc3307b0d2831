"""The codec of pictures: channels first, values in [0, 1], and back to the type and size they came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Spec
from .codec import Codec
from .images import ImageSource, recoloured, resize, stored
from .source import Size, Source

if TYPE_CHECKING:
    import torch

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
    """

    shape: tuple[int, int, int]
    dtype: str
    flat: bool
    low: float
    high: float
    size: Size

    @classmethod
    def fit(cls, source: ImageSource) -> Self:
        """Learns the range and the size."""
        _, height, width, channels = source.pixels.shape
        low, high = 0.0, 255.0
        if source.pixels.dtype != np.uint8:
            low, high = float(source.pixels.min()), float(source.pixels.max())
            if source.dtype.startswith("float") and low >= 0 and high <= 1:
                low, high = 0.0, 1.0
        same = source.sizes is not None and bool((source.sizes == source.sizes[0]).all())
        size = (
            (int(source.sizes[0, 0]), int(source.sizes[0, 1])) if same and source.sizes is not None else (height, width)
        )
        return cls((channels, height, width), source.dtype, source.flat, low, high, size)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        channels, height, width = map(int, data["shape"])
        size = int(data["size"][0]), int(data["size"][1])
        low, high = float(data["low"]), float(data["high"])
        if min(channels, height, width, *size) < 1 or not low <= high or np.dtype(data["dtype"]).kind not in "biuf":
            raise ValueError(f"pictures {data}")
        return cls((channels, height, width), str(data["dtype"]), bool(data["flat"]), low, high, size)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "image",
            "shape": list(self.shape),
            "dtype": self.dtype,
            "flat": self.flat,
            "low": self.low,
            "high": self.high,
            "size": list(self.size),
        }

    @property
    def spec(self) -> Spec:
        return Spec("image", self.shape)

    @property
    def _span(self) -> float:
        return self.high - self.low or 1.0

    @property
    def _stored(self) -> np.dtype[Any]:
        return stored(self.dtype)

    def pack(self, source: Source) -> torch.Tensor:
        import torch

        pixels = self._fitting(source)
        if pixels.dtype == np.uint8:
            packed = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        else:
            packed = np.empty((len(pixels), *self.shape), np.float32)
            for start in range(0, len(pixels), 1024):  # in doubles, a part at a time
                part = (pixels[start : start + 1024].astype(np.float64) - self.low) / self._span
                packed[start : start + 1024] = np.clip(part, 0, 1).transpose(0, 3, 1, 2)
        writable = packed if packed.flags.writeable else packed.copy()
        return torch.from_numpy(writable)  # pyright: ignore[reportUnknownMemberType]

    def _fitting(self, source: Source) -> NDArray[Any]:
        """The pixels, where they fit; those of files are brought to the model's size and channels."""
        if not isinstance(source, ImageSource):
            raise InputError("a table was given and the model was fitted to pictures; give pictures.")
        if source.pixels.dtype != self._stored:
            raise InputError(
                f"the pictures are {source.dtype} and the model was fitted to {self.dtype} from {self.low:g} to "
                f'{self.high:g}; bring them to that range and convert them with X.astype("{self.dtype}").'
            )
        channels, height, width = self.shape
        given = source.pixels.shape[1:]
        pixels = source.pixels
        if given != (height, width, channels):
            differ = (
                f"the pictures are {given[0]} x {given[1]} with {_channels(given[2])} and the model was fitted to "
                f"{height} x {width} with {_channels(channels)}"
            )
            if source.origin is None:
                raise InputError(f"{differ}; latently.open(X, size=({height}, {width})) resizes them.")
            source.say(f"{differ}: they were brought to that.")
            pixels = np.stack([resize(p, (height, width)) for p in recoloured(pixels, channels)])
        if pixels.dtype != np.uint8:
            low, high = float(pixels.min()), float(pixels.max())
            if min(self.high - high, low - self.low) < -BEYOND * self._span:
                source.say(
                    f"the pictures hold values from {low:g} to {high:g}; those beyond the range that the model was "
                    f"fitted to, {self.low:g} to {self.high:g}, were clipped."
                )
        return pixels

    def restore(self, x: NDArray[Any], like: Source | None = None) -> Any:
        shown = like if isinstance(like, ImageSource) else None
        unit = x / np.float32(255) if x.dtype == np.uint8 else np.clip(x, 0, 1)
        _, height, width = self.shape
        pictures = unit.transpose(0, 2, 3, 1)
        flat, dtype, sizes = self.flat, self.dtype, [self.size] * len(x)
        if shown is not None:
            flat, dtype = shown.flat, shown.dtype
            pictures = recoloured(pictures, shown.pixels.shape[3])
            own = shown.sizes if shown.sizes is not None else [shown.pixels.shape[1:3]] * len(x)
            sizes = [(int(h), int(w)) for h, w in own]
        if set(sizes) <= {(height, width)}:
            return self._values(pictures, dtype, flat)
        each = [self._values(resize(p, size), dtype, flat) for p, size in zip(pictures, sizes, strict=True)]
        return np.stack(each) if len(set(sizes)) == 1 else each

    def _values(self, unit: NDArray[Any], dtype: str, flat: bool) -> NDArray[Any]:
        """Values in [0, 1] in the range and the type of the pictures, with a channel axis unless `flat`."""
        if dtype == "bool":
            values = unit > 0.5
        else:
            values = unit.astype(np.float64) * self._span + self.low
            values = values if dtype.startswith("float") else np.rint(values)
        return (values[..., 0] if flat else values).astype(dtype)


def _channels(count: int) -> str:
    return f"{count} channel{'s' * (count != 1)}"
