"""FactorVAE (Kim & Mnih, 2018)."""

from typing import ClassVar

from .. import nets
from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Gaussian, Shuffled
from ..spec import Spec


@model
class FactorVAE(Latent):
    r"""A VAE whose codes a critic cannot tell from codes with shuffled numbers: the numbers are independent.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \mathrm{KL}(q(z|x) \| N(0, I))
              + \gamma \log \frac{C(z)}{1 - C(z)}

    with C(z) the critic's probability that z is a code and not shuffled. Use it to find what data vary in; see
    `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Disentangling by Factorising" (Kim & Mnih, 2018).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.FactorVAE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    gamma: float = param(10.0, "weight of the total correlation that the critic estimates", low=0)

    name: ClassVar[str] = "factorvae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        critic = nets.network((latent,), 1)
        return self.assemble(spec, Gaussian(latent), Shuffled(critic, "ratio", self.gamma))
