"""What stands beside a model in every comparison: PCA with as short a code, and the network before its training."""

from __future__ import annotations

import time
import warnings
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import base
from sklearn.base import BaseEstimator, TransformerMixin

from ...data import ImageSource, Source, open
from ...errors import InputError, LatentlyWarning
from ...prior.mixture import Mixture
from .principal import NUMBERS, Principal
from .quality import packed, pick

_BASE: Any = base  # scikit-learn carries no types


class Linear(TransformerMixin, BaseEstimator):
    """PCA in a model's place: it reads the same items, has a density of its codes, and does what a model does.

    Parameters
    ----------
    like
        A fitted model of pictures or tables, whose reading of data it takes over.
    latent
        Numbers in a code.
    seed
        Of the PCA and of the density.

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> pca = Linear(latently.AE(latent=1, epochs=1).fit(X), 3).fit(latently.open(X))
    >>> bool(np.allclose(pca.reconstruct(latently.open(X)), X, atol=1e-3))
    True
    """

    name: ClassVar[str] = "pca"
    conditional: ClassVar[bool] = False
    memory: ClassVar[None] = None

    def __init__(self, like: Any, latent: int, seed: int = 0) -> None:
        self.like = like
        self.latent = latent
        self.seed = seed

    def fit(self, X: Source, y: object = None) -> Self:
        """Learns the directions, and the density of the codes, of at most 10,000 items."""
        started = time.perf_counter()
        self.codec_ = self.like.codec_
        spec = self.codec_.spec
        seen = packed(self.like, X[pick(len(X), min(10_000, max(50, NUMBERS // spec.width)), self.seed)])
        self.principal_ = Principal.of(seen, spec, self.latent, self.seed)
        codes = self.principal_.codes(seen)
        self.latent_ = codes.shape[1]
        self.prior_ = Mixture.of(codes, self.seed)
        self.seconds_ = time.perf_counter() - started
        return self

    def transform(self, X: Source) -> NDArray[np.float32]:
        """Codes (n, D)."""
        return self.principal_.codes(packed(self, X))

    def reconstruct(self, X: Source) -> Any:
        """The items as they come back, in the types that they came in."""
        return self.codec_.restore(self._items(self.transform(X)), X)

    def sample(self, n: int = 1, seed: int | None = None) -> Any:
        """New items from the density of the codes."""
        return self.codec_.restore(self._items(self.prior_.sample(n, seed)))

    def score_samples(self, X: Source) -> NDArray[np.float64]:
        """Minus the squared error of what is known of each item: (n,)."""
        x = packed(self, X)
        wide = self.principal_.wide
        gap = wide(x).astype(np.float64) - wide(self._items(self.principal_.codes(x)).astype(np.float32))
        return -np.nansum(gap**2, axis=1)

    def _items(self, codes: NDArray[Any]) -> NDArray[Any]:
        return self.principal_.back(codes).reshape(len(codes), *self.codec_.spec.shape)


def untrained(model: Any, seen: Source) -> Any:
    """A model like `model` whose network stands as training begins, with what is learned of the data beside it.

    Raises
    ------
    InputError
        A conditional model is not told of labels.
    """
    if model.conditional and seen.labels is None:
        raise InputError("its untrained network needs labels, and these data have none.")
    bare, size = _BASE.clone(model), tuple(model.codec_.spec.shape[1:])
    if isinstance(seen, ImageSource) and seen.pixels.shape[1:3] != size:
        seen = open(seen.data, size=size, labels=seen.labels)  # as the network sees them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LatentlyWarning)  # said when the model itself was fitted
        return bare.finish(bare.begin(seen))
