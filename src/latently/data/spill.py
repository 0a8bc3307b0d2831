"""Items that memory has no room for, packed a part at a time into a file of the cache, where a later fit finds them."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from ..progress import track
from . import cache
from .blocks import place
from .codec import Codec
from .image_codec import ImageCodec
from .images import ImageSource
from .on_disk import OnDisk
from .scanned import ScannedTable
from .source import Source

if TYPE_CHECKING:
    from torch import Tensor

PART = 2**21  # numbers packed together: 8 MB, and ten times that while they are made, for a table goes through doubles


def weight(codec: Codec, source: Source) -> int:
    """Bytes that the packed items take.

    >>> import numpy as np, latently
    >>> pictures = latently.open(np.zeros((10, 4, 4), np.uint8))
    >>> weight(latently.data.fit_codec(pictures), pictures)
    160
    """
    return len(source) * prod(codec.spec.shape) * np.dtype(codec.packs or "float32").itemsize


def rows(codec: Codec) -> int:
    """Items whose packed numbers are quick to hold at once."""
    return max(1, PART // prod(codec.spec.shape))


def spill(codec: Codec, source: Source) -> OnDisk:
    """The packed items as a file: the source's own where they lie there packed, else one in the cache folder.

    Raises
    ------
    OutputError
        The cache folder cannot be written or its disk is full; nothing is left of the file.
    InputError
        The source does not fit the codec, or cannot be read.

    Examples
    --------
    >>> import numpy as np, latently
    >>> table = latently.open(np.arange(8.0).reshape(4, 2))
    >>> spill(latently.data.fit_codec(table), table).shape
    (2,)
    """
    if isinstance(codec, ImageCodec) and (lying := codec.lying(source)):
        return lying
    shape, dtype = codec.spec.shape, codec.packs
    assert dtype is not None
    key = cache.key("packed", source.fingerprint(), codec.to_json())
    found = cache.load(key)
    if found is None or found.shape != (len(source), *shape):
        parts = -(-len(source) // rows(codec))
        packed = track(_packed(codec, source), parts, "Packing items")
        found = cache.keep(key, packed, (len(source), *shape), dtype, beside=_made_of(source))
    return OnDisk(found.path, len(source), shape, dtype)


def _packed(codec: Codec, source: Source) -> Iterator[NDArray[Any]]:
    for part in source.parts(rows(codec)):
        yield cast("Tensor", codec.pack(part)).numpy()


def _made_of(source: Source) -> list[str]:
    """The entry of the cache that the source itself lies in, if any."""
    if isinstance(source, ScannedTable):
        return [source.copy.path.stem]
    lying = place(source.pixels.transpose(0, 3, 1, 2)) if isinstance(source, ImageSource) else None
    return [lying[0].stem] if lying else []
