"""Texts as they wait for the networks: one flat array of tokens, served in batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Self, cast

import torch
from torch import Tensor

from .packed import Packed

WINDOW = 32  # batches among which texts are sorted: enough that little is padded, few enough that neighbours differ
TOGETHER = 2**13  # tokens in a batch that is only looked at: 220 MB of logits where 7,000 words are told apart


class Ragged(Packed):
    """Texts of different lengths.

    Parameters
    ----------
    tokens
        (N,) int32: the tokens of all texts, end to end.
    starts
        (n + 1,) int64: where in `tokens` each text begins, and the end of the last.
    most
        T, tokens of a text at most: `shape` is (T,).

    Examples
    --------
    >>> texts = Ragged(torch.tensor([1, 4, 2, 1, 5, 6, 2], dtype=torch.int32), torch.tensor([0, 3, 7]), most=8)
    >>> texts.take(torch.tensor([1, 0]))
    tensor([[1, 5, 6, 2],
            [1, 4, 2, 0]])
    """

    def __init__(self, tokens: Tensor, starts: Tensor, most: int) -> None:
        super().__init__((most,), tokens.device)
        self._ended = torch.cat((tokens, tokens.new_zeros(1)))  # what is taken behind a text's end
        self.tokens, self.starts = self._ended[:-1], starts.cpu()  # chosen on the CPU: the device is never waited for
        self.lengths = self.starts.diff()

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: Tensor) -> Tensor:
        """The tokens of those texts, (B, their longest) int64, 0 behind the end of the others."""
        rows = rows.cpu()
        lengths = self.lengths[rows][:, None]
        place = torch.arange(int(lengths.max()) if len(rows) else 0)
        places = torch.where(place < lengths, self.starts[rows][:, None] + place, len(self.tokens))
        return self._ended[places.to(self.device)].long()

    def to(self, device: torch.device) -> Self:
        return self if device == self.device else type(self)(self.tokens.to(device), self.starts, self.shape[0])

    def shuffled(self, rows: Tensor, size: int, order: torch.Generator) -> Iterator[Tensor]:
        """Batches of texts of similar length, in an order that `order` alone decides; of one size, give or take one.

        The rows are shuffled, sorted by length within a window of 32 batches, and the batches are shuffled.
        """
        mixed = super().shuffled(rows.cpu(), size, order)
        batches: list[Tensor] = []
        while window := [*islice(mixed, WINDOW)]:
            sizes = [len(batch) for batch in window]
            batches.extend(cast("list[Tensor]", self._by_length(torch.cat(window)).split(sizes)))
        places = torch.randperm(len(batches), generator=order)
        yield from (batches[int(place)] for place in places)

    def ordered(self, rows: Tensor) -> Iterator[Tensor]:
        yield from rows.split(max(1, TOGETHER // self.shape[0]))

    def _by_length(self, rows: Tensor) -> Tensor:
        return rows[self.lengths[rows].argsort(stable=True)]
