"""Two layers of codes, the upper one setting what the lower one expects."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from .bottlenecks import Charged
from .densities import divergence, drawn, log_density, moments
from .passing import Code


class Ladder(Charged):
    r"""Codes in two layers, z = (z1, z2): z2 is drawn first and says what z1 may be; the data then correct it.

    .. math:: \mathrm{price} = \mathrm{KL}(q(z_1|z_2,x) \| p(z_1|z_2)) + \mathrm{KL}(q(z_2|x) \| N(0, I)), \quad
              q(z_1|z_2,x) \propto N(z_1; \hat\mu, \hat\sigma^2)\, p(z_1|z_2)

    What the encoder says of z1 and what z2 lets expect are multiplied, hence weighed by their precisions.

    Parameters
    ----------
    features
        Numbers in a code, D, at least 2: half of them z1, the rest z2; the encoder gives 4 D.
    beta, warmup
        Weight of the divergences, and the training steps over which it rises linearly from 0.

    Raises
    ------
    ParameterError
        Fewer than two numbers: no two layers.

    References
    ----------
    "Ladder Variational Autoencoders" (Sonderby et al., 2016).

    Examples
    --------
    >>> Ladder(4)(torch.randn(5, 16)).kl.shape
    torch.Size([5, 4])
    """

    def __init__(self, features: int, beta: float = 1.0, warmup: int = 0) -> None:
        if features < 2:
            raise ParameterError(f"latent={features} is not allowed for two layers of codes; it is at least 2.")
        super().__init__(4 * features, features, beta, warmup)
        self.upper = features // 2
        self.lower = features - self.upper
        width = 4 * features
        self.up = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * self.upper))
        self.here = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * self.lower))
        self.down = nn.Sequential(nn.Linear(self.upper, width), nn.SiLU(), nn.Linear(width, 2 * self.lower))

    def forward(self, h: Tensor) -> Code:
        mean2, log_var2 = moments(self.up(h))
        z2 = drawn(mean2, log_var2, 1) if self.training else mean2
        expected, (mean1, log_var1) = self._lower(h, z2)
        z1 = drawn(mean1, log_var1, 1) if self.training else mean1
        kl = torch.cat((divergence(mean1, log_var1, *expected), divergence(mean2, log_var2)), 1)
        weight = self.weight()
        price = {"kl_lower": weight * kl[:, : self.lower].sum(1), "kl_upper": weight * kl[:, self.lower :].sum(1)}
        spread = torch.cat((0.5 * log_var1, 0.5 * log_var2), 1).exp()
        return Code(torch.cat((z1, z2), 1), torch.cat((mean1, mean2), 1), price, spread, kl)

    def sampled(self, h: Tensor, draws: int) -> Code:
        mean2, log_var2 = moments(self.up(h))
        z2 = drawn(mean2, log_var2, draws)
        expected, posterior = self._lower(h.repeat(draws, 1), z2)
        z1 = drawn(*posterior, 1)
        log_q = log_density(z1, *posterior) + log_density(z2, mean2, log_var2)
        log_p = log_density(z1, *expected) + log_density(z2, torch.zeros_like(z2), torch.zeros_like(z2))
        mean = torch.cat((self._lower(h, mean2)[1][0], mean2), 1)
        return Code(torch.cat((z1, z2), 1), mean, {"kl": log_q - log_p})

    def draw(self, n: int, like: Tensor) -> Tensor:
        z2 = super().draw(n, like)[:, : self.upper]
        return torch.cat((drawn(*moments(self.down(z2)), 1), z2), 1)

    def _lower(self, h: Tensor, z2: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Moments of p(z1|z2), and of q(z1|z2,x): the product of p and what the encoder says."""
        expected, said = moments(self.down(z2)), moments(self.here(h))
        weights = [(-log_var).exp() for _, log_var in (expected, said)]
        total = weights[0] + weights[1]
        mean = (weights[0] * expected[0] + weights[1] * said[0]) / total
        return expected, (mean, -total.log())
