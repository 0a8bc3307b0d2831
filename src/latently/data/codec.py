"""A codec turns the items of a source into tensors and tensors back into items: learned once, kept as plain JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ..spec import Spec
from .source import Source

if TYPE_CHECKING:
    import torch

    from .packed import Packed


class Codec(ABC):
    """What was learned of the data: scaling, categories, sizes, types. See `fit_codec`."""

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """What one sample is, for the networks."""

    @property
    def asked(self) -> dict[str, Any]:
        """What other data must be opened with, to be like those of `fit`: arguments of `open`."""
        return {}

    def asking(self, data: Any) -> dict[str, Any]:
        """What `data` in memory must be opened with, where it could be of several kinds: arguments of `open`."""
        return {}

    @property
    def packs(self) -> str | None:
        """The type of the tensor that `pack` gives, one row an item; None where it gives anything else."""
        return None

    @abstractmethod
    def pack(self, source: Source) -> torch.Tensor | Packed:
        """The items as a tensor on the CPU, (n, *spec.shape); texts, which differ in length, as `Ragged`.

        Pictures of 8 bits are uint8, to be read as x / 255; everything else is float32, NaN where a cell is missing.

        Raises
        ------
        InputError
            The source does not fit the data that the codec was fitted to; the message names the difference.
        """

    def labelled(self, source: Source) -> Source:
        """The source, without the column that was the label in `fit`, where it has it."""
        return source

    @abstractmethod
    def restore(self, x: NDArray[Any], like: Source | None = None) -> Any:
        """The items of an array (n, *spec.shape), in the types that `like`, or else the fitted data, came in."""

    def restored(self, parts: Iterable[tuple[Source, NDArray[Any]]], whole: Source) -> Any:
        """The items of all parts of a source, as `restore` gives them in the types that it came in."""
        return self.restore(np.concatenate([found for _, found in parts]), whole)

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything needed to build the codec again, as JSON can hold it."""


def real(value: object) -> TypeGuard[float]:
    """Whether it is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
