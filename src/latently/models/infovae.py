"""InfoVAE (Zhao et al., 2019)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import MMD, Gaussian
from ..spec import Spec


@model
class InfoVAE(Latent):
    r"""A VAE that is charged for its codes as a whole rather than for each one, and so keeps them informative.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + (1 - \alpha)\, \mathrm{KL}(q(z|x) \| N(0, I))
              + (\alpha + \lambda - 1)\, \mathrm{MMD}^2(q(z), N(0, I))

    Use it where a VAE leaves its code unused. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "InfoVAE: Balancing Learning and Inference in Variational Autoencoders" (Zhao et al., 2019).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.InfoVAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    alpha: float = param(0.5, "share of each code's own divergence that is not charged", low=0, high=1)
    mmd: float = param(100.0, "lambda: weight of the discrepancy between all codes and N(0, I)", low=1)

    name: ClassVar[str] = "infovae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Gaussian(latent, 1 - self.alpha), MMD(self.alpha + self.mmd - 1))
