"""Autoencoder (Hinton & Salakhutdinov, 2006)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..parts import Plain
from ..spec import Spec


@model
class AE(Latent):
    r"""A narrow code and the cost of restoring from it, nothing else.

    .. math:: L(x) = -\log p(x \mid g(f(x)))

    Use it to compress and restore. `transform` gives f(x); see `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Reducing the Dimensionality of Data with Neural Networks" (Hinton & Salakhutdinov, 2006).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.AE(latent=2, epochs=2).fit(X).transform(X).shape
    (60, 2)
    """

    name: ClassVar[str] = "ae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent))
