"""Bottlenecks: what may pass from the encoder to the decoder, and at what price."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from .passing import Code


class Bottleneck(nn.Module, ABC):
    """Maps encoder features h (B, in_features) to a `Code` of width `features`."""

    positions: int = 0  # n > 0: the code is a grid of n entries, and both widths are those of one entry

    def __init__(self, in_features: int, features: int) -> None:
        super().__init__()
        self.in_features, self.features = in_features, features

    @abstractmethod
    def forward(self, h: Tensor) -> Code: ...


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

    def __init__(self, features: int, beta: float = 1.0, warmup: int = 0, free_bits: float = 0.0) -> None:
        super().__init__(2 * features, features)
        self.beta, self.warmup, self.free_bits = beta, warmup, free_bits
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))

    def forward(self, h: Tensor) -> Code:
        mean, log_var = h.float().chunk(2, dim=1) if h.dtype == torch.bfloat16 else h.chunk(2, dim=1)
        log_var = log_var.clamp(-12, 8)  # sigma from .0025 to 55: wider, and exp() of a stray value ends a training
        kl = 0.5 * (mean.square() + log_var.exp() - log_var - 1)  # (B, D)
        if not self.training:
            return Code(z=mean, mean=mean, price={"kl": self.beta * kl.sum(1)})
        z = mean + (0.5 * log_var).exp() * torch.randn_like(mean)
        price = kl.mean(0).clamp(min=self.free_bits).sum() if self.free_bits else kl.sum(1)
        if self.warmup:
            self.seen += 1
            price = (self.seen / self.warmup).clamp(max=1) * price
        return Code(z=z, mean=mean, price={"kl": self.beta * price})
