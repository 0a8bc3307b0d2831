"""A codec turns the items of a source into tensors and tensors back into items: learned once, kept as plain JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ..errors import ModelFileError
from ..spec import Spec
from .source import Source

if TYPE_CHECKING:
    import torch


class Codec(ABC):
    """What was learned of the data: scaling, categories, sizes, types. See `fit_codec`."""

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """What one sample is, for the networks."""

    @abstractmethod
    def pack(self, source: Source) -> torch.Tensor:
        """The items as a tensor on the CPU, (n, *spec.shape).

        Pictures of 8 bits are uint8, to be read as x / 255; everything else is float32, NaN where a cell is missing.

        Raises
        ------
        InputError
            The source does not fit the data that the codec was fitted to; the message names the difference.
        """

    @abstractmethod
    def restore(self, x: NDArray[Any], like: Source | None = None) -> Any:
        """The items of an array (n, *spec.shape), in the types that `like`, or else the fitted data, came in."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything needed to build the codec again, as JSON can hold it."""


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
    return _codecs()[source.kind].fit(source)


def codec_from_json(data: Mapping[str, Any]) -> Codec:
    """The codec that `to_json` described.

    Raises
    ------
    ModelFileError
        The description is not one that `to_json` gives.
    """
    try:
        return _codecs()[data["kind"]].from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"the description of the data in the model cannot be read ({error!r}); save the model again."
        ) from error


def _codecs() -> dict[str, Any]:
    from .image_codec import ImageCodec
    from .table_codec import TableCodec

    return {"image": ImageCodec, "table": TableCodec}
