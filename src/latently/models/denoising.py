"""Denoising autoencoder (Vincent et al., 2008)."""

from dataclasses import replace
from typing import ClassVar

from ..autoencoder import Autoencoder
from ..errors import ParameterError
from ..estimator import Latent, model
from ..params import param
from ..parts import Augmentation, Chain, Masking, Noise, Plain
from ..spec import Spec


@model
class DenoisingAE(Latent):
    r"""Sees a spoiled item and is asked for the clean one.

    .. math:: L(x) = -\log p(x \mid g(f(\tilde x))), \quad \tilde x = \text{mask}(x + \sigma\epsilon)

    Use it to clean pictures, to fill in missing cells, and for codes that do not hang on single entries.
    `reconstruct` cleans; see `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Extracting and Composing Robust Features with Denoising Autoencoders" (Vincent et al., 2008).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.DenoisingAE(latent=2, mask=0.2, epochs=2).fit(X).reconstruct(X).shape
    (60, 4)
    """

    noise: float = param(0.3, "standard deviation of the noise: of 0 to 1 in pictures, of a column's spread", low=0)
    mask: float = param(0.0, "share of the entries that are hidden", low=0, high=1)
    augment: str | None = param(
        None, "random moves that enlarge a set of pictures, such as 'rotate30 zoom0.1 shear0.1 shift0.1 hflip vflip'"
    )

    name: ClassVar[str] = "denoising"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        if self.augment and spec.kind != "image":
            raise ParameterError(
                f"augment={self.augment!r} moves pictures and these data are a {spec.kind}; leave it out."
            )
        if self.mask and spec.missing:
            spec = replace(spec, missing=(True,) * len(spec.missing))  # the encoder is told which cells are hidden
        return self.assemble(
            spec,
            Plain(latent),
            corruption=Chain(Noise(self.noise, spec), Masking(self.mask, spec)),
            augmentation=Augmentation(self.augment) if self.augment else None,
        )
