"""Importance-weighted autoencoders (Burda et al., 2016; Rainforth et al., 2018)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Several, Tightening
from ..spec import Spec


@model
class IWAE(Latent):
    r"""A VAE trained on the mean of several draws an item, inside the logarithm: nearer the true likelihood.

    .. math:: L(x) = -\mathbb{E} \log \tfrac1K \sum_{k=1}^K \frac{p(x \mid z_k)\, p(z_k)}{q(z_k|x)}, \quad
              z_k \sim q(z|x)

    Use it to model the density of the data well; held-out items are judged without draws, by a VAE's bound. See
    `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Importance Weighted Autoencoders" (Burda et al., 2016).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.IWAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    draws: int = param(5, "codes drawn an item in training", low=2)

    name: ClassVar[str] = "iwae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Several(latent, self.draws), Tightening(1.0))


@model
class MIWAE(Latent):
    r"""The mean of several IWAE bounds: nearly as tight, with a clearer signal for the encoder.

    .. math:: L(x) = -\tfrac1M \sum_{m=1}^M \log \tfrac1K \sum_{k=1}^K \frac{p(x \mid z_{mk})\, p(z_{mk})}{q(z_{mk}|x)}

    Use it like an IWAE with many draws. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Tighter Variational Bounds Are Not Necessarily Better" (Rainforth et al., 2018).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.MIWAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    draws: int = param(4, "codes drawn an item in training, in each group", low=2)
    groups: int = param(4, "bounds that are averaged, each over its own draws", low=1)

    name: ClassVar[str] = "miwae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        bottleneck = Several(latent, self.groups * self.draws)
        return self.assemble(spec, bottleneck, Tightening(1.0, self.groups))


@model
class CIWAE(Latent):
    r"""Between a VAE and an IWAE: a share of each bound.

    .. math:: L(x) = (1 - s)\, L_{\mathrm{IWAE}}(x) + s\, L_{\mathrm{VAE}}(x)

    Use it where an IWAE's encoder learns too little. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Tighter Variational Bounds Are Not Necessarily Better" (Rainforth et al., 2018).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.CIWAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    draws: int = param(5, "codes drawn an item in training", low=2)
    share: float = param(0.5, "how much of the plain VAE's bound is in the mix", low=0, high=1)

    name: ClassVar[str] = "ciwae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Several(latent, self.draws), Tightening(1 - self.share))
