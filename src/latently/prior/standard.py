"""The prior that a model was trained against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from ..randomness import seeded
from .prior import Array, Coded, Prior, Tensors

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder


class Standard(Prior):
    r"""What training took the codes for: the bottleneck's own density.

    .. math:: p(z) = N(0, I)

    for most; the sphere, the codebook and the ladder have others. Right where the decoder saw nothing else, as in a
    GAN; elsewhere the codes never quite are what they were asked to be, and `Mixture` knows what they became.

    Parameters
    ----------
    module
        The model, whose bottleneck draws.
    features
        Numbers in a code, D.

    References
    ----------
    What is left between the two: "ELBO surgery" (Hoffman & Johnson, 2016).

    Examples
    --------
    >>> from torch import nn
    >>> from latently.autoencoder import Autoencoder
    >>> from latently.parts import Normal, Plain
    >>> module = Autoencoder(nn.Linear(3, 2), Plain(2), nn.Linear(2, 3), Normal())
    >>> Standard(module, 2).sample(5, seed=0).shape
    (5, 2)
    """

    name: ClassVar = "standard"

    def __init__(self, module: Autoencoder, features: int) -> None:
        self.module, self.features = module, features

    @classmethod
    def check(cls, coded: Coded, module: Autoencoder) -> None:
        cls(module, coded.means.shape[1]).sample(1, seed=0)  # a bottleneck that cannot draw says why

    @classmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        return cls(module, coded.means.shape[1])

    def sample(self, n: int, seed: int | None) -> Array:
        weight = next(self.module.parameters())
        seed = int(np.random.default_rng(seed).integers(2**31))
        with torch.inference_mode(), seeded(seed, weight.device):
            drawn = self.module.bottleneck.draw(n, weight.new_empty(1, self.features))
        return drawn.double().cpu().numpy()

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {}

    @classmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        return cls(module, features)

    def fits(self, features: int) -> bool:
        return self.sample(1, seed=0).shape == (1, features)
