"""VAE-GAN (Larsen et al., 2016)."""

from typing import ClassVar

from .. import nets
from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Gaussian, Likeness, SampleAdversary
from ..spec import Spec


@model
class VAEGAN(Latent):
    r"""A VAE whose samples must also convince a critic, and whose restored items must look to it like the originals.

    .. math:: L(x) = -\mathbb{E} \log p(x \mid z) + \beta\, \mathrm{KL}(q(z|x) \| N(0, I))
              + \tfrac{v}{2} \| C_l(x) - C_l(\hat x) \|^2 - w \log C(g(\epsilon)), \quad \epsilon \sim N(0, I)

    Use it for sharper samples than a VAE's. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Autoencoding beyond Pixels Using a Learned Similarity Metric" (Larsen et al., 2016).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.VAEGAN(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    lr: float = param(5e-4, "learning rate", low=1e-9, high=10)
    beta: float = param(1.0, "weight of the divergence from N(0, I)", low=0)
    adversary: float = param(1.0, "weight w of fooling the critic", low=0)
    likeness: float = param(1.0, "weight v of looking alike to the critic", low=0)
    critic: str | None = param(None, "the critic spelled as words; by default chosen to fit")

    name: ClassVar[str] = "vaegan"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        critic = nets.network(spec.open, 1, self.critic)
        return self.assemble(
            spec,
            Gaussian(latent, self.beta),
            SampleAdversary(critic, weight=self.adversary),
            Likeness(self.likeness, critic),
        )
