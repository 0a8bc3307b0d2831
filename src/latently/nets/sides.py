"""A picture cut or continued to the sides that it is to have."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .layer import Shape


class Sides(nn.Module):
    """A picture cut to (H, W), or continued to it: by its last row and column (`replicate`), or zeros (`constant`)."""

    def __init__(self, sides: Shape, beyond: str = "constant") -> None:
        super().__init__()
        self.sides, self.beyond = sides, beyond

    def forward(self, x: Tensor) -> Tensor:
        down, across = self.sides[0] - x.shape[2], self.sides[1] - x.shape[3]
        x = x[..., : self.sides[0], : self.sides[1]]
        return F.pad(x, (0, max(across, 0), 0, max(down, 0)), mode=self.beyond) if max(down, across) > 0 else x
