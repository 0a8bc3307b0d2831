"""The mixture of the posteriors themselves: one component an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import ParameterError
from .prior import Array, Coded, Prior, Tensors, finite

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder

EXEMPLARS = 500  # as many components as Tomczak & Welling learn


@dataclass(frozen=True, slots=True)
class Vamp(Prior):
    r"""The posteriors of K items, mixed evenly.

    .. math:: p(z) = \frac1K \sum_k N(z; \mu(u_k), \sigma^2(u_k))

    The items u are the pseudo-inputs that a `VampVAE` learned, and at most 500 training items, drawn at random, of any
    other model whose codes have a spread. New items are then variations of items that were seen.

    Parameters
    ----------
    means, spreads
        (K, D): each posterior's mean and standard deviation.

    References
    ----------
    "VAE with a VampPrior" (Tomczak & Welling, 2018); training items as components: "Exemplar VAE" (Norouzi et al.,
    2020).

    Examples
    --------
    >>> Vamp(np.array([[0.0], [9.0]]), np.ones((2, 1))).sample(10_000, seed=0).mean().round()
    np.float64(5.0)
    """

    name: ClassVar = "vamp"

    means: Array
    spreads: Array

    @classmethod
    def check(cls, coded: Coded, module: Autoencoder) -> None:
        if coded.spreads is None and module.bottleneck.pseudo(module.encoder) is None:
            raise ParameterError(
                f"prior='vamp' mixes the spreads of codes, but a code of a {type(module.bottleneck).__name__} "
                "bottleneck has none; choose 'mixture' or 'flow', or a model such as VAE."
            )

    @classmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        cls.check(coded, module)
        with torch.inference_mode():
            learned = module.bottleneck.pseudo(module.encoder)
        if learned and learned.spread is not None:
            return cls(*(part.double().cpu().numpy() for part in (learned.mean, learned.spread)))
        some = coded.some(EXEMPLARS, seed)
        return cls(some.means, cast(Array, some.spreads))

    def sample(self, n: int, seed: int | None) -> Array:
        rng = np.random.default_rng(seed)
        chosen = rng.integers(len(self.means), size=n)
        return self.means[chosen] + self.spreads[chosen] * rng.standard_normal((n, self.means.shape[1]))

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"means": self.means, "spreads": self.spreads}

    @classmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        return cls(tensors["means"], tensors["spreads"])

    def fits(self, features: int) -> bool:
        sound = finite(self.tensors()) and bool((self.spreads >= 0).all())
        return sound and len(self.means) > 0 and self.means.shape == self.spreads.shape == (len(self.means), features)
