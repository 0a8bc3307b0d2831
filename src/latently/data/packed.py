"""Packed items: data as they wait for the networks, compact, and served in batches of what networks read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from math import ceil, prod
from typing import Self

import torch
from torch import Tensor

# Numbers in a batch that is only looked at: as large as is quick. On a processor what lies in its cache is: with 2^22
# the digits' VAE judged 6,000 pictures in 1.19 s and held 230 MB for a batch, with 2^18 in 0.67 s and 16 MB.
AT_ONCE = {"cpu": 2**18, "other": 2**22}


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
        numbers = AT_ONCE.get(self.device.type, AT_ONCE["other"])
        yield from rows.split(max(1, min(4096, numbers // prod(self.shape))))

    def serve(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """The rows of each batch, and its items."""
        for rows in batches:
            yield rows, self.take(rows)


class InMemory(Packed):
    """Items in one tensor: a batch is picked by index, without copies before and without workers.

    Parameters
    ----------
    items
        (n, *shape), packed: uint8 stands for pictures of 0 to 255 and is read as x / 255; anything else as it is.
    device
        Where batches are put; where the items are unless the device has no room for all of them.

    Examples
    --------
    >>> items = InMemory(torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8))
    >>> items.take(torch.tensor([1])).tolist()
    [[1.0, 0.0]]
    """

    def __init__(self, items: Tensor, device: torch.device | None = None) -> None:
        super().__init__(tuple(items.shape[1:]), device or items.device)
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: Tensor) -> Tensor:
        return as_float(there(self.items.index_select(0, rows.to(self.items.device)), self.device))

    def to(self, device: torch.device) -> Self:
        return self if device == self.items.device else type(self)(self.items.to(device))


def packed(items: Tensor | Packed) -> Packed:
    """What a codec packed, as `Packed`."""
    return InMemory(items) if isinstance(items, Tensor) else items


def there(batch: Tensor, device: torch.device) -> Tensor:
    """A batch on the device; what goes to a GPU is copied while the step before still computes."""
    if batch.device == device:
        return batch
    if device.type == "cuda" and batch.device.type == "cpu":
        return batch.pin_memory().to(device, non_blocking=True)
    return batch.to(device)


def as_float(batch: Tensor) -> Tensor:
    """A packed batch as the networks read it."""
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch
