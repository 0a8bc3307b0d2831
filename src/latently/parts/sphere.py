"""Codes on a sphere: only their direction counts."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Beta

from ..errors import ParameterError
from .bottlenecks import Bottleneck
from .passing import Code


class Sphere(Bottleneck):
    r"""A power spherical posterior, priced by its divergence from the uniform density on the unit sphere.

    .. math:: q(z|x) \propto (1 + \mu^\top z)^\kappa, \quad \|z\| = \|\mu\| = 1

    It is drawn from, and its divergence is known, in closed form, where the von Mises-Fisher density of the
    hyperspherical VAE needs rejections and Bessel functions. In evaluation z is the direction itself.

    Parameters
    ----------
    features
        Numbers in a code, D, at least 2; the encoder gives D + 1: a direction, then the concentration.

    Raises
    ------
    ParameterError
        Fewer than two numbers: no sphere.

    References
    ----------
    "Hyperspherical Variational Auto-Encoders" (Davidson et al., 2018); "The Power Spherical Distribution" (De Cao &
    Aziz, 2020).

    Examples
    --------
    >>> code = Sphere(3)(torch.randn(5, 4))
    >>> bool(code.z.norm(dim=1).allclose(torch.ones(5)))
    True
    """

    def __init__(self, features: int) -> None:
        if features < 2:
            raise ParameterError(f"latent={features} is not allowed for codes on a sphere; it is at least 2.")
        super().__init__(features + 1, features)

    def forward(self, h: Tensor) -> Code:
        mean, kappa = self._direction(h)
        z = self._around(mean, kappa, 1) if self.training else mean
        return Code(z, mean, {"kl": self._divergence(kappa)})

    def sampled(self, h: Tensor, draws: int) -> Code:
        mean, kappa = self._direction(h)
        z = self._around(mean, kappa, draws)
        along = (z.view(draws, *mean.shape) * mean).sum(-1).clamp(min=-1 + 1e-6)
        price = self._log_normaliser(kappa) + kappa * torch.log1p(along) + self._log_area()
        return Code(z, mean, {"kl": price.flatten()})

    def _around(self, mean: Tensor, kappa: Tensor, draws: int) -> Tensor:
        """Draws (draws * B, D): around the pole first, then reflected so that the pole comes to lie on the mean."""
        alpha, beta = self._shape(kappa)
        along = 2 * Beta(alpha, beta.expand_as(alpha)).rsample((draws,)).clamp(1e-6, 1 - 1e-6) - 1  # (K, B)
        across = torch.randn(draws, len(mean), self.features - 1, device=mean.device, dtype=mean.dtype)
        across = F.normalize(across, dim=-1) * (1 - along.square()).sqrt().unsqueeze(-1)
        z = torch.cat((along.unsqueeze(-1), across), -1)
        pole = torch.zeros_like(mean)
        pole[:, 0] = 1
        mirror = F.normalize(pole - mean, dim=1, eps=1e-5)  # nothing to reflect where the mean is the pole
        z = z - 2 * (z * mirror).sum(-1, keepdim=True) * mirror
        return F.normalize(z, dim=-1).flatten(0, 1)

    def draw(self, n: int, like: Tensor) -> Tensor:
        return self.project(super().draw(n, like))

    def project(self, z: Tensor) -> Tensor:
        return F.normalize(z, dim=1)

    def _direction(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Directions (B, D) of length one and concentrations (B,)."""
        return F.normalize(h[:, :-1] + 1e-9, dim=1), F.softplus(h[:, -1]).clamp(max=1e4) + 1e-3

    def _shape(self, kappa: Tensor) -> tuple[Tensor, Tensor]:
        half = (self.features - 1) / 2
        return kappa + half, kappa.new_tensor(half)

    def _log_normaliser(self, kappa: Tensor) -> Tensor:
        alpha, beta = self._shape(kappa)
        return (
            torch.lgamma(alpha + beta) - torch.lgamma(alpha) - (alpha + beta) * math.log(2) - beta * math.log(math.pi)
        )

    def _log_area(self) -> float:
        d = self.features
        return math.log(2) + d / 2 * math.log(math.pi) - math.lgamma(d / 2)

    def _divergence(self, kappa: Tensor) -> Tensor:
        """KL(q || uniform) in nats: (B,)."""
        alpha, beta = self._shape(kappa)
        expected = kappa * (math.log(2) + torch.digamma(alpha) - torch.digamma(alpha + beta))
        return self._log_normaliser(kappa) + expected + self._log_area()
