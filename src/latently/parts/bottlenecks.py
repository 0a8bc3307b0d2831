"""Bottlenecks: what may pass from the encoder to the decoder, and at what price."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from .passing import Code

LOG_2PI = math.log(2 * math.pi)


class Bottleneck(nn.Module, ABC):
    """Maps encoder features h (B, in_features) to a `Code` of width `features`.

    Where `positions` is not 0 a code is a grid of entries, and both widths are those of one entry: the grid has as
    many positions as the encoder's last picture has pixels, or `positions` of them where the encoder ends in a vector.
    """

    positions: int = 0  # n > 0: the code is a grid of n entries
    drawn: ClassVar[bool] = False  # whether training decodes drawn codes instead of the encoder's

    def __init__(self, in_features: int, features: int) -> None:
        super().__init__()
        self.in_features, self.features = in_features, features

    @abstractmethod
    def forward(self, h: Tensor) -> Code: ...

    def sampled(self, h: Tensor, draws: int) -> Code:
        """Codes drawn from q(z|x), `draws` an item, each priced at log q(z|x) - log p(z): z is (draws * B, D)."""
        raise ParameterError(
            f"a code of a {type(self).__name__} bottleneck has no density q(z|x) to draw from; a model such as VAE has."
        )

    def draw(self, n: int, like: Tensor) -> Tensor:
        """Codes (n, D) from the density that training took for granted, on the device and in the type of `like`."""
        return torch.randn(n, like.shape[1], device=like.device, dtype=like.dtype)

    def project(self, z: Tensor) -> Tensor:
        """The nearest codes that can occur: (n, D)."""
        return z

    def beside(self, x: Tensor) -> Tensor:
        """The batch as the encoder shall read it: `x`, and what the bottleneck wants encoded after it."""
        return x

    def start(self, x: Tensor, encoder: Callable[[Tensor], Tensor]) -> None:
        """Before training: begins from some items (n, *S), where a part needs them."""


class Plain(Bottleneck):
    r"""The identity: a narrow layer and nothing else.

    .. math:: z = h, \quad \mathrm{price} = 0

    Parameters
    ----------
    features
        Numbers in a code, D.

    References
    ----------
    "Reducing the Dimensionality of Data with Neural Networks" (Hinton & Salakhutdinov, 2006).

    Examples
    --------
    >>> Plain(2)(torch.zeros(5, 2)).z.shape
    torch.Size([5, 2])
    """

    def __init__(self, features: int) -> None:
        super().__init__(features, features)

    def forward(self, h: Tensor) -> Code:
        return Code(z=h, mean=h)


class Drawn(Plain):
    r"""Codes out of nowhere while training; the encoder's own in use. For models that only generate.

    .. math:: z \sim N(0, I) \text{ in training}, \quad z = h \text{ in evaluation}

    References
    ----------
    "Generative Adversarial Nets" (Goodfellow et al., 2014).

    Examples
    --------
    >>> bool((Drawn(2)(torch.zeros(5, 2)).z == 0).any())
    False
    """

    drawn = True

    def forward(self, h: Tensor) -> Code:
        return Code(z=torch.randn_like(h) if self.training else h, mean=h)


class Gaussian(Bottleneck):
    r"""A diagonal Gaussian posterior, priced by its divergence from N(0, I), in nats.

    .. math:: \beta\, \mathrm{KL}(q(z|x) \| N(0, I))
              = \tfrac{\beta}{2} \sum_j \mu_j^2 + \sigma_j^2 - \log \sigma_j^2 - 1

    In training z is drawn, :math:`z = \mu + \sigma\epsilon`; in evaluation it is the mean, and the price is full.

    Parameters
    ----------
    features
        Numbers in a code, D; the encoder gives 2 D: means, then log-variances.
    beta
        Weight of the divergence.
    warmup
        Training steps over which beta rises linearly from 0.
    free_bits
        Nats a dimension, averaged over the batch, that cost nothing in training: keeps a code in use.
    draws
        Codes drawn an item in training; with more than one, each is priced by its own log q(z|x) - log p(z).

    References
    ----------
    "Auto-Encoding Variational Bayes" (Kingma & Welling, 2014); "beta-VAE" (Higgins et al., 2017); free bits:
    "Improving Variational Inference with Inverse Autoregressive Flow" (Kingma et al., 2016); warm-up: "Ladder
    Variational Autoencoders" (Sonderby et al., 2016).

    Examples
    --------
    >>> Gaussian(3).eval()(torch.zeros(1, 6)).price["kl"].item()
    0.0
    """

    seen: Tensor

    def __init__(
        self, features: int, beta: float = 1.0, warmup: int = 0, free_bits: float = 0.0, draws: int = 1
    ) -> None:
        super().__init__(2 * features, features)
        self.beta, self.warmup, self.free_bits, self.draws = beta, warmup, free_bits, draws
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))

    def forward(self, h: Tensor) -> Code:
        if self.training and self.draws > 1:
            return self.sampled(h, self.draws)
        mean, log_var = moments(h)
        spread = (0.5 * log_var).exp()
        kl = 0.5 * (mean.square() + log_var.exp() - log_var - 1)  # (B, D)
        if not self.training:
            return Code(mean, mean, {"kl": self.beta * kl.sum(1)}, spread, kl)
        price = kl.mean(0).clamp(min=self.free_bits).sum() if self.free_bits else kl.sum(1)
        return Code(mean + spread * torch.randn_like(mean), mean, {"kl": self._weight() * price}, spread, kl)

    def _weight(self) -> Tensor | float:
        """Beta, as far as it has risen: to be asked once a training step."""
        if not self.warmup:
            return self.beta
        self.seen += 1
        return self.beta * (self.seen / self.warmup).clamp(max=1)

    def sampled(self, h: Tensor, draws: int) -> Code:
        mean, log_var = moments(h)
        z, log_q = normal_draws(mean, log_var, draws)
        log_p = -0.5 * (z.square() + LOG_2PI).sum(-1)
        return Code(z.flatten(0, 1), mean, {"kl": self.beta * (log_q - log_p).flatten()}, (0.5 * log_var).exp())


def moments(h: Tensor) -> tuple[Tensor, Tensor]:
    """Means and log-variances (B, D) each, side by side in h (B, 2 D)."""
    mean, log_var = (h.float() if h.dtype == torch.bfloat16 else h).chunk(2, dim=1)
    return mean, log_var.clamp(-12, 8)  # sigma from .0025 to 55: wider, and exp() of a stray value ends a training


def normal_draws(mean: Tensor, log_var: Tensor, draws: int) -> tuple[Tensor, Tensor]:
    """Draws (K, B, D) of a diagonal normal density, and its logarithm there (K, B)."""
    noise = torch.randn(draws, *mean.shape, device=mean.device, dtype=mean.dtype)
    return mean + (0.5 * log_var).exp() * noise, -0.5 * (noise.square() + log_var + LOG_2PI).sum(-1)
