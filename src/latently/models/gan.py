"""Generative adversarial networks (Goodfellow et al., 2014; Mao et al., 2017; Gulrajani et al., 2017)."""

from typing import ClassVar

from ..estimator import model
from ..params import param
from .games import Generator


@model
class GAN(Generator):
    r"""A generator and a critic that play against each other until samples pass for data.

    .. math:: L_G = -\log C(g(z)), \quad L_C = -\log C(x) - \log(1 - C(g(z))), \quad z \sim N(0, I)

    Use it for crisp samples of pictures. An encoder learns to invert the generator, so that every verb works, at less
    faith than an AE. The history logs both players and their sum. See `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Generative Adversarial Nets" (Goodfellow et al., 2014).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.GAN(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    name: ClassVar[str] = "gan"
    game: ClassVar[str] = "entropy"


@model
class LSGAN(Generator):
    r"""A GAN whose critic is asked for 1 and 0 by squared error: it goes on teaching what it already sees through.

    .. math:: L_G = \tfrac12 (C(g(z)) - 1)^2, \quad L_C = \tfrac12 (C(x) - 1)^2 + \tfrac12 C(g(z))^2

    Use it where a GAN's training does not settle. See `GAN`, and `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Least Squares Generative Adversarial Networks" (Mao et al., 2017).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.LSGAN(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    name: ClassVar[str] = "lsgan"
    game: ClassVar[str] = "squares"


@model
class WGAN(Generator):
    r"""A GAN whose critic measures how far samples are from data: steady, and little is left out.

    .. math:: L_G = -C(g(z)), \quad L_C = C(g(z)) - C(x) + w (\| \nabla C(\tilde x) \| - 1)^2

    with x~ between data and samples. Use it where a GAN leaves kinds of items out; it takes several times as long. See
    `GAN`, and `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Improved Training of Wasserstein GANs" (Gulrajani et al., 2017).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.WGAN(latent=2, epochs=2).fit(X).sample(3, seed=0).shape
    (3, 4)
    """

    slope: float = param(10.0, "weight of holding the critic's slope near 1 between data and samples", low=0)
    rounds: int = param(3, "steps of the critic for each step of the generator", low=1)

    name: ClassVar[str] = "wgan"
    game: ClassVar[str] = "distance"


@model
class ConditionalGAN(Generator):
    r"""A GAN that is told the label: the generator beside the code, the critic by one verdict a label.

    .. math:: L_G = -\log C_y(g(z, y)), \quad L_C = -\log C_y(x) - \log(1 - C_y(g(z, y))), \quad z \sim N(0, I)

    Use it to draw crisp items of a wanted label, `sample(9, label=3)`. Labels are `y` or those of the data. See `GAN`,
    and `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Conditional Generative Adversarial Nets" (Mirza & Osindero, 2014).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.ConditionalGAN(latent=2, epochs=2).fit(X, X[:, 0] > 0).sample(3, seed=0, label=True).shape
    (3, 4)
    """

    name: ClassVar[str] = "cgan"
    game: ClassVar[str] = "entropy"
    conditional: ClassVar[bool] = True
