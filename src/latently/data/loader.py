"""Batches of items and their labels, in an order that a seed decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from .packed import Packed, packed


class Batch(NamedTuple):
    """Some items, and their labels where a model is told them."""

    x: Tensor  # (B, *S)
    label: Tensor | None = None  # (B,)


class Loader:
    """Packed items, in batches.

    Parameters
    ----------
    items
        What a codec packed: a tensor (n, *S), or any `Packed`.
    batch_size
        Items in a training batch, at most.
    rows
        (m,) which items to serve; None for all.
    labels
        (n,) the index of each item's label, or None.

    Examples
    --------
    >>> loader = Loader(torch.arange(9.0).reshape(9, 1), batch_size=2, rows=torch.arange(5))
    >>> [len(batch.x) for batch in loader.shuffled(seed=0, epoch=1)]
    [2, 2, 1]
    """

    def __init__(
        self, items: Tensor | Packed, batch_size: int = 1, rows: Tensor | None = None, labels: Tensor | None = None
    ) -> None:
        self.items, self.batch_size = packed(items), batch_size
        self.labels = None if labels is None else labels.to(self.items.device)
        self.rows = torch.arange(len(items)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    def shuffled(self, seed: int, epoch: int) -> Iterator[Batch]:
        """One epoch, in an order that depends on (seed, epoch) alone."""
        order = torch.Generator().manual_seed(epoch_seed(seed, epoch))
        return self._served(self.items.shuffled(self.rows, self.batch_size, order))

    def ordered(self) -> Iterator[Batch]:
        """All items in their order, in batches as large as is quick."""
        return self._served(self.items.ordered(self.rows))

    def _served(self, batches: Iterable[Tensor]) -> Iterator[Batch]:
        for rows, x in self.items.serve(batches):
            yield Batch(x, None if self.labels is None else self.labels[rows.to(self.labels.device)])


def epoch_seed(seed: int, epoch: int) -> int:
    """One seed for each pair, so that an epoch's randomness hangs on nothing that went before."""
    return seed * 1_000_003 + epoch


def split(n: int, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Rows to train on and rows to hold out; below 10 items all are trained on."""
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    kept = min(n - 1, round(share * n)) if n >= 10 else 0
    return order[kept:].sort().values, order[:kept].sort().values
