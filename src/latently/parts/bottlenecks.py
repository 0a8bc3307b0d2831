"""Bottlenecks: what may pass from the encoder to the decoder, and at what price."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from .densities import divergence, drawn, log_density, moments
from .passing import Code


class Bottleneck(nn.Module, ABC):
    """Maps encoder features h (B, in_features) to a `Code` of width `features`.

    Where `positions` is not 0 a code is a grid of entries, and both widths are those of one entry: the grid has as
    many positions as the encoder's last picture has pixels, or `positions` of them where the encoder ends in a vector.
    """

    positions: int = 0  # n > 0: the code is a grid of n entries
    drawn: ClassVar[bool] = False  # whether training decodes drawn codes instead of the encoder's
    prior: ClassVar[str] = "mixture"  # the density that suits its codes, by its name among the priors

    def __init__(self, in_features: int, features: int) -> None:
        super().__init__()
        self.in_features, self.features = in_features, features

    @abstractmethod
    def forward(self, h: Tensor) -> Code: ...

    def sampled(self, h: Tensor, draws: int) -> Code:
        """Codes drawn from q(z|x), `draws` an item, each priced at log q(z|x) - log p(z): z is (draws * B, D)."""
        raise ParameterError(
            "these codes are points, with no density q(z|x) around each item's, which a likelihood needs; a VAE's have "
            "one."
        )

    def draw(self, n: int, like: Tensor) -> Tensor:
        """Codes (n, D) from the density that training took for granted, on the device and in the type of `like`."""
        return torch.randn(n, like.shape[1], device=like.device, dtype=like.dtype)

    def project(self, z: Tensor) -> Tensor:
        """The nearest codes that can occur: (n, D)."""
        return z

    def pseudo(self, encoder: Callable[[Tensor], Tensor]) -> Code | None:
        """The codes whose posteriors make the prior, where it was learned so."""
        return None

    def beside(self, x: Tensor) -> Tensor:
        """The batch as the encoder shall read it: `x`, and what the bottleneck wants encoded after it."""
        return x

    def start(self, x: Tensor, encoder: Callable[[Tensor], Tensor]) -> None:
        """Before training: begins from some items (n, *S), where a part needs them."""

    def lasts(self, steps: int) -> None:
        """Before training: is told how many steps it has at most."""
        return

    @property
    def rising(self) -> bool:
        """Whether what is asked in training still becomes harder, so that no epoch can be called the best yet."""
        return False


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


class Empty(Bottleneck):
    r"""Nothing passes, and nothing is paid: for models that need no code, since their decoder reads what came before.

    .. math:: z = (), \quad \mathrm{price} = 0

    Examples
    --------
    >>> Empty()(torch.zeros(5, 8)).z.shape
    torch.Size([5, 0])
    """

    prior = "standard"

    def __init__(self) -> None:
        super().__init__(0, 0)

    def forward(self, h: Tensor) -> Code:
        nothing = torch.zeros(len(h), 0, device=h.device)
        return Code(z=nothing, mean=nothing)


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
    prior = "standard"

    def forward(self, h: Tensor) -> Code:
        return Code(z=torch.randn_like(h) if self.training else h, mean=h)


class Charged(Bottleneck, ABC):
    r"""A bottleneck with a price whose weight rises from 0 to `beta` in training, once or in cycles, and then stays.

    .. math:: \beta_t = \beta \min\big(1, (s + 1) / W\big), \quad s = (t - 1) - 2W \min\big(\lfloor (t - 1) / 2W
              \rfloor, M - 1\big)

    at step t = 1, 2, ..: each of M cycles rises over W steps and stays for as many, the last one to the end. With one
    cycle this is the plain warm-up.

    Parameters
    ----------
    beta
        The full weight, which is also that of evaluation.
    warmup
        W; 0: the full weight from the first step. None: as long as fills the training with whole cycles, half of it
        rising; the full weight where nobody said how long it is.
    cycles
        M.

    References
    ----------
    "Cyclical Annealing Schedule: A Simple Approach to Mitigating KL Vanishing" (Fu et al., 2019); once: "Generating
    Sentences from a Continuous Space" (Bowman et al., 2016).
    """

    seen: Tensor

    def __init__(self, in_features: int, features: int, beta: float, warmup: int | None, cycles: int = 1) -> None:
        super().__init__(in_features, features)
        self.beta, self.cycles, self.shared = beta, cycles, warmup is None
        self.warmup = warmup or 0
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))

    def lasts(self, steps: int) -> None:
        if self.shared:
            self.warmup = steps // (2 * self.cycles)

    def weight(self) -> Tensor | float:
        """Beta, as far as it has risen: to be asked once a step."""
        if not (self.training and self.warmup):
            return self.beta
        self.seen += 1
        before = (self.seen - 1) // (2 * self.warmup)  # whole cycles
        place = self.seen - 2 * self.warmup * before.clamp(max=self.cycles - 1)
        return self.beta * (place / self.warmup).clamp(max=1)

    @property
    def rising(self) -> bool:
        last = (2 * self.cycles - 1) * self.warmup  # the step of the last cycle at which it is full
        return self.warmup > 0 and int(self.seen) < last


class Gaussian(Charged):
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
    warmup, cycles
        Training steps over which beta rises linearly from 0, and how often; see `Charged`.
    free_bits
        Nats a dimension, averaged over the batch, that cost nothing in training: keeps a code in use.
    free_nats
        The same of the whole code, whichever of its numbers carry them: those that carry more than their share need not
        carry less.

    References
    ----------
    "Auto-Encoding Variational Bayes" (Kingma & Welling, 2014); "beta-VAE" (Higgins et al., 2017); free bits:
    "Improving Variational Inference with Inverse Autoregressive Flow" (Kingma et al., 2016); of the whole code:
    "Effective Estimation of Deep Generative Language Models" (Pelsmaeker & Aziz, 2020); warm-up: "Ladder Variational
    Autoencoders" (Sonderby et al., 2016).

    Examples
    --------
    >>> Gaussian(3).eval()(torch.zeros(1, 6)).price["kl"].item()
    0.0
    """

    def __init__(
        self,
        features: int,
        beta: float = 1.0,
        warmup: int | None = 0,
        free_bits: float = 0.0,
        cycles: int = 1,
        free_nats: float = 0.0,
    ) -> None:
        super().__init__(2 * features, features, beta, warmup, cycles)
        self.free_bits, self.free_nats = free_bits, free_nats

    def forward(self, h: Tensor) -> Code:
        mean, log_var = moments(h)
        kl = divergence(mean, log_var)
        free = self.training and (self.free_bits or self.free_nats)
        price = kl.mean(0).clamp(min=self.free_bits).sum().clamp(min=self.free_nats) if free else kl.sum(1)
        z = drawn(mean, log_var, 1) if self.training else mean
        return Code(z, mean, {"kl": self.weight() * price}, (0.5 * log_var).exp(), kl)

    def sampled(self, h: Tensor, draws: int) -> Code:
        return _standard_draws(h, draws)


class Several(Bottleneck):
    r"""A diagonal Gaussian posterior of which several codes an item are drawn, each at its own price.

    .. math:: \log q(z_k|x) - \log N(z_k; 0, I), \quad z_k \sim q(z|x), \; k = 1 .. K

    In evaluation z is the mean and the price the divergence from N(0, I), as in `Gaussian`.

    Parameters
    ----------
    features
        Numbers in a code, D; the encoder gives 2 D.
    draws
        K.

    References
    ----------
    "Importance Weighted Autoencoders" (Burda et al., 2016).

    Examples
    --------
    >>> Several(3, draws=5)(torch.zeros(2, 6)).z.shape
    torch.Size([10, 3])
    """

    def __init__(self, features: int, draws: int) -> None:
        super().__init__(2 * features, features)
        self.draws = draws

    def forward(self, h: Tensor) -> Code:
        if self.training:
            return self.sampled(h, self.draws)
        mean, log_var = moments(h)
        kl = divergence(mean, log_var)
        return Code(mean, mean, {"kl": kl.sum(1)}, (0.5 * log_var).exp(), kl)

    def sampled(self, h: Tensor, draws: int) -> Code:
        return _standard_draws(h, draws)


def _standard_draws(h: Tensor, draws: int) -> Code:
    """Codes drawn from the posterior in h (B, 2 D), each at log q(z|x) - log N(z; 0, I)."""
    mean, log_var = moments(h)
    z = drawn(mean, log_var, draws)
    price = log_density(z, mean, log_var) - log_density(z, torch.zeros_like(mean), torch.zeros_like(mean))
    return Code(z, mean, {"kl": price}, (0.5 * log_var).exp())
