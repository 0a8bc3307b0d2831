"""A prior that is learned: the mixture of the posteriors of a few made-up items."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from ..spec import Spec
from .bottlenecks import Bottleneck
from .densities import LOG_2PI, drawn, log_density, moments
from .passing import Code


class Vamp(Bottleneck):
    r"""A Gaussian posterior against the mixture of the posteriors of K learned pseudo-inputs u.

    .. math:: \mathrm{price} = \log q(z|x) - \log \tfrac1K \sum_k q(z|u_k), \quad z \sim q(z|x)

    In evaluation the divergence from the mixture is bounded without drawing, by
    :math:`-\log \tfrac1K \sum_k \exp(-\mathrm{KL}(q(z|x) \| q(z|u_k)))`.

    Parameters
    ----------
    features
        Numbers in a code, D.
    spec
        What a sample is: a pseudo-input has its shape.
    count
        Pseudo-inputs, K; they begin as items of the data. A category has no slope: it stays what it began as.

    References
    ----------
    "VAE with a VampPrior" (Tomczak & Welling, 2018); the bound: "Approximating the Kullback Leibler Divergence Between
    Gaussian Mixture Models" (Hershey & Olsen, 2007).

    Examples
    --------
    >>> vamp = Vamp(2, Spec("table", (3,), levels=(0, 0, 0), missing=(False,) * 3), count=5)
    >>> x = torch.zeros(4, 3)
    >>> vamp(nn.Linear(3, 4)(vamp.beside(x))).price["kl"].shape
    torch.Size([4])
    """

    prior = "vamp"

    def __init__(self, features: int, spec: Spec, count: int) -> None:
        super().__init__(2 * features, features)
        self.inputs = nn.Parameter(torch.zeros(count, *spec.shape))

    def start(self, x: Tensor, encoder: Callable[[Tensor], Tensor]) -> None:
        chosen = torch.arange(len(self.inputs), device=x.device) % len(x)
        self.inputs.data.copy_(x[chosen].nan_to_num(0.0))  # a missing number is the mean, a missing category the first

    def beside(self, x: Tensor) -> Tensor:
        return torch.cat((x, self.inputs.to(x.dtype)))

    def pseudo(self, encoder: Callable[[Tensor], Tensor]) -> Code:
        """The codes of the pseudo-inputs: the components of the prior."""
        mean, log_var = moments(encoder(self.inputs))
        return Code(mean, mean, spread=(0.5 * log_var).exp())

    def forward(self, h: Tensor) -> Code:
        if self.training:
            return self.sampled(h, 1)
        (mean, log_var), prior = self._split(h)
        fit = _expected(mean, mean.square() + log_var.exp(), *prior)  # (B, K): E_q log q(z|u_k)
        entropy = 0.5 * (log_var + LOG_2PI + 1).sum(1)
        kl = -(fit + entropy.unsqueeze(1)).logsumexp(1) + math.log(len(self.inputs))
        return Code(mean, mean, {"kl": kl}, (0.5 * log_var).exp())

    def sampled(self, h: Tensor, draws: int) -> Code:
        (mean, log_var), prior = self._split(h)
        z = drawn(mean, log_var, draws)
        log_p = _expected(z, z.square(), *prior).logsumexp(1) - math.log(len(self.inputs))
        return Code(z, mean, {"kl": log_density(z, mean, log_var) - log_p}, (0.5 * log_var).exp())

    def draw(self, n: int, like: Tensor) -> Tensor:
        raise ParameterError("the prior of these codes hangs on the encoder; choose prior='vamp' to draw from it.")

    def _split(self, h: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Moments of the batch, and of the pseudo-inputs that were encoded after it."""
        own = len(h) - len(self.inputs)
        return moments(h[:own]), moments(h[own:])


def _expected(first: Tensor, second: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """E log N(z; mean_k, var_k) for z with these first and second moments (B, D), under each of K densities: (B, K)."""
    precision = (-log_var).exp()
    constant = (mean.square() * precision + log_var + LOG_2PI).sum(1)
    return -0.5 * (second @ precision.T - 2 * first @ (mean * precision).T + constant)
