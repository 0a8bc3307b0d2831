"""Batches by index from one tensor that lies on the device: no copies, no workers."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """Some items, and their labels where a model is told them."""

    x: Tensor  # (B, *S)
    label: Tensor | None = None  # (B,)


class Loader:
    """Items of one packed tensor, in batches of floats.

    Parameters
    ----------
    items
        (n, *S), packed: uint8 stands for pictures of 0 to 255 and is read as x / 255; anything else is read as it is.
    batch_size
        Items in a training batch, at most: all are of one size, give or take one, for a rest of a single item would
        move the weights as far as a whole batch.
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
        self, items: Tensor, batch_size: int = 1, rows: Tensor | None = None, labels: Tensor | None = None
    ) -> None:
        self.items, self.batch_size = items, batch_size
        self.labels = None if labels is None else labels.to(items.device)
        self.rows = torch.arange(len(items)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    def shuffled(self, seed: int, epoch: int) -> Iterator[Batch]:
        """One epoch, in an order that depends on (seed, epoch) alone."""
        order = torch.Generator().manual_seed(epoch_seed(seed, epoch))
        rows = self.rows[torch.randperm(len(self.rows), generator=order)].to(self.items.device)
        for chosen in rows.tensor_split(ceil(len(rows) / self.batch_size)):
            yield self._batch(chosen)

    def ordered(self) -> Iterator[Batch]:
        """All items in their order, in batches as large as is quick: about 4 million numbers each."""
        at_once = max(1, min(4096, 2**22 // max(1, self.items[:1].numel())))
        for chosen in torch.split(self.rows.to(self.items.device), at_once):
            yield self._batch(chosen)

    def _batch(self, chosen: Tensor) -> Batch:
        return Batch(as_float(self.items[chosen]), None if self.labels is None else self.labels[chosen])


def epoch_seed(seed: int, epoch: int) -> int:
    """One seed for each pair, so that an epoch's randomness hangs on nothing that went before."""
    return seed * 1_000_003 + epoch


def as_float(batch: Tensor) -> Tensor:
    """A packed batch as the networks read it."""
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


def split(n: int, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Rows to train on and rows to hold out; below 10 items all are trained on."""
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    kept = min(n - 1, round(share * n)) if n >= 10 else 0
    return order[kept:].sort().values, order[:kept].sort().values
