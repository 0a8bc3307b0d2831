"""beta-TCVAE (Chen et al., 2018)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Gaussian, TotalCorrelation
from ..spec import Spec


@model
class BetaTCVAE(Latent):
    r"""A VAE that pays more for what the numbers of its code say twice, and only for that.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \mathrm{KL}(q(z|x) \| N(0, I))
              + (\beta - 1)\, \mathrm{KL}\big(q(z) \,\|\, \textstyle\prod_j q(z_j)\big)

    Use it to find what data vary in, at less loss than a BetaVAE. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Isolating Sources of Disentanglement in Variational Autoencoders" (Chen et al., 2018).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.BetaTCVAE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    beta: float = param(6.0, "weight of the total correlation; 1 is a VAE", low=1)

    name: ClassVar[str] = "betatcvae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Gaussian(latent), TotalCorrelation(self.beta - 1))
