"""Ladder VAE (Sonderby et al., 2016)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Ladder
from ..spec import Spec


@model
class LadderVAE(Latent):
    r"""A VAE with two layers of codes: the upper half of a code sets what the lower half may be.

    .. math:: L(x) = -\mathbb{E} \log p(x \mid z_1, z_2) + \mathrm{KL}(q(z_1|z_2,x) \| p(z_1|z_2))
              + \mathrm{KL}(q(z_2|x) \| N(0, I))

    Use it for data whose details hang on something larger. A code is (z1, z2), half of the numbers each; see `Latent`
    for the verbs and the fitted attributes.

    References
    ----------
    "Ladder Variational Autoencoders" (Sonderby et al., 2016).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.LadderVAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    beta: float = param(1.0, "weight of both divergences", low=0)
    warmup: int = param(1000, "training steps over which beta rises from 0", low=0)

    name: ClassVar[str] = "ladder"
    least: ClassVar[int] = 2

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Ladder(latent, self.beta, self.warmup))
