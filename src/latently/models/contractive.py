"""Contractive autoencoder (Rifai et al., 2011)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Contraction, Plain
from ..spec import Spec


@model
class ContractiveAE(Latent):
    r"""A code that hardly moves when an item is changed a little.

    .. math:: L(x) = -\log p(x \mid g(f(x))) + w\, \| \partial f(x) / \partial x \|_F^2

    Use it for codes that small disturbances leave alone. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction" (Rifai et al., 2011).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.ContractiveAE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    contraction: float = param(0.1, "weight of the squared norm of the encoder's Jacobian", low=0)

    name: ClassVar[str] = "contractive"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent), Contraction(self.contraction))
