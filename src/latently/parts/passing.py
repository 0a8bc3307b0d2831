"""What one batch leaves behind on its way through a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True)
class Code:
    """One batch of codes."""

    z: Tensor  # (B, D) what the decoder reads; (K * B, D) where K draws were asked for, one batch after the other
    mean: Tensor  # (B, D) the deterministic code
    price: dict[str, Tensor] = field(default_factory=dict[str, Tensor])  # name -> (B,) or (), nats
    spread: Tensor | None = None  # (B, D) standard deviation of q(z|x), where there is one
    kl: Tensor | None = None  # (B, D) the divergence number by number, before weights and free bits
    indices: Tensor | None = None  # (B, P) codebook entries, where there is a codebook
    memory: tuple[Tensor, ...] = ()  # what the encoder hands to the decoder beside the code


@dataclass(slots=True)
class Pass:
    """Everything one batch left behind."""

    x: Tensor  # (B, *S) the data, the target of the likelihood
    code: Code
    out: Tensor  # what the decoder said, before the likelihood's mean
    terms: dict[str, Tensor]  # name -> (B,) or (), nats per sample
    label: Tensor | None = None  # (B,) indices of labels, for a conditional model

    @property
    def means(self) -> dict[str, Tensor]:
        """Each term, averaged over the batch: ()."""
        return {name: term.mean() for name, term in self.terms.items()}

    @property
    def loss(self) -> Tensor:
        """The sum of all terms, averaged over the batch: ()."""
        return total(self.means)

    @property
    def cost(self) -> Tensor:
        """The terms that stand per sample, summed: (B,)."""
        return torch.stack([term for term in self.terms.values() if term.ndim]).sum(0)


def total(means: Mapping[str, Tensor]) -> Tensor:
    """The loss, of the means of its terms: ()."""
    first, *others = means.values()
    return sum(others, first)
