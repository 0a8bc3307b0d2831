"""Packed items: data as they wait for the networks, compact, and served in batches of what networks read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from math import ceil, prod
from typing import Self

import torch
from torch import Tensor

AT_ONCE = 2**19  # numbers in a batch that is only looked at: what layers make of more leaves the caches


class Packed(ABC):
    """Items of one shape, wherever they lie.

    Parameters
    ----------
    shape
        Of one item, as `Spec.shape`.
    device
        Where batches are put.
    """

    def __init__(self, shape: tuple[int, ...], device: torch.device) -> None:
        self.shape, self.device = shape, device

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, rows: Tensor) -> Tensor:
        """The items of those rows (B,), as the networks read them: (B, *shape), on the device."""

    @abstractmethod
    def to(self, device: torch.device) -> Self:
        """The same items, whose batches are put on `device`."""

    def shuffled(self, rows: Tensor, size: int, order: torch.Generator) -> Iterator[Tensor]:
        """Which rows stand in each batch of an epoch, in an order that `order` alone decides.

        All batches are of one size, give or take one: a rest of a single item would move the weights as far as a whole
        batch.
        """
        mixed = rows[torch.randperm(len(rows), generator=order)]
        yield from mixed.tensor_split(ceil(len(rows) / size))

    def ordered(self, rows: Tensor) -> Iterator[Tensor]:
        """Which rows stand in each batch where nothing is shuffled: as many together as is quick."""
        yield from rows.split(max(1, min(4096, AT_ONCE // prod(self.shape))))

    def serve(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """The rows of each batch, and its items."""
        for rows in batches:
            yield rows, self.take(rows)


class InMemory(Packed):
    """Items in one tensor, on the device: a batch is picked by index, without copies before and without workers.

    Parameters
    ----------
    items
        (n, *shape), packed: uint8 stands for pictures of 0 to 255 and is read as x / 255; anything else as it is.

    Examples
    --------
    >>> items = InMemory(torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8))
    >>> items.take(torch.tensor([1])).tolist()
    [[1.0, 0.0]]
    """

    def __init__(self, items: Tensor) -> None:
        super().__init__(tuple(items.shape[1:]), items.device)
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: Tensor) -> Tensor:
        return as_float(self.items[rows.to(self.device)])

    def to(self, device: torch.device) -> Self:
        return self if device == self.device else type(self)(self.items.to(device))


def packed(items: Tensor | Packed) -> Packed:
    """What a codec packed, as `Packed`."""
    return InMemory(items) if isinstance(items, Tensor) else items


def as_float(batch: Tensor) -> Tensor:
    """A packed batch as the networks read it."""
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch
