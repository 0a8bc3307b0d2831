"""Autoencoder with finite scalar quantization (Mentzer et al., 2024)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Rounded
from ..spec import Spec


@model
class FSQ(Latent):
    r"""A code of rounded numbers: as discrete as a VQVAE's, with no codebook to learn or to lose.

    .. math:: L(x) = -\log p(x \mid z), \quad z_j = \mathrm{round}(\mathrm{squash}(f(x)_j)) \text{ on } L \text{ levels}

    Use it to compress to discrete codes. `latent` is the numbers of one entry; a picture has one entry for each pixel
    of the encoder's last layer, a row has `positions`. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Finite Scalar Quantization: VQ-VAE Made Simple" (Mentzer et al., 2024).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.FSQ(latent=2, positions=3, epochs=2).fit(X).transform(X).shape
    (60, 6)
    """

    levels: int = param(8, "levels L that each number of a code is rounded to", low=3)
    positions: int = param(4, "entries that make a code, where the encoder ends in a vector", low=1)

    name: ClassVar[str] = "fsq"
    grid: ClassVar[bool] = True

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Rounded(latent, self.levels, self.positions))
