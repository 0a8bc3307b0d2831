"""What a prior is: a density of codes, fitted once a model is trained, from which new codes are drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ..data.blocks import Gathered

if TYPE_CHECKING:
    from torch import Tensor

    from ..autoencoder import Autoencoder

Array = NDArray[np.float64]
Tensors = Mapping[str, NDArray[Any]]
ENOUGH = 10_000  # codes that a density is fitted to: its time grows with them, its likelihood hardly


@dataclass(frozen=True, slots=True)
class Coded:
    """Items as a trained model encodes them: what a density is fitted to.

    Parameters
    ----------
    means
        (n, D): the deterministic codes.
    spreads
        (n, D): the standard deviations of q(z|x), where a code has one.
    indices
        (n, P): the entries of a codebook, where there is one.

    Examples
    --------
    >>> len(Coded(np.zeros((5, 2))).some(3, seed=0))
    3
    """

    means: Array
    spreads: Array | None = None
    indices: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, module: Autoencoder, batches: Iterable[Tensor]) -> Self:
        """Encodes batches of items (B, *S), on the module's device and in its type, in evaluation mode."""
        training = module.training
        found: dict[str, Gathered] = {}
        try:
            with torch.inference_mode():
                for x in batches:
                    code: Any = module.eval().encode(x)
                    parts = {
                        "means": code.mean,
                        "spreads": code.spread,
                        "indices": code.indices,
                    }
                    for name, part in parts.items():
                        if part is not None:
                            found.setdefault(name, Gathered()).add(part.cpu().numpy())
        finally:
            module.train(training)
        return cls(**{name: parts.rows.astype("i8" if name == "indices" else "f8") for name, parts in found.items()})

    def __len__(self) -> int:
        return len(self.means)

    def some(self, most: int, seed: int) -> Self:
        """At most so many of the items, drawn without repeats; all in their order where there are not more."""
        if len(self) <= most:
            return self
        rows = chosen(len(self), seed, most)
        parts = (self.means, self.spreads, self.indices)
        return type(self)(*(cast(Any, None if part is None else part[rows]) for part in parts))


def chosen(n: int, seed: int, most: int = ENOUGH) -> NDArray[np.int64]:
    """Which of n items a density is fitted to: all in their order, or `most` of them."""
    return np.arange(n) if n <= most else np.random.default_rng(seed).choice(n, most, replace=False)


class Prior(ABC):
    """A density of codes; `name` is what it is chosen by."""

    name: ClassVar[str]

    @classmethod
    def check(cls, coded: Coded, module: Autoencoder) -> None:
        """Says what a model lacks for this density; known from one item, hence before training."""
        return  # most ask for nothing

    @classmethod
    @abstractmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        """The density of these codes of `module`."""

    @abstractmethod
    def sample(self, n: int, seed: int | None) -> Array:
        """Draws n codes: (n, D). None is a new seed each time."""

    @abstractmethod
    def tensors(self) -> dict[str, NDArray[Any]]:
        """All that `restore` needs beside the module."""

    @classmethod
    @abstractmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        """The density from its `tensors`, for codes of `features` numbers."""

    @abstractmethod
    def fits(self, features: int) -> bool:
        """Whether this is a sound density of codes of that many numbers."""


def finite(tensors: Tensors) -> bool:
    """Whether every number is.

    >>> finite({"mean": np.zeros(2)}), finite({"mean": np.array([np.nan])})
    (True, False)
    """
    return all(bool(np.isfinite(tensor).all()) for tensor in tensors.values())
