"""Vector-quantized autoencoder (van den Oord et al., 2017)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Quantized
from ..spec import Spec


@model
class VQVAE(Latent):
    r"""A code made of entries of a learned codebook: a few whole numbers an item.

    .. math:: L(x) = -\log p(x \mid z) + \gamma \textstyle\sum_p \| f(x)_p - \mathrm{sg}[z_p] \|^2, \quad
              z_p = e_k, \; k = \arg\min_j \| f(x)_p - e_j \|

    Use it to compress to discrete codes, and to generate in two steps. `latent` is the numbers of one entry; a picture
    has one entry for each pixel of the encoder's last layer, a row has `positions`. `transform` gives the chosen
    entries. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Neural Discrete Representation Learning" (van den Oord et al., 2017).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.VQVAE(latent=2, codes=8, positions=3, epochs=2).fit(X).transform(X).shape
    (60, 6)
    """

    codes: int = param(128, "entries in the codebook", low=2)
    positions: int = param(4, "entries that make a code, where the encoder ends in a vector", low=1)
    commitment: float = param(0.25, "weight gamma that holds the encoder to its entries", low=0)

    name: ClassVar[str] = "vqvae"
    grid: ClassVar[bool] = True

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Quantized(latent, self.codes, self.positions, self.commitment))
