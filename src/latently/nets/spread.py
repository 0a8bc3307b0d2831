"""How a table's row is read: its one float a cell spread into what a network can weigh."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..spec import Spec


class Spread(nn.Module):
    """A table's row (B, F) as the encoder reads it (B, width): numbers, flags of missing ones, one-hot categories.

    Of a series each step: (B, T, F) to (B, T, width).
    """

    numbers: Tensor
    flagged: Tensor
    categories: Tensor
    starts: Tensor

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        levels = spec.levels or (0,) * spec.shape[-1]  # a series is of numbers alone
        numbers = [j for j, k in enumerate(levels) if not k]
        categories = [j for j, k in enumerate(levels) if k]
        starts, total = list[int](), 0
        for j in categories:
            starts.append(total)
            total += levels[j]
        flagged = [j for j in numbers if spec.missing and spec.missing[j]]
        self.hot, self.width = total, len(numbers) + len(flagged) + total
        self.plain = len(numbers) == len(levels)  # without categories; picking all columns costs a copy
        for name, index in {"numbers": numbers, "flagged": flagged, "categories": categories, "starts": starts}.items():
            self.register_buffer(name, torch.tensor(index, dtype=torch.long), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        found = (x if self.plain else x[..., self.numbers]).nan_to_num(0.0)
        if not len(self.flagged) and not self.hot:
            return found
        parts = [found, x[..., self.flagged].isnan().to(x.dtype)]
        if self.hot:
            chosen = x[:, self.categories]
            known = (~chosen.isnan()).to(x.dtype)
            index = chosen.nan_to_num(0.0).long() + self.starts
            parts.append(x.new_zeros(len(x), self.hot).scatter_add(1, index, known))
        return torch.cat(parts, -1)
