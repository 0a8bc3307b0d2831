"""Models that have nothing but what densities ask for."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from latently.autoencoder import Autoencoder
from latently.parts import Bottleneck, Code, Normal


class Bare(Bottleneck):
    """Codes that are the encoder's numbers."""

    def __init__(self):
        super().__init__(2, 2)

    def forward(self, h):
        return Code(z=h, mean=h)

    def draw(self, n, like):
        return torch.randn(n, like.shape[1], device=like.device, dtype=like.dtype) + 100


class Book(Bare):
    """Two entries of one number each make a code: entry k stands for k squared."""

    codes = 4
    prior = "sequence"

    def entries(self, indices):
        return indices.to(torch.float32) ** 2


class Pseudo(Bare):
    """Three pseudo-inputs at (0, 0), (50, 50) and (100, 100)."""

    prior = "vamp"

    def pseudo(self, encoder):
        means = torch.tensor([[0.0], [50.0], [100.0]]).expand(3, 2)
        return SimpleNamespace(mean=means, spread=torch.full((3, 2), 0.5))


class Drawn(Bare):
    drawn = True
    prior = "standard"


@pytest.fixture(scope="session")
def model():
    """A model with the bottleneck of that name."""
    kinds = {"bare": Bare, "book": Book, "pseudo": Pseudo, "drawn": Drawn}
    return lambda kind: Autoencoder(nn.Linear(3, 2), kinds[kind](), nn.Linear(2, 3), Normal())
