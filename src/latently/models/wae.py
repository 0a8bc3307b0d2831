"""Wasserstein autoencoder with MMD (Tolstikhin et al., 2018), also known as the MMD-VAE of InfoVAE."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import MMD, Plain
from ..spec import Spec


@model
class WAE(Latent):
    r"""Codes that together look like a standard normal, while each restores its item as well as it can.

    .. math:: L(x) = -\log p(x \mid g(f(x))) + w\, \mathrm{MMD}^2(f(x), N(0, I))

    Use it to generate where a VAE blurs: no single code is made uncertain. See `Latent` for the verbs and the fitted
    attributes.

    References
    ----------
    "Wasserstein Auto-Encoders" (Tolstikhin et al., 2018); "InfoVAE: Balancing Learning and Inference in Variational
    Autoencoders" (Zhao et al., 2019).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.WAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    mmd: float = param(100.0, "weight of the discrepancy between the codes and N(0, I)", low=0)

    name: ClassVar[str] = "wae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent), MMD(self.mmd))
