"""A mixture of normal densities: the density that suits most codes."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from .prior import ENOUGH, Array, Coded, Prior, Tensors, finite

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder

LONG = 2000  # numbers in a code beyond which covariances are not kept
COMPONENTS = 10
WIDE = 64  # numbers in a code below which a second core waits longer than it computes


@dataclass(frozen=True, slots=True)
class Mixture(Prior):
    r"""A mixture of normal densities with full covariances, or of long codes one normal density number by number.

    .. math:: p(z) = \sum_k w_k\, N(z; \mu_k, L_k L_k^\top)

    Parameters
    ----------
    weights, means, roots
        (K,), (K, D) and (K, D, D): each component's share, mean and the Cholesky root of its covariance. Of codes of
        more than 2,000 numbers the roots are (K, D), standard deviations: a full root would take gigabytes.

    References
    ----------
    Fitting a density to the codes of a deterministic autoencoder: "From Variational to Deterministic Autoencoders"
    (Ghosh et al., 2020).

    Examples
    --------
    >>> codes = np.random.default_rng(0).normal(size=(500, 2)) + 7
    >>> Mixture.of(codes, seed=0).sample(1000, seed=1).mean().round()
    np.float64(7.0)
    """

    name: ClassVar = "mixture"

    weights: Array
    means: Array
    roots: Array

    @classmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        return cls.of(coded.means, seed)

    @classmethod
    def of(cls, codes: NDArray[Any], seed: int) -> Self:
        """Fits up to ten components, each with at least 20 codes, and 5 for each number of a code."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
        from threadpoolctl import threadpool_limits

        points = Coded(np.array(codes, np.float64)).some(ENOUGH, seed).means
        if len(points) < 2 and points.shape[1] <= LONG:
            return cls(np.ones(1), points, 1e-3 * np.eye(points.shape[1])[None])
        if points.shape[1] > LONG:
            return cls(np.ones(1), points.mean(0, keepdims=True), points.std(0, keepdims=True))
        scale = float(points.std()) or 1.0
        k = max(1, min(COMPONENTS, len(points) // max(20, 5 * points.shape[1]), len(np.unique(points, axis=0))))
        mixture = cast(Any, GaussianMixture(k, reg_covar=1e-6 * scale**2, tol=1e-2, max_iter=50, random_state=seed))
        limits = threadpool_limits(1, "blas") if points.shape[1] < WIDE else nullcontext()
        with warnings.catch_warnings(), limits:
            warnings.simplefilter("ignore", ConvergenceWarning)  # 50 rounds are enough for generating
            mixture.fit(points)
        roots = cast(Array, np.linalg.cholesky(mixture.covariances_))
        return cls(mixture.weights_, mixture.means_, roots)

    def sample(self, n: int, seed: int | None) -> Array:
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.weights), size=n, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((n, self.means.shape[1]))
        if self.roots.ndim == 2:
            return self.means[chosen] + self.roots[chosen] * noise
        return self.means[chosen] + np.einsum("nij,nj->ni", self.roots[chosen], noise)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"weights": self.weights, "means": self.means, "roots": self.roots}

    @classmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        return cls(**{name: tensors[name] for name in ("weights", "means", "roots")})

    def fits(self, features: int) -> bool:
        k = len(self.weights)
        shapes = (self.weights.shape, self.means.shape, self.roots.shape)
        sound = finite(self.tensors()) and bool((self.weights >= 0).all())
        return bool(sound and k and self.weights.sum() > 0) and shapes in (
            ((k,), (k, features), (k, features, features)),
            ((k,), (k, features), (k, features)),
        )
