"""Hyperspherical VAE (Davidson et al., 2018)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..parts import Sphere
from ..spec import Spec


@model
class SphereVAE(Latent):
    r"""A VAE whose codes lie on a sphere: only directions, no centre that all codes crowd to.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \mathrm{KL}(q(z|x) \| U(S^{D-1})), \quad
              q(z|x) \propto (1 + \mu^\top z)^\kappa

    Use it for codes to compare by angle, with up to some twenty numbers. See `Latent` for the verbs and the fitted
    attributes.

    References
    ----------
    "Hyperspherical Variational Auto-Encoders" (Davidson et al., 2018); "The Power Spherical Distribution" (De Cao &
    Aziz, 2020).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.SphereVAE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    name: ClassVar[str] = "sphere"
    least: ClassVar[int] = 2

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Sphere(latent))
