"""Sparse autoencoder (Olshausen & Field, 1997; Ng, 2011)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import L1, Plain
from ..spec import Spec


@model
class SparseAE(Latent):
    r"""A code of which each item uses but a few numbers, so that single numbers mean something.

    .. math:: L(x) = -\log p(x \mid g(f(x))) + w \sum_j |f(x)_j|

    Use it with a generous `latent` to find the features that data are made of. See `Latent` for the verbs and the
    fitted attributes.

    References
    ----------
    "Sparse Coding with an Overcomplete Basis Set" (Olshausen & Field, 1997); "Sparse Autoencoder" (Ng, 2011).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.SparseAE(latent=4, epochs=2).fit(X).transform(X).shape
    (60, 4)
    """

    sparsity: float = param(0.1, "nats that a code's number of size one costs", low=0)

    name: ClassVar[str] = "sparse"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent), L1(self.sparsity))
