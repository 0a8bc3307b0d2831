"""Networks whose layers may remember: what the encoder hands to the decoder beside the code travels in the open."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import InputError
from ..quick import allowed
from . import fast

Memory = list[Tensor]


class Mindful(nn.Module, ABC):
    """A module that adds to the memory (in an encoder) or takes from its end (in a decoder)."""

    causal: ClassVar[bool] = False  # whether it takes only what the likelihood gives: then an item has a likelihood

    @abstractmethod
    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor: ...


class Network(nn.Sequential):
    """Layers, one after the other, with a memory that those who need it write to and read from.

    An encoder's layers append to `memory`, a decoder's take from its end: the last that was put in comes out first.
    None, or nothing left in it, means that a bare code is decoded.

    Examples
    --------
    >>> encoder, decoder, memory = Network(Pooling(2)), Network(Unpooling(2)), []
    >>> x = torch.tensor([[[[0.0, 0], [0, 5]]]])
    >>> decoder(encoder(x, memory), memory)[0, 0].tolist()
    [[0.0, 0.0], [0.0, 5.0]]
    >>> decoder(encoder(x))[0, 0].tolist()  # of a bare code nobody knows where the maximum stood
    [[5.0, 0.0], [0.0, 0.0]]
    """

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not allowed():
            for module in self:
                x = through(module, x, memory)
            return x
        return fast.walk(fast.steps(self), x, lambda module, x: through(module, x, memory))


def through(module: nn.Module, x: Tensor, memory: Memory | None = None) -> Tensor:
    """`module(x)`, with the memory where the module is one that knows what to do with it."""
    return module(x, memory) if isinstance(module, Network | Mindful) else module(x)


class Pooling(Mindful):
    """The largest of each window, (B, C, H, W) to (B, C, H', W'); remembers which cell of its window it stood in.

    The memory is (B, C, H', W') of whole numbers, row by row from 0 to size * size - 1.
    """

    def __init__(self, size: int, ceil: bool = True) -> None:
        super().__init__()
        self.size, self.ceil = size, ceil

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        found, place = F.max_pool2d(x, self.size, ceil_mode=self.ceil, return_indices=True)
        if memory is not None:
            row, column = place // x.shape[3], place % x.shape[3]
            memory.append(row % self.size * self.size + column % self.size)
        return found


class Unpooling(Mindful):
    """Each number in one cell of its window and zeros in the others: where its maximum stood, else the first cell."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        cells = memory.pop() if memory else torch.zeros_like(x, dtype=torch.long)
        return windows(x, cells, self.size)


class Scattering(nn.Module):
    """The bed of nails: each number in the first cell of its window and zeros in the others."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return windows(x, torch.zeros_like(x, dtype=torch.long), self.size)


def windows(x: Tensor, cells: Tensor, size: int) -> Tensor:
    """x (B, C, H, W) set into the `cells` (B, C, H, W) of windows of zeros: (B, C, H * size, W * size)."""
    batch, channels, height, width = x.shape
    zeros: Tensor = x.new_zeros(batch, channels, height, width, size * size)
    spread: Tensor = zeros.scatter(-1, cells.unsqueeze(-1), x.unsqueeze(-1))
    spread = spread.reshape(batch, channels, height, width, size, size).transpose(3, 4)
    return spread.reshape(batch, channels, height * size, width * size)


class Keeping(Mindful):
    """Hands on what comes in, and keeps it in the memory."""

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        if memory is not None:
            memory.append(x)
        return x


class Joining(Mindful):
    """Puts a kept picture's channels behind those that come in."""

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        return torch.cat((x, _kept(memory)), 1)


class Adding(Mindful):
    """Adds a kept picture to the one that comes in."""

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        return x + _kept(memory)


def _kept(memory: Memory | None) -> Tensor:
    if not memory:
        raise InputError(
            "a bare code cannot be decoded by a network with skips (join, add): much of what it reads is pictures that "
            "were kept of the item itself; reconstruct can, or train a network without keep, join and add."
        )
    return memory.pop()


class Residual(nn.Module):
    """x + conv(relu(conv(x))), the shape as it was; `calm` is the share of its usual start that the change has."""

    calm: ClassVar[float] = 0.1

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        first = nn.Conv2d(channels, channels, kernel, padding="same")
        second = nn.Conv2d(channels, channels, kernel, padding="same")
        self.change = Network(first, nn.ReLU(), second)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.change(x)


class Recurrent(nn.Module):
    """A recurrent layer whose output is its states: (B, T, F) to (B, T, size)."""

    def __init__(self, cells: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.cells = cells

    def forward(self, x: Tensor) -> Tensor:
        return self.cells(x)[0]


class Embedding(nn.Module):
    """Tokens (B, T), whole numbers in whatever type, to vectors (B, T, F)."""

    def __init__(self, vocabulary: int, size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, size)

    def forward(self, x: Tensor) -> Tensor:
        return self.table(x.long())
