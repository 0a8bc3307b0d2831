"""What all models share that learn by a game between a generator and a critic."""

from abc import ABC
from typing import ClassVar

from .. import nets
from ..autoencoder import Autoencoder
from ..estimator import Latent, model
from ..params import param
from ..parts import Drawn, Inversion, SampleAdversary
from ..spec import Spec


@model
class Generator(Latent, ABC):
    """Decodes codes drawn from N(0, I) until a critic takes them for data; an encoder learns to find the codes again.

    The history has the generator's loss (`adversary`), the critic's (`critic`) and their sum (`game`); a game has no
    best epoch, so the last weights are kept.
    """

    lr: float = param(5e-4, "learning rate", low=1e-9, high=10)
    critic: str | None = param(None, "the critic spelled as words; by default chosen to fit")
    slope: float = param(0.0, "weight of holding the critic's slope near 1 between data and samples", low=0)
    rounds: int = param(2, "steps of the critic for each step of the generator", low=1)

    game: ClassVar[str]

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        critic = nets.network(spec.open, max(1, spec.classes), self.critic)
        adversary = SampleAdversary(critic, self.game, slope=self.slope, rounds=self.rounds)
        return self.assemble(spec, Drawn(latent), adversary, Inversion(1.0))
