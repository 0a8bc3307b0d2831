"""VAE with a VampPrior (Tomczak & Welling, 2018)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Vamp
from ..spec import Spec


@model
class VampVAE(Latent):
    r"""A VAE whose prior is learned too: the codes of a few made-up items.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \mathrm{KL}\big(q(z|x) \,\|\,
              \tfrac1K \textstyle\sum_k q(z|u_k)\big)

    Use it to generate data that fall into groups. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "VAE with a VampPrior" (Tomczak & Welling, 2018).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.VampVAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    inputs: int = param(64, "made-up items, K, whose codes make the prior", low=1)

    name: ClassVar[str] = "vamp"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Vamp(latent, spec, self.inputs))
