"""beta-VAE (Higgins et al., 2017)."""

from typing import ClassVar

from ..estimator import model
from ..params import param
from .vae import VAE


@model
class BetaVAE(VAE):
    r"""A VAE that pays dearly for its code, so that each number of it comes to mean one thing.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \beta\, \mathrm{KL}(q(z|x) \| N(0, I)), \quad \beta > 1

    Use it to find what data vary in; it restores less than a VAE. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework" (Higgins et al., 2017).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.BetaVAE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    beta: float = param(4.0, "weight of the divergence from N(0, I)", low=0)

    name: ClassVar[str] = "betavae"
