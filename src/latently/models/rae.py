"""Regularized autoencoder (Ghosh et al., 2020)."""

from typing import ClassVar

from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Decay, Plain, Shrinkage, Smoothness
from ..spec import Spec

SMOOTH = {"weights": Decay, "slope": Smoothness}


@model
class RAE(Latent):
    r"""An AE with short codes and a smooth decoder, fit to be drawn from without a VAE's noise.

    .. math:: L(x) = -\log p(x \mid g(z)) + \tfrac{w}{2} \| z \|^2 + v R(g), \quad z = f(x), \quad
              R(g) = \textstyle\sum \theta_g^2 \text{ or } \| \partial g / \partial z \|_F^2

    Use it to generate where a VAE blurs. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "From Variational to Deterministic Autoencoders" (Ghosh et al., 2020).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.RAE(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    shrinkage: float = param(0.1, "weight w of half the code's squared norm", low=0)
    smooth: str = param(
        "weights", "what keeps the decoder smooth: small weights or a small slope", choices=tuple(SMOOTH)
    )
    smoothing: float = param(1e-3, "weight v of that", low=0)

    name: ClassVar[str] = "rae"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, Plain(latent), Shrinkage(self.shrinkage), SMOOTH[self.smooth](self.smoothing))
