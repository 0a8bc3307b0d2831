"""Conditional VAE (Sohn et al., 2015)."""

from typing import ClassVar

from ..estimator import model
from .vae import VAE


@model
class ConditionalVAE(VAE):
    r"""A VAE whose decoder is told the label, so that the code holds what the label does not say: the style.

    .. math:: L(x, y) = -\mathbb{E}_{q(z|x)} \log p(x \mid z, y) + \beta\, \mathrm{KL}(q(z|x) \| N(0, I))

    Use it to draw items of a wanted label, `sample(9, label=3)`, or one style under every label. Labels are `y` or
    those of the data; an item's label follows from the item, so the encoder is not told it. See `Latent` for the verbs
    and the fitted attributes.

    References
    ----------
    "Learning Structured Output Representation Using Deep Conditional Generative Models" (Sohn et al., 2015).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.ConditionalVAE(latent=2, epochs=2).fit(X, X[:, 0] > 0).sample(3, seed=0, label=True).shape
    (3, 4)
    """

    name: ClassVar[str] = "cvae"
    conditional: ClassVar[bool] = True
