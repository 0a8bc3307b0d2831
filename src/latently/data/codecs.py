"""The table of codecs, one a kind of data: how one is learned, and how a saved one comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ModelFileError
from .codec import Codec
from .image_codec import ImageCodec
from .series_codec import SeriesCodec
from .source import Source
from .table_codec import TableCodec
from .text_codec import TextCodec

CODECS: dict[str, Any] = {"image": ImageCodec, "table": TableCodec, "text": TextCodec, "series": SeriesCodec}


def fit_codec(source: Source) -> Codec:
    """Learns how to turn the items of `source` into tensors and back.

    Examples
    --------
    >>> import numpy as np
    >>> from latently import open
    >>> codec = fit_codec(open(np.zeros((5, 28, 28), np.uint8)))
    >>> codec.spec.shape, codec.pack(open(np.full((2, 28, 28), 255, np.uint8))).shape
    ((1, 28, 28), torch.Size([2, 1, 28, 28]))
    """
    return CODECS[source.kind].fit(source)


def codec_from_json(data: Mapping[str, Any]) -> Codec:
    """The codec that `to_json` described.

    Raises
    ------
    ModelFileError
        The description is not one that `to_json` gives.
    """
    try:
        return CODECS[data["kind"]].from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelFileError(
            f"the description of the data in the model cannot be read ({error!r}); save the model again."
        ) from error
