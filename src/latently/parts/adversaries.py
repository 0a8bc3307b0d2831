"""Adversaries: penalties with an opponent. The model minimises one game, the critic another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .passing import Pass
from .penalties import Coder, Penalty


@dataclass(frozen=True, slots=True)
class Game:
    """What each player minimises, of the critic's verdicts (B,): high for real."""

    player: Callable[[Tensor], Tensor]  # fake -> (B,)
    critic: Callable[[Tensor, Tensor], Tensor]  # fake, real -> (B,)


def _entropy(fake: Tensor, real: Tensor) -> Tensor:
    return F.softplus(fake) + F.softplus(-real)


DRIFT = 1e-3  # holds verdicts near 0, as only their difference counts (Karras et al., 2018)
GAMES = {
    "entropy": Game(lambda fake: F.softplus(-fake), _entropy),
    "squares": Game(
        lambda fake: 0.5 * (fake - 1).square(), lambda fake, real: 0.5 * (fake.square() + (real - 1).square())
    ),
    "distance": Game(lambda fake: -fake, lambda fake, real: fake - real + DRIFT * real.square()),
    "ratio": Game(lambda fake: -fake, _entropy),
}


class Adversary(Penalty, ABC):
    r"""A critic C that tells real from fake; the model is paid for fooling it.

    Each game is a pair of losses, the model's and the critic's:

    .. math::
        \text{entropy:}  &\quad -\log \sigma(C(f)), && -\log \sigma(C(r)) - \log(1 - \sigma(C(f))) \\
        \text{squares:}  &\quad \tfrac12 (C(f) - 1)^2, && \tfrac12 (C(r) - 1)^2 + \tfrac12 C(f)^2 \\
        \text{distance:} &\quad -C(f), && C(f) - C(r) + .001\, C(r)^2 \\
        \text{ratio:}    &\quad -C(f), && \text{as entropy: then } -C \text{ is the log of the densities' ratio}

    Parameters
    ----------
    critic
        (B, *S) to (B, 1), or to one verdict a label of a conditional model: (B, classes).
    game
        One of `GAMES`.
    weight
        Of the model's loss.
    slope
        Weight of :math:`(\| \nabla C \| - 1)^2` between real and fake, in the critic's loss.
    rounds
        Steps of the critic for each step of the model.

    References
    ----------
    "Generative Adversarial Nets" (Goodfellow et al., 2014); "Least Squares Generative Adversarial Networks" (Mao et
    al., 2017); "Improved Training of Wasserstein GANs" (Gulrajani et al., 2017).
    """

    name = "adversary"

    def __init__(
        self, critic: nn.Module, game: str = "entropy", weight: float = 1.0, slope: float = 0.0, rounds: int = 1
    ) -> None:
        super().__init__(weight)
        self.critic, self.game, self.slope, self.rounds = critic, game, slope, rounds

    @abstractmethod
    def fake(self, model: Coder, done: Pass) -> Tensor:
        """What the model would pass off as real."""

    def fresh(self, model: Coder, done: Pass) -> Tensor:
        """What the critic is shown for it: the same, or drawn anew."""
        return self.fake(model, done)

    @abstractmethod
    def real(self, model: Coder, done: Pass, fake: Tensor) -> Tensor:
        """What is real, in the shape of `fake`."""

    def forward(self, model: Coder, done: Pass) -> Tensor:
        return self.weight * GAMES[self.game].player(self._verdict(self.fake(model, done), done.label))

    def opponent(self, model: Coder, done: Pass) -> Tensor:
        """What the critic minimises, (); no gradient reaches the model."""
        with torch.no_grad():
            fake = self.fresh(model, done)
            real = self.real(model, done, fake)
        loss = GAMES[self.game].critic(self._verdict(fake, done.label), self._verdict(real, done.label)).mean()
        return loss + self.slope * self._steepness(fake, real, done.label) if self.slope else loss

    def _verdict(self, x: Tensor, label: Tensor | None) -> Tensor:
        verdicts = self.critic(x)
        return verdicts[:, 0] if label is None else verdicts.gather(1, label.unsqueeze(1)).squeeze(1)

    def _steepness(self, fake: Tensor, real: Tensor, label: Tensor | None) -> Tensor:
        share = torch.rand(len(fake), *[1] * (fake.ndim - 1), device=fake.device, dtype=fake.dtype)
        between = torch.lerp(fake, real, share).requires_grad_()
        slope: Tensor = torch.autograd.grad(self._verdict(between, label).sum(), between, create_graph=True)[0]
        steep = slope.flatten(1).square().sum(1).add(1e-12).sqrt()  # a slope of 0 has one too
        return (steep - 1).square().mean()


class CodeAdversary(Adversary):
    """Codes against draws from N(0, I): "Adversarial Autoencoders" (Makhzani et al., 2016)."""

    def fake(self, model: Coder, done: Pass) -> Tensor:
        return done.code.z

    def real(self, model: Coder, done: Pass, fake: Tensor) -> Tensor:
        return torch.randn_like(fake)


class Shuffled(CodeAdversary):
    """Codes against codes whose numbers come from different items: "Disentangling by Factorising" (Kim & Mnih, 2018).

    With the game "ratio" the model's loss estimates the total correlation of the codes.
    """

    name = "total_correlation"

    def real(self, model: Coder, done: Pass, fake: Tensor) -> Tensor:
        return fake.gather(0, torch.rand_like(fake).argsort(0))


class SampleAdversary(Adversary):
    """What the decoder makes of drawn codes, against data."""

    def fake(self, model: Coder, done: Pass) -> Tensor:
        return model.likelihood.soft(done.out) if model.bottleneck.drawn else self.fresh(model, done)

    def fresh(self, model: Coder, done: Pass) -> Tensor:
        z = model.bottleneck.draw(len(done.x), done.code.mean)
        return model.likelihood.soft(model.write(z, done.label))

    def real(self, model: Coder, done: Pass, fake: Tensor) -> Tensor:
        return model.likelihood.wide(done.x, fake)


class Likeness(Penalty):
    r"""Restored items shall look to the critic like the originals: in its last layer but one.

    .. math:: \tfrac{w}{2} \| C_l(x) - C_l(\hat x) \|^2

    References
    ----------
    "Autoencoding beyond Pixels Using a Learned Similarity Metric" (Larsen et al., 2016).
    """

    name = "likeness"

    def __init__(self, weight: float, critic: nn.Sequential) -> None:
        super().__init__(weight)
        self.see = (critic[:-1],)  # a tuple: the critic's weights are listed once, as the adversary's

    def forward(self, model: Coder, done: Pass) -> Tensor:
        restored = model.likelihood.soft(done.out)
        original = model.likelihood.wide(done.x, restored.detach())
        return 0.5 * self.weight * (self.see[0](original) - self.see[0](restored)).square().sum(1)
