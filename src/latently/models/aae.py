"""Adversarial autoencoder (Makhzani et al., 2016)."""

from typing import ClassVar

from .. import nets
from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import CodeAdversary, Plain
from ..spec import Spec


@model
class AAE(Latent):
    r"""An AE whose codes a critic cannot tell from draws of a standard normal.

    .. math:: L(x) = -\log p(x \mid g(z)) - w \log C(z), \quad z = f(x), \quad
              L_C = -\log C(\epsilon) - \log(1 - C(z)), \; \epsilon \sim N(0, I)

    Use it to generate where a VAE blurs. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Adversarial Autoencoders" (Makhzani et al., 2016).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.AAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    adversary: float = param(1.0, "weight of fooling the critic", low=0)

    name: ClassVar[str] = "aae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent), CodeAdversary(nets.network((latent,), 1), weight=self.adversary))
