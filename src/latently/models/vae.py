"""Variational autoencoder (Kingma & Welling, 2014)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..errors import ParameterError
from ..estimator import Latent, model
from ..params import param
from ..parts import Gaussian
from ..spec import Spec


@model
class VAE(Latent):
    r"""A code with a spread, kept close to a standard normal: smooth codes that can be drawn from.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \log p(x \mid z) + \beta\, \mathrm{KL}(q(z|x) \| N(0, I))

    Use it to generate, to interpolate, and to score how normal an item is. `transform` gives the mean of q(z|x);
    see `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Auto-Encoding Variational Bayes" (Kingma & Welling, 2014); "beta-VAE: Learning Basic Visual Concepts with a
    Constrained Variational Framework" (Higgins et al., 2017).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.VAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    beta: float = param(1.0, "weight of the divergence from N(0, I)", low=0)
    warmup: int = param(0, "training steps over which beta rises from 0", low=0)
    cycles: int = param(1, "times that beta rises from 0, each over `warmup` steps, to stay for as many", low=1)
    free_bits: float = param(0.0, "nats a dimension of the code that cost nothing", low=0)
    free_nats: float = param(0.0, "nats of the whole code that cost nothing", low=0)

    name: ClassVar[str] = "vae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, self.charged(latent))

    def charged(self, latent: int) -> Gaussian:
        """The bottleneck, at the price that was chosen."""
        if self.cycles > 1 and self.warmup == 0:
            raise ParameterError(
                f"{type(self).__name__}: cycles={self.cycles} repeats the warm-up and warmup=0 has none; choose a "
                "warmup, in training steps, or leave cycles out."
            )
        return Gaussian(latent, self.beta, self.warmup, self.free_bits, self.cycles, self.free_nats)
